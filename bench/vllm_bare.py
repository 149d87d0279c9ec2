"""vLLM in its own process, without server or client: `python vllm_bare.py settings.json` in vLLM's environment.

Each line of standard input is a JSON list of prompts; each line written is how many seconds they took, and how many
tokens were made.
"""

import json
import sys
import time
from pathlib import Path


def main() -> None:
    """Answer lists of prompts until there are no more."""
    from vllm import LLM, SamplingParams

    settings = json.loads(Path(sys.argv[1]).read_text())
    tokens = settings.pop("tokens")
    sampling = SamplingParams(temperature=0.0, max_tokens=tokens, ignore_eos=True)
    with Path(settings.pop("answers")).open("w", buffering=1) as answers:  # vLLM writes to standard output as well
        engine = LLM(**settings)
        for line in sys.stdin:
            chats = [[{"role": "user", "content": prompt}] for prompt in json.loads(line)]
            began = time.perf_counter()
            outputs = engine.chat(chats, sampling, use_tqdm=False)
            took = time.perf_counter() - began
            answers.write(json.dumps([took, sum(len(each.outputs[0].token_ids) for each in outputs)]) + "\n")


if __name__ == "__main__":
    main()
