"""Write with a model: new columns beside a row, or new rows that name the one they come from in `parents`.

Every op here makes one pass, a prompt and its typed answer, and takes `llm` second; only `sql_plans` plans by rule what
others write. Rows without an answer stay, with the reason in `_rejected`.
"""

from dataflow_ops.generate import code, conversations, prompted, qa, reasoning, sft, sql, sql_plans, text

__all__ = ["code", "conversations", "prompted", "qa", "reasoning", "sft", "sql", "sql_plans", "text"]
