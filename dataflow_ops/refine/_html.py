"""Markup out of text in one pass: linear in the length of the text, whatever is in it."""

import html
import re
from collections.abc import Iterator
from html.entities import html5

# Elements of HTML, and the common ones of SVG and MathML. A name that is not here is no tag: `<stdio.h>`, `List<String>`.
_BLOCKS = (
    "address article aside blockquote body center details dialog dir div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 "
    "head header hgroup hr html main menu nav ol p pre search section summary table title ul"
)
_ROWS = "br caption dd dt figcaption frame frameset legend li optgroup option tbody tfoot thead tr"
_SPANS = (
    "a abbr acronym applet area audio b base basefont bdi bdo big blink button canvas cite code col colgroup data datalist "
    "del dfn em embed font i iframe img input ins kbd label link map mark marquee meta meter nobr noframes noscript object "
    "output param picture portal progress q rp rt ruby s samp script select slot small source span strike strong style sub "
    "sup template textarea time track tt u var video wbr "
    "svg g path rect circle ellipse line polyline polygon text tspan defs use symbol clipPath mask linearGradient "
    "radialGradient stop foreignObject math mi mn mo mtext mrow mfrac msqrt mroot msub msup msubsup munder mover mtable mtr "
    "mtd mstyle semantics annotation"
)
_PARAGRAPHS, _LINES, _CELLS = frozenset(_BLOCKS.split()), frozenset(_ROWS.split()), frozenset(("td", "th"))
_ELEMENTS = _PARAGRAPHS | _LINES | _CELLS | frozenset(_SPANS.split())
_RAW = {name: re.compile(rf"</{name}\b[^<>]*+>", re.IGNORECASE) for name in ("script", "style")}

# Attributes that may stand without a value; any other bare word makes it prose or code: `a<b and c>d`.
_FLAGS = (
    "allowfullscreen|async|autofocus|autoplay|checked|compact|controls|default|defer|disabled|formnovalidate|hidden|inert|"
    "ismap|itemscope|loop|multiple|muted|nohref|nomodule|noresize|noshade|novalidate|nowrap|open|playsinline|readonly|"
    "required|reversed|selected|data-[\\w-]+"
)
# A quoted value may hold `<`, but never what may itself start a long tag: so no stretch of text is scanned twice.
_NAMES = "|".join(  # grouped by first letter: four times faster than one flat list
    f"{first}(?:{'|'.join(sorted((name[1:] for name in _ELEMENTS if name[0] == first), key=len, reverse=True))})"
    for first in sorted({name[0] for name in _ELEMENTS})
)
_START = rf"</?(?:{_NAMES})[\s/>]"
_VALUE = (
    "|".join(rf"{q}(?:[^{q}<]|<(?![a-z/])|(?!{_START})<|<[^{q}<>]{{0,200}}>)*+{q}" for q in "\"'") + r"|[^\s\"'<>]++"
)
_ATTRIBUTE = rf"(?:[\s/]++|(?<=[\"']))(?:[^\s\"'<>/=]++\s*+=\s*+(?:{_VALUE})|(?:{_FLAGS})(?![\w-]))"
_TOKEN = re.compile(
    rf"<(?:(?P<comment>!--)|(?:!doctype\b|\?xml\b)[^<>]*+>|(?P<close>/?)(?P<name>[a-z][a-z0-9]*+)(?:{_ATTRIBUTE})*+[\s/]*+>)",
    re.IGNORECASE,
)
_ENTITY = re.compile(
    r"[&＆](?P<body>#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31})[;；]"
    # Without its semicolon only where nothing else can be meant: `a=1&copy=2` is an address.
    r"|&(?P<open>amp|lt|gt|quot|nbsp)(?![A-Za-z0-9=;])"
)
_INLINE_GAP = -1


def without_markup(text: str) -> str:
    """Return `text` without tags, comments, scripts and styles, its entities decoded once."""
    if "<" not in text:
        return _decoded(text)
    out: list[str] = []
    end, gap = 0, _INLINE_GAP
    for start, stop, width in _tags(text):
        gap = _add(out, _decoded(text[end:start]), gap)
        if width != _INLINE_GAP:
            gap = max(gap, width, _trim(out) if width else 0)
        end = stop
    _add(out, _decoded(text[end:]), gap)
    return "".join(out)


def _tags(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and the line breaks that stand for it, of each piece of markup."""
    position = 0
    unclosed: set[str] = set()
    while found := _TOKEN.search(text, position):
        position = found.end()
        name = _element(found["name"])
        if found["comment"]:
            close = -1 if "comment" in unclosed else text.find("-->", position)
            if close < 0:
                unclosed.add("comment")
                continue
            position = close + 3
        elif name is None and found["name"]:
            continue
        elif name in _RAW and not found["close"] and name not in unclosed:
            end = _RAW[name].search(text, position)
            position = end.end() if end else position
            unclosed.update(() if end else (name,))
        yield found.start(), position, _gap(name)


def _element(name: str | None) -> str | None:
    """Return the element a tag is of; `<Object>` is a type in somebody's code, `<OBJECT>` and `<object>` are tags."""
    if name is None or name in _ELEMENTS:
        return name
    return name.lower() if name.isupper() and name.lower() in _ELEMENTS else None


def _gap(name: str | None) -> int:
    if name in _PARAGRAPHS:
        return 2
    if name in _LINES:
        return 1
    return 0 if name in _CELLS else _INLINE_GAP


def _add(out: list[str], piece: str, gap: int) -> int:
    """Append `piece` after a gap of so many line breaks; return the gap that is still open."""
    if gap == _INLINE_GAP:
        out.extend([piece] if piece else [])
        return gap
    body = piece.lstrip()
    gap = max(gap, min(2, piece.count("\n", 0, len(piece) - len(body)))) if gap else 0
    if not body:
        return gap
    if out:
        out.append("\n" * gap or " ")
    out.append(body)
    return _INLINE_GAP


def _trim(out: list[str]) -> int:
    """Take the white space off the end; return how many line breaks went, two at most."""
    breaks = 0
    while out:
        last = out.pop()
        kept = last.rstrip()
        breaks += last.count("\n", len(kept))
        if kept:
            out.append(kept)
            break
    return min(2, breaks)


def _decoded(text: str) -> str:
    return _ENTITY.sub(_character, text) if "&" in text or "＆" in text else text


def _character(found: re.Match[str]) -> str:
    body = found["body"] or found["open"]
    return html.unescape(f"&{body};") if body[0] == "#" or f"{body};" in html5 else found[0]
