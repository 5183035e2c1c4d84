"""What an article can be found by beside its words: its authors, its section, the hosts that it links to.

A row each, so that a question for one of them looks at the few articles that may have it. They only lead there: what was
asked is checked on the article itself, so a row too many costs a look, and none may ever be missing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select
from sqlalchemy.orm import Session

from monitor.store.tables import ArticleRow, FacetRow, LinkRow
from monitor.store.types import among, write_columns
from monitor.text import fold, is_han

_WORD = re.compile("[0-9a-z]+")
_BLANKS = str.maketrans("\t\n", "  ")
_ANY = "a:*"  # an author whose name has letters that are neither plain nor Chinese
_LONGEST = 100  # characters
_MOST = 200  # pieces of the names of one article's authors; whoever has more is found by any name
_HOST = 260  # characters; a host has at most 253
_FACETS: Any = FacetRow.__table__


def add_all(
    session: Session, articles: Iterable[tuple[int, Sequence[str], str, Iterable[str | None]]]
) -> None:
    """Make articles findable: number, authors, section, addresses of links of each."""
    rows = [
        (value, number)
        for number, authors, section, links in articles
        for value in _values(authors, section, links)
    ]
    if rows:
        columns = dict(zip(("value", "article"), zip(*rows, strict=True), strict=True))
        write_columns(session, _FACETS, columns, known=True)


def add(session: Session, row: ArticleRow) -> None:
    """Make a stored article findable, by its links as they are stored."""
    add_all(session, [(row.id, row.authors, row.section, _links(session, row.id))])


def remove(session: Session, row: ArticleRow) -> None:
    """Forget a stored article; before it or its links are changed."""
    values = _values(row.authors, row.section, _links(session, row.id))
    session.execute(
        delete(_FACETS).where(_FACETS.c.article == row.id, among(session, _FACETS.c.value, values))
    )


def of_author(name: str) -> list[Select[tuple[int]]]:
    """Articles that may have an author whose name this is a part of, in whole words: one question, for all its pieces."""
    lead: list[Select[tuple[int]]] = []
    for piece in dict.fromkeys(f"a:{piece}" for piece in _pieces(fold(name))):
        held = _held_by(_FACETS.c.value.in_([piece, _ANY]))
        lead = [held.where(_FACETS.c.article.in_(lead[0])) if lead else held]
    return lead


def of_section(section: str) -> list[Select[tuple[int]]]:
    """Articles that may be of a section."""
    return [_held_by(_FACETS.c.value == value) for value in _section(section)]


def of_host(host: str) -> list[Select[tuple[int]]]:
    """Articles that may link to a host, with or without a port, or to one below it."""
    value = _host(host)
    if value is None or len(value) >= _HOST:
        return []
    below = and_(
        _FACETS.c.value >= f"{value}.", _FACETS.c.value < f"{value}/"
    )  # a slash comes behind a full stop
    return [_held_by(or_(_FACETS.c.value == value, below))]


def _held_by(condition: ColumnElement[bool]) -> Select[tuple[int]]:
    return select(_FACETS.c.article).where(condition)


def _links(session: Session, article: int) -> list[str | None]:
    return list(session.scalars(select(LinkRow.url).where(LinkRow.article == article)))


def _values(authors: Sequence[str], section: str, links: Iterable[str | None]) -> list[str]:
    hosts = (_host(url.partition("://")[2].partition("/")[0]) for url in links if url)
    names = list(dict.fromkeys(value for name in authors for value in _author(name)))
    if len(names) > _MOST:
        names = [_ANY]
    return sorted({*_section(section), *names, *filter(None, hosts)})


def _author(name: str) -> Iterator[str]:
    folded = fold(name)
    for piece in _pieces(folded):
        yield f"a:{piece}"
    if any(_is_other(char, plain) for char, plain in zip(name, folded, strict=True)):
        yield _ANY


def _pieces(folded: str) -> Iterator[str]:
    """Plain words, and Chinese characters one by one."""
    yield from (word[:_LONGEST] for word in _WORD.findall(folded))
    yield from filter(is_han, folded)


def _is_other(char: str, folded: str) -> bool:
    return not (char.isascii() or is_han(folded)) and (char.isalnum() or folded.isalnum())


def _section(section: str) -> list[str]:
    return [f"s:{fold(section).translate(_BLANKS)[:_LONGEST]}"] if section else []


def _host(host: str) -> str | None:
    """A host's labels, the last first: what lies below one begins like it. None of one that has no labels."""
    name = host.partition(":")[0]
    return None if host.startswith("[") or not name else ("h:" + ".".join(reversed(name.split("."))))[:_HOST]
