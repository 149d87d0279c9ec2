"""Numbers as people read them: per cent, bytes, ticks of an axis."""

import math


def share(part: float, whole: float) -> str:
    """Return a part as per cent of a whole, with the digits that its size needs; never 0 or 100 % unless it is."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    if percent in (0, 100):
        return f"{percent:.0f} %"
    if percent < 0.1:
        return f"{percent:.1g} %" if percent >= 0.001 else "<0.001 %"
    # Rounded down: 99.9996 % is not 100 %.
    return f"{percent:.1f} %" if percent <= 99.9 else f"{math.floor(percent * 1000) / 1000:g} %"


def size(count: float) -> str:
    """Return bytes in the unit that suits them, `203.6 MiB`."""
    units = ("bytes", "KiB", "MiB", "GiB", "TiB")
    power = next((place for place in range(len(units)) if count < 1024 ** (place + 1)), len(units) - 1)
    return f"{count:,} bytes" if power == 0 else f"{count / 1024**power:,.1f} {units[power]}"


def count(number: int, thing: str) -> str:
    """Return `1 file` and `2 files`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def short(value: float) -> str:
    """Return a number in a few characters: 12000 as 12k, 3400000 as 3.4M."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.4g}{unit}".replace("-", "−")
    return f"{value:.4g}".replace("-", "−")
