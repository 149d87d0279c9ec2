"""# Coding, from instructions: programming tasks in, more of them out, each with a program that passes its tests

1. **Enlarge.** A model writes new instructions after a few of the given ones.
2. **Specify.** It turns each into a function to be written: signature, docstring, examples. Near duplicates go, those that
   are given stay.
3. **Solve, test, run and rate** as in `coding`: several programs, tests written without seeing them, all run in a
   sandbox, and what they agree on stays with the tests that it passes.
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

# Share of common words from which on two instructions are one: they are short, shingles of several words miss copies.
ALIKE = 0.8
COLUMNS = [
    "instruction", "solution", "tests_kept", "tests_passed", "tests_run", "agreement", "runs", "code_quality",
    "correctness", "completeness", "clarity", "best_practice", "efficiency", "code_feedback", "messages",
    "instruction_before", "synthetic", "transformation", "parents", "source", "source_row",
]  # fmt: skip


@dag(
    schedule=schedule("coding_instructions"),
    tags=["dataflow", "code", "sft", "model"],
    doc_md=__doc__,
    max_active_runs=1,
    params={
        "new": Param(1, type="integer", minimum=0, maximum=20, title="New instructions", description="Of each one"),
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
        "benchmark": Param(
            None,
            type=["null", "string"],
            title="Benchmark files",
            description="Instructions that share 13-word runs with these are dropped",
        ),
        **model_params(),
        **source_params("s3://dataflow/samples/code_instructions/", "s3://dataflow/datasets/coding_instructions"),
    },
)
def coding_instructions():
    found = ingest()

    @task_group
    def given(batch):
        """Read one batch of instructions."""
        raw = read(batch, columns={"instruction": ["input", "prompt", "question", "problem", "text"]})
        return apply(step(dedup.exact.content_hash, text="instruction"), raw, task_id="hashed")

    same = reduce(dedup.exact.duplicates, given.expand(batch=found), task_id="exact_duplicates")

    @task_group
    def enlarged(batch):
        """Add new instructions, and make a function to be written of each."""
        unique = apply(filters.duplicates.unique, batch, task_id="unique")
        return apply_llm(
            [
                step(generate.code.new_instructions, count="{{ params.new }}"),
                step(dedup.exact.content_hash, text="instruction", where="synthetic"),
                generate.code.enhanced,
                step(dedup.minhash.sketch, text="instruction", ngram=1, threshold=ALIKE, fold_numbers=False),
            ],
            unique,
            task_id="specified",
        )

    alike = reduce(
        dedup.minhash.duplicates,
        enlarged.expand(batch=same),
        threshold=ALIKE,
        keep="lowest",
        score="synthetic",
        task_id="near_duplicates",
    )

    @task_group
    def proven(batch):
        """Solve and test each instruction, and keep what passes its tests."""
        different = apply(
            [
                filters.duplicates.unique,
                step(score.overlap.benchmark_overlap, text="instruction", benchmark="{{ params.benchmark or '' }}"),
                step(filters.values.between, column="benchmark_overlap", below=0.2),
            ],
            batch,
            task_id="different",
        )
        written = apply_llm(
            [
                step(generate.code.solutions, count="{{ params.candidates }}"),
                step(generate.code.tests, count="{{ params.tests }}"),
            ],
            different,
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

    publish(proven.expand(batch=alike), asset="dataflow-coding-instructions")


coding_instructions()
