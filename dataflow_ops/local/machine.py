"""Everything that runs on one machine, in the order in which it starts."""

import json
import shlex
import sys
from importlib.metadata import version
from pathlib import Path

from dataflow_ops.local import seaweed, warm
from dataflow_ops.local.airflow_settings import environment
from dataflow_ops.local.client import USER, Airflow
from dataflow_ops.local.home import BUCKET, Home
from dataflow_ops.local.processes import Service
from dataflow_ops.local.supervisor import Step

LOCAL_SETTINGS = (
    "from dataflow_ops.local.preload import create_metadata_engine\n\n__all__ = ['create_metadata_engine']\n"
)


def plan(home: Home) -> list[Step]:
    """Return what a supervisor starts: the server tasks depend on before the scheduler that starts tasks."""
    s3 = seaweed.service(home)
    home.choose_ports("airflow")
    _write_airflow_home(home)
    env = environment(home)
    airflow = Airflow.at(home)

    def component(name: str, patience: float = 180.0, wait: bool = True) -> Service:
        argv = [_airflow(), name]
        argv += ["--skip-serve-logs"] * (name in ("scheduler", "triggerer"))  # the API server reads the files itself
        key = {"api-server": "metadatabase", "dag-processor": "dag_processor"}.get(name, name)
        return Service(name, argv, env, lambda: _healthy(airflow, key), patience, wait)

    def configure() -> None:
        _configure(home, airflow)

    return [
        s3,
        *_once(home, "warm", warm.fingerprint(), [sys.executable, "-m", warm.__name__], env, optional=True),
        *_once(home, "migrate", version("apache-airflow-core"), [_airflow(), "db", "migrate"], env),
        component("dag-processor", wait=False),
        component("api-server"),
        configure,
        component("scheduler", wait=False),
        component("triggerer", wait=False),
        airflow.warm_up,
    ]


def _airflow() -> str:
    return str(Path(sys.executable).with_name("airflow"))


def _write_airflow_home(home: Home) -> None:
    (home.airflow / "config").mkdir(exist_ok=True)
    (home.airflow / "config" / "airflow_local_settings.py").write_text(LOCAL_SETTINGS)
    users = home.root / "secrets" / "airflow_users.json"
    users.touch(mode=0o600)
    users.write_text(json.dumps({USER: Airflow.at(home).password}))


def _once(
    home: Home, name: str, wanted: str, argv: list[str], env: dict[str, str], *, optional: bool = False
) -> list[Step]:
    """Return the step that runs a program, none when it has run before with the same `wanted`."""
    done = home.root / f"{name}.done"
    if done.exists() and done.read_text() == wanted:
        return []
    command = f"{shlex.join(argv)} && printf %s {shlex.quote(wanted)} > {shlex.quote(str(done))}"
    return [Service(name, ["/bin/sh", "-c", command], env, once=True, optional=optional, wait=not optional)]


def _healthy(airflow: Airflow, key: str) -> bool:
    return airflow.health().get(key, {}).get("status") == "healthy" and airflow.is_own()


def _configure(home: Home, airflow: Airflow) -> None:
    """Put into Airflow's database what DAGs rely on."""
    airflow.ensure("connections", "connection_id", s3_connection(home))
    pools = {pool["name"] for pool in airflow.pages("pools", "pools")}
    if "gpu" not in pools:  # one that the user has changed stays as it is
        airflow.post(
            "pools", {"name": "gpu", "slots": 1, "description": "tasks that hold a GPU", "include_deferred": False}
        )


def s3_connection(home: Home) -> dict[str, str]:
    """Return the Airflow connection to the S3 server of a set-up."""
    extra = {
        "endpoint_url": seaweed.endpoint(home),
        "region_name": seaweed.REGION,
        "config_kwargs": {"s3": {"addressing_style": "path"}},
    }
    return {
        "connection_id": "aws_default",
        "conn_type": "aws",
        "description": f"The S3 server of this machine; its bucket is {BUCKET!r}",
        "login": seaweed.ACCESS_KEY,
        "password": seaweed.secret_key(home),
        "extra": json.dumps(extra),
    }
