import inspect
from functools import partial

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.score import models
from tests.tiny_models import WORDS

TEXTS = [
    "the sun is hot.",
    "why is the moon cold? because it is old and the river is new.",
    "",
    "a",
    None,
    "the man in the sun was seen by the woman in the new blue river. " * 3,
    "why",
    "hot hot hot",
    "Ünïcödé, 日本語 and \x00 control",
]
ANSWERS = ["it is.", "because", None, "the old man", "no", "the moon was red. " * 5, "", "x", "new 🌞"]
TABLE = pa.table(
    {
        "id": [str(number) for number in range(len(TEXTS))],
        "text": pa.array(TEXTS, pa.large_string()),
        "question": pa.array(TEXTS, pa.string()),
        "answer": pa.array(ANSWERS, pa.string()),
    }
)
CASES = {  # op -> the tiny models it runs with, and its other settings
    "fineweb_edu": ("regressor", {}),
    "regression": ("regressor", {}),
    "quality_class": ("classes", {}),
    "toxicity": ("many", {"label": "Threat"}),
    "reward": ("regressor", {}),
    "qurater": ("four", {"chunk_tokens": 16}),
    "perplexity": ("gpt2", {"window": 16}),
    "ifd": ("llama", {"max_tokens": 100}),
    "deita_complexity": ("llama", {}),
    "deita_quality": ("gpt2", {"max_tokens": 300}),
}


def scores(table: pa.Table) -> pa.Table:
    return table.drop_columns(["text", "question", "answer"])


def test_every_op_is_here():
    ops = [name for name, op in vars(models).items() if inspect.isfunction(op) and op.__module__ == models.__name__]
    assert sorted(ops) == sorted(CASES)


@pytest.fixture(scope="module", params=CASES)
def one_by_one(request, tiny):
    """An op with the scores it gives to each row of TABLE when that row is all there is."""
    name, more = CASES[request.param]
    run = partial(getattr(models, request.param), model=tiny(name), **more)
    rows = [scores(run(TABLE.slice(number, 1))).to_pylist()[0] for number in range(len(TEXTS))]
    return run, rows


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(len(TEXTS))), batch_tokens=st.sampled_from([1, 40, 200, 16384]), cut=st.booleans())
def test_scores_do_not_depend_on_order_batches_or_chunks(one_by_one, order, batch_tokens, cut):
    run, alone = one_by_one
    shuffled = TABLE.take(order)
    if cut:
        shuffled = pa.concat_tables([shuffled.slice(0, 4), shuffled.slice(4)])
    together = scores(run(shuffled, batch_tokens=batch_tokens)).to_pylist()
    for row, number in zip(together, order, strict=True):
        for column, value in alone[number].items():
            expected = pytest.approx(value, rel=1e-4, abs=1e-4) if isinstance(value, float) else value
            assert row[column] == expected, (column, number)


@pytest.mark.parametrize("op", CASES)
def test_a_table_without_rows_or_with_nulls_alone_keeps_its_types(tiny, op):
    name, more = CASES[op]
    full = getattr(models, op)(TABLE, model=tiny(name), **more)
    nulls = pa.table({column: pa.nulls(2, pa.string()) for column in ("text", "question", "answer")})
    for table in (TABLE.slice(0, 0), nulls):
        found = getattr(models, op)(table, model=tiny(name), **more)
        assert found.num_rows == table.num_rows
        for column in set(found.column_names) - {"id", "text", "question", "answer"}:
            assert found.schema.field(column).type == full.schema.field(column).type
            assert found[column].null_count == table.num_rows


@pytest.mark.parametrize("op", CASES)
def test_an_op_leaves_its_input_and_replaces_its_column(tiny, op):
    name, more = CASES[op]
    once = getattr(models, op)(TABLE, model=tiny(name), **more)
    assert TABLE.column_names == ["id", "text", "question", "answer"]
    assert getattr(models, op)(once, model=tiny(name), **more).equals(once)


def naive(folder: str, kind: str):
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return tokenizer, getattr(transformers, f"AutoModelFor{kind}").from_pretrained(folder).eval()


@pytest.mark.parametrize(
    ("op", "name"), [("regression", "regressor"), ("quality_class", "classes"), ("toxicity", "many")]
)
def test_classifiers_say_what_transformers_says_of_one_text(tiny, op, name):
    import torch

    tokenizer, model = naive(tiny(name), "SequenceClassification")
    found = getattr(models, op)(TABLE, model=tiny(name))
    for text, row in zip(TEXTS, scores(found).to_pylist(), strict=True):
        values = [value for key, value in row.items() if key != "id"]
        if text is None:
            assert set(values) == {None}
            continue
        with torch.inference_mode():
            logits = model(**tokenizer(text, return_tensors="pt", truncation=True)).logits[0]
        sure, best = logits.softmax(0).max(0)
        expected = {
            "regression": [logits[0].item()],
            "quality_class": [["High", "Medium", "Low"][best], sure.item()],
            "toxicity": [logits[0].sigmoid().item()],
        }
        assert values[:-1] == expected[op][:-1]
        assert values[-1] == pytest.approx(expected[op][-1], abs=1e-5)


def loss(model, ids: list[int], first: int) -> float:
    import torch

    labels = torch.tensor([[-100] * first + ids[first:]])
    with torch.inference_mode():
        return model(input_ids=torch.tensor([ids]), labels=labels).loss.item()


@pytest.mark.parametrize("name", ["gpt2", "llama", "gemma2"])
def test_perplexity_is_that_of_transformers(tiny, name):
    tokenizer, model = naive(tiny(name), "CausalLM")
    found = models.perplexity(TABLE, model=tiny(name))["perplexity"].to_pylist()
    for text, value in zip(TEXTS, found, strict=True):
        ids = tokenizer(text)["input_ids"] if text is not None else []
        assert value == (pytest.approx(np.exp(loss(model, ids, 1)), rel=1e-4) if len(ids) > 1 else None)


def test_a_long_text_is_read_in_windows_that_overlap(tiny):
    tokenizer, model = naive(tiny("gpt2"), "CausalLM")
    text = " ".join(WORDS)
    ids = tokenizer(text)["input_ids"]
    assert len(ids) > 40
    total, start, done = 0.0, 0, 1
    while done < len(ids):
        end = min(start + 32, len(ids))
        total += loss(model, ids[start:end], done - start) * (end - done)
        start, done = start + 16, end
    found = models.perplexity(pa.table({"text": [text]}), model=tiny("gpt2"), window=32)
    assert found["perplexity"].to_pylist() == [pytest.approx(np.exp(total / (len(ids) - 1)), rel=1e-4)]


def test_difficulty_compares_the_same_tokens_with_and_without_the_question(tiny):
    tokenizer, model = naive(tiny("llama"), "CausalLM")
    question, answer = "why is it hot?", "because of the sun"
    asked = tokenizer(question + "\n")["input_ids"]
    said = tokenizer(answer, add_special_tokens=False)["input_ids"]
    expected = np.exp(loss(model, asked + said, len(asked) + 1) - loss(model, [0, *said], 2))
    found = models.ifd(pa.table({"question": [question], "answer": [answer]}), model=tiny("llama"))
    assert found["ifd"].to_pylist() == [pytest.approx(expected, rel=1e-4)]


@pytest.mark.parametrize("long", ["question", "answer", "both"])
def test_difficulty_of_what_is_too_long_is_that_of_what_is_kept(tiny, long):
    table = pa.table(
        {
            "question": ["the sun " * (50 if long != "answer" else 1) + "why?"],
            "answer": ["it is " + "the moon " * (50 if long != "question" else 1)],
        }
    )
    found = models.ifd(table, model=tiny("gpt2"), max_tokens=60)["ifd"].to_pylist()
    assert found[0] > 0


@pytest.mark.parametrize("op", ["deita_complexity", "deita_quality"])
@pytest.mark.parametrize("name", ["llama", "gemma2"])
def test_grades_are_expected_values_of_the_next_token(tiny, op, name):
    import torch

    tokenizer, model = naive(tiny(name), "CausalLM")
    template = {"deita_complexity": models.shared.COMPLEXITY, "deita_quality": models.shared.QUALITY}[op]
    ids = tokenizer(template.format(question="why?", answer="it is {hot}"), return_tensors="pt")
    with torch.inference_mode():
        logits = model(**ids).logits[0, -1]
    odds = logits[tokenizer.convert_tokens_to_ids(list("123456"))].softmax(0)
    found = getattr(models, op)(pa.table({"question": ["why?"], "answer": ["it is {hot}"]}), model=tiny(name))
    expected = float(odds @ torch.arange(1.0, 7.0))
    assert found[op].to_pylist() == [pytest.approx(expected, abs=1e-4)]


def test_a_long_question_is_cut_and_the_prompt_keeps_its_end(tiny):
    loaded = models.load("causal", tiny("llama"))
    texts = {"question": ["why? " * 2000, "日本" * 500], "answer": ["it is."] * 2}
    for prompt in models.shared.prompts_of(loaded, models.shared.QUALITY, max_tokens=400, **texts):
        assert prompt.endswith("\n#Response#:\nit is.\n##Quality: ")
        assert 380 < len(loaded.tokenizer(prompt)["input_ids"]) <= 400


def test_ratings_are_means_of_chunks_weighted_by_length(tiny):
    import torch

    tokenizer, model = naive(tiny("four"), "SequenceClassification")
    text = "the sun is hot and old."
    ids = tokenizer(text)["input_ids"]
    chunks = [ids[start : start + 10] for start in range(0, len(ids), 10)]
    with torch.inference_mode():
        logits = [model(input_ids=torch.tensor([chunk])).logits[0] * len(chunk) for chunk in chunks]
    expected = (sum(logits) / len(ids)).tolist()
    found = models.qurater(pa.table({"text": [text]}), model=tiny("four"), chunk_tokens=10)
    values = found.select(["writing_style", "required_expertise", "facts_and_trivia", "educational_value"])
    assert list(values.to_pylist()[0].values()) == pytest.approx(expected, abs=1e-4)


def test_a_classifier_published_as_encoder_and_layer_is_read(tiny):
    import torch
    from safetensors.torch import load_file
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    folder = tiny("mixin")
    weights = load_file(f"{folder}/model.safetensors")
    trunk = AutoModel.from_config(AutoConfig.from_pretrained(folder + "_base")).eval()
    trunk.load_state_dict({name[6:]: value for name, value in weights.items() if name.startswith("model.")})
    inputs = AutoTokenizer.from_pretrained(folder)("the sun is hot.", return_tensors="pt")
    with torch.inference_mode():
        logits = trunk(**inputs).last_hidden_state[0, 0] @ weights["fc.weight"].T + weights["fc.bias"]
    sure, best = logits.softmax(0).max(0)
    (row,) = models.quality_class(TABLE.slice(0, 1), model=folder).to_pylist()
    assert row["quality"] == ["High", "Medium", "Low"][best]
    assert row["quality_probability"] == pytest.approx(sure.item(), abs=1e-5)


def test_a_reward_model_with_a_chat_template_is_given_a_chat(tiny, tmp_path):
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny("reward"))
    tokenizer.chat_template = "{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}"
    tokenizer.save_pretrained(tmp_path)
    model = AutoModelForSequenceClassification.from_pretrained(tiny("reward"))
    model.save_pretrained(tmp_path)
    ids = tokenizer("[user]why?[assistant]sun", add_special_tokens=False, return_tensors="pt")["input_ids"]
    found = models.reward(pa.table({"question": ["why?"], "answer": ["sun"]}), model=str(tmp_path))
    assert found["reward"].to_pylist() == [pytest.approx(model.eval()(input_ids=ids).logits.item(), abs=1e-4)]


@pytest.mark.parametrize(
    ("op", "name", "more", "message"),
    [
        ("regression", "classes", {}, "has 3 labels: expected 1"),
        ("qurater", "classes", {}, "has 3 labels: expected 4"),
        ("toxicity", "many", {"label": "obscen"}, "did you mean 'obscene'"),
        ("perplexity", "gpt2", {"window": 2}, "window=2"),
        ("perplexity", "gpt2", {"batch_tokens": 0}, "batch_tokens=0"),
        ("deita_complexity", "gpt2", {"max_tokens": 50}, "max_tokens=50: expected more than the"),
        ("regression", "regressor", {"text": "txt"}, "did you mean 'text'"),
        ("regression", "regressor", {"max_tokens": 0}, "max_tokens=0"),
    ],
)
def test_what_does_not_fit_is_told(tiny, op, name, more, message):
    with pytest.raises(BadArgument, match=message):
        getattr(models, op)(TABLE, model=tiny(name), **more)
