"""The operators: they store their arguments, and do their work through the package below them.

What travels between them is a batch, `{manifest, shards, rows, bytes}`: never data.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from pydantic import TypeAdapter

from dataflow_ops import dataset, exports, ingest, lineage, publish, stage
from dataflow_ops.airflow import models
from dataflow_ops.airflow.hooks import database_url, store_of
from dataflow_ops.databases.finding import Finder
from dataflow_ops.databases.opened import addresses
from dataflow_ops.errors import Permanent
from dataflow_ops.llm.opening import scratch
from dataflow_ops.llm.prompts import Prompts
from dataflow_ops.manifest import Batch, slug
from dataflow_ops.stage import Place
from dataflow_ops.steps import Resources, Step, named
from dataflow_ops.store import Store

if TYPE_CHECKING:
    from airflow.sdk import Context

FOLDER = "{{ params.work }}/{{ dag.dag_id }}"


class ShardOperator(BaseOperator):
    """What all operators of this package share: a store, a folder for the run, and manners of failing."""

    template_fields: Sequence[str] = ("folder",)
    ui_color = "#e8f1fa"

    def __init__(self, *, folder: str = FOLDER, aws_conn_id: str = "aws_default", **kwargs: Any):
        # Throttling, a server that is away, a lost worker: wait 10, 20, 40 … seconds and try again.
        kwargs.setdefault("retries", 6)
        kwargs.setdefault("retry_delay", timedelta(seconds=10))
        kwargs.setdefault("retry_exponential_backoff", 2)
        kwargs.setdefault("max_retry_delay", timedelta(minutes=5))
        super().__init__(**kwargs)
        self.folder, self.aws_conn_id = folder, aws_conn_id

    def execute(self, context: "Context") -> Any:
        """Do the work; what trying again cannot cure fails at once, with the cure in the message."""
        with permanent_fails():
            return self.work(context)

    def work(self, context: "Context") -> Any:
        """Do what the operator is for."""
        raise NotImplementedError

    def run_folder(self, context: "Context") -> str:
        """Return where everything of this run lies."""
        return f"{self.folder.rstrip('/')}/{slug(context['run_id'])}"

    def place(self, context: "Context", *made_of: Any) -> Place:
        """Return where this task writes: a name made of its ops with their code, its settings and its inputs."""
        index = max(context["ti"].map_index or 0, 0)
        folder = f"{self.run_folder(context)}/{self.task_id}/{index:05d}-{named(*made_of)}"
        return Place(store_of(self.aws_conn_id), folder, self.task_id)

    @contextmanager
    def steps(self, ops: Sequence[Mapping[str, Any]], prompts: Mapping[str, str] | None = None) -> Iterator[list[Step]]:
        """Give ops with their settings, checked once more now that templates are rendered, databases open until the end."""
        store = store_of(self.aws_conn_id)
        with ExitStack() as open_until_then:
            connected = lambda given: open_until_then.enter_context(_finder(store).databases(given))  # noqa: E731
            tables, templates = partial(ingest.load_table, store), Prompts(store.read, prompts or {}).find
            yield [Step.parse(op, Resources(tables, templates, connected)) for op in ops]

    def tell(self, done: Mapping[str, Any]) -> dict[str, Any]:
        """Log what became of the rows, and return the batch for the next task."""
        for line in lineage.summary([done]):
            self.log.info("%s", line)
        return asdict(stage.as_batch(done))


def _finder(store: Store) -> Finder:
    return Finder(store, database_url, scratch() / "databases")


@contextmanager
def permanent_fails() -> Iterator[None]:
    """Fail the task without another try where trying again cannot help."""
    try:
        yield
    except Permanent as error:
        raise AirflowFailException(f"{type(error).__name__}: {error}") from error


class IngestOperator(ShardOperator):
    """List what is new in the sources since the last published version, and deal it into batches."""

    template_fields = (*ShardOperator.template_fields, "source", "dataset", "full_refresh", "batch_mib", "redo")

    def __init__(
        self,
        *,
        source: str,
        dataset: str,
        full_refresh: bool | str,
        batch_mib: float | str,
        redo: str | None = None,
        code_files: bool = False,
        databases: bool = False,
        documents: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.source, self.dataset, self.redo, self.code_files = source, dataset, redo, code_files
        self.full_refresh, self.batch_mib = full_refresh, batch_mib
        self.databases, self.documents = databases, documents

    def work(self, context: "Context") -> list[dict[str, Any]]:
        """Return the batches; none when nothing is new."""
        given = (self.source, self.dataset, self.full_refresh, self.batch_mib, self.redo or "")
        settings = ingest.Settings.parse(*given, code_files=self.code_files, documents=self.documents)
        store = store_of(self.aws_conn_id)
        finder = partial(_finder(store).sources, addresses(self.source)) if self.databases else None
        planned = ingest.plan(store, self.run_folder(context), settings, finder)
        for line in ingest.summary(planned):
            self.log.info("%s", line)
        return planned.batches


class ReadOperator(ShardOperator):
    """Read the files of a batch into shards."""

    template_fields = (*ShardOperator.template_fields, "batch", "columns", "optional", "shard_mib", "text_unit")

    def __init__(
        self,
        *,
        batch: Any,
        columns: Mapping[str, Any],
        shard_mib: float | str,
        text_unit: str = "file",
        optional: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.batch, self.columns, self.optional = batch, columns, optional
        self.shard_mib, self.text_unit = shard_mib, text_unit

    def work(self, context: "Context") -> dict[str, Any]:
        """Return the batch of shards."""
        optional = dict(self.optional or {})
        place = self.place(context, self.batch, dict(self.columns), optional, self.shard_mib, self.text_unit)
        batch, shard_mib = Batch.parse(self.batch).manifest, float(self.shard_mib)
        return self.tell(ingest.read(place, batch, self.columns, shard_mib, self.text_unit, optional=optional))


class ApplyOperator(ShardOperator):
    """Run ops over every shard of a batch: one read and one write for all of them."""

    template_fields = (*ShardOperator.template_fields, "batch", "ops")

    def __init__(self, *, batch: Any, ops: Sequence[Mapping[str, Any]], **kwargs: Any):
        super().__init__(**kwargs)
        self.batch, self.ops = batch, ops

    def work(self, context: "Context") -> dict[str, Any]:
        """Return the batch of what the ops made."""
        with self.steps(self.ops) as steps:
            return self.tell(stage.apply(self.place(context, self.batch, steps), steps, Batch.parse(self.batch)))


class ApplyLlmOperator(ApplyOperator):
    """Run ops, some of which ask a model, over every shard of a batch: one model for all of them."""

    template_fields = (
        *ApplyOperator.template_fields,
        *("model", "llm_conn_id", "prompts", "ceiling_usd", "ceiling_tokens", "answers", "answers_days", "redo"),
    )
    ui_color = "#f3e8fb"

    def __init__(
        self,
        *,
        model: str,
        llm_conn_id: str,
        prompts: Mapping[str, str] | str | None,
        ceiling_usd: float | str | None,
        ceiling_tokens: int | str | None,
        answers: str | None,
        answers_days: float | str | None,
        redo: str | None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.model, self.llm_conn_id, self.prompts = model, llm_conn_id, prompts
        self.ceiling_usd, self.ceiling_tokens = ceiling_usd, ceiling_tokens
        self.answers, self.answers_days, self.redo = answers, answers_days, redo

    def work(self, context: "Context") -> dict[str, Any]:
        """Return the batch of what the ops made."""
        asked = models.Settings.parse(self)
        run = f"{context['dag'].dag_id}/{context['run_id']}"
        with self.steps(self.ops, asked.prompts) as steps:
            place = self.place(context, self.batch, steps, asked.model)
            with models.open_model(asked, place.store, self.run_folder(context), run) as llm:
                return self.tell(stage.apply(place, steps, Batch.parse(self.batch), llm))


class ReduceOperator(ShardOperator):
    """Look at all shards of all batches at once, and add columns to some of their rows."""

    template_fields = (*ShardOperator.template_fields, "batches", "op")

    def __init__(self, *, batches: Any, op: Mapping[str, Any], **kwargs: Any):
        super().__init__(**kwargs)
        self.batches, self.op = batches, op

    def work(self, context: "Context") -> list[dict[str, Any]]:
        """Return the batches, each with the columns added to its shards."""
        batches = Batch.parse_all(self.batches)
        with self.steps([self.op]) as (step,):
            place = self.place(context, [asdict(batch) for batch in batches], [step])
            published = ingest.published(place.store, self.run_folder(context))
            done = stage.reduce(place, step, batches, published)
        return [self.tell(each) for each in done]


class WriteOperator(ShardOperator):
    """Write the shards of a batch as parts of a dataset, unseen until they are published."""

    template_fields = (*ShardOperator.template_fields, "batch", "dataset", "columns", "index", "exports")

    def __init__(
        self,
        *,
        batch: Any,
        dataset: str,
        columns: Sequence[str],
        index: Sequence[str],
        exports: Mapping[str, Sequence[str]] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.batch, self.dataset, self.columns, self.index, self.exports = batch, dataset, columns, index, exports

    def work(self, context: "Context") -> dict[str, Any]:
        """Return the batch of parts."""
        wanted, batch = exports.parse(self.exports), Batch.parse(self.batch)
        asked = [list(self.columns), list(self.index), *map(asdict, wanted)]
        place = self.place(context, self.batch, self.dataset, *asked)
        known = ingest.published_ids(place.store, self.run_folder(context))
        columns, index = self.columns, self.index
        done = dataset.write(place, batch, self.dataset, columns, index, published=known, exports=wanted)
        return self.tell(done)


class PublishOperator(ShardOperator):
    """Prove that no row was lost, then make what was written a version of the dataset, all at once."""

    template_fields = (*ShardOperator.template_fields, "written", "dataset", "rehearsal_as_latest")
    ui_color = "#e3f4e1"

    def __init__(self, *, written: Any, dataset: str, rehearsal_as_latest: bool | str = False, **kwargs: Any):
        # With nothing new all tasks before are skipped, and that is still something to say.
        super().__init__(trigger_rule="none_failed", **kwargs)
        self.written, self.dataset, self.rehearsal_as_latest = written, dataset, rehearsal_as_latest

    def work(self, context: "Context") -> dict[str, Any]:
        """Return where the version is; skip, and say so, when nothing is new."""
        run = publish.Run(
            store_of(self.aws_conn_id), self.run_folder(context), context["dag"].dag_id, context["run_id"]
        )
        allowed = TypeAdapter(bool).validate_python(self.rehearsal_as_latest)
        written = [batch.manifest for batch in Batch.parse_all(self.written)]
        outcome = publish.publish(run, self.dataset, written, allowed)
        for line in outcome.pop("summary"):
            self.log.info("%s", line)
        if outcome["manifest"] is None:
            context["ti"].xcom_push(key="return_value", value=outcome)
            raise AirflowSkipException(outcome["note"])
        for asset in self.outlets:
            # The version is None for a rehearsal: what is scheduled on the asset can tell.
            context["outlet_events"][asset].extra = {key: outcome[key] for key in ("dataset", "version", "manifest")}
        return outcome
