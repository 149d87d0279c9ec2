import json
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.generate import sql
from dataflow_ops.generate._sql_words import CHANGES, EXPLAINED, STYLES
from dataflow_ops.ledger import Ledger
from dataflow_ops.llm.chat import Completion, Failure, Kind
from dataflow_ops.op import ANSWERED_BY, REJECTED
from dataflow_ops.steps import Asking, Step, run_steps
from tests.llm.canned import canned
from tests.rows import rows

REFUSED = Failure(Kind.REFUSED, "no")
SCHEMA = "books (id, title, year)"
COUNT = "SELECT COUNT(*) FROM books"


def fence(text, tag="sql"):
    return f"Somebody asks.\n\n```{tag}\n{text}\n```"


def texts(**columns):
    """A table whose columns of text may hold nulls alone; schema and dialect are there."""
    size = len(next(iter(columns.values())))
    about = {"schema": [SCHEMA] * size, "dialect": ["sqlite"] * size}
    return rows(**{name: pa.array(cells, pa.string()) for name, cells in (about | columns).items()})


def run(op, table, llm, **with_):
    """Run a step as a task does; return what is left and the reasons of what is rejected."""
    ledger = Ledger.open(table)
    left = run_steps([Step.parse({"op": op, "with": with_})], table, ledger, Asking(llm, table.num_rows))
    return left, ledger.rejected()["reason"].to_pylist()


def values(llm):
    return [request.chat.values for request in llm.backend.asked]


def asked(question, evidence=""):
    return json.dumps({"question": question, "evidence": evidence})


def planned(**columns):
    """Two plans; `columns` in the place of their own."""
    functions = pa.array([["ROUND", "COUNT"], None], pa.list_(pa.string()))
    table = texts(complexity=["simple", "highly complex"])
    table = table.append_column("functions", functions).append_column("result_columns", pa.array([2, None], pa.int64()))
    for name, cells in columns.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(cells))
    return table


def test_a_query_is_written_as_it_is_planned():
    llm = canned(fence(f"{COUNT} ;\n"), fence("WITH a AS (SELECT 1) SELECT * FROM a", "sqlite"))
    made = sql.queries(planned(), llm, seed=3)
    assert made["sql"].to_pylist() == [COUNT, "WITH a AS (SELECT 1) SELECT * FROM a"]
    assert REJECTED not in made.column_names
    first, second = values(llm)
    assert (first["functions"], first["columns"]) == ("ROUND, COUNT", "2")
    assert (second["functions"], second["columns"]) == ("none in particular", "any number")
    assert (first["complexity"], second["complexity"]) == ("simple", "highly complex")
    assert first["criterion"].startswith("Simple")
    assert second["criterion"].startswith("Highly complex")
    assert (first["schema"], first["dialect"]) == (SCHEMA, "sqlite")
    assert [request.sampling.seed for request in llm.backend.asked] == [3, 3]


def test_rows_that_ask_the_very_same_are_asked_with_other_seeds():
    llm = canned(*[fence(f"SELECT {number}") for number in range(4)])
    table = texts(complexity=["simple", "moderate", "simple", "simple"])
    made = sql.queries(table, llm, functions=None, result_columns=None, seed=5)
    assert made["sql"].to_pylist() == ["SELECT 0", "SELECT 1", "SELECT 2", "SELECT 3"]
    assert [request.sampling.seed for request in llm.backend.asked] == [5, 5, 6, 7]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("No.", "unparsable: no complete fenced block of SQL at the end; the reply ended 'No.'"),
        (fence(" ; "), "unparsable: no complete fenced block of SQL"),
        (f"{fence(COUNT)}\n\nOr rather:\n```sql\nSELECT", "unparsable: no complete fenced block of SQL"),
        (fence(COUNT, "python"), "unparsable: no complete fenced block of SQL"),
        (Completion(fence(COUNT), finish="length"), "too long: "),
        (REFUSED, "refused: no"),
    ],
)
def test_a_reply_that_does_not_end_in_a_query_is_rejected(reply, why):
    left, reasons = run("generate.sql.queries", planned(), canned(reply, fence(COUNT)))
    assert left["sql"].to_pylist() == [COUNT]
    assert [reason[: len(why)] for reason in reasons] == [why]


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"complexity": [None, " "]}, ["empty: nothing in 'complexity'"] * 2),
        ({"complexity": ["Simple", "x"]}, [
            "empty: there is no level of complexity 'Simple'; did you mean 'simple'? ",
            "empty: there is no level of complexity 'x'; there are: 'complex'",
        ]),
        ({"schema": ["", None]}, ["empty: nothing in 'schema'"] * 2),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_followed_is_rejected_and_costs_nothing(columns, why):
    made = sql.queries(planned(**columns), canned())
    assert made["sql"].to_pylist() == [None, None]
    assert [reason[: len(each)] for reason, each in zip(made[REJECTED].to_pylist(), why, strict=True)] == why


PLACE = {
    "table": "books", "column": "summary", "key": "id",
    "vector_table": "books_summary_vec", "vector_column": "embedding", "vector_key": "id",
}  # fmt: skip
KNN = (
    "SELECT b.title FROM books AS b JOIN books_summary_vec AS v ON b.id = v.id "
    "WHERE v.embedding MATCH embed('rivers that dried up') AND v.k = 5 ORDER BY v.distance, b.id"
)


def searching(*places, **columns):
    kind = pa.struct(dict.fromkeys(PLACE, pa.string()))
    table = texts(**{"complexity": ["moderate"] * len(places), **columns})
    return table.append_column("vectors", pa.array(places, kind))


def test_a_search_is_written_for_the_vectors_of_its_row():
    llm = canned(fence(f"{KNN};"))
    made = sql.vector_queries(searching(PLACE), llm)
    assert made["sql"].to_pylist() == [KNN]
    (told,) = values(llm)
    assert told["criterion"].startswith("Moderate")
    assert PLACE.items() <= told.items()
    assert all(each in llm.backend.asked[0].chat.messages[1]["content"] for each in PLACE.values())


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (fence(COUNT), "unparsable: it searches nothing: expected MATCH embed('some words')"),
        (fence("SELECT 'embed(''x'')' FROM books -- embed('x')"), "unparsable: it searches nothing"),
        (fence(KNN.replace("'rivers that dried up'", "b.title")), "unparsable: the search cannot be run, refused: "),
        (fence(KNN.replace("rivers that dried up", " ")), "unparsable: the search cannot be run, refused: "),
        ("No.", "unparsable: no complete fenced block of SQL"),
        (REFUSED, "refused: no"),
    ],
)
def test_what_searches_nothing_is_rejected(reply, why):
    left, reasons = run("generate.sql.vector_queries", searching(PLACE), canned(reply))
    assert left.num_rows == 0
    assert [reason[: len(why)] for reason in reasons] == [why]


def test_where_nothing_says_what_to_search_nothing_is_asked():
    made = sql.vector_queries(
        searching(None, {**PLACE, "key": None}, PLACE, complexity=["moderate"] * 2 + ["x"]), canned()
    )
    assert made[REJECTED].to_pylist()[:2] == ["empty: nothing in 'table'", "empty: nothing in 'key'"]
    assert made[REJECTED].to_pylist()[2].startswith("empty: there is no level of complexity 'x'")
    with pytest.raises(BadArgument, match="column 'vectors' is string: expected a struct with table, column, key, "):
        sql.vector_queries(texts(complexity=["simple"], vectors=["books"]), canned())


def vary(table, *replies, **settings):
    llm = canned(*replies)
    return sql.variations(table, llm, **settings), llm


@pytest.mark.parametrize("kind", CHANGES)
def test_a_variation_says_what_was_changed_and_of_what(kind):
    table = texts(sql=[COUNT], question=["How many?"], db_id=["library"], source=["s"])
    made, llm = vary(table, fence("SELECT title FROM books;"), count=1, kinds=[kind])
    old, new = made.to_pylist()
    assert (old["sql"], old["synthetic"], old["question"], old["transformation"]) == (COUNT, False, "How many?", None)
    assert (new["sql"], new["synthetic"], new["parents"]) == ("SELECT title FROM books", True, ["a"])
    assert (new["db_id"], new["dialect"], new["schema"], new["source"]) == ("library", "sqlite", SCHEMA, "s")
    assert (new["transformation"], new["question"]) == (kind, None), "a question to one query is none to another"
    (told,) = values(llm)
    assert told == {"dialect": "sqlite", "schema": SCHEMA, "sql": COUNT, "kind": kind, "change": CHANGES[kind]}
    assert made[ANSWERED_BY].to_pylist() == [None, "canned"]


def test_kinds_are_taken_in_turn_from_one_that_is_drawn():
    table = pa.table({"id": [f"{number}" for number in range(60)]} | {
        name: [cell] * 60 for name, cell in {"sql": COUNT, "schema": SCHEMA, "dialect": "mysql"}.items()
    })  # fmt: skip
    replies = [fence(f"SELECT {number} FROM books") for number in range(180)]
    made, _ = vary(table, *replies, count=3)
    kinds = made["transformation"].to_pylist()[60:]
    assert [len(set(kinds[at : at + 3])) for at in range(0, 180, 3)] == [3] * 60
    assert set(Counter(kinds[::3])) == set(CHANGES)
    other, _ = vary(table, *replies, count=3, seed=1)
    assert other["transformation"].to_pylist()[60:] != kinds


def test_more_variations_than_kinds_are_asked_for_with_other_seeds():
    llm = canned(*[fence(f"SELECT {number} FROM books") for number in range(5)])
    made = sql.variations(texts(sql=[COUNT]), llm, count=5, kinds=["values", "structure", "values"], seed=7)
    assert len(set(made["id"].to_pylist())) == 6
    said = [(request.chat.values["kind"], request.sampling.seed) for request in llm.backend.asked]
    assert len(set(said)) == 5
    assert {seed for _, seed in said} == {7, 8, 9}


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (fence("select count( * )\nfrom BOOKS -- all\n;"), "unparsable: the new query is the one it was to be made of"),
        (fence("SELECT title FORM books WHERE"), "unparsable: the new query cannot be read, syntax: "),
        (fence("DELETE FROM books"), "unparsable: the new query cannot be read, "),
        (fence("SELECT 1 FROM books; SELECT 2 FROM books"), "unparsable: the new query cannot be read, "),
        ("I cannot do that.", "unparsable: no complete fenced block of SQL at the end; the reply ended 'I cannot"),
        (fence("x", "python"), "unparsable: no complete fenced block of SQL"),
        (fence(COUNT).removesuffix("```"), "unparsable: no complete fenced block of SQL"),
        (Completion(fence("SELECT 1"), finish="length"), "too long: "),
        (REFUSED, "refused: no"),
    ],
)
def test_what_is_no_variation_is_a_rejected_row_of_its_own(reply, why):
    left, reasons = run("generate.sql.variations", texts(sql=[COUNT]), canned(reply), count=1)
    assert left["id"].to_pylist() == ["a"]
    assert [reason[: len(why)] for reason in reasons] == [why]


def test_a_query_that_was_planned_is_varied_and_a_variation_is_not():
    table = texts(sql=[COUNT, COUNT, None], transformation=[None, "values", None]).append_column(
        "synthetic", pa.array([True, True, None])
    )
    made, _ = vary(table, fence("SELECT 1 FROM books"), count=1, kinds=["business"])
    assert made["synthetic"].to_pylist() == [True, True, False, True, True]
    assert made["transformation"].to_pylist() == [None, "values", None, "business", "business"]
    assert made[REJECTED].to_pylist() == [None] * 4 + ["empty: nothing in 'sql'"]


def test_of_no_variations_nothing_is_asked():
    table = texts(sql=[COUNT])
    made, _ = vary(table, count=0)
    assert made["sql"].to_pylist() == [COUNT]
    assert vary(table.slice(0, 0))[0].num_rows == 0


def test_a_dialect_that_nobody_knows_is_told():
    made, _ = vary(texts(sql=[COUNT], dialect=["sqlit"]), fence("SELECT 1 FROM books"), count=1)
    assert (
        made[REJECTED]
        .to_pylist()[1]
        .startswith("unparsable: no SQL is known of dialect 'sqlit'; did you mean 'sqlite'?")
    )


def ask(table, *replies, **settings):
    llm = canned(*replies)
    return sql.questions(table, llm, **settings), llm


def candidates(made):
    return [
        None if row is None else [each and (each["question"], each["evidence"]) for each in row]
        for row in made["question_candidates"].to_pylist()
    ]


@pytest.mark.parametrize("style", STYLES)
def test_a_question_has_a_style_and_evidence_where_that_needs_it(style):
    replies = [asked("How many?", " All of them count. "), asked("How many books?", ""), asked("All?", "\n")]
    made, llm = ask(texts(sql=[COUNT]), *replies, styles=[style])
    told = values(llm)[0]
    assert (told["style"], told["manner"]) == (style, STYLES[style])
    assert made["question_style"].to_pylist() == [style]
    if style in EXPLAINED:
        assert told["evidence_wanted"] == "yes"
        assert candidates(made) == [[("How many?", "All of them count."), None, None]]
    else:
        assert told["evidence_wanted"] == "no"
        assert candidates(made) == [[("How many?", None), ("How many books?", None), ("All?", None)]]


def test_styles_are_drawn_by_row_and_seed_about_evenly():
    size = 400
    table = pa.table({"id": [f"row {number}" for number in range(size)], "sql": [COUNT] * size, "schema": [SCHEMA] * size,
                      "dialect": ["postgres"] * size})  # fmt: skip
    replies = [asked("How many?", "all")] * size
    first, again, other = (
        ask(table, *replies, count=1, seed=seed)[0]["question_style"].to_pylist() for seed in (0, 0, 1)
    )
    assert first == again != other
    assert set(first) == set(STYLES)
    assert max(Counter(first).values()) < 2 * min(Counter(first).values())


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (asked(f"What gives {COUNT}?"), "unparsable: the question repeats the query; it begins 'What gives"),
        (asked("What is `select  count(*) from BOOKS;`?"), "unparsable: the question repeats the query"),
        ("How many?", "unparsable: "),
        (asked(""), "unparsable: "),
        (REFUSED, "refused: no"),
    ],
)
def test_a_row_without_any_question_is_rejected_and_says_why(reply, why):
    replies = [reply] * 4  # what does not fit its form is asked for again
    left, reasons = run("generate.sql.questions", texts(sql=[COUNT]), canned(*replies), count=2, styles=["formal"])
    assert left.num_rows == 0
    assert reasons[0].startswith(why)
    assert reasons[0].endswith("; none of 2 samples can be used")


def test_a_sample_that_failed_is_a_null():
    made, _ = ask(texts(sql=[COUNT, None]), REFUSED, asked("How many?"), count=2, styles=["concise"])
    assert candidates(made) == [[None, ("How many?", None)], None]
    assert made[REJECTED].to_pylist() == [None, "empty: nothing in 'sql'"]
    assert made["question_candidates"].type == sql.CANDIDATES


def test_a_question_that_is_given_is_kept_and_nothing_is_asked():
    queries = [COUNT, "SELECT 1", "SELECT 2", COUNT]
    table = texts(sql=queries, asked=["How many?", None, " ", "All?"], why=["all", None, None, " "])
    made, llm = ask(table, *[asked("One?", "e")] * 2, count=1, given="asked", given_evidence="why", styles=["vague"])
    assert candidates(made) == [[("How many?", "all")], [("One?", "e")], [("One?", "e")], [("All?", None)]]
    assert made["question_style"].to_pylist() == [None, "vague", "vague", None]
    assert len(llm.backend.asked) == 2
    assert candidates(ask(table.slice(3), given="asked")[0]) == [[("All?", None)]]


def test_chunked_sliced_and_large_columns_are_read_as_they_are():
    column = pa.chunked_array([["skipped", COUNT], [], [None, "SELECT 0"]], pa.large_string())
    table = pa.table({"id": list("abcd"), "sql": column, "schema": [SCHEMA] * 4, "dialect": ["sqlite"] * 4}).slice(1)
    made, _ = ask(table, asked("One?"), asked("Two?"), count=1, styles=["formal"])
    assert candidates(made) == [[("One?", None)], None, [("Two?", None)]]
    varied, _ = vary(table, fence("SELECT 1 FROM books"), fence("SELECT 2 FROM books"), count=1)
    assert varied["sql"].to_pylist()[3:] == ["SELECT 1 FROM books", None, "SELECT 2 FROM books"]


def test_a_column_that_is_missing_is_named():
    table = texts(sql=[COUNT])
    for op in (sql.questions, sql.variations):
        with pytest.raises(BadArgument, match="no column 'schema'"):
            op(table.drop_columns("schema"), canned())
    with pytest.raises(BadArgument, match="no column 'asked'"):
        sql.questions(table, canned(), given="asked")
    with pytest.raises(BadArgument, match="no column 'prompt'"):
        sql.reasonings(table, canned())


def test_reasonings_are_whole_replies_and_do_not_see_the_query():
    llm = canned("So: 1", REFUSED, "No query", "x", REFUSED, REFUSED)
    made = sql.reasonings(texts(prompt=["How many?", "All?", None, "Which?"], sql=[COUNT] * 4), llm, count=2)
    assert made["reasonings"].to_pylist() == [["So: 1", None], ["No query", "x"], None, None]
    assert made["reasonings"].type == pa.list_(pa.string())
    assert made[REJECTED].to_pylist() == [
        None, None, "empty: nothing in 'prompt'", "refused: no; none of 2 samples can be used",
    ]  # fmt: skip
    assert {request.chat.prompt for request in llm.backend.asked} == {"sql/reasoning"}
    assert all(COUNT not in str(request.chat.messages) for request in llm.backend.asked)
    assert {request.sample for request in llm.backend.asked} == {0, 1}


def test_reasonings_by_gold_are_shown_the_query():
    llm = canned("So: 1")
    made = sql.reasonings(texts(prompt=["How many?"] * 2, known=[COUNT, None]), llm, gold="known", count=1)
    assert made["reasonings"].to_pylist() == [["So: 1"], None]
    (request,) = llm.backend.asked
    assert (request.chat.prompt, request.chat.values) == (
        "sql/reasoning_by_gold",
        {"prompt": "How many?", "sql": COUNT},
    )
    assert COUNT in request.chat.messages[1]["content"]


@given(st.lists(st.one_of(st.none(), st.text(max_size=30)), min_size=1, max_size=4), st.integers(0, 3))
def test_no_row_is_lost_whatever_replies_and_queries_hold(replies, count):
    table = texts(sql=[COUNT if reply is None else reply for reply in replies])
    answers = [fence(reply or "") for reply in replies] * (count + 3)
    made = sql.variations(table, canned(*answers), count=count)
    assert made["id"].to_pylist()[: len(replies)] == table["id"].to_pylist()
    assert made.num_rows == len(replies) * (1 + count)
    again = sql.questions(table, canned(*answers, *answers), count=1)
    assert again["id"].to_pylist() == table["id"].to_pylist()
