"""A database of a few short texts."""

from pathlib import Path

import apsw

TEXTS = [
    "A river that ran dry in summer",
    "The history of bread and its bakers",
    "Cats and their kittens",
    "Drought emptied the lake and the stream",
    "Interest rates rose in March",
    "  ",
    None,
    "Dogs chase cats through gardens",
    b"\xff no text",
    "Sourdough rises slowly",
]


def write(path: Path, *statements: str) -> Path:
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE abstracts(id INTEGER PRIMARY KEY, title TEXT, summary TEXT, year INTEGER)")
    rows = [(10 * at, f"t{at}", text, 2000 + at) for at, text in enumerate(TEXTS)]
    connection.executemany("INSERT INTO abstracts VALUES (?, ?, ?, ?)", rows)
    for statement in statements:
        connection.execute(statement)
    connection.close()
    return path
