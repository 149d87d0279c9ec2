"""Named sets of rules over measured columns: data that `score.rules` applies, forms show and cards draw."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from dataflow_ops.errors import BadArgument, nearest


@dataclass(frozen=True)
class Bounds:
    """A rule: a measured value lies within all bounds that are set; true and false count as 1 and 0.

    A null value breaks the rule. `column` is the measured column; without it the rule bears the column's name. With
    `when`, rows that are not within `when` keep the rule whatever their value.
    """

    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None
    column: str | None = None
    when: "Bounds | None" = None

    def limits(self) -> dict[str, float]:
        """Return the bounds that are set, by name."""
        return {key: value for key, value in asdict(self).items() if key in LIMITS and value is not None}


LIMITS = ("at_least", "at_most", "above", "below")

_SPACED = Bounds(at_most=0.5, column="unspaced_word_ratio")
"""Rules about the length and the variety of words mean little where each character is a word."""

_PRETRAIN = {
    "words": Bounds(at_least=20, below=100_000),
    "characters": Bounds(at_least=100),
    "sentences": Bounds(at_least=3, at_most=7500),
    # Its mean rounded to two digits is in [3, 10): these are the last numbers that round to such a mean.
    "mean_word_length": Bounds(at_least=2.995, at_most=9.995, when=_SPACED),
    "symbol_word_ratio": Bounds(below=0.4),
    "capital_word_ratio": Bounds(at_most=0.2),
    "unique_word_ratio": Bounds(above=0.1, when=_SPACED),
    "longest_unpunctuated_run": Bounds(at_most=112),
    "ellipsis_line_ratio": Bounds(below=0.3),
    "bullet_line_ratio": Bounds(at_most=0.9),
    "lines_without_javascript": Bounds(at_least=3, when=Bounds(above=3, column="lines")),
    "colon_end": Bounds(at_most=0),
    "brace_ratio": Bounds(below=0.025),
    "html_entities": Bounds(at_most=0),
    "special_characters": Bounds(at_most=0),
    "watermark_words": Bounds(at_most=0),
    "lorem_ipsum_ratio": Bounds(at_most=3e-8),
    "id_terms": Bounds(below=3),
    "blocklist_hits": Bounds(at_most=1),
}

_GOPHER = {
    "words": Bounds(at_least=50, at_most=100_000),
    "mean_word_length": Bounds(at_least=3, at_most=10, when=_SPACED),
    "hash_word_ratio": Bounds(at_most=0.1),
    "ellipsis_word_ratio": Bounds(at_most=0.1),
    "list_line_ratio": Bounds(at_most=0.9),
    "ellipsis_line_ratio": Bounds(at_most=0.3),
    "alphabetic_word_ratio": Bounds(at_least=0.8),
    "gopher_stop_words": Bounds(at_least=2),
    "duplicate_line_ratio": Bounds(at_most=0.30),
    "duplicate_line_character_ratio": Bounds(at_most=0.20),
    "duplicate_paragraph_ratio": Bounds(at_most=0.30),
    "duplicate_paragraph_character_ratio": Bounds(at_most=0.20),
    "top_2gram_character_ratio": Bounds(at_most=0.20),
    "top_3gram_character_ratio": Bounds(at_most=0.18),
    "top_4gram_character_ratio": Bounds(at_most=0.16),
    "duplicate_5gram_character_ratio": Bounds(at_most=0.15),
    "duplicate_6gram_character_ratio": Bounds(at_most=0.14),
    "duplicate_7gram_character_ratio": Bounds(at_most=0.13),
    "duplicate_8gram_character_ratio": Bounds(at_most=0.12),
    "duplicate_9gram_character_ratio": Bounds(at_most=0.11),
    "duplicate_10gram_character_ratio": Bounds(at_most=0.10),
}

_C4 = {
    "sentences": Bounds(at_least=3),
    "lorem_ipsum": Bounds(at_most=0),
    "brace_ratio": Bounds(at_most=0),
    "blocklist_hits": Bounds(at_most=0),
}

_SFT = {
    "words": Bounds(at_least=20, below=1000),
    "special_characters": Bounds(at_most=0),
    "lorem_ipsum": Bounds(at_most=0),
    "blocklist_hits": Bounds(at_most=1),
}

_USUAL_LINES = Bounds(at_most=0, column="long_lines_usual")
_LONG_LINES = Bounds(at_least=1, column="long_lines_usual")
_ASSEMBLY = Bounds(at_least=1, column="assembly_file")
_HTML = Bounds(at_least=1, column="html_file")

_CODE = {
    # A rule for some languages comes before the one for all: of two bounds on a column plots show the later.
    "data_lines": Bounds(at_most=512, column="lines", when=Bounds(at_least=1, column="data_file")),
    "lines": Bounds(at_least=1, at_most=100_000),
    "longest_paragraph": Bounds(at_most=100_000, column="longest_line", when=_LONG_LINES),
    "longest_line": Bounds(at_most=1000, when=_USUAL_LINES),
    "mean_line_length": Bounds(at_most=100, when=_USUAL_LINES),
    "length": Bounds(at_least=100, at_most=500_000),
    "words": Bounds(at_least=10, at_most=100_000),
    "alphabetic_ratio": Bounds(at_least=0.25, when=Bounds(at_most=0, column="assembly_file")),
    "alphanumeric_ratio": Bounds(at_least=0.25, when=_ASSEMBLY),
    "encoded_ratio": Bounds(at_most=0.5),
    "auto_generated": Bounds(at_most=0),
    # Code repeats itself more than prose: about one file of a hundred of those that people wrote is beyond these.
    "duplicate_line_ratio": Bounds(at_most=0.6),
    "duplicate_2gram_ratio": Bounds(at_most=0.85),
    "duplicate_3gram_ratio": Bounds(at_most=0.8),
    "duplicate_4gram_ratio": Bounds(at_most=0.7),
    "duplicate_5gram_ratio": Bounds(at_most=0.65),
    "brace_ratio": Bounds(at_most=0.1),
    "capital_word_ratio": Bounds(at_most=0.6),
    "word_entropy": Bounds(at_least=2),
    "visible_characters": Bounds(at_least=100, when=_HTML),
    "visible_ratio": Bounds(at_least=0.2, when=_HTML),
    "documentation_name": Bounds(at_least=1, when=Bounds(at_least=1, column="text_file")),
}

PRESETS: Mapping[str, Mapping[str, Bounds]] = {"pretrain": _PRETRAIN, "gopher": _GOPHER, "c4": _C4, "sft": _SFT}
"""Rules by preset and name.

`pretrain`: web text for pretraining. `gopher`: Rae et al. 2021, appendix A1.1, with its repetition rules (table A1).
`c4`: the rules of Raffel et al. 2020 that judge whole documents. `sft`: answers for fine-tuning.
"""

CODE_PRESETS: Mapping[str, Mapping[str, Bounds]] = {"code": _CODE}
"""Rules for code files, over `score.code.measures`, by preset and name.

`code`: files for pretraining. Lines, letters, encoded data, types of files and generated files as in the filters of
StarCoder and The Stack v2 (Li et al. 2023, arXiv:2305.06161; Lozhkov et al. 2024, arXiv:2402.19173); what may repeat
is measured on 3,175 files in 18 languages that a Linux distribution ships.
"""

_ALL = {**PRESETS, **CODE_PRESETS}

Thresholds = Mapping[str, Mapping[str, Any] | None]


def rules(preset: str, thresholds: Thresholds | None = None) -> dict[str, Bounds]:
    """Return the rules of `preset` with `thresholds` over them: a bound replaces the preset's, null takes a rule away.

    `{"words": {"at_least": 50}, "brace_ratio": None, "lines": {"above": 2}}` changes a bound, drops a rule, adds one.
    Every rule comes with its `column`. Raises BadArgument for a preset, a bound or a rule to drop that there is not.
    """
    if preset not in _ALL:
        raise BadArgument(f"there is no preset {preset!r}; {nearest(preset, _ALL)}")
    chosen = dict(_ALL[preset])
    for name, changes in (thresholds or {}).items():
        if changes is not None:
            chosen[name] = _changed(name, chosen.get(name, Bounds()), changes)
        elif chosen.pop(name, None) is None:
            raise BadArgument(f"preset {preset!r} has no rule {name!r} to take away; {nearest(name, _ALL[preset])}")
    return {name: replace(rule, column=rule.column or name) for name, rule in chosen.items()}


def columns(preset: str, thresholds: Thresholds | None = None) -> tuple[str, ...]:
    """Return the measured columns that the rules of `preset` look at, each once."""
    found = rules(preset, thresholds).values()
    return tuple(dict.fromkeys(str(bounds.column) for rule in found for bounds in (rule, rule.when) if bounds))


def thresholds_of(ops: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the bounds that the ops of a run set on each column: `{"words": {"at_least": 20, "below": 100000}}`.

    `ops` are `{"op": name, "with": settings}`; ops other than `score.rules.failed` and `filters.values.between` set none.
    """
    found: dict[str, dict[str, float]] = {}
    for op in ops:
        given = op["with"]
        if op["op"] == "score.rules.failed":
            for rule in rules(given.get("preset", "pretrain"), given.get("thresholds")).values():
                found.setdefault(f"{given.get('prefix', '')}{rule.column}", {}).update(rule.limits())
        elif op["op"] == "filters.values.between":
            limits = {key: given[key] for key in LIMITS if given.get(key) is not None}
            found.setdefault(given["column"], {}).update(limits)
    return found


def _changed(name: str, rule: Bounds, changes: Mapping[str, Any]) -> Bounds:
    known = [field.name for field in fields(Bounds)]
    for key in changes:
        if key not in known:
            raise BadArgument(f"rule {name!r}: there is no bound {key!r}; {nearest(key, known)}")
    changed = replace(rule, **{key: _checked(name, key, value) for key, value in changes.items()})
    if not changed.limits():
        raise BadArgument(f"rule {name!r} has no bound: give one of {', '.join(LIMITS)}, or null to take the rule away")
    return changed


def _checked(name: str, key: str, value: Any) -> Any:
    if key == "when" and isinstance(value, Mapping):
        if "column" not in value:
            raise BadArgument(f"rule {name!r}: when={value!r} names no 'column'")
        return _changed(f"{name}.when", Bounds(), value)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if value is None or (isinstance(value, str) if key == "column" else number and key in LIMITS):
        return value
    raise BadArgument(f"rule {name!r}: {key}={value!r}: expected {'a column name' if key == 'column' else 'a number'}")
