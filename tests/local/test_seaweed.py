import socket
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from dataflow_ops.local import processes, seaweed
from dataflow_ops.local.home import BUCKET, Home, write_json
from dataflow_ops.local.seaweed import GRPC_OFFSET

PLAIN = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})


def key(s3, name):
    return s3.prefix.removeprefix(f"s3://{BUCKET}/") + "/" + name


def code(error):
    return error.value.response["Error"]["Code"]


def test_gives_back_what_was_put(s3):
    s3.client.put_object(Bucket=BUCKET, Key=key(s3, "a"), Body=b"hello")
    assert s3.client.get_object(Bucket=BUCKET, Key=key(s3, "a"))["Body"].read() == b"hello"


def test_creates_once_when_sixteen_race(s3):
    barrier = threading.Barrier(16)

    def create(number):
        barrier.wait(10)
        try:
            s3.client.put_object(Bucket=BUCKET, Key=key(s3, "race"), Body=b"%d" % number, IfNoneMatch="*")
        except ClientError as error:
            return error.response["Error"]["Code"]
        return number

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(create, range(16)))
    winner = int(s3.client.get_object(Bucket=BUCKET, Key=key(s3, "race"))["Body"].read())
    assert results == ["PreconditionFailed"] * winner + [winner] + ["PreconditionFailed"] * (15 - winner)


@pytest.mark.parametrize("access", ["dataflow", "somebody"])
def test_refuses_wrong_keys(s3, access):
    client = boto3.client(
        "s3", s3.region, endpoint_url=s3.endpoint, aws_access_key_id=access, aws_secret_access_key="no", config=PLAIN
    )
    with pytest.raises(ClientError) as refused:
        client.list_objects_v2(Bucket=BUCKET)
    assert code(refused) in {"SignatureDoesNotMatch", "InvalidAccessKeyId"}


def test_refuses_whoever_brings_no_key(s3):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{s3.endpoint}/{BUCKET}", timeout=5)
    assert refused.value.code == 403


def test_the_port_behind_serves_nobody_directly(s3, s3_home):
    s3.client.put_object(Bucket=BUCKET, Key=key(s3, "b"), Body=b"secret")
    url = f"http://127.0.0.1:{s3_home.ports()['s3.filer']}/buckets/{BUCKET}/{key(s3, 'b')}"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url, timeout=5)
    assert refused.value.code == 401


def test_makes_no_bucket_unasked(s3):
    with pytest.raises(ClientError) as refused:
        s3.client.put_object(Bucket="other", Key="a", Body=b"")
    assert code(refused) == "NoSuchBucket"


def test_listens_on_this_machine_only_and_on_recorded_ports(s3, s3_home):
    (server,) = processes.leftovers(processes.mark(s3_home.root, "s3"))
    listening = [
        link.laddr
        for link in server.net_connections()
        if link.status == psutil.CONN_LISTEN and link.family == socket.AF_INET
    ]
    assert {address.ip for address in listening} == {"127.0.0.1"}
    expected = {port + offset for port in s3_home.ports().values() for offset in (0, GRPC_OFFSET)}
    assert {address.port for address in listening} == expected


def test_secrets_are_for_their_owner_alone(s3_home):
    modes = {path.name: path.stat().st_mode & 0o777 for path in Path(s3_home.root / "secrets").iterdir()}
    assert len(modes) >= 6
    assert set(modes.values()) == {0o600}


def test_a_server_of_somebody_else_is_not_taken_for_ours(s3_home, tmp_path):
    assert seaweed.is_ready(s3_home)
    other = Home(tmp_path, tmp_path)
    other.create()
    write_json(tmp_path / "ports.json", s3_home.ports())
    assert not seaweed.is_ready(other)
