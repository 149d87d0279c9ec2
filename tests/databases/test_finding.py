"""Databases by their addresses; files and listing are real, servers are in the tests of their engines."""

import sqlite3

import psutil
import pytest
from sqlalchemy import make_url

from dataflow_ops import ingest
from dataflow_ops.databases.database import Database
from dataflow_ops.databases.finding import Finder
from dataflow_ops.databases.opened import AWAKE, addresses
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.errors import BadArgument, BadSource
from dataflow_ops.shards import Shard, read_shard
from dataflow_ops.sources import Found
from dataflow_ops.stage import Place
from dataflow_ops.store import Folder


def finder(tmp_path, connect=None):
    return Finder(Folder(), connect or (lambda name: make_url(f"postgresql://127.0.0.1:9/{name}")), tmp_path / "kept")


def database(path, rows=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE things (name TEXT)")
        made.executemany("INSERT INTO things VALUES (?)", [(f"thing {number}",) for number in range(rows)])
    made.close()


@pytest.fixture
def folder(tmp_path):
    for name in ("a/shop.sqlite", "b/shop.db", "zoo.sqlite3"):
        database(tmp_path / "given" / name)
    (tmp_path / "given/notes.txt").write_text("not a database")
    return tmp_path / "given"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("s3://b/shops/", ["s3://b/shops/"]),
        ('["a.sqlite", " connection:shop "]', ["a.sqlite", "connection:shop"]),
        (["a.sqlite"], ["a.sqlite"]),
    ],
)
def test_addresses_are_taken_as_forms_and_dags_say_them(given, expected):
    assert addresses(given) == expected


@pytest.mark.parametrize("given", [[], "[]", "", '["a", 1]', '["a"', None, 3, {"a": 1}, [" "]])
def test_what_is_no_list_of_addresses_is_refused(given):
    with pytest.raises(BadArgument, match="expected files, folders and connections"):
        addresses(given)


def test_files_are_named_by_their_stem_and_by_folders_where_stems_are_the_same(folder, tmp_path):
    with finder(tmp_path).databases([str(folder)]) as found:
        assert found.ids == ["a/shop", "b/shop", "given/zoo"]
        assert isinstance(found.find("a/shop"), Database)
        assert found.find("a/shop") is found.find("a/shop")
        told = found.find("shop")
        assert isinstance(told, Failed)
        assert "there is no database 'shop'" in str(told)
        assert isinstance(found.find(None), Failed)


def test_a_database_answers(folder, tmp_path):
    with finder(tmp_path).databases([str(folder / "zoo.sqlite3")]) as found:
        result = found.find("zoo").run("SELECT name FROM things")
        assert isinstance(result, Result)
        assert result.rows == (("thing 0",),)


def test_a_broken_file_is_told_for_each_row_that_names_it(folder, tmp_path):
    (folder / "broken.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    with finder(tmp_path).databases([str(folder)]) as found:
        told = found.find("given/broken")
        assert isinstance(told, Failed)
        assert told.kind == "error"
        assert "broken.sqlite" in told.detail
        assert isinstance(found.find("a/shop"), Database)


def test_the_name_of_work_changes_with_the_version_of_a_file(folder, tmp_path):
    before = repr(finder(tmp_path).databases([str(folder)]))
    assert before == repr(finder(tmp_path).databases([str(folder)]))
    database(folder / "b/other.db", rows=3)
    (folder / "b/other.db").replace(folder / "b/shop.db")
    assert repr(finder(tmp_path).databases([str(folder)])) != before


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["connection:shop", "connection:shop"], "there are 2 databases 'shop'"),
        (["connection:zoo", "{folder}/zoo.sqlite3"], "there are 2 databases 'zoo'"),
        (["postgresql://u:secret@h/d"], "a password belongs in a connection"),
        (["mysql://h"], "expected a URL with a database"),
        (["postgresql://h:port/d"], "is no URL of a database"),
    ],
)
def test_addresses_that_do_not_fit_are_named_without_their_passwords(folder, tmp_path, given, words):
    with pytest.raises(BadArgument, match=words) as refused:
        finder(tmp_path).databases([each.format(folder=folder) for each in given])
    assert "secret" not in str(refused.value)


def test_a_folder_without_databases_is_an_error(tmp_path):
    (tmp_path / "a.txt").touch()
    with pytest.raises(BadSource, match="nothing to read in .* files named .sqlite .sqlite3 .db"):
        finder(tmp_path).databases([str(tmp_path)])


def test_databases_are_rows_and_only_new_ones_are_listed(folder, tmp_path):
    find = finder(tmp_path)
    everything = find.sources([str(folder)], {})
    assert isinstance(everything, Found)
    assert len(everything.files) == 3
    seen = {file.uri: file.etag for file in everything.files[1:]}
    later = find.sources([str(folder)], seen)
    assert [file.uri for file in later.files] == [everything.files[0].uri]
    assert later.unchanged == 2


def test_a_run_reads_one_row_of_each_database(folder, tmp_path):
    store, run = Folder(), str(tmp_path / "run")
    settings = ingest.Settings.parse(str(folder), str(tmp_path / "dataset"), False, 1)
    planned = ingest.plan(store, run, settings, lambda seen: finder(tmp_path).sources([str(folder)], seen))
    assert len(planned.batches) == 3, "each database is a task of its own"
    columns = {"db_id": [], "dialect": [], "db_version": []}
    rows = []
    for number, batch in enumerate(planned.batches):
        done = ingest.read(Place(store, f"{run}/{number}", "read"), batch["manifest"], columns, 64)
        shards = [Shard.parse(record["shard"]) for record in done["records"]]
        rows += [row for shard in shards for row in read_shard(store, shard).to_pylist()]
    assert sorted(row["db_id"] for row in rows) == ["a/shop", "b/shop", "given/zoo"]
    assert {row["dialect"] for row in rows} == {"sqlite"}
    assert len({row["id"] for row in rows}) == 3


def test_engines_of_many_databases_do_not_all_stay_awake(tmp_path):
    for number in range(AWAKE + 3):
        database(tmp_path / f"given/{number:03}.sqlite", rows=number)
    with finder(tmp_path).databases([str(tmp_path / "given")]) as found:
        for _ in range(2):
            counted = [found.find(name).run("SELECT COUNT(*) FROM things").rows[0][0] for name in found.ids]
            assert counted == list(range(AWAKE + 3))
        assert children() <= AWAKE + 1
    assert children() == 0


def children():
    """Count processes that run SQLite for this one."""
    mine = psutil.Process().children()
    return sum("_sqlite_child" in " ".join(each.cmdline()) for each in mine)
