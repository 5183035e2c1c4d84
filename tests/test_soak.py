"""Rounds over papers that go wrong in every way: nothing is lost, the ledger adds up, memory stays flat.

A thousand rounds by `make soak`, some tens of them with every other test.
"""

import gc
import multiprocessing
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event as Begun
from pathlib import Path

import psutil
import pytest
from sqlalchemy import func, select

from monitor import pipeline
from monitor.config import load_settings
from monitor.demo.receivers import Webhook
from monitor.desk import Desk, open_desk, round_of_work
from monitor.model import Outcome, utc_now
from monitor.query.health import weeks_told
from monitor.store.database import Database, open_database, reading, writing
from monitor.store.tables import AlertRow, ArticleRow, DraftRow, EntryRow, FeedRow, LeaseRow, RoundRow
from tests.conftest import MakeUrl
from tests.soak import Papers, newsroom

REOPEN = (
    100  # rounds by one desk; SQLAlchemy keeps what it compiled for each database that was opened, to a bound
)
REST = 10  # rounds after which hosts that failed have rested
WARM = 100  # rounds until caches, pools and the heap have their size
forks = multiprocessing.get_context("forkserver")


@dataclass
class Seen:
    """What the campaign went through."""

    rounds: int = 0
    killed: int = 0
    offline: int = 0
    clock_steps: int = 0
    seconds: float = 0
    memory: list[int] = field(default_factory=list)  # bytes, after the rounds
    files: list[int] = field(default_factory=list)


def one_round(folder: Path, begun: Begun) -> None:
    """A round in a process of its own, to be killed."""
    with open_desk(load_settings(folder / "straitwatch.toml")) as desk:
        begun.set()
        with round_of_work(desk) as work:
            pipeline.collect(desk, work, every_feed=True)


def killed_round(folder: Path, chance: random.Random) -> bool:
    """Whether a round could be killed before its end."""
    begun = forks.Event()
    child: ForkServerProcess = forks.Process(target=one_round, args=(folder, begun))
    child.start()
    assert begun.wait(60)
    child.join(chance.random() * 0.4)
    running = child.is_alive()
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(child.pid)
        child.kill()
        process.wait(10)  # its files close a moment before it is gone
    child.join()
    child.close()
    return running


def step_the_clock(database: Database, by: timedelta) -> None:
    """The clock steps, forwards or back: all that waits for a time, and every trace of one, lies elsewhere."""
    with writing(database) as session:
        for feed in session.scalars(select(FeedRow)):
            for name in ("next_poll", "polled_at", "answered_at", "whole_at", "fresh_at", "changed_at"):
                if getattr(feed, name) is not None:
                    setattr(feed, name, getattr(feed, name) - by)
        for entry in session.scalars(select(EntryRow).where(EntryRow.next_try.is_not(None))):
            entry.next_try = entry.next_try - by if entry.next_try else None
        for alert in session.scalars(select(AlertRow).where(AlertRow.next_try.is_not(None))):
            alert.next_try = alert.next_try - by if alert.next_try else None
        for lease in session.scalars(select(LeaseRow)):
            lease.expires_at -= by


def campaign(folder: Path, papers: Papers, rounds: int, chance: random.Random, trouble: float) -> Seen:
    """So many rounds, each with what chance brings; trouble is the share of them that are killed."""
    seen = Seen()
    begun = time.monotonic()
    while seen.rounds < rounds:
        with open_desk(load_settings(folder / "straitwatch.toml")) as desk:
            for _ in range(min(REOPEN, rounds - seen.rounds)):
                papers.publish(0.12)
                if seen.rounds % REST == 0:
                    desk.fetcher.forgive()
                dead = chance.random() < trouble / 2 or seen.rounds % 40 == 20
                papers.let(dead=dead)
                if chance.random() < 0.1:
                    seen.clock_steps += 1
                    step_the_clock(desk.database, timedelta(hours=chance.uniform(-6, 30)))
                if chance.random() < trouble:
                    seen.killed += killed_round(folder, chance)
                seen.offline += one(desk, every_feed=dead or chance.random() < 0.7) == "offline"
                seen.rounds += 1
                if seen.rounds % WARM == 0:
                    _measure(seen)
    seen.seconds = time.monotonic() - begun
    return seen


def _measure(seen: Seen) -> None:
    gc.collect()
    us = psutil.Process()
    seen.memory.append(us.memory_info().rss)
    seen.files.append(us.num_fds())


def one(desk: Desk, *, every_feed: bool) -> str:
    with round_of_work(desk) as work:
        pipeline.collect(desk, work, every_feed=every_feed)
    with reading(desk.database) as session:
        return session.get_one(RoundRow, work.id).state


def come_to_rest(folder: Path, papers: Papers) -> None:
    """Nothing goes wrong any longer; rounds until nothing is owed."""
    papers.let(calm=True)
    for _ in range(20):
        with open_desk(load_settings(folder / "straitwatch.toml")) as desk:
            step_the_clock(desk.database, timedelta(days=2))
            one(desk, every_feed=True)
            with reading(desk.database) as session:
                waiting = session.scalars(select(EntryRow).where(EntryRow.next_try.is_not(None))).all()
                owed = session.scalars(select(AlertRow).where(AlertRow.state == "owed")).all()
                if not waiting and not owed:
                    return
    pytest.fail(f"still waiting: {[(row.url, row.why) for row in waiting][:5]}, {len(owed)} alerts")


def audit(database: Database, papers: Papers, told: list[str], seen: Seen) -> str:
    """Everything that must hold at the end; returns the figures in a sentence."""
    with reading(database) as session:
        counted = select(EntryRow.outcome, func.count()).group_by(EntryRow.outcome)
        outcomes = dict(session.execute(counted).tuples().all())
        assert Outcome.PENDING.value not in outcomes
        assert session.scalars(select(DraftRow.entry)).all() == []
        by_path = {row.url.partition("example")[2]: row for row in session.scalars(select(EntryRow))}
        texts = session.scalars(select(ArticleRow.text)).all()
        for story in papers.stories:
            stored = sum(f"file {story.code}" in text for text in texts)
            entry = by_path.get(story.path)
            assert entry is not None, f"{story.code} was never found"
            assert stored == (1 if story.on_topic else 0), (story.code, stored, entry.outcome, entry.why)
        lines = weeks_told(session, utc_now(), 4)
        assert [line for line in lines if not line.adds_up] == []
        found = sum(line.found for line in lines)
        assert found == sum(outcomes.values())
        alerts = {row.token: row.state for row in session.scalars(select(AlertRow))}
    assert set(alerts.values()) <= {"sent"}
    assert set(told) == set(alerts)
    assert len(told) - len(alerts) <= seen.killed  # A10: at most one double per kill
    return (
        f"{seen.rounds} rounds in {seen.seconds:.0f} s, {seen.killed} killed, {seen.offline} offline,"
        f" {seen.clock_steps} clock steps, faults {papers.suffered}; {len(papers.stories)} stories, {found} addresses"
        f" found = {outcomes}; {len(alerts)} alerts, {len(told) - len(alerts)} doubled; memory"
        f" {[size // 1_000_000 for size in seen.memory]} MB, files {seen.files}"
    )


def soak(folder: Path, url: str, rounds: int, *, seed: int, trouble: float) -> tuple[Seen, str]:
    forks.set_forkserver_preload(["monitor.pipeline", "tests.test_soak"])
    chance = random.Random(seed)
    with Webhook() as webhook, newsroom(folder, url, webhook.url(), seed) as papers:
        seen = campaign(folder, papers, rounds, chance, trouble)
        come_to_rest(folder, papers)
        database = open_database(url)
        told = [str(body["alert"]) for _, body in webhook.posts]
        words = audit(database, papers, told, seen)
        database.close()
    return seen, words


@pytest.mark.timeout(300)
def test_whatever_goes_wrong_for_some_rounds_nothing_is_lost(tmp_path: Path, database_url: str) -> None:
    seen, _ = soak(tmp_path, database_url, 40, seed=11, trouble=0.15)
    assert seen.killed
    assert seen.offline


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_s17_a_thousand_rounds_lose_nothing_and_stay_flat(
    tmp_path: Path, make_url: MakeUrl, capsys: pytest.CaptureFixture[str]
) -> None:
    seen, words = soak(tmp_path, make_url("sqlite"), 1000, seed=29, trouble=0.05)
    with capsys.disabled():
        print(f"\n{words}")  # noqa: T201  a campaign tells what it went through
    assert seen.memory[-1] - seen.memory[0] < 40_000_000
    assert max(seen.files) - min(seen.files) <= 20
