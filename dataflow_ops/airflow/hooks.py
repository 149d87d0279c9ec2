"""Airflow connections, turned into what the rest of the package takes."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from dataflow_ops.errors import BadArgument, DataflowError
from dataflow_ops.llm.opening import Access
from dataflow_ops.store import Anywhere

if TYPE_CHECKING:
    from sqlalchemy import URL

SERVERS: Mapping[str, str] = {
    "postgres": "postgresql", "postgresql": "postgresql", "mysql": "mysql", "mariadb": "mariadb",
}  # fmt: skip
"""Kinds of servers, and what their URLs begin with."""
URL_OPTIONS = ("sslmode", "sslrootcert", "options", "charset", "ssl_ca", "unix_socket")
"""Extra fields of a connection that drivers take."""
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


class DatabaseHook(BaseHook):
    """A connection to a database that SQL is run on, read-only: PostgreSQL, MySQL or MariaDB."""

    conn_name_attr = "database_conn_id"
    conn_type = "database"
    hook_name = "SQL database, read-only (DataFlow Ops)"

    def __init__(self, database_conn_id: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.database_conn_id = database_conn_id

    def get_conn(self) -> "URL":
        """Return what the connection says."""
        return url_of(self.get_connection(self.database_conn_id))

    def test_connection(self) -> tuple[bool, str]:
        """Read what the database holds; return whether it answered, and what to show."""
        from dataflow_ops.databases import servers  # noqa: PLC0415 - drivers are not for listing hooks

        try:
            engine = servers.engine(self.get_conn())
            schema = engine.schema()
            engine.close()
        except DataflowError as error:
            return False, str(error)
        return True, f"{schema.dialect}: {len(schema.tables)} tables and views can be read"


def database_url(name: str) -> "URL":
    """Return where the server of a connection is; BadArgument when there is no such connection."""
    try:
        return DatabaseHook(name).get_conn()
    except AirflowNotFoundException as error:
        raise BadArgument(
            f"there is no connection {name!r}: make one of type 'database', 'postgres' or 'mysql' (Admin, Connections)"
        ) from error


def url_of(connection: Any) -> "URL":
    """Read an Airflow connection of type `database`, or of the types that PostgreSQL and MySQL providers have."""
    from sqlalchemy import URL  # noqa: PLC0415 - not when a DAG is parsed

    kind = connection.conn_type if connection.conn_type != "database" else connection.extra_dejson.get("server")
    if kind not in SERVERS:
        raise BadArgument(f"connection {connection.conn_id!r} is to {kind!r}: expected one of {', '.join(SERVERS)}")
    if not connection.schema:
        raise BadArgument(f"connection {connection.conn_id!r} names no database: fill in Database (schema)")
    options = {key: str(value) for key, value in connection.extra_dejson.items() if key in URL_OPTIONS and value}
    return URL.create(
        SERVERS[kind],
        connection.login or None,
        connection.password or None,
        connection.host or None,
        connection.port,
        connection.schema,
        options,
    )


def store_of(connection: str) -> Anywhere:
    """Return a store with the credentials of an Airflow connection of type `aws`."""
    return Anywhere(lambda: _client(connection))


def _client(connection: str) -> Any:
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook  # noqa: PLC0415 - not when a DAG is parsed
    from botocore.config import Config  # noqa: PLC0415

    config = Config(retries={"mode": "standard", "max_attempts": 8}, connect_timeout=5, read_timeout=60)
    hook = AwsBaseHook(aws_conn_id=connection, client_type="s3", config=config)
    return hook.get_conn()
