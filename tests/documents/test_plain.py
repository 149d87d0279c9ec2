import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.documents import _markdown_blocks, plain
from dataflow_ops.documents._decoding import decoded
from dataflow_ops.documents.document import Failed, Limits
from dataflow_ops.documents.markdown import written


def _blocks(text):
    return [(block.kind, block.text) for block in _markdown_blocks.blocks(text)]


def _read(tmp_path, data, how=plain.read):
    path = tmp_path / "content"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return how(path, Limits())


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("# Head #\n\nwords\nmore", [("heading", "Head"), ("paragraph", "words\nmore")]),
        ("#no head", [("paragraph", "#no head")]),
        ("A head\nof two lines\n===\nwords", [("heading", "A head of two lines"), ("paragraph", "words")]),
        ("words\n# Head", [("paragraph", "words"), ("heading", "Head")]),
        ("```py\n# no head\n\n- no list\n```", [("code", "```py\n# no head\n\n- no list\n```")]),
        ("~~~~\n~~~\n```\n~~~~\nwords", [("code", "~~~~\n~~~\n```\n~~~~"), ("paragraph", "words")]),
        ("```\nnever closed\n\n# still code", [("code", "```\nnever closed\n\n# still code")]),
        ("words ``` among words", [("paragraph", "words ``` among words")]),
        ("    indented\n\n    code\n\nwords", [("code", "```\nindented\n\ncode\n```"), ("paragraph", "words")]),
        ("- a\n  - b\n\n  of a\n- c\n\nwords", [("list", "- a\n  - b\n\n  of a\n- c"), ("paragraph", "words")]),
        ("1. a\n   ```\n   x\n\n   y\n   ```\n2. b", [("list", "1. a\n   ```\n   x\n\n   y\n   ```\n2. b")]),
        ("words:\n- a\n- b", [("paragraph", "words:"), ("list", "- a\n- b")]),
        ("born in\n1984. It was", [("paragraph", "born in\n1984. It was")]),
        ("- a\n***\n- b", [("list", "- a"), ("list", "- b")]),
        (
            "| a | b |\n|---|:-:|\n| 1 | 2 |\nwords",
            [("table", "| a | b |\n|---|:-:|\n| 1 | 2 |"), ("paragraph", "words")],
        ),
        ("words\na | b\n--- | ---\n1 | 2", [("paragraph", "words"), ("table", "a | b\n--- | ---\n1 | 2")]),
        ("a | b\nno table", [("paragraph", "a | b\nno table")]),
        ("$$\nx^2\n$$\nand", [("formula", "$$\nx^2\n$$"), ("paragraph", "and")]),
        ("$$x$$", [("formula", "$$x$$")]),
        ("$$ costs\n\nmuch", [("paragraph", "$$ costs"), ("paragraph", "much")]),
        ("> said\n> so\nby him", [("paragraph", "> said\n> so"), ("paragraph", "by him")]),
        ("![a hive](hive.png)", [("image", "a hive")]),
        ("[^1]: a note\n    goes on", [("footnote", "[^1]: a note\n    goes on")]),
        ("<!-- a\n# b\n-->\nwords", [("paragraph", "words")]),
        ("<!-- never closed\n\nwords", [("paragraph", "<!-- never closed"), ("paragraph", "words")]),
        ("a\n\n---\n\nb", [("paragraph", "a"), ("paragraph", "b")]),
        ("", []),
    ],
)
def test_markdown_is_cut_into_its_blocks(text, blocks):
    assert _blocks(text) == blocks


def test_headings_keep_their_levels():
    found = _markdown_blocks.blocks("# a\n## b\n###### c\nd\n---")
    assert [(block.text, block.level) for block in found] == [("a", 1), ("b", 2), ("c", 6), ("d", 2)]


LINES = st.lists(
    st.sampled_from(["# h", "w x", "", "  ", "- a", "  b", "1. c", "```", "~~~", "| a | b |", "|---|---|", "    d",
                     "$$", "> q", "[^1]: n", "===", "\t e", "***x***", "f | g"])
)  # fmt: skip


def _bare(text):
    return text.translate(str.maketrans("", "", "#=~`-| \t\n*"))


@given(LINES)
def test_no_word_is_lost_and_blocks_are_read_as_the_same_again(lines):
    text = "\n".join(lines)
    found = _markdown_blocks.blocks(text)
    assert _bare(written(found).text) == _bare(text)
    again = _markdown_blocks.blocks("\n\n".join(block.text for block in found if block.kind == "paragraph"))
    assert "".join(block.text for block in again) == "".join(
        block.text for block in found if block.kind == "paragraph"
    )  # fmt: skip


@pytest.mark.parametrize("piece", ["<!-- ", "```\n", "- ", "> ", "| a |\n", "[", "$$\n", "# ", "    \n", "\\["])
def test_markdown_made_to_be_slow_is_read(piece):
    text = piece * 50_000
    assert _bare(written(_markdown_blocks.blocks(text)).text) == _bare(text)


def test_settings_at_the_head_give_the_title(tmp_path):
    found = _read(tmp_path, "---\ntitle: 'Of bees'\ntags: [a]\n---\n\n# Head\n\nwords", plain.read_markdown)
    assert (found.title, found.notes) == ("Of bees", ("the settings at its head are left out",))
    assert [block.kind for block in found.blocks] == ["heading", "paragraph"]
    assert _read(tmp_path, "# Head\n\nwords", plain.read_markdown).title == "Head"


WRAPPED = """Bees are insects that live in colonies of many
thousands and make wax and honey for their
young.

Roses are red,
violets are blue.

- a veil
- gloves that are thin enough, and long enough, and
  soft enough
• a smoker

name      kilograms
first     12

# 3 bees
"""


def test_lines_broken_at_a_margin_are_joined_and_others_stay(tmp_path):
    assert [(block.kind, block.text) for block in _read(tmp_path, WRAPPED).blocks] == [
        (
            "paragraph",
            "Bees are insects that live in colonies of many thousands and make wax and honey for their young.",
        ),
        ("paragraph", "Roses are red,\nviolets are blue."),
        ("list", "- a veil\n- gloves that are thin enough, and long enough, and soft enough\n- a smoker"),
        ("paragraph", "name      kilograms\nfirst     12"),
        ("paragraph", "\\# 3 bees"),
    ]


def test_a_text_that_is_too_large_is_not_read(tmp_path):
    (tmp_path / "content").write_bytes(b"word " * 300_000)
    for how in (plain.read, plain.read_markdown):
        assert how(tmp_path / "content", Limits(unpacked_mib=1)) == Failed(
            "too large", "1 MiB of text; expected 1 MiB at most"
        )  # fmt: skip


RUSSIAN = "Пчёлы живут большими семьями и собирают нектар с цветов в полях и садах."
JAPANESE = "ミツバチは大きな群れで暮らし、野原や庭の花から蜜を集めます。冬の間は巣の中で過ごします。"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfa\r\nb\rc", "a\nb\nc"),
        ("\ufeffhé".encode("utf-16-le"), "hé"),
        ("\ufeffhé".encode("utf-16-be"), "hé"),
        ("\ufeffhé".encode("utf-32-le"), "hé"),
        ("hé".encode(), "hé"),
        (RUSSIAN.encode("cp1251"), RUSSIAN),
        (JAPANESE.encode("cp932"), JAPANESE),
        ("<meta charset='shift_jis'>ー蜜".encode("cp932"), "<meta charset='shift_jis'>ー蜜"),
        (
            '<meta content="text/html; charset=gb2312">蜂'.encode("gb18030"),
            '<meta content="text/html; charset=gb2312">蜂',
        ),
        ("<?xml version='1.0' encoding='koi8-r'?>мёд".encode("koi8-r"), "<?xml version='1.0' encoding='koi8-r'?>мёд"),
        ("<meta charset=iso-2022-jp>蜜".encode("iso-2022-jp"), "<meta charset=iso-2022-jp>蜜"),
        ("<meta charset=iso-8859-1>“”".encode("cp1252"), "<meta charset=iso-8859-1>“”"),
        ("<meta charset=iso-8859-1>é".encode(), "<meta charset=iso-8859-1>é"),
        (b"<meta charset=unicode_escape>\\u0041\xe9", "<meta charset=unicode_escape>\\u0041é"),
        (b"<meta charset=utf-8>a\xffb\xfec", "<meta charset=utf-8>a\ufffdb\ufffdc"),
        ("\u201cBees\u201d \u2014 and".encode() + b" \xffwax", "\u201cBees\u201d \u2014 and \ufffdwax"),
        (b"It\x92s a hive" * 3, "It’s a hive" * 3),
        (b"a" * 5_000 + b"\xff", "a" * 5_000 + "\ufffd"),
    ],
)
def test_bytes_become_the_text_they_are(data, text):
    assert decoded(data) == text
