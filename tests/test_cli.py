import json

import pytest

from dataflow_ops import cli


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DATAFLOW_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def test_every_command_has_a_help_text(capsys):
    for command in cli.COMMANDS:
        with pytest.raises(SystemExit) as left:
            cli.main([command, "--help"])
        assert left.value.code == 0
        assert cli._HELP[command] in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("argv", [[], ["dance"], ["run"], ["up", "--what"]])
def test_misuse_is_told_apart(argv, capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(argv)
    assert left.value.code == 2
    assert "usage: dataflow-ops" in capsys.readouterr().err


@pytest.mark.parametrize("conf", ["{", "[1]", "3", "text"])
def test_a_configuration_that_is_no_object_is_refused_before_anything_starts(home, conf, capsys):
    assert cli.main(["run", "text", "--conf", conf]) == 1
    assert repr(conf) in capsys.readouterr().err
    assert not home.exists()


def test_nothing_runs(home, capsys):
    assert cli.main(["status"]) == 1
    assert cli.main(["down"]) == 0
    assert capsys.readouterr().out == "down\nnothing runs\n"
    assert not home.exists()


def test_starts_only_in_a_folder_with_pipelines(home, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["up"]) == 1
    assert "there is no folder 'dags'" in capsys.readouterr().err
    assert not home.exists()


def test_shows_the_end_of_each_log(home, capsys):
    (home / "logs").mkdir(parents=True)
    (home / "logs" / "s3.log").write_text("1\n2\n3\n")
    (home / "logs" / "scheduler.log").write_bytes(b"\xff\n")
    assert cli.main(["logs", "--lines", "2"]) == 0
    assert capsys.readouterr().out == f"== {home}/logs/s3.log\n2\n3\n== {home}/logs/scheduler.log\n\ufffd\n"


def test_a_log_nobody_writes_is_named_with_the_nearest(home, capsys):
    (home / "logs").mkdir(parents=True)
    (home / "logs" / "scheduler.log").touch()
    assert cli.main(["logs", "schedler"]) == 1
    assert "did you mean 'scheduler'?" in capsys.readouterr().err


@pytest.fixture
def inside(airflow, monkeypatch):
    monkeypatch.setenv("DATAFLOW_HOME", str(airflow.home.root))
    monkeypatch.chdir(airflow.home.project)
    return airflow


DAG = """
from airflow.sdk import dag, task

@dag(schedule=None, params={"funnel": "", "fail": False})
def outcome():
    @task
    def publish(params):
        if params["fail"]:
            raise ValueError("asked for")
        return {"dataset": "s3://dataflow/d", "version": 3, "funnel": params["funnel"], "note": None}

    publish()

outcome()
"""


def test_run_shows_what_became_of_every_row(inside, capsys):
    step = {
        "task": "good",
        "rows_in": 5,
        "made": 0,
        "dropped": {"short": 2},
        "rejected": {},
        "rows_out": 3,
        "seconds": 1.0,
    }
    funnel = {"dag": "outcome", "run": "r", "rows_in": 5, "rows_out": 3, "rejected": 0, "steps": [step]}
    inside.s3.put_object(Bucket="dataflow", Key="funnel.json", Body=json.dumps(funnel))
    (inside.dags / "outcome.py").write_text(DAG)
    assert cli.main(["run", "outcome", "--conf", '{"funnel": "s3://dataflow/funnel.json"}']) == 0
    out = capsys.readouterr().out
    assert "publish                      1 success" in out
    assert ["short", "2"] in [line.split() for line in out.splitlines()]
    assert "  dataset   s3://dataflow/d\n  version   3\n" in out
    assert "note" not in out


def test_a_run_that_fails_says_why_and_ends_with_1(inside, capsys):
    (inside.dags / "outcome.py").write_text(DAG)
    assert cli.main(["run", "outcome", "--conf", '{"fail": true}']) == 1
    err = capsys.readouterr().err
    assert "publish, try 1:\n" in err
    assert "    ValueError: asked for\n" in err


def test_status_of_what_is_up(inside, capsys):
    assert cli.main(["status"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("up\n")
    assert f"http://localhost:{inside.home.ports()['airflow']}" in out
    assert f"user admin, password {inside.api.password}" in out
