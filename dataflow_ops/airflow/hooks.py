"""Airflow connections, turned into what the rest of the package takes."""

from typing import Any

from dataflow_ops.store import Anywhere


def store_of(connection: str) -> Anywhere:
    """Return a store with the credentials of an Airflow connection of type `aws`."""
    return Anywhere(lambda: _client(connection))


def _client(connection: str) -> Any:
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook  # noqa: PLC0415 - not when a DAG is parsed
    from botocore.config import Config  # noqa: PLC0415

    config = Config(retries={"mode": "standard", "max_attempts": 8}, connect_timeout=5, read_timeout=60)
    hook = AwsBaseHook(aws_conn_id=connection, client_type="s3", config=config)
    return hook.get_conn()
