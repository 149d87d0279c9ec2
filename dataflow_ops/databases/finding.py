"""Databases by their addresses: SQLite files in S3 or a folder, and servers behind connections."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import xxhash

from dataflow_ops.databases.database import Engine
from dataflow_ops.databases.opened import Databases
from dataflow_ops.errors import BadArgument
from dataflow_ops.sources import DATABASES, Found, SourceFile, find
from dataflow_ops.store import Store, local_path

if TYPE_CHECKING:
    from sqlalchemy import URL

CONNECTION = "connection:"
SERVERS = ("postgres", "postgresql", "mysql", "mariadb")
"""How URLs of servers begin."""

Connect = Callable[[str], "URL"]
"""Given the name of a connection, where its server is."""


@dataclass(frozen=True)
class Finder:
    """What databases are looked for with: a store, connections, and a folder where files of S3 are kept while in use."""

    store: Store
    connect: Connect
    kept: Path

    def databases(self, addresses: Sequence[str]) -> Databases:
        """Return the databases at `addresses`, each opened when it is first asked; a file's version is its etag."""
        servers, files = _split(addresses)
        engines = {name: self._server(address) for name, address in servers.items()}
        versions: dict[str, str] = {}
        for name, file in self._files(files).items():
            _new(name, engines)
            engines[name], versions[name] = partial(self._sqlite, file), file.etag
        return Databases(engines, versions=versions)

    def sources(self, addresses: Sequence[str], seen: Mapping[str, str]) -> Found:
        """List the databases at `addresses` as sources with one record each: those that are new or not as `seen`.

        The version of a file is its etag, that of a server the fingerprint of its schema: data are not looked at.
        """
        servers, files = _split(addresses)
        found = self._found(files)
        listed = [_source(name, file, "sqlite", file.etag) for name, file in _named(found.files).items()]
        for name, address in servers.items():
            engine = self._server(address)()
            version = engine.schema().fingerprint
            listed.append(_source(name, SourceFile(address, version, 0, "database"), engine.dialect, version))
            engine.close()
        for one, times in Counter(str(file.about and file.about["db_id"]) for file in listed).items():
            _only(one, times)
        new = [file for file in listed if seen.get(file.uri) != file.etag]
        return Found(new, found.skipped, len(listed) - len(new), found.hidden)

    def _found(self, files: Sequence[str]) -> Found:
        return find(self.store, files, formats=DATABASES) if files else Found([], [], 0, 0)

    def _files(self, files: Sequence[str]) -> dict[str, SourceFile]:
        return _named(self._found(files).files)

    def _server(self, address: str) -> Callable[[], Engine]:
        from dataflow_ops.databases.servers import engine  # noqa: PLC0415 - drivers are not for DAG files

        name = address.removeprefix(CONNECTION)
        return partial(engine, self.connect(name) if name != address else _url(address))

    def _sqlite(self, file: SourceFile) -> Engine:
        from dataflow_ops.databases.vectors import Vectorising  # noqa: PLC0415 - apsw is not for DAG files

        return Vectorising.open(self._local(file))

    def _local(self, file: SourceFile) -> Path:
        """Return where a file can be opened; one of S3 is fetched once for each of its versions."""
        if not file.uri.startswith("s3://"):
            return local_path(file.uri)
        path = self.kept / f"{xxhash.xxh3_128_hexdigest(f'{file.uri} {file.etag}'.encode())}.sqlite"
        if not path.exists():
            self.kept.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.kept, delete=False) as aside, self.store.open(file.uri) as given:
                shutil.copyfileobj(given, aside, 1 << 20)
            Path(aside.name).chmod(0o444)
            Path(aside.name).replace(path)
        return path


def _split(addresses: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Return the servers by the id of their database, and the places of files."""
    servers: dict[str, str] = {}
    files = []
    for address in addresses:
        if address.startswith(CONNECTION):
            name = address.removeprefix(CONNECTION)
        elif address.partition("://")[0].partition("+")[0] in SERVERS:
            name = str(_url(address).database)
        else:
            files.append(address)
            continue
        _new(name, servers)
        servers[name] = address
    return servers, files


def _new(name: str, known: Mapping[str, object]) -> None:
    _only(name, 2 if name in known else 1)


def _only(name: str, times: int) -> None:
    if times > 1:
        raise BadArgument(
            f"there are {times} databases {name!r}: rename a file, or give a server a connection of its own"
        )


def _url(address: str) -> "URL":
    from sqlalchemy import make_url  # noqa: PLC0415 - not when a DAG is parsed
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise BadArgument(f"databases: {address.partition('://')[0]}://… is no URL of a database: {error}") from error
    if url.password is not None or not url.database:
        raise BadArgument(
            f"databases: {url.render_as_string(hide_password=True)!r}: expected a URL with a database and without a "
            "password; a password belongs in a connection: 'connection:<its name>'"
        )
    return url


def _named(files: Sequence[SourceFile]) -> dict[str, SourceFile]:
    """Name each file by its stem; where several share one, by as many folders before it as tell them apart."""
    paths = [PurePosixPath(file.uri).with_suffix("").parts for file in files]
    for depth in range(1, max(map(len, paths), default=0) + 1):
        names = ["/".join(path[-depth:]) for path in paths]
        if len(set(names)) == len(names):
            return dict(zip(names, files, strict=True))
    return {file.uri: file for file in files}


def _source(name: str, file: SourceFile, dialect: str, version: str) -> SourceFile:
    about = {"db_id": name, "dialect": dialect, "db_version": version}
    return SourceFile(file.uri, file.etag, file.bytes, file.format, about=about)


def is_server(uri: str) -> bool:
    """Say whether a source is a server, not a file."""
    return uri.startswith(CONNECTION) or uri.partition("://")[0].partition("+")[0] in SERVERS
