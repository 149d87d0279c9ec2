"""Servers that tests share: started once per session, on ports and in a folder of their own."""

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dataflow_ops.local import control, processes, seaweed
from dataflow_ops.local.client import Airflow
from dataflow_ops.local.home import BUCKET, Home
from tests.waiting import wait_until

PROJECT = Path(__file__).parents[1]


@dataclass(frozen=True)
class S3Server:
    """A real S3 server, and a place in its one bucket."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str
    prefix: str
    """`s3://bucket/…` without a slash at its end; new for every test."""
    client: Any
    """A boto3 client."""


@dataclass(frozen=True)
class AirflowServer:
    """A whole set-up: the S3 server, and Airflow with the project's DAGs and plugins."""

    home: Home
    api: Airflow
    """A client for the REST API."""
    s3: Any
    """A boto3 client for the S3 server; the bucket is `dataflow`."""
    dags: Path
    """A copy of `dags/`: a file written here is a DAG a few seconds later."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need Airflow, and give the one that starts it the time that takes."""
    for item in items:
        if "airflow" in getattr(item, "fixturenames", ()):
            item.add_marker("airflow")
            item.add_marker(pytest.mark.timeout(900))


def wanted_ports() -> dict[str, int]:
    """Return ports that set-ups of several workers do not choose at the same moment."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return {"airflow": 8090 + worker, "s3": 8340 + worker}


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowServer]:
    """Start a whole set-up once; half a minute, more on a busy machine."""
    root = tmp_path_factory.mktemp("airflow")
    home = Home(root / "home", root / "project")
    home.create()
    (home.root / "ports.json").write_text(json.dumps(wanted_ports()))
    for folder in ("dags", "plugins"):
        shutil.copytree(PROJECT / folder, home.project / folder, ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")])))
        try:
            control.up(home, lambda _: None)
            yield AirflowServer(home, Airflow.at(home), seaweed.client(home), home.project / "dags")
        finally:
            control.down(home)


@pytest.fixture(scope="session")
def s3_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Return the home of a set-up of which only the S3 server runs."""
    home = Home(tmp_path_factory.mktemp("s3"), PROJECT)
    home.create()
    service = seaweed.service(home)
    process = service.start(home.root)
    try:
        wait_until(service.ready, 30)
        yield home
    finally:
        processes.stop(processes.mark(home.root))
        process.wait(10)
        seaweed.remove_sockets(home)


@pytest.fixture
def s3(s3_home: Home) -> S3Server:
    """Return a real S3 server and an empty place in it."""
    keys = (seaweed.ACCESS_KEY, seaweed.secret_key(s3_home), seaweed.REGION)
    return S3Server(seaweed.endpoint(s3_home), *keys, f"s3://{BUCKET}/{uuid.uuid4().hex}", seaweed.client(s3_home))
