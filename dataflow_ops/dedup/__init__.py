"""Find rows that are there twice, over all shards and against what is published: map, reduce, then a filter.

A map op adds a small column to each row (a hash, a sketch); a reduce op compares that column over all shards and
writes `duplicate_of`, the id of the row to keep; `filters.duplicates.unique` drops the rows that have one.
"""

from dataflow_ops.dedup import coverage, exact, minhash, paragraphs, semantic

__all__ = ["coverage", "exact", "minhash", "paragraphs", "semantic"]
