"""Real database servers for tests: each in a folder of its own, on a Unix socket, ended by its process id."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import wait_until

PASSWORD = "let-me-in"
NAME = "shop"
START_SECONDS = 90


@dataclass(frozen=True)
class Server:
    """A running server with one empty database, `shop`."""

    url: str
    """As the user that may do anything."""
    reader: str
    """As a user that may connect, and read what it is given."""
    folder: Path
    process: subprocess.Popen


def superuser_of(server: Server) -> Any:
    """Connect to the database of a server as the user that may do anything; every statement is committed."""
    if server.url.startswith("postgresql"):
        import psycopg

        return psycopg.connect(server.url, autocommit=True)
    import pymysql

    socket = str(server.folder / "s")
    return pymysql.connect(unix_socket=socket, user="root", password=PASSWORD, database=NAME, autocommit=True)


@contextmanager
def postgres_server() -> Iterator[Server]:
    """Start PostgreSQL; it takes about two seconds."""
    programs = _programs("postgresql", ["initdb", "postgres"], sorted(Path("/usr/lib/postgresql").glob("*/bin"))[::-1])
    with _folder("postgres") as (folder, user):
        (folder / "password").write_text(PASSWORD)
        _hand_over(folder, user)
        first = ["-A", "scram-sha-256", "--pwfile", str(folder / "password"), "-U", "root_of_all", "-E", "UTF8"]
        _run([programs["initdb"], "-D", str(folder / "data"), *first, "--no-sync", "--locale=C.UTF-8"], user, folder)
        settings = ["listen_addresses=", f"unix_socket_directories={folder}", "fsync=off", "max_connections=20"]
        command = [programs["postgres"], "-D", str(folder / "data"), *(f"-c{each}" for each in settings)]
        with _running(command, user, folder) as process:
            yield _ready(process, lambda: _postgres(folder, process))


@contextmanager
def mariadb_server() -> Iterator[Server]:
    """Start MariaDB; it takes a few seconds."""
    programs = _programs("mariadb-server", ["mariadb-install-db", "mariadbd"], [Path("/usr/sbin")])
    with _folder("mysql") as (folder, user):
        _hand_over(folder, user)
        data = [f"--datadir={folder / 'data'}", "--no-defaults"][::-1]
        first = ["--auth-root-authentication-method=normal", "--skip-test-db"]
        _run([programs["mariadb-install-db"], *data, *first], user, folder)
        settings = [
            "--skip-networking",
            f"--socket={folder / 's'}",
            f"--pid-file={folder / 'pid'}",
            "--secure-file-priv=",
        ]
        command = [programs["mariadbd"], *data, *settings, "--innodb-flush-log-at-trx-commit=0"]
        with _running(command, user, folder) as process:
            yield _ready(process, lambda: _mariadb(folder, process))


def _programs(package: str, names: Sequence[str], folders: Sequence[Path]) -> dict[str, str]:
    """Return where the programs of a server are; without them there is no test, and in CI no green one."""
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")])
    found = {name: shutil.which(name, path=path) for name in names}
    if None in found.values():
        said = f"{', '.join(names)}: not found; apt-get install {package}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(said)
    return {name: str(program) for name, program in found.items()}


@contextmanager
def _folder(owner: str) -> Iterator[tuple[Path, str | None]]:
    """Make a folder with a short path, since that of a socket may not be long; root hands it to `owner`."""
    folder = Path(tempfile.mkdtemp(prefix=f"{owner[:2]}-", dir="/tmp"))
    try:
        yield folder, owner if os.geteuid() == 0 else None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _hand_over(folder: Path, user: str | None) -> None:
    if user is not None:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)


def _as(user: str | None) -> dict:
    return {} if user is None else {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _run(command: list[str], user: str | None, folder: Path) -> None:
    done = subprocess.run(
        command, check=False, cwd=folder, capture_output=True, text=True, timeout=START_SECONDS, **_as(user)
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


@contextmanager
def _running(command: list[str], user: str | None, folder: Path) -> Iterator[subprocess.Popen]:
    with (folder / "log").open("wb") as log:
        ends = {"preexec_fn": _end_with_us, "stdin": subprocess.DEVNULL}
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **ends, **_as(user))
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()
        process.wait()


def _end_with_us() -> None:
    """Ask the kernel to end a server when the process of its tests is killed (`PR_SET_PDEATHSIG`)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _ready(process: subprocess.Popen, server: Callable[[], Server | None]) -> Server:
    """Wait until the server answers and its users are made."""
    found: list[Server] = []

    def answers() -> bool:
        assert process.poll() is None, "the server ended"
        found.extend(filter(None, [server()]))
        return bool(found)

    wait_until(answers, START_SECONDS)
    return found[0]


def _postgres(folder: Path, process: subprocess.Popen) -> Server | None:
    import psycopg

    try:
        connection = psycopg.connect(
            host=str(folder), user="root_of_all", password=PASSWORD, dbname="postgres", autocommit=True
        )
    except psycopg.OperationalError:
        return None
    with connection:
        connection.execute(f"CREATE DATABASE {NAME}")
        connection.execute(f"CREATE USER reader PASSWORD '{PASSWORD}'")
    address = f"{PASSWORD}@/{NAME}?host={folder}"
    return Server(f"postgresql://root_of_all:{address}", f"postgresql://reader:{address}", folder, process)


def _mariadb(folder: Path, process: subprocess.Popen) -> Server | None:
    import pymysql

    try:
        connection = pymysql.connect(unix_socket=str(folder / "s"), user="root", autocommit=True)
    except pymysql.OperationalError:
        return None
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4")
        cursor.execute(f"ALTER USER root@localhost IDENTIFIED BY '{PASSWORD}'")
        cursor.execute(f"CREATE USER reader@localhost IDENTIFIED BY '{PASSWORD}'")
    address = f"{PASSWORD}@localhost/{NAME}?unix_socket={folder / 's'}"
    return Server(f"mysql://root:{address}", f"mysql://reader:{address}", folder, process)
