"""Files of code that nobody should train on, each for a fault of its own, and those that are hard to read at all."""

import json
from collections.abc import Iterator, Mapping
from random import Random
from string import ascii_letters, digits

from dataflow_ops.samples import vocabulary
from dataflow_ops.samples.snippets_dealt import Snippet


def broken() -> Iterator[Snippet]:
    """Yield files with a fault that a filter of code has to see."""
    rng = Random(7)  # noqa: S311 - to be repeatable
    for row in vocabulary.read("snippets_faults")["snippet"]:
        yield _broken(row["code"].strip("\n"), row["path"], row["language"], row["fault"])
    yield _broken(_minified(rng), "dist/widgets.min.js", "JavaScript", "minified")
    yield _broken(_minified_rules(rng), "dist/theme.min.css", "CSS", "minified")
    yield _broken(_encoded(rng), "assets/logo.py", "Python", "encoded")
    yield _broken(_hexadecimal(rng), "firmware/image.h", "C", "encoded")
    yield _broken(_escaped(rng), "lang/table.js", "JavaScript", "encoded")
    yield _broken(_measurements(rng), "data/measurements.json", "JSON", "data")
    yield _broken(_settings(rng), "data/rooms.yaml", "YAML", "data")
    yield _broken(_numbers(rng), "tables/sines.py", "Python", "numbers")
    yield _broken(_repeated(), "demo/greetings.py", "Python", "repeated")
    yield _broken(_markup(rng), "site/menu.html", "HTML", "no_text")
    yield _broken("WIDTHS = [" + ", ".join(map(str, range(60_000))) + "]\n", "tables/widths.py", "Python", "long_line")
    yield _broken("x = 1\n", "tools/x.py", "Python", "short")


def _broken(code: str, path: str, language: str, fault: str) -> Snippet:
    return Snippet(code, path, language, kind="broken", publish="no", fault=fault)


def _word(rng: Random, length: int) -> str:
    return "".join(rng.choices(ascii_letters + digits, k=length))


def _minified(rng: Random) -> str:
    parts = (f"function {_word(rng, 2)}(n,t){{return n.{_word(rng, 5)}(t)||{rng.randint(0, 99)}}}" for _ in range(150))
    return "!function(e){" + ";".join(parts) + "}(window);\n"


def _minified_rules(rng: Random) -> str:
    return "".join(f".c{_word(rng, 6)}{{margin:{rng.randint(0, 90)}px;color:#{_word(rng, 6)}}}" for _ in range(120))


def _encoded(rng: Random) -> str:
    lines = "\n".join(f'    "{_word(rng, 88)}"' for _ in range(60))
    return f'"""The picture on the first page."""\n\nimport base64\n\nLOGO = base64.b64decode(\n{lines}\n)\n'


def _hexadecimal(rng: Random) -> str:
    lines = "\n".join(f'    "{rng.randbytes(32).hex()}"' for _ in range(60))
    return f"/* The program of the controller. */\nstatic const char image[] =\n{lines};\n"


def _escaped(rng: Random) -> str:
    lines = ("".join(f"\\u{rng.randint(0x4E00, 0x9FFF):04x}" for _ in range(14)) for _ in range(60))
    return "export const table = [\n" + "\n".join(f'  "{line}",' for line in lines) + "\n];\n"


def _measurements(rng: Random) -> str:
    rows = [{"station": _word(rng, 5), "celsius": round(rng.gauss(10, 8), 1)} for _ in range(250)]
    return json.dumps(rows, indent=2)


def _settings(rng: Random) -> str:
    rooms = (f"room_{number}:\n  seats: {rng.randint(4, 80)}\n  key: {_word(rng, 8)}" for number in range(250))
    return "\n".join(rooms) + "\n"


def _numbers(rng: Random) -> str:
    rows = (", ".join(f"{rng.uniform(-1, 1):.6f}" for _ in range(8)) for _ in range(80))
    return "SINES = [\n" + "\n".join(f"    {row}," for row in rows) + "\n]\n"


def _repeated() -> str:
    return "def greet():\n" + '    print("welcome to the demonstration of the greeting program")\n' * 80


def _markup(rng: Random) -> str:
    items = (
        f'<a class="item-{_word(rng, 12)}" href="/{_word(rng, 20)}"><img src="/{_word(rng, 16)}.png"></a>'
        for _ in range(60)
    )
    rows = "\n".join(items)
    return (
        f"<!DOCTYPE html>\n<html>\n<head><title>Menu</title></head>\n<body>\n<nav>\n{rows}\n</nav>\n</body>\n</html>\n"
    )


def hostile() -> Iterator[Snippet]:
    """Yield rows that are no files of code at all, and files that are hard to handle; nobody promises what is kept."""
    rng = Random(8)  # noqa: S311 - to be repeatable
    noise = "".join(map(chr, rng.choices(range(32), k=400))) + "\x7fELF"
    for code in ("", " \n\t\n", None, 12, True, ["print(1)"], {"code": "print(1)"}, noise, "\0" * 300):
        yield Snippet(code, "odd/file.py", kind="hostile", publish="no")
    for code, fault in _heavy(rng).items():
        yield Snippet(code, "odd/heavy.py", "Python", kind="hostile", publish="no", fault=fault)
    sound = (
        "\ufeff# Größe und Länge\r\ndef länge(text):\r\n    return len(text)\r\n\r\n\r\nprint(länge('übermäßig'))\r\n"
    )
    yield Snippet(sound, "odd/länge.py", "Python", kind="hostile", publish="either")
    yield Snippet(sound.replace("länge", "weite"), "../../etc/passwd", kind="hostile", publish="either")


def _heavy(rng: Random) -> Mapping[str, str]:
    return {
        "(" * 100_000 + "\n": "syntax",
        "x = " + "-" * 150_000 + "1\n": "long_line",
        "`" * 200_000: "long_line",
        "\n".join(_word(rng, 90) for _ in range(4_000)): "encoded",
    }
