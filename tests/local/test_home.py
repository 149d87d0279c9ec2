import base64
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from dataflow_ops.errors import Transient
from dataflow_ops.local import home as module
from dataflow_ops.local.home import Home, free_port, is_free, write_json


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path / "state", tmp_path)
    made.create()
    return made


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_lies_in_the_current_folder_unless_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATAFLOW_HOME", raising=False)
    assert Home.find() == Home(tmp_path / ".dataflow", tmp_path)
    monkeypatch.setenv("DATAFLOW_HOME", str(tmp_path / "other"))
    assert Home.find() == Home(tmp_path / "other", tmp_path)


def test_a_secret_is_made_up_once(home):
    secret = home.secret("key")
    assert len(base64.urlsafe_b64decode(secret)) == 32
    assert home.secret("key") == secret
    assert home.secret("other") != secret
    assert (home.root / "secrets" / "key").stat().st_mode & 0o777 == 0o600


def test_all_who_ask_at_once_get_the_same_secret(home):
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: home.secret("key"), range(64)))
    assert len(found) == 1
    assert [path.name for path in (home.root / "secrets").iterdir()] == ["key"]


def test_ports_are_kept_while_they_are_free(home):
    first = home.choose_ports("airflow", "s3", "s3.master", offset=10_000)
    assert len(set(first.values())) == 3
    assert home.choose_ports("airflow", "s3", "s3.master", offset=10_000) == first == home.ports()


def test_a_port_taken_meanwhile_is_chosen_anew(home, listener):
    write_json(home.root / "ports.json", {"airflow": listener, "s3": 1})
    chosen = home.choose_ports("airflow")
    assert chosen["airflow"] != listener
    assert chosen["s3"] == 1


@pytest.mark.parametrize("offset", [0, 10])
def test_a_free_port_is_one_nobody_listens_on(listener, offset):
    assert not is_free(listener)
    assert free_port(listener - offset, offset=offset) in module.PORT_RANGE


def test_says_when_no_port_is_free(monkeypatch):
    monkeypatch.setattr(module, "is_free", lambda port: False)
    with pytest.raises(Transient, match="no free port"):
        free_port(8080)


def test_a_file_is_replaced_at_once(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    write_json(path, {"a": 2})
    assert path.read_text() == '{\n "a": 2\n}'
    assert list(tmp_path.iterdir()) == [path]
