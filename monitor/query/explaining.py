"""Why a query finds nothing: which part matches nothing, what it may have meant, which parts exclude each other.

Bounded: counts stop at `MOST_COUNTED`, near spellings are looked for in the vocabulary and in the words of the
newest articles, the same way on both databases.
"""

import difflib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor import topic
from monitor.model import utc_now
from monitor.query.compiling import TIMES, condition
from monitor.query.leading import leads
from monitor.query.terms import near_terms, spellings
from monitor.query.tree import (
    All,
    Exact,
    Is,
    Leaf,
    Named,
    Near,
    Node,
    Not,
    Points,
    When,
    Words,
    any_of,
    asked,
    written,
)
from monitor.store.tables import ArticleRow, SourceRow
from monitor.text import fold, tokens

MOST_COUNTED = 10_000
MOST_PARTS = 12
_SAMPLE = 1_000  # newest articles whose words are compared with one that is not found


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a query, what it finds alone (at most MOST_COUNTED), and what may help."""

    written: str
    found: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why a query finds nothing: its parts, and what excludes what."""

    parts: tuple[Part, ...]
    why: str = ""


def explain(session: Session, node: Node, now: datetime | None = None) -> Nothing:
    """Why nothing matches."""
    return _Explainer(session, now or utc_now()).explain(node)


class _Explainer:
    """Asks the archive about parts of one query."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.kind = session.get_bind().dialect.name

    def explain(self, node: Node) -> Nothing:
        """Each part alone; if each finds something, what they exclude together."""
        while isinstance(node, Named) and node.written.startswith("@"):
            node = node.part
        parts = tuple(map(self._part, asked(node)[:MOST_PARTS]))
        why = "" if any(not part.found for part in parts) else self._clash(node)
        return Nothing(parts, why)

    def _part(self, leaf: Leaf | Named) -> Part:
        found, joint = self._count(leaf), _joint(leaf)
        note = f"looked for as a word; {joint} in capitals joins" if joint else ""
        return Part(written(leaf), found, note or ("" if found else self._note(leaf)))

    def _count(self, node: Node, most: int = MOST_COUNTED) -> int:
        within = (
            select(ArticleRow.id)
            .join(SourceRow, SourceRow.id == ArticleRow.source)
            .where(condition(node, self.kind, self.now), *leads(self.session, node))
            .limit(most)
        )
        return self.session.scalar(select(func.count()).select_from(within.subquery())) or 0

    def _clash(self, node: Node) -> str:
        """The first part that leaves nothing of those before it, and the one that it excludes, if it is one."""
        if not isinstance(node, All):
            return ""
        parts = sorted(node.parts, key=lambda part: isinstance(part, Not))[:MOST_PARTS]
        for size in range(2, len(parts) + 1):
            if self._count(All(tuple(parts[:size])), 1):
                continue
            last, before = parts[size - 1], parts[: size - 1]
            for other in before:
                if not self._count(All((other, last)), 1):
                    return _apart(other, last)
            left = self._count(All(tuple(before)) if len(before) > 1 else before[0])
            return f"{' '.join(map(written, before))} finds {left:,}; none of them {_and_not(last)}"
        return ""

    def _note(self, leaf: Leaf | Named) -> str:
        """What may help with a part that finds nothing."""
        match leaf:
            case Words():
                return self._words(leaf)
            case Exact():
                other = self._count(leaf.words)
                return f"in other spellings: {other:,}; leave out =" if other else self._words(leaf.words)
            case Named(part=Near(left=left, right=right)):
                both = self._count(All((any_of(list(left)), any_of(list(right)))))
                return f"both in one article, farther apart or one in the title: {both:,}" if both else ""
            case When():
                return self._range(leaf)
            case Points():
                most = self.session.scalar(select(func.max(ArticleRow.points)))
                return f"the most is {most} points" if most is not None else ""
            case Is():
                return self._value(leaf)
            case _:
                return ""

    def _words(self, words: Words) -> str:
        if words.title:
            anywhere = self._count(Words(words.tokens, words.written, open=words.open))
            if anywhere:
                return f"anywhere, not only in the title: {anywhere:,}"
        if len(words.tokens) > 1 and words.written.isascii():
            apart = self._count(All(tuple(Words((token,), token) for token in words.tokens)))
            if apart:
                return f"its words in one article, but not side by side: {apart:,}"
        near = self._near(words)
        return f"did you mean {' or '.join(near)}?" if near else ""

    def _near(self, words: Words) -> list[str]:
        """Spellings that are in the archive: of the vocabulary, then of the newest articles."""
        alike = [
            each for each in near_terms(words.written, topic.load()) if "_" not in each and self._has(each)
        ]
        missing = [token for token in words.tokens if token.isascii() and not self._has(token)]
        if not alike and len(missing) == 1:
            close = _closest(missing[0], self._words_of_newest)
            alike = [fold(words.written).replace(missing[0], each) for each in close]
        return [f'"{each}"' if " " in each else each for each in alike[:3]]

    def _has(self, spelling: str) -> bool:
        found = tuple(tokens(spelling))
        return bool(found) and self._count(Words(found, spelling), 1) > 0

    @cached_property
    def _words_of_newest(self) -> Counter[str]:
        newest = select(ArticleRow.title, ArticleRow.text).order_by(ArticleRow.id.desc()).limit(_SAMPLE)
        counted: Counter[str] = Counter()
        for title, text in self.session.execute(newest).tuples():
            counted.update(token for token in {*tokens(title), *tokens(text)} if token.isascii())
        return counted

    def _range(self, asked_for: When) -> str:
        column = TIMES[asked_for.field]
        first, last = self.session.execute(select(func.min(column), func.max(column))).one()
        return f"the archive runs from {first:%Y-%m-%d} to {last:%Y-%m-%d}" if first else ""

    def _value(self, asked_for: Is) -> str:
        if asked_for.field == "term":
            spelt = self._count(spellings([asked_for.value], topic.load(), title=False))
            return f"counted in none; ~{asked_for.value} finds {spelt:,}" if spelt else ""
        known: Iterable[str]
        if asked_for.field == "section":
            known = self.session.scalars(select(ArticleRow.section).distinct().limit(_SAMPLE))
        elif asked_for.field == "author":
            newest = select(ArticleRow.authors).order_by(ArticleRow.id.desc()).limit(_SAMPLE)
            names = [name for authors in self.session.scalars(newest) for name in authors]
            known = [*names, *(part for name in names for part in name.split())]
        elif asked_for.field == "lang":
            known = self.session.scalars(select(ArticleRow.language).distinct().limit(_SAMPLE))
        else:
            return ""
        folded = {fold(each): each for each in known if each}
        close = difflib.get_close_matches(fold(asked_for.value), folded, 2, 0.6)
        return f"did you mean {' or '.join(folded[each] for each in close)}?" if close else ""


def _joint(leaf: Leaf | Named) -> str:
    """The operator that somebody wrote in small letters, or ""."""
    small = isinstance(leaf, Words) and leaf.written in ("and", "or", "not", "near")
    return leaf.written.upper() if small else ""


def _apart(one: Node, other: Node) -> str:
    if isinstance(other, Not):
        return f"every article with {written(one)} has {written(other.part)}, too, which -{written(other.part)} excludes"
    return f"no article has both {written(one)} and {written(other)}"


def _and_not(last: Node) -> str:
    return f"is without {written(last.part)}" if isinstance(last, Not) else f"has {written(last)}"


def _closest(word: str, known: Counter[str]) -> list[str]:
    """Words spelt like this one, the most frequent first: of about its length, with one letter of its ends."""
    alike = [
        each
        for each in known
        if abs(len(each) - len(word)) <= 2
        and (each[0] == word[0] or each[-1] == word[-1] or each[:2] == word[1::-1])
    ]
    close = difflib.get_close_matches(word, alike, 5, 0.75)
    return sorted(close, key=lambda each: -known[each])[:3]
