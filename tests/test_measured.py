import math
import xml.etree.ElementTree as ET

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dataflow_ops.measured import Bars, Histogram, Limit, limits_of, panels, spreads
from dataflow_ops.plots import cut
from dataflow_ops.plots import measures as draw
from dataflow_ops.quantities import count, share, short, size

numbers = st.one_of(
    st.lists(st.integers(0, 10**6), min_size=2, max_size=60),
    st.lists(st.floats(allow_nan=True, allow_infinity=True, width=64), min_size=2, max_size=60),
    st.lists(st.floats(0, 1e6), min_size=2, max_size=60),
)
signs = st.sampled_from(["at_least", "above", "at_most", "below"])


@settings(max_examples=150, deadline=None)
@given(values=numbers, data=st.data(), sign=signs)
@example(values=[50, 49, 5000, 10**6] * 3, data=None, sign="at_least")
def test_every_value_is_in_one_bin_and_no_bin_holds_both_sides_of_a_threshold(values, data, sign):
    bound = data.draw(st.sampled_from(values)) if data else 50
    found = limits_of({sign: bound})
    column = np.array(values, float)
    fails = sum((limit.fails(column) for limit in found), np.zeros(len(column), bool)).astype(bool)
    drawn = panels(pa.table({"kept": ~fails, "n": values}), {"n": {sign: bound}})

    finite = column[np.abs(column) < 1e100]
    if len(set(finite)) < 2:
        assert drawn == []
        return
    (panel,) = drawn
    assert panel.kept.sum() + panel.dropped.sum() == len(finite)
    assert (np.diff(panel.bins.edges) >= 0).all()
    if not panel.note:  # values beyond the ends are clipped
        assert not ((panel.kept > 0) & (panel.dropped > 0)).any()


@settings(max_examples=12, deadline=None)
@given(values=numbers, bound=st.one_of(st.none(), st.floats(allow_nan=True), st.integers(-5, 10**7)), sign=signs)
def test_any_numbers_can_be_drawn(values, bound, sign):
    drawn = panels(pa.table({"kept": [n % 2 == 0 for n in range(len(values))], "n": values}), {"n": {sign: bound}})
    if drawn:
        ET.fromstring(draw(drawn))


@pytest.mark.parametrize(
    ("values", "limits", "scale"),
    [
        (np.random.default_rng(0).normal(100, 10, 2000), {}, "linear"),
        (np.random.default_rng(0).normal(0, 1, 2000), {}, "linear"),
        (np.exp(np.random.default_rng(0).normal(5, 2, 2000)), {}, "log"),
        (np.exp(np.random.default_rng(0).normal(5, 2, 2000)), {"at_least": 0}, "symlog"),
        (np.append(np.exp(np.random.default_rng(0).normal(5, 2, 2000)), [0.0]), {}, "symlog"),
        (np.random.default_rng(0).beta(0.2, 9, 2000), {}, "linear"),
    ],
)
def test_a_heavy_tail_gets_a_logarithmic_axis(values, limits, scale):
    (panel,) = panels(pa.table({"n": values}), {"n": limits})
    assert panel.bins.scale == scale


@pytest.mark.parametrize("values", [[0, 0, 0, 1, 3, 9], [0, 0, 0, 2, 9, 4000], [0.0, 0.0, 0.5, 0.9], [0.0, 3.5, 7e5]])
@pytest.mark.parametrize("limits", [{"at_most": 0}, {"above": 0}])
def test_what_lies_at_the_end_of_the_axis_has_room(values, limits):
    (limit,) = limits_of(limits)
    fails = limit.fails(np.array(values, float))
    (panel,) = panels(pa.table({"kept": ~fails, "n": values}), {"n": limits})
    zeros = panel.kept if limits == {"at_most": 0} else panel.dropped
    assert zeros[0] == values.count(0)
    assert sum(zeros[1:]) == 0
    assert panel.bins.edges[1] - panel.bins.edges[0] >= min(
        1, (panel.bins.edges[-1] - panel.bins.edges[0]) / 50, panel.bins.linear_below / 2
    )


@pytest.mark.parametrize("values", [[*range(1, 30), 10**6], [0, *range(1, 30), 10**6], list(range(0, 9000, 7))])
def test_bins_of_whole_numbers_end_between_them(values):
    (panel,) = panels(pa.table({"n": values}), {"n": {"at_least": 5}})
    assert set(panel.bins.edges % 1) == {0.5}
    assert panel.kept.sum() == len(values)


def test_a_threshold_on_a_truth_value_says_what_passes():
    (bars,) = panels(table(what=[True, False, True, True]), {"what": {"at_most": 0}})
    assert bars.note == "only false passes"


def table(**columns):
    return pa.table({"id": ["a", "b", "c", "d"], "kept": [True, False, True, None], **columns})


def test_columns_with_a_threshold_come_first_and_constant_ones_not_at_all():
    many = {f"n{n:02}": [n, 1, 2, 3] for n in range(5, 20)}
    found = panels(table(same=[1, 1, 1, 1], empty=pa.nulls(4, pa.int64()), **many), {"n19": {"at_least": 2}})
    assert [panel.column for panel in found] == ["n19", *(f"n{n:02}" for n in range(5, 16))]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([["a"], ["b"], [], None]),
        pa.array([{"x": 1}, {"x": 2}, None, None]),
        pa.nulls(4),
        pa.array([b"a", b"b", b"c", b"d"]),
        pa.array(["same"] * 4),
        pa.array([None, None, "x", None]),
        pa.array([math.nan, math.inf, 1.0, 1.0]),
    ],
)
def test_what_says_nothing_in_a_picture_is_not_drawn(column):
    assert panels(table(what=column), {}) == []


@pytest.mark.parametrize(
    ("column", "names", "kept", "dropped", "note"),
    [
        (pa.array([True, False, True, True]), ["true", "false"], [2, 0], [1, 1], ""),
        (pa.array(["x", "y", None, "x"]), ["x", "y"], [1, 0], [1, 1], "1 rows without a value"),
        (pa.array(["x", "y", "y", ""], pa.large_string()), ["y", "", "x"], [1, 0, 1], [1, 1, 0], ""),
        (pa.array(["x", "y", "y", "y"]).dictionary_encode(), ["y", "x"], [1, 1], [2, 0], ""),
    ],
)
def test_words_are_counted(column, names, kept, dropped, note):
    (bars,) = panels(table(what=column), {})
    assert (list(bars.names), list(bars.kept), list(bars.dropped), bars.note) == (names, kept, dropped, note)


def test_rare_words_are_counted_together_and_unique_ones_not_drawn():
    words = ["often"] * 50 + [f"w{n % 20}" for n in range(50)]
    (bars,) = panels(pa.table({"what": words, "key": [f"k{n}" for n in range(100)]}), {})
    assert isinstance(bars, Bars)
    assert bars.names[0] == "often"
    assert bars.names[-1] == "13 others"
    assert sum(bars.kept) == 100


def test_sliced_and_chunked_columns_are_read_right():
    whole = pa.table({"kept": [True, False] * 4, "n": list(range(8)), "w": list("xyxyxyzz")})
    pieces = pa.concat_tables([whole.slice(1, 2), whole.slice(5, 3)])
    assert [list(panel.kept) for panel in panels(pieces, {})] == [
        list(panel.kept) for panel in panels(pieces.combine_chunks().take([0, 1, 2, 3, 4]), {})
    ]
    histogram, bars = panels(pieces, {})
    assert isinstance(histogram, Histogram)
    assert (histogram.kept.sum(), histogram.dropped.sum()) == (2, 3)
    assert dict(zip(bars.names, bars.dropped, strict=True)) == {"y": 2, "z": 1, "x": 0}


@pytest.mark.parametrize(
    ("threshold", "limits"),
    [
        ({"at_least": 50, "at_most": None}, (Limit(50.0, "≥"),)),
        ({"below": 0.2, "above": 0}, (Limit(0.2, "<"), Limit(0.0, ">"))),
        ({"at_least": True, "at_most": "much", "other": 3}, ()),
        ({"at_least": math.nan, "at_most": math.inf}, ()),
        (None, ()),
        (3, ()),
    ],
)
def test_limits_are_the_numbers_of_a_threshold(threshold, limits):
    assert limits_of(threshold) == limits


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (Limit(2, "≥"), [True, False, False]),
        (Limit(2, ">"), [True, True, False]),
        (Limit(2, "≤"), [False, False, True]),
        (Limit(2, "<"), [False, True, True]),
    ],
)
def test_a_limit_knows_what_fails(limit, expected):
    assert limit.fails(np.array([1.0, 2.0, 3.0])).tolist() == expected


def test_spreads_say_quantiles_and_what_fails():
    values = pa.array([*range(1, 101), None])
    found = list(spreads(pa.table({"n": values, "w": ["x"] * 101}), {"n": {"at_least": 11, "at_most": 99}}))
    assert [(each.column, each.nulls, each.outside, each.quantiles) for each in found] == [("n", 1, 11, (5, 50, 95))]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (share(0, 10), "0 %"),
        (share(10, 10), "100 %"),
        (share(1, 3), "33.3 %"),
        (share(2, 10_000), "0.02 %"),
        (share(1, 10**9), "<0.001 %"),
        (share(10**9 - 1, 10**9), "99.999 %"),
        (share(0, 0), "–"),
        (size(1), "1 bytes"),
        (size(1023), "1,023 bytes"),
        (size(1024), "1.0 KiB"),
        (size(5 * 1024**5), "5,120.0 TiB"),
        (short(12_000), "12k"),
        (short(-3_400_000), "−3.4M"),
        (short(0.12), "0.12"),
        (short(1e9), "1G"),
        (count(1, "file"), "1 file"),
        (count(1200, "row"), "1,200 rows"),
        (cut("abcdef", 6), "abcdef"),
        (cut("abcdefg", 6), "abcde…"),
        (cut("漢字漢字", 6), "漢字…"),
    ],
)
def test_numbers_and_words_are_short(said, expected):
    assert said == expected
