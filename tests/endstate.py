"""The end state of an archive, without numbers and times: what two runs must have in common."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.store import facets
from monitor.store.tables import (
    AlertRow,
    ArticleRow,
    EntryRow,
    FacetRow,
    LinkRow,
    MentionRow,
    RecurringRow,
    RevisionRow,
)


def facets_of(session: Session) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    """The rows that are there, and those that there should be."""
    links: dict[int, list[str | None]] = {}
    for number, url in session.execute(select(LinkRow.article, LinkRow.url)):
        links.setdefault(number, []).append(url)
    wanted = {
        (value, row.id)
        for row in session.scalars(select(ArticleRow))
        for value in facets._values(row.authors, row.section, links.get(row.id, []))
    }
    held = set(session.execute(select(FacetRow.value, FacetRow.article)).tuples().all())
    return held, wanted


def end_state(session: Session) -> dict[str, Any]:
    """Entries, articles with their groups and revisions, links, mentions, alerts, counted lines: each a sorted list."""
    held, wanted = facets_of(session)
    assert held == wanted
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
