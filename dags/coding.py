"""# Coding: pairs of instruction and program that really run

`coding` begins with files of code:

1. **Filter.** Files are cleaned and measured by rules that know their language; one of each copy stays.
2. **Instruct.** A model writes the instruction that would have led to each file.
3. **Solve and test.** From the instruction alone it writes several programs, and, without seeing them, tests.
4. **Run.** Every program runs against every test in a sandbox. The one that most programs and tests agree on is chosen,
   and stays with the tests that it passes.
5. **Rate.** The model rates what is left by five criteria; what a benchmark holds goes.

`coding_instructions` begins with instructions: a model writes new ones after a few of them, and turns each into a function
to be written, with signature, docstring and examples; near duplicates go, those that are given stay. Then as above.

`coding_filter` publishes the files themselves, cleaned and filtered, in all languages; no model is asked.

Files come as a folder of code, or as JSONL, CSV and Parquet with the columns `code` and `path`. Programs are Python: `coding`
drops files in other languages. Pairs are published with their tests; beside them chats for fine-tuning, `chat.jsonl`, and
problems with tests for reinforcement learning, `problems.jsonl`.
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
ALIKE_FILES = 0.6
# Share of common words from which on two instructions are one.
ALIKE_INSTRUCTIONS = 0.8

PAIRS = [
    "instruction", "solution", "tests_kept", "tests_passed", "tests_run", "agreement", "runs", "code_quality",
    "correctness", "completeness", "clarity", "best_practice", "efficiency", "code_feedback", "messages",
]  # fmt: skip
OF_FILES = ["code", "path", "licence", "source", "source_row"]
OF_INSTRUCTIONS = ["instruction_before", "synthetic", "transformation", "parents", "source", "source_row"]
FILES = [
    "code", "language", "language_by", "path", "licence", "permissive", "secrets", "tokens", "tokens_by",
    "source", "source_row", "meta",
]  # fmt: skip

BENCHMARK = Param(
    None, type=["null", "string"], title="Benchmark files", description="What shares 13-word runs with these is dropped"
)
RULES = {
    "preset": Param("code", enum=sorted(CODE_PRESETS), title="Rules", description="Thresholds a file must meet"),
    "thresholds": Param(
        None,
        type=["null", "object"],
        title="Own thresholds",
        description='Over the preset, for example {"lines": {"at_least": 10}}; null takes a rule away',
    ),
    "permissive_only": Param(
        False, type="boolean", title="Permissive only", description="Drop files under another licence that they name"
    ),
    "secrets_at_most": Param(
        100, type="integer", minimum=0, title="Secrets, at most", description="Of a file; all are redacted"
    ),
}
PROOF = {
    "candidates": Param(4, type="integer", minimum=1, maximum=64, title="Programs", description="Of an instruction"),
    "tests": Param(8, type="integer", minimum=1, maximum=64, title="Tests", description="Of an instruction, at most"),
    "tests_passed": Param(3, type="integer", minimum=1, title="Tests passed", description="The least number"),
    "share_passed": Param(
        0.8, type="number", minimum=0, maximum=1, title="Share of tests passed", description="The least"
    ),
    "at_once": Param(2, type="integer", minimum=1, maximum=64, title="Sandboxes", description="At once, in a task"),
    "quality_at_least": Param(6, type="number", minimum=1, maximum=10, title="Quality", description="The least, of 10"),
}

LICENCES = "{{ ([true] if params.permissive_only else [true, false]) | tojson }}"
GOOD = [
    score.code.measures,
    step(score.rules.failed, preset="{{ params.preset }}", thresholds="{{ params.thresholds | tojson }}"),
    filters.rules.passed,
    score.code.parses,
    step(filters.reasons.none, reasons="parse_error"),
]
CLEAN = [
    refine.code.strip_licence,
    step(filters.values.one_of, column="permissive", values=LICENCES, keep_null=True),
    refine.code.redact_secrets,
    step(filters.values.between, column="secrets", at_most="{{ params.secrets_at_most }}"),
    # A file may have been nothing but a notice.
    step(score.length.tokens, text="code"),
    step(filters.values.between, column="tokens", at_least=10),
    step(dedup.exact.content_hash, text="code"),
    step(dedup.minhash.sketch, text="code", ngram=3, threshold=ALIKE_FILES),
]


def not_in_benchmark(text):
    """Return steps that drop what shares too much with the benchmark."""
    return [
        step(score.overlap.benchmark_overlap, text=text, benchmark="{{ params.benchmark or '' }}"),
        step(filters.values.between, column="benchmark_overlap", below=0.2),
    ]


def good_files(found, only=None):
    """Read, clean and filter files batch by batch, all languages or `only` one, then mark copies in all of them."""

    @task_group
    def refined(batch):
        """Clean, measure, filter and sketch one batch."""
        raw = read(
            batch,
            columns={"code": ["content", "raw_code", "source_code", "text"]},
            optional={"path": ["file_path", "filepath", "file_name", "filename", "max_stars_repo_path"]},
        )
        wanted = [step(filters.values.one_of, column="language", values=[only])] if only else []
        good = apply([score.code.language, *wanted, *GOOD], raw, task_id="good")
        return apply(CLEAN, good, task_id="clean")

    same = reduce(dedup.exact.duplicates, refined.expand(batch=found), task_id="exact_duplicates")
    near = {"threshold": ALIKE_FILES, "duplicate_of": "near_duplicate_of"}
    return reduce(dedup.minhash.duplicates, same, task_id="near_duplicates", **near)


def unique_files(batch):
    """Keep one of each file."""
    near = step(filters.duplicates.unique, duplicate_of="near_duplicate_of")
    return apply([filters.duplicates.unique, near], batch, task_id="unique")


def proven(instructed, first=()):
    """Write programs and tests for instructions, after the steps `first`; run them; return the pairs that are proven."""
    written = apply_llm(
        [
            *first,
            step(generate.code.solutions, count="{{ params.candidates }}"),
            step(generate.code.tests, count="{{ params.tests }}"),
        ],
        instructed,
        task_id="written",
    )
    least = {"min_passed": "{{ params.tests_passed }}", "at_least": "{{ params.share_passed }}"}
    passed = apply(
        [
            step(score.execution.verified, at_once="{{ params.at_once }}", **least),
            step(filters.reasons.none, reasons="unproven"),
        ],
        written,
        task_id="passed",
    )
    rated = apply_llm(score.judge.code, passed, task_id="rated")
    return apply(
        [
            step(filters.values.between, column="code_quality", at_least="{{ params.quality_at_least }}"),
            *not_in_benchmark("instruction"),
            *not_in_benchmark("solution"),
            step(refine.columns.fence, text="solution", fenced="reply", tag="python"),
            step(refine.chat.to_messages, question="instruction", answer="reply"),
        ],
        rated,
        task_id="good_pairs",
    )


def write_pairs(pairs, origin):
    """Write pairs with the columns that say where they come from."""
    exports = {"chat.jsonl": ["messages"], "problems.jsonl": ["instruction", "tests_kept", "solution"]}
    return write(pairs, columns=[*PAIRS, *origin], index=["content_hash", "minhash"], exports=exports)


@dag(
    schedule=schedule("coding"),
    tags=["dataflow", "code", "sft", "model"],
    doc_md=__doc__,
    max_active_runs=1,
    params={
        **PROOF,
        **RULES,
        "benchmark": BENCHMARK,
        **model_params(),
        **source_params("s3://dataflow/samples/snippets/", "s3://dataflow/datasets/coding"),
    },
)
def coding():
    files = good_files(ingest(code_files=True), only="Python")

    @task_group
    def pairs(batch):
        """Write instruction, programs and tests, and keep what passes its tests."""
        return write_pairs(proven(unique_files(batch), first=[generate.code.instructions]), OF_FILES)

    publish(pairs.expand(batch=files), asset="dataflow-coding")


@dag(
    schedule=schedule("coding_instructions"),
    tags=["dataflow", "code", "sft", "model"],
    doc_md=__doc__,
    max_active_runs=1,
    params={
        "new": Param(1, type="integer", minimum=0, maximum=20, title="New instructions", description="Of each one"),
        **PROOF,
        "benchmark": BENCHMARK,
        **model_params(),
        **source_params("s3://dataflow/samples/code_instructions/", "s3://dataflow/datasets/coding_instructions"),
    },
)
def coding_instructions():
    @task_group
    def given(batch):
        """Read one batch of instructions."""
        raw = read(batch, columns={"instruction": ["input", "prompt", "question", "problem", "text"]})
        return apply(step(dedup.exact.content_hash, text="instruction"), raw, task_id="hashed")

    same = reduce(dedup.exact.duplicates, given.expand(batch=ingest()), task_id="exact_duplicates")

    @task_group
    def enlarged(batch):
        """Add new instructions, and make a function to be written of each."""
        unique = apply(filters.duplicates.unique, batch, task_id="unique")
        return apply_llm(
            [
                step(generate.code.new_instructions, count="{{ params.new }}"),
                step(dedup.exact.content_hash, text="instruction", where="synthetic"),
                generate.code.enhanced,
                step(
                    dedup.minhash.sketch, text="instruction", ngram=1, threshold=ALIKE_INSTRUCTIONS, fold_numbers=False
                ),
            ],
            unique,
            task_id="specified",
        )

    keep = {"threshold": ALIKE_INSTRUCTIONS, "keep": "lowest", "score": "synthetic"}
    alike = reduce(dedup.minhash.duplicates, enlarged.expand(batch=same), task_id="near_duplicates", **keep)

    @task_group
    def pairs(batch):
        """Write programs and tests, and keep what passes its tests."""
        return write_pairs(proven(apply(filters.duplicates.unique, batch, task_id="different")), OF_INSTRUCTIONS)

    publish(pairs.expand(batch=alike), asset="dataflow-coding-instructions")


@dag(
    schedule=schedule("coding_filter"),
    tags=["dataflow", "code", "pretraining"],
    doc_md=__doc__,
    max_active_runs=1,
    params={
        **RULES,
        "benchmark": BENCHMARK,
        **source_params("s3://dataflow/samples/snippets/", "s3://dataflow/datasets/coding_filter"),
    },
)
def coding_filter():
    files = good_files(ingest(code_files=True))

    @task_group
    def kept(batch):
        """Keep one of each file, none that a benchmark holds; write it into the dataset."""
        wanted = apply(not_in_benchmark("code"), unique_files(batch), task_id="wanted")
        exports = {"pretraining.parquet": ["code", "language"]}
        return write(wanted, columns=FILES, index=["content_hash", "minhash"], exports=exports)

    publish(kept.expand(batch=files), asset="dataflow-coding-filter")


coding()
coding_instructions()
coding_filter()
