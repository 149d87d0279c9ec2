from collections import Counter

import pyarrow as pa
import pytest

from dataflow_ops.databases.graph import joins
from dataflow_ops.databases.guard import refusal
from dataflow_ops.databases.schema import Column, Schema, Table
from dataflow_ops.errors import BadArgument
from dataflow_ops.generate._sql_levels import LEVELS, criteria
from dataflow_ops.generate.sql_plans import assignments
from dataflow_ops.op import describe
from tests.databases.schemas import SHOP, many, opened

FILLED = {"customers", "order_items", "orders", "products"}
LARGE = many(60)
CALLS = {
    "CAST": ["CAST(a AS INTEGER)"],
    "EXTRACT": ["EXTRACT(YEAR FROM a)"],
    "POSITION": ["POSITION('x' IN a)"],
    "PERCENTILE_CONT": ["PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY a)"],
    "DATE_TRUNC": ["DATE_TRUNC('month', a)"],
    "STRFTIME": ["STRFTIME('%Y', a)"],
    "REPLACE": ["REPLACE(a, 'x', 'y')"],
    "SPLIT_PART": ["SPLIT_PART(a, '-', 1)"],
    "IIF": ["IIF(a > 1, 'x', 'y')"],
}


def _rows(*db_ids):
    return pa.table({"id": [f"d{at}" for at in range(len(db_ids))], "db_id": pa.array(db_ids, pa.string())})


def _plans(*db_ids, **settings):
    return assignments(_rows(*db_ids), databases=opened(shop=SHOP, large=LARGE), **settings)


def test_a_row_becomes_as_many_plans_as_wanted():
    table = _rows("shop", "shop").append_column("dialect", pa.array(["sqlite", "sqlite"]))
    found = assignments(table, databases=opened(shop=SHOP), count=3)
    assert found.column_names == [
        "id", "db_id", "dialect", "parents", "complexity", "functions", "result_columns", "focus", "synthetic",
    ]  # fmt: skip
    assert found["parents"].to_pylist() == [["d0"]] * 3 + [["d1"]] * 3
    assert found["synthetic"].to_pylist() == [True] * 6
    assert found["dialect"].to_pylist() == ["sqlite"] * 6
    assert len(set(found["id"].to_pylist()) | {"d0", "d1"}) == 8
    assert found["result_columns"].type == pa.int64()


def test_levels_are_as_frequent_as_each_other():
    assert set(Counter(_plans("shop", count=40)["complexity"].to_pylist()).values()) == {10}
    levels = Counter(_plans(*["shop"] * 40, count=1)["complexity"].to_pylist())
    assert set(levels) == set(LEVELS)
    assert max(levels.values()) < 20
    assert set(_plans("shop", count=9, levels=["complex", "simple", "simple"])["complexity"].to_pylist()) == {
        "complex", "simple",
    }  # fmt: skip


def test_every_table_is_asked_about_before_any_comes_again():
    found = _plans("large", count=60, levels=["simple"])
    assert sorted(focus[0] for focus in found["focus"].to_pylist()) == sorted(table.name for table in LARGE.tables)
    twice = Counter(focus[0] for focus in _plans("large", count=120, levels=["simple"])["focus"].to_pylist())
    assert set(twice.values()) == {2}


def test_tables_of_a_focus_are_joined_and_as_many_as_the_level_wants():
    graph = joins(LARGE)
    for row in _plans("large", count=200).to_pylist():
        focus = [name.lower() for name in row["focus"]]
        least, most = criteria()[row["complexity"]].focus
        assert least <= len(set(focus)) == len(focus) <= most
        reached, front = set(), {focus[0]}
        while front:
            reached |= front
            front = {other for name in front for other in graph[name] if other in focus} - reached
        assert reached == set(focus)


def test_tables_without_rows_are_left_alone():
    focus = {name for each in _plans("shop", count=50)["focus"].to_pylist() for name in each}
    assert focus == FILLED


def test_where_no_table_is_known_to_have_rows_all_are_asked_about():
    bare = Schema("sqlite", tuple(Table(table.name, table.columns) for table in SHOP.tables))
    found = assignments(_rows("shop"), databases=opened(shop=bare), count=5, levels=["simple"])
    assert {name for each in found["focus"].to_pylist() for name in each} == {*FILLED, "notes"}


def test_tables_of_vectors_are_left_alone():
    vectors = Table("notes_text_vec", (Column("id", "INTEGER"), Column("embedding", "float[384]")))
    schema = Schema("sqlite", (SHOP.by_name["notes"], vectors))
    found = assignments(_rows("shop"), databases=opened(shop=schema), count=6)
    assert found["focus"].to_pylist() == [["notes"]] * 6


@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "mysql"])
def test_functions_are_those_of_the_dialect_and_the_level(dialect):
    schema = Schema(dialect, SHOP.tables)
    rows = assignments(_rows("shop"), databases=opened(shop=schema), count=400).to_pylist()
    for row in rows:
        criterion = criteria()[row["complexity"]]
        assert set(row["functions"]) <= {*criterion.functions[dialect], *criterion.dates[dialect]}
        assert len(set(row["functions"])) == len(row["functions"])
        if "orders" not in row["focus"]:
            assert not {*row["functions"]} & {*criterion.dates[dialect]}
    sizes = Counter(len(row["functions"]) for row in rows)
    assert set(sizes) == {0, 1, 2}
    assert min(sizes.values()) > 90
    assert any({*row["functions"]} & {*criteria()["simple"].dates[dialect]} for row in rows)


def test_most_results_have_few_columns():
    counts = Counter(_plans("shop", count=2_000)["result_columns"].to_pylist())
    assert set(counts) == {1, 2, 3, 4, 5, 6}
    assert 900 < counts[1] < 1_100
    assert counts[1] > counts[2] > counts[3] > counts[4]


def test_databases_without_plans_are_rejected_rows():
    databases = opened(shop=SHOP, empty=Schema("sqlite", ()))
    found = assignments(_rows("shp", "shop", "corrupt", None, "empty"), databases=databases, count=2)
    rejected = {row["id"]: row["_rejected"] for row in found.to_pylist() if row["_rejected"]}
    assert found["id"].to_pylist()[2:] == ["d0", "d2", "d3", "d4"]
    assert rejected["d0"].startswith("unknown name: there is no database 'shp'; did you mean 'shop'?")
    assert rejected["d2"].startswith("error: database 'corrupt': expected a SQLite file")
    assert rejected["d3"].startswith("unknown name: there is no database None")
    assert rejected["d4"] == "error: database 'empty' has no table that can be asked about"
    assert len(rejected) == 4


def test_plans_depend_on_the_seed_and_the_row_and_on_nothing_else():
    one = _plans("shop", "large", count=5)
    assert one == _plans("shop", "large", count=5)
    alone = assignments(_rows("shop", "large").slice(1), databases=opened(shop=SHOP, large=LARGE), count=5)
    assert alone.to_pylist() == one.to_pylist()[5:]
    other = _plans("shop", "large", count=5, seed=1)
    assert not set(other["id"].to_pylist()) & set(one["id"].to_pylist())
    assert other["focus"].to_pylist() != one["focus"].to_pylist()


def test_no_rows_make_no_plans():
    found = assignments(_rows("shop").slice(0, 0), databases=opened(shop=SHOP))
    assert found.num_rows == 0
    assert found.schema.field("focus").type == pa.list_(pa.string())


def test_columns_cannot_share_a_name_and_settings_are_checked():
    with pytest.raises(BadArgument, match="expected different ones"):
        _plans("shop", focus="complexity")
    with pytest.raises(BadArgument, match="count=0 does not fit"):
        describe(assignments, databases=["a"], count=0)
    with pytest.raises(BadArgument, match="levels="):
        describe(assignments, databases=["a"], levels=["hard"])


def test_every_level_says_what_it_wants():
    texts = [criterion.text for criterion in criteria().values()]
    assert [text.partition(":")[0].lower() for text in texts] == list(LEVELS)
    assert all("\n" not in text for text in texts)


@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "mysql"])
def test_every_function_may_be_called(dialect):
    named = {each for level in criteria().values() for each in (*level.functions[dialect], *level.dates[dialect])}
    for name in sorted(named):
        found = [refusal(f"SELECT {call} FROM t", dialect) for call in CALLS.get(name, [f"{name}(a)", f"{name}(a, 2)"])]
        assert None in found, f"{name}: {found[0]}"
