"""Keep or drop rows by columns that are there already. A null value never passes."""

from dataflow_ops.filters import duplicates, rules, values

__all__ = ["duplicates", "rules", "values"]
