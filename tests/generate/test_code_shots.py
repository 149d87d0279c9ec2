"""New instructions after the manner of a few given ones."""

import json

import pyarrow as pa
import pytest

from dataflow_ops.generate import code
from dataflow_ops.ledger import Ledger
from dataflow_ops.llm.asking import child
from dataflow_ops.llm.chat import Failure, Kind
from dataflow_ops.steps import Asking, Step, run_steps
from tests.llm.canned import canned
from tests.rows import rows

NEW = "generate.code.new_instructions"


def instruction(text):
    return json.dumps({"instruction": text})


def run(table, llm, **with_):
    """Run a step as a task does; return what is left and the book."""
    ledger = Ledger.open(table)
    return run_steps([Step.parse({"op": NEW, "with": with_})], table, ledger, Asking(llm, table.num_rows)), ledger


def test_new_instructions_are_made_of_several_that_are_their_parents():
    table = rows(instruction=["A", "B", None, "C", " b "], source=["s", "t", "u", "v", "w"], language=["Go"] * 5)
    made, ledger = run(table, canned(*[instruction(f"N{number}") for number in range(8)]), count=2)
    assert made["id"].to_pylist()[:5] == list("abcde")
    assert made["instruction"].to_pylist()[5:] == [f"N{number}" for number in range(8)]
    assert made["synthetic"].to_pylist() == [False] * 5 + [True] * 8
    assert made["transformation"].to_pylist() == [None] * 5 + ["few shots"] * 8
    firsts = [each[0] for each in made["parents"].to_pylist()[5:]]
    assert firsts == ["a", "b", "d", "e"] * 2
    assert made["id"].to_pylist()[5::4] == [child("a", NEW, 0), child("a", NEW, 1)]
    assert made["source"].to_pylist()[5:] == ["s", "t", "v", "w"] * 2
    assert made["language"].to_pylist()[5:] == [None] * 8
    for parents in made["parents"].to_pylist()[5:]:
        assert len(parents) == 3
        assert not {"b", "e"} <= set(parents), "b and e have the same text"
        assert "c" not in parents
    assert (ledger.made, ledger.rejected()) == (8, None)


def test_examples_are_those_of_the_parents_in_their_order():
    llm = canned(*map(instruction, "XYZ"))
    made = code.new_instructions(rows(instruction=["A", "B", "C"]), llm)
    for number, parents in enumerate(made["parents"].to_pylist()[3:]):
        shown = "\n\n".join(f"<example>\n{parent.upper()}\n</example>" for parent in parents)
        assert llm.backend.asked[number].chat.values == {"examples": shown}


def test_examples_do_not_depend_on_the_order_of_rows_and_all_are_drawn_about_equally():
    ids = [f"{number:04x}" for number in range(300)]
    table = pa.table({"id": ids, "instruction": [f"do {each}" for each in ids]})

    def drawn(table, **settings):
        llm = canned(*[instruction("X")] * 300)
        made = code.new_instructions(table, llm, shots=4, **settings).slice(300)
        return {parents[0]: parents for parents in made["parents"].to_pylist()}

    first = drawn(table)
    assert drawn(table.take(list(reversed(range(300))))) == first
    assert drawn(table, seed=1) != first
    others = [each for parents in first.values() for each in parents[1:]]
    assert max(others.count(each) for each in ids) < 12
    assert all(len(set(parents)) == 4 for parents in first.values())


@pytest.mark.parametrize(
    ("texts", "settings", "parents"),
    [
        (["A"], {}, [["a"]]),
        (["A", "B"], {"shots": 1}, [["a"], ["b"]]),
        (["A", "B"], {"shots": 10}, [["a", "b"], ["b", "a"]]),
        (["A", "a "], {}, [["a"], ["b"]]),
        (["A"], {"count": 2}, [["a"], ["a"]]),
        (["A"], {"count": 0}, []),
        ([None, ""], {}, []),
    ],
)
def test_a_small_table_gives_fewer_examples(texts, settings, parents):
    llm = canned(*map(instruction, "XY"))
    made = code.new_instructions(rows(instruction=pa.array(texts, pa.string())), llm, **settings)
    assert made["parents"].to_pylist()[len(texts) :] == parents


def test_what_is_synthetic_is_no_example_and_a_failure_is_a_rejected_row_of_its_own():
    table = rows(instruction=["A", "B", "C"], synthetic=[None, True, False])
    made, ledger = run(table, canned(Failure(Kind.REFUSED, "no"), instruction("X")))
    assert made["id"].to_pylist() == ["a", "b", "c", child("c", NEW, 0)]
    assert made["parents"].to_pylist()[3] == ["c", "a"]
    assert ledger.rejected()["parents"].to_pylist() == [["a", "c"]]
    assert ledger.rejected()["reason"].to_pylist() == ["refused: no"]
