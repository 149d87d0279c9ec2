"""A model that answers with numbers, in this process: embeddings, classifiers, reward models.

For a program that runs in vLLM's own environment; nothing there but vLLM is needed.
"""

from collections.abc import Sequence
from typing import Any, Literal

from dataflow_ops.errors import BadArgument, nearest

Task = Literal["embed", "classify", "reward"]
CONVERTS = {"embed": "embed", "classify": "classify", "reward": "classify"}
LETTERS = 64
"""Letters per token at most, on average: what is beyond is not even cut into tokens."""


class Pooling:
    """A pooling model; building it loads the weights.

    `task` is `embed` (vectors of length 1), `classify` (probabilities of the classes) or `reward` (the model's last
    layer as it is: rewards, regressions, logits). `engine` are settings of `vllm.LLM`, as `dtype="bfloat16"`.
    A text longer than the model's window is cut by its tokenizer; for one without any token there is None.
    """

    def __init__(self, model: str, task: Task = "embed", **engine: Any):
        if task not in CONVERTS:
            raise BadArgument(f"task {task!r} of {model!r}: {nearest(task, CONVERTS)}")
        try:
            import vllm  # seconds to import, and only vLLM's environment has it
        except ImportError as error:
            raise BadArgument(f"no vLLM for {model!r} in this environment: run it with the Python that has") from error
        self.task = task
        self._engine = vllm.LLM(model, runner="pooling", convert=CONVERTS[task], **engine)
        self._window = self._engine.llm_engine.vllm_config.model_config.max_model_len
        self._params = vllm.PoolingParams(use_activation=False) if task == "reward" else None

    def embed(self, texts: Sequence[str]) -> list[list[float] | None]:
        """Return a vector for each text, in order."""
        if self.task != "embed":
            raise BadArgument(f"a model opened for {self.task!r} gives no vectors: open it with task='embed'")
        return [one and one.outputs.embedding for one in self._ask(self._engine.embed, texts)]

    def scores(self, texts: Sequence[str]) -> list[list[float] | None]:
        """Return a number for each class (one, for rewards and regressions) of each text, in order."""
        if self.task == "embed":
            raise BadArgument("a model opened for 'embed' gives no scores: open it with task='classify' or 'reward'")
        return [one and one.outputs.probs for one in self._ask(self._engine.classify, texts)]

    def close(self) -> None:
        """Let go of the engine and its memory."""
        self._engine.llm_engine.engine_core.shutdown()

    def _ask(self, what: Any, texts: Sequence[str]) -> list[Any]:
        """Return what the engine says of each text, None where there is nothing to ask about."""
        if not texts:
            return []
        tokenizer = self._engine.get_tokenizer()
        cut = [text[: self._window * LETTERS] for text in texts]
        tokens = tokenizer(cut, truncation=True, max_length=self._window).input_ids
        prompts = [{"prompt_token_ids": each} for each in tokens if each]
        answers = iter(what(prompts, use_tqdm=False, pooling_params=self._params) if prompts else ())
        return [next(answers) if each else None for each in tokens]
