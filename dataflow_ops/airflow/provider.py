"""What Airflow asks of a provider package."""

from typing import Any

from dataflow_ops import __version__

MODEL_CONNECTION: dict[str, Any] = {
    "hook-class-name": "dataflow_ops.airflow.hooks.LlmHook",
    "hook-name": "Language model (DataFlow Ops)",
    "connection-type": "llm",
    "ui-field-behaviour": {
        "hidden-fields": ["schema", "login", "port"],
        "relabeling": {"host": "Base URL", "password": "API key"},
        "placeholders": {"host": "https://api.example.com/v1", "password": "leave empty for a server without keys"},
    },
    "conn-fields": {
        "model": {
            "label": "Model",
            "schema": {"type": ["string", "null"]},
            "description": "Used where a DAG says openai: and no name",
        },
        "requests_per_minute": {
            "label": "Requests per minute",
            "schema": {"type": ["number", "null"], "minimum": 0},
            "description": "Empty: as many as the server bears",
        },
        "tokens_per_minute": {"label": "Tokens per minute", "schema": {"type": ["number", "null"], "minimum": 0}},
        "concurrency": {
            "label": "Requests at once",
            "schema": {"type": ["integer", "null"], "minimum": 1},
            "description": "At most; how many there are follows from how the server bears them (256)",
        },
        "timeout_s": {
            "label": "Time-out, seconds",
            "schema": {"type": ["number", "null"], "minimum": 0},
            "description": "Of one answer (120)",
        },
        "input_price": {
            "label": "Price of a million prompt tokens, US dollars",
            "schema": {"type": ["number", "null"], "minimum": 0},
            "description": "Empty: the list price, where one is known",
        },
        "output_price": {
            "label": "Price of a million completion tokens, US dollars",
            "schema": {"type": ["number", "null"], "minimum": 0},
        },
        "schema_style": {
            "label": "How a JSON schema is asked for",
            "schema": {"type": ["string", "null"], "enum": ["json_schema", "json_object", "prompt"]},
        },
        "vllm_python": {
            "label": "vLLM: Python of its environment",
            "schema": {"type": ["string", "null"]},
            "description": "For vllm:<model>; empty: DATAFLOW_VLLM_PYTHON",
        },
        "vllm_flags": {
            "label": "vLLM: flags of the server",
            "schema": {"type": ["string", "null"]},
            "description": "For example --max-model-len 8192 --gpu-memory-utilization 0.85",
        },
        "vllm_warm_seconds": {
            "label": "vLLM: seconds to stay warm",
            "schema": {"type": ["number", "null"], "minimum": 0},
            "description": "For the next task of the same run (120)",
        },
    },
}
"""The connection type `llm`, as Airflow's form shows it."""

DATABASE_CONNECTION: dict[str, Any] = {
    "hook-class-name": "dataflow_ops.airflow.hooks.DatabaseHook",
    "hook-name": "SQL database, read-only (DataFlow Ops)",
    "connection-type": "database",
    "ui-field-behaviour": {
        "hidden-fields": [],
        "relabeling": {"schema": "Database", "login": "User"},
        "placeholders": {"login": "one who may read, and nothing else"},
    },
    "conn-fields": {
        "server": {
            "label": "Server",
            "schema": {"type": ["string"], "enum": ["postgresql", "mysql", "mariadb"]},
        },
        "sslmode": {"label": "PostgreSQL: sslmode", "schema": {"type": ["string", "null"]}},
        "options": {
            "label": "PostgreSQL: options",
            "schema": {"type": ["string", "null"]},
            "description": "For example -csearch_path=sales for another schema than public",
        },
    },
}
"""The connection type `database`, as Airflow's form shows it."""


def provider_info() -> dict[str, Any]:
    """Return the provider's entry in `airflow providers list`."""
    return {
        "package-name": "dataflow-ops",
        "name": "DataFlow Ops",
        "description": "Training data for language models: custom operators that pass Parquet shards through S3.",
        "versions": [__version__],
        "connection-types": [MODEL_CONNECTION, DATABASE_CONNECTION],
    }
