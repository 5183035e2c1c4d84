"""Section B of the hostile list: the database under writers, locks, full disks, damage and kills.

Elsewhere: B11 and B12 in test_hostile_migrations.py, B13 in test_recovery.py, B14 in test_store.py and test_backups.py,
B15 in test_backups.py, B16, B17 and B20 in test_hostile_server.py, B18 in test_store.py and test_recovery.py, B21 in
test_retention.py.
"""

import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event, func, insert, select, update
from sqlalchemy import text as sql

from monitor import pipeline
from monitor.config import load_settings
from monitor.demo.receivers import Webhook
from monitor.desk import Desk, open_desk, round_of_work
from monitor.errors import Mistake, RowRejected, StoreBusy, StoreFailed
from monitor.query import search
from monitor.store import backups, database, places, schema, standing
from monitor.store.database import PAGE_BYTES, Database, Session, open_database, reading, savepoint, writing
from monitor.store.tables import AlertRow, ArticleRow, EntryRow, FeedRow, MetaRow, RoundRow, SourceRow
from tests.archive import NOW, article, store
from tests.crowd import NO_RIGHTS_TO_LOSE, STORE, child, without_roots_rights
from tests.site import Request, Site
from tests.test_cli_reading import PROGRAM, straitwatch
from tests.test_pipeline import desk_of, outcomes
from tests.test_recovery import TWO


@pytest.fixture
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


# ------------------------------------------------------------------------------------ B01, B02, B03


def _crowd(db: Database, *, writers: int, readers: int, seconds: float) -> tuple[int, list[str]]:
    """Writers that read a counter and write it, and readers; returns what was counted, and every complaint."""
    with writing(db) as session:
        session.merge(MetaRow(name="count", value="0"))
    until = time.monotonic() + seconds
    said: list[str] = []
    counted = [0] * writers

    def guarded(body: object) -> None:
        try:
            while time.monotonic() < until:
                body()  # type: ignore[operator]
        except Exception as error:  # noqa: BLE001
            said.append(repr(error))

    def write(number: int) -> None:
        with writing(db) as session:
            row = session.get_one(MetaRow, "count", with_for_update=True)
            row.value = str(int(row.value) + 1)
        counted[number] += 1

    def read() -> None:
        with reading(db) as session:
            session.scalars(select(MetaRow.value)).all()
            search.search(session, "pla")

    threads = [threading.Thread(target=guarded, args=(lambda n=n: write(n),)) for n in range(writers)]
    threads += [threading.Thread(target=guarded, args=(read,)) for _ in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(db) as session:
        assert int(session.get_one(MetaRow, "count").value) == sum(counted)
    return sum(counted), said


def test_b01_b02_no_update_is_lost_and_nobody_hears_of_a_lock(db: Database) -> None:
    store(db, article("a", "Patrol", "The PLA Navy sailed by."))
    counted, said = _crowd(db, writers=4, readers=4, seconds=3)
    assert said == []
    assert counted > 20


@pytest.mark.soak
def test_b02_eight_readers_and_two_writers_for_a_minute(db: Database) -> None:
    store(db, article("a", "Patrol", "The PLA Navy sailed by."))
    counted, said = _crowd(db, writers=2, readers=8, seconds=60)
    assert said == []
    assert counted > 200


@pytest.mark.usefixtures("_database")
def test_b03_no_transaction_is_open_while_a_page_is_awaited(tmp_path: Path) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def hang(_: Request) -> None:
        asked.set()
        go_on.wait(1.5)

    with (
        Site({**TWO, "/one": hang}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
        round_of_work(desk) as work,
    ):
        reader = threading.Thread(target=pipeline.collect, args=(desk, work))
        reader.start()
        assert asked.wait(20)
        begun = time.monotonic()
        with writing(desk.database) as session:
            session.merge(MetaRow(name="beside", value="x"))
        assert time.monotonic() - begun < 1
        if desk.database.kind == "postgresql":
            with desk.database.engine.connect() as connection:
                asleep = (
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND state LIKE 'idle in transaction%'"
                )
                assert connection.scalar(sql(asleep)) == 0
        go_on.set()
        reader.join()


# ---------------------------------------------------------------------------------------------- B04


@pytest.mark.usefixtures("_database")
def test_b04_a_round_that_finds_the_database_locked_ends_and_says_who_may_hold_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 1)
    with Site(TWO) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        with round_of_work(desk) as work:
            pipeline.poll(desk, work, pipeline.due_feeds(desk))
        locker = child(_LOCK, desk.database.engine.url.render_as_string(hide_password=False))
        assert locker.stdout is not None
        assert locker.stdout.readline() == "locked\n"
        try:
            with pytest.raises(StoreBusy) as told, round_of_work(desk) as work:
                pipeline.collect(desk, work)
        finally:
            locker.kill()
            locker.communicate()
        assert "locked by another" in str(told.value)
        if desk.database.kind == "sqlite":
            assert f"(process {locker.pid})" in str(told.value)
        with reading(desk.database) as session:
            assert set(outcomes(session).values()) == {"pending"}
        with round_of_work(desk) as work:  # and goes on by itself when the lock is gone
            pipeline.collect(desk, work)
        with reading(desk.database) as session:
            assert set(outcomes(session).values()) == {"stored"}


_LOCK = """
import sys, time
from sqlalchemy import text
from monitor.store.database import open_database, writing
with writing(open_database(sys.argv[1])) as session:
    session.execute(text("UPDATE leases SET host = host"))
    print("locked", flush=True)
    time.sleep(60)
"""


# ---------------------------------------------------------------------------------------- B05 to B08


@pytest.fixture
def lite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A SQLite database in the data folder, with one article."""
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", f"sqlite:///{tmp_path / 'straitwatch.db'}")
    made = open_database(f"sqlite:///{tmp_path / 'straitwatch.db'}")
    standing.ready(made, NOW)
    store(made, article("a", "Patrol", "The PLA Navy sailed by."))
    return made


def _fill_up(desk: Desk) -> None:
    with round_of_work(desk) as work:
        for number in range(200):
            row = MetaRow(name=f"n{number}", value="x" * 9_000)
            desk.transact(work, partial(Session.merge, instance=row))


def test_b05_a_full_disk_ends_the_round_in_words_and_another_channel_is_told(
    tmp_path: Path, lite: Database
) -> None:
    """SQLite's own SQLITE_FULL, from a bound on the file's pages."""
    with Webhook() as webhook, Site(TWO) as site:
        hook = f'[channels.hook]\nurl = "{webhook.url()}"\n'
        with desk_of(tmp_path, site, {"a": 2}, hook) as desk:
            with desk.database.engine.connect() as connection:
                pages = connection.scalar(sql("PRAGMA page_count"))

            def bound(raw: sqlite3.Connection, _: object) -> None:
                raw.execute(f"PRAGMA max_page_count = {pages}")

            desk.database.engine.dispose()
            event.listen(desk.database.engine, "connect", bound)
            for _ in range(2):
                with pytest.raises(StoreFailed, match=r"the disk is full, [\d,]+ bytes free"):
                    _fill_up(desk)
            assert len(webhook.posts) == 1  # once, though it happened twice
            assert "the disk is full" in str(webhook.posts[0])
            event.remove(desk.database.engine, "connect", bound)
            desk.database.engine.dispose()
            assert schema.check(desk.database) == []
            with round_of_work(desk) as work:  # there is room again
                pipeline.collect(desk, work)
            with reading(desk.database) as session:
                assert set(outcomes(session).values()) == {"stored"}
            assert not (tmp_path / "trouble.txt").exists()


def test_b05_a_file_that_may_not_grow_is_told_and_stays_whole(tmp_path: Path, lite: Database) -> None:
    """The kernel's own bound on a file's size, in a process of its own."""
    lite.close()
    code = (
        "import resource, signal, sys\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from monitor.store.database import open_database, writing\nfrom monitor.store.tables import MetaRow\n"
        "from monitor.errors import StoreFailed\n"
        "db = open_database(sys.argv[1])\nresource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
        "try:\n    with writing(db) as session:\n        session.add(MetaRow(name='big', value='x' * 5_000_000))\n"
        "except StoreFailed as error:\n    print(error)\n"
    )
    said, wrong = child(code, f"sqlite:///{lite.where}").communicate(timeout=60)
    assert "straitwatch.db: " in said, wrong
    assert schema.check(lite) == []
    with reading(lite) as session:
        assert session.get(MetaRow, "big") is None


def test_b05_b06_below_so_much_room_no_page_is_fetched(tmp_path: Path, lite: Database) -> None:
    with Webhook() as webhook, Site(TWO) as site:
        hook = f'[channels.hook]\nurl = "{webhook.url()}"\n'
        with desk_of(tmp_path, site, {"a": 2}, hook):
            pass
        settings = tmp_path / "straitwatch.toml"
        plain = settings.read_text("utf-8")
        settings.write_text("least_free_mb = 1_000_000\n" + plain, "utf-8")
        with open_desk(load_settings(settings)) as desk, round_of_work(desk) as work:
            pipeline.collect(desk, work)
        with reading(lite) as session:
            assert sorted(set(outcomes(session).values())) == ["pending", "stored"]  # the one of the fixture
            note = session.scalars(select(RoundRow.note).order_by(RoundRow.id.desc())).first()
        assert note is not None
        assert note.startswith("no page was fetched: ")
        assert "/one" not in [request.path for request in site.requests]
        assert len(webhook.posts) == 1


def test_b07_what_may_not_be_written_is_named_and_reading_goes_on(tmp_path: Path, lite: Database) -> None:
    lite.close()
    (tmp_path / "straitwatch.toml").write_text('packs = ["taiwan"]\n', "utf-8")
    file = tmp_path / "straitwatch.db"

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        with without_roots_rights() as lesser:
            done = subprocess.run(
                [*lesser, str(PROGRAM), *words, "--data", str(tmp_path)],
                cwd="/", capture_output=True, encoding="utf-8", check=False, timeout=60,
            )  # fmt: skip
        if done.returncode == NO_RIGHTS_TO_LOSE:
            pytest.skip("root may not lay down its rights here")
        return done

    try:
        for path, mode in ((file, 0o444), (tmp_path, 0o555)):
            before = path.stat().st_mode
            path.chmod(mode)
            done = run("run")
            assert (done.returncode, f"{path} may not be written" in done.stderr) == (1, True), done.stderr
            done = run("search", "pla")
            assert done.returncode == 0, done.stderr
            assert "Patrol" in done.stdout
            done = run("sql", "SELECT title FROM v_articles")
            assert "Patrol" in done.stdout, done.stderr
            path.chmod(before)
    finally:
        tmp_path.chmod(0o755)


@pytest.mark.parametrize("harm", ["a page of 0xff", "cut in half", "no header"])
def test_b08_a_damaged_file_is_found_before_anything_is_written(
    tmp_path: Path, lite: Database, harm: str
) -> None:
    backups.back_up(lite, tmp_path / "copy.db")
    with writing(lite) as session:
        session.add_all(MetaRow(name=f"n{number}", value="x" * 500) for number in range(300))
    lite.close()
    file = tmp_path / "straitwatch.db"
    whole = file.read_bytes()
    middle = len(whole) // 2 // PAGE_BYTES * PAGE_BYTES
    broken = {
        "a page of 0xff": whole[:middle] + b"\xff" * PAGE_BYTES + whole[middle + PAGE_BYTES :],
        "cut in half": whole[:middle],
        "no header": b"\0" * 100 + whole[100:],
    }[harm]
    file.write_bytes(broken)
    (tmp_path / "straitwatch.toml").write_text('packs = ["taiwan"]\n', "utf-8")
    done = straitwatch("run", "--data", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert "is damaged" in done.stderr
    assert "straitwatch db restore FILE" in done.stderr
    assert file.read_bytes() == broken
    done = straitwatch("db", "restore", "copy.db", "--data", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert schema.check(lite) == []


def test_b08_an_emptied_file_is_not_taken_for_a_new_database(tmp_path: Path, lite: Database) -> None:
    lite.close()
    file = tmp_path / "straitwatch.db"
    file.write_bytes(b"")
    (tmp_path / "straitwatch.toml").write_text('packs = ["taiwan"]\n', "utf-8")
    for words in (("run",), ("search", "pla"), ("db", "upgrade")):
        done = straitwatch(*words, "--data", str(tmp_path), cwd=tmp_path)
        assert done.returncode == 1, done.stdout
        assert "is empty, but held a database" in done.stderr
    assert file.read_bytes() == b""
    file.unlink()  # whoever takes it away wants a new one
    done = straitwatch("db", "upgrade", "--data", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_b08_damage_that_a_batch_meets_ends_the_round(tmp_path: Path, lite: Database) -> None:
    """Inside a savepoint, too, it is the database's fault and not the row's."""
    with writing(lite) as session:
        session.add_all(MetaRow(name=f"n{number:04}", value="x" * 500) for number in range(300))
    with lite.engine.connect() as connection:
        connection.execute(sql("PRAGMA wal_checkpoint(TRUNCATE)"))
        root = connection.scalar(sql("SELECT rootpage FROM sqlite_master WHERE name = 'meta'"))
    lite.close()
    raw = bytearray(Path(lite.where).read_bytes())
    raw[(root - 1) * PAGE_BYTES : root * PAGE_BYTES] = b"\xff" * PAGE_BYTES
    Path(lite.where).write_bytes(raw)
    with pytest.raises(StoreFailed, match="is damaged"), writing(lite) as session, savepoint(session):
        session.merge(MetaRow(name="n9999", value="x"))


def test_b08_a_large_file_is_looked_through_once_a_day_and_after_a_cut(
    lite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "SMALL", 0)

    def looked(hours: float) -> bool:
        return standing._looked_through(Path(lite.where), NOW + timedelta(hours=hours))

    assert not looked(1)
    assert looked(25)
    assert looked(-1)  # a clock that was set back
    with writing(lite) as session:
        session.add(RoundRow(started_at=NOW, state="running"))
    assert looked(1)


# ---------------------------------------------------------------------------------------- B09, B10


def test_b09_what_was_acknowledged_before_a_kill_is_there_once(db: Database) -> None:
    url = db.engine.url.render_as_string(hide_password=False)
    said: list[int] = []
    for moment in (1, 4, 9):
        writer = child(STORE, url, str(max(said, default=0) + 100))
        assert writer.stdout is not None
        said += [int(writer.stdout.readline()) for _ in range(moment)]
        writer.kill()
        rest, _ = writer.communicate()
        said += [int(line) for line in rest.splitlines() if line.strip()]
    with reading(db) as session:
        kept = [int(title.split()[1]) for title in session.scalars(select(ArticleRow.title))]
        alone = select(func.count()).select_from(ArticleRow).outerjoin(AlertRow).where(AlertRow.id.is_(None))
        assert session.scalar(alone) == 0
        assert session.scalar(select(func.count()).select_from(AlertRow)) == len(kept)
    assert set(said) <= set(kept)
    assert len(kept) == len(set(kept))
    assert schema.check(db) == []


def test_b10_sqlite_syncs_as_the_page_on_the_schema_says(db: Database) -> None:
    """A power cut cannot be had in a test; what is set and what is told of it can."""
    page = (Path(__file__).parents[1] / "docs" / "schema.md").read_text("utf-8")
    assert "after a power cut the last commits may be missing" in page
    if db.kind == "sqlite":
        with db.engine.connect() as connection:
            assert connection.scalar(sql("PRAGMA synchronous")) == 1
            assert connection.scalar(sql("PRAGMA journal_mode")) == "wal"


# ---------------------------------------------------------------------------------------- B19, B22


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("meta", {"name": "n" * 41, "value": "x"}),
        ("meta", {"name": "n", "value": "a\0b"}),
        ("rounds", {"id": 2**63, "started_at": NOW, "state": "done"}),
        ("rounds", {"id": -(2**63) - 1, "started_at": NOW, "state": "done"}),
        ("rounds", {"id": 1, "started_at": NOW, "state": "longer than eight"}),
        ("feeds", {"rhythm": [float("nan")]}),
        ("feeds", {"rhythm": [float("inf")]}),
        ("feeds", {"rhythm": ["a\0b"]}),
        ("rounds", {"id": 1, "started_at": NOW.replace(tzinfo=None), "state": "done"}),
    ],
)
def test_b19_what_one_database_would_refuse_both_refuse(
    db: Database, table: str, values: dict[str, object]
) -> None:
    row = {"meta": MetaRow, "rounds": RoundRow}.get(table)
    with writing(db) as session:
        change = update(FeedRow).values(**values) if row is None else insert(row).values(**values)
        with pytest.raises(RowRejected), savepoint(session):
            session.execute(change)
        session.add(MetaRow(name="n" * 40, value="mate"))
    with reading(db) as session:
        assert session.scalars(select(MetaRow.value)).all() == ["mate"]
        # what is only looked for need not fit
        assert session.scalars(select(SourceRow).where(SourceRow.id == "x" * 100)).all() == []
        assert session.scalars(select(EntryRow).where(EntryRow.id == 2**62)).all() == []


MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/export /home/desk nfs4 rw,vers=4.2 0 0
//nas/share /mnt/big\\040share cifs rw 0 0
tmpfs /home/desk/ram tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("/home/desk/data/straitwatch.db", "nfs4 at /home/desk"),
        ("/mnt/big share/straitwatch.db", "cifs at /mnt/big share"),
        ("/home/desk/ram/straitwatch.db", ""),
        ("/home/deskmate/straitwatch.db", ""),
        ("/srv/straitwatch.db", ""),
    ],
)
def test_b22_a_networks_disk_is_refused_by_name(file: str, kind: str) -> None:
    if not kind:
        places.refuse_network(Path(file), MOUNTS)
        return
    with pytest.raises(Mistake, match=f"{kind}.*SQLite needs a local one"):
        places.refuse_network(Path(file), MOUNTS)


def test_b22_a_synced_folder_is_advised_against(tmp_path: Path) -> None:
    assert "Dropbox" in places.advice(Path("/home/desk/Dropbox/watch/straitwatch.db"))
    assert places.advice(Path("/srv/watch/straitwatch.db")) == ""
    (tmp_path / "straitwatch.toml").write_text('packs = ["taiwan"]\ncontact = "desk@example.org"\n', "utf-8")
    data = tmp_path / "Nextcloud"
    done = straitwatch(
        "check", "--config", str(tmp_path / "straitwatch.toml"), "--data", str(data), cwd=tmp_path,
        STRAITWATCH_DATABASE__URL="",
    )  # fmt: skip
    assert "looks like a folder that is synced" in done.stdout, done.stderr
    assert not data.exists()


def test_two_programs_that_open_a_new_database_share_its_making(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'straitwatch.db'}"
    code = "import sys\nfrom monitor.model import utc_now\nfrom monitor.store import standing\nfrom monitor.store.database import open_database\nstanding.ready(open_database(sys.argv[1]), utc_now())\n"
    both = [child(code, url) for _ in range(2)]
    assert [(one.communicate(timeout=60)[1], one.returncode) for one in both] == [("", 0)] * 2
    with closing(sqlite3.connect(tmp_path / "straitwatch.db")) as made:
        assert made.execute("SELECT version_num FROM alembic_version").fetchall() == [(schema.HEAD,)]
