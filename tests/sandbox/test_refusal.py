"""Where isolation does not work, nothing runs, and the error says what to do."""

import os
import platform
import shutil
import tempfile
from pathlib import Path

import pytest

from dataflow_ops.errors import Permanent
from dataflow_ops.sandbox import _running
from dataflow_ops.sandbox.limits import Limits
from dataflow_ops.sandbox.run import Sandbox


def refusal():
    with pytest.raises(Permanent) as caught, Sandbox(Limits(wall_seconds=1)):
        pass
    return str(caught.value)


@pytest.fixture
def fake(monkeypatch):
    """Put a script in the place of bubblewrap, where every user can run it."""

    def fake(script):
        program = Path(folder, "bwrap")
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        assert shutil.which("bwrap") == str(program)

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield fake


def test_without_bubblewrap_nothing_runs(monkeypatch):
    monkeypatch.setenv("PATH", "")
    said = refusal()
    assert "'bwrap' is missing" in said
    assert "apt-get install bubblewrap" in said


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1", "setting up uid map: Permission denied"),
        ("echo 'bwrap: No permissions to create new namespace' >&2; exit 1", "No permissions to create new namespace"),
        ("echo 'bwrap: Unknown option --disable-userns' >&2; exit 1", "install bubblewrap 0.8"),
        ("echo 'bwrap: Creating new namespace failed: Resource temporarily unavailable' >&2; exit 1", "ulimit -u"),
        ("exit 0", "a sandbox did not start: it ended without a word"),
        ("echo isolated", "a sandbox did not start: it ended without a word"),
        ("kill -9 $$", "a sandbox did not start: it ended without a word"),
        ("exec sleep 1000", "a sandbox did not start: wall time"),
        ('while [ "$1" != -- ]; do shift; done; shift; exec "$@"', "untrusted code never runs"),
    ],
)
def test_a_bubblewrap_that_fails_is_refused(fake, monkeypatch, script, said):
    monkeypatch.setattr(_running, "PATIENCE", 1.0)
    fake(script)
    found = refusal()
    assert said in found
    assert "docs/sandbox.md" in found


@pytest.mark.parametrize(
    ("option", "said"),
    [("--hostname other", "other 1000 2"), ("--setenv LEAKED 1", "'LEAKED'"), ("--uid 7", "sandbox 7 2")],
)
def test_a_bubblewrap_that_isolates_less_is_refused(fake, option, said):
    fake(f'given=$2; shift 2; exec {shutil.which("bwrap")} --args "$given" {option} "$@"')
    found = refusal()
    assert "does not isolate here" in found
    assert said in found


def test_other_machines_are_refused(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert "this machine is 'riscv64'" in refusal()
