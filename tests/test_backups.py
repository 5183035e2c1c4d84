"""The database copied, put back and made smaller."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql

from monitor.errors import Mistake, RoundRunning, StoreFailed
from monitor.model import utc_now
from monitor.store import backups, rounds, schema
from monitor.store.database import PAGE_BYTES, Database, open_database, reading, writing
from monitor.store.tables import ArticleRow, MetaRow
from tests.archive import NOW, article, store
from tests.test_cli_reading import straitwatch


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Database]:
    """A SQLite database with one article."""
    database = open_database(f"sqlite:///{tmp_path / 'straitwatch.db'}")
    schema.upgrade(database, NOW)
    store(database, article("a", "Patrol", "The PLA Navy sailed by."))
    yield database
    database.close()


def titles(database: Database) -> list[str]:
    with reading(database) as session:
        return list(session.scalars(select(ArticleRow.title).order_by(ArticleRow.id)))


def test_b15_a_backup_is_whole_while_others_write(lite: Database, tmp_path: Path) -> None:
    """Two rows of one transaction, written over and over: no copy holds one without the other."""
    over = threading.Event()

    def write() -> None:
        number = 0
        while not over.is_set():
            number += 1
            with writing(lite) as session:
                session.merge(MetaRow(name="one", value=str(number)))
                session.merge(MetaRow(name="two", value=str(number) + "x" * 20_000))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(10):
            backups.back_up(lite, tmp_path / f"copy{number}.db")
    finally:
        over.set()
        writer.join()
    for number in range(10):
        with closing(sqlite3.connect(tmp_path / f"copy{number}.db")) as copy:
            pair = copy.execute(
                "SELECT value FROM meta WHERE name IN ('one', 'two') ORDER BY name"
            ).fetchall()
            assert not pair or pair[0][0] == pair[1][0].rstrip("x")
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert not (tmp_path / f"copy{number}.db-wal").exists()


def test_b15_a_backup_never_writes_over_a_file(lite: Database, tmp_path: Path) -> None:
    (tmp_path / "there.db").write_text("mine")
    with pytest.raises(Mistake, match="there already"):
        backups.back_up(lite, tmp_path / "there.db")
    assert (tmp_path / "there.db").read_text() == "mine"


def test_b15_restoring_brings_the_backup_and_keeps_what_was_there(lite: Database, tmp_path: Path) -> None:
    backups.back_up(lite, tmp_path / "copy.db")
    store(lite, article("b", "After the backup", "It stands in the -wal file only."))
    kept = backups.restore(lite, tmp_path / "copy.db", NOW)
    assert titles(lite) == ["Patrol"]
    assert schema.check(lite) == []
    assert kept is not None
    old = open_database(f"sqlite:///{kept}")
    assert titles(old) == ["Patrol", "After the backup"]
    old.close()
    assert (tmp_path / "copy.db").exists()
    assert not list(tmp_path.glob("*.part*"))


def test_b15_a_wal_of_the_old_database_never_reaches_the_new_one(lite: Database, tmp_path: Path) -> None:
    """The old file is damaged, so its -wal cannot be folded into it: both are moved aside together."""
    backups.back_up(lite, tmp_path / "copy.db")
    lite.close()
    file = tmp_path / "straitwatch.db"
    file.write_bytes(b"\xff" * file.stat().st_size)
    (tmp_path / "straitwatch.db-wal").write_bytes(b"a wal of another life")
    kept = backups.restore(lite, tmp_path / "copy.db", NOW)
    assert titles(lite) == ["Patrol"]
    assert kept is not None
    assert kept.read_bytes()[:4] == b"\xff" * 4
    assert Path(f"{kept}-wal").read_bytes() == b"a wal of another life"


def test_b15_restoring_is_refused_while_a_round_runs(lite: Database, tmp_path: Path) -> None:
    backups.back_up(lite, tmp_path / "copy.db")
    with writing(lite) as session:
        number = rounds.begin_round(session, utc_now())
    with pytest.raises(RoundRunning, match=f"round {number} is running"):
        backups.restore(lite, tmp_path / "copy.db", utc_now())
    assert titles(lite) == ["Patrol"]


def test_b15_restoring_is_refused_while_another_program_reads(lite: Database, tmp_path: Path) -> None:
    backups.back_up(lite, tmp_path / "copy.db")
    with closing(sqlite3.connect(lite.where)) as other:
        other.execute("SELECT count(*) FROM articles").fetchone()
        with pytest.raises(RoundRunning, match="open in another program"):
            backups.restore(lite, tmp_path / "copy.db", NOW)


def test_b15_what_is_no_backup_is_refused_and_nothing_is_touched(lite: Database, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database at all, but some text " * 100)
    with closing(sqlite3.connect(tmp_path / "payroll.db")) as other:
        other.execute("CREATE TABLE payroll (id INTEGER)")
    with closing(sqlite3.connect(tmp_path / "empty.db")) as other:
        other.execute("VACUUM")
    backups.back_up(lite, tmp_path / "damaged.db")
    damaged = bytearray((tmp_path / "damaged.db").read_bytes())
    damaged[PAGE_BYTES * 3 : PAGE_BYTES * 4] = b"\xff" * PAGE_BYTES
    (tmp_path / "damaged.db").write_bytes(damaged)
    for name, told in (
        ("text", "could not be copied"), ("payroll.db", "another program's"), ("empty.db", "no tables"),
        ("damaged.db", "damaged|malformed"), ("nowhere.db", "there is no file"), ("straitwatch.db", "the database itself"),
    ):  # fmt: skip
        with pytest.raises((Mistake, StoreFailed), match=told):
            backups.restore(lite, tmp_path / name, NOW)
    assert titles(lite) == ["Patrol"]
    assert (
        sorted(each.name for each in tmp_path.iterdir() if "part" in each.name or "replaced" in each.name)
        == []
    )


def test_b14_a_backup_of_a_newer_straitwatch_is_refused(lite: Database, tmp_path: Path) -> None:
    backups.back_up(lite, tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy, copy:
        copy.execute("UPDATE alembic_version SET version_num = '2031_01_01_later'")
    with pytest.raises(Mistake, match="newer Straitwatch"):
        backups.restore(lite, tmp_path / "copy.db", NOW)


def test_an_older_backup_is_restored_and_then_upgraded(lite: Database, tmp_path: Path) -> None:
    schema.downgrade(lite, "2026_11_24_health")
    backups.back_up(lite, tmp_path / "old.db")
    schema.upgrade(lite, NOW)
    done = straitwatch("db", "restore", "old.db", "--data", str(tmp_path), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "") or "open in another program" in done.stderr
    lite.close()
    done = straitwatch("db", "restore", "old.db", "--data", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "straitwatch db upgrade" in done.stdout
    done = straitwatch("db", "upgrade", "--data", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert titles(lite) == ["Patrol"]


def test_a_database_that_is_not_there_is_restored_too(lite: Database, tmp_path: Path) -> None:
    backups.back_up(lite, tmp_path / "copy.db")
    other = open_database(f"sqlite:///{tmp_path / 'new' / 'straitwatch.db'}")
    assert backups.restore(other, tmp_path / "copy.db", NOW) is None
    assert titles(other) == ["Patrol"]
    other.close()


def test_the_room_of_deleted_rows_is_given_back_in_slices_beside_readers(lite: Database) -> None:
    with writing(lite) as session:
        session.add_all(MetaRow(name=f"row {number}", value="x" * 8_000) for number in range(3_000))
    with writing(lite) as session:
        session.execute(sql("DELETE FROM meta WHERE name LIKE 'row %'"))
    seen: list[int] = []
    with reading(lite) as session:
        session.scalars(select(ArticleRow.title)).all()  # and stays where it is
        session.rollback()
        before, after = backups.vacuum(lite, NOW, watch=lambda done, of: seen.append(done))
    assert after < before / 10
    assert len(seen) > 2
    assert titles(lite) == ["Patrol"]


def test_vacuum_packs_a_database_of_before_and_turns_it_to_slices(tmp_path: Path) -> None:
    file = tmp_path / "straitwatch.db"
    with closing(sqlite3.connect(file)) as early:
        early.execute("PRAGMA page_size = 8192")
        early.execute("PRAGMA auto_vacuum = NONE")
        early.execute("CREATE TABLE x (y)")
        early.execute("DROP TABLE x")
    lite = open_database(f"sqlite:///{file}")
    schema.upgrade(lite, NOW)
    backups.vacuum(lite, NOW)
    with lite.engine.connect() as connection:
        assert connection.scalar(sql("PRAGMA auto_vacuum")) == 2
    lite.close()


def test_a_full_vacuum_is_refused_while_a_round_runs(db: Database) -> None:
    backups.vacuum(db, NOW, full=True)
    with writing(db) as session:
        rounds.begin_round(session, utc_now())
    with pytest.raises(RoundRunning):
        backups.vacuum(db, utc_now(), full=True)
    before, after = backups.vacuum(db, utc_now() + timedelta(seconds=1))
    assert before > 0
    assert after > 0


def test_postgresql_is_left_to_its_own_tools(db: Database, tmp_path: Path) -> None:
    if db.kind == "postgresql":
        with pytest.raises(Mistake, match="pg_dump"):
            backups.back_up(db, tmp_path / "x")
        with pytest.raises(Mistake, match="pg_restore"):
            backups.restore(db, tmp_path / "x", NOW)


def test_db_backup_check_and_vacuum_by_hand(lite: Database, tmp_path: Path) -> None:
    for words in (("backup", "copy.db"), ("check",), ("vacuum",), ("vacuum", "--full")):
        done = straitwatch("db", *words, "--data", str(tmp_path), cwd=tmp_path)
        assert done.returncode == 0, (words, done.stderr)
    shutil.copy(tmp_path / "copy.db", tmp_path / "again.db")
    assert titles(open_database(f"sqlite:///{tmp_path / 'again.db'}")) == ["Patrol"]
