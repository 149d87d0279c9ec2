"""Names in running text, by a spaCy model under presidio."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from dataflow_ops.errors import BadArgument

Spans = Callable[[str], list[tuple[int, int, str]]]


def recognizer(model: str, language: str, entities: Sequence[str]) -> Spans:
    """Return a function that finds `entities` in a text: start, end and kind of each, in order and apart."""
    analyzer = _analyzer(model, language)

    def recognise(text: str) -> list[tuple[int, int, str]]:
        results = analyzer.analyze(text=text, language=language, entities=list(entities))
        return _apart(sorted((result.start, -result.end, result.entity_type) for result in results))

    return recognise


def _apart(spans: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Keep the first and longest of the spans that overlap; ends come negated, so that the longest sorts first."""
    kept: list[tuple[int, int, str]] = []
    for start, negated, kind in spans:
        if not kept or start >= kept[-1][1]:
            kept.append((start, -negated, kind))
    return kept


def _analyzer(model: str, language: str) -> Any:
    try:
        presidio, nlp, spacy = map(import_module, ("presidio_analyzer", "presidio_analyzer.nlp_engine", "spacy.util"))
    except ImportError as error:
        raise BadArgument(
            f"mask_names needs {error.name!r}: install the extra, `pip install dataflow-ops[pii]`"
        ) from error
    if not spacy.is_package(model):
        raise BadArgument(f"model={model!r} is not an installed spaCy model; install it as a package or name another")
    settings = {"nlp_engine_name": "spacy", "models": [{"lang_code": language, "model_name": model}]}
    engine = nlp.NlpEngineProvider(nlp_configuration=settings).create_engine()
    return presidio.AnalyzerEngine(nlp_engine=engine, supported_languages=[language])
