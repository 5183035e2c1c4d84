"""The recipes of docs/schema.md, run as they are printed."""

import json
import re
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from monitor.store import backups, schema
from monitor.store.database import Database, open_database
from monitor.store.views import VIEWS
from tests.archive import NOW, article, store
from tests.conftest import MakeUrl

PAGE = (Path(__file__).parents[1] / "docs" / "schema.md").read_text("utf-8")


def recipe(language: str, holds: str) -> str:
    """The code block of a language that holds these words."""
    (found,) = (block for block in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL) if holds in block)
    return str(found)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data/straitwatch.db, in use: its newest article stands in the -wal file."""
    home = tmp_path_factory.mktemp("home")
    (home / "data").mkdir()
    return home


@pytest.fixture(scope="module")
def live(folder: Path) -> Database:
    db = open_database(f"sqlite:///{folder / 'data' / 'straitwatch.db'}")
    schema.upgrade(db, NOW)
    store(db, article("a", "海警船在台海巡航", "海警船今日在台海巡航。", source="junwang"), source="junwang")
    assert (folder / "data" / "straitwatch.db-wal").stat().st_size > 0
    return db


def test_datasette_shows_the_views_of_the_embedded_file_while_it_is_used(
    folder: Path, live: Database
) -> None:
    program, *arguments = shlex.split(recipe("sh", "datasette"))
    for view in VIEWS:
        done = subprocess.run(
            [str(Path(sys.executable).parent / program), *arguments, "--get",
             f"/straitwatch/{view.name}.json?_shape=array"],
            cwd=folder, capture_output=True, encoding="utf-8", check=True, timeout=60,
        )  # fmt: skip
        rows = json.loads(done.stdout)
        if view.name == "v_articles":
            assert [(row["title"], row["side"], row["day"]) for row in rows] == [
                ("海警船在台海巡航", "prc", "2026-11-24")
            ]
    assert "v_source_daily" in {view.name for view in VIEWS}


def test_the_uri_reads_what_was_just_stored_and_writes_nothing(
    folder: Path, live: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert "mode=ro" in recipe("sh", "sqlite3")
    connection = eval(recipe("python", "sqlite3.connect"), {"sqlite3": sqlite3})
    assert connection.execute("SELECT count(*) FROM v_articles").fetchone() == (1,)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM articles")
    connection.close()


def test_a_copy_is_read_with_immutable(folder: Path, live: Database) -> None:
    backups.back_up(live, folder / "copy.db")
    connection = sqlite3.connect(f"file:{folder / 'copy.db'}?immutable=1", uri=True)
    assert connection.execute("SELECT count(*) FROM v_articles").fetchone() == (1,)
    connection.close()


def test_the_role_reads_views_also_after_a_migration_and_nothing_else(make_url: MakeUrl) -> None:
    db = open_database(make_url("postgresql"))
    schema.upgrade(db, NOW)
    name = str(db.engine.url.database)
    role = f"reader_{name}"  # roles belong to the whole server
    lines = recipe("sql", "CREATE ROLE").replace("straitwatch_reader", role)
    with db.engine.execution_options(writes=True).begin() as connection:
        for line in lines.replace("DATABASE straitwatch", f"DATABASE {name}").strip().split("\n"):
            connection.exec_driver_sql(line)
    store(db, article("a", "Patrol", "The PLA Navy sailed by."))
    schema.downgrade(db, "2026_11_25_raw_pages")
    schema.upgrade(db, NOW)
    url = db.engine.url.set(username=role, password="change this")
    reader = open_database(url.render_as_string(hide_password=False))
    with reader.engine.connect() as connection:
        for view in VIEWS:
            connection.execute(sql(f"SELECT * FROM {view.name}")).all()
        assert connection.scalar(sql("SELECT title FROM v_articles")) == "Patrol"
    for harm in ("DELETE FROM articles", "CREATE TABLE x (y int)", "SELECT pg_read_file('/etc/passwd')"):
        with (
            reader.engine.connect() as connection,
            pytest.raises(Exception, match=r"read-only|permission denied"),
        ):
            connection.execute(sql(harm))
    reader.close()
    db.close()
