from itertools import count

import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.samples.evaluate import STRONG, Measure, Report, evaluate


def planted(kind, key, **more):
    return {"key": key, "kind": kind, "of": None, "defect": None, "strength": None} | more


TRUTH = [
    planted("good", "a"),
    planted("good", "b"),
    planted("good", "c"),
    planted("exact_duplicate", "a1", of="a"),
    planted("exact_duplicate", "a2", of="a"),
    planted("near_duplicate", "b1", of="b", strength="numbers"),
    planted("near_duplicate", "c1", of="c", strength=STRONG),
    planted("junk", "j", defect="capitals"),
    planted("junk", "k", defect="code"),
    planted("other_language", "l", defect="de"),
    planted("broken", "m", defect="cut_line"),
]
DUPLICATES = dict.fromkeys(("a1", "a2", "b1", "c1"), "unique: duplicate_of")


def values(report):
    return {measure.name: measure.value for measure in report.measures}


@pytest.fixture
def perfect():
    return evaluate(TRUTH, ["a", "b", "c"], {**DUPLICATES, "j": "rules: capitals"})


def test_a_run_that_keeps_one_of_each_good_document_meets_every_target(perfect):
    assert perfect.ok
    assert set(values(perfect).values()) == {1.0}


@pytest.mark.parametrize(
    ("kept", "missed"),
    [
        (["a1", "b1", "c1"], {}),  # any member stands for its group
        (["a", "a2", "b", "c"], {"exact duplicates removed": 0.5}),
        (["a", "a1", "a2", "b", "c"], {"exact duplicates removed": 0.0}),
        (["a", "b", "b1", "c"], {"near duplicates removed": 0.0, "near duplicates: numbers": 0.0}),
        (["a", "b", "c", "c1"], {f"near duplicates: {STRONG}, not in the headline": 0.0}),
        (["a", "b"], {"good documents kept": 2 / 3}),
        (["a", "b", "c", "k"], {"junk removed": 0.5, "junk: code": 0.0}),
        (["a", "b", "c", "l"], {"other languages removed": 0.0}),
        (["a", "b", "c", "m"], {"broken records rejected": 0.0}),
        (["a1", "b", "b1", "c"], {"near duplicates removed": 0.0, "near duplicates: numbers": 0.0}),
    ],
)
def test_what_is_kept_decides(kept, missed):
    found = values(evaluate(TRUTH, kept, {}))
    precision = found.pop("of those dropped as duplicates, are")
    assert precision is None
    assert {name: value for name, value in found.items() if value != 1.0} == missed


def test_strong_near_duplicates_do_not_decide_the_verdict():
    assert evaluate(TRUTH, ["a", "b", "c", "c1"], {}).ok


def test_two_near_duplicates_without_their_original_are_one_too_many():
    truth = [planted("good", "a"), *(planted("near_duplicate", key, of="a", strength="1%") for key in ("x", "y"))]
    assert values(evaluate(truth, ["x", "y"], {}))["near duplicates removed"] == 0.5


@pytest.mark.parametrize(
    ("dropped", "precision"),
    [
        (DUPLICATES, 1.0),
        ({"b": "unique: near_duplicate_of"}, 1.0),  # of a pair the original may go
        (DUPLICATES | {"j": "unique: duplicate_of"}, 0.8),
        ({"j": "rules: capitals", "a1": "unique: duplicate_of"}, 1.0),
        ({"not in the truth": "unique: duplicate_of"}, None),
    ],
)
def test_precision_counts_what_was_dropped_as_a_duplicate(dropped, precision):
    assert values(evaluate(TRUTH, ["a", "b", "c"], dropped))["of those dropped as duplicates, are"] == precision


def test_keys_that_the_truth_does_not_know_are_an_error():
    with pytest.raises(BadArgument, match="1 kept documents are not in the truth file, the first is 'z'"):
        evaluate(TRUTH, ["a", "z"], {})


def test_a_truth_iterator_is_read_once():
    numbers = count()
    report = evaluate((planted("good", str(next(numbers))) for _ in range(3)), ["0", "1", "2"], {})
    assert values(report)["good documents kept"] == 1.0


@pytest.mark.parametrize(
    ("measure", "verdict"),
    [
        (Measure("at the target", 98, 100, 0.98), "ok"),
        (Measure("below", 97, 100, 0.98), "MISSED"),
        (Measure("nothing to measure", 0, 0, 0.98), ""),
        (Measure("for information", 0, 100), ""),
    ],
)
def test_verdicts(measure, verdict):
    assert measure.verdict == verdict
    assert Report([measure]).ok == (verdict != "MISSED")


def test_the_report_is_an_aligned_table():
    report = Report([Measure("junk removed", 9, 1000, 0.95), Measure("a", 0, 0, 1.0), Measure("told", 1, 2)])
    assert report.render().splitlines() == [
        "measure        value    count   target",
        "junk removed  0.0090  9/1,000  >= 0.95  MISSED",
        "a                  -      0/0  >= 1.00",
        "told          0.5000      1/2",
    ]
