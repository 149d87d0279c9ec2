"""# Reasoning: problems in, verified step-by-step solutions out

1. **Check.** A model checks each question, in five steps, before anything is paid for its answer.
2. **Enlarge.** The model makes new questions of each sound one, and fuses it with its nearest neighbour in meaning; the
   new ones are checked as well, and near duplicates of the given ones and of each other go.
3. **Solve.** The model rates and files each question, and solves it: once where the answer is known, several times where
   it is not.
4. **Verify.** A solution stays when its final answer equals the known one, mathematically. Where none is known the
   samples vote, and must agree. In the domain `general` the model judges what is not equal word for word.

Published are the questions with solution and answer, how it was verified, difficulty, category and where each comes from;
beside them chats for fine-tuning, `chat.jsonl`, and plain text for pretraining.
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

DOMAIN = "{{ params.domain }}"
AGREEMENT = "{{ params.agreement }}"
# Share of common words from which on two questions are one: questions are short, shingles of several words miss copies.
ALIKE = 0.65
CARRIED = ["origin", "source", "source_row"]
COLUMNS = [
    "question", "solution", "answer", "gold", "verified_by", "agreement", "difficulty", "category", "subcategory",
    "synthetic", "transformation", "parents", "tokens", "tokens_by", "unique_ngram_ratio", "messages", "text",
    "origin", "source", "source_row",
]  # fmt: skip


@dag(
    schedule=schedule("reasoning"),
    tags=["dataflow", "reasoning", "sft", "model"],
    doc_md=__doc__,
    max_active_runs=1,
    params={
        "domain": Param("math", type="string", enum=["math", "general"], title="Domain", description="Of the problems"),
        "variations": Param(2, type="integer", minimum=0, maximum=5, title="New questions", description="Of each one"),
        "fusions": Param(1, type="integer", minimum=0, maximum=3, title="Fusions", description="With its neighbour"),
        "samples_with_answer": Param(
            1, type="integer", minimum=1, maximum=64, title="Samples", description="Of solutions to a known answer"
        ),
        "samples_without_answer": Param(
            4, type="integer", minimum=2, maximum=64, title="Samples that vote", description="Where none is known"
        ),
        "agreement": Param(
            0.75, type="number", minimum=0, maximum=1, title="Agreement", description="The least share of a vote"
        ),
        "tokenizer": Param(
            "", type=["null", "string"], title="Tokenizer", description="A model's; else characters / 4 are counted"
        ),
        "tokens_at_most": Param(8192, type="integer", minimum=1, title="Tokens of a solution, at most"),
        "unique_ngrams": Param(
            0.3, type="number", minimum=0, maximum=1, title="Unique 5-grams", description="The least share of all"
        ),
        **model_params(),
        **source_params("s3://dataflow/samples/problems/", "s3://dataflow/datasets/reasoning"),
    },
)
def reasoning():
    found = ingest()

    @task_group
    def given(batch):
        """Read one batch of problems; what is too long to be one goes."""
        raw = read(
            batch,
            columns={"question": ["instruction", "problem"]},
            optional={"gold": ["answer", "golden_answer"], "origin": ["source"]},
        )
        return apply(
            [
                step(score.length.tokens, text="question", tokens="question_tokens", tokens_by="question_tokens_by"),
                step(filters.values.between, column="question_tokens", at_most=4096),
                step(dedup.exact.content_hash, text="question"),
            ],
            raw,
            task_id="short_enough",
        )

    same = reduce(dedup.exact.duplicates, given.expand(batch=found), task_id="exact_duplicates")

    @task_group
    def checked(batch):
        """Keep sound questions, and find out what each is about."""
        unique = apply(filters.duplicates.unique, batch)
        sound = apply_llm(
            [step(score.questions.check, domain=DOMAIN), step(filters.reasons.none, reasons="question_fault")],
            unique,
            task_id="sound",
        )
        return apply(score.embeddings.embedding, sound, pool="gpu", text="question", max_tokens=256)

    near = reduce(score.neighbours.nearest, checked.expand(batch=same), task_id="neighbours")

    @task_group
    def enlarged(batch):
        """Add new questions, and check them like the given ones."""
        return apply_llm(
            [
                step(generate.reasoning.variations, count="{{ params.variations }}", domain=DOMAIN, carry=CARRIED),
                step(generate.reasoning.fusions, count="{{ params.fusions }}", carry=CARRIED),
                step(score.questions.check, domain=DOMAIN, where="synthetic"),
                step(filters.reasons.none, reasons="question_fault"),
                step(dedup.exact.content_hash, text="question", where="synthetic"),
                step(dedup.minhash.sketch, text="question", ngram=1, threshold=ALIKE, fold_numbers=False),
            ],
            batch,
            task_id="new_questions",
        )

    alike = reduce(
        dedup.minhash.duplicates,
        enlarged.expand(batch=near),
        threshold=ALIKE,
        keep="lowest",
        score="synthetic",
        task_id="near_duplicates",
    )

    @task_group
    def solved(batch):
        """Solve what is left, and keep what is proven right."""
        unique = apply(filters.duplicates.unique, batch, task_id="different")
        solutions = apply_llm(
            [
                score.questions.difficulty,
                step(score.questions.category, domain=DOMAIN),
                step(
                    generate.reasoning.solutions,
                    domain=DOMAIN,
                    with_gold="{{ params.samples_with_answer }}",
                    without_gold="{{ params.samples_without_answer }}",
                ),
            ],
            unique,
            task_id="solutions",
        )
        compared = apply(score.math.verified, solutions, domain=DOMAIN, at_least=AGREEMENT, task_id="compared")
        judged = apply_llm(score.answers.judged, compared, domain=DOMAIN, at_least=AGREEMENT, task_id="judged")
        right = apply(
            [
                filters.reasons.none,
                step(score.length.tokens, tokenizer="{{ params.tokenizer or '' }}"),
                step(filters.values.between, column="tokens", at_most="{{ params.tokens_at_most }}"),
                score.repetition.unique_ngrams,
                step(filters.values.between, column="unique_ngram_ratio", at_least="{{ params.unique_ngrams }}"),
                step(refine.chat.to_messages, answer="solution"),
                step(refine.columns.join, columns=["question", "solution"]),
            ],
            judged,
            task_id="right",
        )
        return write(
            right,
            columns=COLUMNS,
            index=["content_hash", "minhash"],
            exports={"chat.jsonl": ["messages"], "pretraining.parquet": ["text"]},
        )

    publish(solved.expand(batch=alike), asset="dataflow-reasoning")


reasoning()
