import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.maths.compare import Comparer

PAIRS = [tuple(line.split("\t")) for line in (Path(__file__).parent / "pairs.tsv").read_text().splitlines()]
SCRAPS = [
    "1",
    "2",
    "0.5",
    "x",
    "y",
    "+",
    "-",
    r"\frac{1}{2}",
    "^2",
    r"\sqrt{3}",
    "(",
    ")",
    ",",
    " ",
    "%",
    r"\pi",
    "cm",
    "=",
]


@pytest.fixture(scope="module")
def comparer():
    with Comparer(seconds=60) as found:
        yield found


def test_the_table_of_pairs(comparer):
    verdicts = comparer.compare([(left, right) for _, left, right in PAIRS])
    wrong = [
        (*pair, verdict) for pair, verdict in zip(PAIRS, verdicts, strict=True) if verdict.equal != (pair[0] == "equal")
    ]
    assert wrong == []
    assert len(PAIRS) > 250


def test_the_order_of_a_pair_does_not_matter():
    with Comparer(seconds=60) as comparer:
        verdicts = comparer.compare([(right, left) for _, left, right in PAIRS])
    wrong = [
        (*pair, verdict) for pair, verdict in zip(PAIRS, verdicts, strict=True) if verdict.equal != (pair[0] == "equal")
    ]
    assert wrong == []


@given(st.lists(st.sampled_from(SCRAPS), min_size=1, max_size=6).map("".join), st.integers(1, 99))
@settings(max_examples=60, deadline=None)
def test_an_answer_equals_itself_and_not_one_more(answer, more):
    with Comparer(seconds=60) as comparer:
        assert comparer.compare([(answer, answer)])[0].equal == bool(answer.strip())
        assert not comparer.compare([(f"{more}", f"{more + 1}")])[0].equal


@given(st.fractions(max_denominator=999), st.fractions(max_denominator=999))
def test_fractions_are_equal_when_their_values_are(one, other):
    with Comparer() as comparer:
        spelled = rf"\frac{{{one.numerator}}}{{{one.denominator}}}"
        verdicts = comparer.compare([(spelled, str(one)), (spelled, str(other))])
    assert [verdict.equal for verdict in verdicts] == [True, one == other]


@given(st.text(max_size=40), st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_nothing_is_raised_for_any_text(left, right):
    with Comparer(domain="general") as comparer:
        assert comparer.compare([(left, right)]) == comparer.compare([(left, right)])


def test_a_pair_that_takes_too_long_is_undecided_and_others_are_not():
    slow = r"\int_0^{\infty} \frac{\sin(x^3)e^{-x}}{x^5+x+1} dx"
    with Comparer(seconds=2.0) as comparer:
        late, fine = comparer.compare([(slow, "y+1"), ("x+1", "1+x")])
        again = comparer.compare([(slow, "y+2"), (slow, "y+3"), ("x+2", "2+x")])
    assert (late.equal, late.why) == (False, "algebra gave no answer within 2 s: it takes too long")
    assert fine.equal
    assert [each.equal for each in again] == [False, False, True]
    assert again[1].why == "an answer in it took too long before"


def test_a_child_that_dies_is_replaced(comparer):
    assert comparer.compare([("x+3", "3+x")])[0].equal
    comparer._child._process.kill()
    comparer._child._process.wait()
    assert comparer.compare([("x+4", "4+x")])[0].equal


def test_no_process_is_left():
    with Comparer() as comparer:
        comparer.compare([("x+5", "5+x")])
        process = comparer._child._process
        assert process.poll() is None
    assert process.poll() is not None


def test_plain_answers_need_no_process(comparer):
    with Comparer() as fresh:
        fresh.compare(
            [("1/2", "0.5"), ("Tuesday", "tuesday"), ("(1,2)", "(2,1)"), ("10 mg", "10 g"), ("9" * 5000, "x")]
        )
        assert fresh._child._process is None


HOSTILE = [
    "__import__('os').system('touch FILE')",
    "eval(\"open('FILE','w')\")",
    r"$1$ + __import__('pathlib').Path('FILE').touch()",
    r"\text{exec}(open('FILE','w'))",
    r"\input{FILE}",
    r"(lambda: open('FILE','w'))()",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_an_answer_is_never_run(text, tmp_path, comparer):
    file = tmp_path / "ran"
    hostile = text.replace("FILE", str(file))
    script = (
        "import json, sys; from dataflow_ops.maths._algebra import equal\n"
        "for each in json.loads(sys.argv[1]):\n"
        "    try:\n        equal(each, 'x + 1')\n"
        "    except Exception as error:\n        print(type(error))\n"
    )
    assert [each.equal for each in comparer.compare([(hostile, "1"), (hostile, "x+1")])] == [False, False]
    subprocess.run([sys.executable, "-c", script, json.dumps([hostile, f"2 + {hostile}"])], check=True)
    assert not file.exists()


HUGE = [
    "9**9**9",
    "1e999999999",
    "{" * 1900,
    "(" * 1900,
    "1+" * 900 + "1",
    r"\frac{" * 300,
    "9" * 200_000,
    "\\" * 1999,
    "x," * 900,
]


@pytest.mark.parametrize("text", HUGE)
def test_huge_answers_are_compared_as_they_stand(text, comparer):
    assert [each.equal for each in comparer.compare([(text, text), (text, "1"), (text, text + "2")])] == [
        True,
        False,
        False,
    ]


def test_it_works_in_a_thread():
    found = []

    def compare() -> None:
        with Comparer(seconds=60) as comparer:
            found.extend(comparer.compare([("x+y", "y+x"), (r"2\sqrt{3}", r"2\sqrt{2}")]))

    thread = threading.Thread(target=compare)
    thread.start()
    thread.join()
    assert [each.equal for each in found] == [True, False]


def test_it_works_in_a_daemonic_process():
    script = (
        "import multiprocessing, sys\n"
        "from dataflow_ops.maths.compare import Comparer\n"
        "def work():\n"
        "    with Comparer(seconds=60) as comparer:\n"
        "        sys.exit(0 if comparer.compare([('x+y', 'y+x')])[0].equal else 1)\n"
        "child = multiprocessing.get_context('fork').Process(target=work, daemon=True)\n"
        "child.start(); child.join(); sys.exit(child.exitcode)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_general_answers_are_words():
    with Comparer(domain="general") as comparer:
        verdicts = comparer.compare([("Aspirin.", "aspirin"), ("1/2", "0.5"), ("x+1", "1+x"), (" ", " ")])
    assert [each.equal for each in verdicts] == [True, False, False, False]


@pytest.mark.parametrize("seconds", [0, -1, 1e9, float("nan")])
def test_a_limit_that_is_none_is_refused(seconds):
    with pytest.raises(BadArgument, match="expected 0.01 to 3600"):
        Comparer(seconds=seconds)
