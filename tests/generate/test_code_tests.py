"""Which tests that a model wrote are fit to be run."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.generate._test_code import usable

PARSE = "do not parse"
IMPORT = "import more than the standard library"
NOTHING = "call nothing of the solution"
NEVER = "assert nothing that can fail"
SEVERAL = """import math
HALF = 0.5

def test_a():
    assert add(HALF, 0) == HALF

def test_b():
    assert math.isclose(add(1, 2), 3)

assert add(0, 0) == 0
test_a()
"""


@pytest.mark.parametrize(
    "test",
    [
        "assert add(1, 2) == 3",
        "assert add(1, 2) == 3, 'sum'",
        "assert not add(0, 0)",
        "assert add([1], []) == [1]  # lists",
        "import math\nassert math.isclose(add(0.1, 0.2), 0.3)",
        "pile = Pile()\npile.push(1)\nassert pile.top() == 1",
        "def test_add():\n    assert add(1, 2) == 3",
        "def test():\n    assert add(1, 2) == 3",
        "async def test_add():\n    assert await add(1, 2) == 3",
        "def test_add():\n    def both():\n        yield 1\n\n    assert add(*both(), 2) == 3",
        "def test_add(a=1):\n    assert add(a, 2) == 3",
        "def test_add():\n    for each in range(3):\n        with each:\n            assert add(each, 0) == each",
        "def check(a):\n    assert add(a, 0) == a\n\ncheck(3)",
        "import asyncio\n\nasync def run():\n    assert await add(1, 2) == 3\n\nasyncio.run(run())",
        "try:\n    add('a', 1)\n    assert False, 'no error'\nexcept TypeError:\n    pass",
        "try:\n    add('a', 1)\nexcept Exception as error:\n    assert isinstance(error, TypeError)\nelse:\n    assert False",
        "try:\n    assert add(1, 2) == 3\nexcept Exception:\n    raise",
        "if add(1, 2) != 3:\n    raise AssertionError('sum')",
        "match add(1, 2):\n    case 3:\n        pass\n    case other:\n        assert other == 3",
        "assert add(1, 2) == 3 and True",
    ],
)
def test_a_test_that_calls_the_solution_and_can_fail_is_kept_as_it_is(test):
    assert usable([test], "") == ([test], {})


@pytest.mark.parametrize(
    ("test", "fault"),
    [
        ("assert add(", PARSE),
        ("Check that add(1, 2) is 3.", PARSE),
        ("assert add('\ud800') == 1", PARSE),
        ("assert add(1)\x00", PARSE),
        ("assert add(" + "-" * 5_000 + "1)", PARSE),
        ("assert add(1" + "+1" * 2_000 + ")", PARSE),
        (f"assert add(0x{'f' * 5_000}) == 1", PARSE),
        ("import pytest\n\ndef test_add():\n    assert add(1, 2) == 3", IMPORT),
        ("import numpy as np\nassert add(np.ones(1), 0) == 1", IMPORT),
        ("from . import add\nassert add(1, 2) == 3", IMPORT),
        ("from solution import add as plus\nassert plus(1, 2) == 3", IMPORT),
        ("import solution\nassert solution.add(1, 2) == 3", IMPORT),
        ("", NOTHING),
        ("assert True", NOTHING),
        ("assert 1 + 2 == 3", NOTHING),
        ("assert len([1]) == 1", NOTHING),
        ("import math\nassert math.sqrt(4) == 2", NOTHING),
        ("def add(a, b):\n    return a + b\n\nassert add(1, 2) == 3", NOTHING),
        ("assert LIMIT", NOTHING),
        ("add(1, 2)", NEVER),
        ("add(1, 2)\nassert True", NEVER),
        ("add(1, 2)\nassert 1 == 1", NEVER),
        ("assert add(1, 2) == 3 or True", NEVER),
        ("assert (add(1, 2) == 3, 'sum')", NEVER),
        ("assert [add(1, 2)]", NEVER),
        ("assert lambda: add(1, 2) == 3", NEVER),
        ("assert (add(a, 0) == a for a in range(3))", NEVER),
        ("assert add(1, 2) == add(1, 2)", NEVER),
        ("try:\n    assert add(1, 2) == 3\nexcept Exception:\n    pass", NEVER),
        ("try:\n    assert add(1, 2) == 3\nexcept (KeyError, AssertionError):\n    print('no')", NEVER),
        ("try:\n    assert add(1, 2) == 3\nexcept:\n    pass", NEVER),
        ("def test_add(a):\n    assert add(a, 2) == 3", NEVER),
        ("def test_add(*, a):\n    assert add(a, 2) == 3", NEVER),
        ("def test_add():\n    assert add(1, 2) == 3\n    yield", NEVER),
        ("async def test_add():\n    if add(1, 2):\n        yield\n    assert add(1, 2) == 3", NEVER),
        ("def check():\n    assert add(1, 2) == 3", NEVER),
        ("class TestAdd:\n    def test_add(self):\n        assert add(1, 2) == 3", NEVER),
        ("if __name__ == '__main__':\n    assert add(1, 2) == 3", NEVER),
        ("if add(1, 2) != 3:\n    raise ValueError('sum')", NEVER),
    ],
)
def test_a_test_that_proves_nothing_is_left_out_and_says_why(test, fault):
    assert usable([test], "Write `def add(a, b)`.") == ([], {fault: 1})


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("```python\nassert add(1, 2) == 3\n```", ["assert add(1, 2) == 3"]),
        ("\n    assert add(1, 2) == 3\n    assert add(0, 0) == 0\n", ["assert add(1, 2) == 3\nassert add(0, 0) == 0"]),
        ("from solution import add\nassert add(1, 2) == 3", ["assert add(1, 2) == 3"]),
        ("def test_a():\n    from main import add\n    assert add(1, 2)", ["def test_a():\n    assert add(1, 2)"]),
        ('assert add("""\n```\nx\n```\n""") == 1', ['assert add("""\n```\nx\n```\n""") == 1']),
        (
            SEVERAL,
            [
                "import math\nHALF = 0.5\n\ndef test_a():\n    assert add(HALF, 0) == HALF",
                "import math\nHALF = 0.5\n\ndef test_b():\n    assert math.isclose(add(1, 2), 3)",
                "import math\nHALF = 0.5\nassert add(0, 0) == 0\ntest_a()",
            ],
        ),
    ],
)
def test_what_surrounds_a_test_is_taken_off_and_several_are_taken_apart(given_, kept):
    assert usable([given_], "") == (kept, {})


def test_tests_that_differ_in_layout_names_and_messages_are_one():
    same = [
        "assert add(1, 2) == 3",
        "assert add(1,2)==3  # again",
        "assert (add(1, 2) == 3), 'sum'",
        "def test_a():\n    assert add(1, 2) == 3",
        "def test_b():\n    '''Add.'''\n    assert add(2, 1) == 3",
        "def test_c():\n    assert add(1, 2) == 3, 'sum'",
    ]
    kept, wrong = usable(same, "")
    assert kept == [same[0], same[3], same[4]]
    assert wrong == {"repeat others": 3}


def test_a_name_of_python_is_the_solution_s_where_the_instruction_defines_it():
    test = "assert sum([1, 2]) == 3"
    assert usable([test], "Write `def sum(numbers)`.")[0] == [test]
    assert usable([test], "Write `def add(numbers)`, which works as sum() does.")[0] == []


@given(st.lists(st.text(max_size=60) | st.text(st.sampled_from("assert f(1)=:\n\t#'\"`"), max_size=40), max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_text_is_judged_and_what_is_kept_parses_and_is_kept_again(texts):
    kept, wrong = usable(texts, "")
    assert len(kept) + wrong.total() >= len(texts)
    assert all(ast.parse(each).body for each in kept)
    assert usable(kept, "") == (kept, {})
