"""What can be measured on a text by rules alone, in one pass over its bytes."""

from typing import Literal

import numpy as np
import pyarrow as pa

from dataflow_ops.columns import put, strings
from dataflow_ops.op import Reads
from dataflow_ops.score.wordlists import words as listed

Group = Literal["quality", "repetition"]

WATERMARKS = ("Copyright", "Watermark", "Confidential")
ID_TERMS = ("身份", "id number", "identification", "identity", "id no", "id card", "nric number", "ic number",
            "resident registration", "i.d. number")  # fmt: skip


def measures(
    table: pa.Table,
    *,
    text: Reads = "text",
    groups: tuple[Group, ...] = ("quality", "repetition"),
    stop_words: list[str] | None = None,
    blocklist: list[str] | None = None,
    watermarks: list[str] | None = None,
    id_terms: list[str] | None = None,
    prefix: str = "",
) -> pa.Table:
    """Measure `text` by rules: how long, how it is written, what it holds that it should not, how much repeats.

    Words lie between blanks; in scripts without blanks the defaults of UAX #29 hold: a Han or Hiragana character is a
    word, a run of Katakana is one; Hangul goes by blanks. In Thai, Lao, Khmer and Myanmar a letter with its marks is a
    word, about three to a real one. A null text has null measures; a ratio to nothing is null. Counts are int32, ratios
    float64 (0 to 1 unless noted). A column of the same name is replaced.

    Group `quality` ("[G]": Rae et al. 2021, appendix A1.1; the rest is common practice of web corpora):

    =============================  ====================================================================================
    words, characters              words; characters that are not blank
    length, lines                  characters; lines, empty ones too
    unspaced_word_ratio            words of scripts without blanks / words
    mean_word_length               characters that are not blank / words [G]
    sentences                      pieces with a letter or digit, between sentence-ending marks and line ends
    symbol_word_ratio              `#`, `...`, `…` / runs of letters or of signs; may exceed 1
    hash_word_ratio                `#` / words [G]; may exceed 1
    ellipsis_word_ratio            `...`, `…` / words [G]; may exceed 1
    ellipsis_line_ratio            lines that end with `...` or `…` / lines with something on them [G]
    bullet_line_ratio              lines that begin with one of •‣▶◀◦■□▪▫– / lines with something on them
    list_line_ratio                the same, or with `-`, `*` or `+` and a blank (Markdown lists) [G]
    colon_end                      whether the text ends with a colon, true or false
    longest_unpunctuated_run       words in a row on a line without . ! ? , ; / | … • – or CJK punctuation
    brace_ratio                    `{` and `}` / length
    capital_word_ratio             words whose letters are all capitals / words
    alphabetic_word_ratio          words with a letter of any script / words [G]
    unique_word_ratio              different words, lower case, signs included / words
    stop_words, stop_word_ratio    words in `stop_words`; the same / words
    gopher_stop_words              how many of the, be, to, of, and, that, have, with there are, 0 to 8 [G]
    blocklist_hits                 words in `blocklist`; entries of several words or unspaced scripts anywhere
    watermark_words                occurrences of `watermarks`, case matters
    id_terms                       occurrences of `id_terms` as whole words; blanks in them may vary or be missing
    html_entities                  named entities (`&nbsp;`, `&lt`) left in the text, full-width `＆` too
    special_characters             U+200E, U+FFFD, □, `&#247;`, `? :`, `{/U}`, written-out `U+26xx`, `U+1Fxxx`
    lorem_ipsum, _ratio            occurrences of `lorem ipsum`; the same / length
    javascript_lines               lines that name JavaScript, signs within the word ignored
    lines_without_javascript       the other lines
    =============================  ====================================================================================

    Group `repetition` ([G], table A1). Lines, paragraphs (parted by blank lines) and words are compared in lower case,
    blanks aside; words of n-grams without signs. Ratios of characters are to `characters`, none counted twice:

    ===================================  ==============================================================================
    duplicate_line_ratio                 lines that copy an earlier one / lines with something on them
    duplicate_line_character_ratio       characters in them
    duplicate_paragraph_ratio            paragraphs that copy an earlier one / paragraphs
    duplicate_paragraph_character_ratio  characters in them
    top_{2,3,4}gram_character_ratio      characters in the most frequent n-gram; 0 when none occurs twice
    duplicate_{5..10}gram_character_ratio  characters in n-grams that occur more than once, every occurrence
    unique_5gram_ratio                   different 5-grams / 5-grams; null below 5 words
    ===================================  ==============================================================================

    `stop_words` and `blocklist` are in lower case; default: English function words, and offensive, adult and spam words
    in English and Chinese. `prefix` goes before every column name. Raises BadArgument when `text` is not a string column.
    """
    from dataflow_ops.score._text_kernel_batches import Lists, count  # noqa: PLC0415 - numba takes half a second

    lists = Lists(
        stop_words=tuple(listed("stop_words.en") if stop_words is None else stop_words),
        blocklist=tuple(listed("blocklist.en") + listed("blocklist.zh") if blocklist is None else blocklist),
        watermarks=tuple(WATERMARKS if watermarks is None else watermarks),
        id_terms=tuple(ID_TERMS if id_terms is None else id_terms),
    )
    counts = count(strings(table, text), lists, repeats="repetition" in groups)
    columns = {
        **(_quality(counts) if "quality" in groups else {}),
        **(_repetition(counts) if "repetition" in groups else {}),
    }
    null = counts["valid"] == 0
    for name, values in columns.items():
        table = put(table, prefix + name, pa.array(values, mask=null | np.isnan(values)))
    return table


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def _quality(c: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    words, lines = c["words"], c["written_lines"]
    whole = {
        "words": words,
        "characters": c["characters"],
        "length": c["length"],
        "lines": c["lines"],
        "sentences": c["sentences"],
        "longest_unpunctuated_run": c["longest_run"],
        "stop_words": c["stop_words"],
        "gopher_stop_words": c["gopher_words"],
        "blocklist_hits": c["blocked"] + c["blocked_terms"],
        "watermark_words": c["watermarks"],
        "id_terms": c["id_terms"],
        "html_entities": c["entities"],
        "special_characters": c["special"],
        "lorem_ipsum": c["lorem_ipsum"],
        "javascript_lines": c["javascript_lines"],
        "lines_without_javascript": c["lines"] - c["javascript_lines"],
    }
    return {
        **{name: values.astype(np.int32) for name, values in whole.items()},
        "colon_end": c["colon_end"].astype(bool),
        "unspaced_word_ratio": _ratio(c["unspaced"], words),
        "mean_word_length": _ratio(c["characters"], words),
        "symbol_word_ratio": _ratio(c["hashes"] + c["ellipses"], c["tokens"]),
        "hash_word_ratio": _ratio(c["hashes"], words),
        "ellipsis_word_ratio": _ratio(c["ellipses"], words),
        "ellipsis_line_ratio": _ratio(c["ellipsis_lines"], lines),
        "bullet_line_ratio": _ratio(c["bullet_lines"], lines),
        "list_line_ratio": _ratio(c["list_lines"], lines),
        "brace_ratio": _ratio(c["braces"], c["length"]),
        "capital_word_ratio": _ratio(c["capital"], words),
        "alphabetic_word_ratio": _ratio(c["alphabetic"], words),
        "unique_word_ratio": _ratio(c["unique"], words),
        "stop_word_ratio": _ratio(c["stop_words"], words),
        "lorem_ipsum_ratio": _ratio(c["lorem_ipsum"], c["length"]),
    }


def _repetition(c: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    characters = c["characters"]
    return {
        "duplicate_line_ratio": _ratio(c["copied_lines"], c["written_lines"]),
        "duplicate_line_character_ratio": _ratio(c["copied_line_characters"], characters),
        "duplicate_paragraph_ratio": _ratio(c["copied_paragraphs"], c["paragraphs"]),
        "duplicate_paragraph_character_ratio": _ratio(c["copied_paragraph_characters"], characters),
        **{f"top_{n}gram_character_ratio": _ratio(c[f"top_{n}"], characters) for n in range(2, 5)},
        **{f"duplicate_{n}gram_character_ratio": _ratio(c[f"repeated_{n}"], characters) for n in range(5, 11)},
        "unique_5gram_ratio": _ratio(c["unique_five_grams"], c["five_grams"]),
    }
