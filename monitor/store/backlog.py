"""Which URLs are known already, for those who look before they take: previews and backfills."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.store.tables import ArticleRow, EntryRow


def known(session: Session, url_keys: Sequence[str]) -> set[str]:
    """Those of the keys that an entry or an article has."""
    found: set[str] = set()
    for start in range(0, len(url_keys), 500):
        part = url_keys[start : start + 500]
        for column in (EntryRow.url_key, ArticleRow.url_key):
            found.update(session.scalars(select(column).where(column.in_(part))))
    return found
