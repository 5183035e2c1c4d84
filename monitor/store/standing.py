"""Whether a database may be worked in now: a SQLite file can be damaged, emptied, on a network's disk, or short of room.

SQLite opens a damaged file and takes an INSERT into it without a word, and makes a new database of an emptied file.
So it is looked at before a round writes; commands that only read do not pay for it.
"""

import sqlite3
from contextlib import closing, suppress
from datetime import datetime, timedelta
from os import W_OK, access
from pathlib import Path
from shutil import disk_usage

from monitor.errors import Mistake, StoreFailed
from monitor.store import faults, meta, places, schema
from monitor.store.database import Database, writing

SMALL = 64_000_000  # bytes that are looked through at every start, in less than a fifth of a second
EVERY = timedelta(days=1)  # how often a larger one is
MB = 1_000_000
CHECKED = "checked"  # in meta: when it was last looked through


def ready(database: Database, now: datetime) -> str | None:
    """Look at the database, then make its schema or bring it up to date.

    Returns:
        The backup's path, where a migration made one.

    Raises:
        Mistake: it may not be worked in; the text names the path and the way out.
        StoreFailed: it is damaged.
    """
    if database.kind != "sqlite":
        return schema.upgrade(database, now)
    file = Path(database.where)
    places.refuse_network(file, places.mounts())
    not_emptied(file)
    _writable(file)
    looked = _looked_through(file, now)
    backup = schema.upgrade(database, now)
    if looked or not _made(file).exists():
        with suppress(OSError):
            _made(file).write_text(_MADE.format(name=file.name, day=now), "utf-8")
        with writing(database) as session:
            meta.put(session, CHECKED, now.isoformat())
    return backup


_MADE = """A Straitwatch database was made in this folder: {name}, last looked through {day:%Y-%m-%d %H:%M} UTC.
With this note an emptied {name} is not taken for a new one. Delete both to begin anew.
"""


def _made(file: Path) -> Path:
    return file.with_name(f"{file.name}.made")


def not_emptied(file: Path) -> None:
    """Refuse a file that is empty although a database was made under its name.

    Raises:
        Mistake: it is so.
    """
    try:
        emptied = file.stat().st_size == 0 and _made(file).exists()
    except OSError:
        return
    wal = Path(f"{file}-wal")
    if emptied and not (wal.exists() and wal.stat().st_size):
        raise Mistake(
            f"{file} is empty, but held a database: `straitwatch db restore FILE` puts a backup in its place;"
            f" to begin anew, delete it and {_made(file).name}"
        )


def _writable(file: Path) -> None:
    beside = (Path(f"{file}{end}") for end in ("", "-wal", "-shm"))
    for path in (file.parent, *(each for each in beside if each.exists())):
        if not access(path, W_OK):
            what = "folder" if path.is_dir() else "file"
            raise Mistake(f"{path} may not be written: a round needs this {what}; whose is it?")


def _looked_through(file: Path, now: datetime) -> bool:
    """Look a file through where that is due; returns whether it was.

    Raises:
        StoreFailed: it is damaged.
    """
    if not file.exists() or file.stat().st_size == 0:
        return True
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as opened:
            if not _due(opened, file, now):
                return False
            found = [row[0] for row in opened.execute("PRAGMA quick_check(3)") if row[0] != "ok"]
    except sqlite3.OperationalError as error:
        raise StoreFailed(f"{file}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise StoreFailed(faults.damaged(str(file), str(error))) from error
    if found:
        raise StoreFailed(faults.damaged(str(file), faults.one_line("; ".join(found))))
    return True


def _due(opened: sqlite3.Connection, file: Path, now: datetime) -> bool:
    if file.stat().st_size <= SMALL:
        return True
    with suppress(sqlite3.OperationalError, ValueError, TypeError):  # an old schema, or what is no time
        cut_off = "SELECT count(*) FROM rounds WHERE state IN ('running', 'backfill')"
        when = opened.execute("SELECT value FROM meta WHERE name = ?", (CHECKED,)).fetchone()
        if when is not None and not opened.execute(cut_off).fetchone()[0]:
            return not timedelta(0) <= now - datetime.fromisoformat(when[0]) < EVERY
    return True


def short_of_room(database: Database, least_mb: int) -> str:
    """Why no page should be fetched now: the disk is nearly full; "" while there is room."""
    if database.kind != "sqlite":
        return ""
    folder = Path(database.where).absolute().parent
    free = disk_usage(folder).free
    if free >= least_mb * MB:
        return ""
    return f"no page was fetched: {free / MB:,.0f} MB are free in {folder}, and below {least_mb:,} MB none is"
