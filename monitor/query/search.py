"""Search: a query against the database, the same answer on both.

`compiling` turns the query into a condition; here it is run, counted and its hits are told.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.query.compiling import condition
from monitor.query.known import read
from monitor.query.snippet import Snippet, snippet
from monitor.query.tree import Node
from monitor.store.convert import printed_zone
from monitor.store.tables import ArticleRow, SourceRow

if TYPE_CHECKING:
    from monitor.query.explaining import Nothing

_FETCHED = 4  # times the limit, because copies fold together


@dataclass(frozen=True, slots=True)
class Hit:
    """A found article; copies of one text are one hit, the best of them."""

    id: int
    url: str
    title: str
    source: str
    source_name: str
    side: str
    kind: str
    language: str
    section: str
    published: datetime | None  # in the printed zone
    published_quality: str
    first_seen: datetime
    tier: str
    points: int
    words: int
    revision: int
    labels: tuple[str, ...]
    copies: int  # further articles with the same text
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class Found:
    """The newest hits, and how many articles match in all, copies included."""

    hits: tuple[Hit, ...]
    total: int
    nothing: "Nothing | None" = None  # without hits: why


def search(session: Session, query: str, *, limit: int = 20) -> Found:
    """Articles that match, newest first.

    Raises:
        QueryMistake: the query cannot be read.
    """
    node = read(session, query)
    total = _count(session, node)
    if not total:
        from monitor.query.explaining import explain  # noqa: PLC0415  (it brings the vocabulary, which takes a moment)

        return Found((), 0, explain(session, node))
    rows = session.execute(
        select(ArticleRow, SourceRow)
        .join(SourceRow, SourceRow.id == ArticleRow.source)
        .where(condition(node, session.get_bind().dialect.name))
        .order_by(ArticleRow.id.desc())
        .limit(limit * _FETCHED)
    ).tuples()
    best: dict[int, tuple[ArticleRow, SourceRow]] = {}
    for article, source in rows:
        group = article.copies_of or article.id
        if group not in best or article.shown:
            best[group] = (article, source)
    groups = list(best)[:limit]
    copies = _copies(session, groups)
    return Found(tuple(_hit(*best[group], node=node, copies=copies.get(group, 0)) for group in groups), total)


def _count(session: Session, node: Node) -> int:
    asked = select(func.count()).select_from(ArticleRow)
    asked = asked.join(SourceRow, SourceRow.id == ArticleRow.source)
    return session.scalar(asked.where(condition(node, session.get_bind().dialect.name))) or 0


def _copies(session: Session, groups: list[int]) -> dict[int, int]:
    asked = select(ArticleRow.copies_of, func.count()).where(ArticleRow.copies_of.in_(groups))
    return {group: number for group, number in session.execute(asked.group_by(ArticleRow.copies_of)) if group}


def _hit(article: ArticleRow, source: SourceRow, *, node: Node, copies: int) -> Hit:
    return Hit(
        id=article.id, url=article.url, title=article.title, source=source.id, source_name=source.name,
        side=source.side, kind=source.kind, language=article.language, section=article.section,
        published=printed_zone(article), published_quality=article.published_quality,
        first_seen=article.first_seen, tier=article.tier, points=article.points, words=article.words,
        revision=article.revision, labels=tuple(article.labels), copies=copies,
        snippet=snippet(article.text, node),
    )  # fmt: skip
