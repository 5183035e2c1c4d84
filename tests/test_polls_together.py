"""Polls that have answered meanwhile are written together, and one that fails harms no other."""

from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text

from monitor import pipeline
from monitor.desk import Desk, round_of_work
from monitor.parallel import over_hosts, together_over_hosts
from monitor.polling import ask
from monitor.store import feeds
from monitor.store.database import reading, writing
from monitor.store.tables import EntryRow, FeedRow, PollRow
from tests.site import Answer, Site
from tests.test_pipeline import desk_of, feed


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


def refuse_entries_named(desk: Desk, title: str) -> None:
    """Stands in for a fault of ours over one line: the database takes no entry of that title."""
    refusals = {
        "postgresql": f"ALTER TABLE entries ADD CONSTRAINT refused CHECK (title <> '{title}')",
        "sqlite": f"CREATE TRIGGER refused BEFORE INSERT ON entries WHEN new.title = '{title}'"
        " BEGIN SELECT RAISE(ABORT, 'refused'); END",
    }
    with writing(desk.database) as session:
        session.execute(text(refusals[desk.database.kind]))


def test_one_poll_that_cannot_be_written_leaves_the_others_of_its_batch(tmp_path: Path) -> None:
    routes = {f"/{name}/feed": feed(f"/{name}/1", titles={f"/{name}/1": f"Of {name}"}) for name in "abc"}
    with Site(routes) as site, desk_of(tmp_path, site, dict.fromkeys("abc", 2)) as desk:
        refuse_entries_named(desk, "Of b")
        with round_of_work(desk) as work:
            with reading(desk.database) as session:
                due = feeds.feeds_of(session, pipeline.due_feeds(desk))
            pipeline._keep(desk, work, [pipeline._Poll(each, ask(desk, each)) for each in due])
        with reading(desk.database) as session:
            assert set(session.scalars(select(EntryRow.title))) == {"Of a", "Of c"}
            answers = dict(session.execute(select(FeedRow.source, FeedRow.answer)).tuples().all())
            assert answers == {"a": "news", "b": "failed", "c": "news"}
            assert all("fault of ours" in (poll.why or "") for poll in session.scalars(select(PollRow).where(PollRow.answer == "failed")))  # fmt: skip


def test_two_feeds_of_a_batch_that_list_one_story_make_one_entry_of_it(tmp_path: Path) -> None:
    routes = {f"/{name}/feed": feed("/story") for name in "ab"}
    with Site(routes) as site, desk_of(tmp_path, site, {"a": 2, "b": 2}) as desk:
        with round_of_work(desk) as work:
            with reading(desk.database) as session:
                due = feeds.feeds_of(session, pipeline.due_feeds(desk))
            pipeline._keep(desk, work, [pipeline._Poll(each, ask(desk, each)) for each in due])
        with reading(desk.database) as session:
            assert [row.source for row in session.scalars(select(EntryRow))] == ["a"]
            assert session.scalars(select(PollRow.new).order_by(PollRow.id)).all() == [1, 0]


def test_a_feed_asked_twice_in_a_batch_keeps_one_poll_and_its_news(tmp_path: Path) -> None:
    with Site({"/a/feed": feed("/story", ETag='"1"')}) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        with round_of_work(desk) as work:
            with reading(desk.database) as session:
                (due,) = feeds.feeds_of(session, pipeline.due_feeds(desk))
            first = ask(desk, due)
            site.routes["/a/feed"] = Answer(500)
            pipeline._keep(desk, work, [pipeline._Poll(due, first), pipeline._Poll(due, ask(desk, due))])
        with reading(desk.database) as session:
            (poll,) = session.scalars(select(PollRow))
            assert (poll.answer, poll.found, poll.new) == ("failed", 1, 1)
            assert session.scalars(select(FeedRow.failures)).all() == [1]


@pytest.mark.parametrize(("most", "sizes"), [(50, {1, 2, 3, 4}), (2, {1, 2}), (1, {1})])
def test_what_has_arrived_meanwhile_comes_together_and_nothing_is_waited_for(
    most: int, sizes: set[int]
) -> None:
    reached, goes_on = Event(), Event()

    def work(item: int) -> int:
        if item == 5:  # the four before it have been handed over
            reached.set()
            goes_on.wait(30)
        return item * 10

    batches = []
    for batch in together_over_hosts(range(1, 6), lambda _: "host", work, 8, Event(), most):
        batches.append(batch)
        assert reached.wait(30)
        if sum(map(len, batches)) == 4:
            goes_on.set()
    assert [pair for batch in batches for pair in batch] == [(n, n * 10) for n in range(1, 6)]
    assert {len(batch) for batch in batches} <= sizes
    assert len(batches) <= {50: 3, 2: 4, 1: 5}[most]


def test_a_fault_in_the_work_is_raised_after_what_was_done_before_it() -> None:
    def work(item: int) -> int:
        return 6 // item

    arriving = over_hosts([2, 1, 0, 3], lambda _: "host", work, 8, Event())
    assert [next(arriving), next(arriving)] == [(2, 3), (1, 6)]
    with pytest.raises(ZeroDivisionError):
        next(arriving)


def test_a_round_without_news_never_walks_the_archive(tmp_path: Path) -> None:
    """SQLite's plans of its statements over an archive of some size: each finds its rows by an index."""
    with Site({"/a/feed": feed("/story")}) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        if desk.database.kind != "sqlite":
            pytest.skip("PostgreSQL chooses by what it counted of the empty values, too")
        with round_of_work(desk) as work:
            pipeline.poll(desk, work, pipeline.due_feeds(desk))
        archive(desk, 3_000)
        asked: list[tuple[str, Any]] = []

        def note(_: Any, __: Any, statement: str, given: Any, ___: Any, many: bool) -> None:
            asked.append((statement, given[0] if many else given))

        event.listen(desk.database.engine, "before_cursor_execute", note)
        with round_of_work(desk) as work:
            pipeline.collect(desk, work, every_feed=True)
        event.remove(desk.database.engine, "before_cursor_execute", note)
        with desk.database.engine.connect() as connection:
            plans = [
                (statement, step[3])
                for statement, given in asked
                if statement.startswith(("SELECT", "UPDATE", "DELETE"))
                for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
            ]
        assert plans
        assert [plan for plan in plans if plan[1].startswith(("SCAN entries", "SCAN articles"))] == []


def archive(desk: Desk, size: int) -> None:
    """Answered entries beside the one there is, and what SQLite knows of its tables."""
    with writing(desk.database) as session:
        first = session.scalars(select(EntryRow)).one()
        first.outcome, first.next_try = "off-topic", None
        columns = {"source": first.source, "feed": first.feed, "first_seen": first.first_seen}
        rows = [
            {"url_key": f"{number:032}", "url": f"http://127.0.0.1/{number}", "address": f"http://127.0.0.1/{number}",
             "outcome": "off-topic", **columns}
            for number in range(size)
        ]  # fmt: skip
        session.execute(insert(EntryRow), rows)
        session.execute(text("ANALYZE"))
