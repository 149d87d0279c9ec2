import warnings

import pytest
from sqlalchemy import NullPool, create_engine, inspect, make_url, select, text

from dataflow_ops.samples import databases
from tests.databases.servers import mariadb_server, postgres_server

DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}


@pytest.fixture(scope="module", params=[postgres_server, mariadb_server], ids=["postgres", "mariadb"])
def url(request):
    """The URL of a server that holds all three sample databases, each made twice."""
    with request.param() as server:
        plain = make_url(server.url)
        plain = plain.set(drivername=plain.get_backend_name()).render_as_string(hide_password=False)
        for name in databases.NAMES * 2:
            databases.load(name, plain)
        yield plain


@pytest.fixture
def engine(url):
    address = make_url(url)
    return create_engine(address.set(drivername=DRIVERS[address.drivername]), poolclass=NullPool)


def rows(name, engine):
    """Return the rows of every table in the order of its key."""
    made = databases.metadata(name)
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SQLite has no decimal numbers
        return {
            table.name: connection.execute(select(table).order_by(*table.primary_key)).all()
            for table in made.sorted_tables
        }


@pytest.mark.parametrize("name", databases.NAMES)
def test_a_server_holds_the_rows_of_the_file(name, engine, tmp_path):
    file = create_engine(f"sqlite:///{databases.write_one(name, tmp_path)}", poolclass=NullPool)
    assert rows(name, engine) == rows(name, file)


@pytest.mark.parametrize("name", databases.NAMES)
def test_comments_and_keys_are_those_of_the_description(name, engine):
    seen = inspect(engine)
    for table in databases.metadata(name).sorted_tables:
        assert seen.get_table_comment(table.name)["text"] == table.comment
        found = seen.get_columns(table.name)
        assert [column["name"] for column in found] == [column.name for column in table.columns]
        assert [column["comment"] for column in found] == [column.comment for column in table.columns]
        assert len(seen.get_foreign_keys(table.name)) == len(table.foreign_keys)


def test_tables_of_others_stay(url, engine):
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE visitors (id INTEGER)"))
        connection.execute(text("INSERT INTO visitors VALUES (7)"))
    databases.load("clinic", url)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT id FROM visitors")).all() == [(7,)]
        connection.execute(text("DROP TABLE visitors"))
