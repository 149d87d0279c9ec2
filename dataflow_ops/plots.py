"""The pictures of a dataset card, as SVG: the same values give the same bytes.

Kept is blue and dropped is orange (Okabe and Ito 2008: told apart by colour-blind readers, and in print by lightness).
"""

import io
import math
import unicodedata
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from dataflow_ops.markdown import clean
from dataflow_ops.measured import Bars, Histogram
from dataflow_ops.quantities import share, short

KEPT, DROPPED, REJECTED, INK, FAINT = "#0072B2", "#E07B00", "#5A5A5A", "#1A1A1A", "#6B6B6B"
REASONS = 12
"""Drop reasons that get a bar of their own."""
ACROSS = 3
"""Panels side by side."""
LEFT, BAR, RIGHT = 3.0, 4.6, 3.1
"""Inches of a funnel: what a bar is, the bar, what there is to say of it."""

_STYLE: dict[str, Any] = {
    "svg.hashsalt": "dataflow-ops",  # ids of the file's parts are random without it
    "svg.fonttype": "none",  # text stays text: the viewer's fonts know more scripts, and it can be searched
    "text.parse_math": False,  # a `$` in a reason is a dollar
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 9,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
}


@contextmanager
def _figure(width: float, height: float) -> Iterator[Any]:
    """Give a figure without a window, a global state or a font that only this machine has."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    usual: Any = {key: value for key, value in mpl.rcParamsDefault.items() if key != "backend"}
    with mpl.rc_context(usual | _STYLE):  # and nothing of the user's own style
        yield Figure(figsize=(width, height))


def _svg(figure: Any) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings():  # a letter that our font lacks: the viewer has one that does not
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


def funnel(funnel: Mapping[str, Any]) -> bytes:
    """Draw what became of the rows: a bar for each task, then the commonest reasons of drops."""
    steps, reasons = funnel["steps"], _reasons(funnel["steps"])
    upper, lower = 0.3 * max(1, len(steps)), 0.26 * len(reasons)
    height = 1.3 + upper + (lower + 1.0 if reasons else 0)
    with _figure(LEFT + BAR + RIGHT, height) as figure:
        _draw_steps(_place(figure, height - 0.75 - upper, upper), steps)
        if reasons:
            _draw_reasons(_place(figure, 0.55, lower), reasons)
        return _svg(figure)


def _place(figure: Any, bottom: float, height: float) -> Any:
    """Add axes at a place in inches: all bars of a funnel begin at one line, and long words have their room."""
    across, up = figure.get_size_inches()
    return figure.add_axes((LEFT / across, bottom / up, BAR / across, height / up))


def _reasons(steps: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, int]]:
    """Return reason, task and rows, most rows first; what is left over in one line."""
    found = [
        (cut(reason, 38), cut(step["task"], 26), entry["rows"])
        for step in steps
        for reason, entry in step["dropped"].items()
    ]
    ranked = sorted(found, key=lambda each: (-each[2], each[:2]))
    rest = ranked[REASONS:]
    return ranked[:REASONS] + ([(f"{len(rest):,} other reasons", "", sum(each[2] for each in rest))] if rest else [])


def _draw_steps(axes: Any, steps: Sequence[Mapping[str, Any]]) -> None:
    places = range(len(steps))
    gone = [sum(entry["rows"] for entry in step["dropped"].values()) for step in steps]
    rejected = [sum(step["rejected"].values()) for step in steps]
    out = [step["rows_out"] for step in steps]
    axes.barh(places, out, color=KEPT, height=0.72, label="rows out")
    axes.barh(places, gone, left=out, color=DROPPED, height=0.72, label="dropped")
    axes.barh(places, rejected, left=_sums(out, gone), color=REJECTED, height=0.72, label="rejected")
    axes.set_yticks(places, [cut(step["task"], 38) for step in steps])
    axes.set_ylim(len(steps) - 0.4, -0.6)
    for place, step in enumerate(steps):
        lost = gone[place] + rejected[place]
        _beside(axes, place, [f"{step['rows_out']:,}", *_changes(step, lost)])
    _count_axis(axes, "rows")
    axes.set_title("What became of the rows, task by task", loc="left", fontweight="bold", pad=24)
    axes.legend(ncols=3, frameon=False, loc="lower left", bbox_to_anchor=(-0.01, 1.0), borderaxespad=0.2)


def _sums(first: Sequence[int], second: Sequence[int]) -> list[int]:
    return [one + other for one, other in zip(first, second, strict=True)]


def cut(value: object, most: int) -> str:
    """Return `value` in one line of `most` columns; a Chinese character takes two."""
    line, used = clean(value, most), 0
    for place, letter in enumerate(line):
        used += 2 if unicodedata.east_asian_width(letter) in "FW" else 1
        if used > most:
            return line[: place - 1] + "…"
    return line


def _changes(step: Mapping[str, Any], lost: int) -> list[str]:
    fewer = f"−{share(lost, step['rows_in'] + step['made'])}" if lost else ""
    return [fewer, f"+{step['made']:,} made" if step["made"] else ""]


def _beside(axes: Any, place: int, words: Sequence[str]) -> None:
    """Write words to the right of a bar, the first two in columns that end at one line."""
    for inches, word, align in zip((0.95, 1.7, 1.8), words, ("right", "right", "left"), strict=False):
        axes.text(1 + inches / BAR, place, word, transform=axes.get_yaxis_transform(), ha=align, va="center")


def _draw_reasons(axes: Any, reasons: Sequence[tuple[str, str, int]]) -> None:
    places = range(len(reasons))
    axes.barh(places, [rows for *_, rows in reasons], color=DROPPED, height=0.72)
    axes.set_yticks(places, [reason for reason, *_ in reasons])
    axes.set_ylim(len(reasons) - 0.4, -0.6)
    for place, (_, task, rows) in enumerate(reasons):
        _beside(axes, place, [f"{rows:,}"])
        axes.text(1 + 1.1 / BAR, place, task, transform=axes.get_yaxis_transform(), va="center", color=FAINT)
    _count_axis(axes, "rows dropped")
    axes.set_title("Why rows were dropped: the first reason of each", loc="left", fontweight="bold")


def _count_axis(axes: Any, label: str) -> None:
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    axes.set_xlim(left=0)
    axes.set_xlabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#E3E3E3", linewidth=0.6)
    axes.set_axisbelow(True)


def measures(panels: Sequence[Histogram | Bars]) -> bytes:
    """Draw one panel for each measured column, kept beside dropped, with the thresholds that were set."""
    across = min(ACROSS, len(panels))
    down = -(-len(panels) // across)
    with _figure(3.4 * across + 0.4, 2.35 * down + 0.5) as figure:
        figure.set_layout_engine("constrained")
        grid = figure.subplots(down, across, squeeze=False).flatten()
        for axes, panel in zip(grid, panels, strict=False):
            _draw(axes, panel)
            axes.set_title(cut(panel.column, 36), loc="left", fontweight="bold", fontsize=9.5)
        for axes in grid[len(panels) :]:
            axes.set_visible(False)
        _legend(figure)
        return _svg(figure)


def _draw(axes: Any, panel: Histogram | Bars) -> None:
    if isinstance(panel, Bars):
        _draw_bars(axes, panel)
    else:
        _draw_histogram(axes, panel)


def _legend(figure: Any) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=KEPT, alpha=0.75, label="kept"),
        Line2D([], [], color=DROPPED, linewidth=3, label="dropped, for whatever reason"),
        Line2D([], [], color=INK, linestyle="--", linewidth=1.2, label="threshold; the grey side fails"),
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=3, frameon=False)


def _draw_histogram(axes: Any, panel: Histogram) -> None:
    bins = panel.bins
    axes.set_xscale(bins.scale, **({"linthresh": bins.linear_below, "linscale": 0.4} if bins.scale == "symlog" else {}))
    axes.stairs(panel.kept, bins.edges, fill=True, color=KEPT, alpha=0.5, linewidth=0)
    axes.stairs(panel.dropped, bins.edges, color=DROPPED, linewidth=1.6)
    axes.set_xlim(bins.edges[0], bins.edges[-1])
    axes.set_yscale("log" if panel.steep else "linear")
    top = max(1, *panel.kept, *panel.dropped)
    axes.set_ylim(0.7 if panel.steep else 0, top * (3 if panel.steep else 1.18))
    axes.set_ylabel("rows (log)" if panel.steep else "rows")
    axes.set_xlabel(panel.note or " ", fontsize=8, color=FAINT)
    _thresholds(axes, panel)
    _plain_numbers(axes, panel)


def _thresholds(axes: Any, panel: Histogram) -> None:
    ends = panel.bins.edges[0], panel.bins.edges[-1]
    for line, (limit, cut) in enumerate(zip(panel.limits, panel.bins.cuts, strict=True)):
        side, align = (1, "left") if limit.is_lower else (-1, "right")
        axes.axvspan(*sorted((cut, ends[0] if limit.is_lower else ends[1])), color="#000000", alpha=0.07, linewidth=0)
        axes.axvline(cut, color=INK, linestyle="--", linewidth=1.2)
        axes.annotate(
            f"{limit.sign} {short(limit.value)}", (cut, 1), (3 * side, -2 - 11 * line), textcoords="offset points",
            xycoords=axes.get_xaxis_transform(), ha=align, va="top", fontsize=8, bbox=_halo(),
        )  # fmt: skip


def _halo() -> dict[str, Any]:
    return {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.6}


def _plain_numbers(axes: Any, panel: Histogram) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

    shortly = FuncFormatter(lambda value, _: short(value))
    bins = panel.bins
    if bins.scale == "linear":
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=bins.whole))
    elif bins.scale == "log":
        axes.xaxis.set_major_locator(LogLocator(numticks=6))
    else:
        axes.xaxis.set_major_locator(FixedLocator(_ticks(bins.linear_below, bins.edges[-1])))
    if not panel.steep:
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(shortly)
        axis.set_minor_locator(NullLocator())


def _ticks(linear_below: float, top: float) -> list[float]:
    """Return zero and at most five powers of ten above the linear part of an axis."""
    powers = range(math.ceil(math.log10(linear_below)), math.floor(math.log10(top)) + 1)
    return [0.0, *(10.0**power for power in powers[:: -(-len(powers) // 5) or 1])]


def _draw_bars(axes: Any, panel: Bars) -> None:
    places = range(len(panel.names))
    axes.barh(places, panel.kept, color=KEPT, alpha=0.75, height=0.72)
    axes.barh(places, panel.dropped, left=panel.kept, color=DROPPED, alpha=0.75, height=0.72)
    axes.set_yticks(places, [cut(name, 18) for name in panel.names])
    axes.set_ylim(len(panel.names) - 0.4, -0.6)
    _count_axis(axes, "rows" + (f"   ({panel.note})" if panel.note else ""))
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
