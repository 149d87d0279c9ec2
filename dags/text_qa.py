"""# Questions from text: documents in, judged question/answer pairs out

Of all documents those are chosen that lie farthest apart in meaning, so that few documents cover what many say. For
each a model names several things worth asking, asks one question on each and answers it from the document. A judge
grades every pair by four criteria; pairs below the threshold in any of them are left out.
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

CRITERIA = ["question_quality", "answer_alignment", "answer_verifiability", "downstream_value"]
FEEDBACK = ["question_feedback", "alignment_feedback", "verifiability_feedback", "value_feedback"]
COLUMNS = ["question", "answer", "focus", "parents", *CRITERIA, *FEEDBACK, "text", "source", "source_row"]


@dag(
    schedule=schedule("text_qa"),
    tags=["dataflow", "sft", "model"],
    doc_md=__doc__,
    max_active_runs=1,
    params={
        **model_params(),
        **source_params("s3://dataflow/samples/text/", "s3://dataflow/datasets/text_qa"),
        "documents": Param(100, type="integer", minimum=1, title="Documents", description="How many are asked about"),
        "questions": Param(3, type="integer", minimum=1, maximum=20, title="Questions", description="Of each document"),
        "at_least": Param(3, type="integer", minimum=1, maximum=5, title="Grade", description="In each criterion"),
    },
)
def text_qa():
    found = ingest()

    @task_group
    def embedded(batch):
        """Clean one batch, drop what is too short to ask about, and embed the rest."""
        raw = read(batch, columns={"text": ["content", "raw_content", "body", "document"]})
        clean = apply(
            [
                refine.text.strip_html,
                refine.text.squeeze_spaces,
                refine.pii.mask_pii,
                score.text.measures,
                step(filters.values.between, column="words", at_least=50),
                dedup.exact.content_hash,
            ],
            raw,
            task_id="clean",
        )
        return apply(score.embeddings.embedding, clean, pool="gpu", max_tokens=128)

    same = reduce(dedup.exact.duplicates, embedded.expand(batch=found), task_id="exact_duplicates")
    apart = reduce(dedup.coverage.k_center, same, count="{{ params.documents }}", task_id="chosen")

    @task_group
    def asked(batch):
        """Ask and answer about the chosen documents, and keep the pairs that a judge finds good."""
        chosen = apply(
            [filters.duplicates.unique, step(filters.values.not_null, column="selection_rank")], batch, task_id="unique"
        )
        pairs = apply_llm(
            [
                step(generate.qa.focuses, count="{{ params.questions }}"),
                generate.qa.pairs,
                score.judge.qa,
            ],
            chosen,
            task_id="pairs",
        )
        good = apply(
            [step(filters.values.between, column=name, at_least="{{ params.at_least }}") for name in CRITERIA],
            pairs,
            task_id="well_judged",
        )
        return write(good, columns=COLUMNS, index=["content_hash", "embedding"])

    publish(asked.expand(batch=apart), asset="dataflow-text-qa")


text_qa()
