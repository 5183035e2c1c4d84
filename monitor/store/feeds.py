"""Sources and feeds: what the settings name, what is due, what a poll brought."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor import urls
from monitor.health import Memory
from monitor.model import FeedKind
from monitor.sources import Source
from monitor.store import health
from monitor.store.tables import FeedRow, PollRow, SourceRow


@dataclass(frozen=True, slots=True)
class Feed:
    """One address that is polled, with its state."""

    id: int
    source: str
    url: str
    kind: FeedKind
    etag: str
    last_modified: str
    body_hash: str
    failures: int
    polls: int  # good answers so far
    brought_at: datetime | None
    answered_at: datetime | None = None  # when it last answered well
    whole_at: datetime | None = None  # when it last answered in full
    wish: int | None = None  # seconds between two polls that it last asked for
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll brought. `keep` is (ETag, Last-Modified, body hash) of a whole answer, None to keep none."""

    feed: int
    round: int
    answer: Literal["news", "unchanged", "failed", "refused"]
    next_poll: datetime
    found: int = 0
    new: int = 0
    why: str = ""
    keep: tuple[str, str, str] | None = None
    whole: bool = False  # it answered in full, not with 304
    wish: int | None = None
    memory: Memory | None = None  # with this listing in it; None = it brought none


def keep_sources(session: Session, sources: Iterable[Source], now: datetime) -> None:
    """Make the rows agree with the settings: new feeds are due at once, dropped ones rest."""
    known = {row.id: row for row in session.scalars(select(SourceRow))}
    feeds = {row.url: row for row in session.scalars(select(FeedRow))}
    wanted: set[str] = set()
    for source in sources:
        row = known.get(source.id) or SourceRow(id=source.id)
        row.name, row.home, row.language, row.zone = source.name, source.home, source.language, source.zone
        row.side, row.kind, row.tier, row.seen_at = source.side.value, source.kind.value, source.tier, now
        row.keep = source.keep
        session.add(row)
        session.flush()  # its feeds refer to it
        for kind, url in source.listings():
            wanted.add(url)
            if url not in feeds:
                feeds[url] = FeedRow(url=url, next_poll=now)
                session.add(feeds[url])
            feed = feeds[url]
            feed.source, feed.kind, feed.active = source.id, kind.value, True
    for url, feed in feeds.items():
        if url not in wanted:
            feed.active = False


def due_feeds(session: Session, now: datetime, *, all_of_them: bool = False) -> list[int]:
    """Numbers of the feeds to be asked now, longest due first."""
    asked = select(FeedRow.id).where(FeedRow.active).order_by(FeedRow.next_poll, FeedRow.id)
    return list(session.scalars(asked if all_of_them else asked.where(FeedRow.next_poll <= now)))


def next_due(session: Session) -> datetime | None:
    """When the next feed is due."""
    return session.scalar(select(func.min(FeedRow.next_poll)).where(FeedRow.active))


def feeds_of(session: Session, ids: Sequence[int]) -> list[Feed]:
    """The feeds of these numbers, in their order."""
    rows = {row.id: row for row in session.scalars(select(FeedRow).where(FeedRow.id.in_(ids)))}
    return [_feed(rows[number]) for number in ids if number in rows]


def witnesses(session: Session, doubted: set[str], limit: int, *, all_hosts: bool) -> list[Feed]:
    """Feeds that answered well last time, one for each host, the latest first.

    Those of doubted hosts come last, or not at all where their feeds are what is doubted.
    """
    found: dict[str, Feed] = {}
    fallback: dict[str, Feed] = {}
    asked = (
        select(FeedRow)
        .where(FeedRow.active, FeedRow.failures == 0, FeedRow.polls > 0)
        .order_by(FeedRow.answered_at.desc(), FeedRow.id)
    )
    for row in session.scalars(asked):
        host = urls.host(row.url)
        (fallback if host in doubted else found).setdefault(host, _feed(row))
    return [*found.values(), *(fallback.values() if all_hosts else ())][:limit]


def _feed(row: FeedRow) -> Feed:
    return Feed(
        id=row.id, source=row.source, url=row.url, kind=FeedKind(row.kind), etag=row.etag,
        last_modified=row.last_modified, body_hash=row.body_hash, failures=row.failures,
        polls=row.polls, brought_at=row.brought_at, answered_at=row.answered_at, whole_at=row.whole_at,
        wish=row.wish, memory=health.memory_of(row),
    )  # fmt: skip


def answered(session: Session, polls: Sequence[Polled], *, now: datetime) -> None:
    """Write what polls of one round brought onto their feeds, and keep them, one row per feed and round."""
    ids = [poll.feed for poll in polls]
    rows = {row.id: row for row in session.scalars(select(FeedRow).where(FeedRow.id.in_(ids)))}
    earlier = select(PollRow).where(PollRow.round.in_({poll.round for poll in polls}), PollRow.feed.in_(ids))
    kept = {(row.round, row.feed): row for row in session.scalars(earlier)}
    for poll in polls:
        _onto_feed(rows[poll.feed], poll, now)
        row = kept.get((poll.round, poll.feed))
        if row is None:
            row = kept[poll.round, poll.feed] = PollRow(
                round=poll.round, feed=poll.feed, answer="", found=0, new=0
            )
            session.add(row)
        row.at, row.found, row.new = now, max(row.found, poll.found), row.new + poll.new
        if (row.answer, poll.answer) != (
            "news",
            "unchanged",
        ):  # asked twice in a round: the news is what counts
            row.answer, row.why = poll.answer, poll.why


def _onto_feed(row: FeedRow, poll: Polled, now: datetime) -> None:
    row.polled_at, row.next_poll, row.answer = now, poll.next_poll, poll.answer
    if poll.answer in ("news", "unchanged"):
        row.answered_at, row.failures, row.problem, row.polls = now, 0, "", row.polls + 1
        row.failing_since, row.wish = None, poll.wish
    else:
        row.failing_since = row.failing_since or now
        row.failures, row.problem = row.failures + 1, poll.why
    if poll.whole:
        row.whole_at = now
    if poll.keep is not None:
        row.etag, row.last_modified, row.body_hash = poll.keep
    if poll.memory is not None:
        health.remember(row, poll.memory)
    if poll.new:
        row.brought_at = now
