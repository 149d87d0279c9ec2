"""Where bytes live: an S3 bucket, or a folder with the same manners for tests and benchmarks.

Objects are immutable once written: `create` never replaces. The exceptions are `replace`, for small pointers, and
`delete`, for what a cache no longer needs.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import IO, Any, Protocol
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from dataflow_ops.errors import BadSource

ASIDE = ".aside-"
"""How the names of files begin that are not yet whole: no listing shows them."""


@dataclass(frozen=True)
class Stored:
    """An object as a listing shows it."""

    uri: str
    etag: str
    bytes: int


class Store(Protocol):
    """What the rest of the package needs of a store. All names are URIs, `s3://bucket/key` or `/a/folder/name`."""

    def list(self, prefix: str) -> Iterator[Stored]:
        """Yield the objects under `prefix`, in byte order of their URIs; the object itself when it names one."""

    def stat(self, uri: str) -> Stored | None:
        """Return the object, None when there is none."""

    def read(self, uri: str) -> pa.Buffer:
        """Return all bytes of an object; raise BadSource when there is none."""

    def open(self, uri: str) -> IO[bytes]:
        """Open an object for reading as a stream, without seeking; raise BadSource when there is none."""

    def random_access(self, uri: str) -> Any:
        """Open an object for reading parts of it: a file that pyarrow can seek in."""

    def create(self, uri: str, data: bytes | pa.Buffer | Path) -> bool:
        """Write an object unless it is there; return whether this call wrote it. All or nothing, never in part."""

    def replace(self, uri: str, data: bytes) -> None:
        """Write an object, replacing what is there at once: for pointers."""

    def delete(self, uri: str) -> None:
        """Delete an object; nothing happens when there is none."""


class Anywhere:
    """S3 and local folders behind one face: the URI tells which. The S3 client is made when first needed."""

    def __init__(self, client: Callable[[], Any] | None = None):
        self._client, self._folder = client, Folder()
        self._s3: Store | None = None

    def list(self, prefix: str) -> Iterator[Stored]:
        """Yield the objects under `prefix`."""
        return self._at(prefix).list(prefix)

    def stat(self, uri: str) -> Stored | None:
        """Return the object, None when there is none."""
        return self._at(uri).stat(uri)

    def read(self, uri: str) -> pa.Buffer:
        """Return all bytes of an object."""
        return self._at(uri).read(uri)

    def open(self, uri: str) -> IO[bytes]:
        """Open an object as a stream."""
        return self._at(uri).open(uri)

    def random_access(self, uri: str) -> Any:
        """Open an object for reading parts of it."""
        return self._at(uri).random_access(uri)

    def create(self, uri: str, data: bytes | pa.Buffer | Path) -> bool:
        """Write an object unless it is there."""
        return self._at(uri).create(uri, data)

    def replace(self, uri: str, data: bytes) -> None:
        """Write an object, replacing what is there."""
        self._at(uri).replace(uri, data)

    def delete(self, uri: str) -> None:
        """Delete an object; nothing happens when there is none."""
        self._at(uri).delete(uri)

    def _at(self, uri: str) -> Store:
        if uri.startswith("s3://"):
            self._s3 = self._s3 or self._connect()
            return self._s3
        if urlsplit(uri).scheme in ("", "file"):
            return self._folder
        raise BadSource(f"{uri!r}: expected s3://bucket/key or a local path")

    def _connect(self) -> Any:
        import boto3  # noqa: PLC0415 - only where S3 is used

        from dataflow_ops.s3 import S3  # noqa: PLC0415 - needs boto3

        return S3(self._client() if self._client else boto3.client("s3"))


class Folder:
    """A local folder."""

    def list(self, prefix: str) -> Iterator[Stored]:
        """Yield files under a folder, or one file."""
        root = local_path(prefix)
        paths = [root] if root.is_file() else root.rglob("*")
        found = [self.stat(str(path)) for path in paths if not path.name.startswith(ASIDE)]
        yield from sorted(filter(None, found), key=lambda stored: os.fsencode(stored.uri))

    def stat(self, uri: str) -> Stored | None:
        """Return the file, None when there is none."""
        path = local_path(uri)
        try:
            seen = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return (
            Stored(str(path), f"{seen.st_mtime_ns:x}-{seen.st_size:x}", seen.st_size) if S_ISREG(seen.st_mode) else None
        )

    def read(self, uri: str) -> pa.Buffer:
        """Return all bytes of a file."""
        with self.open(uri) as file:
            return pa.py_buffer(file.read())

    def open(self, uri: str) -> IO[bytes]:
        """Open a file."""
        with _named(uri) as path:
            return path.open("rb")

    def random_access(self, uri: str) -> Any:
        """Open a file for seeking."""
        with _named(uri) as path:
            return pa.OSFile(str(path))

    def create(self, uri: str, data: bytes | pa.Buffer | Path) -> bool:
        """Write beside the place, then link: a link fails when the name is taken, and shows nothing in part."""
        path = local_path(uri)
        written = self._aside(path, data)
        try:
            os.link(written, path)
        except FileExistsError:
            return False
        finally:
            written.unlink()
        return True

    def replace(self, uri: str, data: bytes) -> None:
        """Write beside the place, then rename over it."""
        path = local_path(uri)
        self._aside(path, data).replace(path)

    def delete(self, uri: str) -> None:
        """Delete a file; nothing happens when there is none."""
        local_path(uri).unlink(missing_ok=True)

    @staticmethod
    def _aside(path: Path, data: bytes | pa.Buffer | Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=ASIDE, delete=False) as file:
            file.write(data.read_bytes() if isinstance(data, Path) else data)
        return Path(file.name)


@contextmanager
def _named(uri: str) -> Iterator[Path]:
    """Give the path of a file to be opened; BadSource when there is none, or a folder."""
    path = local_path(uri)
    try:
        if path.is_dir():
            raise IsADirectoryError
        yield path
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise BadSource(f"there is no file {str(path)!r}") from error


def local_path(uri: str) -> Path:
    """Return the path that a `file://` URI or a plain path names."""
    return Path(unquote(urlsplit(uri).path) if uri.startswith("file://") else uri)
