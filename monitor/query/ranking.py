"""Which of some hits say most about a query: BM25 over them, with weight for the title and for what is new. Pure.

    relevance = sum over words of  idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean length))
    score     = relevance * (1 + 2 ** (-age / 30 days)) / 2

tf counts a word in the text once and in the title TITLE times. idf = 1 + ln(hits / hits with the word): how rare a
word is among the hits, which is 1 for a word that all must have. age runs to the newest hit: what is a month older
counts three quarters, what is very old half. (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009.)
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from monitor.query.spotting import Spot, spots
from monitor.query.tree import Node
from monitor.text import fold

K1, B = 1.2, 0.75
TITLE = 5  # hits in the text that one in the title is worth
HALF_LIFE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is weighed of one article."""

    id: int
    title: str
    text: str
    words: int
    first_seen: datetime


def ranked(node: Node, candidates: Sequence[Candidate]) -> list[int]:
    """Numbers of articles, best first; of equal ones the newest."""
    wanted = spots(node)
    if not candidates or not wanted:
        return sorted((each.id for each in candidates), reverse=True)
    texts = _Texts(candidates)
    counts = list(zip(*(_counted(spot, texts) for spot in wanted), strict=True))
    having = [sum(1 for row in counts if row[number]) for number in range(len(wanted))]
    rarity = [1 + math.log(len(candidates) / max(1, number)) for number in having]
    mean = sum(each.words for each in candidates) / len(candidates) or 1
    newest = max(each.first_seen for each in candidates)
    scores = {
        each.id: _relevance(row, rarity, each.words / mean) * _freshness(newest, each.first_seen)
        for each, row in zip(candidates, counts, strict=True)
    }
    return sorted(scores, key=lambda number: (-scores[number], -number))


class _Texts:
    """Title and text of each candidate, in the form in which a word is looked for, made when one asks for it."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self.as_they_are = [(each.title, each.text) for each in candidates]

    @cached_property
    def lowered(self) -> list[tuple[str, str]]:
        return [(title.lower(), text.lower()) for title, text in self.as_they_are]

    @cached_property
    def folded(self) -> list[tuple[str, str]]:
        return [(fold(title), fold(text)) for title, text in self.as_they_are]


def _counted(spot: Spot, texts: _Texts) -> list[int]:
    """How often a word stands in each: in the text once, in the title TITLE times."""
    # a word of plain letters is found without folding what it is not made of, a Chinese one in each spelling
    count: Callable[[str], int] = spot.count_unfolded if spot.han else spot.count
    pairs = texts.as_they_are if spot.han else texts.lowered if spot.plain else texts.folded
    return [TITLE * count(title) + (0 if spot.title else count(text)) for title, text in pairs]


def _relevance(counts: Sequence[int], rarity: Sequence[float], length: float) -> float:
    damp = K1 * (1 - B + B * length)
    return sum(idf * tf * (K1 + 1) / (tf + damp) for tf, idf in zip(counts, rarity, strict=True) if tf)


def _freshness(newest: datetime, at: datetime) -> float:
    days: float = (newest - at).total_seconds() / 86_400
    return (1 + 2 ** (-days / HALF_LIFE_DAYS)) / 2
