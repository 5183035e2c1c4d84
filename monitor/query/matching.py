"""Does one article match a query? The plain matcher that rules use on what was just settled. Pure.

It gives the same answer as the database's index, because both are fed by `text.tokens`.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from monitor.errors import Mistake
from monitor.query import patterns
from monitor.query.tree import All, AnyOf, Exact, Is, Leaf, Named, Near, Node, Not, Points, When, Words, every
from monitor.text import tokens

# What is not known of an article while it is settled, and why a rule cannot ask for it.
_TOO_EARLY = {
    "copies": "a rule looks at an article when it comes, before others have copied it",
    "revision": "a rule looks at an article's text when it comes; an edited one is looked at again by itself",
}


class Places:
    """Where the tokens of one text stand."""

    def __init__(self, text: str) -> None:
        self._at: dict[str, list[int]] = {}
        for place, token in enumerate(tokens(text)):
            self._at.setdefault(token, []).append(place)
        self._known = sorted(self._at)

    def starts(self, words: Words) -> list[int]:
        """Where words begin."""
        *before, last = words.tokens
        ends = set(self._beginning(last) if words.goes_on else self._at.get(last, ()))
        found = {end - len(before) for end in ends}
        for number, token in enumerate(before):
            found &= {place - number for place in self._at.get(token, ())}
        return sorted(found)

    def _beginning(self, start: str) -> list[int]:
        found: list[int] = []
        for token in self._known[bisect_left(self._known, start) :]:
            if not token.startswith(start):
                break
            found += self._at[token]
        return found


@dataclass(frozen=True)
class Subject:
    """What a query can ask of an article. Its links are canonical URLs, "" where the page gave none."""

    title: str
    text: str
    fields: Mapping[str, str]  # source, side, kind, lang, section, tier
    now: datetime  # the time of asking, which is that of indexing
    published: datetime | None = None
    seen: datetime | None = None
    indexed: datetime | None = None
    points: int = 0
    authors: Sequence[str] = ()
    terms: frozenset[str] = frozenset()
    links: Sequence[str] = ()
    known: frozenset[str] = field(default=frozenset())  # has: copies, revision, where they are known

    @cached_property
    def in_title(self) -> Places:
        """The tokens of the headline."""
        return Places(self.title)

    @cached_property
    def in_text(self) -> Places:
        """The tokens of the text."""
        return Places(self.text)


def matches(node: Node, subject: Subject) -> bool:
    """Whether the query holds for the article."""
    match node:
        case Named():
            return matches(node.part, subject)
        case Not():
            return not matches(node.part, subject)
        case All():
            return all(matches(part, subject) for part in node.parts)
        case AnyOf():
            return any(matches(part, subject) for part in node.parts)
        case _:
            return _leaf_holds(node, subject)


def _leaf_holds(leaf: Leaf, subject: Subject) -> bool:
    match leaf:
        case Words():
            return any(places.starts(leaf) for places in _places(leaf, subject))
        case Near():
            return any(_near(places, leaf) for places in _places(leaf.left[0], subject))
        case Exact():
            return _leaf_holds(leaf.words, subject) and _spelt(leaf, subject)
        case Is():
            return _field_holds(leaf, subject)
        case When():
            return _when(leaf, subject)
        case Points():
            least = leaf.least is None or subject.points >= leaf.least
            return least and (leaf.most is None or subject.points <= leaf.most)


def refuse(node: Node) -> None:
    """Check that a rule can ask this of an article that has just come.

    Raises:
        Mistake: it cannot; the text names the part and the reason.
    """
    for leaf in every(node):
        if isinstance(leaf, Is) and leaf.field == "has" and leaf.value in _TOO_EARLY:
            raise Mistake(f"{leaf.written} cannot stand in a rule: {_TOO_EARLY[leaf.value]}")


def _places(words: Words, subject: Subject) -> list[Places]:
    return [subject.in_title] if words.title else [subject.in_title, subject.in_text]


def _near(places: Places, node: Near) -> bool:
    return any(
        _within(places.starts(left), len(left.tokens), places.starts(right), len(right.tokens), node.distance)
        for left in node.left
        for right in node.right
    )


def _within(ones: list[int], length: int, others: list[int], other_length: int, distance: int) -> bool:
    """Whether two phrases, given as places and lengths, stand near each other somewhere; to overlap is near."""
    for start in ones:
        first = bisect_left(others, start - other_length - distance)
        if first < len(others) and others[first] <= start + length + distance:
            return True
    return False


def _spelt(node: Exact, subject: Subject) -> bool:
    pattern = patterns.exactly(node.words.written)
    in_title = patterns.holds(pattern, subject.title)
    return in_title or (not node.words.title and patterns.holds(pattern, subject.text))


def _when(asked: When, subject: Subject) -> bool:
    at = {"published": subject.published, "seen": subject.seen, "indexed": subject.indexed or subject.now}[
        asked.field
    ]
    if at is None or (asked.since is not None and at < asked.since.resolve(subject.now)):
        return False
    return asked.until is None or at < asked.until.resolve(subject.now)


def _field_holds(asked: Is, subject: Subject) -> bool:
    match asked.field:
        case "section":
            return patterns.holds(patterns.folded_whole(asked.value), subject.fields.get("section", ""))
        case "author":
            pattern = patterns.folded(asked.value)
            return any(patterns.holds(pattern, author) for author in subject.authors)
        case "term":
            return asked.value in subject.terms
        case "link":
            return any(_links_to(asked.value, link) for link in subject.links)
        case "has":
            known = {"author": bool(subject.authors), "link": bool(subject.links)}
            return known.get(asked.value, asked.value in subject.known)
        case _:
            found, wanted = subject.fields.get(asked.field, "").lower(), asked.value.lower()
            return found == wanted or (asked.field == "lang" and found.startswith(f"{wanted}-"))


def _links_to(value: str, link: str) -> bool:
    if "://" in value:
        return link == value
    host = link.partition("://")[2].partition("/")[0]
    if ":" not in value:
        host = host.partition(":")[0]
    return host == value or host.endswith(f".{value}")
