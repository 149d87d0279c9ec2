import math

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument, Permanent
from dataflow_ops.llm.rehearsal.code_bank import tasks
from dataflow_ops.op import describe
from dataflow_ops.score import execution
from dataflow_ops.score._agreement import Case, choose
from dataflow_ops.score.execution import passes, verified

ADD = "def add(a, b):\n    return a + b\n"
MUL = "def add(a, b):\n    return a * b\n"
TESTS = ["assert add(1, 2) == 3", "assert add(0, 0) == 0", "assert add(2, 2) == 4", "assert add(-1, 1) == 0"]
TEXTS = pa.list_(pa.string())
MADE = ["solution", "tests_kept", "tests_passed", "tests_run", "agreement", "unproven"]


def pairs(*rows):
    """Rows of candidates and tests, with ids 0, 1, …"""
    candidates, tests = zip(*rows, strict=True) if rows else ((), ())
    ids = pa.array([str(at) for at in range(len(rows))], pa.string())
    return pa.table({"id": ids, "candidates": pa.array(candidates, TEXTS), "tests": pa.array(tests, TEXTS)})


def test_a_candidate_is_chosen_run_and_told_about():
    wrong = "def add(a, b):\n    return 3\n"
    (row,) = verified(pairs(([wrong, ADD, None, f"{ADD}# same\n"], TESTS))).to_pylist()
    assert {name: row[name] for name in MADE} == {
        "solution": ADD, "tests_kept": TESTS, "tests_passed": 4, "tests_run": 4, "agreement": 0.5, "unproven": None,
    }  # fmt: skip
    passed = [[True, False, False, False], [True] * 4, [False] * 4, [True] * 4]
    assert [each["candidate"] for each in row["runs"]] == [0, 1, 2, 3]
    assert [each["passed"] for each in row["runs"]] == passed
    why = "test 2: AssertionError; in the test: assert add(0, 0) == 0; left: 3, right: 0"
    assert [each["failure"] for each in row["runs"]] == [why, None, "no code", None]
    assert [each["seconds"] is None for each in row["runs"]] == [False, False, True, False]
    assert all(1 < each["peak_mib"] < 512 for each in row["runs"] if each["peak_mib"] is not None)


HOSTILE = {
    "hangs": "while True:\n    pass",
    "hangs in a call": "def add(a, b):\n    while True:\n        pass",
    "all memory": "def add(a, b):\n    return bytearray(1 << 40)",
    "fork bomb": "import os\ndef add(a, b):\n    while True:\n        try:\n            os.fork()\n        except OSError:\n            pass",
    "leaves": "import os\nos._exit(0)",
    "ends all": "import os\ndef add(a, b):\n    os.kill(-1, 9)",
    "ends init": "import os\ndef add(a, b):\n    os.kill(1, 9)\n    os._exit(0)",
    "writes without end": "import os\ndef add(a, b):\n    while True:\n        os.write(1, b'x' * 65536)",
    "writes everywhere": "import os\nfor file in range(99):\n    try:\n        os.write(file, b'\\n1\\tpass\\n' * 999)\n    except OSError:\n        pass",
    "no code": "def add(a, b:",
    "not Python": "fn add(a: i32, b: i32) -> i32 { a + b }",
    "bytes": "\x00\x7f\ufeff\u202e",
    "words": "Прости, я не могу. 对不起 🙈",
}  # fmt: skip


def test_every_row_is_answered_whatever_the_code_does():
    rows = [([code, None], TESTS) for code in HOSTILE.values()]
    rows = [row for each in rows for row in (each, ([ADD], TESTS))]
    made = verified(pairs(*rows), seconds_per_test=1, wall_seconds=8, at_once=2)
    assert made["id"].to_pylist() == [str(at) for at in range(len(rows))]
    for at, row in enumerate(made.to_pylist()):
        if at % 2:
            assert (row["solution"], row["unproven"], row["agreement"]) == (ADD, None, 1.0), "the row after it"
        else:
            assert (row["solution"], row["tests_kept"], row["tests_run"]) == (None, [], 4), row
            assert row["unproven"] == "no candidate passes enough tests: 0 of 4, at least 3 expected"
            assert row["runs"][0]["failure"]


@pytest.mark.parametrize(
    ("candidates", "tests", "unproven", "run"),
    [
        (None, TESTS, "no candidates", 0),
        ([], TESTS, "no candidates", 0),
        ([None, " \n"], TESTS, "no candidates", 0),
        (None, None, "no candidates", 0),
        ([ADD], None, "no tests", 0),
        ([ADD], [], "no tests", 0),
        ([ADD], [None, ""], "no tests", 0),
        ([ADD], TESTS[:2], "too few tests: 2, at least 3 expected", 2),
        ([ADD], [TESTS[0]] * 9, "too few tests: 1, at least 3 expected", 1),
        ([ADD], [*TESTS, None, " "], None, 4),
        ([MUL, MUL], TESTS, "no candidate passes enough tests: 2 of 4, at least 3 expected", 4),
        ([MUL, MUL, MUL, MUL, MUL, ADD], TESTS, "candidates that agree pass too few tests: 2 of 4, at least 3 expected", 4),
    ],
)  # fmt: skip
def test_what_proves_nothing_says_why(candidates, tests, unproven, run):
    (row,) = verified(pairs((candidates, tests))).to_pylist()
    assert (row["unproven"], row["tests_run"]) == (unproven, run)
    assert row["tests_passed"] == len(row["tests_kept"])
    assert [len(each["passed"]) for each in row["runs"]] == [len(tests or [])] * len(candidates or [])


def test_equal_programs_are_run_once_and_counted_each(monkeypatch):
    asked = []
    monkeypatch.setattr(
        execution, "run_all", lambda sandbox, trials, seconds: asked.extend(trials) or iter(found(trials))
    )

    def found(trials):
        return [
            execution.Report((True,) * len(each.tests), (None,) * len(each.tests), 0.5, 9.0, "exit") for each in trials
        ]

    (row,) = verified(pairs(([ADD, MUL, ADD, None], [*TESTS, TESTS[0], None]))).to_pylist()
    assert [(each.candidate, each.tests) for each in asked] == [(ADD, TESTS), (MUL, TESTS)]
    assert (row["agreement"], row["tests_run"]) == (0.75, 4)
    assert [each["passed"] for each in row["runs"]] == [[True] * 5 + [False]] * 3 + [[False] * 6]


def test_columns_of_any_string_type_sliced_and_in_chunks():
    table = pairs(([MUL], TESTS), ([ADD], TESTS), (None, TESTS), ([ADD], None))
    large = pa.large_list(pa.large_string())
    schema = pa.schema([("id", pa.large_string()), ("candidates", large), ("tests", large)])
    parts = pa.concat_tables([table.slice(3), table.slice(1, 2)]).cast(schema)
    made = verified(parts)
    assert made["id"].to_pylist() == ["3", "1", "2"]
    assert made["unproven"].to_pylist() == ["no tests", None, "no candidates"]
    assert made.select(parts.column_names).equals(parts)
    assert made.schema.field("tests_kept").type == TEXTS


def test_no_rows_and_columns_of_nulls_have_the_same_types():
    some, none = verified(pairs(([ADD], TESTS))), verified(pairs())
    assert none.schema.equals(some.schema)
    nulls = pa.table({"id": ["a"], "candidates": pa.nulls(1), "tests": pa.nulls(1)})
    assert verified(nulls).select(MADE).schema.equals(some.select(MADE).schema)


@pytest.mark.parametrize(
    ("op", "columns", "message"),
    [
        (verified, {"candidates": pa.array(["x"])}, "'candidates' is string: expected lists of texts"),
        (verified, {"tests": pa.array([[1]])}, "'tests' is list<.*>: expected lists of texts"),
        (verified, {"tests": None}, "there is no column 'tests'"),
        (passes, {"solution": pa.array([1])}, "'solution' is int64: expected a string column"),
        (passes, {"tests_kept": pa.array(["x"])}, "'tests_kept' is string: expected lists of texts"),
    ],
)
def test_columns_that_do_not_fit_are_told(op, columns, message):
    fit = {"candidates": pa.array([[ADD]]), "tests": pa.array([TESTS])}
    fit |= {"solution": pa.array([ADD]), "tests_kept": pa.array([TESTS]), **columns}
    with pytest.raises(BadArgument, match=message):
        op(pa.table({name: values for name, values in fit.items() if values is not None}))


@pytest.mark.parametrize(
    "with_",
    [
        {"at_least": 1.5}, {"min_passed": 0}, {"seconds_per_test": 0}, {"wall_seconds": -1}, {"memory_mib": 1},
        {"processes": 0}, {"at_once": 0}, {"at_once": 65},
    ],
)  # fmt: skip
def test_settings_that_do_not_fit_are_told_before_anything_runs(with_):
    with pytest.raises(BadArgument, match=next(iter(with_))):
        describe(verified, **with_)


def test_where_no_sandbox_works_nothing_runs(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    for op, table in (
        (verified, pairs(([ADD], TESTS))),
        (passes, pa.table({"solution": [ADD], "tests_kept": [TESTS]})),
    ):
        with pytest.raises(Permanent, match="apt-get install"):
            op(table)


@pytest.mark.parametrize(
    ("code", "tests", "right", "failure"),
    [
        (ADD, TESTS, True, None),
        (ADD, [*TESTS, None], True, None),
        (MUL, TESTS, False, "test 1: AssertionError; in the test: assert add(1, 2) == 3; left: 2, right: 3"),
        ("def add(a, b:", TESTS, False, "SyntaxError: '(' was never closed; in the program: line 1"),
        (ADD, [], None, "no tests"),
        (ADD, None, None, "no tests"),
        (None, None, None, "no tests"),
        (None, TESTS, False, "no code"),
        ("", TESTS, False, "no code"),
    ],
)
def test_a_program_passes_or_not(code, tests, right, failure):
    table = pa.table({"id": ["a"], "code": pa.array([code], pa.string()), "checks": pa.array([tests], TEXTS)})
    (row,) = passes(table, code="code", tests="checks").to_pylist()
    assert (row["passes"], row["failure"]) == (right, failure)
    assert row["id"] == "a"


def test_what_is_verified_passes_again():
    made = verified(pairs(([MUL, ADD], TESTS), ([ADD, MUL, MUL], TESTS), (None, TESTS)))
    again = passes(made)
    assert again["passes"].to_pylist() == [True, True, None]


def test_programs_known_to_be_right_or_wrong_are_told_apart():
    known = [each for each in tasks().values() if not each.harmful][::7]
    right = [(each.right, each.tests) for each in known]
    wrong = [(each.wrong, each.tests) for each in known]
    made = verified(pairs(*right), min_passed=1, at_least=1.0, at_once=2).to_pylist()
    assert [(row["unproven"], row["agreement"]) for row in made] == [(None, 1.0)] * len(right)
    for row in verified(pairs(*wrong), at_once=2).to_pylist():
        assert not any(all(each["passed"]) for each in row["runs"]), row["candidates"]


CANDIDATES = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("candidates", "passed", "chosen"),
    [
        (["a"], {"a": "1110"}, ("a", "1110", 1.0)),
        (["b", "a"], {"a": "1111", "b": "1110"}, ("a", "1111", 0.5)),
        # √4·2 = 4 against √1·3: who agree are believed.
        (["a", "b", "b", "b", "b"], {"a": "1110", "b": "1100"}, ("b", "1100", 0.8)),
        # √4·2 = √1·4: on a tie, who pass more.
        (["b", "b", "b", "b", "a"], {"a": "1111", "b": "1100"}, ("a", "1111", 0.2)),
        # As many, other tests: who come first.
        (["b", "a"], {"a": "1100", "b": "0011"}, ("b", "0011", 0.5)),
        (["c", "a", "b"], {"a": "1100", "b": "1100", "c": "0011"}, ("a", "1100", 2 / 3)),
        ([None, "a", "", None], {"a": "1000"}, ("a", "1000", 0.25)),
        (["a", "b"], {"a": "0000", "b": "0000"}, (None, "0000", 0.0)),
    ],
)
def test_those_who_pass_the_same_tests_are_weighed(candidates, passed, chosen):
    tests = ["t1", "t2", "t3", "t4"]
    found = choose(Case(candidates, tests), {name: bits(told) for name, told in passed.items()}, 0.5, 1)
    kept = [test for test, right in zip(tests, bits(chosen[1]), strict=True) if right]
    assert (found.solution, list(found.tests_kept), found.agreement) == (chosen[0], kept, chosen[2])


def bits(told):
    return tuple(each == "1" for each in told)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_set_of_candidates_scores_more_than_the_chosen_one(data):
    count = data.draw(st.integers(1, 5))
    candidates = data.draw(st.lists(st.sampled_from([*CANDIDATES, None, " "]), min_size=1, max_size=8))
    passed = {name: data.draw(st.tuples(*[st.booleans()] * count)) for name in CANDIDATES}
    at_least, least = data.draw(st.sampled_from([0.0, 0.5, 0.6, 1.0])), data.draw(st.integers(1, 4))
    tests = [f"t{at}" for at in range(count)]
    found = choose(Case(candidates, tests), passed, at_least, least)
    assert (found.unproven is None) == (len(found.tests_kept) >= max(least, math.ceil(at_least * count - 1e-9)))
    if found.solution is None:
        assert not any(any(passed.get(each, ())) for each in candidates)
        return
    assert found.tests_kept == [test for test, right in zip(tests, passed[found.solution], strict=True) if right]
    sets = {told: [each for each in candidates if passed.get(each) == told] for told in passed.values()}
    best = max(math.sqrt(len(members)) * sum(told) for told, members in sets.items())
    members = sets[passed[found.solution]]
    assert math.sqrt(len(members)) * len(found.tests_kept) == best
    assert (found.agreement, found.solution) == (len(members) / len(candidates), members[0])
