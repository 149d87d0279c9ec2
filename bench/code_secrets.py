"""Secrets in source code, ours beside detect-secrets: `python -m bench.code_secrets [megabytes]`.

The code is the standard library of this interpreter. Into it are planted, by seed, lines with secrets of sixteen kinds,
made up on the spot, and lines that only look like them. Prints MB per CPU second, the share of each kind that is found,
and how many of the other lines are taken for secrets.
"""

import json
import random
import string
import subprocess
import sys
import sysconfig
import tempfile
import time
import zlib
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from bench.peers.setup import ENVIRONMENTS, make
from bench.report import table
from dataflow_ops.refine.code import redact_secrets

PEER = "detectsecrets"
SEED = 11
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
HEX = string.digits + "abcdef"
Draw = Callable[[random.Random], str]
Found = Mapping[str, set[int]]


def some(size: int, alphabet: str = BASE62, before: str = "") -> Draw:
    """Return what draws `size` characters behind a fixed beginning."""
    return lambda rng: before + "".join(rng.choices(alphabet, k=size))


def checked(prefix: str) -> Draw:
    """Return what draws a token that ends in its checksum."""

    def draw(rng: random.Random) -> str:
        body = "".join(rng.choices(BASE62, k=30))
        sum_ = zlib.crc32(body.encode())
        return prefix + body + "".join(BASE62[sum_ // 62**place % 62] for place in range(5, -1, -1))

    return draw


def jwt(rng: random.Random) -> str:
    """Draw a signed token."""
    parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": rng.randrange(10**9), "admin": True}]
    coded = [urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts]
    return ".".join([*coded, some(43)(rng)])


def by_hand(rng: random.Random) -> str:
    """Draw a password that a person might choose: two syllables, a sign, a number."""
    words = ["".join(rng.choice(part) for part in ("bdfgklmnprstvz", "aeiou", "lmnrst")) for _ in range(2)]
    return f"{words[0].title()}{words[1]}{rng.choice('!#&*')}{rng.randrange(10, 2000)}"


PLANTS: Mapping[str, tuple[str, Draw]] = {
    "AWS access key": ('aws_id = "{}"', some(16, string.ascii_uppercase + "234567", "AK" + "IA")),
    "AWS secret key": ('aws_secret_access_key = "{}"', some(40, BASE62 + "+/")),
    "GitHub token": ('clone("https://{}@github.com/a/b")', checked("gh" + "p_")),
    "GitLab token": ('headers = dict(auth="{}")', some(20, before="glp" + "at-")),
    "Slack token": (
        'client = WebClient("{}")',
        lambda rng: "xo" + f"xb-{some(12, string.digits)(rng)}-{some(24)(rng)}",
    ),
    "Stripe key": ('stripe.setup("{}")', some(24, before="sk_" + "live_")),
    "SendGrid key": ('mail = Mail("{}")', lambda rng: "S" + "G." + some(22)(rng) + "." + some(43)(rng)),
    "npm token": ('registry.login("{}")', checked("np" + "m_")),
    "PyPI token": ('upload(by="{}")', some(130, before="py" + "pi-AgEIcHlwaS5vcmc")),
    "OpenAI key": ('client = Model("{}")', lambda rng: "s" + f"k-{some(20)(rng)}T3Blbk" + f"FJ{some(20)(rng)}"),
    "Google key": ('maps = Maps("{}")', some(35, before="AI" + "za")),
    "JWT": ('call(session="{}")', jwt),
    "password in an address": ('engine("postgres://app:{}@db.local:5432/x")', some(14)),
    "key given to a name": ('api_key = "{}"', some(32)),
    "key in a settings file": ("# SECRET_TOKEN={}", some(40, HEX)),
    "password by hand": ('password = "{}"', by_hand),
}
DECOYS: Mapping[str, tuple[str, Draw]] = {
    "placeholder": ('api_key = "your-api-key-{}"', some(4, string.digits)),
    "wrong checksum": ('clone("{}")', some(36, before="gh" + "p_")),
    "digest": ('sha256 = "{}"', some(64, HEX)),
    "commit": ('PINNED = "{}"', some(40, HEX)),
    "identifier": ('row_id = "{}"', lambda rng: "-".join(some(size, HEX)(rng) for size in (8, 4, 4, 4, 12))),
    "variable": ('password = "${{DB_PASSWORD_{}}}"', some(2, string.digits)),
    "name of a secret": ('secret = "projects/app-{}/secrets/db"', some(3, string.digits)),
    "default password": ('password = "password{}"', some(1, string.digits)),
}


@dataclass
class Planted:
    """Files by name, and of which kind the planted lines are, by file and line number."""

    files: dict[str, str] = field(default_factory=dict)
    secrets: dict[tuple[str, int], str] = field(default_factory=dict)
    decoys: dict[tuple[str, int], str] = field(default_factory=dict)

    @property
    def megabytes(self) -> float:
        """Size of all files in UTF-8."""
        return sum(len(text.encode()) for text in self.files.values()) / 1e6


def planted(most: float) -> Planted:
    """Return at most so many megabytes of code with one secret and one decoy in each file."""
    rng, result, size = random.Random(SEED), Planted(), 0.0
    kinds = [(result.secrets, PLANTS, list(PLANTS)), (result.decoys, DECOYS, list(DECOYS))]
    paths = sorted(Path(sysconfig.get_paths()["stdlib"]).rglob("*.py"))
    for number, path in enumerate(rng.sample(paths, len(paths))):
        text = path.read_text(encoding="utf-8", errors="ignore")
        if "site-packages" in path.parts or not text.isascii() or not 1000 < len(text) < 60_000:
            continue
        lines, name = text.split("\n"), f"{number:05}.py"
        places = sorted(rng.sample(range(len(lines)), 2))
        for place, (truth, drawn, names) in zip(places, kinds, strict=True):
            kind = names[len(truth) % len(names)]
            lines[place] = drawn[kind][0].format(drawn[kind][1](rng))
            truth[name, place + 1] = kind
        result.files[name] = "\n".join(lines)
        size += len(text) / 1e6
        if size >= most:
            break
    return result


def ours(corpus: Planted) -> tuple[float, Found]:
    """Return CPU seconds, and the lines that are redacted."""
    rows = pa.table({"code": list(corpus.files.values())})
    before = time.process_time()
    after = redact_secrets(rows)["code"].to_pylist()
    spent = time.process_time() - before
    pairs = zip(corpus.files.items(), after, strict=True)
    return spent, {name: _changed(text.split("\n"), new.split("\n")) for (name, text), new in pairs if text != new}


def _changed(old: list[str], new: list[str]) -> set[int]:
    return {number for number, (left, right) in enumerate(zip(old, new, strict=True), start=1) if left != right}


def peer(corpus: Planted) -> tuple[float, Found]:
    """Return CPU seconds of detect-secrets, and the lines that it reports."""
    if not (ENVIRONMENTS / PEER).exists():
        make(PEER)
    runner = Path(__file__).parent / "peers" / "run_detectsecrets.py"
    with tempfile.TemporaryDirectory() as folder:
        for name, text in corpus.files.items():
            (Path(folder) / name).write_text(text)
        python = ENVIRONMENTS / PEER / "bin" / "python"
        done = subprocess.run([python, runner, folder], capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    return result["cpu_s"], {name: set(lines) for name, lines in result["found"].items()}


def shares(truth: Mapping[tuple[str, int], str], found: Found) -> Counter[str]:
    """Count the planted lines that were found, by kind."""
    return Counter(kind for (name, line), kind in truth.items() if line in found.get(name, ()))


def main(most: float = 3.0) -> None:
    """Measure both and print the tables."""
    corpus = planted(most)
    runs = {"ours": ours(corpus), "detect-secrets": peer(corpus)}
    known = corpus.secrets.keys() | corpus.decoys.keys()
    rows = [
        [
            name,
            f"{corpus.megabytes / spent:.2f}",
            f"{sum(shares(corpus.secrets, found).values()) / len(corpus.secrets):.3f}",
            f"{sum(shares(corpus.decoys, found).values()) / len(corpus.decoys):.3f}",
            str(sum((file, line) not in known for file, lines in found.items() for line in lines)),
        ]
        for name, (spent, found) in runs.items()
    ]
    print(f"{corpus.megabytes:.1f} MB, {len(corpus.files)} files, seed {SEED}\n")
    print(table(["tool", "MB/CPU s", "secrets found", "decoys found", "other lines found"], rows) + "\n")
    for title, truth, plants in (("secret", corpus.secrets, PLANTS), ("decoy", corpus.decoys, DECOYS)):
        all_, found = Counter(truth.values()), [shares(truth, found) for _, found in runs.values()]
        lines = [
            [kind, str(all_[kind]), *(f"{each[kind] / max(all_[kind], 1):.2f}" for each in found)] for kind in plants
        ]
        print(table([title, "planted", *runs], lines) + "\n")


if __name__ == "__main__":
    main(*(float(each) for each in sys.argv[1:]))
