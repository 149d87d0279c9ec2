"""# Reasoning filter: solutions in, those that are right and worth training on out

No model: the final answer of each solution is taken out of its box and compared with the known one, mathematically. What
has no box, is wrong, too long or goes round in circles is left out.
"""

from airflow.sdk import Param, dag, task_group

from dataflow_ops import dedup, filters, refine, score
from dataflow_ops.airflow import apply, ingest, publish, read, reduce, schedule, source_params, step, write

COLUMNS = [
    "question", "solution", "answer", "gold", "tokens", "tokens_by", "unique_ngram_ratio", "messages", "text",
    "origin", "source", "source_row",
]  # fmt: skip


@dag(
    schedule=schedule("reasoning_filter"),
    tags=["dataflow", "reasoning", "sft"],
    doc_md=__doc__,
    max_active_runs=1,
    params={
        "domain": Param("math", type="string", enum=["math", "general"], title="Domain", description="Of the problems"),
        "tokenizer": Param(
            "", type=["null", "string"], title="Tokenizer", description="A model's; else characters / 4 are counted"
        ),
        "tokens_at_most": Param(8192, type="integer", minimum=1, title="Tokens of a solution, at most"),
        "unique_ngrams": Param(
            0.3, type="number", minimum=0, maximum=1, title="Unique 5-grams", description="The least share of all"
        ),
        **source_params("s3://dataflow/samples/solutions/", "s3://dataflow/datasets/reasoning_filter"),
    },
)
def reasoning_filter():
    @task_group
    def right(batch):
        """Keep the solutions of one batch that reach the known answer."""
        raw = read(
            batch,
            columns={
                "question": ["instruction", "problem"],
                "solution": ["output", "response", "completion", "generated_cot"],
            },
            optional={"gold": ["answer", "golden_answer"], "origin": ["source"]},
        )
        return apply(
            [
                step(score.length.tokens, tokenizer="{{ params.tokenizer or '' }}"),
                step(filters.values.between, column="tokens", at_most="{{ params.tokens_at_most }}"),
                score.repetition.unique_ngrams,
                step(filters.values.between, column="unique_ngram_ratio", at_least="{{ params.unique_ngrams }}"),
                score.math.final_answer,
                step(filters.values.not_null, column="answer"),
                step(score.math.equal, domain="{{ params.domain }}"),
                step(filters.values.is_true, column="equals_gold"),
                step(refine.chat.to_messages, answer="solution"),
                step(refine.columns.join, columns=["question", "solution"]),
                dedup.exact.content_hash,
            ],
            raw,
            task_id="right",
        )

    same = reduce(dedup.exact.duplicates, right.expand(batch=ingest()), task_id="exact_duplicates")

    @task_group
    def kept(batch):
        """Keep one of each."""
        unique = apply(filters.duplicates.unique, batch)
        return write(
            unique,
            columns=COLUMNS,
            index=["content_hash"],
            exports={"chat.jsonl": ["messages"], "pretraining.parquet": ["text"]},
        )

    publish(kept.expand(batch=same), asset="dataflow-reasoning-filter")


reasoning_filter()
