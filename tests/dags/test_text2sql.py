"""The pipelines of SQL, through the scheduler of a real Airflow, on real databases, answered by the rehearsal."""

import json
from collections import Counter

import pytest
from sqlalchemy import create_engine, make_url, text

from dataflow_ops import dataset, exports
from dataflow_ops.databases import compare, parse
from dataflow_ops.databases.finding import Finder
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.samples import (
    databases,
    sql_pairs,
    sql_pairs_filter_judge,
    sql_pairs_judge,
    vector_databases,
    vector_databases_judge,
)
from tests.dags.funnels import accounted_for, dropped, put_sample
from tests.databases.servers import PASSWORD, mariadb_server, postgres_server
from tests.pipelines import Pipeline

ALLOWED = {"rehearsal_as_latest": True}
GRANTS = {
    "postgresql": "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    "mysql": "GRANT SELECT ON shop.* TO reader@localhost",
}


@pytest.fixture(scope="module")
def servers():
    """Two servers, each with a sample database that a reader may read: their URLs by the name of a connection."""
    with postgres_server() as shop, mariadb_server() as clinic:
        for name, server in (("shop", shop), ("clinic", clinic)):
            databases.load(name, server.url)
            made = create_engine(make_url(server.url).set(drivername=DRIVERS[make_url(server.url).drivername]))
            with made.begin() as connection:
                connection.execute(text(GRANTS[make_url(server.url).drivername]))
            made.dispose()
        yield {"sql_shop": shop.reader, "sql_clinic": clinic.reader}


DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}


def connect(airflow, servers):
    """Make the connections that the DAG is told of."""
    for name, address in servers.items():
        url = make_url(address)
        extra = {"server": url.drivername} | {key: each for key, each in url.query.items() if key == "unix_socket"}
        body = {
            "connection_id": name, "conn_type": "database", "host": url.query.get("host", url.host), "login": url.username,
            "password": PASSWORD, "schema": url.database, "extra": json.dumps(extra),
        }  # fmt: skip
        airflow.api.ensure("connections", "connection_id", body)


@pytest.fixture(scope="module")
def started(airflow, servers, tmp_path_factory):
    """Start all four pipelines, which need not wait for each other: each with its run, by name."""
    connect(airflow, servers)
    about, pairs = tmp_path_factory.mktemp("about"), tmp_path_factory.mktemp("pairs")
    made = {dag: Pipeline(airflow, dag) for dag in ("text2sql", "text2sql_pairs", "text2sql_filter", "text2sql_vector")}
    file = databases.write_one("library", about / "one")
    made["text2sql"].put(file.name, file.read_bytes())
    known = Pipeline(airflow)
    put_sample(known, databases, about / "all")
    put_sample(made["text2sql_vector"], vector_databases, about / "vectors")
    put_sample(made["text2sql_pairs"], sql_pairs, pairs / "one")
    put_sample(made["text2sql_filter"], sql_pairs, pairs / "two")
    asked = {"samples": 6, **ALLOWED}
    confs = {
        "text2sql": {"databases": addresses(made["text2sql"], servers), "queries": 20, **asked},
        "text2sql_pairs": {"databases": [known.source], **asked},
        "text2sql_filter": {"databases": [known.source], "seconds": 2},
        "text2sql_vector": {"databases": [made["text2sql_vector"].source], "queries": 16, **asked},
    }
    return {dag: (pipeline, pipeline.start(**confs[dag]), confs[dag]) for dag, pipeline in made.items()}


def addresses(pipeline, servers):
    return [pipeline.source, *(f"connection:{name}" for name in servers)]


def finished(started, dag):
    """Wait for a pipeline; return it with its funnel."""
    pipeline, run, _ = started[dag]
    return pipeline, pipeline.funnel(pipeline.outcome(run, 600))


@pytest.fixture(scope="module")
def written(started, servers, tmp_path_factory):
    """Return the pipeline that reads databases of three kinds, its funnel, its rows, and the databases."""
    pipeline, funnel = finished(started, "text2sql")
    rows = dataset.read(pipeline.store, pipeline.version()).to_pylist()
    finder = Finder(pipeline.store, lambda name: make_url(servers[name]), tmp_path_factory.mktemp("kept"))
    with finder.databases(addresses(pipeline, servers)) as opened:
        yield pipeline, funnel, rows, opened


def test_every_pair_runs_again_and_its_reasoning_leads_to_the_same_result(written):
    _, funnel, rows, opened = written
    assert accounted_for(funnel)
    assert len({row["id"] for row in rows}) == len(rows) == funnel["rows_out"]
    for row in rows:
        database = opened.find(row["db_id"])
        gold, ours = (database.run(row[column]) for column in ("sql", "reasoning_sql"))
        assert isinstance(gold, Result), (row["sql"], gold)
        assert len(gold.rows) == row["result_rows"] > 0
        assert compare.same(gold, ours, ordered=compare.ordered(row["sql"], row["dialect"])), row["reasoning_sql"]
        assert row["reasoning"].rstrip().endswith("```")


def test_all_three_kinds_of_databases_are_asked_in_their_dialect(written):
    _, _, rows, _ = written
    kinds = Counter((row["db_id"], row["dialect"]) for row in rows)
    assert set(kinds) == {("library", "sqlite"), ("sql_shop", "postgres"), ("sql_clinic", "mysql")}
    assert min(kinds.values()) >= 5, kinds
    assert not any(isinstance(parse.one(row["sql"], row["dialect"]), Failed) for row in rows)


def test_rows_are_of_all_kinds(written):
    _, _, rows, _ = written
    assert len({row["question_style"] for row in rows}) >= 6
    assert len({row["component_difficulty"] for row in rows}) >= 3
    assert len({row["execution_difficulty"] for row in rows}) >= 2
    assert {row["synthetic"] for row in rows} == {True}
    varied = [row for row in rows if row["transformation"]]
    assert varied
    assert all(row["parents"] for row in rows)
    for row in rows:
        assert row["evidence"] is not None or row["question_style"] not in ("vague", "metaphorical")


def test_what_went_says_why(written):
    _, funnel, _, _ = written
    reasons = dropped(funnel)
    assert {"unknown name", "refused"} & set(reasons), reasons
    assert any(reason.startswith("outvoted") for reason in reasons), reasons


def test_personal_values_stand_in_no_prompt(written):
    _, _, rows, opened = written
    for name in opened.ids:
        masked = opened.find(name).schema
        shown = json.dumps([[column.examples for column in table.columns] for table in masked.tables])
        assert "@" not in shown
    assert not any("@example" in row["schema"] for row in rows)


def test_pairs_are_exported_as_chats_and_as_questions(written):
    pipeline, _, rows, _ = written
    chats = list(exports.read(pipeline.store, pipeline.version(), "chat.jsonl"))
    questions = list(exports.read(pipeline.store, pipeline.version(), "questions.jsonl"))
    for row, chat, question in zip(rows, chats, questions, strict=True):
        assert [each["content"] for each in chat["messages"]] == [row["prompt"], row["reasoning"]]
        known = {"prompt": row["prompt"], "sql": row["sql"], "db_id": row["db_id"]}
        assert question == {**known, "answered_by": "rehearsal"}
        assert row["question"] in row["prompt"]
        assert row["sql"] not in row["prompt"]


def test_given_pairs_are_checked_varied_and_answered(started):
    pipeline, funnel = finished(started, "text2sql_pairs")
    assert accounted_for(funnel)
    report = sql_pairs_judge.judge(pipeline.store, pipeline.version(), pipeline.source)
    assert report.ok, report.render()
    rows = dataset.read(pipeline.store, pipeline.version()).to_pylist()
    assert {row["synthetic"] for row in rows} == {True, False}


def test_the_filter_does_with_each_pair_what_its_truth_says(started):
    pipeline, funnel = finished(started, "text2sql_filter")
    assert accounted_for(funnel)
    version = pipeline.version()
    assert not version.get("rehearsal"), "no model was asked"
    report = sql_pairs_filter_judge.judge(pipeline.store, version, pipeline.source)
    assert report.ok, report.render()


def test_texts_are_searched_by_meaning(started):
    pipeline, funnel = finished(started, "text2sql_vector")
    assert accounted_for(funnel)
    report = vector_databases_judge.judge(pipeline.store, pipeline.version(), pipeline.source)
    assert report.ok, report.render()
    rows = dataset.read(pipeline.store, pipeline.version()).to_pylist()
    assert len(rows) >= 3
    assert all("MATCH embed('" in row["sql"] for row in rows)


def test_nothing_new_is_asked_of_databases_that_did_not_change(started, written):
    pipeline, _, conf = started["text2sql"]
    outcome = pipeline.run(**conf)
    assert outcome["manifest"] is None
    assert "nothing" in outcome["note"]
