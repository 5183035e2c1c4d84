"""The search index: our own tokens in the database's own index, so that both databases answer alike.

SQLite: a contentless FTS5 table. To delete from one, FTS5 wants the very tokens that were added, so they are
made again from the stored text; meta.tokens says which rule made them. PostgreSQL: a tsvector written as a
literal, because its own parser would cut words differently.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from monitor.store.types import write_plain
from monitor.text import LONGEST_TOKEN, tokens

_NARROW, _WIDE = 12, 17  # binary digits: spans of 4,096 and of 131,072 articles
GAP = 10  # between title and body, so that no phrase spans both
# PostgreSQL's bounds, kept on both databases so that both give the same answers: it counts no further than
# 16,383 places, keeps 255 of one word, and a tsvector holds at most 1 MB. The article itself stays whole.
_PLACES = 16_383
_TITLE = 1_000
_PER_WORD = 255
_BYTES = 900_000

_ADD = {
    "sqlite": "INSERT INTO search_index (rowid, title, body) VALUES (?, ?, ?)",
    "postgresql": "INSERT INTO search_index (article, tokens) VALUES (?, CAST(? AS tsvector))",
}


def written(kind: str, title: str, body: str) -> tuple[str, ...]:
    """A text as the index of a kind of database is given it: a column each of title and body, or one tsvector."""
    columns = _capped(tokens(title), tokens(body))
    return tuple(map(" ".join, columns)) if kind == "sqlite" else (vector(*columns),)


def row(kind: str, article: int, text: tuple[str, ...]) -> tuple[Any, ...]:
    """What the index is given for an article: its number, then its text as `written` makes it."""
    if kind == "sqlite":
        return (article, *text)
    own = " ".join(f"'{lexeme}'" for lexeme in lexemes_of(article))
    return (article, f"{text[0]} {own}")


def in_part(title: str, body: str) -> bool:
    """Whether the index holds only the beginning of a text."""
    if len(title) <= _TITLE and len(body) < _PLACES - _TITLE - GAP:
        return False  # a token is a character or more, and 16,000 are far below _BYTES
    kept = _capped(tokens(title), tokens(body))
    return (len(kept[0]), len(kept[1])) != (len(tokens(title)), len(tokens(body)))


def lexemes_of(article: int) -> tuple[str, str]:
    """What PostgreSQL's index holds of a number itself: the hundreds, as it were, that it is one of."""
    return f"#{article >> _NARROW}", f"##{article >> _WIDE}"


def lexemes_between(low: int, high: int) -> list[str]:
    """Lexemes of which each number between two has one, and few others have.

    A GIN index cannot be asked for a span of rows: it would name every article that has the words, or the rows of the
    span would be looked at one by one, each with its tokens of 4 kB. With these among the words it names what is asked.
    """
    first, last, wide = low >> _NARROW, high >> _NARROW, _WIDE - _NARROW
    found: list[str] = []
    while first <= last:
        whole = first % (1 << wide) == 0 and first + (1 << wide) - 1 <= last
        found.append(f"##{first >> wide}" if whole else f"#{first}")
        first += 1 << wide if whole else 1
    return found


def add(session: Session, article: int, title: str, body: str) -> None:
    """Make an article findable."""
    add_all(session, [(article, written(session.get_bind().dialect.name, title, body))])


def add_all(session: Session, articles: Iterable[tuple[int, tuple[str, ...]]]) -> None:
    """Make articles findable: number of each, and its text as `written` makes it for this kind of database."""
    kind = session.get_bind().dialect.name
    write_plain(session, _ADD[kind], [row(kind, *each) for each in articles])


def remove(session: Session, article: int, title: str, body: str) -> None:
    """Forget an article; title and body must be those that were added."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(
            sql(
                "INSERT INTO search_index (search_index, rowid, title, body)"
                " VALUES ('delete', :id, :title, :body)"
            ),
            {"id": article, **_joined(*_capped(tokens(title), tokens(body)))},
        )
    else:
        session.execute(sql("DELETE FROM search_index WHERE article = :id"), {"id": article})


def vector(title: list[str], body: list[str]) -> str:
    """Tokens as a tsvector literal, title at weight A."""
    places: dict[str, list[str]] = {}
    numbered = [(place, token, "A") for place, token in enumerate(title, 1)]
    numbered += [(place, token, "D") for place, token in enumerate(body, len(title) + GAP)]
    for place, token, weight in numbered:
        at = places.setdefault(token, [])
        if len(at) < _PER_WORD:
            at.append(f"{place}{weight}")
    return " ".join(f"'{token}':{','.join(at)}" for token, at in places.items())


def _joined(title: list[str], body: list[str]) -> dict[str, str]:
    return {"title": " ".join(title), "body": " ".join(body)}


def _capped(title: list[str], body: list[str]) -> tuple[list[str], list[str]]:
    title = title[:_TITLE]
    body = body[: _PLACES - len(title) - GAP]
    if len(body) < _BYTES // (4 * LONGEST_TOKEN + 8):  # whatever they are, they fit
        return title, body
    size, seen = 0, set[str]()
    for number, token in enumerate(body):
        size += 4 if token in seen else len(token.encode()) + 8
        seen.add(token)
        if size > _BYTES:
            return title, body[:number]
    return title, body
