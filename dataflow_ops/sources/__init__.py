"""Sources: what is new in them, and the records of files of any common format."""

from dataflow_ops.sources.batches import deal
from dataflow_ops.sources.columns import Chunk, Column, check_columns
from dataflow_ops.sources.find import DATABASES, DOCUMENTS, Found, Skipped, SourceFile, find
from dataflow_ops.sources.records import records
from dataflow_ops.sources.regroup import shards

__all__ = [
    "DATABASES",
    "DOCUMENTS",
    "Chunk",
    "Column",
    "Found",
    "Skipped",
    "SourceFile",
    "check_columns",
    "deal",
    "find",
    "records",
    "shards",
]
