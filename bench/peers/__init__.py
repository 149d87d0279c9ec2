"""Peers, each run by a script of its own in an environment of its own: `<python> <peer>.py <task> <input> <output>`.

A script reads the input folder, does one task (`rules`, `near` or `exact`) in one process, and writes the rows it keeps,
with their `id`, as JSONL or Parquet below the output folder.
"""
