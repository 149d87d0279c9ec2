"""Database servers: PostgreSQL, and MySQL or MariaDB; what is asked of them only reads, and is stopped in time."""

from typing import TYPE_CHECKING, Any

from dataflow_ops.child import Child
from dataflow_ops.databases import examples
from dataflow_ops.databases._in_child import InChild
from dataflow_ops.databases.schema import Column, Dialect, ForeignKey, Schema, Table
from dataflow_ops.errors import BadArgument

if TYPE_CHECKING:
    from sqlalchemy import URL

GRACE_SECONDS = 25.0
"""Beyond the limit of a statement: its connection may have to be made, and made again."""
MEMORY_MIB = 1024
"""What the process may take that a server's answers come to."""


class Postgres(InChild):
    """A database of a PostgreSQL server: what its search path shows; `?options=-csearch_path%3Dsales` sets another."""

    dialect: Dialect = "postgres"

    def __init__(self, url: "str | URL") -> None:
        """Take `postgresql://user:password@host/name`; the server is asked when it is first needed."""
        name, connection = _connection(url, "postgresql", "psycopg")
        child = Child("dataflow_ops.databases._postgres_child", MEMORY_MIB << 20)
        super().__init__(name, child, {"connection": connection}, grace=GRACE_SECONDS)

    def schema(self) -> Schema:
        """Read what the database holds; BadSource where it lets nobody in, Transient where the server is away."""
        return Schema(self.dialect, tuple(map(_table, self._tables())))


class MySql(InChild):
    """A database of a MySQL or MariaDB server."""

    dialect: Dialect = "mysql"

    def __init__(self, url: "str | URL") -> None:
        """Take `mysql://user:password@host/name`; the server is asked when it is first needed."""
        name, connection = _connection(url, "mysql", "pymysql")
        child = Child("dataflow_ops.databases._mysql_child", MEMORY_MIB << 20)
        super().__init__(name, child, {"connection": connection}, grace=GRACE_SECONDS)

    def schema(self) -> Schema:
        """Read what the database holds; BadSource where it lets nobody in, Transient where the server is away."""
        return Schema(self.dialect, tuple(map(_table, self._tables())))


def engine(url: "str | URL") -> Postgres | MySql:
    """Return the engine that a URL of SQLAlchemy names; BadArgument for one that names another."""
    return Postgres(url) if _backend(_parsed(url)) == "postgresql" else MySql(url)


def _backend(url: "URL") -> str:
    """Return what speaks the protocol of a server, however people call it."""
    name = url.get_backend_name()
    return {"mariadb": "mysql", "postgres": "postgresql"}.get(name, name)


def _parsed(url: "str | URL") -> "URL":
    from sqlalchemy import make_url  # noqa: PLC0415 - only where a server is asked
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadArgument(f"{type(url).__name__} that is no URL: expected postgresql://user:password@host/name "
                          "or mysql://user:password@host/name") from error  # fmt: skip


def _connection(url: "str | URL", backend: str, driver: str) -> tuple[str, dict[str, Any]]:
    """Return how messages name a database, without its password, and what its driver connects by."""
    parsed = _parsed(url)
    name = repr(parsed.render_as_string(hide_password=True))
    if _backend(parsed) != backend:
        raise BadArgument(f"{name}: expected {backend}://user:password@host/name")
    if not parsed.database:
        raise BadArgument(f"{name}: expected the name of a database at its end, such as {backend}://user@host/shop")
    parsed = parsed.set(drivername=f"{backend}+{driver}")
    found = parsed.get_dialect()().create_connect_args(parsed)[1]
    return name, {str(key): value for key, value in found.items()}


def _table(told: dict[str, Any]) -> Table:
    names, rows, of = [name for name, *_ in told["columns"]], told["rows"], told["name"]
    columns = tuple(
        Column(name, kind, not required, comment or None, examples.values(name, (row[at] for row in rows), table=of))
        for at, (name, kind, required, comment) in enumerate(told["columns"])
    )
    links = tuple(ForeignKey(tuple(own), table, tuple(to)) for own, table, to in told["links"])
    sample = examples.sample(names, rows, table=of)
    return Table(of, columns, tuple(told["key"]), links, told["comment"] or None, sample, told["view"])
