"""A query as a condition of SQL: FTS5 or tsvector for its words, columns and tables for its fields.

User text never reaches either index language but as quoted tokens (`indexed`), nor SQL but as parameters.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    cast,
    column,
    func,
    not_,
    or_,
    select,
    table,
)
from sqlalchemy.orm import aliased
from sqlalchemy.types import UserDefinedType

from monitor import urls
from monitor.model import utc_now
from monitor.query import patterns
from monitor.query.indexed import fts5, narrowed, pure, tsquery, tsquery_between
from monitor.query.tree import All, AnyOf, Exact, Is, Named, Node, Not, Points, When
from monitor.store.tables import ArticleRow, LinkRow, MentionRow, SourceRow


class _TsQuery(UserDefinedType[str]):
    """PostgreSQL's, without its dialect, which SQLite's users need not wait for."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "tsquery"


_FTS5 = table("search_index", column("rowid"), column("search_index"))
_TSVECTOR = table("search_index", column("article"), column("tokens"))
INDEX: dict[str, ColumnElement[int]] = {"sqlite": _FTS5.c.rowid, "postgresql": _TSVECTOR.c.article}
TIMES = {
    "published": ArticleRow.published,
    "seen": ArticleRow.first_seen,
    "indexed": ArticleRow.indexed_at,
}


def condition(node: Node, kind: str, now: datetime | None = None) -> ColumnElement[bool]:
    """The query as a condition on articles joined with their sources.

    Args:
        node: the query.
        kind: the database's, "sqlite" or "postgresql".
        now: the time of asking, for ages such as -7d; the clock's unless given.
    """
    return _Compiler(kind, now or utc_now()).condition(node)


def asked(node: Node, kind: str) -> ColumnElement[bool]:
    """A pure node as a condition on the index table itself (`INDEX`)."""
    if kind == "sqlite":
        return _FTS5.c.search_index.op("MATCH")(fts5(node))
    return _TSVECTOR.c.tokens.op("@@")(cast(tsquery(node), _TsQuery))


def asked_between(node: Node, low: int, high: int) -> ColumnElement[bool]:
    """The same on PostgreSQL, of articles with numbers between two, and few others."""
    return _TSVECTOR.c.tokens.op("@@")(cast(tsquery_between(node, low, high), _TsQuery))


def rest(node: Node, kind: str, now: datetime | None = None) -> list[ColumnElement[bool]]:
    """What is left to check of the articles that `narrowed(node)` finds; nothing where the index said all."""
    return _Compiler(kind, now or utc_now()).rest(node)


class _Compiler:
    """What is the same for every part of one query: the database's kind, the time of asking."""

    def __init__(self, kind: str, now: datetime) -> None:
        self.kind, self.now = kind, now

    def condition(self, node: Node) -> ColumnElement[bool]:
        """A node as a condition; never NULL, so that its opposite is what it does not find."""
        if pure(node):
            return self._indexed(node)
        match node:
            case Named():
                return self.condition(node.part)
            case Not():
                return not_(self.condition(node.part))
            case All():
                return self._all(node)
            case AnyOf():
                return self._any(node)
            case Exact():
                return and_(self._indexed(node.words), self._spelt(node))
            case Is():
                return self._field(node)
            case When():
                return self._when(node)
            case _:
                assert isinstance(node, Points)
                bounds = [ArticleRow.points >= node.least] if node.least is not None else []
                bounds += [ArticleRow.points <= node.most] if node.most is not None else []
                return and_(*bounds)

    def _all(self, node: All) -> ColumnElement[bool]:
        """One question to the index for all words, then what is left to check of the rest."""
        words = narrowed(node)
        return and_(*([] if words is None else [self._indexed(words)]), *self.rest(node))

    def rest(self, node: Node) -> list[ColumnElement[bool]]:
        """What is left to check once the index was asked for `narrowed(node)`."""
        if pure(node):
            return []
        if isinstance(node, Named):
            return self.rest(node.part)
        if isinstance(node, Exact):
            return [self._spelt(node)]
        if not isinstance(node, All):
            return [self.condition(node)]
        words = narrowed(node)
        parts: list[ColumnElement[bool]] = []
        for part in node.parts:
            if pure(part.part if isinstance(part, Not) else part):
                parts += [] if words is not None else [self.condition(part)]
            else:
                parts.append(self._spelt(part) if isinstance(part, Exact) else self.condition(part))
        return parts

    def _any(self, node: AnyOf) -> ColumnElement[bool]:
        """One question to the index for all alternatives that are words."""
        words = [part for part in node.parts if pure(part)]
        parts = [self.condition(part) for part in node.parts if not pure(part)]
        if words:
            parts.insert(0, self._indexed(words[0] if len(words) == 1 else AnyOf(tuple(words))))
        return or_(*parts)

    def _indexed(self, node: Node) -> ColumnElement[bool]:
        return ArticleRow.id.in_(self._ids(node))

    def _ids(self, node: Node) -> Select[tuple[Any]]:
        return select(INDEX[self.kind]).where(asked(node, self.kind))

    def _spelt(self, node: Exact) -> ColumnElement[bool]:
        """Whether the stored text has the very spelling; SQLAlchemy gives SQLite Python's own `re`."""
        pattern = patterns.exactly(node.words.written)
        in_title = ArticleRow.title.regexp_match(pattern)
        return in_title if node.words.title else or_(in_title, ArticleRow.text.regexp_match(pattern))

    def _when(self, asked: When) -> ColumnElement[bool]:
        at = TIMES[asked.field]
        bounds: list[ColumnElement[bool]] = [at.is_not(None)]
        if asked.since is not None:
            bounds.append(at >= asked.since.resolve(self.now))
        if asked.until is not None:
            bounds.append(at < asked.until.resolve(self.now))
        return and_(*bounds)

    def _field(self, asked: Is) -> ColumnElement[bool]:
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
            case "section":
                return ArticleRow.section.regexp_match(patterns.folded_whole(asked.value))
            case "author":
                return self._author(asked.value)
            case "term":
                return ArticleRow.id.in_(select(MentionRow.article).where(MentionRow.term == asked.value))
            case "link":
                return self._link(asked.value)
            case _:
                return self._has(asked.value)

    def _author(self, written: str) -> ColumnElement[bool]:
        each = func.json_each if self.kind == "sqlite" else func.jsonb_array_elements_text
        name = each(ArticleRow.authors).table_valued("value")
        return select(1).select_from(name).where(name.c.value.regexp_match(patterns.folded(written))).exists()

    def _link(self, value: str) -> ColumnElement[bool]:
        if "://" in value:
            return ArticleRow.id.in_(select(LinkRow.article).where(LinkRow.target_key == urls.key(value)))
        host = _host(self.kind)
        of_host = or_(host == value, host.endswith(f".{value}", autoescape=True))
        if ":" not in value:  # without a port, any port
            of_host = or_(
                of_host,
                host.startswith(f"{value}:", autoescape=True),
                host.contains(f".{value}:", autoescape=True),
            )
        return select(1).where(LinkRow.article == ArticleRow.id, LinkRow.url.is_not(None), of_host).exists()

    def _has(self, what: str) -> ColumnElement[bool]:
        match what:
            case "revision":
                return ArticleRow.revision > 1
            case "link":
                return select(1).where(LinkRow.article == ArticleRow.id).exists()
            case "author":
                count = func.json_array_length if self.kind == "sqlite" else func.jsonb_array_length
                return count(ArticleRow.authors) > 0
            case _:
                other = aliased(ArticleRow)
                repeated = select(other.copies_of).where(other.copies_of.is_not(None))
                return or_(ArticleRow.copies_of.is_not(None), ArticleRow.id.in_(repeated))


def _host(kind: str) -> ColumnElement[str]:
    """Host and port of a link's canonical URL, which has a slash behind them."""
    if kind == "postgresql":
        return func.split_part(LinkRow.url, "/", 3)
    rest = func.substr(LinkRow.url, func.instr(LinkRow.url, "://") + 3)
    return func.substr(rest, 1, func.instr(rest, "/") - 1)
