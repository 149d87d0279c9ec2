import pyarrow as pa
import pytest

from dataflow_ops.dedup.minhash import duplicates, sketch
from dataflow_ops.op import InMemory
from tests.dedup.shards import named

SETTINGS = {"ngram": 1, "threshold": 0.65, "fold_numbers": False}
"""What suits questions of 20 to 60 words: sets of words, for few runs of words outlive even a small change."""

GIVEN_COPY_OTHER = [
    (
        (
            "A baker fills 12 trays with 18 rolls each and sells 150 of the rolls before noon. In the afternoon "
            "she bakes 3 more trays of the same size. How many rolls does she have in the evening?"
        ),
        (
            "A baker fills 12 trays with 18 rolls each and sells 150 of these rolls before noon. In the "
            "afternoon she bakes 3 further trays of the same size. How many rolls does she have by the evening?"
        ),
        (
            "A gardener plants 9 rows with 25 tulips each and sells 80 of the tulips before Easter. In the "
            "summer he plants 4 more rows of the same length. How many tulips does he have in the autumn?"
        ),
    ),
    (
        (
            "Two trains leave the same station at 8 o'clock in opposite directions, one at 90 km/h and the "
            "other at 110 km/h. After how many hours are they 500 km apart?"
        ),
        (
            "Two trains leave the same station at 8 o'clock in opposite directions, one at 90 km/h, the other "
            "one at 110 km/h. After how many hours will they be 500 km apart?"
        ),
        (
            "Two ships leave the same harbour at 6 o'clock in perpendicular directions, one at 15 km/h and the "
            "other at 20 km/h. After how many hours are they 100 km apart?"
        ),
    ),
    (
        (
            "A bag holds 5 red, 4 blue and 3 green marbles. Two marbles are drawn at random without "
            "replacement. What is the probability that both of them are blue?"
        ),
        (
            "A bag holds 5 red, 4 blue and 3 green marbles. Two marbles are drawn at random, without "
            "replacement. What is the probability that both are blue?"
        ),
        (
            "A drawer holds 8 black, 6 white and 2 grey socks. Three socks are taken at random with "
            "replacement. What is the probability that none of them is white?"
        ),
    ),
    (
        (
            "The sides of a rectangle are in the ratio 3 to 4 and its diagonal measures 25 cm. Find the area of "
            "the rectangle in square centimetres."
        ),
        (
            "The sides of a rectangle are in the ratio 3 to 4, and its diagonal measures 25 cm. Find the area "
            "of this rectangle in square centimetres."
        ),
        (
            "The legs of a right triangle are in the ratio 5 to 12 and its hypotenuse measures 39 cm. Find the "
            "perimeter of the triangle in centimetres."
        ),
    ),
    (
        "Find all real solutions of the equation $x^2 - 5x + 6 = 0$ and give their sum as a single number.",
        "Find all the real solutions of the equation $x^2 - 5x + 6 = 0$ and give their sum as one single number.",
        "Find all integer solutions of the inequality $2x^2 + 3x - 20 < 0$ and give their product as a single number.",
    ),
    (
        (
            "Anna is 4 years older than her brother Ben. In 6 years the sum of their ages will be 40. How old "
            "is Anna today?"
        ),
        (
            "Anna is 4 years older than her brother Ben. In 6 years, the sum of both their ages will be 40. How "
            "old is Anna now?"
        ),
        (
            "Carlos is 3 times as old as his sister Dora. In 8 years the sum of their ages will be 56. How old "
            "is Dora today?"
        ),
    ),
    (
        (
            "A shop lowers the price of a coat by 20 percent and later raises the new price by 15 percent. The "
            "coat then costs 138 euros. What did it cost at first?"
        ),
        (
            "A shop lowers the price of a coat by 20 percent and later raises the new price by 15 percent. The "
            "coat now costs 138 euros. How much did it cost at first?"
        ),
        (
            "A dealer raises the price of a car by 10 percent and later lowers the new price by 25 percent. The "
            "car then costs 9900 euros. What did it cost at first?"
        ),
    ),
    (
        "An arithmetic sequence has first term 7 and common difference 4. What is the sum of its first 30 terms?",
        (
            "An arithmetic sequence has the first term 7 and the common difference 4. What is the sum of its "
            "first 30 terms?"
        ),
        "A geometric sequence has first term 3 and common ratio 2. What is the product of its first 6 terms?",
    ),
    (
        (
            "A pump empties a tank in 6 hours and a second pump empties the same tank in 9 hours. If both pumps "
            "run together from the start, how many minutes does it take until the tank is empty?"
        ),
        (
            "A pump empties a tank in 6 hours and a second pump empties the same tank in 9 hours. If both pumps "
            "run together from the beginning, how many minutes will it take until the tank is empty?"
        ),
        (
            "A printer finishes a job in 4 hours and a second printer finishes the same job in 12 hours. If "
            "only the first runs for one hour and then both run together, how many minutes does it take until "
            "the job is done?"
        ),
    ),
    (
        (
            "A cylinder has a radius of 3 cm and a height of 10 cm. A cone of the same radius and height is cut "
            r"out of it. What volume is left, in terms of $\pi$?"
        ),
        (
            "A cylinder has a radius of 3 cm and a height of 10 cm. A cone with the same radius and height is "
            r"cut out of it. What volume remains, in terms of $\pi$?"
        ),
        (
            "A cube has an edge of 6 cm. A pyramid of the same base and half the height is cut out of it. What "
            "volume is left, in cubic centimetres?"
        ),
    ),
]


def gone(*questions):
    table = pa.table({"id": [f"row-{number}" for number in range(len(questions))], "text": questions})
    return named(duplicates, InMemory([sketch(table, **SETTINGS)]), threshold=SETTINGS["threshold"])


@pytest.mark.parametrize(("given", "copy", "other"), GIVEN_COPY_OTHER)
def test_a_question_in_slightly_other_words_goes_and_one_of_another_setting_stays(given, copy, other):
    assert gone(given, copy, other) == {"row-1": "row-0"}


def test_different_questions_all_stay():
    assert gone(*(row[at] for row in GIVEN_COPY_OTHER for at in (0, 2))) == {}
