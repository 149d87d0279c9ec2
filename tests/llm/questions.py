"""Questions and answers to try stores of answers with."""

from dataflow_ops.llm.chat import Chat, Completion, Request, Sampling, Usage


def question(number, *, model="openai:m", sample=0, **sampling):
    """One of many questions; those with the same arguments are the same."""
    chat = Chat(({"role": "user", "content": f"What is {number}?"},), prompt="test/what", values={"number": number})
    return Request(model, chat, Sampling(**sampling), sample=sample)


def reply(text, *, finish="stop", tokens=(7, 3), cost=0.5):
    """An answer as a server gives it."""
    return Completion(text, finish, Usage(1, 0, *tokens, cost))


def remembered(text, *, finish="stop"):
    """An answer as it is found again: it took nothing."""
    return Completion(text, finish, Usage(cached=1))
