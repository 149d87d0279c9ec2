import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.filters import rules as filters
from dataflow_ops.presets import PRESETS, columns, thresholds_of
from dataflow_ops.presets import rules as preset_rules
from dataflow_ops.score import rules, text

PROSE = "The farmers of the valley have sold their wheat with care and to good friends. It was a fine year. Nobody complained! "
ODD = """Rivers carry sand and stone to the coast, where waves sort them by weight. Fine mud settles last.
In warm seasons plants hold the banks together; their roots bind loose ground. Floods undo such work quickly?
People who live there know this well, and build houses on posts. Some even move away before spring comes."""


def broken(value, preset="pretrain", **settings):
    table = text.measures(pa.table({"id": ["1"], "text": pa.array([value], pa.string())}))
    return set(rules.failed(table, preset=preset, **settings)["failed_rules"].to_pylist()[0])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ODD, set()),
        (ODD + ":", {"colon_end"}),
        (ODD + " { } { } { } { } { }", {"brace_ratio"}),
        (ODD + " &nbsp;", {"html_entities"}),
        (ODD + " \u200e", {"special_characters"}),
        (ODD + " Copyright", {"watermark_words"}),
        (ODD + " lorem ipsum", {"lorem_ipsum_ratio"}),
        (ODD + " ID card, ID card", set()),
        (ODD + " ID card, ID card, identity", {"id_terms"}),
        (ODD + " shit", set()),
        (ODD + " shit fuck", {"blocklist_hits"}),
        (ODD + " BIG" * 14, {"capital_word_ratio"}),
        (ODD + " word" * 113, {"longest_unpunctuated_run"}),
        (ODD + " word." * 2000, {"unique_word_ratio"}),
        ("\n".join("• " + line for line in ODD.splitlines()), {"bullet_line_ratio"}),
        ("\n".join(line + "..." for line in ODD.splitlines()), {"ellipsis_line_ratio"}),
        ("javascript " + ODD.replace("\n", " javascript\njavascript "), set()),
        ("javascript " + ODD.replace("\n", " javascript\njavascript ") + "\n", set()),
        ("javascript " + ODD.replace("\n", " javascript\njavascript ") + "\n\nx", {"lines_without_javascript"}),
        (ODD.replace(" ", " #"), {"symbol_word_ratio"}),
        ("word. " * 19, {"words", "characters", "unique_word_ratio"}),
        ("一个人在路上走。" * 40, set()),
        ("", set(PRESETS["pretrain"]) - {"longest_unpunctuated_run", "lines_without_javascript", "colon_end", "html_entities",
                                         "special_characters", "watermark_words", "id_terms", "blocklist_hits"}),
        (None, set(PRESETS["pretrain"])),
    ],
)  # fmt: skip
def test_pretrain(value, expected):
    assert broken(value) == expected


def verdict(preset, thresholds=None, **values):
    given_ = {name: [0.0] for name in columns(preset, thresholds)} | {name: [value] for name, value in values.items()}
    return set(rules.failed(pa.table(given_), preset=preset, thresholds=thresholds)["failed_rules"].to_pylist()[0])


@pytest.mark.parametrize(
    ("column", "value", "passes"),
    [
        ("words", 19, False), ("words", 20, True), ("words", 99_999, True), ("words", 100_000, False),
        ("characters", 99, False), ("characters", 100, True),
        ("sentences", 2, False), ("sentences", 3, True), ("sentences", 7500, True), ("sentences", 7501, False),
        ("symbol_word_ratio", 0.4, False), ("symbol_word_ratio", math.nextafter(0.4, 0), True),
        ("capital_word_ratio", 0.2, True), ("capital_word_ratio", math.nextafter(0.2, 1), False),
        ("unique_word_ratio", 0.1, False), ("unique_word_ratio", math.nextafter(0.1, 1), True),
        ("longest_unpunctuated_run", 112, True), ("longest_unpunctuated_run", 113, False),
        ("ellipsis_line_ratio", 0.3, False), ("bullet_line_ratio", 0.9, True), ("brace_ratio", 0.025, False),
        ("id_terms", 2, True), ("id_terms", 3, False), ("blocklist_hits", 1, True), ("blocklist_hits", 2, False),
        ("lorem_ipsum_ratio", 3e-8, True), ("lorem_ipsum_ratio", 4e-8, False), ("colon_end", True, False),
    ],
)  # fmt: skip
def test_bounds_of_pretrain_are_strict_or_not_as_documented(column, value, passes):
    assert (column not in verdict("pretrain", **{column: value})) == passes


@given(st.one_of(st.floats(2.98, 3.01), st.floats(9.98, 10.01), st.sampled_from([2.995, 9.995, 3.0, 10.0, 9.9949999])))
def test_mean_word_length_is_judged_rounded(mean):
    assert ("mean_word_length" not in verdict("pretrain", mean_word_length=mean)) == (3 <= round(mean, 2) < 10)


@pytest.mark.parametrize(("lines", "without", "passes"), [(3, 0, True), (4, 2, False), (4, 3, True), (9, 9, True)])
def test_javascript_counts_in_texts_of_more_than_three_lines(lines, without, passes):
    broken_ = verdict("pretrain", lines=lines, lines_without_javascript=without)
    assert ("lines_without_javascript" not in broken_) == passes


def test_gopher():
    assert broken(ODD, "gopher") == set()
    found = broken(PROSE * 8, "gopher")
    assert {"duplicate_5gram_character_ratio", "duplicate_10gram_character_ratio"} <= found
    assert "duplicate_line_ratio" not in found
    assert "duplicate_line_ratio" in broken((PROSE + "\n") * 3, "gopher")


def test_c4_and_sft():
    assert broken(ODD, "c4") == set()
    assert broken(ODD + "{", "c4") == {"brace_ratio"}
    assert broken("Yes.", "sft") == {"words"}


def test_thresholds_change_add_and_remove():
    changed = {"words": {"at_least": 5, "below": None}, "sentences": None, "lines": {"above": 2}}
    assert verdict("c4", {"sentences": None, "lines": {"above": 2}}, lines=2) == {"lines"}
    assert preset_rules("pretrain", changed)["words"].limits() == {"at_least": 5}
    assert "sentences" not in preset_rules("pretrain", changed)
    limited = {"rare": {"column": "words", "below": 9, "when": {"column": "lines", "at_least": 5}}}
    assert verdict("c4", limited, words=10, lines=4, sentences=3) == set()
    assert verdict("c4", limited, words=10, lines=5, sentences=3) == {"rare"}


def test_null_breaks_its_rule_also_where_it_is_the_condition():
    assert "words" in verdict("pretrain", words=None)
    assert "mean_word_length" in verdict("pretrain", unspaced_word_ratio=None)


@pytest.mark.parametrize(
    ("preset", "thresholds", "message"),
    [
        ("pretain", None, "did you mean 'pretrain'"),
        ("pretrain", {"words": {"at_lest": 5}}, "did you mean 'at_least'"),
        ("pretrain", {"word": None}, "did you mean 'words'"),
        ("pretrain", {"words": {"at_least": "5"}}, "expected a number"),
        ("pretrain", {"words": {"at_least": True}}, "expected a number"),
        ("pretrain", {"words": {"at_least": None, "below": None}}, "no bound"),
        ("pretrain", {"words": {"column": 5}}, "expected a column name"),
        ("pretrain", {"words": {"when": {"at_least": 5}}}, "names no 'column'"),
        ("pretrain", {"wrods": {"at_least": 5}}, "'wrods', which is no column"),
    ],
)
def test_what_does_not_fit_is_refused(preset, thresholds, message):
    with pytest.raises(BadArgument, match=message):
        broken(ODD, preset, thresholds=thresholds)


def test_a_column_without_numbers_is_refused():
    with pytest.raises(BadArgument, match="expected numbers"):
        verdict("pretrain", words="many")


def test_failed_rows_are_those_that_do_not_pass():
    table = text.measures(pa.table({"id": ["1", "2", "3"], "text": pa.array([ODD, "short", None])}))
    judged = rules.failed(table)
    assert judged.schema.field("failed_rules").type == pa.list_(pa.string())
    assert filters.passed(judged)["id"].to_pylist() == ["1"]
    assert rules.failed(judged).equals(judged)
    assert rules.failed(table.slice(0, 0)).num_rows == 0


def test_measures_of_another_text_are_judged_by_prefix():
    table = text.measures(pa.table({"id": ["1"], "answer": ["Yes."]}), text="answer", prefix="answer_")
    assert rules.failed(table, preset="sft", prefix="answer_")["failed_rules"].to_pylist() == [["words"]]


def test_every_preset_looks_at_columns_that_are_measured():
    measured = text.measures(pa.table({"id": ["1"], "text": ["a"]})).column_names
    assert {name for preset in PRESETS for name in columns(preset)} <= set(measured)


def test_thresholds_of_a_run():
    ops = [
        {"task": "a", "op": "score.text.measures", "with": {}},
        {
            "task": "a",
            "op": "score.rules.failed",
            "with": {"preset": "c4", "thresholds": {"words": {"below": 9}}, "prefix": "x_"},
        },
        {"task": "b", "op": "filters.values.between", "with": {"column": "y", "at_least": 0.5, "below": None}},
    ]
    assert thresholds_of(ops) == {
        "x_sentences": {"at_least": 3}, "x_lorem_ipsum": {"at_most": 0}, "x_brace_ratio": {"at_most": 0},
        "x_blocklist_hits": {"at_most": 0}, "x_words": {"below": 9}, "y": {"at_least": 0.5},
    }  # fmt: skip
