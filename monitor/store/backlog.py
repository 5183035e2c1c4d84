"""Which URLs are known already, for those who look before they take: previews and backfills."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.model import Outcome
from monitor.store import entries
from monitor.store.entries import CRASHES, Found
from monitor.store.tables import ArticleRow, DraftRow, EntryRow
from monitor.store.types import among

WAITS = "found by a backfill, which has not read it yet"


def known(session: Session, url_keys: Sequence[str]) -> set[str]:
    """Those of the keys that an entry or an article has."""
    found: set[str] = set()
    for column in (EntryRow.url_key, ArticleRow.url_key):
        found.update(session.scalars(select(column).where(among(session, column, url_keys))))
    return found


def add(session: Session, found: Iterable[Found], *, source: str, now: datetime) -> tuple[int, int]:
    """Make entries of what a backfill found, owed to backfills alone: no round asks for them, no rule tells of them.

    Returns:
        How many were new, and how many known.
    """
    lines = {line.url_key: line for line in found}
    there = known(session, list(lines))
    rows = [
        {**entries.values(line, source, None, now, first_poll=True), "why": WAITS, "next_try": None}
        for key, line in lines.items()
        if key not in there
    ]
    entries.insert_all(session, rows)
    return len(lines) - len(there), len(there)


def waiting(
    session: Session, *, source: str | None = None, keys: Sequence[str] | None = None
) -> dict[str, int]:
    """Keys and numbers of the entries that backfills found and have not read, in the order in which they were found."""
    asked = select(EntryRow.url_key, EntryRow.id).where(
        EntryRow.outcome == Outcome.PENDING.value, EntryRow.feed.is_(None), EntryRow.next_try.is_(None),
        EntryRow.crashes < CRASHES, EntryRow.id.not_in(select(DraftRow.entry)),
    )  # fmt: skip
    if source:
        asked = asked.where(EntryRow.source == source)
    if keys is not None:
        asked = asked.where(EntryRow.url_key.in_(keys))
    return dict(session.execute(asked.order_by(EntryRow.id)).tuples().all())


def unsettled(session: Session) -> bool:
    """Whether a draft of a backfill waits to be settled."""
    asked = select(func.count(DraftRow.entry)).join(EntryRow, EntryRow.id == DraftRow.entry)
    return bool(session.scalar(asked.where(EntryRow.feed.is_(None))))


def outcomes(session: Session, ids: Sequence[int]) -> Counter[str]:
    """What became of entries."""
    return Counter(session.scalars(select(EntryRow.outcome).where(among(session, EntryRow.id, ids))))
