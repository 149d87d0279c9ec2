"""What is said of the databases that rows name."""

import pyarrow as pa
import pytest

from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.schema import Column, ForeignKey, Schema, Table
from dataflow_ops.databases.vectors import Vectorising
from dataflow_ops.extract.databases import about, vectors
from tests.databases import abstracts
from tests.databases.schemas import SHOP, opened

TEXT = Column("body", "TEXT")


def rows(*names):
    return pa.table({"id": [f"r{at}" for at in range(len(names))], "db_id": pa.array(names, pa.string())})


def texts(*columns):
    """A schema whose table `notes` has vectors for some of its columns."""
    notes = Table("notes", (Column("id", "INTEGER"), *(Column(name, "TEXT") for name in columns)), ("id",))
    found = [
        Table(
            f"notes_{name}_vec",
            (Column("id", "INTEGER"), Column("embedding", "float[384]")),
            ("id",),
            (ForeignKey(("id",), "notes", ("id",)),),
        )
        for name in columns
    ]
    return Schema("sqlite", (notes, *found))


def test_dialect_and_version_of_each_row_are_told():
    found = about(rows("shop", "zoo", None, "shop"), databases=opened(shop=SHOP))
    assert found["dialect"].to_pylist() == [SHOP.dialect, None, None, SHOP.dialect]
    assert found["db_version"].to_pylist() == [SHOP.fingerprint, None, None, SHOP.fingerprint]
    faults = found["db_fault"].to_pylist()
    assert (faults[0], faults[3]) == (None, None)
    assert faults[1].startswith("unknown name: there is no database 'zoo'")
    assert faults[2].startswith("unknown name: there is no database None")


def test_the_version_of_a_file_is_its_etag():
    with Databases({"shop": opened(shop=SHOP)._engines["shop"]}, versions={"shop": "etag-1"}) as databases:
        assert about(rows("shop"), databases=databases)["db_version"].to_pylist() == ["etag-1"]


def test_columns_with_vectors_are_drawn_and_their_tables_named():
    many = rows(*["notes"] * 60)
    found = vectors(many, databases=opened(notes=texts("body", "title")))
    assert {each["column"] for each in found["vectors"].to_pylist()} == {"body", "title"}
    for place, tables in zip(found["vectors"].to_pylist(), found["focus"].to_pylist(), strict=True):
        assert place == {
            "table": "notes", "column": place["column"], "key": "id",
            "vector_table": f"notes_{place['column']}_vec", "vector_column": "embedding", "vector_key": "id",
        }  # fmt: skip
        assert tables == ["notes", place["vector_table"]]
    assert found.equals(vectors(many, databases=opened(notes=texts("body", "title"))))
    assert not found.equals(vectors(many, databases=opened(notes=texts("body", "title")), seed=1))


def test_a_database_without_vectors_says_so():
    found = vectors(rows("shop", "zoo"), databases=opened(shop=SHOP))
    assert found["vectors"].to_pylist() == found["focus"].to_pylist() == [None, None]
    first, second = found["db_fault"].to_pylist()
    assert first.startswith("unknown name: no column of text has vectors")
    assert "'zoo'" in second


@pytest.mark.parametrize("op", [about, vectors])
def test_no_rows_are_no_rows(op):
    assert op(rows(), databases=opened(shop=SHOP)).num_rows == 0


def test_a_file_of_vectors_is_found(tmp_path):
    path = abstracts.write(tmp_path / "abstracts.sqlite")
    with Databases({"abstracts": lambda: Vectorising.open(path)}) as databases:
        (fault,) = vectors(rows("abstracts"), databases=databases)["db_fault"].to_pylist()
    assert fault.startswith("unknown name: no column of text has vectors")
