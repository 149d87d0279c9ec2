"""Keep or drop rows by columns that are there already. A null value never passes."""

from dataflow_ops.filters import duplicates, prompted, reasons, rules, values

__all__ = ["duplicates", "prompted", "reasons", "rules", "values"]
