"""Search: a query against the database, the same answer on both.

Words are looked up in the database's own index (FTS5, tsvector) by our tokens; fields are columns. User text
never reaches either index language but as quoted tokens.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, cast, column, func, not_, or_, select, table
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from monitor.query.language import All, AnyOf, Is, Node, Not, Words, leaves, parse
from monitor.query.snippet import Snippet, snippet
from monitor.store.convert import printed_zone
from monitor.store.tables import ArticleRow, SourceRow
from monitor.text import starts_words

_FETCHED = 4  # times the limit, because copies fold together
_FTS5 = table("search_index", column("rowid"), column("search_index"))
_TSVECTOR = table("search_index", column("article"), column("tokens"))


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
    parts: tuple[tuple[str, int], ...] = ()  # without hits: what each part of the query finds alone


def search(session: Session, query: str, *, limit: int = 20) -> Found:
    """Articles that match, newest first.

    Raises:
        QueryMistake: the query cannot be read.
    """
    node = parse(query)
    total = _count(session, node)
    if not total:
        return Found((), 0, tuple((leaf.written, _count(session, leaf)) for leaf in leaves(node)))
    rows = session.execute(
        select(ArticleRow, SourceRow)
        .join(SourceRow, SourceRow.id == ArticleRow.source)
        .where(_condition(node, session.get_bind().dialect.name))
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
    return session.scalar(asked.where(_condition(node, session.get_bind().dialect.name))) or 0


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


def _condition(node: Node, kind: str) -> ColumnElement[bool]:
    """The query as a condition on articles joined with their sources; kind is the database's."""
    match node:
        case Is():
            return _field(node)
        case Not():
            return not_(_condition(node.part, kind))
        case All() | AnyOf() if not _only_words(node):
            parts = [_condition(part, kind) for part in node.parts]
            return and_(*parts) if isinstance(node, All) else or_(*parts)
        case _:
            return ArticleRow.id.in_(_fts5_ids(node) if kind == "sqlite" else _tsvector_ids(node))


def _field(asked: Is) -> ColumnElement[bool]:
    value = asked.value.lower()
    match asked.field:
        case "source":
            return ArticleRow.source == value
        case "side":
            return SourceRow.side == value
        case "kind":
            return SourceRow.kind == value
        case "tier":
            return ArticleRow.tier == value
        case "lang":
            tag = func.lower(ArticleRow.language)
            return or_(tag == value, tag.startswith(f"{value}-", autoescape=True))
        case _:
            return func.lower(ArticleRow.section) == value


def _only_words(node: Node) -> bool:
    if isinstance(node, All | AnyOf):
        return all(_only_words(part) for part in node.parts)
    return isinstance(node, Words)


def _fts5_ids(node: Node) -> Select[tuple[Any]]:
    return select(_FTS5.c.rowid).where(_FTS5.c.search_index.op("MATCH")(_fts5(node)))


def _tsvector_ids(node: Node) -> Select[tuple[Any]]:
    return select(_TSVECTOR.c.article).where(_TSVECTOR.c.tokens.op("@@")(cast(_tsquery(node), TSQUERY)))


def _fts5(node: Node) -> str:
    if isinstance(node, Words):
        goes_on = " *" if node.open or starts_words(list(node.tokens)) else ""
        phrase = f'"{" ".join(node.tokens)}"{goes_on}'
        return f"{{title}} : {phrase}" if node.title else phrase
    assert isinstance(node, All | AnyOf)
    joint = " AND " if isinstance(node, All) else " OR "
    return f"({joint.join(_fts5(part) for part in node.parts)})"


def _tsquery(node: Node) -> str:
    if isinstance(node, Words):
        *before, last = [f"'{token}'" for token in node.tokens]
        weight = "A" if node.title else ""
        star = "*" if node.open or starts_words(list(node.tokens)) else ""
        marked = [f"{token}:{weight}" if weight else token for token in before]
        marked.append(f"{last}:{star}{weight}" if star or weight else last)
        return f"({' <-> '.join(marked)})"
    assert isinstance(node, All | AnyOf)
    joint = " & " if isinstance(node, All) else " | "
    return f"({joint.join(_tsquery(part) for part in node.parts)})"
