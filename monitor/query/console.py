"""SQL that a person writes, asked of the archive: read-only, bounded in time, rows and memory.

Each statement runs in a process of its own (`asked.py`), after a look at what it is (`statement.py`).
"""

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from monitor.errors import Mistake, StraitwatchError
from monitor.query.statement import checked
from monitor.store.database import Database

SECONDS = 5.0
ROWS = 100_000
MEGABYTES = 64  # of all values together
_GRACE = 2.0  # seconds for the process to start and to say that its time was over


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement found. Values are None, int, float and str; bytes come as hexadecimal digits."""

    columns: tuple[str, ...]
    rows: list[list[Any]]
    cut: str = ""  # what of it this is, in words, where it was too long


def ask(
    database: Database,
    query: str,
    *,
    seconds: float = SECONDS,
    rows: int = ROWS,
    megabytes: int = MEGABYTES,
) -> Answer:
    """Run one statement that reads.

    Raises:
        Mistake: it is refused, wrong, took too long or too much memory; the text says which.
    """
    request = {
        "kind": database.kind,
        "connect": _way_in(database),
        "query": checked(query, database.kind),
        "seconds": seconds,
        "rows": rows,
        "bytes": megabytes * 2**20,
    }
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "monitor.query.asked"],  # -P: never a monitor/ of the folder we are in
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="ascii",
    ) as child:  # fmt: skip
        killer = threading.Timer(seconds + _GRACE, child.kill)
        killer.start()
        try:
            return _heard(child, json.dumps(request), seconds)
        finally:
            killer.cancel()
            child.kill()


def _heard(child: subprocess.Popen[str], request: str, seconds: float) -> Answer:
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(request)
        child.stdin.close()
    except BrokenPipeError as error:
        raise StraitwatchError("the process that asks the database did not start") from error
    columns: tuple[str, ...] = ()
    rows: list[list[Any]] = []
    for line in child.stdout:
        said = (
            json.loads(line) if line.endswith("\n") else {}
        )  # the last one, cut off by the end of its process
        if isinstance(said, list):
            rows.append(said)
        elif "columns" in said:
            columns = _distinct(said["columns"])
        elif "end" in said:
            return Answer(columns, rows, said["end"])
        elif said.get("late"):
            break
        elif "error" in said:
            raise Mistake(said["error"])
    if child.wait() < 0 and -child.returncode not in (9, 24):  # killed by us, or its seconds of CPU used up
        raise Mistake("it needs too much memory")
    raise Mistake(f"it took longer than {seconds:g} s: narrow it, or give it more with --seconds")


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Names of columns, each once: a JSON object keeps only the last of two."""
    taken: list[str] = []
    for name in names:
        number, free = 2, name
        while free in taken:
            number, free = number + 1, f"{name}_{number}"
        taken.append(free)
    return tuple(taken)


def _way_in(database: Database) -> dict[str, Any]:
    if database.kind == "postgresql":
        _, connect = database.engine.dialect.create_connect_args(database.engine.url)
        named = {name: value for name, value in connect.items() if isinstance(value, str | int)}
        return {"connect_timeout": 5, **named}
    return {"uri": f"file:{quote(str(Path(database.where).absolute()))}?mode=ro"}
