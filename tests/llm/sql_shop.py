"""A tiny shop as a schema in a prompt and as a SQLite database, for tests of rehearsed SQL."""

from typing import Any

SCHEMA = """CREATE TABLE customers ( -- who buys
  customer_id INTEGER PRIMARY KEY, -- e.g. 1, 2, 3
  name TEXT NOT NULL, -- e.g. 'Ada', 'O''Neil', 'Émile'; as they write it
  email TEXT, -- e.g. <email>, <e mail>
  city TEXT -- e.g. 'Graz', 'Köln'
);

CREATE TABLE orders (
  order_id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
  status TEXT, -- e.g. 'open', 'paid'
  ordered_on DATE, -- e.g. '2023-04-01', '2024-01-02', '2024-06-30'
  total DECIMAL(10, 2) -- e.g. 12.5, 30, 99.9
);

CREATE TABLE "order items" (
  order_id INTEGER REFERENCES orders (order_id),
  line INTEGER, -- e.g. 1, 2
  "unit price" REAL, -- e.g. 2.5, 7
  quantity INTEGER, -- e.g. 1, 3, 12
  PRIMARY KEY (order_id, line)
);
-- sample row: (1, 1, 2.5, 3)"""
LEAGUE = """CREATE TABLE players (
  id INTEGER PRIMARY KEY,
  "number of goals" INTEGER, -- e.g. 0, 4
  "from" TEXT, -- e.g. 'Rome'
  captain_id INTEGER REFERENCES players (id),
  homeTeam INTEGER REFERENCES teams (id),
  away_team INTEGER REFERENCES teams (id)
);

CREATE TABLE teams (
  id INTEGER PRIMARY KEY,
  name TEXT, -- e.g. 'Reds', 'Blues'
  is_professional BOOLEAN -- e.g. 0, 1
);"""
LEDGER = """CREATE TABLE `Größen` (
  `Wert in €` DECIMAL(8,2), -- e.g. 3.5, -2
  `Tag` DATETIME, -- e.g. '2024-01-02 10:00:00'
  `a``b` VARCHAR(20) -- e.g. 'it''s', '50 % off'
);"""


def opened() -> Any:
    """Return the shop in memory."""
    import apsw

    shop = apsw.Connection(":memory:")
    shop.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    shop.execute("\n".join(line.partition(" --")[0] for line in SCHEMA.splitlines()))
    people = [
        (1, "Ada", "a@x", "Graz"),
        (2, "O'Neil", None, "Köln"),
        (3, "Émile", "e@x", "Graz"),
        (4, "Eve", None, None),
    ]
    shop.executemany("INSERT INTO customers VALUES (?, ?, ?, ?)", people)
    for number in range(1, 13):
        day = ("2023-04-01", "2024-01-02", "2024-06-30")[number % 3]
        row = (number, number % 3 + 1, ("open", "paid", None)[number % 3], day, (12.5, 30, 99.9, 47)[number % 4])
        shop.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", row)
        lines = [
            (number, line, (2.5, 7)[line % 2], (1, 3, 12)[(number + line) % 3]) for line in range(1, number % 3 + 2)
        ]
        shop.executemany('INSERT INTO "order items" VALUES (?, ?, ?, ?)', lines)
    return shop


def rows_of(shop: Any, sql: str) -> list:
    """Return the rows of a query, in an order of their own: as they come, where the query decides it."""
    rows = shop.execute(sql).fetchall()
    return rows if "\nORDER BY" in sql else sorted(rows, key=repr)


def tried(shop: Any, sql: str) -> list | None:
    """Return the rows of a query, None where it does not run."""
    import apsw

    try:
        return rows_of(shop, sql)
    except apsw.SQLError:
        return None
