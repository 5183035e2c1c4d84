"""Which of the lines that recur are proposed. A line that is news must not be: a person's time is dear.

What recurs and is news all the same: background that an agency carries from story to story, a quoted sentence
of a running story, a dateline, the heads of a form ("What we know"), a correction. They stand in the middle,
come and go within days, name the topic, or say so themselves; boilerplate stands at the same end of nearly
every article, for weeks.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from monitor.text import count_words

LEAST_ARTICLES = 3
LEAST_DAYS = 3  # different days of publication: a running story is not that long on each of its sentences
AT_EDGE = 0.8  # share of its places at one end of the articles
# (articles that hold it, least share of the source's articles since it first came), by what sort of line it is;
# the more articles were seen, the smaller a share is evidence.
_EDGE = ((3, 0.5), (6, 0.2), (12, 0.05))  # a whole sentence at one end
_SHORT = ((5, 0.5),)  # a few words at one end: more often the article's own
_MIDDLE = ((8, 0.6), (30, 0.3))
_TOPIC = ((10, 0.5),)  # names the topic, at one end
_SHORT_WORDS = 5  # each Chinese character counts as one
_SHORT_HAN = 8

_QUOTED = re.compile(r"\s*[\"'“‘「『«〝]")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of one line."""

    text: str
    articles: int  # that hold it
    of: int  # articles of its source since it first came
    days: int  # different days on which these were published
    head: int  # times that it stood in an article's first lines
    tail: int  # and in the last ones
    headings: int  # times that it was a heading

    @property
    def share(self) -> float:
        """The share of the articles that hold it."""
        return self.articles / max(1, self.of)

    @property
    def at_edge(self) -> bool:
        """Whether it stands at one and the same end of the articles."""
        return max(self.head, self.tail) >= AT_EDGE * self.articles

    @property
    def where(self) -> str:
        """Where it stands, in a word."""
        if not self.at_edge:
            return "middle" if self.head + self.tail < AT_EDGE * self.articles else "head and tail"
        return "head" if self.head > self.tail else "tail"


def why_not(counted: Counted, *, names_topic: bool) -> str:
    """Return why a line is not proposed, in words; "" when it is.

    names_topic: it holds a term of the vocabulary.
    """
    if counted.articles < LEAST_ARTICLES:
        return f"in fewer than {LEAST_ARTICLES} articles"
    if counted.days < LEAST_DAYS:
        return f"on fewer than {LEAST_DAYS} days"
    named = next((name for name, pattern in _never() if pattern.search(counted.text)), "")
    if named:
        return named
    if _QUOTED.match(counted.text):
        return "a quotation"
    short = _is_short(counted.text)
    if not counted.at_edge and (short or counted.headings * 2 > counted.articles):
        return "a few words or a heading in the middle"
    if names_topic:
        return _in_enough(counted, _TOPIC, "names the topic, ") if counted.at_edge else "names the topic"
    if not counted.at_edge:
        return _in_enough(counted, _MIDDLE, "in the middle, ")
    return _in_enough(counted, _SHORT if short or counted.headings else _EDGE, "")


def _in_enough(counted: Counted, steps: tuple[tuple[int, float], ...], sort: str) -> str:
    if any(counted.articles >= articles and counted.share >= share for articles, share in steps):
        return ""
    return f"{sort}in {counted.articles} of {counted.of} articles: too few"


def _is_short(text: str) -> bool:
    return count_words(text) < (_SHORT_HAN if _HAN.search(text) else _SHORT_WORDS)


@cache
def _never() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Lines that say something of their article, as never.toml lists them."""
    listed = tomllib.loads((Path(__file__).parent / "never.toml").read_text("utf-8"))
    return tuple((name, re.compile("|".join(patterns), re.IGNORECASE)) for name, patterns in listed.items())
