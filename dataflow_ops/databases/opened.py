"""The databases of a task, each opened when it is first asked."""

import json
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from dataflow_ops.databases.database import Database, Engine
from dataflow_ops.databases.result import Failed
from dataflow_ops.errors import BadArgument, BadSource, nearest


def addresses(value: Any) -> list[str]:
    """Read addresses of databases out of a setting: one, several, or these as JSON text; BadArgument for others."""
    try:
        given = json.loads(value) if isinstance(value, str) and value.strip().startswith("[") else value
    except ValueError:
        given = None
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list) or not all(isinstance(each, str) and each.strip() for each in listed) or not listed:
        raise BadArgument(
            f"databases={value!r}: expected files, folders and connections, such as "
            f"['s3://bucket/databases/', 'connection:shop']"
        )
    return [each.strip() for each in listed]


AWAKE = 32
"""Databases whose processes and connections are kept; another that is asked for ends those of the one asked longest ago."""


class Databases:
    """Databases by their id; a context manager that closes what was opened."""

    def __init__(self, engines: Mapping[str, Callable[[], Engine]], *, versions: Mapping[str, str] | None = None):
        """Take what opens each engine; `versions` say what each holds, an etag or a fingerprint."""
        self._engines, self._versions = dict(engines), dict(versions or {})
        self._open: dict[str, Database] = {}
        self._broken: dict[str, Failed] = {}
        self._awake: dict[str, None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        """Return what names the work done with them: the ids and versions."""
        return f"Databases({ {name: self._versions.get(name, '') for name in sorted(self._engines)} })"

    @property
    def ids(self) -> list[str]:
        """The ids of all databases, in order."""
        return sorted(self._engines)

    def find(self, name: str | None) -> Database | Failed:
        """Return the database with this id; a failure where there is none, or where it cannot be read."""
        if name is None or name not in self._engines:
            return Failed("unknown name", f"there is no database {name!r}; {nearest(name or '', self._engines)}")
        if name not in self._open and name not in self._broken:
            self._read(name)
        return self._broken.get(name) or self._woken(name)

    def _woken(self, name: str) -> Database:
        """Return a database whose engine may work; an engine that was put to sleep starts again when it is asked."""
        self._awake.pop(name, None)
        self._awake[name] = None
        while len(self._awake) > AWAKE:
            longest = next(iter(self._awake))
            del self._awake[longest]
            self._open[longest].engine.close()
        return self._open[name]

    def _read(self, name: str) -> None:
        """Open a database and read its schema; one broken file is no reason to lose what is asked of the others."""
        database = Database(name, self._engines[name]())
        try:
            _ = database.schema
            self._open[name] = database
        except BadSource as broken:
            database.close()
            self._broken[name] = Failed("error", str(broken))

    def version(self, name: str) -> str:
        """Return what a database holds, as an etag or a fingerprint; it is there."""
        return self._versions.get(name) or self._open[name].schema.fingerprint

    def close(self) -> None:
        """Close every database that was opened."""
        self._awake.clear()
        while self._open:
            self._open.popitem()[1].close()
