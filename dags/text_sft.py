"""Instruction data three ways: choose among pairs there are, make pairs of documents, or make them of topics."""

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

PAIR = ["instruction", "output"]
KEPT = step(filters.values.between, column="sft_score", at_least="{{ params.at_least }}")
GRADE = Param(3, type="integer", minimum=0, maximum=5, title="Grade", description="Pairs are kept from here on")


@dag(
    schedule=schedule("text_sft_filter"),
    tags=["dataflow", "sft", "model"],
    doc_md="""# SFT filter: instruction pairs in, those worth training on out

By length first, which costs nothing; then by instruction-following difficulty, how much an instruction helps a small
language model to expect its reply; then by a model's grade of quality. Both models run in this task's process.""",
    max_active_runs=1,
    params={
        **source_params("s3://dataflow/samples/sft/", "s3://dataflow/datasets/text_sft_filter"),
        "words_at_least": Param(20, type="integer", minimum=0, title="Words of a reply, at least"),
        "words_at_most": Param(1000, type="integer", minimum=1, title="Words of a reply, at most"),
        "ifd_model": Param("openai-community/gpt2", type="string", title="Model of difficulty", description="Causal"),
        "ifd_at_least": Param(0.5, type="number", title="Difficulty, at least"),
        "ifd_at_most": Param(1.0, type="number", title="Difficulty, at most", description="Above 1 it does not help"),
        "quality_model": Param("hkust-nlp/deita-quality-scorer", type="string", title="Model of quality"),
        "quality_at_least": Param(2.5, type="number", minimum=1, maximum=6, title="Quality, at least"),
    },
)
def text_sft_filter():
    @task_group
    def chosen(batch):
        """Choose among the pairs of one batch, the cheapest measure first."""
        raw = read(
            batch, columns={"instruction": ["prompt", "question"], "output": ["response", "answer", "completion"]}
        )
        long_enough = apply(
            [
                step(score.text.measures, text="output"),
                step(
                    filters.values.between,
                    column="words",
                    at_least="{{ params.words_at_least }}",
                    at_most="{{ params.words_at_most }}",
                ),
                step(dedup.exact.content_hash, text="instruction"),
            ],
            raw,
            task_id="long_enough",
        )
        helped = apply(
            [
                step(score.models.ifd, question="instruction", answer="output", model="{{ params.ifd_model }}"),
                step(
                    filters.values.between,
                    column="ifd",
                    at_least="{{ params.ifd_at_least }}",
                    at_most="{{ params.ifd_at_most }}",
                ),
            ],
            long_enough,
            task_id="helped_by_instruction",
            pool="gpu",
        )
        return apply(
            [
                step(
                    score.models.deita_quality,
                    question="instruction",
                    answer="output",
                    model="{{ params.quality_model }}",
                ),
                step(filters.values.between, column="deita_quality", at_least="{{ params.quality_at_least }}"),
            ],
            helped,
            task_id="good",
            pool="gpu",
        )

    same = reduce(dedup.exact.duplicates, chosen.expand(batch=ingest()), task_id="exact_duplicates")

    @task_group
    def kept(batch):
        """Keep one pair of each instruction."""
        unique = apply(filters.duplicates.unique, batch)
        return write(unique, columns=[*PAIR, "ifd", "deita_quality", "source", "source_row"], index=["content_hash"])

    publish(kept.expand(batch=same), asset="dataflow-text-sft-filter")


@dag(
    schedule=schedule("text_sft_documents"),
    tags=["dataflow", "sft", "model"],
    doc_md="""# SFT from documents: documents in, judged instruction pairs out

A model makes pairs from what each good document knows; a judge grades them.""",
    max_active_runs=1,
    params={
        **model_params(),
        **source_params("s3://dataflow/samples/text/", "s3://dataflow/datasets/text_sft_documents"),
        "pairs": Param(1, type="integer", minimum=1, maximum=10, title="Pairs", description="Of each document"),
        "at_least": GRADE,
    },
)
def text_sft_documents():
    @task_group
    def worth_asking(batch):
        """Clean one batch and keep good documents."""
        raw = read(batch, columns={"text": ["content", "raw_content", "body", "document"]})
        return apply(
            [
                refine.text.strip_html,
                refine.text.squeeze_spaces,
                refine.pii.mask_pii,
                score.text.measures,
                step(score.rules.failed, preset="pretrain"),
                filters.rules.passed,
                dedup.exact.content_hash,
                dedup.minhash.sketch,
            ],
            raw,
            task_id="good",
        )

    same = reduce(dedup.exact.duplicates, worth_asking.expand(batch=ingest()), task_id="exact_duplicates")
    alike = reduce(dedup.minhash.duplicates, same, task_id="near_duplicates", duplicate_of="near_duplicate_of")

    @task_group
    def made(batch):
        """Make pairs of one of each document, and keep those that a judge finds good."""
        unique = apply(
            [filters.duplicates.unique, step(filters.duplicates.unique, duplicate_of="near_duplicate_of")],
            batch,
            task_id="unique",
        )
        pairs = apply_llm(
            [step(generate.sft.pairs, count="{{ params.pairs }}"), score.judge.sft, KEPT], unique, task_id="pairs"
        )
        columns = [*PAIR, "parents", "sft_score", "sft_reason", "source", "source_row"]
        return write(pairs, columns=columns, index=["content_hash", "minhash"])

    publish(made.expand(batch=alike), asset="dataflow-text-sft-documents")


@dag(
    schedule=schedule("text_sft_topics"),
    tags=["dataflow", "sft", "model"],
    doc_md="""# SFT from topics: a topic tree in, judged instruction pairs out

Each combination of topic, domain, theme and task type gives an easy, a medium and a hard instruction. A model answers,
criticizes its answer, and writes it anew; a judge grades the last. Instructions that say the same as another, by their
embeddings, are answered once.""",
    max_active_runs=1,
    params={
        **model_params(),
        **source_params("s3://dataflow/samples/topics/", "s3://dataflow/datasets/text_sft_topics"),
        "alike": Param(0.92, type="number", minimum=0, maximum=1, title="Alike", description="Cosine from here on"),
        "at_least": GRADE,
    },
)
def text_sft_topics():
    @task_group
    def asked(batch):
        """Ask about the topics of one batch, and embed what is asked."""
        topics = read(batch, columns={"topic": [], "domain": [], "theme": [], "task_type": []})
        questions = apply_llm(generate.sft.questions, topics)
        return apply(score.embeddings.embedding, questions, pool="gpu", text="instruction")

    alike = reduce(
        dedup.semantic.duplicates, asked.expand(batch=ingest()), task_id="same_meaning", threshold="{{ params.alike }}"
    )
    measured = reduce(score.diversity.vendi, alike)

    @task_group
    def answered(batch):
        """Answer one of each instruction, criticize, rewrite, judge."""
        unique = apply(filters.duplicates.unique, batch, duplicate_of="semantic_duplicate_of")
        judged = apply_llm(
            [
                step(generate.sft.answers, output="draft"),
                step(generate.sft.critique, output="draft"),
                step(generate.sft.rewrite_by_critique, output="draft", rewritten="output"),
                score.judge.sft,
                KEPT,
            ],
            unique,
            task_id="judged",
        )
        topic = ["topic", "domain", "theme", "task_type", "difficulty"]
        columns = [*PAIR, "parents", "draft", "critique", "sft_score", "sft_reason", *topic, "source", "source_row"]
        return write(judged, columns=columns, index=["embedding"])

    publish(answered.expand(batch=measured), asset="dataflow-text-sft-topics")


text_sft_filter()
text_sft_documents()
text_sft_topics()
