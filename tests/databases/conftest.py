"""Servers that tests of databases share; each is started once, when it is first needed."""

from collections.abc import Iterator

import pytest

from tests.databases.servers import Server, mariadb_server, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Return a real PostgreSQL server."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """Return a real MariaDB server."""
    with mariadb_server() as server:
        yield server
