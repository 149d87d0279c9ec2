"""Airflow connections, turned into what the rest of the package takes."""

from collections.abc import Callable, Mapping
from typing import Any

from airflow.sdk import BaseHook

from dataflow_ops.errors import BadArgument, DataflowError
from dataflow_ops.llm.opening import Access
from dataflow_ops.store import Anywhere

SERVER_FIELDS = ("model", "requests_per_minute", "tokens_per_minute", "concurrency", "timeout_s", "schema_style")
NUMBERS: Mapping[str, Callable[[Any], Any]] = {
    "requests_per_minute": float,
    "tokens_per_minute": float,
    "timeout_s": float,
    "input_price": float,
    "output_price": float,
    "vllm_warm_seconds": float,
    "concurrency": int,
}


class LlmHook(BaseHook):
    """A connection to a language model: any server that speaks OpenAI's protocol, and how vLLM is run here."""

    conn_name_attr = "llm_conn_id"
    default_conn_name = "llm_default"
    conn_type = "llm"
    hook_name = "Language model (DataFlow Ops)"

    def __init__(self, llm_conn_id: str = default_conn_name, **kwargs: Any):
        super().__init__(**kwargs)
        self.llm_conn_id = llm_conn_id

    def get_conn(self) -> Access:
        """Return what the connection says."""
        return access_of(self.get_connection(self.llm_conn_id))

    def test_connection(self) -> tuple[bool, str]:
        """Ask the server for its models; return whether it answered, and what to show."""
        from dataflow_ops.llm.endpoint import check  # noqa: PLC0415 - aiohttp is not for listing hooks
        from dataflow_ops.llm.server import Server  # noqa: PLC0415

        try:
            access = self.get_conn()
            if not access.server.get("url"):
                return False, "Base URL is empty: expected one as https://api.example.com/v1"
            return True, check(Server(**{"model": "any", **access.server}), has_model="model" in access.server)
        except DataflowError as error:
            return False, str(error)


def access_of(connection: Any) -> Access:
    """Read an Airflow connection; BadArgument names the field that does not fit."""
    extra = {
        key: _number(connection, key, value)
        for key, value in connection.extra_dejson.items()
        if value not in ("", None)
    }
    server = {key: extra[key] for key in SERVER_FIELDS if key in extra}
    if connection.host:
        server["url"] = _url(connection)
    if connection.password:
        server["key"] = connection.password
    if "input_price" in extra:
        server["prices"] = {"input": extra["input_price"], "output": extra.get("output_price", extra["input_price"])}
    vllm = {key.removeprefix("vllm_"): extra[key] for key in extra if key.startswith("vllm_")}
    return Access(server, vllm)


def _number(connection: Any, key: str, value: Any) -> Any:
    try:
        return NUMBERS.get(key, lambda given: given)(value)
    except (TypeError, ValueError) as error:
        raise BadArgument(f"connection {connection.conn_id!r}: {key}={value!r}: expected a number") from error


def _url(connection: Any) -> str:
    """Return the base URL; Airflow's own notation splits host and port."""
    host = connection.host if "://" in connection.host else f"https://{connection.host}"
    return f"{host}:{connection.port}" if connection.port else host


def store_of(connection: str) -> Anywhere:
    """Return a store with the credentials of an Airflow connection of type `aws`."""
    return Anywhere(lambda: _client(connection))


def _client(connection: str) -> Any:
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook  # noqa: PLC0415 - not when a DAG is parsed
    from botocore.config import Config  # noqa: PLC0415

    config = Config(retries={"mode": "standard", "max_attempts": 8}, connect_timeout=5, read_timeout=60)
    hook = AwsBaseHook(aws_conn_id=connection, client_type="s3", config=config)
    return hook.get_conn()
