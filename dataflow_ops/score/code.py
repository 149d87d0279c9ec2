"""What can be said of a code file by rules alone: its language, how it is written, whether it parses."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from dataflow_ops.columns import put, strings
from dataflow_ops.languages import ASSEMBLY, DATA, LONG_LINES, By, decided_by_name, is_documentation, language_of
from dataflow_ops.op import Reads, Writes
from dataflow_ops.score._code_markers import found_in
from dataflow_ops.score._code_parser import parsed

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
"""Seconds that one file may take."""

TOLERANCE: Mapping[str, float] = {"C": 0.1, "C++": 0.1, "HTML": 0.05}
"""The share of a file that need not be readable, where a sound file is often not readable in full."""


def language(
    table: pa.Table,
    *,
    code: Reads = "code",
    path: Reads | None = "path",
    language: Writes = "language",
    language_by: Writes = "language_by",
) -> pa.Table:
    """Tell the programming language of a file, "Python" or "C++", and what told it.

    `language_by` is `name` (file name or its ending), `shebang` (the interpreter that the first line calls) or
    `content` (an editor's mode line, how the file begins, or keywords that speak clearly for one language). Endings of
    several languages, such as `.h`, `.m`, `.pl` and `.inc`, are settled by the content. Both are null where nothing
    tells it: there is no guess. With `path` None the content alone decides.
    """
    codes = strings(table, code)
    paths = strings(table, path).to_pylist() if path is not None else [None] * table.num_rows
    found: list[tuple[str | None, By | None]] = [(decided_by_name(each), "name") for each in paths]
    open_ = [row for row, (named, _) in enumerate(found) if named is None]
    for row, text in zip(open_, _rows(codes, open_), strict=True):
        found[row] = language_of(paths[row], text)
    told = put(table, language, pa.array([name for name, _ in found], pa.string()))
    return put(told, language_by, pa.array([by for _, by in found], pa.string()))


def measures(
    table: pa.Table,
    *,
    code: Reads = "code",
    path: Reads | None = "path",
    language: Reads = "language",
    long_line_languages: tuple[str, ...] = LONG_LINES,
    data_languages: tuple[str, ...] = DATA,
    assembly_languages: tuple[str, ...] = ASSEMBLY,
    marker_lines: int = 5,
    prefix: str = "",
) -> pa.Table:
    r"""Measure a code file by rules: how long, of what characters, how much of it repeats, is encoded or generated.

    A null file has null measures; a ratio to nothing is null. Counts are int32, ratios float64, 0 to 1. A word is a run
    of letters, digits and underscores; lines and n-grams are compared as written, blanks aside. A column of the same
    name is replaced.

    ===========================  =======================================================================================
    length                       characters (Unicode code points); a line end counts as one
    lines                        lines, empty ones too; ends are LF, CR LF or CR
    mean_line_length             characters without line ends / lines
    longest_line                 characters of the longest line
    alphabetic_ratio             letters of any script / length
    alphanumeric_ratio           letters and digits / length
    brace_ratio                  `{` and `}` / length
    encoded_ratio                characters in encoded data / length: Base64 (64 or more characters in a row, capitals,
                                 small letters and digits), hexadecimal numbers of 32 or more digits, and 8 or more in a
                                 row of `0x…` numbers, two-digit hexadecimal numbers, `\xHH`, `\uHHHH` or `\UHHHHHHHH`
    longest_encoded              characters of the longest of them; those parted by blanks, commas and quotes are one
    words                        words
    capital_word_ratio           words of two or more characters whose letters are all capitals / words
    word_entropy                 Shannon entropy of the words, bits
    duplicate_line_ratio         lines that copy an earlier one / lines, of those with a letter or digit
    duplicate_{2..5}gram_ratio   n-grams of words that occur more than once, every occurrence / n-grams; 0 without any
    generated_marker             how a comment in the first `marker_lines` lines, or one that goes on behind them, says
                                 that the file was generated, such as `do not edit`; null where none does
    auto_generated               whether one does
    visible_characters           of HTML: characters outside tags, comments, scripts and styles, blanks aside; else null
    visible_ratio                the same / characters, blanks aside; null for other languages
    ===========================  =======================================================================================

    Rules differ by language. These say, true or false, which hold: `long_lines_usual` (a language of
    `long_line_languages`), `data_file` (of `data_languages`), `assembly_file` (of `assembly_languages`), `html_file`,
    `text_file` (plain text), and `documentation_name`: whether a file is named readme, notes, todo, description,
    cmakelists or requirements. Without a language all but the last are false. `score.code.language` tells the language;
    with `path` None no name is known. `prefix` goes before every column name.
    """
    from dataflow_ops.score._code_batches import count  # noqa: PLC0415 - numba takes half a second

    codes, languages = strings(table, code), strings(table, language)
    kinds = _kinds(languages, long_line_languages, data_languages, assembly_languages)
    counts = count(codes, kinds["html_file"])
    null = counts["valid"] == 0
    names = strings(table, path).to_pylist() if path is not None else [None] * table.num_rows
    named = np.array([is_documentation(name) for name in names], bool)
    for name, values in {**_numbers(counts), **kinds, "documentation_name": named}.items():
        table = put(table, prefix + name, pa.array(values, mask=null | np.isnan(values)))
    table = _with_visible(table, counts, ~kinds["html_file"] | null, prefix)
    markers = found_in(codes, marker_lines)
    table = put(table, f"{prefix}generated_marker", pa.array(markers, pa.string()))
    said = np.array([each is not None for each in markers], bool)
    return put(table, f"{prefix}auto_generated", pa.array(said, mask=null))


def parses(
    table: pa.Table,
    *,
    code: Reads = "code",
    language: Reads = "language",
    parses: Writes = "parses",
    parse_error: Writes = "parse_error",
    unread_ratio: Writes = "unread_ratio",
    most_unread: Share = 0.0,
    tolerance: dict[str, Share] | None = None,
    seconds: Seconds = 10.0,
) -> pa.Table:
    """Say whether a file parses in its language: null where there is no grammar for it.

    Python is read by Python's own parser, of the version that runs this, all of it or nothing; the others by the
    grammars of tree-sitter, which go on behind what they cannot read: Bash, C, C#, C++, CSS, Go, HTML, Java,
    JavaScript, JSON, Julia, Kotlin, Lua, PHP, Ruby, Rust, Scala, Swift, TOML, TypeScript, YAML. A file parses when at
    most a share of `most_unread` of its bytes could not be read, and for a language in `tolerance` at most the share
    there: by default 0.1 for C and C++, where macros can be anything, and 0.05 for HTML, which browsers forgive.

    `unread_ratio` is that share. `parse_error` says of a file that does not parse what is wrong first, such as "not
    valid Go: line 3, column 7: missing '}'". A file that takes longer than `seconds`, or crashes the parser, which runs
    in a process of its own, does not parse.
    """
    allowed = TOLERANCE if tolerance is None else tolerance
    languages = strings(table, language).to_pylist()
    codes = (value.as_py() for value in strings(table, code))
    found = list(parsed(zip(codes, languages, strict=True), seconds))
    read = [
        each and each[0] <= allowed.get(name or "", most_unread) for each, name in zip(found, languages, strict=True)
    ]
    errors = [each[1] if each and not fine else None for each, fine in zip(found, read, strict=True)]
    table = put(table, parses, pa.array(read, pa.bool_()))
    table = put(table, parse_error, pa.array(errors, pa.string()))
    return put(table, unread_ratio, pa.array([each and each[0] for each in found], pa.float64()))


def _rows(column: pa.ChunkedArray, rows: Sequence[int]) -> list[str | None]:
    """Return some rows as Python strings: the others, most of the bytes, are never converted."""
    if not rows:
        return []
    wide = column.cast(pa.large_string())  # the offsets of what is taken may not fit into 32 bits
    found: list[str | None] = wide.take(pa.array(rows, pa.int64())).to_pylist()
    return found


def _kinds(
    languages: pa.ChunkedArray, long_lines: Sequence[str], data: Sequence[str], assembly: Sequence[str]
) -> dict[str, np.ndarray]:
    """Return which rules hold for each row."""
    groups = {
        "long_lines_usual": long_lines,
        "data_file": data,
        "assembly_file": assembly,
        "html_file": ["HTML"],
        "text_file": ["Text"],
    }
    wide = languages.cast(pa.large_string())
    return {
        name: np.asarray(pc.is_in(wide, value_set=pa.array(list(group), pa.large_string())), bool)
        for name, group in groups.items()
    }


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def _numbers(c: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    length, words, written = c["length"], c["words"], c["written_lines"]
    whole = {name: c[name].astype(np.int32) for name in ("length", "lines", "longest_line", "words", "longest_encoded")}
    return {
        **whole,
        "mean_line_length": _ratio(length - c["line_ends"], c["lines"]),
        "alphabetic_ratio": _ratio(c["alphabetic"], length),
        "alphanumeric_ratio": _ratio(c["alphanumeric"], length),
        "brace_ratio": _ratio(c["braces"], length),
        "encoded_ratio": _ratio(c["encoded"], length),
        "capital_word_ratio": _ratio(c["capital_words"], words),
        "word_entropy": c["entropy"],
        "duplicate_line_ratio": _ratio(written - c["different_lines"], written),
        **{f"duplicate_{n}gram_ratio": _repeated(c[f"repeated_{n}"], words, n) for n in range(2, 6)},
    }


def _repeated(repeated: np.ndarray, words: np.ndarray, n: int) -> np.ndarray:
    return np.where(words > 0, repeated / np.maximum(words - n + 1, 1), np.nan)


def _with_visible(table: pa.Table, c: dict[str, np.ndarray], null: np.ndarray, prefix: str) -> pa.Table:
    """Return `table` with what a reader of HTML sees; `null` marks rows that are none."""
    seen, share = c["visible"].astype(np.int32), _ratio(c["visible"], c["page"])
    table = put(table, f"{prefix}visible_characters", pa.array(seen, mask=null))
    return put(table, f"{prefix}visible_ratio", pa.array(share, mask=null | np.isnan(share)))
