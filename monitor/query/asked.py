"""The process in which a person's SQL is run: reads one request, prints rows as JSON, one a line, and ends.

A process of its own, because nothing else bounds everything: a LIKE over a long text or a value of two gigabytes does
not look at the clock or at any limit of the library's. The kernel bounds its memory, who started it kills it when
its time is over. It imports neither SQLAlchemy nor anything of ours, so that it starts at once.

    {"kind": ..., "connect": {...}, "query": ..., "seconds": ..., "rows": ..., "bytes": ...}    on its input
    {"columns": [...]}, then [value, ...] a row, then {"end": ""} or {"end": "why it was cut"}  on its output
    {"error": "in words", "late": true when its time was over}                                  instead of the end
"""

import json
import math
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

MEMORY = 512 * 2**20  # bytes of address space, Python's own 60 MB included
HEAP = 256 * 2**20  # bytes that SQLite may take: it says so in words, before the kernel does
LONGEST_VALUE = 16 * 2**20  # bytes of one value
_AT_ONCE = 500  # rows fetched from PostgreSQL at a time
_PRAGMAS = frozenset(
    ("table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list",
     "data_version", "page_size", "page_count", "user_version", "compile_options", "function_list")
)  # fmt: skip
_FUNCTIONS = frozenset(("load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"))
_LATE = ("interrupted", "statement timeout", "lock timeout")

Told = dict[str, Any]


def main() -> None:
    """Answer the request on the input."""
    request = json.loads(sys.stdin.read())
    _bound(request["seconds"])
    try:
        answer = _sqlite if request["kind"] == "sqlite" else _postgresql
        for line in answer(request):
            _tell(line)
    except MemoryError:
        _tell({"error": "it needs too much memory", "late": False})
    except Exception as error:  # noqa: BLE001  whatever the driver says is the person's to read
        words = " ".join(str(error).split())
        _tell({"error": words[:500], "late": any(sign in words for sign in _LATE)})


def _tell(line: Told | list[Any]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=True, allow_nan=False) + "\n")


def _bound(seconds: float) -> None:
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, math.ceil(seconds) + 2)):
        with suppress(ValueError, OSError):  # a system that does not know it
            resource.setrlimit(what, (most, most))


def _rows(columns: list[str], rows: Iterable[Iterable[Any]], request: Told) -> Iterator[Told | list[Any]]:
    """The answer's lines, cut where it gets too long."""
    yield {"columns": columns}
    size = 0
    for number, row in enumerate(rows):
        if number == request["rows"]:
            yield {"end": f"the first {number:,} rows"}
            return
        values = [_value(value) for value in row]
        size += sum(len(value) for value in values if isinstance(value, str))
        if size > request["bytes"]:
            yield {"end": f"the first {number:,} rows, {request['bytes'] // 2**20} MB of them"}
            return
        yield values
    yield {"end": ""}


def _value(value: Any) -> Any:
    """A value as JSON has it, and as SQLite would have kept it, so that both databases answer alike."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        value = int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if hasattr(value, "utcoffset") and hasattr(value, "year"):  # a datetime: UTC, as SQLite keeps it
        return f"{value:%Y-%m-%d %H:%M:%S.%f}"
    return value if value is None or isinstance(value, int | str) else str(value)


# -------------------------------------------------------------------------------------------- SQLite


def _sqlite(request: Told) -> Iterator[Told | list[Any]]:
    connection = sqlite3.connect(request["connect"]["uri"], uri=True, isolation_level=None, timeout=1)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    connection.execute("PRAGMA query_only = ON")
    connection.execute(f"PRAGMA hard_heap_limit = {HEAP}")
    with suppress(sqlite3.Error):  # connects FTS5 to its table, which it must write to itself to do
        connection.execute("SELECT rowid FROM search_index LIMIT 0")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000)
    refused: list[str] = []
    connection.set_authorizer(_authorizer(refused))
    until = time.monotonic() + request["seconds"]
    connection.set_progress_handler(lambda: time.monotonic() > until, 10_000)
    try:
        cursor = connection.execute(request["query"])
        columns = [column[0] for column in cursor.description or ()]
        yield from _rows(columns, cursor, request)
    except sqlite3.Error as error:
        if refused:
            raise ValueError(f"{refused[0]} is refused: a statement here may only read") from error
        raise


def _authorizer(refused: list[str]) -> Callable[..., int]:
    reading = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE)
    names = {
        getattr(sqlite3, f"SQLITE_{name}"): name.replace("_", " ")
        for name in ("ATTACH", "DETACH", "INSERT", "UPDATE", "DELETE", "PRAGMA", "TRANSACTION", "SAVEPOINT", "ANALYZE",
                     "REINDEX", "ALTER_TABLE", "CREATE_TABLE", "CREATE_TEMP_TABLE", "CREATE_VTABLE", "DROP_TABLE")
    }  # fmt: skip

    def may(
        action: int, first: str | None, second: str | None, _database: str | None, _by: str | None
    ) -> int:
        if action in reading:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in _FUNCTIONS:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in _PRAGMAS:
            return sqlite3.SQLITE_OK
        name = names.get(action, "what it does")
        refused.append(f"{name} {first}" if name == "PRAGMA" else second or name)
        return sqlite3.SQLITE_DENY

    return may


# ---------------------------------------------------------------------------------------- PostgreSQL


def _postgresql(request: Told) -> Iterator[Told | list[Any]]:
    import psycopg  # noqa: PLC0415  SQLite's people may not have it

    until = time.monotonic() + request["seconds"]
    with psycopg.connect(**request["connect"], autocommit=True) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for name, value in (
            ("statement_timeout", f"{int(request['seconds'] * 1000)}ms"), ("lock_timeout", "1s"),
            ("work_mem", "32MB"), ("max_parallel_workers_per_gather", "0"), ("cursor_tuple_fraction", "1.0"),
            ("standard_conforming_strings", "on"), ("timezone", "UTC"),
        ):  # fmt: skip
            connection.execute("SELECT set_config(%s, %s, true)", (name, value))
        _step_down(connection)
        query = request["query"]
        explain = query.lstrip().lower().startswith("explain")
        cursor = connection.cursor()
        # Prepared: the server itself then refuses a second statement. A cursor: it refuses whatever writes.
        words = query if explain else f"DECLARE asked NO SCROLL CURSOR FOR {query}"
        cursor.execute(words, prepare=True)
        if not explain:
            cursor.execute(f"FETCH {_AT_ONCE} FROM asked")
        columns = [column.name for column in cursor.description or ()]
        yield from _rows(columns, _fetched(cursor, until, explain=explain), request)


def _step_down(connection: Any) -> None:
    """Lay down whatever more than reading the server lets our user do: a superuser could read its files."""
    import psycopg  # noqa: PLC0415

    connection.execute("SAVEPOINT role")
    with suppress(psycopg.Error):
        connection.execute("SET LOCAL ROLE pg_read_all_data")
        return
    connection.execute("ROLLBACK TO SAVEPOINT role")  # no member of that role: its own rights are all it has


def _fetched(cursor: Any, until: float, *, explain: bool) -> Iterator[Iterable[Any]]:
    while True:
        rows = cursor.fetchall()
        yield from rows
        if explain or len(rows) < _AT_ONCE:
            return
        if time.monotonic() > until:
            raise TimeoutError("interrupted")
        cursor.execute(f"FETCH {_AT_ONCE} FROM asked")


if __name__ == "__main__":
    main()
