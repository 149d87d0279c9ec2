import json

import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.chat import Failure, Kind
from dataflow_ops.llm.schema import json_schema
from dataflow_ops.op import ANSWERED_BY, REJECTED
from dataflow_ops.score import sql_judge
from tests.llm.canned import canned
from tests.rows import rows

SQL = "SELECT COUNT(*) FROM books"


def pairs(*questions, **columns):
    size = len(questions)
    given = {"sql": [SQL] * size, "schema": ["books (id)"] * size, "dialect": ["sqlite"] * size} | columns
    texts = {"question": questions, "evidence": [None] * size} | given
    return rows(**{name: pa.array(cells, pa.string()) for name, cells in texts.items()})


def said(verdict, reason="It counts books."):
    return json.dumps({"reason": reason, "corresponds": verdict})


def test_what_does_not_correspond_says_why():
    llm = canned(said(True), said(False, "It counts all books, not those lent."), Failure(Kind.REFUSED, "no"))
    made = sql_judge.corresponds(pairs("How many books?", "How many are lent?", "Which?", None), llm)
    assert made["mismatch"].to_pylist() == [None, "It counts all books, not those lent.", None, None]
    assert made[REJECTED].to_pylist() == [None, None, "refused: no", "empty: nothing in 'question'"]
    assert made["mismatch"].type == pa.string()
    assert set(made[ANSWERED_BY].to_pylist()) == {"canned"}


@pytest.mark.parametrize(
    ("evidence", "told"), [(None, "(none)"), (" ", "(none)"), ("Lent: returned is null", "Lent: returned is null")]
)
def test_the_model_is_shown_the_pair_its_schema_and_its_evidence(evidence, told):
    llm = canned(said(True))
    sql_judge.corresponds(pairs("How many?", evidence=[evidence]), llm)
    (request,) = llm.backend.asked
    expected = {"dialect": "sqlite", "schema": "books (id)", "question": "How many?", "evidence": told, "sql": SQL}
    assert request.chat.values == expected
    assert request.sampling.temperature == 0.0
    shown = request.chat.messages[1]["content"]
    assert all(value in shown for value in expected.values())


def test_evidence_may_be_no_column():
    table = pairs("How many?").drop_columns("evidence")
    assert sql_judge.corresponds(table, canned(said(True)), evidence=None)["mismatch"].to_pylist() == [None]
    with pytest.raises(BadArgument, match="no column 'evidence'"):
        sql_judge.corresponds(table, canned(said(True)))


@pytest.mark.parametrize("reply", ["yes", '{"corresponds": true}', '{"reason": "", "corresponds": false}', "{}"])
def test_a_verdict_without_a_reason_is_none(reply):
    made = sql_judge.corresponds(pairs("How many?"), canned(reply, reply))
    assert made["mismatch"].to_pylist() == [None]
    assert made[REJECTED][0].as_py().startswith("unparsable: ")


def test_the_reason_comes_before_the_verdict():
    assert list(json_schema(sql_judge._Correspondence)["properties"]) == ["reason", "corresponds"]
