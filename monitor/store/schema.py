"""The schema's version: made, brought up to date, checked. Alembic's one place, imported only when needed."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, inspect, select
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from monitor.errors import Mistake, StoreFailed
from monitor.store import faults, views
from monitor.store.database import BUSY_SECONDS, Database, translated
from monitor.store.tables import Row

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "2026_12_05_facets"  # the newest file in migrations/versions; a test compares
_HERE = Path(__file__).resolve()
_FOLDERS = (_HERE.parents[2] / "migrations", _HERE.parents[1] / "migrations")  # checkout, installed wheel


def upgrade(database: Database, now: datetime) -> str | None:
    """Make the schema, or bring it up to date; SQLite is backed up before it is changed.

    All of it is one transaction: killed at any moment, it leaves the old schema, and can be begun again. Of several
    programs that start after an upgrade one migrates while the others wait.

    Returns:
        The backup's path, where one was made.

    Raises:
        Mistake: another program's database, or one written by a newer Straitwatch.
        StoreFailed: the migration failed; the old schema is there as it was.
    """
    if version(database) == HEAD:
        return None
    from alembic import command  # noqa: PLC0415  (0.3 s of CPU that reading commands must not pay)
    from alembic.util import CommandError  # noqa: PLC0415

    backup = None
    try:
        with _migrating(database) as connection:
            found = _version(connection, database.where)
            if found == HEAD:  # another one was quicker
                return None
            backup = _backup(database, found, now) if found else None
            before = _rows(connection)
            views.drop(connection)
            command.upgrade(_config(connection), "head")
            views.make(connection)
            _nothing_lost(connection, before)
    except (SQLAlchemyError, CommandError, _RowsLost) as error:
        kept = f"; a copy of it is {backup}" if backup else ""
        raise StoreFailed(
            f"{database.where} could not be migrated and is as it was{kept}: {error}"
        ) from error
    return backup


def downgrade(database: Database, to: str) -> None:
    """Go back to an older schema ("base" = none); what newer tables held is lost."""
    from alembic import command  # noqa: PLC0415

    with _migrating(database) as connection:
        views.drop(connection)
        command.downgrade(_config(connection), to)


@contextmanager
def _migrating(database: Database) -> Iterator[Connection]:
    """One transaction that nobody else's migration can overlap, and in which a table may be made anew.

    SQLite makes a changed table anew and drops the old one: with foreign keys on, that would delete whatever
    refers to its rows, without an error. So they are off meanwhile, and checked before the end.
    """
    with database.engine.execution_options(writes=True).connect() as connection:
        if database.kind == "postgresql":
            with connection.begin():
                connection.execute(sql("SELECT pg_advisory_xact_lock(7264171)"))
                yield connection
            return
        lite = connection.connection.driver_connection
        assert isinstance(lite, sqlite3.Connection)
        lite.execute("PRAGMA foreign_keys = OFF")  # means nothing inside a transaction
        try:
            with connection.begin():
                yield connection
        finally:
            lite.execute("PRAGMA foreign_keys = ON")


class _RowsLost(Exception):
    """A migration deleted rows that it should have kept; the text names the tables."""


def _rows(connection: Connection) -> dict[str, int]:
    there = set(inspect(connection).get_table_names())
    return {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in Row.metadata.sorted_tables
        if table.name in there
    }


def _nothing_lost(connection: Connection, before: dict[str, int]) -> None:
    after = _rows(connection)
    lost = [
        f"{name} has {after[name]:,} of its {number:,} rows"
        for name, number in before.items()
        if after.get(name, number) < number
    ]
    if connection.dialect.name == "sqlite":
        lost += sorted(
            {
                f"rows of {row[0]} refer to missing rows of {row[2]}"
                for row in connection.execute(sql("PRAGMA foreign_key_check"))
            }
        )
    if lost:
        raise _RowsLost("; ".join(lost))


def version(database: Database) -> str | None:
    """The schema's version; None for an empty database.

    Raises:
        Mistake: it is not ours, or newer than this program.
        StoreFailed: it does not answer or is damaged.
    """
    try:
        with database.engine.connect() as connection:
            return _version(connection, database.where)
    except SQLAlchemyError as error:
        raise faults.failed(error, database.engine, BUSY_SECONDS) from error


def _version(connection: Connection, where: str) -> str | None:
    tables = set(inspect(connection).get_table_names())
    if not tables - {"alembic_version"}:
        return None
    if "alembic_version" not in tables or "entries" not in tables:
        raise Mistake(f"{where} holds another program's tables; name another database")
    found = connection.scalar(sql("SELECT version_num FROM alembic_version"))
    if found not in _known():
        raise Mistake(f"{where} was written by a newer Straitwatch (schema {found}); this one knows {HEAD}")
    return str(found)


def require(database: Database) -> None:
    """Check that the schema is the one this program knows.

    Raises:
        Mistake: it is missing or old; the text says what to do.
    """
    found = version(database)
    if found is None:
        raise Mistake(f"{database.where} is empty: `straitwatch run` fills it")
    if found != HEAD:
        raise Mistake(
            f"{database.where} has the schema {found}: `straitwatch db upgrade` brings it to {HEAD}"
        )


def check(database: Database) -> list[str]:
    """What is wrong with the database, one sentence each; nothing when it is well."""
    require(database)
    problems: list[str] = []
    with translated(database), database.engine.connect() as connection:
        if database.kind == "sqlite":
            problems += [
                f"integrity: {row[0]}"
                for row in connection.execute(sql("PRAGMA integrity_check"))
                if row[0] != "ok"
            ]
            problems += [
                f"{row[0]} row {row[1]} refers to a missing row of {row[2]}"
                for row in connection.execute(sql("PRAGMA foreign_key_check"))
            ]
        for table in Row.metadata.sorted_tables:
            connection.execute(select(table).limit(1)).all()
    return problems


def _known() -> set[str]:
    return {file.stem for file in _migrations().glob("versions/*.py")}


def _migrations() -> Path:
    for folder in _FOLDERS:
        if (folder / "env.py").exists():
            return folder
    raise StoreFailed("the migrations are missing from this installation: install straitwatch again")


def _config(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})  # an URL with % in it would not survive its ini
    config.set_main_option("script_location", str(_migrations()).replace("%", "%%"))
    return config


def _backup(database: Database, found: str, now: datetime) -> str | None:
    if database.kind != "sqlite":
        return None
    from monitor.store import backups  # noqa: PLC0415  (which asks for versions itself)

    file = Path(database.where)
    if shutil.disk_usage(file.parent).free < 2 * file.stat().st_size:
        raise StoreFailed(f"{file.parent} has no room for a copy of the database before its migration")
    name = f"{file.stem}-{found}-{now:%Y%m%d-%H%M%S}"
    tries = (file.with_name(f"{name}{again}.db") for again in ("", *(f"-{n}" for n in range(2, 1000))))
    target = next(each for each in tries if not each.exists())  # a migration killed a moment ago left one
    backups.back_up(database, target)
    return str(target)
