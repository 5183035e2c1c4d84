"""A database copied, put back, and made smaller. What PostgreSQL has tools of its own for is left to them."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import text as sql

from monitor.errors import Mistake, RoundRunning, StoreFailed
from monitor.store import rounds, schema
from monitor.store.database import Database, open_database, reading, translated

SLICE_PAGES = 1_000  # 8 MB given back in one transaction: other writers wait for a fraction of a second
SIDES = ("-wal", "-shm")
HEADER = b"SQLite format 3\0"

Watch = Callable[[int, int], None]


def _unwatched(_done: int, _of: int) -> None:
    """Nobody waits."""


def back_up(database: Database, target: Path) -> None:
    """Copy a SQLite database while it is used, through SQLite's own backup: whole or not at all.

    Raises:
        Mistake: the target is there already; PostgreSQL has pg_dump for this.
        StoreFailed: it could not be copied, or the copy is damaged.
    """
    if database.kind != "sqlite":
        raise Mistake("a PostgreSQL database is backed up with pg_dump: pg_dump -Fc -d URL -f FILE")
    if target.exists():
        raise Mistake(f"{target} is there already; name another file")
    part = target.with_name(f".{target.name}.part")
    try:
        _copy(Path(database.where), part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """Copy what is committed in a database, its -wal included, into one file that was looked at."""
    target.unlink(missing_ok=True)
    uri = f"{source.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as opened, closing(sqlite3.connect(target)) as copy:
            opened.backup(copy)
            copy.execute(
                "PRAGMA journal_mode = DELETE"
            )  # one file, that can be read where nothing can be written
            problems = [row[0] for row in copy.execute("PRAGMA integrity_check(5)") if row[0] != "ok"]
    except sqlite3.Error as error:
        raise StoreFailed(f"{source} could not be copied to {target}: {error}") from error
    if problems:
        raise StoreFailed(f"{source} is damaged and was not copied: {'; '.join(problems)}")
    with target.open("rb") as written:
        os.fsync(written.fileno())


def restore(database: Database, source: Path, now: datetime) -> Path | None:
    """Put a backup in the database's place; what was there is kept beside it.

    Returns:
        Where the old database is kept; None where there was none.

    Raises:
        Mistake: it is no backup of ours, or a newer Straitwatch wrote it; PostgreSQL has pg_restore for this.
        RoundRunning: a round runs, or another program has the database open.
        StoreFailed: the backup is damaged, or there is no room for it.
    """
    if database.kind != "sqlite":
        raise Mistake("a PostgreSQL database is restored with pg_restore, while nothing runs: docs/schema.md")
    target = Path(database.where)
    if not source.is_file():
        raise Mistake(f"there is no file {source}")
    if target.exists() and source.samefile(target):
        raise Mistake(f"{source} is the database itself; name a backup of it")
    part = target.with_name(f".{target.name}.part")
    if shutil.disk_usage(target.parent).free < 2 * source.stat().st_size:
        raise StoreFailed(f"{target.parent} has no room for {source}")
    try:
        _copy(source, part)
        _ours(part)
        if not target.exists():
            part.replace(target)
            return None
        kept = target.with_name(f"{target.stem}-replaced-{now:%Y%m%d-%H%M%S}{target.suffix}")
        database.close()
        with _nobody_else(target, now, kept):
            _keep(target, kept)
            part.replace(target)  # at no moment is there no database
            _sync(target.parent)
    finally:
        part.unlink(missing_ok=True)
    return kept


def _ours(file: Path) -> None:
    opened = open_database(f"sqlite:///{file}")
    try:
        if schema.version(opened) is None:
            raise Mistake(f"{file.name.strip('.')}: the backup holds no tables")
    finally:
        opened.close()
        with closing(sqlite3.connect(file)) as again:
            again.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def _nobody_else(target: Path, now: datetime, kept: Path) -> Iterator[None]:
    """Hold the old database alone, its -wal folded into it; one that is damaged is only moved aside.

    Raises:
        RoundRunning: a round runs, or another program has it open.
    """
    with target.open("rb") as opened:
        header = opened.read(16)
    if header != HEADER:  # SQLite would throw its -wal away, and there may be articles in it
        _aside(target, kept)
        yield
        return
    _no_round(target, now)
    with closing(sqlite3.connect(target, timeout=2, isolation_level=None)) as alone:
        try:
            alone.execute("PRAGMA journal_mode = DELETE")  # only whoever is alone may: it ends the -wal file
            alone.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise RoundRunning(
                    f"{target} is open in another program: stop `straitwatch serve` and whatever reads it"
                ) from error
        except sqlite3.DatabaseError:  # damaged beyond that: that is why a backup is put in its place
            pass
        _aside(target, kept)
        yield


def _aside(target: Path, kept: Path) -> None:
    """Move what stands beside a damaged database: a foreign -wal would be read into the new one."""
    for side in SIDES:
        with suppress(FileNotFoundError):
            Path(f"{target}{side}").replace(f"{kept}{side}")


def _no_round(target: Path, now: datetime) -> None:
    old = open_database(f"sqlite:///{target}")
    try:
        with reading(old) as session:
            running = rounds.running_round(session, now)
    except StoreFailed:  # damaged, or no schema yet: nobody can run on it
        running = None
    finally:
        old.close()
    if running is not None:
        raise RoundRunning(f"round {running} is running: stop `straitwatch serve`, or wait for its end")


def _keep(target: Path, kept: Path) -> None:
    try:
        os.link(target, kept)
    except OSError:  # a file system without hard links
        shutil.copy2(target, kept)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def vacuum(
    database: Database, now: datetime, *, full: bool = False, watch: Watch = _unwatched
) -> tuple[int, int]:
    """Give room that is no longer used back to the system; returns the bytes before and after.

    In slices, so that rounds and readers go on; `full` writes everything anew instead, which packs it closest and
    locks everybody else out meanwhile.

    Raises:
        RoundRunning: `full`, and a round runs.
        StoreFailed: there is no room to write it anew.
    """
    if full or (database.kind == "sqlite" and not _gives_back(database)):
        with reading(database) as session:
            running = rounds.running_round(session, now)
        if running is not None:
            raise RoundRunning(f"round {running} is running: everything would wait; try again after it")
        full = True
    before = size(database)
    with translated(database):
        if database.kind == "postgresql":
            _vacuum_postgresql(database, full=full)
        elif full:
            _vacuum_sqlite(database, before)
        else:
            _vacuum_slices(database, watch)
    return before, size(database)


def size(database: Database) -> int:
    """Bytes that the database takes, without what is not yet folded into it."""
    with translated(database), database.engine.connect() as connection:
        if database.kind == "postgresql":
            return int(connection.scalar(sql("SELECT pg_database_size(current_database())")) or 0)
        pages, bytes_each = (
            connection.scalar(sql(f"PRAGMA {name}")) or 0 for name in ("page_count", "page_size")
        )
        return int(pages) * int(bytes_each)


def _gives_back(database: Database) -> bool:
    with translated(database), database.engine.connect() as connection:
        return bool(connection.scalar(sql("PRAGMA auto_vacuum")) == 2)


def _vacuum_sqlite(database: Database, before: int) -> None:
    if shutil.disk_usage(Path(database.where).parent).free < 2 * before:
        raise StoreFailed(f"{Path(database.where).parent} has no room to write the database anew")
    with closing(_raw(database)) as alone:
        alone.execute("PRAGMA auto_vacuum = INCREMENTAL")  # from now on in slices
        alone.execute("VACUUM")
        alone.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _vacuum_slices(database: Database, watch: Watch) -> None:
    with closing(_raw(database)) as connection:
        of = left = connection.execute("PRAGMA freelist_count").fetchone()[0]
        while left:
            connection.execute(f"PRAGMA incremental_vacuum({SLICE_PAGES})").fetchall()
            before, left = left, connection.execute("PRAGMA freelist_count").fetchone()[0]
            watch(of - left, of)
            if left >= before:  # a reader holds an old state, or a round was quicker to use the room
                break
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _vacuum_postgresql(database: Database, *, full: bool) -> None:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sql("VACUUM (FULL, ANALYZE)" if full else "VACUUM (ANALYZE)"))


def _raw(database: Database) -> sqlite3.Connection:
    return sqlite3.connect(database.where, timeout=30, isolation_level=None)
