"""A chat in a column: one list of messages for each row."""

import pyarrow as pa

MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
"""The type of a column of chats; roles are `system`, `user` and `assistant`."""
