"""Entries and their drafts: what is owed, what was answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from monitor.model import Article, Listed, Outcome
from monitor.store import convert
from monitor.store.tables import ArticleRow, DraftRow, EntryRow
from monitor.store.types import among, write_rows

# When their line in the listing changes. An address that is gone may come back: a site's fault can look like it.
READ_AGAIN = (Outcome.STORED, Outcome.COPY, Outcome.OFF_TOPIC, Outcome.UNREADABLE, Outcome.GONE)

CRASHES = 3  # faults of ours over one entry before it no longer holds anything up


@dataclass(frozen=True, slots=True)
class Found:
    """A listed line under its canonical URL, ready to become an entry."""

    url: str  # canonical
    url_key: str
    listed: Listed
    refused: str = ""  # why its page is never asked for

    @property
    def listing_hash(self) -> str:
        """Changes when the line says something new; a mere new date is not news."""
        line = "\x1f".join((self.listed.title, self.listed.summary, self.listed.updated, self.listed.text))
        return sha256(line.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Owed:
    """An entry whose page is to be asked for."""

    id: int
    address: str
    url: str  # canonical
    source: str
    listed: Listed
    outcome: Outcome  # PENDING, or what it was before its line changed
    tries: int
    crashes: int  # faults of ours in a row
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """What an article was made from."""

    page: int | None  # where it is kept
    cleaner: int
    listed: Listed  # as its line is now


@dataclass(frozen=True, slots=True)
class Draft:
    """A read page that waits to be settled, with what is known of its entry."""

    entry: int
    page: int | None
    cleaner: int
    article: dict[str, Any]  # as convert.article_from_json reads it; only then may it fail, alone
    url: str
    source: str
    first_seen: datetime
    first_poll: bool
    crashes: int
    backfill: bool = False  # no listing of a round showed it: it is never news
    stored: Made | None = None  # the article that its entry is already


def add_found(
    session: Session, found: Iterable[Found], *, source: str, feed: int, first_poll: bool, now: datetime,
    round_id: int | None = None,
) -> int:  # fmt: skip
    """Make entries of lines never seen before; owe a new reading where a stored line changed.

    round_id: that answers what is refused unread.

    Returns:
        How many were new.
    """
    lines = {line.url_key: line for line in found}
    known = _by_key(session, list(lines))
    stored = _article_keys(session, list(lines))
    new: list[dict[str, Any]] = []
    taken_over = 0
    for key, line in lines.items():
        row = known.get(key)
        if row is not None and row.feed is None and row.outcome == Outcome.PENDING:
            row.feed, row.first_poll, row.next_try = feed, first_poll, now  # a backfill has not read it: news
            taken_over += 1
        elif row is not None:
            _notice_change(row, line, feed, now)
        elif key not in stored:  # the page of an older entry names this URL as its own
            new.append(values(line, source, feed, now, first_poll=first_poll, round_id=round_id))
    insert_all(session, new)
    return len(new) + taken_over


def insert_all(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows that `values` made, all with one statement."""
    session.flush()
    write_rows(session, EntryRow, rows)


def _article_keys(session: Session, keys: Sequence[str]) -> set[str]:
    return set(session.scalars(select(ArticleRow.url_key).where(among(session, ArticleRow.url_key, keys))))


def _by_key(session: Session, keys: Sequence[str]) -> dict[str, EntryRow]:
    rows = session.scalars(select(EntryRow).where(among(session, EntryRow.url_key, keys)))
    return {row.url_key: row for row in rows}


def _notice_change(row: EntryRow, line: Found, feed: int, now: datetime) -> None:
    # Two feeds of one outlet may word the same article differently: only the feed that showed it first counts.
    if row.feed != feed or row.listing_hash == line.listing_hash:
        return
    row.listing_hash = line.listing_hash
    row.title, row.summary, row.feed_text = _words(line)
    if Outcome(row.outcome) in READ_AGAIN and row.next_try is None:
        row.next_try = now


def _words(line: Found) -> tuple[str, str, str]:
    return line.listed.title, line.listed.summary, line.listed.text


def values(
    line: Found,
    source: str,
    feed: int | None,
    now: datetime,
    *,
    first_poll: bool,
    round_id: int | None = None,
) -> dict[str, Any]:
    """The row of a line never seen before, owed at once unless the line is refused."""
    title, summary, text = _words(line)
    refused = bool(line.refused)
    return {
        "url_key": line.url_key, "url": line.url, "address": line.listed.url, "source": source, "feed": feed,
        "listing_hash": line.listing_hash, "first_poll": first_poll, "first_seen": now,
        "outcome": (Outcome.REFUSED if refused else Outcome.PENDING).value, "why": line.refused,
        "next_try": None if refused else now, "decided_at": now if refused else None,
        "decided_round": round_id if refused else None, "title": title, "summary": summary,
        "feed_text": text, "tries": 0, "crashes": 0, **convert.published_of_entry(line.listed.published),
    }  # fmt: skip


def due_entries(session: Session, now: datetime, limit: int) -> list[int]:
    """Numbers of entries whose page is to be asked for now: half the room for the oldest, half for the newest.

    Neither a backlog nor a flood of news can starve the other.
    """
    due = (
        select(EntryRow.id).where(EntryRow.next_try <= now).where(EntryRow.id.not_in(select(DraftRow.entry)))
    )
    # Not by id itself: SQLite would walk the whole table in that order, the archive included, instead of what is due.
    in_order = EntryRow.id + 0
    oldest = session.scalars(due.order_by(in_order).limit(limit - limit // 2)).all()
    newest = session.scalars(due.order_by(in_order.desc()).limit(limit // 2)).all()
    return sorted({*oldest, *newest})


def owed(session: Session, ids: Sequence[int]) -> list[Owed]:
    """The entries of these numbers, in order of number."""
    rows = session.scalars(select(EntryRow).where(among(session, EntryRow.id, ids))).all()
    return [
        Owed(
            row.id,
            row.address,
            row.url,
            row.source,
            _listed(row),
            Outcome(row.outcome),
            row.tries,
            row.crashes,
            row.first_seen,
        )
        for row in sorted(rows, key=lambda row: row.id)
    ]


def owed_count(session: Session) -> int:
    """Entries that still owe an answer."""
    pending = select(func.count()).select_from(EntryRow).where(EntryRow.outcome == Outcome.PENDING.value)
    return session.scalar(pending) or 0


def _listed(row: EntryRow) -> Listed:
    return Listed(
        url=row.address,
        title=row.title,
        summary=row.summary,
        text=row.feed_text,
        published=convert.published_from_entry(row),
    )


def keep_draft(
    session: Session, entry: int, page: int | None, cleaner: int, article: Article, now: datetime
) -> None:
    """Leave a cleaned page to be settled, and take the entry off the list of pages to ask for."""
    session.merge(
        DraftRow(
            entry=entry, page=page, made_at=now, cleaner=cleaner, article=convert.article_to_json(article)
        )
    )


def drafts(session: Session, limit: int, *, backfill: bool = False) -> list[Draft]:
    """Drafts to be settled, of rounds or of backfills, in the order that decides who is first: time printed, tier, URL.

    The order depends on what was listed alone, not on which thread was quicker, so that a round cut off and
    begun again settles as an undisturbed one.
    """
    rows = session.execute(
        select(DraftRow, EntryRow, ArticleRow.page, ArticleRow.cleaner)
        .join(EntryRow, EntryRow.id == DraftRow.entry + 0)  # + 0: from the few drafts, not from the archive
        .outerjoin(ArticleRow, ArticleRow.entry == EntryRow.id)
        .where(EntryRow.feed.is_(None) if backfill else EntryRow.feed.is_not(None))
        .order_by(func.coalesce(EntryRow.published, EntryRow.first_seen), EntryRow.url)
        .limit(limit)
    )
    return [
        Draft(
            entry=entry.id, page=draft.page, cleaner=draft.cleaner,
            article=draft.article, url=entry.url, source=entry.source,
            first_seen=entry.first_seen, first_poll=entry.first_poll, crashes=entry.crashes, backfill=backfill,
            stored=Made(page, cleaner, _listed(entry)) if cleaner is not None else None,
        )
        for draft, entry, page, cleaner in rows
    ]  # fmt: skip


def drop_draft(session: Session, entry: int) -> None:
    """The draft of this entry is settled."""
    session.execute(delete(DraftRow).where(DraftRow.entry == entry))


def decide(
    session: Session,
    entry: int,
    outcome: Outcome,
    why: str,
    *,
    round_id: int,
    now: datetime,
    same_as: int | None = None,
) -> None:
    """Answer an entry: nothing more is owed."""
    row = session.get_one(EntryRow, entry)
    row.outcome, row.why, row.same_as = outcome.value, why, same_as
    row.decided_at, row.decided_round = now, round_id
    row.tries, row.crashes, row.next_try = 0, 0, None


def leave(session: Session, entry: int) -> None:
    """Keep an entry's earlier answer: asking again brought nothing better."""
    row = session.get_one(EntryRow, entry)
    row.tries, row.crashes, row.next_try = 0, 0, None


def try_later(session: Session, entry: int, why: str, next_try: datetime | None) -> None:
    """The site failed: the entry keeps its outcome, and the reason of one that it has already."""
    row = session.get_one(EntryRow, entry)
    row.tries, row.crashes, row.next_try = row.tries + 1, 0, next_try
    if row.outcome == Outcome.PENDING:
        row.why = why


def crashed(session: Session, entry: int, why: str, next_try: datetime) -> None:
    """We failed: tried again, and set aside after CRASHES in a row, until a new release tries once more."""
    row = session.get_one(EntryRow, entry)
    row.crashes += 1
    aside = row.crashes >= CRASHES
    row.next_try = None if aside else next_try
    if row.outcome == Outcome.PENDING:
        row.why = f"set aside: {why}" if aside else why


def take_up_again(session: Session, now: datetime) -> None:
    """A new release of ours: what an older one set aside is due once more."""
    set_aside = update(EntryRow).where(EntryRow.crashes >= CRASHES)
    session.execute(set_aside.values(next_try=now, crashes=CRASHES - 1))
