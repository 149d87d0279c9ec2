import shutil
import socket
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from dataflow_ops.local import doctor
from dataflow_ops.local.home import Home
from dataflow_ops.local.terminal import Terminal


@pytest.fixture
def home(tmp_path):
    (tmp_path / "dags").mkdir()
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "dev.txt").write_text("")
    return Home(tmp_path / "state", tmp_path)


def found(home):
    return {each.subject: each for each in doctor.findings(home)}


def test_a_good_machine_lacks_nothing(home, capsys):
    assert doctor.report(home, Terminal()) == 0
    assert "MISSING" not in capsys.readouterr().out
    assert found(home)["s3"].cure == "dataflow-ops up, then ask again"


def test_old_python(home, monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert doctor.report(home, Terminal()) == 1
    assert "MISSING  python" in capsys.readouterr().out
    assert found(home)["python"].cure == "install Python 3.11 to 3.14"


def test_full_disk(home, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10 * 2**30, 9 * 2**30, 2**30))
    assert found(home)["disk"].seen.startswith("1 GiB free")
    assert "DATAFLOW_HOME" in found(home)["disk"].cure


def test_no_make(home, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert found(home)["make"].cure
    assert not found(home)["make"].fatal


def test_a_sandbox_that_works(home):
    assert found(home)["sandbox"] == doctor.Finding("sandbox", "isolates programs")


def test_a_sandbox_that_does_not_work(home, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    seen = found(home)["sandbox"]
    assert seen.seen == "does not work"
    assert "apt-get install bubblewrap" in seen.cure
    assert doctor.report(home, Terminal()) == 0


def test_a_folder_without_pipelines(home):
    (home.project / "dags").rmdir()
    assert "cd into" in found(home)["dags"].cure


def test_packages_that_differ_from_the_lock(home):
    pytest_version = pytest.__version__
    lock = f"# comment\npytest=={pytest_version} \\\n    --hash=sha256:0\nnumpy==0.1 \\\nnothing==1.0 \\\nwindows-only==1 ; sys_platform == 'win32' \\\n"
    (home.project / "locks" / "dev.txt").write_text(lock)
    seen = found(home)["packages"]
    assert seen.seen.startswith("3 locked, 2 differ: numpy ")
    assert "nothing missing, locked 1.0" in seen.seen
    assert seen.cure == "make bootstrap"


def test_a_port_somebody_holds_is_no_disaster(home, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(doctor, "PREFERRED", {"airflow": port})
        seen = found(home)[f"port {port}"]
    assert (seen.seen, seen.fatal) == ("held by another program", False)


def test_probes_the_running_s3_server(s3_home, monkeypatch):
    monkeypatch.setattr(doctor, "_runs", lambda _: True)
    assert doctor.store(s3_home).seen == "creates an object only once"


def test_runs_before_anything_is_installed(home):
    code = "import runpy; runpy.run_module('dataflow_ops.local.doctor', run_name='__main__')"
    env = {"PYTHONPATH": str(Path(doctor.__file__).parents[2])}
    bare = [sys.executable, "-S", "-c", code]  # -S: without site-packages
    done = subprocess.run(bare, cwd=home.project, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "ok       python" in done.stdout
