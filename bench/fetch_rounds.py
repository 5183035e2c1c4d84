"""Rounds without news: what they cost, and whether an archive makes them dearer."""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update

from bench.fetch_site import LINES, Site, site
from bench.say import Say
from monitor import pipeline, urls
from monitor.config import load_settings
from monitor.desk import Desk, open_desk, round_of_work
from monitor.store.database import reading, writing
from monitor.store.tables import ArticleRow, EntryRow, FeedRow, PollRow

_SOURCE = """
[[source]]
id = "s{number}"
name = "Harbour {number}"
home = "http://127.0.0.1/"
side = "us"
kind = "press"
tier = 3
feeds = ["{feed}"]
"""
_SETTINGS = 'data = "."\n[fetch]\ngap_seconds = 0\nworkers = {workers}\nallow_private = ["127.0.0.1"]\n'
_BATCH = 20_000  # articles of the archive in one transaction
_ABOVE = 10_000_000  # numbers of its entries
_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def unchanged(feeds: int, rounds: int, hosts: int, workers: int, database: str, say: Say) -> None:
    """CPU of a whole round in which every feed answers 304, after one that read them all."""
    with _desk(feeds, hosts, workers, database, "feed") as desk:
        say(
            f"unchanged: {feeds} feeds on {hosts} hosts, all 304, {workers} threads, {desk.database.kind}; CPU of the round"
        )
        spent = [_round(desk) for _ in range(rounds)]
        with reading(desk.database) as session:
            asked = select(func.count()).select_from(PollRow).where(PollRow.answer == "unchanged")
            assert session.scalar(asked) == feeds * rounds
    for seconds, cpu in spent:
        say(f"  {cpu:6.2f} s CPU, {seconds:6.2f} s in all", measure="unchanged", cpu=cpu, seconds=seconds)
    middle = statistics.median(cpu for _, cpu in spent)
    say(
        f"  median {middle:.2f} s CPU, {1000 * middle / feeds:.2f} ms a feed",
        measure="unchanged median",
        cpu=middle,
    )


def archive(sizes: list[int], feeds: int, rounds: int, workers: int, database: str, say: Say) -> None:
    """CPU of rounds without news beside an archive that grows, for feeds that say 304 and for feeds that do not."""
    say(f"archive: {feeds} feeds of {LINES} lines, nothing new; median CPU of {rounds} rounds")
    first: dict[str, float] = {}
    for kind, words in (("feed", "answer 304"), ("moved", "send the same lines in another body")):
        with _desk(feeds, 50, workers, database, kind) as desk:
            for size in sizes:
                _fill(desk, size)
                _round(desk)
                cpu = statistics.median(_round(desk)[1] for _ in range(rounds))
                first.setdefault(kind, cpu)
                say(
                    f"  {words:38} {size:10,} articles {cpu:6.3f} s CPU, {cpu / first[kind]:.2f} of the first",
                    measure="archive", answers=kind, articles=size, cpu=cpu, ratio=cpu / first[kind],
                    database=desk.database.kind,
                )  # fmt: skip


def _round(desk: Desk) -> tuple[float, float]:
    """One round of all feeds: seconds in all and CPU seconds of this process, its threads included."""
    started, cpu = time.perf_counter(), time.process_time()
    with round_of_work(desk) as work:
        pipeline.collect(desk, work, every_feed=True)
    assert not work.outside.down
    return time.perf_counter() - started, time.process_time() - cpu


@contextmanager
def _desk(feeds: int, hosts: int, workers: int, database: str, path: str) -> Iterator[Desk]:
    """A desk whose feeds have been read once and owe nothing."""
    with tempfile.TemporaryDirectory() as made, site(min(hosts, feeds), 1) as up:
        folder = Path(made)
        _write(folder, feeds, workers, up, path)
        if database:
            os.environ["STRAITWATCH_DATABASE__URL"] = database
        with open_desk(load_settings(folder / "straitwatch.toml")) as desk:
            with round_of_work(desk) as work:
                pipeline.poll(desk, work, pipeline.due_feeds(desk, every_feed=True))
            with writing(desk.database) as session:  # reading their pages is not what is measured
                session.execute(update(EntryRow).values(outcome="off-topic", next_try=None))
            yield desk


def _write(folder: Path, feeds: int, workers: int, up: Site, path: str) -> None:
    (folder / "sources").mkdir()
    sources = "".join(
        _SOURCE.format(number=number, feed=up.url(f"/{path}/{number}", number)) for number in range(feeds)
    )
    (folder / "sources" / "all.toml").write_text(sources, "utf-8")
    (folder / "straitwatch.toml").write_text(_SETTINGS.format(workers=workers), "utf-8")


def _fill(desk: Desk, size: int) -> None:
    """Archived articles up to so many, each with its entry, as rows written in bulk."""
    with reading(desk.database) as session:
        there = session.scalar(select(func.count()).select_from(ArticleRow)) or 0
        feeds = session.execute(select(FeedRow.id, FeedRow.source)).tuples().all()
    for start in range(there, size, _BATCH):
        numbers = range(start, min(start + _BATCH, size))
        with writing(desk.database) as session:
            session.execute(
                insert(EntryRow), [_entry(number, *feeds[number % len(feeds)]) for number in numbers]
            )
            session.execute(
                insert(ArticleRow), [_article(number, feeds[number % len(feeds)][1]) for number in numbers]
            )
    with desk.database.engine.connect() as connection:  # as both databases do by themselves, sooner or later
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


def _common(number: int, source: str) -> dict[str, Any]:
    url = f"http://127.0.0.1/archive/{number}.html"
    return {
        "url": url, "url_key": urls.key(url), "source": source, "title": f"Story {number}",
        "published": _DAY + timedelta(seconds=number), "published_quality": "feed", "published_printed": "",
        "first_seen": _DAY + timedelta(seconds=number),
    }  # fmt: skip


def _entry(number: int, feed: int, source: str) -> dict[str, Any]:
    return _common(number, source) | {
        "id": _ABOVE + number, "address": f"http://127.0.0.1/archive/{number}.html", "feed": feed,
        "outcome": "stored", "listing_hash": "0" * 64, "summary": "A summary of some words. " * 4,
    }  # fmt: skip


def _article(number: int, source: str) -> dict[str, Any]:
    nothing = {name: [] for name in ("authors", "blocks", "labels", "removed", "rules")}
    return _common(number, source) | nothing | {
        "entry": _ABOVE + number, "section": "", "language": "en", "indexed_at": _DAY + timedelta(seconds=number),
        "text": "Nothing of this is news any more. " * 12, "words": 84, "wire": "", "kind": "article",
        "provenance": {}, "cleaner": 1, "text_hash": f"{number:064x}", "tier": "relevant", "points": 5,
    }  # fmt: skip
