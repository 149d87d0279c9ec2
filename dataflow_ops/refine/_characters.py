"""Single characters and runs of them: invisible ones, emoji, emoticons, marks, spaces."""

import re
from functools import lru_cache

import regex

# C0 and C1 except tab and line feed, soft hyphen, zero-width space, direction marks, word joiner, BOM, noncharacters.
# The zero-width joiner and non-joiner stay: Persian, Indic scripts and emoji are spelt with them.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef"
    r"\ufffe\uffff]"
)
_BREAK = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")

HIDDEN = (
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\x{ad}\x{200b}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2060}-\x{2064}\x{2066}-\x{206f}\x{feff}"
    r"\x{fff9}-\x{fffb}\x{fdd0}-\x{fdef}\x{fffe}\x{ffff}]"
)

# A text symbol such as © or ↔ is an emoji only with the selector U+FE0F; hearts, suns and ticks (U+2600-27BF) always.
_EMOJI = regex.compile(
    r"""[0-9\#*]\ufe0f?\u20e3
    |(?:[\p{Emoji_Presentation}\U0001f000-\U0001faff--\p{L}--\p{N}]|[\u2600-\u27bf&&\p{Emoji}]|[\p{Emoji}--[0-9\#*]](?=\ufe0f))
     \ufe0f?\p{Emoji_Modifier}?[\U000e0020-\U000e007f]*+\u200d?
    |\ufe0f""",
    regex.VERSION1 | regex.VERBOSE,
)
EMOJI = r"[\x{1f000}-\x{1faff}\x{2600}-\x{27bf}\x{231a}-\x{23ff}\x{25fd}\x{25fe}\x{2b1b}-\x{2b55}\x{20e3}\x{fe0f}]"

# Stands alone between spaces or before a full stop. Left out because they mean something else as often: `8)` and `B)`
# (lists), `D:` (a drive), `<3` (less than three), `:|` (tables), `:/` (paths), `:{` and `=[` (code).
_EMOTICON = re.compile(
    r"(?<!\S)(?:[>}]?(?:[:;][-^~o'’]{1,2}[)(\]\[}{DPp*@$3oO/\\]|[:;=][)(DPp*]|[xX]D)"
    r"|\([-^'’]?[:;]|\(?[\^><oOTt;-]_+[\^><oOTt;-]\)?|\^[.o]?\^|¯\\_\(ツ\)_/¯|</3|\\[oO]/)(?=$|[\s.,!?…])"
)
EMOTICON = (
    r"(?:^|[\s\x{85}-\x{3000}])(?:[>}]?[:;=xX][-'’o^~)(DPp*]|\([-^'’:;]|\(?[\^><oOTt;-]_|\^[.o]?\^|¯|\\[oO]/|</3)"
)

_PUNCTUATION = regex.compile(r"[\p{P}$+<=>^`|~]+")

_MARKS = "!?,;！？。，、；：؟।"
_RUN = "-–—=_*~#+"
REPEATED = "|".join(f"{re.escape(mark)}{{2}}" for mark in _MARKS) + r"|[.…·-]{4}|[–—=_*~#+]{4}|[!?]{4}"
UNTIDY = r"[ \t]{2}|[ \t]\n|\n[ \t]|\n{3}|^\s|\s$|[\t\r\x0b\x0c\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"


def without_invisible(text: str) -> str:
    """Return `text` without control characters; whatever else ends a line becomes a line feed."""
    return _INVISIBLE.sub("", _BREAK.sub("\n", text))


def without_emoji(text: str) -> str:
    """Return `text` without emoji, joined and flag sequences as wholes."""
    return _EMOJI.sub("", text)


def without_emoticons(text: str) -> str:
    """Return `text` without faces typed as punctuation."""
    return _EMOTICON.sub("", text)


def without_punctuation(text: str) -> str:
    """Return `text` without punctuation."""
    return _PUNCTUATION.sub("", text)


@lru_cache(maxsize=16)
def _repeated(at_most: int) -> re.Pattern[str]:
    marks, run = re.escape(_MARKS), re.escape(_RUN)
    return re.compile(
        rf"(?P<pair>\?!|!\?)(?P=pair)+|(?P<mark>[{marks}])(?P=mark){{{at_most},}}"
        rf"|(?P<stop>[.…·])(?P=stop){{3,}}|(?P<rule>[{run}])(?P=rule){{3,}}"
    )


def squeezed(text: str, at_most: int) -> str:
    """Return `text` with each run of one mark shortened: sentence marks to `at_most`, dots and rules to three."""
    return _repeated(at_most).sub(lambda run: _short(run, at_most), text)


def _short(run: re.Match[str], at_most: int) -> str:
    if run["pair"]:
        return run["pair"]
    return run["mark"] * at_most if run["mark"] else run[0][:3]


def spaced(text: str, one_line: bool) -> str:
    """Return `text` with single spaces, bare line ends and at most one empty line; or all of it on `one_line`."""
    if one_line:
        return " ".join(text.split())
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return _BLANKS.sub("\n\n", "\n".join(lines)).strip("\n")


_BLANKS = re.compile(r"\n{3,}")
