"""The state folder of one set-up on this machine: data, logs, secrets, ports."""

import base64
import json
import os
import secrets
import socket
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from dataflow_ops.errors import Transient

LOCALHOST = "127.0.0.1"
BUCKET = "dataflow"
PREFERRED = {"airflow": 8080, "s3": 8333}
# Below the range that the kernel hands out to outgoing connections, so that none of those can take a port in between.
PORT_RANGE = range(11_000, 22_000)


@dataclass(frozen=True)
class Home:
    """Where one set-up keeps everything; `project` is the folder that holds `dags/` and `plugins/`."""

    root: Path
    project: Path

    @classmethod
    def find(cls) -> "Home":
        """Return the home of the current folder: `.dataflow/`, or what `DATAFLOW_HOME` names."""
        return cls(Path(os.environ.get("DATAFLOW_HOME") or ".dataflow").resolve(), Path.cwd())

    @property
    def logs(self) -> Path:
        """What every process of the set-up writes, one file each."""
        return self.root / "logs"

    @property
    def airflow(self) -> Path:
        """The `AIRFLOW_HOME`: database, configuration, task logs."""
        return self.root / "airflow"

    @property
    def s3(self) -> Path:
        """What the S3 server keeps."""
        return self.root / "s3"

    @property
    def tmp(self) -> Path:
        """A place for temporary files, on the same disk as the data."""
        return self.root / "tmp"

    def create(self) -> None:
        """Make the folders, readable by their owner alone."""
        for folder in (self.root, self.logs, self.airflow, self.s3, self.tmp, self.root / "secrets"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def secret(self, name: str, size: int = 32) -> str:
        """Return the secret called `name`, made up once of `size` random bytes."""
        path = self.root / "secrets" / name
        if not path.exists():
            self._keep(path, base64.urlsafe_b64encode(secrets.token_bytes(size)).decode())
        return path.read_text()

    @staticmethod
    def _keep(path: Path, text: str) -> None:
        # Written aside and linked: of two processes that make up the same secret, one wins and both read that one.
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            file.write(text)
        try:
            os.link(file.name, path)
        except FileExistsError:
            pass
        finally:
            Path(file.name).unlink()

    def ports(self) -> dict[str, int]:
        """Return the recorded ports by name."""
        path = self.root / "ports.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def choose_ports(self, *names: str, offset: int = 0) -> dict[str, int]:
        """Give every name a port that is free now, as is the one `offset` above it: the recorded, preferred or any."""
        recorded, chosen = self.ports(), self.ports()
        for name in names:
            wanted = [port for port in (recorded.get(name), PREFERRED.get(name)) if port]
            others = {port for key, port in chosen.items() if key != name}
            chosen[name] = free_port(*wanted, taken=others, offset=offset)
        write_json(self.root / "ports.json", chosen)
        return chosen


def free_port(*wanted: int, taken: Collection[int] = (), offset: int = 0) -> int:
    """Return the first of `wanted` that nobody listens on, else a random free port."""
    drawn = secrets.SystemRandom().sample(PORT_RANGE, 200)
    for port in (*wanted, *drawn):
        if port not in taken and is_free(port) and is_free(port + offset):
            return port
    raise Transient("found no free port among 200 tried: close programs that listen on this machine")


def is_free(port: int) -> bool:
    """Return whether a server could listen on `port` of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: closed connections do not count
        try:
            probe.bind((LOCALHOST, port))
        except OSError:
            return False
    return True


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write a JSON file at once: a reader sees the old or the new one, never a part."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        json.dump(content, file, indent=1)
    Path(file.name).replace(path)
