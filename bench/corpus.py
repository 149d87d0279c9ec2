"""The corpus: 20,000 documents of real text with planted duplicates and junk, in JSONL and Parquet.

Run as `python -m bench.corpus`; needs root only in that `apt-get` does. The same packages and seed give the same files.
"""

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.plants import JUNK, STRENGTHS, edited, junk
from bench.prose import distinct, documents, paragraphs

DATA = Path(__file__).parent / "data"
CORPUS = DATA / "corpus"
TRUTH = CORPUS / "truth.jsonl"
SHARDS = (1, 4, 16)
SEED = 20261123
DOCUMENTS, PAIRS, JUNK_DOCUMENTS = 20_000, 600, 1_000
PACKAGES = [
    "linux-doc-6.1",
    "python3.11-doc",
    "debian-handbook",
    "postgresql-doc-15",
    "debian-policy",
    "developers-reference",
    "debian-reference-en",
    "debian-faq",
    "debian-history",
    "git-doc",
    "python-django-doc",
    "python-pandas-doc",
    "python-scipy-doc",
    "sqlite3-doc",
    "maxima-doc",
    "perl-doc",
    "qtbase5-doc-html",
    "apache2-doc",
    "cmake-doc",
    "jargon-text",
    "erlang-doc",
    "libboost1.74-doc",
    "python-sqlalchemy-doc",
    "python-sympy-doc",
    "python-astropy-doc",
    "nova-doc",
    "neutron-doc",
    "cinder-doc",
    "keystone-doc",
    "shorewall-doc",
    "exim4-doc-html",
    "bind9-doc",
    "octave-doc",
]
TRANSLATED = re.compile(r"/(html|manual)/(?!en)[a-z]{2}(-[A-Za-z]{2})?/")
"""Paths of translations: the corpus is English."""


def fetch(package: str) -> Path:
    """Download and unpack one Debian package, without installing it, and return the folder."""
    folder = DATA / "tree" / package
    if not folder.exists():
        debs = DATA / "debs"
        debs.mkdir(parents=True, exist_ok=True)
        if not list(debs.glob(f"{package}_*.deb")):
            subprocess.run(["apt-get", "download", "-qq", package], cwd=debs, check=True)
        deb = next(debs.glob(f"{package}_*.deb"))
        subprocess.run(["dpkg", "-x", deb, folder], check=True)
    return folder


def prose(packages: Sequence[str]) -> list[str]:
    """Return distinct English documents from Debian packages, in an order that depends on nothing but the seed."""
    files = []
    for package in packages:
        paths = sorted(path for path in fetch(package).rglob("*") if path.is_file() and not path.is_symlink())
        paths = [path for path in paths if not TRANSLATED.search(str(path))]
        if package.startswith("linux-doc"):
            paths = [path for path in paths if "/html/" not in str(path)]
        found = [pieces for pieces in map(paragraphs, paths) if pieces]
        print(f"{package}: {len(found)} files, {sum(len(p) for f in found for p in f) / 1e6:.1f} MB")
        files += found
    texts = list(documents(files, SEED))
    order = np.random.default_rng(SEED).permutation(len(texts))
    return list(distinct(texts[number] for number in order))


def planted(texts: list[str], random: np.random.Generator) -> list[dict[str, Any]]:
    """Return rows `id, text, kind, of`: originals, their edited copies, and junk."""
    vocabulary = [word for text in texts[:300] for word in re.findall(r"[A-Za-z]{2,}", text)]
    rows = [{"text": text, "kind": "base", "of": None} for text in texts]
    long_enough = [number for number, text in enumerate(texts) if len(text.split()) >= 100]
    originals = iter(random.permutation(long_enough).tolist())
    for strength in STRENGTHS:
        for original in (next(originals) for _ in range(PAIRS)):
            copy = edited(texts[original], strength, vocabulary, random)
            rows.append({"text": copy, "kind": f"copy {strength}", "of": original})
    kinds = list(JUNK)
    for number in range(JUNK_DOCUMENTS):
        kind = kinds[number % len(kinds)]
        start = int(random.integers(len(vocabulary) - 1_000))
        words = vocabulary[start : start + int(random.integers(200, 1_000))]
        rows.append({"text": junk(kind, words, random), "kind": f"junk {kind}", "of": None})
    return rows


def shuffled(rows: list[dict[str, Any]], random: np.random.Generator) -> list[dict[str, Any]]:
    """Return the rows in random order with an `id` each, `of` naming the id of the original."""
    order = random.permutation(len(rows)).tolist()
    ids = {old: f"doc-{new:06d}" for new, old in enumerate(order)}
    return [
        rows[old] | {"id": ids[old], "of": None if rows[old]["of"] is None else ids[rows[old]["of"]]} for old in order
    ]


def write(rows: list[dict[str, Any]]) -> None:
    """Write the rows as JSONL and Parquet in 1, 4 and 16 shards, and what is planted as `truth.jsonl`."""
    for count in SHARDS:
        bounds = np.linspace(0, len(rows), count + 1).astype(int)
        for number in range(count):
            part = rows[bounds[number] : bounds[number + 1]]
            name = f"{count}/part-{number:05d}"
            for kind in ("jsonl", "parquet"):
                (CORPUS / kind / str(count)).mkdir(parents=True, exist_ok=True)
            with (CORPUS / "jsonl" / f"{name}.jsonl").open("w") as file:
                file.writelines(json.dumps({"id": row["id"], "text": row["text"]}) + "\n" for row in part)
            write_parquet(pa.table({key: [row[key] for row in part] for key in ("id", "text")}), name)
    write_truth(rows)


def write_truth(rows: list[dict[str, Any]]) -> None:
    """Write what each document is as `truth.jsonl`."""
    with TRUTH.open("w") as file:
        file.writelines(
            json.dumps({key: row[key] for key in ("id", "kind", "of")} | {"bytes": len(row["text"].encode())}) + "\n"
            for row in rows
        )


def write_sample() -> None:
    """Write an eighth of the corpus, pairs kept together: for tools that take an hour for all of it."""
    wanted = {row["id"] for row in truth() if in_sample(row)}
    with (CORPUS / "jsonl" / "1" / "part-00000.jsonl").open() as lines:
        kept = [line for line in lines if json.loads(line)["id"] in wanted]
    for kind in ("jsonl", "parquet"):
        (CORPUS / kind / "sample").mkdir(parents=True, exist_ok=True)
    (CORPUS / "jsonl" / "sample" / "part-00000.jsonl").write_text("".join(kept))
    write_parquet(pa.Table.from_pylist([json.loads(line) for line in kept]), "sample/part-00000")


def truth() -> list[dict[str, Any]]:
    """Return `id, kind, of, bytes` of every document."""
    with TRUTH.open() as lines:
        return [json.loads(line) for line in lines]


def in_sample(row: dict[str, Any]) -> bool:
    """Return whether a document is in the eighth of the corpus that slow tools get."""
    return int((row["of"] or row["id"]).removeprefix("doc-")) % 8 == 0


def write_parquet(table: pa.Table, name: str) -> None:
    """Write one shard the way the product does: zstd 3, row groups of 10,000, no statistics on text."""
    path = CORPUS / "parquet" / f"{name}.parquet"
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=3,
        row_group_size=10_000,
        write_statistics=["id"],
        use_dictionary=False,
    )


def main() -> None:
    """Build the corpus and say what is in it."""
    random = np.random.default_rng(SEED)
    texts = prose(PACKAGES)
    wanted = DOCUMENTS - len(STRENGTHS) * PAIRS - JUNK_DOCUMENTS
    print(f"{len(texts)} distinct documents, {sum(map(len, texts)) / 1e6:.1f} MB; {wanted} are used")
    rows = shuffled(planted(texts[:wanted], random), random)
    write(rows)
    write_sample()
    print(f"{len(rows)} documents, {sum(len(row['text'].encode()) for row in rows) / 1e6:.1f} MB in {CORPUS}")


if __name__ == "__main__":
    main()
