"""B11 and B12: migrations killed after each statement, and a parent made anew while its children refer to it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select
from sqlalchemy import text as sql

from monitor.errors import StoreFailed
from monitor.model import LinkKind
from monitor.store import schema
from monitor.store.database import Database, open_database, reading, writing
from monitor.store.tables import ArticleRow, LinkRow, MetaRow
from tests.archive import NOW, Link, article, store
from tests.conftest import MakeUrl

# Upgrades a database again and again, each time in a process that is killed after one statement more.
_KILLED = """
import json, os, signal, sys
from sqlalchemy import event
from monitor.store import schema
from monitor.store.database import open_database
from tests.archive import NOW

def attempt(most):
    database = open_database(sys.argv[1])
    seen = 0
    @event.listens_for(database.engine, "after_cursor_execute")
    def count(connection, cursor, statement, *rest):
        nonlocal seen
        if statement.lstrip().upper().startswith(("CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE")):
            seen += 1
            if seen == most:
                os.kill(os.getpid(), signal.SIGKILL)
    schema.upgrade(database, NOW)

import alembic.command
found = []
for most in range(1, 1000, int(sys.argv[2])):
    child = os.fork()
    if not child:
        try:
            attempt(most)
            os._exit(0)
        except BaseException as error:
            sys.stderr.write(repr(error))
            os._exit(3)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) == 0:
        break
    assert os.waitstatus_to_exitcode(status) == -9
    database = open_database(sys.argv[1])
    with database.engine.connect():
        found.append(schema.version(database))
    database.close()
print(json.dumps([most, sorted(set(map(str, found)))]))
"""


def _killed(url: str, stride: int) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, url, str(stride)], cwd=Path(__file__).parents[1], capture_output=True,
        encoding="utf-8", check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    times, versions = json.loads(done.stdout)
    return times, versions


NEWEST = schema.HEAD
STRIDES = pytest.mark.parametrize(
    "stride", [11, pytest.param(1, marks=pytest.mark.soak)]
)  # every statement in the soak


@STRIDES
def test_b11_a_first_migration_killed_at_a_statement_is_begun_again(database_url: str, stride: int) -> None:
    times, versions = _killed(database_url, stride)
    assert times > 40
    assert versions == ["None"]  # never between
    database = open_database(database_url)
    assert schema.version(database) == schema.HEAD
    assert schema.check(database) == []
    database.close()


@STRIDES
def test_b11_an_upgrade_killed_at_a_statement_keeps_the_old_schema_and_its_rows(
    db: Database, stride: int
) -> None:
    store(db, article("a", "Patrol", "The PLA Navy sailed by."))
    schema.downgrade(db, "2026_11_24_first")
    db.engine.dispose()
    times, versions = _killed(db.engine.url.render_as_string(hide_password=False), stride)
    assert times > 10
    assert versions == ["2026_11_24_first"]
    assert schema.version(db) == schema.HEAD
    assert schema.check(db) == []
    with reading(db) as session:
        assert session.scalars(select(ArticleRow.title)).all() == ["Patrol"]


_ANEW = '''
"""A later step that makes the parent table anew."""

import sqlalchemy as sa
from alembic import op

revision = "2031_01_01_later"
down_revision = "{head}"


def upgrade() -> None:
    {harm}
    with op.batch_alter_table("articles", recreate="{recreate}") as batch:
        batch.add_column(sa.Column("later", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Nothing."""
'''


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of migrations with room for one more."""
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    ours = Path(__file__).parents[1] / "migrations"
    for file in (ours / "env.py", *ours.glob("versions/*.py")):
        (folder / file.relative_to(ours)).write_text(file.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(schema, "_FOLDERS", (folder,))
    monkeypatch.setattr(schema, "HEAD", "2031_01_01_later")
    return folder / "versions" / "2031_01_01_later.py"


def _with_links(db: Database) -> None:
    for number in range(20):
        links = tuple(
            Link(LinkKind.READ_ALSO, f"https://ledger.example/{number}/{n}", "L", 1) for n in range(5)
        )
        store(db, article(f"a{number}", f"Patrol {number}", f"The tide was {number} feet high.", links=links))


def _children(db: Database) -> tuple[int, int]:
    with reading(db) as session:
        return (
            session.scalar(select(func.count()).select_from(ArticleRow)) or 0,
            session.scalar(select(func.count()).select_from(LinkRow)) or 0,
        )


def test_b12_a_parent_made_anew_keeps_its_children(db: Database, later: Path) -> None:
    _with_links(db)
    recreate = "always" if db.kind == "sqlite" else "auto"
    later.write_text(_ANEW.format(head=NEWEST, harm="pass", recreate=recreate), "utf-8")
    backup = schema.upgrade(db, NOW)
    assert _children(db) == (20, 100)
    assert "later" in [column["name"] for column in inspect(db.engine).get_columns("articles")]
    with db.engine.connect() as connection:
        assert connection.scalar(sql("SELECT count(*) FROM v_links")) == 100
        if db.kind == "sqlite":
            assert connection.scalar(sql("PRAGMA foreign_keys")) == 1
            assert backup is not None


def test_b12_a_migration_that_loses_rows_is_undone_and_told(db: Database, later: Path) -> None:
    _with_links(db)
    harm = 'op.execute("DELETE FROM links WHERE article % 2 = 0")'
    later.write_text(_ANEW.format(head=NEWEST, harm=harm, recreate="auto"), "utf-8")
    with pytest.raises(StoreFailed, match=r"is as it was.*links has 50 of its 100 rows"):
        schema.upgrade(db, NOW)
    assert _children(db) == (20, 100)
    assert schema.version(db) == NEWEST
    with db.engine.connect() as connection:
        assert connection.scalar(sql("SELECT count(*) FROM v_links")) == 100  # the views are there again


def test_b11_a_backup_is_made_before_each_migration_of_sqlite(make_url: MakeUrl) -> None:
    db = open_database(make_url("sqlite"))
    schema.upgrade(db, NOW)
    with writing(db) as session:
        session.add(MetaRow(name="before", value="x"))
    schema.downgrade(db, "2026_11_25_raw_pages")
    kept = schema.upgrade(db, NOW)
    assert kept is not None
    assert "2026_11_25_raw_pages" in kept
    before = open_database(f"sqlite:///{kept}")
    with before.engine.connect() as connection:
        assert connection.scalar(sql("SELECT value FROM meta")) == "x"
    before.close()
    db.close()
