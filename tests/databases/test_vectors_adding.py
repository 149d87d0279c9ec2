import hashlib
from pathlib import Path

import apsw
import pytest

from dataflow_ops.databases import _vectors_adding, vec0, vectors
from dataflow_ops.databases.embedder import Embedder
from dataflow_ops.databases.limits import DEFAULT
from dataflow_ops.errors import BadArgument, BadSource, Transient
from tests.databases.abstracts import TEXTS, write
from tests.tiny_models import tiny  # noqa: F401 - a fixture


def held(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def alone(path: Path) -> bool:
    return [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_table_of_the_same_vectors_stays_and_one_of_others_does_not(tmp_path, tiny):  # noqa: F811
    path = write(tmp_path / "a.sqlite")
    vectors.add(path, "abstracts", "summary", model=tiny("encoder"))
    before = held(path)
    assert vectors.add(path, "Abstracts", "SUMMARY", model=tiny("encoder")) == "abstracts_summary_vec"
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE abstracts SET summary = 'the sun is hot' WHERE id = 40")
    connection.close()
    changed = held(path)
    with pytest.raises(BadArgument, match=r"'abstracts_summary_vec' already.*`overwrite=True`"):
        vectors.add(path, "abstracts", "summary", model=tiny("encoder"))
    assert held(path) == changed != before
    vectors.add(path, "abstracts", "summary", model=tiny("encoder"), overwrite=True)
    vectors.add(path, "abstracts", "summary", model=tiny("encoder"))
    assert alone(path)


@pytest.mark.parametrize(
    ("statement", "settings", "said"),
    [
        ("SELECT 1", {"table": "abstract"}, "has no table 'abstract'; did you mean 'abstracts'"),
        ("SELECT 1", {"column": "sumary"}, "has no column 'sumary'; did you mean 'summary'"),
        ("SELECT 1", {"key": "ident"}, "has no column 'ident'"),
        ("SELECT 1", {"into": "abstracts", "overwrite": True}, "'abstracts' already"),
        ("SELECT 1", {"column": "year"}, "holds no text"),
        (
            "UPDATE abstracts SET year = NULL WHERE id = 10",
            {"key": "year"},
            "expected integers, or texts, all different",
        ),
        ("UPDATE abstracts SET year = 2000", {"key": "year"}, "1 different values"),
        ("UPDATE abstracts SET year = 2000.5 WHERE id = 10", {"key": "year"}, "integer,real"),
        ("CREATE TABLE notes AS SELECT * FROM abstracts", {"table": "notes"}, "primary key of 0 columns"),
        ("CREATE TABLE notes(a, b, t TEXT, PRIMARY KEY (a, b))", {"table": "notes", "column": "t"}, "of 2 columns"),
        ('ALTER TABLE abstracts RENAME title TO "a*/"', {"column": "a*/"}, r"without \*/"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_changes(tmp_path, tiny, statement, settings, said):  # noqa: F811
    path = write(tmp_path / "a.sqlite", statement)
    before = held(path)
    asked = {"table": "abstracts", "column": "summary", "model": tiny("encoder"), **settings}
    with pytest.raises(BadArgument, match=said):
        vectors.add(path, asked.pop("table"), asked.pop("column"), **asked)
    assert held(path) == before
    assert alone(path)


def test_keys_may_be_texts_and_names_may_be_odd(tmp_path, tiny):  # noqa: F811
    path = write(
        tmp_path / "a.sqlite",
        'CREATE TABLE "my ""notes"""("the key" TEXT PRIMARY KEY, "a, b.c" TEXT)',
        "INSERT INTO \"my \"\"notes\"\"\" VALUES ('é', 'the sun is hot'), ('b', 'the moon is cold')",
    )
    name = vectors.add(path, 'my "notes"', "a, b.c", model=tiny("encoder"))
    engine = vectors.Vectorising.open(path, model=tiny("encoder"))
    sql = f"SELECT v.id FROM {vec0.quoted(name)} v WHERE v.embedding MATCH embed('the sun is hot') AND k = 1"
    assert engine.run(sql, DEFAULT).rows == (("é",),)
    (found,) = vectors.vectorised(engine.schema())
    assert (found.table, found.column, found.key, found.vector_key, found.size) == (
        'my "notes"', "a, b.c", "the key", "id", 32,
    )  # fmt: skip
    engine.close()


def test_a_file_with_a_log_is_written_whole(tmp_path, tiny):  # noqa: F811
    path = write(tmp_path / "a.sqlite", "PRAGMA journal_mode = WAL", "DELETE FROM abstracts WHERE id = 0")
    vectors.add(path, "abstracts", "summary", model=tiny("encoder"))
    engine = vectors.Vectorising.open(path, model=tiny("encoder"))
    assert engine.run("SELECT MIN(id) FROM abstracts_summary_vec", DEFAULT).rows == ((10,),)
    engine.close()
    assert alone(path)


def test_a_file_that_another_program_writes_is_left(tmp_path, tiny, monkeypatch):  # noqa: F811
    monkeypatch.setattr(_vectors_adding, "WAIT_MS", 1)
    path = write(tmp_path / "a.sqlite")
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Transient, match="in use by another program"):
        vectors.add(path, "abstracts", "summary", model=tiny("encoder"))
    other.close()
    assert alone(path)


class Breaking(Embedder):
    """A model that is taken away after some texts."""

    def together(self, texts):
        if "Interest rates rose in March" in texts:
            raise BadArgument("the model is gone")
        return super().together(texts)


def test_a_file_is_as_it_was_when_the_work_is_broken_off(tmp_path, tiny, monkeypatch):  # noqa: F811
    monkeypatch.setattr(_vectors_adding, "ROWS", 2)
    path = write(tmp_path / "a.sqlite")
    before = held(path)
    asked = _vectors_adding.Asked("abstracts", "summary", None, None, overwrite=False)
    with pytest.raises(BadArgument, match="the model is gone"):
        _vectors_adding.add(path, asked, Breaking(tiny("encoder")))
    assert held(path) == before
    assert alone(path)
    _vectors_adding.add(path, asked, Embedder(tiny("encoder")))
    assert vectors.add(path, "abstracts", "summary", model=tiny("encoder")) == "abstracts_summary_vec"


def test_what_is_no_database_is_told(tmp_path):
    path = tmp_path / "a.sqlite"
    with pytest.raises(BadSource, match="there is no such file"):
        vectors.add(path, "abstracts", "summary")
    path.write_bytes(b"no database, but long enough to look like one" * 100)
    with pytest.raises(BadSource, match=r"a\.sqlite' cannot be given vectors"):
        vectors.add(path, "abstracts", "summary")
    assert alone(path)


def test_the_same_file_is_made_of_the_same_rows(tmp_path, tiny):  # noqa: F811
    made = [write(tmp_path / f"{name}.sqlite") for name in "ab"]
    for path in made:
        vectors.add(path, "abstracts", "summary", model=tiny("encoder"))
    found = []
    for path in made:
        engine = vectors.Vectorising.open(path, model=tiny("encoder"))
        found.append(engine.run("SELECT id, embedding FROM abstracts_summary_vec ORDER BY id", DEFAULT).rows)
        engine.close()
    assert found[0] == found[1]
    assert len(found[0]) == len(TEXTS) - 3
