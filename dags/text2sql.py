"""# Text to SQL: questions about databases, with SQL that answers them and the reasoning that leads there

`text2sql` begins with databases:

1. **Plan.** For each database so many queries are wanted: how complex, about which tables, with which functions.
2. **Write and run.** A model writes the SQL, and variations of it. What does more than read, does not run, takes too long,
   finds nothing or changes with the clock goes; of the same queries one stays.
3. **Ask.** The model writes several questions for each query in one of eight styles; the one most like the others is
   taken. What does not ask for what the query answers goes.
4. **Reason.** From schema and question alone the model answers several times. Every answer is run, the most frequent result
   wins, and must be that of the query. How many were right is one measure of difficulty, the parts of the query another.

`text2sql_pairs` begins with queries, with questions or without, for databases that the rows name: they are checked, varied,
and then as above. `text2sql_vector` asks for the nearest neighbours of texts in databases that hold vectors.
`text2sql_filter` checks given pairs, writes the prompt and measures the difficulty; no model is asked.

Databases are SQLite files (`.sqlite`, `.sqlite3`, `.db`), or PostgreSQL, MySQL and MariaDB servers: `connection:<name>` of an
Airflow connection. They are read and never written. Pairs are published with prompt and reasoning; beside them chats for
fine-tuning, `chat.jsonl`, and questions with SQL for reinforcement learning, `questions.jsonl`.
"""

from airflow.sdk import Param, dag, task_group

from dataflow_ops import dedup, extract, filters, generate, refine, score
from dataflow_ops.airflow import (
    apply,
    apply_llm,
    databases_param,
    ingest,
    model_params,
    publish,
    read,
    reduce,
    schedule,
    source_params,
    step,
    write,
)

DATABASES = {"databases": "{{ params.databases | tojson }}"}
QUESTION = ["prompt", "instruction", "input"]
LIMITS = {"seconds": "{{ params.seconds }}", "rows": "{{ params.rows }}"}
ADDRESSES = {"db_id": [], "dialect": [], "db_version": []}

PAIRS = [
    "question", "evidence", "sql", "db_id", "dialect", "db_version", "schema", "prompt",
    "component_difficulty", "components", "result_rows", "result_width", "result_preview", "source", "source_row",
]  # fmt: skip
REASONED = [
    *PAIRS, "reasoning", "reasoning_sql", "agreement", "success", "execution_difficulty", "question_style",
    "question_closeness", "synthetic", "parents", "messages",
]  # fmt: skip
EXPORTS = {"chat.jsonl": ["messages"], "questions.jsonl": ["prompt", "sql", "db_id"]}

SAME_QUERY = step(dedup.exact.content_hash, text="sql_key")
# The same query under two questions of somebody's is two pairs.
SAME_PAIR = [
    step(refine.columns.join, columns=["sql_key", "question"], text="pair_key", null=""),
    step(dedup.exact.content_hash, text="pair_key"),
]

RUNNING = {
    "seconds": Param(
        5, type="number", exclusiveMinimum=0, maximum=600, title="Seconds", description="After which a query is stopped"
    ),
    "rows": Param(
        10_000, type="integer", minimum=1, title="Rows", description="What finds more than so many is no pair"
    ),
    "allow_empty": Param(False, type="boolean", title="Allow empty", description="Keep queries that find nothing"),
    "schema_tokens": Param(
        4096, type="integer", minimum=128, title="Tokens of a schema", description="In a prompt, at most"
    ),
}
ASKING = {
    "variations": Param(1, type="integer", minimum=0, maximum=20, title="Variations", description="Of each query"),
    "candidates": Param(
        3, type="integer", minimum=1, maximum=16, title="Questions", description="For each query, one is taken"
    ),
    "samples": Param(8, type="integer", minimum=1, maximum=64, title="Answers", description="To each question"),
    "agreement": Param(
        0, type="number", minimum=0, maximum=1, title="Agreement", description="The least share with the result"
    ),
    "thresholds": Param(
        [0.2, 0.5, 0.9],
        type="array",
        items={"type": "number"},
        minItems=3,
        maxItems=3,
        title="Thresholds",
        description="Shares of right answers up to which a question is extra hard, hard, medium; above, easy",
    ),
}


def runs(where=None):
    """Return steps that keep queries which run and find something, all or those `where` a column says so."""
    empty = "{{ params.allow_empty }}"
    return [
        step(score.sql.executable, **DATABASES, where=where),
        step(filters.reasons.none, reasons="sql_fault"),
        step(score.sql.executed, **DATABASES, **LIMITS, allow_empty=empty, where=where),
        step(filters.reasons.none, reasons="sql_fault"),
        step(score.sql.canonical, where=where),
    ]


def schema(**settings):
    """Return steps that render what a prompt tells of a database."""
    tokens = "{{ params.schema_tokens }}"
    return [
        step(extract.sql.schema, **DATABASES, max_tokens=tokens, **settings),
        step(filters.reasons.none, reasons="schema_fault"),
    ]


def questioned(unique, **given):
    """Write questions, and keep the one most like the others where it asks for what its query answers."""
    asked = apply_llm(generate.sql.questions, unique, count="{{ params.candidates }}", task_id="questions", **given)
    chosen = apply(score.questions_medoid.medoid, asked, pool="gpu", task_id="chosen")
    return apply_llm(
        [score.sql_judge.corresponds, step(filters.reasons.none, reasons="mismatch")], chosen, task_id="fitting"
    )


def reasoned(fitting):
    """Answer each question several times from the schema alone, and keep what agrees with its query."""
    prompted = [*schema(tables=None, sql="sql", question="question"), refine.sql.prompt]
    answered = apply_llm(
        [*prompted, step(generate.sql.reasonings, count="{{ params.samples }}")], fitting, task_id="reasonings"
    )
    return apply(
        [
            step(score.sql.compared, **DATABASES, **LIMITS),
            step(score.sql.voted, at_least="{{ params.agreement }}"),
            step(filters.reasons.none, reasons="unproven"),
            step(score.sql.execution_difficulty, thresholds="{{ params.thresholds | tojson }}"),
            score.sql.components,
            step(refine.chat.to_messages, question="prompt", answer="reasoning"),
        ],
        answered,
        task_id="proven",
    )


def pairs_of(queries, origin, **given):
    """Keep one of each query, ask for it unless its question is given, and write what is answered alike.

    `origin` are columns that say how a query came about.
    """

    @task_group
    def pairs(batch):
        """Make pairs of one batch of queries."""
        proven = reasoned(questioned(apply(filters.duplicates.unique, batch, task_id="unique"), **given))
        return write(proven, columns=[*REASONED, *origin], index=["content_hash"], exports=EXPORTS)

    return pairs.expand(batch=reduce(dedup.exact.duplicates, queries, task_id="exact_duplicates"))


def planned(batch, first=()):
    """Say which queries are wanted of the databases of a batch, and show what they may need of their schemas."""
    plans = step(generate.sql_plans.assignments, **DATABASES, count="{{ params.queries }}")
    # Few tables that a query is not about: each query is to be about its own.
    return apply([plans, *first, *schema(distractors=1)], read(batch, columns=ADDRESSES), task_id="planned")


def given_pairs(batch, **asked):
    """Read one batch of queries, with questions as far as they are there, and keep those that run."""
    columns = {"sql": ["query", "SQL"], "db_id": ["database", "db"]}
    optional = {"question": QUESTION, "evidence": ["external_knowledge"]}
    raw = read(batch, columns={**columns, **asked}, optional={k: v for k, v in optional.items() if k not in asked})
    shown = schema(tables=None, sql="sql", question="question")
    return apply([*known(extract.databases.about), *runs(), *SAME_PAIR, *shown], raw, task_id="run")


def known(op, **settings):
    """Return steps that say something of databases, and drop rows of those of which nothing is known."""
    return [step(op, **DATABASES, **settings), step(filters.reasons.none, reasons="db_fault")]


def params_of_databases(dataset):
    """Return the parameters that every one of these DAGs has but those of its source."""
    return {**RUNNING, **source_params("s3://dataflow/samples/sql_pairs/", dataset)}


def params_without_source(dataset):
    """Return the parameters of a DAG that begins with databases: a database is a task, whatever its size."""
    shared = params_of_databases(dataset)
    batch = Param(1, type="number", minimum=1, title="Batch size", description="MiB; a smaller database is a task")
    del shared["source"]
    return {**shared, "batch_mib": batch}


QUERIES = Param(40, type="integer", minimum=1, maximum=10_000, title="Queries", description="Of each database")
SAMPLES = "s3://dataflow/samples/databases/"
SETTINGS = {"tags": ["dataflow", "sql", "sft", "model"], "doc_md": __doc__, "max_active_runs": 1}


@dag(
    schedule=schedule("text2sql"),
    params={
        "databases": databases_param(SAMPLES),
        "queries": QUERIES,
        **ASKING,
        **model_params(),
        **params_without_source("s3://dataflow/datasets/text2sql"),
    },
    **SETTINGS,
)
def text2sql():
    @task_group
    def written(batch):
        """Plan the queries of one batch of databases; write, vary and run them."""
        vary = step(generate.sql.variations, count="{{ params.variations }}")
        queries = apply_llm([generate.sql.queries, vary], planned(batch), task_id="queries")
        return apply([*runs(), SAME_QUERY], queries, task_id="run")

    found = ingest("{{ params.databases | tojson }}", databases=True)
    publish(pairs_of(written.expand(batch=found), ["complexity", "transformation"]), asset="dataflow-text2sql")


@dag(
    schedule=schedule("text2sql_pairs"),
    params={
        "databases": databases_param(SAMPLES),
        **ASKING,
        **model_params(),
        **params_of_databases("s3://dataflow/datasets/text2sql_pairs"),
    },
    **SETTINGS,
)
def text2sql_pairs():
    @task_group
    def written(batch):
        """Check one batch of queries, vary them, and run the variations."""
        given = given_pairs(batch)
        varied = apply_llm(generate.sql.variations, given, count="{{ params.variations }}", task_id="varied")
        return apply([*runs(where="synthetic"), *SAME_PAIR], varied, task_id="run_again")

    found = written.expand(batch=ingest())
    asked = pairs_of(found, ["transformation"], given="question", given_evidence="evidence")
    publish(asked, asset="dataflow-text2sql-pairs")


@dag(
    schedule=schedule("text2sql_vector"),
    params={
        "databases": databases_param("s3://dataflow/samples/vector_databases/"),
        "queries": QUERIES,
        **ASKING,
        **model_params(),
        **params_without_source("s3://dataflow/datasets/text2sql_vector"),
    },
    **SETTINGS,
)
def text2sql_vector():
    @task_group
    def written(batch):
        """Plan the queries of one batch of databases with vectors, write and run them."""
        wanted = planned(batch, first=known(extract.databases.vectors))
        queries = apply_llm(generate.sql.vector_queries, wanted, task_id="queries")
        return apply([*runs(), SAME_QUERY], queries, task_id="run")

    found = ingest("{{ params.databases | tojson }}", databases=True)
    publish(pairs_of(written.expand(batch=found), ["complexity"]), asset="dataflow-text2sql-vector")


@dag(
    schedule=schedule("text2sql_filter"),
    params={"databases": databases_param(SAMPLES), **params_of_databases("s3://dataflow/datasets/text2sql_filter")},
    **(SETTINGS | {"tags": ["dataflow", "sql", "sft"]}),
)
def text2sql_filter():
    @task_group
    def checked(batch):
        """Check one batch of pairs."""
        return given_pairs(batch, question=QUESTION)

    same = reduce(dedup.exact.duplicates, checked.expand(batch=ingest()), task_id="exact_duplicates")

    @task_group
    def kept(batch):
        """Keep one of each pair, with its prompt and its difficulty."""
        asked = step(filters.values.not_null, column="prompt")
        steps = [filters.duplicates.unique, refine.sql.prompt, asked, score.sql.components]
        return write(apply(steps, batch, task_id="unique"), columns=PAIRS, index=["content_hash"])

    publish(kept.expand(batch=same), asset="dataflow-text2sql-filter")


text2sql()
text2sql_pairs()
text2sql_vector()
text2sql_filter()
