"""Which articles may meet a query, where its fields say so and few may: these are looked at, not the whole archive.

What leads to them is rows of `facets`, of links and terms, of edits and copies. What many articles have leads nowhere: to
walk the archive from its newest end is quicker then. The same holds for NOT, and for OR where one side leads nowhere.
"""

from typing import Any

from sqlalchemy import ColumnElement, literal_column, select, union_all
from sqlalchemy.orm import Session

from monitor import urls
from monitor.query.compiling import INDEX, asked
from monitor.query.indexed import pure
from monitor.query.tree import All, AnyOf, Is, Named, Node
from monitor.store import facets
from monitor.store.tables import ArticleRow, LinkRow, MentionRow
from monitor.store.types import among

RARE = 20_000  # articles, or rows that lead to them
Lead = Any  # a Select of numbers of articles


def leads(session: Session, node: Node) -> list[ColumnElement[bool]]:
    """A condition on the article's number that every answer meets; none where too many would be left.

    The numbers themselves: given the question for them, PostgreSQL may rather walk the archive until it has enough.
    """
    kind, numbers = session.get_bind().dialect.name, None
    for lead in _leads(node, kind):
        led = set(session.scalars(lead.limit(RARE + 1)))
        if len(led) <= RARE:
            numbers = led if numbers is None else numbers & led
    return [] if numbers is None else [among(session, ArticleRow.id, sorted(numbers))]


def _leads(node: Node, kind: str) -> list[Lead]:
    """Each of them holds every article that meets the node; words alone lead nowhere, the index is asked for them."""
    match node:
        case Named():
            return _leads(node.part, kind)
        case All():
            return [lead for part in node.parts for lead in _leads(part, kind)]
        case AnyOf() if not pure(node):
            of_parts = [
                [_of_words(part, kind)] if pure(part) else _leads(part, kind)[:1] for part in node.parts
            ]
            return [_any_of(*(lead for (lead,) in of_parts))] if all(of_parts) else []
        case Is():
            return _of_field(node)
        case _:
            return []


def _any_of(*of: Lead) -> Lead:
    """One after the other, as a plain SELECT: SQLite takes no UNION within a UNION."""
    return select(union_all(*of).subquery().c[0])


def _of_words(node: Node, kind: str) -> Lead:
    return select(INDEX[kind]).where(asked(node, kind))


def _of_field(field: Is) -> list[Lead]:
    match field.field, field.value:
        case "author", name:
            return list(facets.of_author(name))
        case "section", name:
            return list(facets.of_section(name))
        case "link", address if "://" in address:
            return [select(LinkRow.article).where(LinkRow.target_key == urls.key(address))]
        case "link", host:
            return list(facets.of_host(host))
        case "term", term:
            return [select(MentionRow.article).where(MentionRow.term == term)]
        case "has", "revision":  # by its index, which holds those alone: a bound 1 would not be known for one
            return [select(ArticleRow.id).where(ArticleRow.revision > literal_column("1"))]
        case "has", "copies":
            copied = ArticleRow.copies_of.is_not(None)
            return [_any_of(*(select(each).where(copied) for each in (ArticleRow.id, ArticleRow.copies_of)))]
        case _:
            return []
