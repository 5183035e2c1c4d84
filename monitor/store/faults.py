"""What went wrong with a database, in our words: the libraries' errors, SQLite's codes and PostgreSQL's states.

StoreAway    the connection broke, or the server has no room for us now: the transaction is begun again
StoreBusy    somebody holds the lock for longer than we wait; the text says who may
StoreFailed  the disk is full, the file is damaged or may not be written, and whatever else there is
"""

import shutil
import sqlite3
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
    SQLAlchemyError,
    StatementError,
)

from monitor.errors import StoreAway, StoreBusy, StoreFailed
from monitor.process import holders

# PostgreSQL, Appendix A. 08: connection; 57P: server stops or starts; 40: deadlock, serialization; 53300: too many
# connections; 57014: statement timeout.
_AWAY = ("08", "57P", "40001", "40P01", "53300", "57014")
_WRONG_ADDRESS = (
    "authentication failed",
    "does not exist",
    "no pg_hba.conf entry",
    "could not translate host",
)
_BUSY = ("55P03",)  # lock timeout
_FULL = ("53100",)
_DAMAGED = ("XX001", "XX002")


def of_row(error: SQLAlchemyError) -> bool:
    """Whether it is the fault of what was written, not of the database."""
    if isinstance(error, IntegrityError | DataError | InterfaceError | ProgrammingError):
        return not getattr(error, "connection_invalidated", False)
    return isinstance(error, StatementError) and not isinstance(error, DBAPIError)


def failed(error: SQLAlchemyError, engine: Engine, seconds: float) -> StoreFailed:
    """The error as one of ours.

    Args:
        seconds: how long a lock is waited for.
    """
    where = where_of(engine)
    words = one_line(str(getattr(error, "orig", None) or error))
    if engine.dialect.name == "sqlite":
        return _of_sqlite(error, where, words, seconds)
    state = str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")
    if state in _BUSY:
        return StoreBusy(
            f"{where} was locked by another session for {seconds:g} s; pg_stat_activity shows whose it is"
        )
    if state in _FULL:
        return StoreFailed(f"{where}: the server's disk is full; nothing half-written is left")
    if state in _DAMAGED:
        return StoreFailed(f"{where} is damaged ({words}): restore a backup")
    lost = getattr(error, "connection_invalidated", False) or (
        not state and isinstance(error, DBAPIError) and not any(sign in words for sign in _WRONG_ADDRESS)
    )
    if state.startswith(_AWAY) or lost:
        return StoreAway(f"{where}: {words}")
    return StoreFailed(f"{where}: {words}")


def _of_sqlite(error: SQLAlchemyError, where: str, words: str, seconds: float) -> StoreFailed:
    original = getattr(error, "orig", None)
    code = getattr(original, "sqlite_errorcode", 0) & 0xFF  # without what its kind of error adds to it
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(f"{where} was locked by another program for {seconds:g} s{_holders(where)}")
    if code == sqlite3.SQLITE_FULL:
        free = shutil.disk_usage(Path(where).parent).free
        return StoreFailed(
            f"{where}: the disk is full, {free:,} bytes free; nothing half-written is left, and the next round"
            " goes on once there is room"
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreFailed(damaged(where, words))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return StoreFailed(f"{where}: {words}: it, its folder and its -wal and -shm must be writable")
    return StoreFailed(f"{where}: {words}")


def damaged(where: str, words: str) -> str:
    """The sentence about a damaged SQLite file."""
    return (
        f"{where} is damaged or no database: {words}. Nothing more is written to it; `straitwatch db check` tells"
        " more, `straitwatch db restore FILE` puts a backup in its place"
    )


def _holders(file: str) -> str:
    found = holders([file, f"{file}-wal"])
    if not found:
        return ": perhaps a backup, or an sqlite3 shell that was left in a transaction"
    return f"; it is open in {', '.join(found[:5])}"


def where_of(engine: Engine) -> str:
    """Where a database is, without a password."""
    url = engine.url
    lite = engine.dialect.name == "sqlite"
    return str(url.database) if lite else url.render_as_string(hide_password=True)


def one_line(words: str) -> str:
    """A library's words without its line breaks and its advertisement."""
    return " ".join(words.split())[:300]
