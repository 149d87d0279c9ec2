"""Score texts with models of the transformers library: classifiers, regressors, reward models, language models.

`model` is a name on the Hugging Face hub or a folder; what is loaded stays loaded for the next shard. Rows are sorted by
length and run in batches of `batch_tokens` tokens with their padding, which changes no score. A null text has a null
score. `device` None is a GPU if there is one; `dtype` "auto" is bfloat16 there and float32 on a CPU.
"""

import numpy as np
import pyarrow as pa

from dataflow_ops.columns import put
from dataflow_ops.models import causal, encoder, tokens
from dataflow_ops.models.loading import Dtype, load
from dataflow_ops.op import Reads, Writes
from dataflow_ops.score import _models as shared


def fineweb_edu(
    table: pa.Table,
    *,
    text: Reads = "text",
    score: Writes = "fineweb_edu",
    model: str = "HuggingFaceFW/fineweb-edu-classifier",
    revision: str | None = None,
    max_tokens: int = 512,
    batch_tokens: int = 16384,
    device: str | None = None,
    dtype: Dtype = "auto",
) -> pa.Table:
    """Grade how educational a web page is, from 0 (not at all) to 5 (outstanding); 3 is a usual threshold.

    The raw value of the regression: a few texts lie slightly outside of 0 to 5. A text is cut to `max_tokens` (512 is
    what the model reads). FineWeb-Edu (Penedo et al., 2024). How models run: see `score.models.regression`.
    """
    return regression(
        table,
        text=text,
        score=score,
        model=model,
        revision=revision,
        max_tokens=max_tokens,
        batch_tokens=batch_tokens,
        device=device,
        dtype=dtype,
    )


def regression(
    table: pa.Table,
    *,
    text: Reads = "text",
    score: Writes = "regression",
    model: str,
    revision: str | None = None,
    max_tokens: int = 512,
    batch_tokens: int = 16384,
    device: str | None = None,
    dtype: Dtype = "auto",
) -> pa.Table:
    """Measure a text with a model that has one number as its output.

    `model` is a name on the Hugging Face hub or a folder. A text is cut to its first `max_tokens` tokens; null for a null
    text. Rows run sorted by length, in batches of `batch_tokens` tokens with their padding: that changes time and memory,
    not scores. `device` None is a GPU where there is one; `dtype` "auto" is bfloat16 there, float32 on a CPU.
    """
    there, (texts,) = shared.filled(table, text)
    loaded = load("classifier", model, revision=revision, device=device, dtype=dtype)
    shared.expect_labels(loaded, 1, "score.models.quality_class is for models with several")
    logits = shared.logits_of(loaded, texts, max_tokens=max_tokens, batch_tokens=batch_tokens)
    return shared.measured(table, score, there, logits[:, 0])


def quality_class(
    table: pa.Table,
    *,
    text: Reads = "text",
    label: Writes = "quality",
    probability: Writes = "quality_probability",
    model: str = "nvidia/quality-classifier-deberta",
    revision: str | None = None,
    max_tokens: int = 1024,
    batch_tokens: int = 16384,
    device: str | None = None,
    dtype: Dtype = "auto",
) -> pa.Table:
    """Name the likeliest class of a text, and how probable it is (0 to 1).

    The default model says High, Medium or Low; any classifier of the hub can take its place. A text is cut to `max_tokens`.
    How models run: see `score.models.regression`.
    """
    there, (texts,) = shared.filled(table, text)
    loaded = load("classifier", model, revision=revision, device=device, dtype=dtype)
    logits = shared.logits_of(loaded, texts, max_tokens=max_tokens, batch_tokens=batch_tokens)
    sure = encoder.probabilities(loaded, logits)
    names = np.full(table.num_rows, None, object)
    known = ~np.isnan(sure).any(axis=1)
    names[there[known]] = np.array(encoder.labels(loaded), object)[sure[known].argmax(axis=1)]
    named = put(table, label, pa.array(names, pa.string()))
    return shared.measured(named, probability, there, sure.max(axis=1, initial=-np.inf))


def toxicity(
    table: pa.Table,
    *,
    text: Reads = "text",
    score: Writes = "toxicity",
    model: str = "unitary/toxic-bert",
    label: str = "toxic",
    revision: str | None = None,
    max_tokens: int = 512,
    batch_tokens: int = 16384,
    device: str | None = None,
    dtype: Dtype = "auto",
) -> pa.Table:
    """Measure how probable it is that a text is toxic, or whatever `label` of a classifier says (0 to 1).

    Where a text can have several labels each has a probability of its own; else all add up to 1. A text is cut to
    `max_tokens`. How models run: see `score.models.regression`.
    """
    there, (texts,) = shared.filled(table, text)
    loaded = load("classifier", model, revision=revision, device=device, dtype=dtype)
    index = encoder.label_index(loaded, label)
    logits = shared.logits_of(loaded, texts, max_tokens=max_tokens, batch_tokens=batch_tokens)
    return shared.measured(table, score, there, encoder.probabilities(loaded, logits)[:, index])


def reward(
    table: pa.Table,
    *,
    question: Reads = "question",
    answer: Reads = "answer",
    score: Writes = "reward",
    model: str = "OpenAssistant/reward-model-deberta-v3-large-v2",
    revision: str | None = None,
    max_tokens: int = 1024,
    batch_tokens: int = 16384,
    device: str | None = None,
    dtype: Dtype = "auto",
) -> pa.Table:
    """Measure how good an answer to a question is, as a reward model sees it: a logit, more is better.

    Logits compare answers by one model; their scale differs from model to model. A model with a chat template is given a
    chat, another the pair of texts; together they are cut to `max_tokens`. How models run: see `score.models.regression`.
    """
    there, (questions, answers) = shared.filled(table, question, answer)
    loaded = load("classifier", model, revision=revision, device=device, dtype=dtype)
    shared.expect_labels(loaded, 1, "a reward model has one output")
    rows = shared.chat_rows(loaded, questions, answers, max_tokens)
    return shared.measured(table, score, there, encoder.class_logits(loaded, rows, batch_tokens=batch_tokens)[:, 0])


def qurater(
    table: pa.Table,
    *,
    text: Reads = "text",
    writing_style: Writes = "writing_style",
    required_expertise: Writes = "required_expertise",
    facts_and_trivia: Writes = "facts_and_trivia",
    educational_value: Writes = "educational_value",
    model: str = "princeton-nlp/QuRater-1.3B",
    revision: str | None = None,
    chunk_tokens: int = 512,
    max_tokens: int = 16384,
    batch_tokens: int = 16384,
    device: str | None = None,
    dtype: Dtype = "auto",
) -> pa.Table:
    """Rate four qualities of a text: logits, more is better, a normal distribution around 0 on web text.

    The mean over chunks of `chunk_tokens` tokens, each weighted with its length; of a text longer than `max_tokens` the
    start counts. QuRating (Wettig et al., 2024). How models run: see `score.models.regression`.
    """
    there, (texts,) = shared.filled(table, text)
    loaded = load("classifier", model, revision=revision, device=device, dtype=dtype)
    shared.expect_labels(loaded, 4, "QuRater has four outputs")
    found = shared.chunk_means(loaded, texts, chunk_tokens, max_tokens, batch_tokens)
    names = (writing_style, required_expertise, facts_and_trivia, educational_value)
    for index, name in enumerate(names):
        table = shared.measured(table, name, there, found[:, index])
    return table


def perplexity(
    table: pa.Table,
    *,
    text: Reads = "text",
    score: Writes = "perplexity",
    model: str = "openai-community/gpt2",
    revision: str | None = None,
    window: int = 1024,
    max_tokens: int = 8192,
    batch_tokens: int = 16384,
    device: str | None = None,
    dtype: Dtype = "auto",
) -> pa.Table:
    """Measure how surprised a language model is by a text: perplexity per token, 1 or more, less is more expected.

    The first token has no context and does not count; null for fewer than two tokens. A text of more than `window` tokens
    is read in windows that overlap by half, each token scored once; beyond `max_tokens` it is cut.
    How models run: see `score.models.regression`.
    """
    there, (texts,) = shared.filled(table, text)
    loaded = load("causal", model, revision=revision, device=device, dtype=dtype)
    rows = tokens.texts_to_rows(loaded, texts, max_tokens=max_tokens, whole=True)
    parts, owners = shared.windowed(rows, min(window, loaded.longest))
    losses = causal.losses(loaded, parts, batch_tokens=batch_tokens)
    return shared.measured(table, score, there, np.exp(shared.mean_losses(shared.summed(losses, owners, len(rows)))))


def ifd(
    table: pa.Table,
    *,
    question: Reads = "question",
    answer: Reads = "answer",
    score: Writes = "ifd",
    model: str = "openai-community/gpt2",
    revision: str | None = None,
    max_tokens: int = 1024,
    batch_tokens: int = 16384,
    device: str | None = None,
    dtype: Dtype = "auto",
) -> pa.Table:
    """Measure how little a question helps to expect its answer: instruction-following difficulty.

    Perplexity of the answer after the question over that of the answer alone, both over the answer's tokens but its first:
    near 0 the question gives the answer away, above 1 it misleads. Null when the answer has fewer than two tokens.
    Both are cut to `max_tokens` together: the answer at its end, the question at its start.
    Superfiltering (Li et al., 2024). How models run: see `score.models.regression`.
    """
    there, (questions, answers) = shared.filled(table, question, answer)
    loaded = load("causal", model, revision=revision, device=device, dtype=dtype)
    after, alone = shared.answer_rows(loaded, questions, answers, max_tokens)
    losses = causal.losses(loaded, [*after, *alone], batch_tokens=batch_tokens)
    nats = shared.mean_losses(losses)
    return shared.measured(table, score, there, np.exp(nats[: len(after)] - nats[len(after) :]))


def deita_complexity(
    table: pa.Table,
    *,
    question: Reads = "question",
    score: Writes = "deita_complexity",
    model: str = "hkust-nlp/deita-complexity-scorer",
    revision: str | None = None,
    max_tokens: int = 2048,
    batch_tokens: int = 16384,
    device: str | None = None,
    dtype: Dtype = "auto",
) -> pa.Table:
    """Grade how complex an instruction is, from 1 to 6.

    The mean of the grades "1" to "6", weighted with how probable each is as the next token: one pass of the model, nothing
    is generated. A question is cut to fit `max_tokens` with the prompt. Deita (Liu et al., 2024).
    How models run: see `score.models.regression`.
    """
    there, (questions,) = shared.filled(table, question)
    loaded = load("causal", model, revision=revision, device=device, dtype=dtype)
    prompts = shared.prompts_of(loaded, shared.COMPLEXITY, max_tokens=max_tokens, question=questions)
    return shared.measured(table, score, there, shared.expected_grade(loaded, prompts, batch_tokens=batch_tokens))


def deita_quality(
    table: pa.Table,
    *,
    question: Reads = "question",
    answer: Reads = "answer",
    score: Writes = "deita_quality",
    model: str = "hkust-nlp/deita-quality-scorer",
    revision: str | None = None,
    max_tokens: int = 2048,
    batch_tokens: int = 16384,
    device: str | None = None,
    dtype: Dtype = "auto",
) -> pa.Table:
    """Grade how good an answer to a question is, from 1 to 6.

    As `score.models.deita_complexity`, with another model; the longer of question and answer is cut first.
    """
    there, (questions, answers) = shared.filled(table, question, answer)
    loaded = load("causal", model, revision=revision, device=device, dtype=dtype)
    prompts = shared.prompts_of(loaded, shared.QUALITY, max_tokens=max_tokens, question=questions, answer=answers)
    return shared.measured(table, score, there, shared.expected_grade(loaded, prompts, batch_tokens=batch_tokens))
