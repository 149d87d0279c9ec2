"""What Airflow asks of a provider package."""

from typing import Any

from dataflow_ops import __version__


def provider_info() -> dict[str, Any]:
    """Return the provider's entry in `airflow providers list`."""
    return {
        "package-name": "dataflow-ops",
        "name": "DataFlow Ops",
        "description": "Training data for language models: custom operators that pass Parquet shards through S3.",
        "versions": [__version__],
    }
