"""# Conversations: what people want in, dialogues of several turns out

Each row of the source is an intent: a category, a topic, the course such a conversation usually takes, and who asks. A
model writes all that the user says, then all replies at once, so that the conversation holds together.
"""

from airflow.sdk import dag, task_group

from dataflow_ops import generate
from dataflow_ops.airflow import apply_llm, ingest, model_params, publish, read, schedule, source_params, write

INTENT = ["category", "topic", "flow", "persona"]


@dag(
    schedule=schedule("text_conversations"),
    tags=["dataflow", "sft", "model"],
    doc_md=__doc__,
    max_active_runs=1,
    params={
        **model_params(),
        **source_params("s3://dataflow/samples/intents/", "s3://dataflow/datasets/text_conversations"),
    },
)
def text_conversations():
    @task_group
    def said(batch):
        """Write what the users of one batch say, and what is replied."""
        intents = read(batch, columns={name: [] for name in INTENT})
        messages = apply_llm(
            [generate.conversations.user_turns, generate.conversations.replies], intents, task_id="messages"
        )
        return write(messages, columns=["messages", *INTENT, "source", "source_row"])

    publish(said.expand(batch=ingest()), asset="dataflow-text-conversations")


text_conversations()
