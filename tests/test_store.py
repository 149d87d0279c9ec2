"""The same manners on a real S3 server and on a folder; S3's own faults on the server."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.config import Config

from dataflow_ops.errors import BadSource, StoreRefused, Transient
from dataflow_ops.s3 import S3, Resuming
from dataflow_ops.store import Anywhere


@pytest.fixture(params=["s3", "folder"])
def place(request, tmp_path):
    """A store, and a URI in it under which nothing lies yet."""
    if request.param == "folder":
        return Anywhere(), f"{tmp_path}/place"
    server = request.getfixturevalue("s3")
    return Anywhere(lambda: server.client), server.prefix


def test_an_object_is_written_once(place):
    store, here = place
    assert store.create(f"{here}/a", b"first")
    assert not store.create(f"{here}/a", b"second")
    assert bytes(store.read(f"{here}/a")) == b"first"


def test_one_of_many_writers_wins(place):
    store, here = place
    start = threading.Barrier(8)

    def write(number):
        start.wait()
        return store.create(f"{here}/race", str(number).encode())

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(write, range(8)))
    assert sum(won) == 1
    assert bytes(store.read(f"{here}/race")) == str(won.index(True)).encode()


def test_a_pointer_is_replaced(place):
    store, here = place
    store.replace(f"{here}/latest", b"1")
    store.replace(f"{here}/latest", b"2")
    assert bytes(store.read(f"{here}/latest")) == b"2"


def test_what_is_deleted_is_gone_and_may_be_written_again(place):
    store, here = place
    store.delete(f"{here}/a")
    store.create(f"{here}/a", b"first")
    store.create(f"{here}/ab", b"stays")
    store.delete(f"{here}/a")
    store.delete(f"{here}/a")
    assert [stored.uri for stored in store.list(f"{here}/")] == [f"{here}/ab"]
    assert store.create(f"{here}/a", b"second")


def test_listing_is_in_byte_order(place):
    store, here = place
    names = ["b", "a/c", "a-c", "a.c", "a/b/c", "ä"]
    for name in names:
        store.create(f"{here}/{name}", b"x")
    listed = [stored.uri.removeprefix(f"{here}/") for stored in store.list(f"{here}/")]
    assert listed == sorted(names, key=str.encode)


def test_what_is_not_there_is_named(place):
    store, here = place
    assert store.stat(f"{here}/none") is None
    for read in (store.read, store.open, store.random_access):
        with pytest.raises(BadSource, match="none"):
            read(f"{here}/none")


def test_an_empty_object_is_an_object(place):
    store, here = place
    store.create(f"{here}/empty", b"")
    assert bytes(store.read(f"{here}/empty")) == b""
    assert store.stat(f"{here}/empty").bytes == 0


def test_streams_and_random_access_see_the_same_bytes(place):
    store, here = place
    data = bytes(range(256)) * 10_000
    store.create(f"{here}/data", data)
    with store.open(f"{here}/data") as stream:
        assert stream.read() == data
    file = store.random_access(f"{here}/data")
    assert file.size() == len(data)
    file.seek(1_000_003)
    assert file.read(10) == data[1_000_003:1_000_013]
    file.seek(5)
    assert file.read(3) == data[5:8]


def test_the_etag_changes_with_the_content(place):
    store, here = place
    store.replace(f"{here}/x", b"one")
    before = store.stat(f"{here}/x")
    store.replace(f"{here}/x", b"three")
    assert store.stat(f"{here}/x").etag != before.etag


@pytest.mark.parametrize("uri", ["ftp://host/key", "s3:///key"])
def test_other_places_are_refused(uri):
    with pytest.raises(BadSource, match="expected s3://bucket/key"):
        Anywhere(lambda: None).read(uri)


class Cut(io.RawIOBase):
    """A body that breaks off: half of what was asked for, then a reset connection."""

    def __init__(self, body):
        self.body, self.reads = body, 0

    def read(self, wanted):
        self.reads += 1
        if self.reads > 2:
            raise ConnectionResetError("cut")
        return self.body.read(max(1, wanted // 2))


def test_a_stream_goes_on_where_the_connection_broke(s3, monkeypatch):
    store, data = S3(s3.client), bytes(range(256)) * 5_000
    store.create(f"{s3.prefix}/data", data)
    whole = S3.part
    monkeypatch.setattr(S3, "part", lambda *args: Cut(whole(*args)))
    with store.open(f"{s3.prefix}/data") as stream:
        assert stream.read() == data


def test_a_stream_that_never_goes_on_is_transient(s3, monkeypatch):
    store = S3(s3.client)
    store.create(f"{s3.prefix}/data", b"data")
    monkeypatch.setattr(S3, "part", lambda *_: io.BytesIO(b""))
    with pytest.raises(Transient, match="ended at byte 0 of 4"):
        Resuming(store, f"{s3.prefix}/data").read(4)


def other_client(s3, **changed):
    settings = {"endpoint_url": s3.endpoint, "aws_access_key_id": s3.access_key, "aws_secret_access_key": s3.secret_key}
    quick = Config(retries={"max_attempts": 1}, connect_timeout=2, s3={"addressing_style": "path"})
    return boto3.client("s3", region_name=s3.region, config=quick, **(settings | changed))


@pytest.mark.parametrize(
    ("changed", "uri", "error", "message"),
    [
        (
            {"aws_secret_access_key": "wrong"},
            "{prefix}/x",
            StoreRefused,
            "SignatureDoesNotMatch; correct the secret key",
        ),
        ({"aws_access_key_id": "nobody"}, "{prefix}/x", StoreRefused, "InvalidAccessKeyId; correct the access key"),
        ({}, "s3://there-is-no-such-bucket/x", StoreRefused, "NoSuchBucket; create it"),
        ({"endpoint_url": "http://127.0.0.1:9"}, "{prefix}/x", Transient, "Could not connect"),
    ],
)
def test_what_a_new_try_cannot_cure_is_told_from_what_it_can(s3, changed, uri, error, message):
    store, uri = S3(other_client(s3, **changed)), uri.format(prefix=s3.prefix)
    with pytest.raises(error, match=message):
        store.create(uri, b"x")
    with pytest.raises(error, match=message):
        list(store.list(uri))


def test_a_head_without_a_body_is_told_apart_too(s3):
    with pytest.raises(StoreRefused, match="check the key"):
        S3(other_client(s3, aws_secret_access_key="wrong")).stat(f"{s3.prefix}/x")
