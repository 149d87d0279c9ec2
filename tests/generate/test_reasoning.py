import json
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.generate import reasoning
from dataflow_ops.ledger import Ledger
from dataflow_ops.llm.asking import child
from dataflow_ops.llm.chat import Failure, Kind
from dataflow_ops.op import ANSWERED_BY, describe
from dataflow_ops.steps import Asking, Step, run_steps
from tests.llm.canned import canned
from tests.rows import rows

VARIATIONS, FUSIONS = "generate.reasoning.variations", "generate.reasoning.fusions"
REFUSED = Failure(Kind.REFUSED, "no")


def new(question):
    return json.dumps({"question": question})


def seeds(**more):
    table = rows(question=["1 + 1?", "2 + 2?"], gold=["2", "4"], source=["s3://x", None], source_row=[7, 8], **more)
    return table.append_column("embedding", pa.array([[1.0, 0.0]] * 2, pa.list_(pa.float32(), 2)))


def pairs(neighbours, texts=None, ids="abc"):
    table = pa.table({"id": list(ids), "question": [f"{each}?" for each in ids]})
    others = [each and f"{each}?" for each in neighbours] if texts is None else texts
    table = table.append_column("neighbour", pa.array(neighbours, pa.string()))
    return table.append_column("neighbour_question", pa.array(others, pa.string()))


def shown(llm, number=0):
    return llm.backend.asked[number].chat.values


def run(op, table, llm, **with_):
    """Run a step as a task does; return what is left and the book."""
    ledger = Ledger.open(table)
    return run_steps([Step.parse({"op": op, "with": with_})], table, ledger, Asking(llm, table.num_rows)), ledger


def test_new_questions_follow_their_seeds_and_take_over_nothing_measured():
    made = reasoning.variations(seeds(question_valid=[True, True]), canned(new("3 + 3?"), new("4 + 4?")))
    assert made["id"].to_pylist() == ["a", "b", child("a", VARIATIONS, 0), child("b", VARIATIONS, 0)]
    assert made["question"].to_pylist() == ["1 + 1?", "2 + 2?", "3 + 3?", "4 + 4?"]
    assert made["synthetic"].to_pylist() == [False, False, True, True]
    assert made["transformation"].is_null().to_pylist() == [True, True, False, False]
    assert made["parents"].to_pylist() == [None, None, ["a"], ["b"]]
    assert made["source"].to_pylist() == ["s3://x", None, "s3://x", None]
    assert made["source_row"].to_pylist() == [7, 8, 7, 8]
    for column in ("gold", "question_valid", "embedding"):
        assert made[column].is_null().to_pylist() == [False, False, True, True]
    assert made[ANSWERED_BY].to_pylist() == [None, None, "canned", "canned"]


def test_each_new_question_of_a_row_asks_for_another_combination_of_changes():
    llm = canned(*map(new, "vwxyz"))
    made = reasoning.variations(rows(question=["1 + 1?"]), llm, count=5)
    told = made["transformation"].to_pylist()[1:]
    assert sorted(told) == [
        "numbers+premises+cases",
        "numbers+type+cases",
        "numbers+type+premises",
        "numbers+type+setting",
        "numbers+type+setting+premises+cases",
    ]
    assert made["id"].to_pylist()[1:] == [child("a", VARIATIONS, number) for number in range(5)]
    for request, names in zip(llm.backend.asked, told, strict=True):
        changes = request.chat.values["changes"].split("\n")
        assert changes == [f"- {reasoning.CHANGES[name]}" for name in names.split("+")]


@pytest.mark.parametrize(("op", "kinds"), [(VARIATIONS, 5), (FUSIONS, 3)])
def test_all_combinations_and_relations_are_about_as_frequent_and_a_row_keeps_its_own(op, kinds):
    ids = [f"{number:032x}" for number in range(1000)]
    neighbour = {"neighbour": ["z"] * 1000, "neighbour_question": ["z?"] * 1000}
    table = pa.table({"id": ids, "question": ["1?"] * 1000, **neighbour})
    made = run(op, table, canned(*[new("x?")] * 1000))[0].slice(1000)
    counts = Counter(told := made["transformation"].to_pylist())
    assert len(counts) == kinds
    assert min(counts.values()) > 0.8 * 1000 / kinds
    alone = run(op, table.slice(700, 1), canned(new("x?")))[0]
    assert alone["transformation"].to_pylist() == [None, told[700]]
    other = run(op, table, canned(*[new("x?")] * 1000), seed=1)[0].slice(1000)
    assert other["transformation"].to_pylist() != told


@pytest.mark.parametrize("domain", ["math", "general"])
def test_each_domain_has_prompts_of_its_own(domain):
    llm = canned(new("x?"), "y")
    table = rows(question=["1?"], gold=["1"])
    reasoning.variations(table, llm, domain=domain)
    reasoning.solutions(table, llm, domain=domain)
    asked = [request.chat.prompt for request in llm.backend.asked]
    assert asked == [f"reasoning/{domain}_variation", f"reasoning/{domain}_solution"]


@pytest.mark.parametrize("synthetic", [[True, None], [True, False]])
def test_questions_that_are_made_already_are_not_asked_about(synthetic):
    llm = canned(new("x?"))
    made = reasoning.variations(seeds(synthetic=synthetic, transformation=["old", None], parents=[["z"], None]), llm)
    assert shown(llm)["question"] == "2 + 2?"
    assert made["synthetic"].to_pylist() == [True, False, True]
    assert made["transformation"].to_pylist()[:2] == ["old", None]
    assert made["parents"].to_pylist() == [["z"], None, ["b"]]


def test_a_question_that_could_not_be_made_is_rejected_and_its_seed_stays():
    llm = canned(new("x?"), REFUSED, new(""), new("y?"), new(" "))
    left, ledger = run(VARIATIONS, seeds(), llm, count=2)
    assert left["id"].to_pylist() == ["a", "b", child("a", VARIATIONS, 0), child("b", VARIATIONS, 1)]
    assert left["question"].to_pylist()[2:] == ["x?", "y?"]
    rejected = ledger.rejected()
    assert rejected["id"].to_pylist() == [child("a", VARIATIONS, 1), child("b", VARIATIONS, 0)]
    assert [why.partition(":")[0] for why in rejected["reason"].to_pylist()] == ["refused", "unparsable"]
    assert rejected["parents"].to_pylist() == [["a"], ["b"]]
    assert ledger.made == 4


@pytest.mark.parametrize("op", [VARIATIONS, FUSIONS])
def test_an_empty_question_is_not_asked_about_and_stays(op):
    table = pairs(["b", "c", "a"]).set_column(1, "question", pa.array(["", None, "c?"]))
    left, ledger = run(op, table, canned(new("x?")))
    assert left["id"].to_pylist()[:3] == ["a", "b", "c"]
    assert ledger.rejected()["reason"].to_pylist() == ["empty: nothing in 'question'"] * 2


def test_nothing_is_asked_for_where_no_new_question_is_wanted():
    for made in (reasoning.variations(seeds(), canned(), count=0), reasoning.fusions(pairs("bca"), canned(), count=0)):
        assert made["synthetic"].to_pylist() == [False] * made.num_rows
        assert made["transformation"].type == pa.string()
        assert made["parents"].type == pa.list_(pa.string())


def test_columns_to_carry_are_chosen_and_a_stamp_of_a_rehearsal_stays():
    table = seeds(topic=["sums", "sums"], answered_by=["rehearsal", "gpt"])
    made = reasoning.variations(table, canned(new("x?"), new("y?")), carry=["topic", "not there", "question"])
    assert made["topic"].to_pylist() == ["sums"] * 4
    assert made["source"].to_pylist() == ["s3://x", None, None, None]
    assert made["question"].to_pylist()[2:] == ["x?", "y?"]
    assert made[ANSWERED_BY].to_pylist() == ["rehearsal", "gpt", "rehearsal", "canned"]


def test_a_question_is_fused_with_its_neighbour():
    llm = canned(new("both?"), new("either?"))
    made = reasoning.fusions(pairs(["z", None, None]), llm, count=2)
    ids = [child("a", FUSIONS, number) for number in range(2)]
    assert made["id"].to_pylist() == ["a", "b", "c", *ids]
    assert made["question"].to_pylist()[3:] == ["both?", "either?"]
    assert made["parents"].to_pylist()[3:] == [["a", "z"]] * 2
    told = made["transformation"].to_pylist()[3:]
    assert len(set(told)) == 2
    assert made["neighbour"].to_pylist() == ["z", None, None, None, None]
    assert shown(llm) == {
        "first": "a?",
        "second": "z?",
        "relation": reasoning.RELATIONS[told[0].removesuffix(" fusion")],
    }


@pytest.mark.parametrize(
    ("neighbours", "texts", "fused"),
    [
        (["b", "a", "a"], None, ["ab", "ca"]),
        (["b", "c", "a"], None, ["ab", "bc", "ca"]),
        (["c", "c", "b"], None, ["ac", "bc"]),
        (["a", "z", None], None, ["bz"]),
        (["b", "a", "a"], [None, "a?", " "], ["ba"]),
    ],
    ids=["mutual", "circle", "mutual, later", "itself", "no text"],
)
def test_pairs_are_fused_once(neighbours, texts, fused):
    made = reasoning.fusions(pairs(neighbours, texts), canned(*[new("x?")] * len(fused)))
    assert ["".join(each) for each in made["parents"].to_pylist()[3:]] == fused


def test_made_rows_are_not_fused_and_what_is_left_is_fused_all_the_same():
    table = pairs(["b", "a", "a"]).append_column("synthetic", pa.array([True, False, None]))
    made = reasoning.fusions(table, canned(new("x?"), new("y?")))
    assert made["parents"].to_pylist()[3:] == [["b", "a"], ["c", "a"]]


def test_relations_are_chosen():
    made = reasoning.fusions(pairs(["z", None, None]), canned(new("x?")), relations=["conditional"])
    assert made["transformation"].to_pylist()[3:] == ["conditional fusion"]
    with pytest.raises(BadArgument, match="count=2"):
        reasoning.fusions(pairs("bca"), canned(), relations=["parallel"], count=2)


def test_variations_and_fusions_follow_each_other_with_every_row_accounted_for():
    llm = canned(new("u?"), REFUSED, new("w?"), new("x?"), REFUSED)
    steps = [Step.parse({"op": op, "with": {}}) for op in (VARIATIONS, FUSIONS)]
    table = pairs(["b", "c", None])
    ledger = Ledger.open(table)
    left = run_steps(steps, table, ledger, Asking(llm, 3))
    assert left["question"].to_pylist() == ["a?", "b?", "c?", "u?", "w?", "x?"]
    assert (ledger.made, ledger.rejected_rows) == (5, 2)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.null()])
def test_no_rows_keep_their_types(kind):
    table = pairs(["b", "c", "a"]).append_column("gold", pa.nulls(3))
    none = table.slice(0, 0)
    for name in ("question", "neighbour", "neighbour_question"):
        none = none.set_column(none.schema.get_field_index(name), name, pa.array([], kind))
    for op, answer in (("variations", new("x?")), ("fusions", new("x?")), ("solutions", "x")):
        call = getattr(reasoning, op)
        made, some = call(none, canned()), call(table, canned(*[answer] * 12))
        assert made.num_rows == 0
        written = [*describe(call).writes, *(["parents"] if op != "solutions" else [])]
        assert [made.schema.field(each) for each in written] == [some.schema.field(each) for each in written]


def test_large_strings_stay_so_and_take_new_rows():
    kinds = pa.schema([("id", pa.large_string()), ("question", pa.large_string())])
    table = pa.concat_tables([rows(question=["a?", "b?", "c?"]).cast(kinds).slice(at, 1) for at in (2, 0)])
    made = reasoning.variations(table, canned(new("x?"), new("y?")))
    assert (made["id"].type, made["question"].type) == (pa.large_string(), pa.large_string())
    assert made["parents"].to_pylist()[2:] == [["c"], ["a"]]


@pytest.mark.parametrize(
    ("op", "table", "message"),
    [
        ("variations", pa.table({"id": ["a"], "questions": ["x"]}), "'question'.*did you mean 'questions'"),
        ("variations", rows(question=[1]), "'question' is int64: expected text"),
        ("variations", rows(question=["x"], synthetic=["no"]), "'synthetic' is string: expected true and false"),
        ("fusions", rows(question=["x"]), "'neighbour'"),
        ("fusions", rows(question=["x"], neighbour=[1.5], neighbour_question=["y"]), "'neighbour' is double"),
        ("solutions", rows(question=["x"]), "'gold'"),
        ("solutions", rows(questions=["x"], gold=["x"]), "'question'"),
    ],
)
def test_columns_that_do_not_fit_are_told(op, table, message):
    with pytest.raises(BadArgument, match=message):
        getattr(reasoning, op)(table, canned())


@pytest.mark.parametrize(
    ("op", "given"),
    [
        ("variations", {"count": 6}),
        ("variations", {"count": -1}),
        ("variations", {"domain": "maths"}),
        ("fusions", {"count": 4}),
        ("fusions", {"relations": ["serial"]}),
        ("solutions", {"with_gold": 0}),
        ("solutions", {"without_gold": 65}),
    ],
)
def test_settings_that_do_not_fit_are_told_before_anything_runs(op, given):
    with pytest.raises(BadArgument, match=next(iter(given))):
        describe(getattr(reasoning, op), **given)


TEXTS = st.none() | st.text(max_size=3)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.none() | st.sampled_from("abcdz"), TEXTS, st.booleans()), max_size=4), st.data())
def test_every_row_given_stays_and_every_row_wanted_is_made_or_rejected(cells, data):
    columns = list(zip(*cells, strict=True)) or [()] * 4
    kinds = {
        "question": pa.string(),
        "neighbour": pa.string(),
        "neighbour_question": pa.string(),
        "synthetic": pa.bool_(),
    }
    table = pa.table({"id": pa.array(list("abcd"[: len(cells)]), pa.string())})
    for (name, kind), values in zip(kinds.items(), columns, strict=True):
        table = table.append_column(name, pa.array(values, kind))
    outcomes = data.draw(st.lists(st.sampled_from([new("x?"), REFUSED]), min_size=12, max_size=12))
    for op in (VARIATIONS, FUSIONS):
        left, ledger = run(op, table, canned(*outcomes), count=3)
        assert left["id"].to_pylist()[: len(cells)] == table["id"].to_pylist()
        assert left.num_rows == len(cells) + ledger.made - ledger.rejected_rows
        assert left["question"].to_pylist()[: len(cells)] == table["question"].to_pylist()
        assert ledger.made % 3 == 0
