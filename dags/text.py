"""# Text: noisy web text in, a clean, deduplicated pretraining dataset out

Every batch of source files is read, cleaned, measured and filtered on its own; then all batches are compared at once
to find exact and near duplicates, also against what is published already; what is left in the wanted languages
becomes the next version of the dataset.

A run reads only files that are new or changed since the last published version. Every row's measured values and the
verdict of every rule are kept beside the data: see *side tables* in the dataset's card.

Set `DATAFLOW_SCHEDULE_TEXT`, to `@daily` or a cron expression, where the DAG files are parsed, and it runs by itself.
"""

from airflow.sdk import Param, dag, task_group

from dataflow_ops import dedup, filters, refine, score
from dataflow_ops.airflow import apply, ingest, publish, read, reduce, schedule, source_params, step, write
from dataflow_ops.presets import PRESETS

CLEANERS = [
    refine.text.fix_mojibake,
    refine.text.strip_html,
    refine.text.drop_urls,
    refine.text.drop_emoji,
    refine.text.drop_control_characters,
    refine.text.normalize_unicode,
    refine.text.squeeze_punctuation,
    refine.text.squeeze_spaces,
    refine.pii.mask_pii,
]

COLUMNS = ["text", "language", "language_confidence", "words", "source", "source_row", "meta"]


@dag(
    schedule=schedule("text"),
    tags=["dataflow", "pretraining"],
    doc_md=__doc__,
    max_active_runs=1,
    params={
        **source_params("s3://dataflow/samples/text/", "s3://dataflow/datasets/text"),
        "preset": Param("pretrain", enum=sorted(PRESETS), title="Rules", description="Thresholds a document must meet"),
        "thresholds": Param(
            None,
            type=["null", "object"],
            title="Own thresholds",
            description='Over the preset, for example {"words": {"at_least": 50}}; null takes a rule away',
        ),
        "languages": Param(
            ["en"], type="array", items={"type": "string"}, title="Languages", description="ISO 639-1 codes to keep"
        ),
        "benchmark": Param(
            None,
            type=["null", "string"],
            title="Benchmark files",
            description="Documents that share 13-word runs with these are dropped",
        ),
    },
)
def text():
    found = ingest()

    @task_group
    def refined(batch):
        """Clean, measure, filter and sketch one batch."""
        raw = read(batch, columns={"text": ["content", "raw_content", "body", "document"]})
        clean = apply(CLEANERS, raw, task_id="clean")
        return apply(
            [
                score.text.measures,
                step(score.rules.failed, preset="{{ params.preset }}", thresholds="{{ params.thresholds | tojson }}"),
                filters.rules.passed,
                dedup.exact.content_hash,
                dedup.minhash.sketch,
            ],
            clean,
            task_id="good",
        )

    same = reduce(dedup.exact.duplicates, refined.expand(batch=found), task_id="exact_duplicates")
    alike = reduce(dedup.minhash.duplicates, same, task_id="near_duplicates", duplicate_of="near_duplicate_of")

    @task_group
    def kept(batch):
        """Keep one of each text, in the wanted languages, that no benchmark holds; write it into the dataset."""
        unique = apply(
            [filters.duplicates.unique, step(filters.duplicates.unique, duplicate_of="near_duplicate_of")],
            batch,
            task_id="unique",
        )
        wanted = apply(
            [
                score.language.language,
                step(filters.values.one_of, column="language", values="{{ params.languages | tojson }}"),
                step(score.overlap.benchmark_overlap, benchmark="{{ params.benchmark or '' }}"),
                step(filters.values.between, column="benchmark_overlap", below=0.2),
            ],
            unique,
            task_id="wanted",
        )
        return write(wanted, columns=COLUMNS, index=["content_hash", "minhash"])

    publish(kept.expand(batch=alike), asset="dataflow-text")


text()
