"""Make the environment of each peer: `python -m bench.peers.setup [peer ...]`.

None of the tasks measured uses a model, but DataFlow and data-juicer import torch, and data-juicer installs a CUDA build
of 5 GB in the middle of a run where it finds none: both get the CPU build first. DataFlow declares seventy packages more;
it is installed without dependencies, plus those its rule filters and deduplicators import.
"""

import subprocess
import sys
import venv
from pathlib import Path

ENVIRONMENTS = Path(__file__).parent.parent / "envs"
NLTK_DATA = ENVIRONMENTS / "nltk_data"
TORCH = ["torch==2.13.0+cpu"]
PEERS = {
    "datatrove": [["datatrove[io,processing]==0.10.1", "spacy==3.8.18"]],
    "datajuicer": [TORCH, ["py-data-juicer==1.6.1", "aiohttp", "nltk", "pandas<3", "ray", "scipy"]],
    "daft": [["daft==0.7.26", "numpy", "scipy", "pyarrow"]],
    "detectsecrets": [["detect-secrets==1.5.0"]],
    "dataflow": [
        TORCH,
        ["--no-deps", "open-dataflow==1.0.13"],
        [
            "numpy<2",
            "pandas==2.3.3",
            "pyarrow==20.0.0",
            "nltk",
            "datasketch",
            "colorlog",
            "rich",
            "tqdm",
            "xxhash",
            "psutil",
            "pyyaml",
            "requests",
            "httpx",
            "openai",
            "appdirs",
            "termcolor",
            "colorama",
            "pyfiglet",
            "scipy",
            "json5",
            "docstring_parser",
            "pydantic",
            "func_timeout",
            "typer",
            "pymysql",
            "sqlite-vec",
        ],
    ],
}
"""Per peer the arguments of each `pip install`, in order."""


def make(peer: str) -> None:
    """Make the environment of one peer and leave it compiled, so that no run pays for that."""
    folder = ENVIRONMENTS / peer
    venv.create(folder, clear=True, symlinks=True, with_pip=True)
    for arguments in PEERS[peer]:
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", *arguments], check=True)
    subprocess.run([folder / "bin" / "python", "-m", "compileall", "-q", folder / "lib"], check=False)


def main() -> None:
    """Make the environments named, or all."""
    for name in ("punkt", "punkt_tab"):  # DataFlow asks that these exist, even where it does not tokenise with them
        (NLTK_DATA / "tokenizers" / name).mkdir(parents=True, exist_ok=True)
    for peer in sys.argv[1:] or PEERS:
        print(peer)
        make(peer)


if __name__ == "__main__":
    main()
