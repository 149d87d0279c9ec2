from collections import Counter
from contextlib import closing

import pyarrow as pa
import pytest

from dataflow_ops.databases.database import Database
from dataflow_ops.databases.vectors import Vectorising, vectorised
from dataflow_ops.errors import BadArgument
from dataflow_ops.samples import databases, vector_databases, vector_databases_judge
from dataflow_ops.shards import write_table
from dataflow_ops.store import Folder

SEARCH = (
    "SELECT a.title, v.distance FROM abstracts a JOIN abstracts_summary_vec v ON a.id = v.id "
    "WHERE v.embedding MATCH embed('{0}') AND k = {1} ORDER BY v.distance, a.id"
)
MEANING = "published SQL that searches by meaning"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "vector_databases"
    vector_databases.write(folder)
    return folder


@pytest.fixture
def database(folder):
    with closing(Database("abstracts", Vectorising.open(folder / "abstracts.sqlite"))) as opened:
        yield opened


def test_there_is_one_file_with_vectors_of_all_texts(folder, database):
    assert {path.name: path.stat().st_size < 2**21 for path in folder.iterdir()} == {"abstracts.sqlite": True}
    (column,) = vectorised(database.schema)
    assert (column.table, column.column, column.size) == ("abstracts", "summary", 384)
    texts, rows = database.run("SELECT count(NULLIF(summary, '')), count(*) FROM abstracts").rows[0]
    assert database.run("SELECT count(*) FROM abstracts_summary_vec").rows == ((texts,),)
    assert 0 < rows - texts < 20
    assert rows == vector_databases.ROWS


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("streams without water in a drought", "Rivers that fall dry"),
        ("insects and honey on buildings", "Bees in the city"),
        ("money that families put aside", "Interest and savings"),
        ("words taken from other languages", "Borrowed words"),
    ],
)
def test_texts_are_found_by_what_they_mean(database, asked, title):
    found = database.run(SEARCH.format(asked, 3)).rows
    assert {name.partition(":")[0] for name, _ in found} == {title}


def test_some_texts_are_equally_near_to_every_question(database):
    found = database.run(SEARCH.format("bread", vector_databases.ROWS)).rows
    assert max(Counter(distance for _, distance in found).values()) == 2


def test_the_rows_are_the_same_each_time(folder, tmp_path):
    paths = [
        databases.make_file(vector_databases.description(), tmp_path / name / "abstracts.sqlite", "abstracts")
        for name in "ab"
    ]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with pytest.raises(BadArgument, match="expected an empty folder"):
        vector_databases.write(folder)


@pytest.mark.parametrize(("sql", "verdict"), [(SEARCH.format("bread", 3), "ok"), ("SELECT 1", "MISSED")])
def test_what_is_published_has_to_search_by_meaning(folder, tmp_path, sql, verdict):
    row = {"id": "a", "db_id": "abstracts", "dialect": "sqlite", "question": "What is most like bread?", "sql": sql}
    reasoned = {"reasoning": f"```sql\n{sql}\n```", "reasoning_sql": sql, "question_style": None}
    labels = {"component_difficulty": "easy", "execution_difficulty": "easy", "transformation": None}
    part = write_table(Folder(), str(tmp_path), "part", pa.Table.from_pylist([row | reasoned | labels]))
    version = {"parts": [vars(part)], "side_tables": {}}
    report = vector_databases_judge.judge(Folder(), version, f"{folder}")
    verdicts = {measure.name: measure.verdict for measure in report.measures}
    assert verdicts.pop(MEANING) == verdict
    assert set(verdicts.values()) == {"ok", ""}
