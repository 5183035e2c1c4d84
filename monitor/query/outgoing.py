"""Articles as they leave the archive: chosen by a query, read a few at a time, cut to what may be passed on.

First the numbers of what is wanted, 8 bytes each; then the articles themselves, AT_ONCE in a transaction of its own. So
memory does not grow with their number, and no transaction stays open while a slow disk or reader takes them.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from monitor.errors import Mistake
from monitor.model import Article, Block, BlockKind
from monitor.query.finding import Finder
from monitor.query.known import read as read_query
from monitor.query.search import folded
from monitor.query.tree import All, Is, Moment, Node, When
from monitor.rights import allowed
from monitor.store.tables import ArticleRow, LinkRow, MentionRow, SourceRow
from monitor.store.types import among

_TEXTS = ("url", "title", "text", "language", "published_quality", "section", "wire", "relevance")
AT_ONCE = 100  # articles read in one transaction
_CACHE_KB = 8_192  # of SQLite's file: what is read once need not stay
_FETCHED = 4  # times the limit, because copies fold together


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which articles; what is empty or None asks for nothing."""

    query: str = ""
    source: str | None = None
    since: datetime | None = None  # first seen since then
    limit: int | None = None  # the newest so many


@dataclass(frozen=True, slots=True)
class Edge:
    """A link of an article."""

    kind: str  # read-also, related, in-text, source
    url: str | None  # canonical; None where the page gave a title only
    title: str
    target: int | None  # articles.id, where that article is stored


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An article with its outlet, named as the columns of v_articles (docs/schema.md); times in UTC."""

    id: int
    url: str
    title: str
    text: str  # what of it may be passed on
    words: int  # of the whole text
    language: str
    published: datetime | None
    published_quality: str
    first_seen: datetime
    indexed_at: datetime
    source: str
    source_name: str
    side: str
    source_kind: str
    source_tier: int
    section: str
    authors: tuple[str, ...]
    wire: str
    relevance: str
    points: int
    labels: tuple[str, ...]
    revision: int
    copies_of: int | None
    shown: bool
    page: int | None  # pages.id the text came from
    cleaner: int
    published_offset: int | None = None  # minutes east of UTC as printed
    published_printed: str = ""  # the time as printed
    keep: str = "full"  # full, excerpt, metadata: what its source's rights card allows
    links: tuple[Edge, ...] = ()  # where they were asked for
    terms: tuple[str, ...] = ()  # of the vocabulary; likewise


_ROW: tuple[Any, ...] = (
    ArticleRow.id, ArticleRow.url, ArticleRow.title, ArticleRow.text, ArticleRow.words, ArticleRow.language,
    ArticleRow.published, ArticleRow.published_quality, ArticleRow.first_seen, ArticleRow.indexed_at, ArticleRow.source,
    SourceRow.name.label("source_name"), SourceRow.side, SourceRow.kind.label("source_kind"),
    SourceRow.tier.label("source_tier"), ArticleRow.section, ArticleRow.authors, ArticleRow.wire,
    ArticleRow.tier.label("relevance"), ArticleRow.points, ArticleRow.labels, ArticleRow.revision, ArticleRow.copies_of,
    ArticleRow.shown, ArticleRow.page, ArticleRow.cleaner, ArticleRow.published_offset, ArticleRow.published_printed,
)  # fmt: skip


def numbers(session: Session, wanted: Wanted, now: datetime) -> "array[int]":
    """The numbers of the articles that are wanted, oldest first.

    Raises:
        QueryMistake: the query cannot be read.
        Mistake: there is no such source.
    """
    on_sqlite = _spare_memory(session)
    node = _node(session, wanted)
    if node is not None:
        finder = Finder(session, node, now)
        return array("q", finder.every() if wanted.limit is None else sorted(finder.newest(wanted.limit)))
    if wanted.limit is not None:
        last = select(ArticleRow.id).order_by(ArticleRow.id.desc()).limit(wanted.limit)
        return array("q", sorted(session.scalars(last)))
    # SQLite keeps rows by their numbers, texts and all: adding 0 makes it take an index, a hundredth of the size.
    asked = select(ArticleRow.id).order_by(ArticleRow.id + 0 if on_sqlite else ArticleRow.id)
    return array("q", session.scalars(asked.execution_options(yield_per=10_000)))


def _spare_memory(session: Session) -> bool:
    """Have SQLite keep little of its file, which is read from its beginning to its end; whether it is SQLite."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    if on_sqlite:
        session.execute(sql(f"PRAGMA cache_size = -{_CACHE_KB}"))
    return on_sqlite


def newest(session: Session, wanted: Wanted, now: datetime, limit: int) -> "array[int]":
    """The numbers of the newest articles that are wanted, newest first, of copies the best.

    Raises:
        QueryMistake, Mistake: as `numbers`.
    """
    some = numbers(session, replace(wanted, limit=limit * _FETCHED), now)
    groups, _ = folded(session, some[::-1].tolist(), len(some))
    best = list(groups.values())[:limit]
    asked = select(ArticleRow.id).where(among(session, ArticleRow.id, best))
    return array("q", session.scalars(asked.order_by(ArticleRow.first_seen.desc(), ArticleRow.id.desc())))


def _node(session: Session, wanted: Wanted) -> Node | None:
    parts: list[Node] = [read_query(session, wanted.query)] if wanted.query.strip() else []
    if wanted.source is not None:
        if session.get(SourceRow, wanted.source) is None:
            raise Mistake(f"no source {wanted.source[:60]!r} is known; `straitwatch sources` lists them")
        parts.append(Is("source", wanted.source))
    if wanted.since is not None:
        parts.append(When("seen", Moment(at=wanted.since), None, ""))
    if len(parts) < 2:
        return parts[0] if parts else None
    return All(tuple(parts))


def read(
    session: Session, wanted: Sequence[int], rights: Mapping[str, str], *, whole: bool = False
) -> list[Outgoing]:
    """Articles by their numbers, in that order; those that are gone are left out.

    Args:
        session: a reading one.
        wanted: numbers of articles, AT_ONCE at most.
        rights: what a source allows, by its id: excerpt or metadata; full where nothing is said.
        whole: with their links and terms.
    """
    _spare_memory(session)
    part = list(wanted)
    asked = select(*_ROW).join(SourceRow, SourceRow.id == ArticleRow.source)
    rows = {row[0]: row for row in session.execute(asked.where(among(session, ArticleRow.id, part)))}
    links = _links(session, part) if whole else {}
    terms = _terms(session, part) if whole else {}
    return [
        _reduced(_outgoing(rows[number], links.get(number, ()), terms.get(number, ())), rights)
        for number in part
        if number in rows
    ]


def _outgoing(row: Any, links: Iterable[Edge], terms: Iterable[str]) -> Outgoing:
    facts = row._asdict()
    for name in _TEXTS:
        if not isinstance(facts[name], str):  # SQLite keeps what it is given
            raise TypeError(f"article {row.id}: {name} is no text")
    facts["authors"], facts["labels"] = tuple(map(str, row.authors)), tuple(map(str, row.labels))
    return Outgoing(**facts, links=tuple(links), terms=tuple(terms))


def _reduced(article: Outgoing, rights: Mapping[str, str]) -> Outgoing:
    """What may be passed on; a source's `keep` may have become less since its articles were stored."""
    keep = rights.get(article.source, "full")
    if keep == "full":
        return article
    blocks = tuple(Block(BlockKind.PARAGRAPH, line) for line in article.text.split("\n") if line)
    less = allowed(Article(article.url, article.title, blocks, labels=article.labels), keep)
    return replace(article, keep=keep, text=less.text, labels=tuple(dict.fromkeys(less.labels)))


def _links(session: Session, part: list[int]) -> dict[int, list[Edge]]:
    asked = select(LinkRow.article, LinkRow.kind, LinkRow.url, LinkRow.title, LinkRow.target)
    found: dict[int, list[Edge]] = {}
    ordered = asked.where(among(session, LinkRow.article, part)).order_by(
        LinkRow.article, LinkRow.position, LinkRow.target_key
    )
    for article, *edge in session.execute(ordered):
        found.setdefault(article, []).append(Edge(*edge))
    return found


def _terms(session: Session, part: list[int]) -> dict[int, list[str]]:
    asked = select(MentionRow.article, MentionRow.term).where(among(session, MentionRow.article, part))
    found: dict[int, list[str]] = {}
    for article, term in session.execute(asked.order_by(MentionRow.article, MentionRow.term)):
        found.setdefault(article, []).append(term)
    return found
