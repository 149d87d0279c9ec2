"""Files of code in many languages, most of them good, some broken on purpose, with the truth about every one."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dataflow_ops.llm.rehearsal.code_bank import tasks
from dataflow_ops.samples import snippets_dealt, vocabulary
from dataflow_ops.samples.snippets_dealt import Snippet
from dataflow_ops.samples.snippets_planted import broken, hostile
from dataflow_ops.samples.snippets_secrets import with_secrets

TRUTH = snippets_dealt.TRUTH
SUBJECTS = ("python_text", "python_numbers", "python_lists", "python_tables", "languages", "scripts")
COPIED = (1, 13, 27, 46)
"""Places of the sound files that are there twice, character for character."""
NEAR: Mapping[str, tuple[tuple[str, str], ...]] = {
    "calculator/stack_machine.py": (("A stack machine for", "A very small stack machine for"),),
    "algorithms/merging.py": (("outcome", "result"),),
    "primes/factorise.py": (('"""Factorise a positive integer.', '"""Take a positive integer apart.'),),
    "packaging_lite/versions.py": (
        ("older, newer = ", "old, new = "),
        ("older == newer", "old == new"),
        ("older < newer", "old < new"),
    ),
    "internal/limiter/limiter.go": (("// New returns a full bucket.", "// New makes a bucket that is full."),),
}
"""Changes that make a near copy of a sound file: a comment or a name."""
HEADERS = {
    "MIT": """# SPDX-License-Identifier: MIT
# Copyright (c) 2021 The authors of a small library
""",
    "Apache-2.0": """# Copyright 2019 Nobody in Particular
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
""",
    "GPL-3.0-or-later": """# This program is free software: you can redistribute it and/or modify
# it under the terms of the GNU General Public License as published by
# the Free Software Foundation, either version 3 of the License, or
# (at your option) any later version.
""",
}
LICENSED = {"MIT": "longest_rise", "Apache-2.0": "csv_fields", "GPL-3.0-or-later": "parse_duration"}
"""The function below each header."""


def write(folder: Path, *, seed: int = 0) -> None:
    """Write the sample into `folder`, which must be empty or new: the same files in an order that `seed` decides.

    Text and name of a file are called `content` and `path` in `files.jsonl` and `files.parquet`, `code` and `file_name`
    in `files.csv`. `_truth.jsonl`: key, kind (sound, licensed, exact_duplicate, near_duplicate, secret, broken,
    hostile), language, function (the one that can be tested, else null), publish (yes, no, either: whether a filter keeps it),
    fault, of (the key of the original), secrets, licence. BadArgument for a folder with files.
    """
    snippets_dealt.write(folder, compose(), seed)


def compose() -> list[Snippet]:
    """Return all files, originals before their copies."""
    sound = [_sound(row) for subject in SUBJECTS for row in vocabulary.read(f"snippets/{subject}")["snippet"]]
    return [
        *sound,
        *_licensed(),
        *(_copy(sound, number) for number in COPIED),
        *_near(sound),
        *with_secrets(),
        *broken(),
        *hostile(),
    ]


def _sound(row: Mapping[str, Any]) -> Snippet:
    code = row["code"].strip("\n") + "\n"
    return Snippet(code, row.get("path"), row.get("language", "Python"), row.get("function"))


def _licensed() -> Iterator[Snippet]:
    for licence, name in LICENSED.items():
        code = f'{HEADERS[licence]}\n"""Parts of a small library."""\n\n{tasks()[name].right[-1]}\n'
        yield Snippet(code, f"library/{name}.py", "Python", name, kind="licensed", licence=licence)


def _copy(sound: Sequence[Snippet], number: int) -> Snippet:
    one = sound[number]
    return Snippet(one.code, f"vendor/{one.path}", one.language, one.function, "exact_duplicate", "either", of=number)


def _near(sound: Sequence[Snippet]) -> Iterator[Snippet]:
    places = {snippet.path: number for number, snippet in enumerate(sound)}
    for path, changes in NEAR.items():
        one = sound[places[path]]
        code = one.code
        for was, becomes in changes:
            code = code.replace(was, becomes)
        yield Snippet(code, f"fork/{path}", one.language, one.function, "near_duplicate", "either", of=places[path])
