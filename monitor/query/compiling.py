"""A query as a condition of SQL: FTS5 or tsvector for its words, columns for its fields.

User text never reaches either index language but as quoted tokens.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, cast, column, func, not_, or_, select, table
from sqlalchemy.dialects.postgresql import TSQUERY

from monitor.query.language import All, AnyOf, Is, Node, Not, Words
from monitor.store.tables import ArticleRow, SourceRow
from monitor.text import starts_words

_FTS5 = table("search_index", column("rowid"), column("search_index"))
_TSVECTOR = table("search_index", column("article"), column("tokens"))


def condition(node: Node, kind: str) -> ColumnElement[bool]:
    """The query as a condition on articles joined with their sources; kind is the database's."""
    match node:
        case Is():
            return _field(node)
        case Not():
            return not_(condition(node.part, kind))
        case All() | AnyOf() if not _only_words(node):
            parts = [condition(part, kind) for part in node.parts]
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
