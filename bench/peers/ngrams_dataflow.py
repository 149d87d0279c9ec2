"""Time OpenDCAI DataFlow's n-gram filter of answers: `<python> ngrams_dataflow.py <rows.parquet>` prints JSON."""

import json
import sys
import time

import pandas as pd
from dataflow.operators.reasoning import ReasoningAnswerNgramFilter
from verdicts_dataflow import Kept


def main(source: str) -> None:
    """Print the CPU seconds of one run over rows that are in memory, and how many it keeps."""
    storage = Kept(pd.read_parquet(source))
    step = ReasoningAnswerNgramFilter(min_score=0.3)
    began = time.process_time()
    step.run(storage=storage, input_question_key="question", input_answer_key="solution")
    print(json.dumps({"cpu_s": time.process_time() - began, "kept": len(storage.kept)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
