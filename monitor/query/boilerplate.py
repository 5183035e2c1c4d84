"""Recurring lines as a person judges them: for `straitwatch boilerplate`."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor import learnt, topic
from monitor.store import learnt as lines
from monitor.store.learnt import Recurring
from monitor.store.tables import ArticleRow

STATES = ("proposed", "approved", "rejected", "counted")


@dataclass(frozen=True, slots=True)
class LineTold:
    """A recurring line of one source."""

    id: int
    source: str
    state: str  # one of STATES
    text: str
    articles: int
    of: int  # articles of the source since it first came; of an approved line, until it was last seen
    days: int
    stands: str  # head, tail, middle, head and tail
    why_not: str  # why it is not proposed; "" when it is
    examples: tuple[str, ...]  # URLs

    @property
    def share(self) -> float:
        """The share of the articles that hold it."""
        return self.articles / max(1, self.of)


@dataclass(frozen=True, slots=True)
class SourceTold:
    """What is learnt of one source."""

    source: str
    articles: int  # counted
    proposed: int
    approved: int
    rejected: int


def lines_told(session: Session, source: str, vocabulary: topic.Vocabulary) -> list[LineTold]:
    """The lines of a source that came twice or more: proposed ones first, then the decided, then the rest."""
    found = lines.of_source(session, source)
    addresses = _addresses(session, found)
    told = [_told(line, vocabulary, addresses) for line in found]
    return sorted(told, key=lambda line: (STATES.index(line.state), -line.articles, line.id))


def sources_told(session: Session, vocabulary: topic.Vocabulary) -> list[SourceTold]:
    """Every source whose lines were counted."""
    told = []
    for source, articles in sorted(lines.articles_counted(session).items()):
        states = [_state(line, vocabulary)[0] for line in lines.of_source(session, source)]
        told.append(SourceTold(source, articles, *(states.count(state) for state in STATES[:3])))
    return told


def _told(line: Recurring, vocabulary: topic.Vocabulary, addresses: dict[int, str]) -> LineTold:
    state, why_not = _state(line, vocabulary)
    counted = line.counted
    return LineTold(
        id=line.id, source=line.source, state=state, text=counted.text, articles=counted.articles,
        of=counted.of, days=counted.days, stands=counted.where, why_not=why_not,
        examples=tuple(addresses[number] for number in line.examples if number in addresses),
    )  # fmt: skip


def _state(line: Recurring, vocabulary: topic.Vocabulary) -> tuple[str, str]:
    if line.state:
        return line.state, ""
    if line.counted.articles < learnt.LEAST_ARTICLES:  # most lines: no need to look for terms in them
        return "counted", learnt.why_not(line.counted, names_topic=False)
    names_topic = any(spot.term for spot in topic.spots(line.counted.text, vocabulary))
    why_not = learnt.why_not(line.counted, names_topic=names_topic)
    return ("counted" if why_not else "proposed"), why_not


def _addresses(session: Session, found: Iterable[Recurring]) -> dict[int, str]:
    numbers = sorted({number for line in found for number in line.examples})
    return {
        number: url
        for start in range(0, len(numbers), 500)
        for number, url in session.execute(
            select(ArticleRow.id, ArticleRow.url).where(ArticleRow.id.in_(numbers[start : start + 500]))
        ).tuples()
    }
