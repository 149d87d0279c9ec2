"""How the child process opens a SQLite file: nothing but reading what it holds is possible."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import apsw  # noqa: TID253 - loaded in the child process alone

MIB = 1 << 20
REFUSED_TABLES = ("sqlite_", "pragma_", "dbstat", "fts3tokenize", "bytecode", "tables_used", "carray", "vec_npy")
"""How the names of tables begin that tell of the engine and not of the data."""
REFUSED_FUNCTIONS = frozenset((
    "edit", "fts3_tokenizer", "fts5", "fts5_source_id", "load_extension", "optimize", "readfile", "sqlite_compileoption_get",
    "sqlite_compileoption_used", "sqlite_log", "sqlite_source_id", "vec_debug", "vec_npy_file", "vec_static_blob_from_raw",
    "writefile",
))  # fmt: skip
ALLOWED = frozenset((apsw.SQLITE_SELECT, apsw.SQLITE_RECURSIVE))
OWN_PRAGMAS = frozenset(("data_version", "page_size"))
"""What full-text tables ask on their own when they are read; it tells a number and changes nothing."""
OFF = (
    apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, apsw.SQLITE_DBCONFIG_WRITABLE_SCHEMA,
    apsw.SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, apsw.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
)  # fmt: skip
LIMITS = {
    apsw.SQLITE_LIMIT_LENGTH: 16 * MIB,
    apsw.SQLITE_LIMIT_SQL_LENGTH: MIB,
    apsw.SQLITE_LIMIT_EXPR_DEPTH: 500,
    apsw.SQLITE_LIMIT_COMPOUND_SELECT: 200,
    apsw.SQLITE_LIMIT_VDBE_OP: 1_000_000,
    apsw.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    apsw.SQLITE_LIMIT_ATTACHED: 0,
    apsw.SQLITE_LIMIT_WORKER_THREADS: 0,
}


def opened(path: str) -> apsw.Connection:
    """Open a file; an apsw.Error says why it is no database, or one that cannot be read."""
    connection = apsw.Connection(address(path), flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    _load_vectors(connection)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    for setting in OFF:
        connection.config(setting, 0)
    for pragma in ("query_only = 1", "temp_store = 2", "cell_size_check = 1", "cache_size = -32768"):
        connection.execute(f"PRAGMA {pragma}")
    _wake_virtual_tables(connection)
    for limit, value in LIMITS.items():
        connection.limit(limit, value)
    connection.authorizer = allowed
    return connection


def address(path: str) -> str:
    """Return the URI of a file: one that nobody writes to, unless a log lies beside it that has to be read as well."""
    logs = [Path(path + end) for end in ("-wal", "-journal")]
    written = any(log.exists() and log.stat().st_size for log in logs)
    return f"file:{quote(path)}?mode=ro" + ("" if written else "&immutable=1")


def allowed(action: int, first: str | None, second: str | None, _: str | None, __: str | None) -> int:
    """Let a statement select, read tables of data and use functions, and nothing else."""
    if action == apsw.SQLITE_READ:
        fine = not (first or "").lower().startswith(REFUSED_TABLES)
    elif action == apsw.SQLITE_FUNCTION:
        fine = (second or "").lower() not in REFUSED_FUNCTIONS
    elif action == apsw.SQLITE_PRAGMA:
        fine = first in OWN_PRAGMAS and second is None
    else:
        fine = action in ALLOWED
    return apsw.SQLITE_OK if fine else apsw.SQLITE_DENY


def _load_vectors(connection: apsw.Connection) -> None:
    """Load sqlite-vec without its Python side, which loads NumPy."""
    found = find_spec("sqlite_vec")
    folder = next(iter(found.submodule_search_locations or ()), None) if found else None
    if folder is not None:
        connection.enable_load_extension(True)
        connection.load_extension(str(Path(folder) / "vec0"))
        connection.enable_load_extension(False)


def _wake_virtual_tables(connection: apsw.Connection) -> None:
    """Let virtual tables set themselves up: some use a PRAGMA for it, which no statement may later."""
    names = [name for (name,) in connection.execute("SELECT name FROM pragma_table_list WHERE type = 'virtual'")]
    for name in names:
        try:
            connection.execute(f"SELECT * FROM {quoted(name)} LIMIT 0")  # noqa: S608
        except apsw.Error:
            continue  # of a module that is not there: what it holds cannot be read


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
