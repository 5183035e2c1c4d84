"""One database, SQLite or PostgreSQL: opened, checked, read and written the same way."""

import json
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from monitor.errors import Mistake, RowRejected, StoreAway, StoreFailed
from monitor.store import faults
from monitor.store.places import read_url
from monitor.store.types import Unfit

__all__ = [
    "PAGE_BYTES", "Database", "Session", "open_database", "reading", "savepoint", "transact", "translated", "writing",
]  # fmt: skip

T = TypeVar("T")

BUSY_SECONDS = 30  # how long a writer waits for another one
PAGE_BYTES = 16384  # of a new SQLite file; of 8 kB pages, articles of 3 kB leave a quarter empty
WAL_PAGES = 20_000  # after which a COMMIT empties the -wal, if nobody has (`tidying`): a thousand articles, in a large archive
PAUSES = (
    0.2,
    1.0,
    3.0,
)  # seconds before a transaction is begun again, halved or half as long again by chance


@dataclass(frozen=True, slots=True)
class Database:
    """An open database. `kind` is "sqlite" or "postgresql"."""

    engine: Engine
    kind: str

    @property
    def where(self) -> str:
        """Where it is, without a password."""
        return faults.where_of(self.engine)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open the database at a SQLAlchemy URL; nothing is created but SQLite's empty file.

    Raises:
        Mistake: the URL is no database of ours.
        StoreFailed: its folder cannot be made.
    """
    parts = read_url(url)
    if parts.get_backend_name() == "sqlite":
        return Database(_sqlite(parts.database or ""), "sqlite")
    return Database(_postgresql(parts.render_as_string(hide_password=False)), "postgresql")


def _sqlite(file: str) -> Engine:
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        if Path(file).is_dir():
            raise Mistake(f"{file} is a folder; the database is a file: name another data folder")
    except OSError as error:
        raise StoreFailed(f"{Path(file).parent} cannot be made: {error.strerror}") from error
    # isolation_level None hands BEGIN to us: a read that turns into a write would otherwise fail with
    # "database is locked" at once, whatever the timeout, and DDL would not be transactional.
    engine = create_engine(
        f"sqlite:///{file}",
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS},
        json_serializer=_json,
    )

    @event.listens_for(engine, "do_connect")
    def _open(_dialect: Any, _record: Any, positional: list[Any], named: dict[str, Any]) -> None:
        if not _writable(file):  # reading commands still work
            positional[0], named["uri"] = _read_only(file), True

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        if not connection.execute("PRAGMA page_count").fetchone()[0]:  # a new file
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # what is purged goes back in slices
        with suppress(sqlite3.OperationalError):  # read-only: it can be read all the same
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -65536")  # 64 MB: of 2 MB a batch reads its indexes anew
        connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {64 << 20}")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _writable(file: str) -> bool:
    here = Path(file)
    return os.access(here.parent, os.W_OK) and (not here.exists() or os.access(here, os.W_OK))


def _read_only(file: str) -> str:
    """The address of a file that may only be read, as SQLite reads it without its -wal and -shm, or beside them."""
    wal, index = Path(f"{file}-wal"), Path(f"{file}-shm")
    alone = not index.exists() and (not wal.exists() or wal.stat().st_size == 0)
    return f"{Path(file).absolute().as_uri()}?{'immutable=1' if alone else 'mode=ro'}"


def _postgresql(url: str) -> Engine:
    parts = make_url(url).set(drivername="postgresql+psycopg")
    try:
        engine = create_engine(
            parts, pool_pre_ping=True, connect_args={"connect_timeout": 10}, json_serializer=_json
        )
    except ModuleNotFoundError as error:
        raise Mistake("PostgreSQL needs the driver psycopg: pip install 'straitwatch[postgres]'") from error

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.autocommit = True  # or a rollback would take the setting back
        connection.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")  # as SQLite's; without, it waits for ever
        connection.autocommit = False

    return engine


# Short: escapes would make six characters of every Chinese one.
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _json(value: Any) -> str:
    """JSON that both databases take, Chinese as itself: half the bytes, and LIKE finds it."""
    try:
        text = _ENCODE(value)
    except ValueError as error:
        raise Unfit(f"no JSON for the database: {error}") from error
    if "\\u0000" in text:
        raise Unfit("a NUL character inside a list or table for the database")
    return text


@contextmanager
def reading(database: Database) -> Iterator[Session]:
    """A session that reads one consistent state.

    Raises:
        StoreFailed: the database does not answer.
    """
    with translated(database), Session(database.engine) as session:
        _connect(database, session)
        yield session


@contextmanager
def writing(database: Database) -> Iterator[Session]:
    """One short transaction: all of it is kept, or nothing. Never open across the network.

    Raises:
        StoreBusy: another writer kept its lock for longer than BUSY_SECONDS.
        StoreAway: the server broke off; `transact` begins it again.
        StoreFailed: the database failed otherwise; nothing was kept.
    """
    writer = database.engine.execution_options(writes=True)
    with translated(database), Session(writer, expire_on_commit=False) as session, session.begin():
        _connect(database, session)
        yield session


def transact(database: Database, body: Callable[[Session], T]) -> T:
    """Run a body inside `writing`; where the server broke off or chose it to give way, begin it again.

    It may then run twice though it was kept the first time, when only the answer to COMMIT was lost: it must change
    nothing the second time.

    Raises:
        StoreAway: the server was away for longer than PAUSES, a few seconds.
    """
    pauses = iter(PAUSES)
    while True:
        try:
            with writing(database) as session:
                return body(session)
        except StoreAway:
            if not _paused(pauses):
                raise


def _connect(database: Database, session: Session) -> None:
    """Have a connection, also from a server that is about to come back."""
    if database.kind == "sqlite":
        return  # its file is there or it is not
    pauses = iter(PAUSES)
    while True:
        try:
            session.connection()
        except DBAPIError as error:
            fault = faults.failed(error, database.engine, BUSY_SECONDS)
            if not isinstance(fault, StoreAway) or not _paused(pauses):
                raise fault from error
        else:
            return


def _paused(pauses: Iterator[float]) -> bool:
    """Wait before the next try, not as long as everybody else; false when there was the last one."""
    pause = next(pauses, None)
    if pause is None:
        return False
    time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  no secret
    return True


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """A part of a transaction that may fail alone: one bad row does not take its batch mates along.

    Raises:
        RowRejected: the database does not take what was written here.
        StoreFailed: the database itself fails; the whole transaction is lost.
    """
    try:
        with session.begin_nested():
            yield
    except Unfit as error:  # psycopg asks for JSON itself, where SQLAlchemy does not see what comes of it
        raise RowRejected(str(error)) from error
    except SQLAlchemyError as error:
        if faults.of_row(error):
            raise RowRejected(faults.one_line(str(getattr(error, "orig", None) or error))) from error
        engine = session.get_bind().engine
        raise faults.failed(error, engine, BUSY_SECONDS) from error  # the disk is full, the server is gone


@contextmanager
def translated(database: Database) -> Iterator[None]:
    """The library's errors as ours, in one line each and without its advertisement."""
    try:
        yield
    except SQLAlchemyError as error:
        raise faults.failed(error, database.engine, BUSY_SECONDS) from error
