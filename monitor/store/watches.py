"""Articles whose page is asked for again, until the last of its times; and what came of it.

What is owed is a row of `watches`, written with its article in one transaction and gone when nothing is owed any more,
so that what is due is found among what is owed and not among the archive.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from monitor.store import entries
from monitor.store.entries import Owed
from monitor.store.tables import ArticleRow, EntryRow, PageRow, RereadingRow, WatchRow
from monitor.store.types import among

UNCHANGED, EDITED, KEPT = "unchanged", "edited", "kept"
WITHDRAWN, BACK, REFUSED, NO_ANSWER = "withdrawn", "back", "refused", "no answer"


@dataclass(frozen=True, slots=True)
class Watched:
    """An article whose page is to be asked for again, with what its last good page said of itself."""

    article: int
    entry: Owed  # its tries are those of this re-reading, and first seen when the first of them failed
    first_seen: datetime
    first_poll: bool
    cleaner: int
    page: int | None  # that its text came from, where that is kept
    sha256: str  # of its body
    etag: str
    last_modified: str

    @property
    def address(self) -> str:
        """What is asked for."""
        return self.entry.address


def begin(session: Session, article: int, due: datetime) -> None:
    """Owe an article its first re-reading."""
    session.add(WatchRow(article=article, due=due, tries=0, failing_since=None, why=""))


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """Articles whose page is to be asked for now, the longest due first."""
    asked = select(WatchRow.article).where(WatchRow.due <= now).order_by(WatchRow.due, WatchRow.article)
    return list(session.scalars(asked.limit(limit)))


def watched(session: Session, ids: Sequence[int], now: datetime) -> list[Watched]:
    """The watches of these articles, in order of article."""
    rows = session.execute(
        select(WatchRow, ArticleRow, EntryRow.first_poll, PageRow.sha256, PageRow.headers)
        .join(ArticleRow, ArticleRow.id == WatchRow.article)
        .join(EntryRow, EntryRow.id == ArticleRow.entry)
        .outerjoin(PageRow, PageRow.id == ArticleRow.page)
        .where(among(session, WatchRow.article, ids))
        .order_by(WatchRow.article)
    ).all()
    owed = {each.id: each for each in entries.owed(session, [article.entry for _, article, *_ in rows])}
    return [
        Watched(
            article.id,
            replace(owed[article.entry], tries=watch.tries, first_seen=watch.failing_since or now),
            article.first_seen, first_poll, article.cleaner, article.page, sha256 or "",
            (headers or {}).get("etag", ""), (headers or {}).get("last-modified", ""),
        )
        for watch, article, first_poll, sha256, headers in rows
    ]  # fmt: skip


def answered(
    session: Session, article: int, answer: str, why: str, *, now: datetime, next_due: datetime | None
) -> None:
    """Keep what came of a re-reading, and owe the next one; None = it was the last."""
    session.add(RereadingRow(article=article, at=now, answer=answer, why=why))
    if next_due is None:
        forget(session, article)
        return
    again = update(WatchRow).where(WatchRow.article == article)
    session.execute(again.values(due=next_due, tries=0, failing_since=None, why=""))


def put_off(session: Session, watch: Watched, why: str, *, now: datetime, next_try: datetime) -> None:
    """No answer came: asked again a little later."""
    since = watch.entry.first_seen if watch.entry.tries else now
    again = update(WatchRow).where(WatchRow.article == watch.article)
    session.execute(again.values(due=next_try, tries=watch.entry.tries + 1, failing_since=since, why=why))


def forget(session: Session, article: int) -> None:
    """Owe an article no re-reading any more."""
    session.execute(delete(WatchRow).where(WatchRow.article == article))
