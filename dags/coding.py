"""# Coding: raw files of code in, pairs of instruction and program that really run out

1. **Filter.** Files are cleaned and measured by rules that know their language; one of each copy stays.
2. **Instruct.** A model writes the instruction that would have led to each file.
3. **Solve and test.** From the instruction alone it writes several programs, and, without seeing them, tests.
4. **Run.** Every program runs against every test in a sandbox. The one that most programs and tests agree on is chosen,
   and stays with the tests that it passes.
5. **Rate.** The model rates what is left by five criteria; what a benchmark holds goes.

A source is a folder of code files, or JSONL, CSV and Parquet with the columns `code` and `path`. Programs are Python: files
in other languages are dropped here, `coding_filter` keeps them. Published are the pairs with their tests; beside them
chats for fine-tuning, `chat.jsonl`, and problems with tests for reinforcement learning, `problems.jsonl`.
"""

from airflow.sdk import Param, dag, task_group

from dataflow_ops import dedup, filters, generate, refine, score
from dataflow_ops.airflow import (
    apply,
    apply_llm,
    ingest,
    model_params,
    publish,
    read,
    reduce,
    schedule,
    source_params,
    step,
    write,
)
from dataflow_ops.presets import CODE_PRESETS

# Share of common runs of three words from which on two files are one: renaming a variable changes many longer ones.
ALIKE = 0.6
COLUMNS = [
    "instruction", "solution", "tests_kept", "tests_passed", "tests_run", "agreement", "runs", "code_quality",
    "correctness", "completeness", "clarity", "best_practice", "efficiency", "code_feedback", "messages", "code", "path",
    "licence", "source", "source_row",
]  # fmt: skip


@dag(
    schedule=schedule("coding"),
    tags=["dataflow", "code", "sft", "model"],
    doc_md=__doc__,
    max_active_runs=1,
    params={
        "candidates": Param(
            4, type="integer", minimum=1, maximum=64, title="Programs", description="Of an instruction"
        ),
        "tests": Param(
            8, type="integer", minimum=1, maximum=64, title="Tests", description="Of an instruction, at most"
        ),
        "tests_passed": Param(3, type="integer", minimum=1, title="Tests passed", description="The least number"),
        "share_passed": Param(
            0.8, type="number", minimum=0, maximum=1, title="Share of tests passed", description="The least"
        ),
        "at_once": Param(2, type="integer", minimum=1, maximum=64, title="Sandboxes", description="At once, in a task"),
        "quality_at_least": Param(
            6, type="number", minimum=1, maximum=10, title="Quality", description="The least, of 10"
        ),
        "preset": Param("code", enum=sorted(CODE_PRESETS), title="Rules", description="Thresholds a file must meet"),
        "thresholds": Param(
            None,
            type=["null", "object"],
            title="Own thresholds",
            description='Over the preset, for example {"lines": {"at_least": 10}}; null takes a rule away',
        ),
        "benchmark": Param(
            None,
            type=["null", "string"],
            title="Benchmark files",
            description="Pairs whose instruction or program shares 13-word runs with these are dropped",
        ),
        **model_params(),
        **source_params("s3://dataflow/samples/snippets/", "s3://dataflow/datasets/coding"),
    },
)
def coding():
    found = ingest(code_files=True)

    @task_group
    def refined(batch):
        """Clean, measure, filter and sketch one batch."""
        raw = read(
            batch,
            columns={"code": ["content", "raw_code", "source_code", "text"]},
            optional={"path": ["file_path", "filepath", "file_name", "filename", "max_stars_repo_path"]},
        )
        return apply(
            [
                score.code.language,
                step(filters.values.one_of, column="language", values=["Python"]),
                refine.code.strip_licence,
                refine.code.redact_secrets,
                score.code.measures,
                step(score.rules.failed, preset="{{ params.preset }}", thresholds="{{ params.thresholds | tojson }}"),
                filters.rules.passed,
                score.code.parses,
                step(filters.reasons.none, reasons="parse_error"),
                step(dedup.exact.content_hash, text="code"),
                step(dedup.minhash.sketch, text="code", ngram=3, threshold=ALIKE),
            ],
            raw,
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
    def proven(batch):
        """Write instruction, programs and tests, and keep what passes its tests."""
        unique = apply(
            [filters.duplicates.unique, step(filters.duplicates.unique, duplicate_of="near_duplicate_of")],
            batch,
            task_id="unique",
        )
        written = apply_llm(
            [
                generate.code.instructions,
                step(generate.code.solutions, count="{{ params.candidates }}"),
                step(generate.code.tests, count="{{ params.tests }}"),
            ],
            unique,
            task_id="written",
        )
        passed = apply(
            [
                step(
                    score.execution.verified,
                    min_passed="{{ params.tests_passed }}",
                    at_least="{{ params.share_passed }}",
                    at_once="{{ params.at_once }}",
                ),
                step(filters.reasons.none, reasons="unproven"),
            ],
            written,
            task_id="passed",
        )
        rated = apply_llm(score.judge.code, passed, task_id="rated")
        good = apply(
            [
                step(filters.values.between, column="code_quality", at_least="{{ params.quality_at_least }}"),
                step(score.overlap.benchmark_overlap, text="instruction", benchmark="{{ params.benchmark or '' }}"),
                step(filters.values.between, column="benchmark_overlap", below=0.2),
                step(score.overlap.benchmark_overlap, text="solution", benchmark="{{ params.benchmark or '' }}"),
                step(filters.values.between, column="benchmark_overlap", below=0.2),
                step(refine.columns.fence, text="solution", fenced="reply", tag="python"),
                step(refine.chat.to_messages, question="instruction", answer="reply"),
            ],
            rated,
            task_id="good_pairs",
        )
        return write(
            good,
            columns=COLUMNS,
            index=["content_hash", "minhash"],
            exports={"chat.jsonl": ["messages"], "problems.jsonl": ["instruction", "tests_kept", "solution"]},
        )

    publish(proven.expand(batch=alike), asset="dataflow-coding")


coding()
