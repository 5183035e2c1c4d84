"""What a database puts off is done between transactions, and nobody is stopped by it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy import text as sql

from monitor.store.database import Database, open_database, reading, writing
from monitor.store.tables import ArticleRow
from monitor.store.tidying import tidy
from tests.archive import article, store
from tests.conftest import MakeUrl
from tests.newsroom import paper
from tests.test_pipeline import collect


def put_off(db: Database) -> int:
    """Pages of what was written and is not yet where it belongs."""
    if db.kind == "sqlite":
        file = Path(db.where)
        alone = shutil.copy(file, file.with_name("alone.db"))  # without the -wal beside it
        with closing(sqlite3.connect(alone)) as copied, reading(db) as session:
            here = copied.execute("SELECT count(*) FROM articles").fetchone()[0]
            return (session.scalar(select(func.count()).select_from(ArticleRow)) or 0) - int(here)
    with writing(db) as session:
        return int(session.scalar(sql("SELECT gin_clean_pending_list('ix_search_index_tokens')")) or 0)


def test_what_was_written_waits_until_it_is_tidied(db: Database) -> None:
    tidy(db)
    store(db, article("a", "Patrol", "The patrol."))
    assert put_off(db) > 0
    store(db, article("b", "Other", "The other."))
    tidy(db)
    assert put_off(db) == 0
    tidy(db)


def test_a_round_leaves_nothing_put_off(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)
    with paper(tmp_path) as (_, desk):
        collect(desk)
        with reading(desk.database) as session:
            assert session.scalar(select(func.count()).select_from(ArticleRow))
        assert put_off(desk.database) == 0


def test_who_does_not_own_the_index_goes_on_without(make_ready_url: MakeUrl) -> None:
    owner = open_database(make_ready_url("postgresql"))
    role = f"writer_{owner.engine.url.database}"  # roles belong to the whole server
    with owner.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
        connection.exec_driver_sql(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        connection.exec_driver_sql(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}")
    other = open_database(owner.engine.url.set(username=role).render_as_string(hide_password=False))
    store(other, article("a", "Patrol", "The patrol."))
    tidy(other)
    store(other, article("b", "Other", "The other."))
    other.close()
    assert put_off(owner) > 0
    owner.close()
