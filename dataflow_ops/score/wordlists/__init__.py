"""Word lists of our own making: plain text, words between blanks."""

from functools import cache
from importlib.resources import files


@cache
def words(name: str) -> tuple[str, ...]:
    """Return the words of the list `name`, `stop_words.en`."""
    return tuple(files(__package__).joinpath(f"{name}.txt").read_text("utf-8").split())
