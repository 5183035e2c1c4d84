"""A small archive of invented articles, stored as `settle` stores them, for tests that ask questions."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from monitor import dedup, urls
from monitor.model import (
    Article,
    Block,
    BlockKind,
    DateQuality,
    Judgement,
    Link,
    Listed,
    Mention,
    Outcome,
    Tier,
)
from monitor.sources import Kind, Side, Source
from monitor.store import entries, feeds
from monitor.store.articles import Settled
from monitor.store.batch import Batch
from monitor.store.database import Database, Session, writing
from monitor.store.entries import Found
from monitor.store.tables import EntryRow, FeedRow

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SOURCES = {
    source.id: source
    for source in (
        Source(id="fleet", name="Fleet Notices", home="http://fleet.example/", side=Side.US, kind=Kind.OFFICIAL,
               tier=1, feeds=("http://fleet.example/feed",)),
        Source(id="junwang", name="军情观察网", home="http://junwang.example/", language="zh-Hans", side=Side.PRC,
               kind=Kind.STATE_MEDIA, tier=2, feeds=("http://junwang.example/feed",)),
        Source(id="ledger", name="Harbor Ledger", home="http://ledger.example/", side=Side.OTHER,
               kind=Kind.PRESS, tier=4, feeds=("http://ledger.example/feed",)),
    )
}  # fmt: skip


def article(path: str, title: str, *lines: str, source: str = "ledger", **more: object) -> Article:
    """An article of a source; its text is the lines."""
    facts: dict[str, object] = {
        "language": SOURCES[source].language, "published": NOW - timedelta(hours=2),
        "published_quality": DateQuality.PAGE, **more,
    }  # fmt: skip
    return Article(
        url=urls.canonical(f"{SOURCES[source].home}{path}"),
        title=title,
        blocks=tuple(Block(BlockKind.PARAGRAPH, line) for line in lines),
        words=sum(len(line.split()) for line in lines),
        **facts,  # type: ignore[arg-type]
    )


def store(
    db: Database, made: Article, *, source: str = "ledger", copies_of: int | None = None,
    tier: Tier = Tier.CORE, points: int = 9, mentions: tuple[Mention, ...] = (), now: datetime = NOW,
) -> int:  # fmt: skip
    """Store an article of a source; returns its number."""
    with writing(db) as session:
        return store_in(
            session,
            made,
            source=source,
            copies_of=copies_of,
            tier=tier,
            points=points,
            mentions=mentions,
            now=now,
        )


def store_in(
    session: Session, made: Article, *, source: str = "ledger", copies_of: int | None = None,
    tier: Tier = Tier.CORE, points: int = 9, mentions: tuple[Mention, ...] = (), now: datetime = NOW,
) -> int:  # fmt: skip
    """Store an article of a source in a transaction; returns its number."""
    feeds.keep_sources(session, SOURCES.values(), NOW)
    feed = session.scalars(select(FeedRow.id).where(FeedRow.source == source)).one()
    found = Found(made.url, urls.key(made.url), Listed(made.url, made.title))
    entries.add_found(session, [found], source=source, feed=feed, first_poll=False, now=now)
    entry = session.scalars(select(EntryRow.id).where(EntryRow.url_key == found.url_key)).one()
    settled = Settled(
        entry=entry, page=None, cleaner=1, source=source, first_seen=now, article=made,
        judgement=Judgement(tier, points, ("direct",), mentions),
        text_hash=dedup.text_hash(made.title, made.text), fingerprint=dedup.fingerprint(made.text),
    )  # fmt: skip
    batch = Batch(session, [settled], now)
    number = batch.add(settled, copies_of=copies_of, now=now)
    batch.decide(entry, Outcome.STORED, "", round_id=1, now=NOW)
    batch.write()
    return number


__all__ = ["NOW", "SOURCES", "Link", "article", "store", "store_in"]
