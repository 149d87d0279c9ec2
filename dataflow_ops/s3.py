"""An S3 bucket as a store: whole objects, created once, never seen in part.

Only a plain PutObject with `If-None-Match: *` is relied on, because that is what S3-compatible servers agree about;
listing order is not relied on at all.
"""

import base64
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import pyarrow as pa
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from dataflow_ops.errors import BadSource, StoreRefused, Transient
from dataflow_ops.store import Stored

MISSING = {"NoSuchKey", "404", "NotFound"}
REFUSED = {
    "NoSuchBucket": "create it, or correct the bucket name",
    "InvalidBucketName": "correct the bucket name",
    "PermanentRedirect": "set the bucket's region in the Airflow connection",
    "AccessDenied": "allow this key to use the bucket",
    "403": "check the key, the secret and the bucket's policy",
    "Forbidden": "check the key, the secret and the bucket's policy",
    "AllAccessDisabled": "allow this key to use the bucket",
    "InvalidAccessKeyId": "correct the access key of the Airflow connection",
    "SignatureDoesNotMatch": "correct the secret key of the Airflow connection",
    "ExpiredToken": "renew the session token of the Airflow connection",
}
TAKEN = {"PreconditionFailed", "412"}


class S3:
    """All buckets that one boto3 client reaches."""

    def __init__(self, client: Any):
        self.client = client

    def list(self, prefix: str) -> Iterator[Stored]:
        """Yield objects under a prefix, sorted here because servers disagree about the order."""
        bucket, key = split(prefix)
        with explained(prefix):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
            found = [self._stored(bucket, entry) for page in pages for entry in page.get("Contents", ())]
        yield from sorted(found, key=lambda stored: stored.uri.encode())

    def stat(self, uri: str) -> Stored | None:
        """Return the object, None when there is none."""
        bucket, key = split(uri)
        try:
            with explained(uri):
                head = self.client.head_object(Bucket=bucket, Key=key)
        except BadSource:
            return None
        return Stored(uri, head["ETag"].strip('"'), head["ContentLength"])

    def read(self, uri: str) -> pa.Buffer:
        """Return all bytes of an object, without a second copy."""
        with self.open(uri) as body:
            return pa.py_buffer(body.read())

    def open(self, uri: str) -> IO[bytes]:
        """Open an object as a stream that survives a cut connection."""
        return io.BufferedReader(Resuming(self, uri), buffer_size=1 << 20)

    def random_access(self, uri: str) -> pa.PythonFile:
        """Open an object for reading parts of it: one ranged GET for each read."""
        return pa.PythonFile(Resuming(self, uri, streams=False), mode="r")

    def create(self, uri: str, data: bytes | pa.Buffer | Path) -> bool:
        """Write an object unless it is there; return whether this call wrote it."""
        bucket, key = split(uri)
        body = data.read_bytes() if isinstance(data, Path) else memoryview(data)
        checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
        with explained(uri):
            try:
                self.client.put_object(
                    Bucket=bucket, Key=key, Body=io.BytesIO(body), IfNoneMatch="*", ChecksumSHA256=checksum
                )
            except ClientError as error:
                if error_code(error) in TAKEN:
                    return False
                raise
        return True

    def replace(self, uri: str, data: bytes) -> None:
        """Write an object, replacing what is there at once."""
        bucket, key = split(uri)
        with explained(uri):
            self.client.put_object(Bucket=bucket, Key=key, Body=data)

    def delete(self, uri: str) -> None:
        """Delete an object; nothing happens when there is none."""
        bucket, key = split(uri)
        with suppress(BadSource), explained(uri):
            self.client.delete_object(Bucket=bucket, Key=key)

    def part(self, uri: str, start: int, end: int | None, etag: str) -> Any:
        """Return the body of bytes [start, end) of the version `etag` of an object."""
        bucket, key = split(uri)
        last = "" if end is None else end - 1
        with explained(uri):
            answer = self.client.get_object(Bucket=bucket, Key=key, Range=f"bytes={start}-{last}", IfMatch=f'"{etag}"')
        return answer["Body"]

    @staticmethod
    def _stored(bucket: str, entry: dict[str, Any]) -> Stored:
        return Stored(f"s3://{bucket}/{entry['Key']}", entry["ETag"].strip('"'), entry["Size"])


class Resuming(io.RawIOBase):
    """An object as a file, asked for again from where the connection broke.

    A stream shares one GET among its reads; otherwise each read is a GET of just its bytes.
    """

    ATTEMPTS = 5

    def __init__(self, store: S3, uri: str, *, streams: bool = True):
        stored = store.stat(uri)
        if stored is None:
            raise BadSource(f"there is no object {uri!r}")
        self.store, self.stored, self.streams = store, stored, streams
        self.position = 0
        self.body: Any = None

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can seek."""
        return True

    def tell(self) -> int:
        """Return the place of the next read."""
        return self.position

    def size(self) -> int:
        """Return the size of the object in bytes."""
        return self.stored.bytes

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; the stream that is open is given up unless it already stands there."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.stored.bytes}[whence]
        if start + offset != self.position:
            self._hang_up()
        self.position = start + offset
        return self.position

    def readinto(self, buffer: Any) -> int:
        """Read at most as much as fits, from where it stands."""
        wanted = min(len(buffer), self.stored.bytes - self.position)
        if wanted <= 0:
            return 0
        data = self._read(wanted)
        buffer[: len(data)] = data
        self.position += len(data)
        return len(data)

    def close(self) -> None:
        """Let go of the connection."""
        self._hang_up()
        super().close()

    def _read(self, wanted: int) -> bytes:
        for left in reversed(range(self.ATTEMPTS)):
            try:
                if self.body is None:
                    end = None if self.streams else self.position + wanted
                    self.body = self.store.part(self.stored.uri, self.position, end, self.stored.etag)
                if data := self.body.read(wanted):
                    return self._keep(data)
            except (OSError, BotoCoreError, Transient) as error:
                if not left:
                    raise Transient(
                        f"{self.stored.uri!r}: reading broke off at byte {self.position}: {error}"
                    ) from error
            self._hang_up()
        raise Transient(f"{self.stored.uri!r}: ended at byte {self.position} of {self.stored.bytes}")

    def _keep(self, data: bytes) -> bytes:
        if not self.streams:
            self._hang_up()
        return data

    def _hang_up(self) -> None:
        if self.body is not None:
            self.body.close()
            self.body = None


def split(uri: str) -> tuple[str, str]:
    """Return bucket and key; BadSource when `uri` is not s3://bucket/…."""
    parts = urlsplit(uri, allow_fragments=False)
    if parts.scheme != "s3" or not parts.netloc:
        raise BadSource(f"{uri!r}: expected s3://bucket/key")
    return parts.netloc, uri.removeprefix(f"s3://{parts.netloc}").lstrip("/")


def error_code(error: ClientError) -> str:
    """Return S3's word for what went wrong."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def explained(uri: str) -> Iterator[None]:
    """Turn what boto3 raises into our errors: what trying again cannot cure is told from what it can."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise StoreRefused(f"{uri!r}: no credentials; set login and password of the Airflow connection") from error
    except ClientError as error:
        raise _explain(uri, error) from error
    except (BotoCoreError, OSError) as error:
        raise Transient(f"{uri!r}: {error}") from error


def _explain(uri: str, error: ClientError) -> Exception:
    code = error_code(error)
    if code in MISSING:
        return BadSource(f"there is no object {uri!r}")
    if code in TAKEN:
        return BadSource(f"{uri!r} changed while it was read; run again")
    if cure := REFUSED.get(code):
        return StoreRefused(f"{uri!r}: the store says {code}; {cure}")
    return Transient(f"{uri!r}: the store says {code or error}")
