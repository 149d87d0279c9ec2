"""The words that names of tables and columns are made of."""

import re
import unicodedata
from functools import lru_cache

_RUNS = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"[0-9]+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_OTHER = re.compile(r"\d+|[^\W\d_]+")


@lru_cache(maxsize=16_384)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a name or a sentence in lower case: `orderItems2` and `order_items_2` are `order items 2`."""
    runs = _RUNS.findall(unicodedata.normalize("NFKC", text))
    return tuple(word.casefold() for run in runs for word in (_CAMEL if run.isascii() else _OTHER).findall(run))


def stem(word: str) -> str:
    """Return what the singular and the plural of an English word share: `categori` of `category` and `categories`."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 3 and word.endswith("y") else word
