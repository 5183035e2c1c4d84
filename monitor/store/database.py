"""One database, SQLite or PostgreSQL: opened, checked, read and written the same way."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    IntegrityError,
    OperationalError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.orm import Session

from monitor.errors import Mistake, RowRejected, StoreBusy, StoreFailed

__all__ = ["Database", "Session", "open_database", "read_url", "reading", "savepoint", "writing"]

BUSY_SECONDS = 30  # how long a writer waits for another one
_BUSY = ("database is locked", "database table is locked", "lock timeout", "deadlock detected")


@dataclass(frozen=True, slots=True)
class Database:
    """An open database. `kind` is "sqlite" or "postgresql"."""

    engine: Engine
    kind: str

    @property
    def where(self) -> str:
        """Where it is, without a password."""
        url = self.engine.url
        return str(url.database) if self.kind == "sqlite" else url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def read_url(url: str) -> URL:
    """The parts of a database address.

    Raises:
        Mistake: it is none that Straitwatch can use; the text never shows it.
    """
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise Mistake(
            "database.url is no database address; it reads sqlite:///FILE or"
            " postgresql://USER:PASSWORD@HOST:PORT/NAME, odd characters as %XX"
        ) from error
    kind = parts.get_backend_name()
    if kind not in ("sqlite", "postgresql"):
        raise Mistake(f"database.url is of the kind {kind}; Straitwatch knows sqlite and postgresql")
    return parts


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

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute("PRAGMA page_size = 8192")  # 4 kB pages waste space on 2 kB articles
        connection.execute(
            "PRAGMA auto_vacuum = INCREMENTAL"
        )  # of a new file: purged room goes back in slices
        with suppress(sqlite3.OperationalError):  # read-only: it can be read all the same
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: str) -> Engine:
    parts = make_url(url).set(drivername="postgresql+psycopg")
    try:
        return create_engine(
            parts, pool_pre_ping=True, connect_args={"connect_timeout": 10}, json_serializer=_json
        )
    except ModuleNotFoundError as error:
        raise Mistake("PostgreSQL needs the driver psycopg: pip install 'straitwatch[postgres]'") from error


def _json(value: Any) -> str:
    """JSON that both databases take, Chinese as itself: half the bytes, and LIKE finds it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if "\\u0000" in text:
        raise ValueError("a NUL character inside a list or table for the database")
    return text


@contextmanager
def reading(database: Database) -> Iterator[Session]:
    """A session that reads one consistent state.

    Raises:
        StoreFailed: the database does not answer.
    """
    with translated(database), Session(database.engine) as session:
        yield session


@contextmanager
def writing(database: Database) -> Iterator[Session]:
    """One short transaction: all of it is kept, or nothing. Never open across the network.

    Raises:
        StoreBusy: another writer kept its lock for longer than BUSY_SECONDS.
        StoreFailed: the database failed otherwise; nothing was kept.
    """
    writer = database.engine.execution_options(writes=True)
    with translated(database), Session(writer, expire_on_commit=False) as session, session.begin():
        yield session


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
    except (IntegrityError, DataError, StatementError) as error:
        if isinstance(error, OperationalError):  # the disk is full, the server is gone: not this row's fault
            raise StoreFailed(_one_line(str(error.orig))) from error
        raise RowRejected(_one_line(str(getattr(error, "orig", None) or error))) from error


@contextmanager
def translated(database: Database) -> Iterator[None]:
    """The library's errors as ours, in one line each and without its advertisement."""
    try:
        yield
    except OperationalError as error:
        words = str(error.orig).strip()
        if any(sign in words for sign in _BUSY):
            raise StoreBusy(f"{database.where} was locked by another program for {BUSY_SECONDS} s") from error
        raise StoreFailed(f"{database.where}: {_one_line(words)}") from error
    except SQLAlchemyError as error:
        raise StoreFailed(
            f"{database.where}: {_one_line(str(getattr(error, 'orig', None) or error))}"
        ) from error


def _one_line(words: str) -> str:
    return " ".join(words.split())[:300]
