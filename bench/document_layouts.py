"""Layouts drawn at random: no reader can have been made to fit them."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from dataflow_ops.samples.made_documents_known import Made
from dataflow_ops.samples.made_documents_lines import Style
from dataflow_ops.samples.made_documents_pdf import styled

SUBJECTS = ("beekeeping", "town_report", "instrument")
PAPERS = {
    1: ((420, 595), (595, 842), (612, 792)),
    2: ((595, 842), (612, 792), (842, 595)),
    3: ((842, 595), (1191, 842)),
}
FONTS = (("tiro", "tibo"), ("helv", "hebo"))
HEADERS = ("", "", "Harrow Fell Association", "Draft of the second edition, not for sale")
FOOTERS = ("", "#", "Page #", "- # -", "12 March 2024 | #")


def drawn(count: int, seed: int) -> Iterator[Made]:
    """Yield PDFs of styles drawn by `seed`."""
    for number in range(count):
        rng = Random(f"{seed}.{number}")
        subject, drawn = rng.choice(SUBJECTS), style(rng)
        made = styled(subject, drawn, f"drawn/{number}.pdf")
        yield replace(made, layout=f"{number}: {subject}, {drawn.columns} columns, rules: {drawn.rules}")


def style(rng: Random) -> Style:
    """Return a style in which every choice is drawn on its own."""
    columns = rng.choices((1, 2, 3), (5, 4, 1))[0]
    width, height = rng.choice(PAPERS[columns])
    font, bold = rng.choice(FONTS)
    size = rng.uniform(8.5, 11.5) if columns == 1 else rng.uniform(8.0, 9.5)
    indent = rng.choice((0.0, 0.0, 10.0, 14.0))
    step = rng.uniform(1.12, 1.35)
    return Style(
        width=width,
        height=height,
        margin=rng.uniform(45, 72),
        columns=columns,
        gutter=rng.uniform(14, 26),
        font=font,
        bold=bold,
        size=size,
        leading=rng.uniform(1.15, 1.5),
        headings=(size * step**3, size * step**2, size * step),
        heading_font=rng.choice(("hebo", "tibo")),
        justified=rng.random() < 0.5,
        hyphens=rng.random() < 0.5,
        ligatures=rng.random() < 0.3,
        rules=rng.choice(("all", "three", "none")),
        gap=rng.uniform(0.5, 2) if indent else rng.uniform(4, 9),
        indent=indent,
        header=rng.choice(HEADERS),
        footer=rng.choice(FOOTERS),
        outline=rng.random() < 0.4,
        links=rng.random() < 0.7,
        by_height=rng.random() < 0.3,
    )
