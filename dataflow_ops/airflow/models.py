"""What a task that asks a model was told, and the model it opens."""

from dataclasses import dataclass, fields
from typing import Any

from airflow.sdk.exceptions import AirflowNotFoundException
from pydantic import TypeAdapter, ValidationError

from dataflow_ops.airflow.hooks import LlmHook
from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.answers import Answers
from dataflow_ops.llm.batch_api import BatchApi
from dataflow_ops.llm.model import Model
from dataflow_ops.llm.opening import Access, Jobs, Spec, open_llm, price_of, scratch
from dataflow_ops.llm.purse import Purse
from dataflow_ops.llm.rehearsal import NAME
from dataflow_ops.store import Store


@dataclass(frozen=True)
class Settings:
    """What a form says of the model, checked."""

    model: str
    llm_conn_id: str
    prompts: dict[str, str] | None
    ceiling_usd: float | None
    ceiling_tokens: int | None
    answers: str | None
    answers_days: float | None
    redo: str | None

    @classmethod
    def parse(cls, given: object) -> "Settings":
        """Read the attributes of an operator, templates rendered; BadArgument names the one that does not fit."""
        return cls(**{field.name: _fit(field.name, field.type, getattr(given, field.name)) for field in fields(cls)})


def _fit(name: str, kind: Any, value: Any) -> Any:
    """Return `value` as its type; what a template rendered is a string, None and objects among it."""
    value = None if value in ("", "null") else value
    check: TypeAdapter[Any] = TypeAdapter(kind)
    try:
        return (
            check.validate_json(value) if name == "prompts" and isinstance(value, str) else check.validate_python(value)
        )
    except ValidationError as error:
        raise BadArgument(f"{name}={value!r}: {error.errors()[0]['msg']}") from error


def open_model(given: Settings, store: Store, run_folder: str, run: str) -> Model:
    """Open the model of a task: answers are remembered over all runs, the ceiling holds for all tasks of this one."""
    spec = Spec.parse(given.model)
    if spec.kind == NAME:
        return open_llm(given.model)
    access = _access(spec, given.llm_conn_id)
    memory = _answers(given, store)
    purse = None if spec.replayed else _purse(given, store, run_folder, spec, access)
    redo = bool(given.redo)
    return open_llm(given.model, access, memory=memory, purse=purse, run=run, ask_again=redo, jobs=_jobs(given, store))


def _access(spec: Spec, connection: str) -> Access:
    """Read the connection; a replay and a vLLM server of one's own can do without."""
    try:
        return LlmHook(connection).get_conn()
    except AirflowNotFoundException as error:
        if spec.kind == "vllm" or (spec.replayed and spec.model):
            return Access()
        raise BadArgument(
            f"there is no connection {connection!r}: make one of type 'llm' (Admin, Connections), or give llm_conn_id"
        ) from error


def _answers(given: Settings, store: Store) -> Answers | None:
    if given.answers is None:
        return None
    kept = Answers(store, given.answers.rstrip("/"), local=scratch() / "journal", keep_days=given.answers_days)
    kept.prune()
    return kept


def _purse(given: Settings, store: Store, run_folder: str, spec: Spec, access: Access) -> Purse | None:
    if given.ceiling_usd is None and given.ceiling_tokens is None:
        return None
    dollars = price_of(spec, access)
    price = lambda _model, prompt, completion: dollars(prompt, completion)  # noqa: E731
    return Purse(store, f"{run_folder}/spent", tokens=given.ceiling_tokens, money=given.ceiling_usd, price=price)


def _jobs(given: Settings, store: Store) -> Jobs | None:
    """Return what asks in batch jobs: what is submitted is remembered beside the answers."""
    folder = given.answers
    return None if folder is None else lambda server, before: BatchApi(server, store, folder, before=before)
