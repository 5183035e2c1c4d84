"""The end state of an archive, without numbers and times: what two runs must have in common."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.store.tables import (
    AlertRow,
    ArticleRow,
    EntryRow,
    LinkRow,
    MentionRow,
    RecurringRow,
    RevisionRow,
)


def end_state(session: Session) -> dict[str, Any]:
    """Entries, articles with their groups and revisions, links, mentions, alerts, counted lines: each a sorted list."""
    urls: dict[int, str] = dict(session.execute(select(ArticleRow.id, ArticleRow.url)).tuples().all())
    return {
        "entries": sorted((row.url, row.outcome) for row in session.scalars(select(EntryRow))),
        "articles": sorted(
            (row.url, row.title, row.text_hash, row.revision, row.shown, row.tier, row.points,
             urls[row.copies_of] if row.copies_of else "")
            for row in session.scalars(select(ArticleRow))
        ),
        "revisions": sorted(
            (urls[row.article], row.number, row.text_hash) for row in session.scalars(select(RevisionRow))
        ),
        "links": sorted(
            (urls[row.article], row.kind, row.url or "", row.title, urls[row.target] if row.target else "")
            for row in session.scalars(select(LinkRow))
        ),
        "mentions": sorted(
            (urls[row.article], row.term, row.points) for row in session.scalars(select(MentionRow))
        ),
        "alerts": sorted(
            (row.rule, row.channel, urls[row.about] if row.about else row.why, row.state)
            for row in session.scalars(select(AlertRow))
        ),
        "recurring": sorted(
            (row.source, row.key, row.articles, row.head, row.tail, row.days, row.state)
            for row in session.scalars(select(RecurringRow))
        ),
    }  # fmt: skip
