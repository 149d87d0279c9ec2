"""Clean and normalise text."""

import unicodedata
from typing import Literal

import pyarrow as pa

from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Changes
from dataflow_ops.refine import _characters, _html, _links, _wording
from dataflow_ops.refine._rewrite import line_by_line, rewrite

_NOT_ASCII = r"[^\x00-\x7f]"


def strip_html(table: pa.Table, *, text: Changes = "text") -> pa.Table:
    """Turn HTML into plain text: tags, comments, scripts and styles go, entities become the characters they stand for.

    Blocks become paragraphs, items and rows lines. Only elements of HTML, SVG and MathML count as tags, so `a < b`,
    `List<String>` and `<stdio.h>` stay. An entity is decoded once: `&amp;lt;` becomes `&lt;`.
    """
    return rewrite(table, text, r"<[A-Za-z/!?]|[&＆][#A-Za-z]", _html.without_markup)


def drop_urls(table: pa.Table, *, text: Changes = "text") -> pa.Table:
    """Remove web addresses (http, https, ftp, www); of a Markdown link its words stay, and so does a final full stop."""
    return rewrite(table, text, r"(?i)://|www\.", _links.without_urls)


def drop_references(table: pa.Table, *, text: Changes = "text", numbered: bool = True) -> pa.Table:
    """Remove citation marks: `<ref>…</ref>`, `{{cite …}}`, `[citation needed]` and, if `numbered`, `[12]`, `[3, 4]`.

    Turn `numbered` off for code and mathematics, where `[3, 4]` may be an interval or a list.
    """
    needed = r"(?i)<ref[\s>/]|\{\{\s*(?:cit|sfn|efn|refn|harv)|needed\]|(?:when|whom?)\?\]"
    needed += r"|\[[1-9][0-9]{0,2}[\],; –-]" if numbered else ""
    return rewrite(table, text, needed, lambda value: _links.without_references(value, numbered))


def drop_image_references(table: pa.Table, *, text: Changes = "text") -> pa.Table:
    """Remove what stands for a picture: `![alt](url)`, `<img …>`, `[[File:…]]`, `[image: …]`; no other word."""
    needed = r"(?i)!\[|<img|\[\[[^\[\]:]{1,12}:|\[(?:image|img|picture|photo|figure|图片|图像)"
    return rewrite(table, text, needed, _links.without_images)


def drop_emoji(table: pa.Table, *, text: Changes = "text") -> pa.Table:
    """Remove emoji: joined sequences, skin tones, flags and keycaps as wholes; © and → stay unless styled as emoji."""
    return rewrite(table, text, _characters.EMOJI, _characters.without_emoji)


def drop_emoticons(table: pa.Table, *, text: Changes = "text") -> pa.Table:
    """Remove faces typed as punctuation, `:-)`, where they stand alone; `8)`, `<3` and `:/` are too often something else."""
    return rewrite(table, text, f"(?m){_characters.EMOTICON}", _characters.without_emoticons)


def drop_control_characters(table: pa.Table, *, text: Changes = "text") -> pa.Table:
    """Remove characters that cannot be seen: controls, byte order marks, soft hyphens, zero-width spaces, direction marks.

    Whatever else ends a line (carriage return, form feed, U+2028) becomes a line feed; tabs stay.
    """
    return rewrite(table, text, _characters.HIDDEN, _characters.without_invisible)


def fix_mojibake(table: pa.Table, *, text: Changes = "text") -> pa.Table:
    """Repair text that was decoded with the wrong character set, `sÃ³` to `só`, line by line (ftfy)."""
    from dataflow_ops.refine import _mojibake  # noqa: PLC0415 - ftfy takes 0.1 s to import

    return rewrite(table, text, _mojibake.suspicious(), _mojibake.repaired)


def normalize_unicode(
    table: pa.Table, *, text: Changes = "text", form: Literal["NFC", "NFD", "NFKC", "NFKD"] = "NFC"
) -> pa.Table:
    """Bring text into one Unicode normal form; the K forms also unfold ligatures, full-width letters and the like."""
    return rewrite(table, text, _NOT_ASCII, lambda value: unicodedata.normalize(form, value))


def squeeze_spaces(
    table: pa.Table, *, text: Changes = "text", newlines: Literal["paragraphs", "none"] = "paragraphs"
) -> pa.Table:
    """Make every run of white space one space, trim lines and text, and keep at most one empty line in a row.

    With `newlines="none"` the whole text becomes one line. Indentation goes too: keep this away from code.
    """
    one_line = newlines == "none"
    needed = _characters.UNTIDY + (r"|\n" if one_line else "")
    return rewrite(table, text, needed, lambda value: _characters.spaced(value, one_line))


def squeeze_punctuation(table: pa.Table, *, text: Changes = "text", at_most: int = 1) -> pa.Table:
    """Shorten runs of one mark: `!!!!` to `at_most`, `.....` and `-----` to three."""
    if at_most < 1:
        raise BadArgument(f"at_most={at_most!r}: expected 1 or more; drop_punctuation removes all marks")
    return rewrite(table, text, _characters.REPEATED, lambda value: _characters.squeezed(value, at_most))


def drop_punctuation(table: pa.Table, *, text: Changes = "text") -> pa.Table:
    """Remove all punctuation of all scripts, and the ASCII signs `$+<=>^`|~`."""
    return rewrite(table, text, r"[\pP$+<=>^`|~]", _characters.without_punctuation)


def drop_numbers(table: pa.Table, *, text: Changes = "text", inside_words: bool = False) -> pa.Table:
    """Remove numbers with their sign and separators; digits of words such as `H2O` only if `inside_words`."""
    return rewrite(table, text, r"\p{Nd}", lambda value: _wording.without_numbers(value, inside_words))


def lowercase(table: pa.Table, *, text: Changes = "text") -> pa.Table:
    """Make all letters small."""
    return rewrite(table, text, rf"[A-Z]|{_NOT_ASCII}", str.lower)


def expand_contractions(table: pa.Table, *, text: Changes = "text") -> pa.Table:
    """Write out English contractions, `can't` to `cannot`; what has several readings ('s, 'd, ain't) stays."""
    needed = r"(?i)['’ʼ](?:t|m|s|re|ve|ll|all)|gimme|gonna|gotta|wanna|lemme"
    return rewrite(table, text, needed, _wording.expanded)


def drop_stop_words(table: pa.Table, *, text: Changes = "text", words: list[str] | None = None) -> pa.Table:
    """Remove function words whatever their case: the English ones, or `words`."""
    chosen = _wording.STOP_WORDS if words is None else frozenset(word.lower().replace("’", "'") for word in words)
    return rewrite(table, text, r"\pL|\p{Nd}", lambda value: _wording.without_words(value, chosen))


def normalize_dates(
    table: pa.Table, *, text: Changes = "text", numeric: Literal["dmy", "mdy"] | None = None
) -> pa.Table:
    """Write dates as 2024-03-05: English ones with the month's name, 2024/3/5, 2024年3月5日 and figures alone.

    `3/4/2024` is rewritten only if `numeric` says how to read it; `25/12/2024` can be read in one way. Dates that
    do not exist stay.
    """

    def change(value: str) -> str:
        return line_by_line(value, _wording.DATE, lambda line: _wording.dated(line, numeric))

    return rewrite(table, text, _wording.DATE, change)


def normalize_currency(table: pa.Table, *, text: Changes = "text") -> pa.Table:
    """Write amounts of money with the ISO code behind: `$5.50` to `5.50 USD`, `5 €` to `5 EUR`; ¥ has two readings.

    Lines with formulas between dollars, `$5 + x$`, are left alone.
    """
    return rewrite(table, text, r"[$€£₹₩₽₺₫₪฿₴]", _wording.priced)
