import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.databases import guard, parse, vectors
from dataflow_ops.databases.database import Database
from dataflow_ops.databases.embedder import Embedder
from dataflow_ops.databases.limits import DEFAULT
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.databases.schema import Column, Schema, Table
from tests.databases.abstracts import TEXTS, write
from tests.tiny_models import tiny  # noqa: F401 - a fixture

SEARCH = (
    "SELECT a.title FROM abstracts a JOIN abstracts_summary_vec v ON a.id = v.id "
    "WHERE v.embedding MATCH embed('rivers that dried up') AND k = 2 ORDER BY v.distance"
)


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    path = write(tmp_path_factory.mktemp("vectors") / "abstracts.sqlite")
    assert vectors.add(path, "abstracts", "summary") == "abstracts_summary_vec"
    database = Database("abstracts", vectors.Vectorising.open(path))
    yield database
    database.close()


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (SEARCH, [("t0",), ("t3",)]),
        (SEARCH.replace("ORDER", "AND a.year > 2001 ORDER"), [("t3",)]),
        (SEARCH.replace("ORDER", "AND v.id IN (SELECT id FROM abstracts WHERE year < 2003) ORDER"), [("t0",), ("t2",)]),
        (
            (
                "WITH near AS (SELECT id FROM abstracts_summary_vec WHERE embedding MATCH embed('baking') AND k = 2) "
                "SELECT COUNT(*), MIN(a.year) FROM near AS n JOIN abstracts AS a ON a.id = n.id WHERE a.year > 2001"
            ),
            [(1, 2009)],
        ),
        (
            (
                "SELECT a.title FROM abstracts AS a WHERE a.id IN (SELECT v.id FROM abstracts_summary_vec AS v "
                "WHERE v.embedding MATCH embed('pets, don''t they?') AND v.k = 2) ORDER BY a.id"
            ),
            [("t2",), ("t7",)],
        ),
        (
            (
                "SELECT id FROM abstracts_summary_vec WHERE embedding MATCH embed('what loans cost') "
                "ORDER BY distance LIMIT 1"
            ),
            [(40,)],
        ),
        (
            "SELECT id FROM abstracts_summary_vec ORDER BY vec_distance_cosine(embedding, embed('the cost of a loan')) LIMIT 1",
            [(40,)],
        ),
        ("SELECT COUNT(*) FROM abstracts_summary_vec", [(len(TEXTS) - 3,)]),
    ],
)
def test_rows_are_found_by_meaning(searched, sql, expected):
    assert searched.explain(sql) is None
    found = searched.run(sql)
    assert isinstance(found, Result), found
    assert sorted(found.rows) == sorted(expected) if "ORDER" not in sql else list(found.rows) == expected


def test_names_of_columns_do_not_show_numbers(searched):
    found = searched.run("SELECT vec_distance_cosine(embedding, embed('bread')) FROM abstracts_summary_vec")
    assert found.columns == ("vec_distance_cosine(embedding, embed('bread'))",)


def test_the_same_search_gives_the_same_rows_and_distances(searched):
    sql = SEARCH.replace("a.title", "a.title, v.distance")
    first = searched.run(sql)
    again = Embedder()
    again(["some other text of another length, asked before"])
    other = vectors.Vectorising(searched.engine._engine, again).run(sql, DEFAULT)
    assert first.rows == other.rows


def test_a_column_with_vectors_is_known(searched):
    (found,) = vectors.vectorised(searched.schema)
    assert found == vectors.Vectorised(
        "abstracts", "summary", "id", "abstracts_summary_vec", "embedding", "id", 384, "all-MiniLM-L6-v2"
    )
    assert [table.name for table in searched.schema.tables] == ["abstracts", "abstracts_summary_vec"]
    (link,) = searched.schema.tables[1].foreign_keys
    assert (link.columns, link.table, link.to) == (("id",), "abstracts", ("id",))


@pytest.mark.parametrize(
    ("name", "comment", "expected"),
    [
        ("notes_text_vec", None, ("Notes", "Text", "nr", None)),
        ("other", None, None),
        ("other", "notes.text", ("Notes", "Text", "nr", None)),
        ("other", 'NOTES."text" by a model', ("Notes", "Text", "nr", "a model")),
        ("notes_text_vec", "notes.gone", None),
        ("notes_text_vec", "gone.text", None),
        ("notes_text_vec", "vectors by somebody", ("Notes", "Text", "nr", None)),
    ],
)
def test_vectors_are_known_by_their_declaration_or_name(name, comment, expected):
    texts = Table("Notes", (Column("nr", "INTEGER"), Column("Text", "TEXT")), primary_key=("nr",))
    columns = (Column("nr", "INTEGER"), Column("v", "float[4]", comment=comment))
    found = vectors.vectorised(Schema("sqlite", (texts, Table(name, columns, primary_key=("nr",)))))
    assert [(each.table, each.column, each.key, each.model) for each in found] == ([expected] if expected else [])


@pytest.mark.parametrize(
    "sql", [SEARCH, "SELECT vec_distance_cosine(embedding, embed('x')) FROM abstracts_summary_vec"]
)
def test_what_is_written_passes_the_guard_and_has_one_spelling(searched, sql):
    assert guard.refusal(sql, "sqlite", searched.schema) is None
    assert parse.canonical(sql, "sqlite") == parse.canonical(sql.replace("SELECT ", "select\n") + " ; -- end", "sqlite")
    assert "abstracts_summary_vec" in parse.tables(sql, "sqlite")


def test_vectors_of_another_model_are_not_mixed(searched, tiny):  # noqa: F811
    mixed = vectors.Vectorising(searched.engine._engine, Embedder(tiny("encoder")))
    found = mixed.run(SEARCH, DEFAULT)
    assert isinstance(found, Failed)
    assert re.search(r"'abstracts_summary_vec' were made by 'all-MiniLM-L6-v2'", found.detail)
    assert isinstance(mixed.run("SELECT COUNT(*) FROM abstracts", DEFAULT), Result)


def test_a_plan_needs_no_model(searched):
    planned = vectors.Vectorising(searched.engine._engine, Embedder("/there/is/no/model"))
    assert planned.explain("SELECT embed('bread') FROM abstracts", DEFAULT) is None


def letters(texts):
    return [[float(len(text)), 0.0] for text in texts]


ONE = f"x'{np.array([1, 0], '<f4').tobytes().hex()}'"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1", "SELECT 1"),
        ("SELECT embed FROM t -- embed('a')", "SELECT embed FROM t -- embed('a')"),
        ("SELECT 'embed(''a'')', \"embed('a')\" FROM t", "SELECT 'embed(''a'')', \"embed('a')\" FROM t"),
        ("SELECT  embed('a')  FROM t", f"SELECT  {ONE}  FROM t"),
        ("SELECT 'é😀', EMBED /* so */ (\n'it''s' ) -- é", f"SELECT 'é😀', {ONE} -- é"),
        ("SELECT \"embed\"('a'), [embed]('b')", f"SELECT {ONE}, {ONE}"),
        ("SELECT " + ", ".join(["embed('a')"] * 8), "SELECT " + ", ".join([ONE] * 8)),
    ],
)
def test_calls_become_numbers_and_nothing_else_changes(sql, expected):
    assert vectors.filled(sql, letters) == expected


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT embed(title) FROM t", "refused: embed takes one text"),
        ("SELECT embed('a' || title) FROM t", "refused: embed takes one text"),
        ("SELECT embed('a', 'b')", "refused: embed takes one text"),
        ("SELECT embed()", "refused: embed takes one text"),
        ("SELECT embed(", "refused: embed takes one text"),
        ("SELECT embed(x'61')", "refused: embed takes one text"),
        ('SELECT embed("a")', "refused: embed takes one text"),
        ("SELECT embed('')", "refused: embed has a text of 0 characters"),
        ("SELECT embed(' \n')", "refused: embed has a text of 2 characters"),
        (f"SELECT embed('{'a' * 1_001}')", "refused: embed has a text of 1,001 characters"),
        ("SELECT embed('\udc00')", "refused: embed has a text that is no Unicode"),
        ("SELECT " + ", ".join(["embed('a')"] * 9), "refused: embed('…') stands more than 8 times"),
        ("SELECT embed('a", "syntax: "),
    ],
)
def test_what_is_no_written_text_is_refused(sql, said):
    found = vectors.filled(sql, letters)
    assert isinstance(found, Failed)
    assert str(found).startswith(said)


@given(st.text(st.sampled_from("embd('\")a -/*\n[]`;é\udc00"), max_size=60))
def test_any_text_is_filled_or_refused(text):
    found = vectors.filled(f"SELECT embed({text}", letters)
    assert isinstance(found, (Failed, str))


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=50).filter(str.strip))
def test_every_text_reaches_the_model_as_it_is_meant(text):
    seen = []
    quoted = text.replace("'", "''")
    vectors.filled(f"SELECT embed('{quoted}')", lambda texts: seen.extend(texts) or [[1.0]])
    assert seen == [text]
