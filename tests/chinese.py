"""Chinese words against an exact check: a word is found in an article just if its characters stand in the text."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.query.compiling import condition
from monitor.query.language import parse
from monitor.query.tree import Node
from monitor.store.tables import ArticleRow, SourceRow
from monitor.text import fold, is_han


def found_urls(session: Session, node: Node) -> set[str]:
    """The addresses of the articles that a query finds, copies included."""
    kind = session.get_bind().dialect.name
    joined = select(ArticleRow.url).join(SourceRow, SourceRow.id == ArticleRow.source)
    return set(session.scalars(joined.where(condition(node, kind))))


def wrong_words(session: Session, texts: dict[str, str], *, most: int) -> tuple[int, list[str]]:
    """Ask for words of two to six characters from the texts (address to title and text), and compare.

    Returns:
        How many words were asked for, and those for which an article was missed or found wrongly.
    """
    folded = {url: fold(text) for url, text in texts.items()}
    words = words_of(folded.values())
    step = max(1, len(words) // most)
    chosen = words[::step][:most]
    wrong = [
        word
        for word in chosen
        if found_urls(session, parse(f'"{word}"')) != {url for url, text in folded.items() if word in text}
    ]
    return len(chosen), wrong


def words_of(texts: Iterable[str]) -> list[str]:
    """Every run of two, three, four and six Chinese characters, in order."""
    found: set[str] = set()
    for text in texts:
        for length in (2, 3, 4, 6):
            for start in range(len(text) - length + 1):
                piece = text[start : start + length]
                if all(map(is_han, piece)):
                    found.add(piece)
    return sorted(found)
