from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.documents.chunking import Settings, chunks
from dataflow_ops.documents.document import Block
from dataflow_ops.documents.markdown import written
from dataflow_ops.errors import BadArgument

METHODS = ("tokens", "sentences", "recursive")

TABLE = "| city | people |\n| --- | --- |\n| Oslo | 717 |\n| Bergen | 294 |"
CODE = "```python\nfor each in range(3):\n\n    say(each)\n```"

WORDS = st.sampled_from(
    [
        "Rain fell.",
        "He ran; she, too, ran",
        "Dr. Berg came!",
        "雨が降った。",
        "مرحبا بكم؟",
        "ฝนตก หนัก",
        "e\u0301",
        "👩‍👩‍👧",
        "a" * 90,
        "\t",
    ]
)
PROSE = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
BLOCKS = st.one_of(
    st.builds(Block, st.just("heading"), PROSE.map(lambda text: text[:50]), st.integers(1, 3), level=st.integers(1, 6)),
    st.builds(Block, st.sampled_from(["paragraph", "caption", "footnote"]), PROSE, st.integers(1, 3)),
    st.builds(
        Block, st.just("list"), st.lists(PROSE, min_size=1, max_size=4).map(lambda each: "- " + "\n- ".join(each))
    ),
    st.sampled_from(
        [
            Block("table", TABLE, 2),
            Block("code", CODE),
            Block("formula", "$$\nx = \\frac{1}{2}\n$$"),
            Block("image", "", 1, image="page-0001-1.png"),
            Block("image", ""),
        ]
    ),
)


def read(blocks):
    """Return what a reader gives: the text of some blocks, and rows that say where they stand in it."""
    found = written(blocks)
    rows = [
        {"kind": block.kind, "text": block.text, "page": block.page, "box": block.box, "level": block.level,
         "image": block.image, "begin": begin, "end": end}
        for block, (begin, end) in zip(blocks, found.spans, strict=True)
    ]  # fmt: skip
    return found.text, rows


def texts(text, found):
    return [text[each.begin : each.end] for each in found]


@pytest.mark.parametrize("method", METHODS)
@given(
    blocks=st.lists(BLOCKS, max_size=10),
    size=st.integers(1, 60),
    share=st.floats(0, 1),
    known=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_chunks_hold_the_whole_text_in_order_and_cut_no_table_code_or_formula(method, blocks, size, share, known):
    text, rows = read(blocks)
    wanted = Settings(method, size, 0, int(size * share))
    found = chunks(text, rows if known else None, wanted)

    assert "".join("".join(texts(text, found)).split()) == "".join(text.split())
    places = [place for each in found for place in (each.begin, each.end)]
    assert places == sorted(places)
    assert all(each.begin < each.end for each in found)
    assert all(each == each.strip() for each in texts(text, found))
    kept = [row for row in rows if row["kind"] in ("table", "code", "formula")] if known else []
    for row in kept:
        tokens = (row["end"] - row["begin"] + 3) // 4
        if tokens <= 4 * size:
            assert not any(row["begin"] < place < row["end"] for place in places)
    for each in found:
        assert each.tokens == (each.end - each.begin + 3) // 4
        assert each.oversize == (each.tokens > wanted.size + wanted.min_size)
        if known and each.oversize:
            assert any(each.begin < row["end"] and row["begin"] < each.end for row in kept)


@pytest.mark.parametrize("method", METHODS)
@given(blocks=st.lists(BLOCKS, max_size=10), size=st.integers(4, 60), overlap=st.integers(1, 30))
@settings(max_examples=100, deadline=None)
def test_with_overlap_chunks_begin_and_end_one_after_the_other_and_no_faster_than_without(
    method, blocks, size, overlap
):
    text, rows = read(blocks)
    found = chunks(text, rows, Settings(method, size, min(overlap, size // 2), 0))

    begins, ends = [each.begin for each in found], [each.end for each in found]
    assert begins == sorted(set(begins))
    assert ends == sorted(set(ends))
    gaps = [text[end:begin] for end, begin in zip(ends, begins[1:], strict=False)]
    assert not any(gap.strip() for gap in gaps)
    for before, after in pairwise(found):
        assert before.end - after.begin <= 4 * min(overlap, size // 2)


@pytest.mark.parametrize("method", METHODS)
@given(blocks=st.lists(BLOCKS, min_size=4, max_size=8), size=st.integers(270, 300))
@settings(max_examples=100, deadline=None)
def test_no_chunk_but_the_last_ends_with_headings_if_they_are_not_half_a_chunk_long(method, blocks, size):
    text, rows = read(blocks)
    found = chunks(text, rows, Settings(method, size, 0, 0))
    headings = [row for row in rows if row["kind"] == "heading" and row["begin"] < row["end"]]
    ends = {each.end for each in found[:-1]}
    assert not ends & {row["end"] for row in headings}


@given(text=st.text(max_size=400), method=st.sampled_from(METHODS), size=st.integers(1, 30))
@settings(max_examples=300, deadline=None)
def test_any_text_is_cut_without_loss(text, method, size):
    found = chunks(text, None, Settings(method, size, 0, 0))
    assert "".join("".join(texts(text, found)).split()) == "".join(text.split())


DOCUMENT = [
    Block("paragraph", "Before any heading there is a line of text.", 1),
    Block("heading", "Rivers", 1, level=1),
    Block("heading", "Floods", 1, level=2),
    Block("paragraph", "The river rose in May. It fell again in June. Nobody had seen that before.", 1),
    Block("table", TABLE, 2, (10.0, 20.0, 110.0, 70.0)),
    Block("heading", "Fish", 3, level=2),
    Block("paragraph", "Salmon came back.", 3),
]


def test_a_chunk_knows_its_headings_its_pages_and_the_places_of_its_blocks():
    text, rows = read(DOCUMENT)
    found = chunks(text, rows, Settings("recursive", 25, 0, 0))
    assert texts(text, found) == [
        "Before any heading there is a line of text.",
        "# Rivers\n\n## Floods\n\nThe river rose in May. It fell again in June. Nobody had seen that before.",
        TABLE,
        "## Fish\n\nSalmon came back.",
    ]
    assert [each.headings for each in found] == [(), ("Rivers", "Floods"), ("Rivers", "Floods"), ("Rivers", "Fish")]
    assert [each.pages for each in found] == [[1], [1], [2], [3]]
    assert found[2].places[0].box == (10.0, 20.0, 110.0, 70.0)


def test_a_short_chunk_is_joined_to_the_neighbour_under_the_same_heading_and_then_says_the_one_above_both():
    text, rows = read(DOCUMENT)
    found = chunks(text, rows, Settings("recursive", 25, 0, 10))
    assert [each.headings for each in found] == [(), ("Rivers", "Floods"), ("Rivers",)]
    assert text[found[-1].begin : found[-1].end] == f"{TABLE}\n\n## Fish\n\nSalmon came back."


def test_a_text_changed_since_keeps_headings_of_its_markdown_and_the_pages_of_what_is_found_again():
    text, rows = read(DOCUMENT)
    changed = text.replace("there is a line", "stands a line").replace(
        "Salmon came back.", "Salmon\ncame back, they say."
    )
    found = chunks(changed, rows, Settings("recursive", 25, 0, 0))
    assert [each.headings for each in found] == [(), ("Rivers", "Floods"), ("Rivers", "Floods"), ("Rivers", "Fish")]
    assert [each.pages for each in found] == [[], [1], [2], [3]]


@pytest.mark.parametrize(
    "rows",
    [
        [{"kind": "paragraph", "text": "no", "begin": 0, "end": 2}],
        [{"kind": "paragraph", "text": "One.", "begin": -4, "end": 0}],
        [{"kind": "paragraph", "text": "One.", "begin": 0, "end": 99}],
        [{"kind": "paragraph", "text": "One.", "begin": None, "end": None}],
        [
            {"kind": "code", "text": "Two.", "begin": 6, "end": 10},
            {"kind": "code", "text": "One.", "begin": 0, "end": 4},
        ],
        [{"kind": None, "text": None, "begin": None, "end": None, "level": None, "page": None, "box": None}],
        [{}],
        [],
    ],
)
def test_blocks_that_do_not_fit_the_text_lose_nothing_of_it(rows):
    text = "One.\n\nTwo."
    assert texts(text, chunks(text, rows, Settings(size=50, min_size=0))) == [text]


def test_a_table_far_larger_than_a_chunk_is_cut_behind_its_rows_and_code_that_is_not_so_large_stays_whole():
    rows = [f"| town {number} | {number * 7919 % 1000} |" for number in range(60)]
    table = "\n".join(["| town | people |", "| --- | --- |", *rows])
    code = "```\n" + "\n".join(f"line({number})" for number in range(20)) + "\n```"
    text, known = read([Block("heading", "Towns", level=1), Block("table", table), Block("code", code)])
    found = chunks(text, known, Settings(size=20, min_size=0))
    pieces = texts(text, found)
    assert pieces[0].startswith("# Towns\n\n| town | people |\n| --- | --- |\n| town 0 |")
    lines = [line for piece in pieces for line in piece.split("\n")]
    assert set(rows) <= set(lines)
    assert pieces[-1] == code
    assert [each.oversize for each in found] == [False] * (len(found) - 1) + [True]


def test_a_single_line_of_code_without_end_is_cut_like_text():
    text, known = read([Block("code", "```\n" + "x" * 5000 + "\n```")])
    found = chunks(text, known, Settings(size=20, min_size=0))
    assert max(each.tokens for each in found) <= 20


def test_headings_without_end_are_cut_too():
    text, known = read([Block("heading", f"Heading number {number}", level=1 + number % 6) for number in range(500)])
    found = chunks(text, known, Settings("recursive", 40, 0, 10))
    assert max(each.tokens for each in found) <= 50


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("tokens", ["One two three four", "five. Six seven eigh", "t nine ten. A. B. C."]),
        ("sentences", ["One two three four", "five.", "Six seven eight nine"]),
        ("recursive", ["One two three four", "five.", "Six seven eight nine"]),
    ],
)
def test_windows_take_words_and_the_others_sentences_where_they_fit(method, expected):
    text = "One two three four five. Six seven eight nine ten. A. B. C."
    found = chunks(text, None, Settings(method, 5, 0, 0))
    assert texts(text, found)[:3] == expected


def test_an_accent_is_not_cut_from_its_letter_nor_a_family_in_two():
    text = "e\u0301" * 30 + "👩‍👩‍👧" * 10
    for size in range(2, 9):
        pieces = texts(text, chunks(text, None, Settings("tokens", size, 0, 0)))
        assert not any(piece.startswith(("\u0301", "\u200d")) or piece.endswith("\u200d") for piece in pieces)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"size": 0}, "1 token or more"),
        ({"size": 10, "overlap": 6}, "half of the size, 5"),
        ({"size": 10, "min_size": 11}, "0 to the size, 10"),
    ],
)
def test_sizes_that_cannot_be_are_refused(given, expected):
    with pytest.raises(BadArgument, match=expected):
        Settings(**given)
