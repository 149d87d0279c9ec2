"""Sample databases, invented: a lending library, a shop and a clinic, as SQLite files or in a server.

Each is made from one description in `data/databases/`: tables, columns with types and comments, keys, and rows that are
the same ones every time. They hold what real databases hold: names with apostrophes and letters of other scripts, NULL
beside empty texts, values that come up again and again, and what looks like the data of people.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    create_engine,
    make_url,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import SAWarning
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import TypeEngine

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.samples import databases_rows, vocabulary
from dataflow_ops.samples.databases_rows import Description
from dataflow_ops.samples.dealt import need_empty

NAMES = ("clinic", "library", "shop")
_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
_TYPES: Mapping[str, Any] = {
    "integer": Integer(),
    "text": Text(),
    "date": Date(),
    # SQLite has no type for times: without the fractions of seconds its text is what people write.
    "timestamp": DateTime().with_variant(sqlite.DATETIME(truncate_microseconds=True), "sqlite"),
    "decimal": Numeric(10, 2),
    "boolean": Boolean(),
}


def write(folder: Path) -> None:
    """Write `clinic.sqlite`, `library.sqlite` and `shop.sqlite` into `folder`; BadArgument for one that holds files."""
    need_empty(folder)
    for name in NAMES:
        write_one(name, folder)


def write_one(name: str, folder: Path) -> Path:
    """Write the sample database `name` as an SQLite file into `folder` and return its path.

    The file is the same to the byte each time, with the same version of SQLite. A file that is there is replaced. The
    comments of tables and columns stand in the text of `CREATE TABLE`. BadArgument for a name that is none of `NAMES`.
    """
    return make_file(_description(name), folder / f"{name}.sqlite", name)


def make_file(description: Description, path: Path, seed: str) -> Path:
    """Make the database of a description as an SQLite file, its rows drawn by `seed`, and return its path."""
    made = _metadata(description)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.begin() as connection:
        for table in made.sorted_tables:
            connection.exec_driver_sql(_commented(table, engine))
    _fill(description, made, engine, seed)
    return path


def load(name: str, url: str) -> None:
    """Make the sample database `name` in the database of a server that the SQLAlchemy URL `url` names.

    Tables of the same names are dropped first. BadArgument for a name that is none of `NAMES`.
    """
    made = metadata(name)
    address = make_url(url)
    address = address.set(drivername=_DRIVERS.get(address.drivername, address.drivername))
    engine = create_engine(address, poolclass=NullPool)
    made.drop_all(engine)
    made.create_all(engine)
    _fill(_description(name), made, engine, name)


def metadata(name: str) -> MetaData:
    """Return the tables of the sample database `name`; BadArgument for a name that is none of `NAMES`."""
    return _metadata(_description(name))


def _metadata(description: Description) -> MetaData:
    made = MetaData()
    for table in description["table"]:
        columns = [_column(column) for column in table["columns"]]
        Table(table["name"], made, *columns, comment=table["comment"], mysql_charset="utf8mb4")
    return made


def _description(name: str) -> Description:
    if name not in NAMES:
        raise BadArgument(f"there is no sample database {name!r}; {nearest(name, NAMES)}")
    return vocabulary.read(f"databases/{name}")


def _column(column: Mapping[str, Any]) -> Column[Any]:
    keys = [ForeignKey(column["refers"])] if "refers" in column else []
    is_key = column.get("key", False)
    return Column(
        column["name"],
        _type(column["type"]),
        *keys,
        primary_key=is_key,
        autoincrement=False,
        nullable=_may_be_null(column),
        unique=column.get("unique"),
        comment=column.get("comment"),
    )


def _may_be_null(column: Mapping[str, Any]) -> bool:
    return bool({"null", "void", "when"} & column.keys())


def _type(name: str) -> TypeEngine[Any]:
    if name.startswith("string("):
        return String(int(name.removeprefix("string(").removesuffix(")")))
    found: TypeEngine[Any] = _TYPES[name]
    return found


def _commented(table: Table, engine: Engine) -> str:
    """Return the CREATE TABLE of a table, its comment above its columns and theirs behind them."""
    first, *lines = str(CreateTable(table).compile(engine)).strip().splitlines()
    # SQLAlchemy writes a line for each column, in their order, and those of the keys behind them.
    for number, column in enumerate(table.columns):
        if column.comment:
            lines[number] = f"{lines[number].rstrip()} -- {column.comment}"
    return "\n".join([first, f"\t-- {table.comment}", *lines])


def _fill(description: Description, made: MetaData, engine: Engine, seed: str) -> None:
    values = databases_rows.tables(description, seed)
    with engine.begin() as connection, warnings.catch_warnings():
        # Amounts become floating-point numbers in SQLite, which has no decimal ones.
        warnings.filterwarnings("ignore", "Dialect sqlite", SAWarning)
        for table in made.sorted_tables:
            columns = values[table.name]
            rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
            connection.execute(table.insert(), rows)
