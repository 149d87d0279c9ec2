"""The pipelines of SQL, through the scheduler of a real Airflow, on real databases, answered by the rehearsal."""

import json
from collections import Counter

import pytest
from sqlalchemy import create_engine, make_url, text

from dataflow_ops import dataset, exports
from dataflow_ops.databases import compare, parse
from dataflow_ops.databases.finding import Finder
from dataflow_ops.databases.result import Failed, Result
from dataflow_ops.samples import databases, databases_judge, sql_pairs, sql_pairs_filter_judge, sql_pairs_judge, vector_databases
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
def written(airflow, servers, tmp_path_factory):
    """Run the pipeline once on three databases of three kinds."""
    pipeline = Pipeline(airflow, "text2sql")
    file = databases.write_one("library", tmp_path_factory.mktemp("library"))
    pipeline.put(file.name, file.read_bytes())
    connect(airflow, servers)
    addresses = [pipeline.source, *(f"connection:{name}" for name in servers)]
    outcome = pipeline.run(databases=addresses, queries=24, samples=6, **ALLOWED)
    rows = dataset.read(pipeline.store, pipeline.version()).to_pylist()
    finder = Finder(pipeline.store, lambda name: make_url(servers[name]), tmp_path_factory.mktemp("kept"))
    with finder.databases(addresses) as opened:
        yield pipeline, pipeline.funnel(outcome), rows, opened


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
        assert question == {"prompt": row["prompt"], "sql": row["sql"], "db_id": row["db_id"]}
        assert row["question"] in row["prompt"]
        assert row["sql"] not in row["prompt"]


def test_nothing_new_is_asked_of_databases_that_did_not_change(written):
    pipeline, _, _, _ = written
    addresses = [pipeline.source, "connection:sql_shop", "connection:sql_clinic"]
    outcome = pipeline.run(databases=addresses, queries=24, samples=6, **ALLOWED)
    assert outcome["version"] is None
    assert "nothing" in outcome["note"]


def test_given_pairs_are_checked_varied_and_answered(airflow, tmp_path):
    pipeline, addresses = with_pairs(airflow, "text2sql_pairs", tmp_path)
    funnel = pipeline.funnel(pipeline.run(databases=addresses, samples=6, **ALLOWED))
    assert accounted_for(funnel)
    report = sql_pairs_judge.judge(pipeline.store, pipeline.version(), pipeline.source)
    assert report.ok, report.render()
    rows = dataset.read(pipeline.store, pipeline.version()).to_pylist()
    assert {row["synthetic"] for row in rows} == {True, False}


def test_the_filter_does_with_each_pair_what_its_truth_says(airflow, tmp_path):
    pipeline, addresses = with_pairs(airflow, "text2sql_filter", tmp_path)
    funnel = pipeline.funnel(pipeline.run(databases=addresses, seconds=2))
    assert accounted_for(funnel)
    version = pipeline.version()
    assert not version.get("rehearsal"), "no model was asked"
    report = sql_pairs_filter_judge.judge(pipeline.store, version, pipeline.source)
    assert report.ok, report.render()


def with_pairs(airflow, dag, tmp_path):
    """Put the sample of pairs, and the databases they are about, each in a folder of its own."""
    pipeline = Pipeline(airflow, dag)
    put_sample(pipeline, sql_pairs, tmp_path)
    about = Pipeline(airflow, dag)
    put_sample(about, databases, tmp_path / "databases")
    return pipeline, [about.source]


def test_texts_are_searched_by_meaning(airflow, tmp_path):
    pipeline = Pipeline(airflow, "text2sql_vector")
    put_sample(pipeline, vector_databases, tmp_path)
    funnel = pipeline.funnel(pipeline.run(databases=[pipeline.source], queries=24, samples=6, **ALLOWED))
    assert accounted_for(funnel)
    report = databases_judge.judge(pipeline.store, pipeline.version(), pipeline.source)
    assert report.ok, report.render()
    rows = dataset.read(pipeline.store, pipeline.version()).to_pylist()
    assert len(rows) >= 5
    assert all("MATCH embed('" in row["sql"] for row in rows)
