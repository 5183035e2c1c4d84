"""Saved searches: queries with a name, in the database, so that everybody who asks it shares them."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from monitor.errors import Mistake
from monitor.store.tables import SavedSearchRow

LONGEST_NAME = 40


def put(session: Session, name: str, query: str, now: datetime) -> str:
    """Keep a query under a name; returns the query that had the name before, or "".

    Raises:
        Mistake: the name cannot be one.
    """
    if not 0 < len(name) <= LONGEST_NAME or not all(char.isalnum() or char in "-_" for char in name):
        raise Mistake(
            f"{name[:60]!r} is no name for a search: up to {LONGEST_NAME} letters, digits, - and _ without a blank"
        )
    before = text_of(session, name) or ""
    session.merge(SavedSearchRow(name=_key(name), query=query, saved_at=now))
    return before


def text_of(session: Session, name: str) -> str | None:
    """The query of this name; None when there is none."""
    return session.scalar(select(SavedSearchRow.query).where(SavedSearchRow.name == _key(name)))


def forget(session: Session, name: str) -> bool:
    """Forget a query; returns whether there was one."""
    gone = session.execute(
        delete(SavedSearchRow).where(SavedSearchRow.name == _key(name)).returning(SavedSearchRow.name)
    )
    return gone.first() is not None


def listed(session: Session) -> list[SavedSearchRow]:
    """Every saved search, by name."""
    return sorted(session.scalars(select(SavedSearchRow)), key=lambda row: row.name)


def _key(name: str) -> str:
    return name.lower()
