"""What of an HTML page a reader sees.

Everything a compiled loop calls is in this file, for numba's cache only notices changes of the file of the entry.
"""

# mypy: disable-error-code="no-untyped-def"

import numpy as np
from numba import njit

# Nothing is allocated inside, so the compiler need not count references to arrays in the inner loops.
_compiled = njit(cache=True, nogil=True, _nrt=False)  # type: ignore[call-overload]

UNSEEN = np.frombuffer(b"script\0style\0template\0", np.uint8)
"""Elements whose content is not shown, each name closed by a zero byte."""
_LONGEST_ENTITY = 34  # &CounterClockwiseContourIntegral; and its two signs


@_compiled
def _is_letter(byte):
    return ord("a") <= byte | 0x20 <= ord("z")


@_compiled
def _comment_end(data, i, end):
    while i + 2 < end:
        if data[i] == ord("-") and data[i + 1] == ord("-") and data[i + 2] == ord(">"):
            return i + 3
        i += 1
    return end


@_compiled
def _tag_end(data, i, end):
    """Return where the tag at `i` is over; a `>` between quotes is no end of it."""
    quote = 0
    while i < end:
        byte = data[i]
        if quote:
            quote = 0 if byte == quote else quote
        elif byte == ord(">"):
            return i + 1
        elif byte in (ord('"'), ord("'")) and data[i - 1] == ord("="):
            quote = byte
        i += 1
    return end


@_compiled
def _named(data, i, end, names, at):
    """Whether the name `names[at:]`, up to its zero byte, stands at `i`, in any case."""
    while names[at]:
        if i >= end or data[i] | 0x20 != names[at]:
            return False
        i, at = i + 1, at + 1
    return i >= end or not (_is_letter(data[i]) or data[i] == ord("-"))


@_compiled
def _unseen(data, i, end, names):
    """Return where in `names` the element that opens at `i` is listed, -1 where it is not."""
    at = 0
    while at < len(names):
        if _named(data, i + 1, end, names, at):
            return at
        while names[at]:
            at += 1
        at += 1
    return -1


@_compiled
def _closing(data, i, end, names, at):
    """Return where the closing tag of an element begins, the end of the text where it is never closed."""
    while i + 1 < end:
        if data[i] == ord("<") and data[i + 1] == ord("/") and _named(data, i + 2, end, names, at):
            return i
        i += 1
    return end


@_compiled
def _after_markup(data, i, end, names):
    """Return where the markup that begins at `i` is over; `i` when it is a plain `<`."""
    if i + 3 < end and data[i + 1] == ord("!") and data[i + 2] == ord("-") and data[i + 3] == ord("-"):
        return _comment_end(data, i + 4, end)
    if i + 1 >= end or not (_is_letter(data[i + 1]) or data[i + 1] in (ord("/"), ord("!"), ord("?"))):
        return i
    at = _unseen(data, i, end, names)
    stop = _tag_end(data, i + 1, end)
    return stop if at < 0 or data[stop - 2] == ord("/") else _closing(data, stop, end, names, at)


@_compiled
def _after_entity(data, i, end):
    """Return where the entity at `i`, `&lt;` or `&#60;`, is over; the next byte where there is none."""
    for stop in range(i + 1, min(end, i + _LONGEST_ENTITY)):
        byte = data[stop]
        if byte == ord(";") and stop > i + 1:
            return stop + 1
        if not (_is_letter(byte) or ord("0") <= byte <= ord("9") or (byte == ord("#") and stop == i + 1)):
            break
    return i + 1


@_compiled
def _count(data, i, end, names):
    """Return characters outside markup, and all characters; blanks aside."""
    seen, whole = np.int64(0), np.int64(0)
    for k in range(i, end):
        whole += data[k] > 32 and data[k] & 0xC0 != 0x80
    while i < end:
        byte, after = data[i], i + 1
        if byte == ord("<"):
            after = _after_markup(data, i, end, names)
        elif byte == ord("&"):
            after = _after_entity(data, i, end)
        if after == i or byte != ord("<"):
            seen += byte > 32 and byte & 0xC0 != 0x80
        i = max(after, i + 1)
    return seen, whole


@_compiled
def visible(data, bounds, wanted, names, out):
    """Fill `out[d]` with the characters a reader sees of page `d`, and all of them, where it is wanted."""
    for d in range(len(wanted)):
        if wanted[d]:
            out[d, 0], out[d, 1] = _count(data, bounds[d], bounds[d + 1], names)
