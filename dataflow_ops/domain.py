"""What problems are about: mathematics, whose answers can be compared by rule, or anything else."""

from typing import Literal

Domain = Literal["math", "general"]
"""`general` is medicine, law, finance and all other subjects: a model compares answers with the reference."""
