"""# Text synthesis: web documents in, question-and-answer text to pretrain on out

Documents are cleaned and filtered by rules, and only one of each near-duplicate group goes on: what is not asked for is
not paid for. A model rewrites what is left as questions and answers about what it says, a second prompt judges the
result in six dimensions, and what is judged well becomes the next version of the dataset.

Private data are masked before any text leaves for a model.
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
from dataflow_ops.presets import PRESETS

CLEANERS = [
    refine.text.fix_mojibake,
    refine.text.strip_html,
    refine.text.drop_urls,
    refine.text.normalize_unicode,
    refine.text.squeeze_spaces,
    refine.pii.mask_pii,
]

DIMENSIONS = ["structure", "diversity", "fluency", "safety", "educational_value", "accuracy"]
COLUMNS = ["rewritten", "text", *DIMENSIONS, "document_reason", "source", "source_row", "meta"]


@dag(
    schedule=schedule("text_synthesis"),
    tags=["dataflow", "pretraining", "model"],
    doc_md=__doc__,
    max_active_runs=1,
    params={
        **model_params(),
        **source_params("s3://dataflow/samples/text/", "s3://dataflow/datasets/text_synthesis"),
        "preset": Param("pretrain", enum=sorted(PRESETS), title="Rules", description="Thresholds a document must meet"),
        "languages": Param(
            ["en"], type="array", items={"type": "string"}, title="Languages", description="ISO 639-1 codes to keep"
        ),
        "at_least": Param(3, type="integer", minimum=1, maximum=5, title="Judgement", description="In each dimension"),
    },
)
def text_synthesis():
    found = ingest()

    @task_group
    def worth_asking(batch):
        """Clean one batch, keep good documents in the wanted languages, and sketch them."""
        raw = read(batch, columns={"text": ["content", "raw_content", "body", "document"]})
        clean = apply(CLEANERS, raw, task_id="clean")
        return apply(
            [
                score.text.measures,
                step(score.rules.failed, preset="{{ params.preset }}"),
                filters.rules.passed,
                score.language.language,
                step(filters.values.one_of, column="language", values="{{ params.languages | tojson }}"),
                dedup.exact.content_hash,
                dedup.minhash.sketch,
            ],
            clean,
            task_id="good",
        )

    same = reduce(dedup.exact.duplicates, worth_asking.expand(batch=found), task_id="exact_duplicates")
    alike = reduce(dedup.minhash.duplicates, same, task_id="near_duplicates", duplicate_of="near_duplicate_of")

    @task_group
    def rewritten(batch):
        """Rewrite one of each text, judge what came out, keep what is judged well."""
        unique = apply(
            [filters.duplicates.unique, step(filters.duplicates.unique, duplicate_of="near_duplicate_of")],
            batch,
            task_id="unique",
        )
        judged = apply_llm(
            [generate.text.qa_style, step(score.judge.document, text="rewritten")], unique, task_id="judged"
        )
        good = apply(
            [step(filters.values.between, column=name, at_least="{{ params.at_least }}") for name in DIMENSIONS],
            judged,
            task_id="well_judged",
        )
        return write(good, columns=COLUMNS, index=["content_hash", "minhash"])

    publish(rewritten.expand(batch=alike), asset="dataflow-text-synthesis")


text_synthesis()
