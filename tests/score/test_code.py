import base64
import hashlib
import math
import re
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.presets import CODE_PRESETS, columns, thresholds_of
from dataflow_ops.score import code as subject
from dataflow_ops.score import rules
from tests.score import plain


def files(codes, languages=None, paths=None) -> pa.Table:
    count = len(codes)
    return pa.table({
        "id": pa.array([str(row) for row in range(count)], pa.string()),
        "code": pa.array(codes, pa.string()),
        "path": pa.array(paths or [None] * count, pa.string()),
        "language": pa.array(languages or ["Python"] * count, pa.string()),
    })  # fmt: skip


def measured(code: str | None, language: str | None = "Python", path: str | None = None, **settings) -> dict:
    return subject.measures(files([code], [language], [path]), **settings).to_pylist()[0]


def pieces(text: str) -> list[str]:
    """Return the words and the signs of a text, blanks left out."""
    kinds = "".join("W" if plain.is_word(char) else " " if char.isspace() else "." for char in text)
    return [text[slice(*match.span())] for match in re.finditer(r"W+|\.", kinds)]


def counted(text: str) -> dict:
    """Measure plainly what the compiled loops measure."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = lines if lines[-1] else lines[:-1]
    words = [piece for piece in pieces(text) if plain.is_word(piece[0])]
    written = [tuple(pieces(line)) for line in lines if any(char.isalnum() for char in line)]
    length = len(text.replace("\r\n", "\n"))
    share = lambda part, whole: part / whole if whole else None  # noqa: E731
    grams = {n: Counter(tuple(words[k : k + n]) for k in range(len(words) - n + 1)) for n in range(1, 6)}
    repeated = {n: share(sum(c for c in grams[n].values() if c > 1), max(len(words) - n + 1, 1)) for n in range(2, 6)}
    return {
        "length": length,
        "lines": len(lines),
        "longest_line": max(map(len, lines), default=0),
        "mean_line_length": share(sum(map(len, lines)), len(lines)),
        "alphabetic_ratio": share(sum(map(str.isalpha, text)), length),
        "brace_ratio": share(text.count("{") + text.count("}"), length),
        "words": len(words),
        "capital_word_ratio": share(sum(len(word) > 1 and word.isupper() for word in words), len(words)),
        "duplicate_line_ratio": share(len(written) - len(set(written)), len(written)),
        **{f"duplicate_{n}gram_ratio": value if words else None for n, value in repeated.items()},
        "word_entropy": -sum(c / len(words) * math.log2(c / len(words)) for c in grams[1].values()) if words else None,
    }


PIECES = ["if", "x", "X", "MAX", "MAX_1", "_", "é", "Ä", "ÄB", "中文", "ǅ", "१", "{", "}", "(", ")", " ", "  ", "\t", "\n", "\n", "\r\n", "\r",
          ";", "=", "→", "\x0c", "\ufeff", "a = b", "return x", "\U0001f600", "0", "42"]  # fmt: skip
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=60).map("".join), st.text(max_size=60))


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_measures_are_what_the_plain_rules_say(text):
    got, expected = measured(text), counted(text)
    if not text.isascii():  # a mark alone, a letter and its mark: what is capital or a letter is decided elsewhere
        del expected["capital_word_ratio"]
    assert {name: pytest.approx(got[name]) if got[name] is not None else None for name in expected} == expected


@given(st.lists(st.one_of(st.none(), TEXTS), max_size=8), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_row_is_measured_alike_in_any_table(codes, skipped):
    chunked = pa.chunked_array([pa.array(codes, pa.string())[skipped:], pa.array(codes[::-1], pa.string())])
    table = files(chunked.to_pylist()).set_column(1, "code", chunked)
    together = subject.measures(table).drop_columns("id").to_pylist()
    for row, text in zip(together, chunked.to_pylist(), strict=True):
        alone = measured(text)
        assert row == {name: alone[name] for name in row}


BASE64 = base64.b64encode(bytes((k * 89 + 7) % 256 for k in range(600))).decode()
WRAPPED = "\n".join(BASE64[k : k + 76] for k in range(0, len(BASE64) - 76, 76))
SHA = hashlib.sha256(b"x").hexdigest()


@pytest.mark.parametrize(
    ("code", "encoded", "longest"),
    [
        (f'KEY = "{BASE64}"', len(BASE64), len(BASE64)),
        (f'KEY = """{WRAPPED}"""', len(WRAPPED.replace("\n", "")), len(WRAPPED.replace("\n", ""))),
        (f'a = "{BASE64[:64]}"', 64, 64),
        (f'a = "{BASE64[:63]}"', 0, 0),
        (f"sha256:{SHA} {SHA}", 128, 128),
        (f"sha256:{SHA} and {SHA}", 128, 64),
        ("deadbeef" * 3, 0, 0),
        ("0x12, 0x34, 0xab, 0xCD, 0x00, 0x01, 0x02, 0x03", 46, 46),
        ("{0x12,0x34,0xab,0xCD,0x00,0x01,0x02,0x03}", 39, 39),
        ("0x12345678, " * 8, 94, 94),
        ("0x12, 0x34, 0xab, 0xCD, 0x00, 0x01, 0x02", 0, 0),
        ("de ad be ef 00 01 02 03", 23, 23),
        ("10, 20, 30, 40, 50, 60, 70, 80, 90", 0, 0),
        (r'"\x41\x42\x43\x44\x45\x46\x47\x48"', 32, 32),
        ('"' + r"\u4e2d" * 8 + '"', 48, 48),
        (r"\u4e2d" * 7, 0, 0),
        (r"\U0001f600" * 8, 80, 80),
        ("=" * 80 + "\n" + "/" * 80 + "\n" + "a" * 80 + "\n" + "0" * 80, 0, 0),
        ("getTheFirstElementOfTheListWhichIsNotEmptyAndReturnItToTheCallerOfThis", 0, 0),
        ("import os\nfrom a import b\n" * 20, 0, 0),
        ("\\", 0, 0),
        ("\\x4", 0, 0),
        ("", 0, 0),
    ],
)  # fmt: skip
def test_encoded_data_is_counted(code, encoded, longest):
    found = measured(code)
    assert found["encoded_ratio"] == (pytest.approx(encoded / len(code)) if code else None)
    assert found["longest_encoded"] == longest


@given(
    st.lists(
        st.sampled_from(["0x1f", "ab", "\\x41", "\\u4e2d", "\\", ", ", " ", '"', "x", BASE64, SHA, "\n"]), max_size=40
    ).map("".join)
)
@settings(max_examples=200, deadline=None)
def test_nothing_is_encoded_twice(text):
    found = measured(text)
    assert (found["encoded_ratio"] or 0) <= 1
    assert found["longest_encoded"] <= round((found["encoded_ratio"] or 0) * found["length"])


@pytest.mark.parametrize(
    ("code", "marker"),
    [
        ("// Code generated by protoc-gen-go. DO NOT EDIT.\npackage x\n", "do not edit"),
        ("# @generated by pip-compile\n", "@generated"),
        ("/*\n * This file was automatically generated by SWIG.\n */\nint x;\n", "this file is generated"),
        ("/*\n  Auto-generated by the build\n*/\n", "auto-generated"),
        ("# Generated by Django 4.2 on 2024-01-01\nfrom django.db import migrations\n", "generated by"),
        ("<!-- autogenerated -->\n<p>", "auto-generated"),
        ("-- DO NOT EDIT\nselect 1;\n", "do not edit"),
        ('"""Automatically generated from grammar.y"""\n', "auto-generated"),
        ("//\n" * 30 + "// Code generated by x. DO NOT EDIT.\npackage x\n", "do not edit"),
        ("# -*- coding: utf-8 -*-\n\n# this module is auto-generated\nx = 1\n", "this file is generated"),
        ("a = 1\nb = 2\nc = 3\nd = 4\ne = 5\n# Code generated by x. DO NOT EDIT.\n", None),
        ('MARKERS = ["auto-generated", "do not edit"]\n', None),
        ("# Skip files that are auto-generated.\nx = 1\n", None),
        ("# This file is not auto-generated.\n", None),
        ("def f():\n    print('this file is generated')\n", None),
        ("# the key is generated by the server\n", None),
        ('"""Tools that find generated code."""\n', None),
        ("", None),
        (None, None),
    ],
)
def test_generated_files_say_so_in_a_comment(code, marker):
    found = measured(code)
    assert found["generated_marker"] == marker
    assert found["auto_generated"] == (None if code is None else marker is not None)


PAGE = "<html><head><title>A b</title><style>p { x }</style></head><body onload='a > b'>c&nbsp;d &lt; é<!-- no > no --></body>"


@pytest.mark.parametrize(
    ("page", "seen"),
    [
        (PAGE, len("Abcd") + len("&&é")),
        ("<script>if (a</b) x();</script>yes<SCRIPT src='x'></SCRIPT>", 3),
        ("<script>never closed", 0),
        ("<scripted>yes</scripted>", 3),
        ('<a title="x > y">z</a>', 1),
        ("1 < 2 && 3 > 2", 8),
        ("<", 1),
        ("&", 1),
        ("<!-- open", 0),
        ("<a href='open", 0),
        ("", 0),
    ],
)
def test_what_a_reader_of_html_sees(page, seen):
    found = measured(page, "HTML")
    whole = len(re.sub(r"\s", "", page))
    assert found["visible_characters"] == seen
    assert found["visible_ratio"] == (pytest.approx(seen / whole) if whole else None)
    assert measured(page, "XML")["visible_characters"] is None


@given(
    st.lists(
        st.sampled_from(
            [
                "<",
                ">",
                "a",
                "</",
                "script",
                "style",
                "<script>",
                "</script>",
                "<!--",
                "-->",
                "&",
                "lt;",
                "'",
                '"',
                "=",
                " ",
                "é",
            ]
        )
    ).map("".join)
)
@settings(max_examples=200, deadline=None)
def test_any_page_is_read_to_its_end(page):
    found = measured(page, "HTML")
    assert 0 <= found["visible_characters"] <= len(page)


@pytest.mark.parametrize(
    ("language", "path", "true"),
    [
        ("Python", "a.py", set()),
        ("HTML", "a.html", {"long_lines_usual", "html_file"}),
        ("JSON", "a.json", {"long_lines_usual", "data_file"}),
        ("YAML", "a.yml", {"data_file"}),
        ("Text", "words.txt", {"long_lines_usual", "data_file", "text_file"}),
        ("Text", "README", {"long_lines_usual", "data_file", "text_file", "documentation_name"}),
        ("Assembly", "a.s", {"assembly_file"}),
        (None, None, set()),
    ],
)
def test_kinds_of_languages(language, path, true):
    kinds = ("long_lines_usual", "data_file", "assembly_file", "html_file", "text_file", "documentation_name")
    found = measured("x", language, path)
    assert {name for name in kinds if found[name]} == true
    assert None not in [found[name] for name in kinds]
    assert {measured(None)[name] for name in kinds} == {None}


def test_languages_of_a_group_are_a_setting():
    assert measured("x", "Vue", long_line_languages=("Vue",))["long_lines_usual"]
    assert not measured("x", "HTML", long_line_languages=("Vue",))["long_lines_usual"]


def test_columns_and_their_types():
    table = subject.measures(files(["x", None]), prefix="m_")
    new = [field for field in table.schema if field.name.startswith("m_")]
    assert table.column_names[:4] == ["id", "code", "path", "language"]
    assert all(table[field.name][1].as_py() is None for field in new)
    assert subject.measures(files([])).schema == subject.measures(files(["x"])).schema
    assert subject.measures(subject.measures(files(["x"]))).equals(subject.measures(files(["x"])))


def test_large_and_huge_strings():
    text = "x = 1\n" * 200_000
    table = files([text, "y"]).cast(
        pa.schema(
            [("id", pa.string()), ("code", pa.large_string()), ("path", pa.string()), ("language", pa.large_string())]
        )
    )
    assert subject.measures(table)["lines"].to_pylist() == [200_000, 1]
    assert subject.language(table)["language"].to_pylist() == [None, None]


def test_a_missing_column_is_named():
    table = files(["x"])
    with pytest.raises(BadArgument, match="no column 'cod'; did you mean 'code'"):
        subject.measures(table, code="cod")
    with pytest.raises(BadArgument, match="no column 'path'"):
        subject.language(table.drop_columns("path"))
    assert subject.language(table.drop_columns("path"), path=None).num_rows == 1
    assert subject.measures(table.drop_columns("path"), path=None)["documentation_name"].to_pylist() == [False]


def test_language_of_rows():
    table = files(
        ["x", "#!/bin/sh\n", None, "#include <vector>\nstd::string x;\n", ""], paths=["a.py", None, "b.go", "c.h", "d"]
    )
    told = subject.language(table)
    assert told["language"].to_pylist() == ["Python", "Bash", "Go", "C++", None]
    assert told["language_by"].to_pylist() == ["name", "shebang", "name", "content", None]
    assert told.schema.field("language").type == pa.string()
    assert subject.language(table.slice(1, 2))["language"].to_pylist() == ["Bash", "Go"]


SOURCE = """import os
import sys


def names(folder, hidden=False):
    found = os.listdir(folder)
    return sorted(name for name in found if hidden or not name.startswith("."))


print(names(sys.argv[1]))
"""
PAIRS = "one two one two three one two four one two five one two"


@pytest.mark.parametrize(
    ("code", "language", "path", "broken"),
    [
        (SOURCE, "Python", "a.py", set()),
        (SOURCE, None, None, set()),
        ("x = 1\n", "Python", "a.py", {"length", "words", "alphabetic_ratio", "word_entropy"}),
        (SOURCE + "x = 1\n" * 100_000, "Python", "a.py", {"lines", "length", "words", "alphabetic_ratio", "word_entropy", "duplicate_line_ratio",
         "duplicate_2gram_ratio", "duplicate_3gram_ratio", "duplicate_4gram_ratio", "duplicate_5gram_ratio"}),
        (SOURCE + "# " + "word " * 200, "Python", "a.py", {"longest_line", "mean_line_length", "word_entropy"} | {f"duplicate_{n}gram_ratio" for n in (2, 3, 4, 5)}),
        (SOURCE + f'DATA = "{BASE64}"', "Python", "a.py", {"encoded_ratio"}),
        ("# Generated by Django 4.2 on 2024-01-01\n" + SOURCE, "Python", "a.py", {"auto_generated"}),
        (SOURCE + "=" * 900, "Python", "a.py", {"alphabetic_ratio"}),
        (SOURCE + "{}" * 40, "Python", "a.py", {"brace_ratio"}),
        ("12 34 56 78 90 11 22 33 44 55 66 77 88 99 00 13 24 35 46 57 68 79 80 91 mov add\nsub mul and xor\n..!?", "C", "a.c", {"alphabetic_ratio"}),
        ("12 34 56 78 90 11 22 33 44 55 66 77 88 99 00 13 24 35 46 57 68 79 80 91 mov add\nsub mul and xor\n..!?", "Assembly", "a.s", set()),
        (SOURCE, "Text", "story.txt", {"documentation_name"}),
        (SOURCE, "Text", "README", set()),
        ("".join(f"key{row}: value{row} of list {row * 7}\n" for row in range(513)), "YAML", "a.yml", {"data_lines"}),
        ("".join(f"key{row}: value{row} of list {row * 7}\n" for row in range(512)), "YAML", "a.yml", set()),
        ("".join(f"key{row}: value{row} of list {row * 7}\n" for row in range(513)), "Ruby", "a.rb", set()),
        (f"<p>{SOURCE}</p>", "HTML", "a.html", set()),
        (f"<script>{SOURCE}</script>", "HTML", "a.html", {"visible_characters", "visible_ratio"}),
        (f"<p>{PAIRS}</p>" + "<br class='wide and tall'>" * 30, "HTML", "a.html", {"visible_characters", "visible_ratio", "duplicate_2gram_ratio",
         "duplicate_3gram_ratio", "duplicate_4gram_ratio", "duplicate_5gram_ratio"}),
        (" ".join(f"word{row}" for row in range(300)), "Markdown", "a.md", set()),
        (" ".join(f"word{row}" for row in range(300)), "Python", "a.py", {"longest_line", "mean_line_length"}),
        (" ".join(f"word{row}" for row in range(15_000)), "Markdown", "a.md", {"longest_paragraph"}),
        (None, "Python", "a.py", set(CODE_PRESETS["code"])),
    ],
)  # fmt: skip
def test_rules_for_code(code, language, path, broken):
    table = subject.measures(files([code], [language], [path]))
    assert set(rules.failed(table, preset="code")["failed_rules"].to_pylist()[0]) == broken


def test_thresholds_of_code_are_settings():
    table = subject.measures(files([SOURCE]))
    changed = {"longest_line": {"at_most": 50}, "words": None, "longest_encoded": {"at_most": 1024}}
    assert rules.failed(table, preset="code", thresholds=changed)["failed_rules"].to_pylist() == [["longest_line"]]
    assert set(columns("code")) <= set(table.column_names)
    assert thresholds_of([{"op": "score.rules.failed", "with": {"preset": "code"}}])["longest_line"] == {
        "at_most": 1000
    }
