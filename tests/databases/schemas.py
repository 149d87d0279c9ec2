"""Schemas to test with: a small shop, and large ones that are made."""

from functools import partial
from random import Random

from dataflow_ops.databases.limits import Limits
from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Column, Dialect, ForeignKey, Schema, Table
from dataflow_ops.errors import BadSource

CUSTOMERS = Table(
    "customers",
    (Column("id", "INTEGER", False), Column("Full Name", "TEXT", comment="as they write it", examples=("<name>",))),
    ("id",),
    sample=(("1", "<name>"),),
)
ORDERS = Table(
    "orders",
    (
        Column("id", "INTEGER", False, examples=("1", "2")),
        Column("customer_id", "INTEGER", False),
        Column("status", "TEXT", False, "where it stands", ("open", "it's paid", "shut", "lost")),
        Column("placed", "DATE", examples=("2024-01-05",)),
    ),
    ("id",),
    (ForeignKey(("customer_id",), "customers", ("id",)),),
    "what customers ordered",
    (("1", "1", "open", None), ("2", "1", "it's paid", "2024-01-05")),
)
ITEMS = Table(
    "order_items",
    (Column("order_id", "INT", False), Column("product_id", "INT", False), Column("pieces", "INT")),
    ("order_id", "product_id"),
    (ForeignKey(("order_id",), "orders", ("id",)), ForeignKey(("product_id",), "products", ("id",))),
    sample=(("1", "1", "3"),),
)
PRODUCTS = Table(
    "products",
    (Column("id", "INTEGER", False), Column("title", "TEXT"), Column("price", "DECIMAL(8,2)", examples=("3.50",))),
    ("id",),
    sample=(("1", "Lamp", "3.50"),),
)
NOTES = Table("notes", (Column("text", "TEXT"),), comment="nobody knows")
SHOP = Schema("sqlite", (CUSTOMERS, NOTES, ITEMS, ORDERS, PRODUCTS))

WORDS = [
    "order",
    "customer",
    "product",
    "invoice",
    "payment",
    "branch",
    "store",
    "ticket",
    "visit",
    "doctor",
    "loan",
    "book",
    "author",
    "city",
    "stock",
    "price",
]


def many(count: int, *, columns: int = 12, dialect: Dialect = "sqlite") -> Schema:
    """Make a schema of `count` tables, each but the first with a key to one before it."""
    draw, tables = Random(count), list[Table]()
    for number in range(count):
        names = [f"{draw.choice(WORDS)}_{draw.choice(WORDS)}_{at}" for at in range(columns)]
        made = tuple(Column(name, "TEXT", examples=("open", "paid")) for name in names)
        keys = (ForeignKey((names[0],), draw.choice(tables).name, ("id",)),) if tables else ()
        name = f"{draw.choice(WORDS)}_{draw.choice(WORDS)}_{number}"
        tables.append(Table(name, made, foreign_keys=keys, sample=(("open",) * columns,)))
    return Schema(dialect, tuple(sorted(tables, key=lambda table: table.name)))


class Held:
    """An engine that holds a schema and no rows, for what only looks at schemas."""

    def __init__(self, schema: Schema) -> None:
        self.dialect, self._schema = schema.dialect, schema

    def schema(self) -> Schema:
        """Return what it was given."""
        return self._schema

    def explain(self, sql: str, limits: Limits) -> Failed | None:
        """Refuse."""
        return Failed("refused", sql)

    def run(self, sql: str, limits: Limits) -> Failed:
        """Refuse."""
        return Failed("refused", sql)

    def close(self) -> None:
        """Do nothing."""


class Corrupt(Held):
    """An engine whose file cannot be read."""

    def schema(self) -> Schema:
        """Fail as engines do."""
        raise BadSource("database 'corrupt': expected a SQLite file that can be read")


def opened(**schemas: Schema) -> Databases:
    """Return databases that hold `schemas`, and one, `corrupt`, that cannot be read."""
    engines = {name: partial(Held, schema) for name, schema in schemas.items()}
    return Databases({**engines, "corrupt": partial(Corrupt, SHOP)})
