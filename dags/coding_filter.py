"""# Coding, filter: raw files of code in, clean code for pretraining out

Every file gets its language by name or content; licence headers are named and taken out, secrets are redacted. Rules
that know the language drop what is generated, encoded, minified, data or not code at all, and what does not parse. Then
all files are compared at once: of exact and near copies, published ones included, one stays.

A source is a folder of code files (`s3://…/repositories/`), or JSONL, CSV and Parquet with the columns `code` and `path`.
No model is asked.
"""

from airflow.sdk import Param, dag, task_group

from dataflow_ops import dedup, filters, refine, score
from dataflow_ops.airflow import apply, ingest, publish, read, reduce, schedule, source_params, step, write
from dataflow_ops.presets import CODE_PRESETS

# Share of common runs of three words from which on two files are one: renaming a variable changes many longer ones.
ALIKE = 0.6
COLUMNS = [
    "code", "language", "language_by", "path", "licence", "permissive", "secrets", "lines", "source", "source_row", "meta",
]  # fmt: skip


@dag(
    schedule=schedule("coding_filter"),
    tags=["dataflow", "code", "pretraining"],
    doc_md=__doc__,
    max_active_runs=1,
    params={
        "preset": Param("code", enum=sorted(CODE_PRESETS), title="Rules", description="Thresholds a file must meet"),
        "thresholds": Param(
            None,
            type=["null", "object"],
            title="Own thresholds",
            description='Over the preset, for example {"lines": {"at_least": 10}}; null takes a rule away',
        ),
        "secrets_at_most": Param(
            100, type="integer", minimum=0, title="Secrets, at most", description="Of a file; all are redacted"
        ),
        "benchmark": Param(
            None,
            type=["null", "string"],
            title="Benchmark files",
            description="Code that shares 13-word runs with these is dropped",
        ),
        **source_params("s3://dataflow/samples/snippets/", "s3://dataflow/datasets/coding_filter"),
    },
)
def coding_filter():
    found = ingest(code_files=True)

    @task_group
    def refined(batch):
        """Clean, measure, filter and sketch one batch."""
        raw = read(
            batch,
            columns={"code": ["content", "raw_code", "source_code", "text"]},
            optional={"path": ["file_path", "filepath", "file_name", "filename", "max_stars_repo_path"]},
        )
        clean = apply(
            [
                score.code.language,
                refine.code.strip_licence,
                refine.code.redact_secrets,
                step(filters.values.between, column="secrets", at_most="{{ params.secrets_at_most }}"),
            ],
            raw,
            task_id="clean",
        )
        return apply(
            [
                score.code.measures,
                step(score.rules.failed, preset="{{ params.preset }}", thresholds="{{ params.thresholds | tojson }}"),
                filters.rules.passed,
                score.code.parses,
                step(filters.reasons.none, reasons="parse_error"),
                step(dedup.exact.content_hash, text="code"),
                step(dedup.minhash.sketch, text="code", ngram=3, threshold=ALIKE),
            ],
            clean,
            task_id="good",
        )

    same = reduce(dedup.exact.duplicates, refined.expand(batch=found), task_id="exact_duplicates")
    alike = reduce(
        dedup.minhash.duplicates,
        same,
        threshold=ALIKE,
        duplicate_of="near_duplicate_of",
        task_id="near_duplicates",
    )

    @task_group
    def kept(batch):
        """Keep one of each file, none that a benchmark holds; write it into the dataset."""
        unique = apply(
            [
                filters.duplicates.unique,
                step(filters.duplicates.unique, duplicate_of="near_duplicate_of"),
                step(score.overlap.benchmark_overlap, text="code", benchmark="{{ params.benchmark or '' }}"),
                step(filters.values.between, column="benchmark_overlap", below=0.2),
            ],
            batch,
            task_id="unique",
        )
        return write(
            unique,
            columns=COLUMNS,
            index=["content_hash", "minhash"],
            exports={"pretraining.parquet": ["code", "language"]},
        )

    publish(kept.expand(batch=alike), asset="dataflow-coding-filter")


coding_filter()
