"""The query language: a string to a tree. Pure.

    query   = any
    any     = all { OR all }
    all     = one { [AND] one }
    one     = (NOT | -) one | ( any ) | [field:] word | [field:] "phrase" | word*
    field   = title source side kind lang section tier

Words are folded as in the index: 臺海 finds 台海, "South-China" finds south china. OR, AND and NOT are written
in capitals. A mistake names its place and what is allowed; nothing is ever silently left out.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.errors import Mistake
from monitor.text import phrase

LONGEST = 1000  # characters
MOST_TERMS = 50
DEEPEST = 20  # brackets

FIELDS = {
    "title": "words of the headline",
    "source": "id of a source",
    "side": "us, prc, tw, ally, other",
    "kind": "official, state media, wire, trade, press, think tank",
    "lang": "en, zh (both scripts), zh-Hans, zh-Hant, ...",
    "section": "the outlet's section",
    "tier": "core, relevant, peripheral",
}

VALUES = {
    "side": ("us", "prc", "tw", "ally", "other"),
    "kind": ("official", "state media", "wire", "trade", "press", "think tank"),
    "tier": ("core", "relevant", "peripheral"),
}


class QueryMistake(Mistake):
    """A query that cannot be read; the text shows the place under the query."""

    def __init__(self, query: str, at: int, why: str) -> None:
        self.at, self.why = at, why
        start = max(0, at - 60)
        super().__init__(f"{why}\n  {query[start : start + 90]}\n  {' ' * (at - start)}^")


@dataclass(frozen=True, slots=True)
class Words:
    """Tokens side by side, anywhere or in the title only; `open` lets the last one go on (prefix)."""

    tokens: tuple[str, ...]
    written: str
    title: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class Is:
    """A field that has a value."""

    field: str
    value: str

    @property
    def written(self) -> str:
        """As a person writes it."""
        return f"{self.field}:{self.value}"


@dataclass(frozen=True, slots=True)
class Not:
    """What must not hold."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple["Node", ...]


Node = Words | Is | Not | All | AnyOf

_TOKEN = re.compile(
    r"""\s*(?:(?P<open>\()|(?P<close>\))|(?P<minus>-(?=[\w"(]))|(?P<field>[A-Za-z]{2,12}):(?!//)"""
    r"""|["“”](?P<phrase>[^"“”]*)(?P<end>["“”]?)|(?P<word>[^\s()"“”]+))"""
)


def parse(query: str) -> Node:
    """Read a query.

    Raises:
        QueryMistake: it cannot be read; place and way out are in the text.
    """
    if len(query) > LONGEST:
        raise QueryMistake(
            query, LONGEST, f"a query has at most {LONGEST:,} characters; this has {len(query):,}"
        )
    reader = _Reader(query)
    node = reader.any(depth=0)
    if reader.kind == "close":
        raise QueryMistake(query, reader.at, "this bracket was never opened")
    return node


def leaves(node: Node) -> list[Words | Is]:
    """Every word, phrase and field of a query, in order, without what it excludes."""
    match node:
        case Words() | Is():
            return [node]
        case Not():
            return []
        case All() | AnyOf():
            return [leaf for part in node.parts for leaf in leaves(part)]


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


class _Reader:
    """Recursive descent over the pieces of one query."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.terms = 0
        self._pieces = self._split()
        self.advance()

    def _split(self) -> Iterator[tuple[str, str, int]]:
        at, end = 0, len(self.query.rstrip())
        while at < end:
            found = _TOKEN.match(self.query, at)
            if found is None:  # pragma: no cover  (the last alternative takes any character)
                raise QueryMistake(self.query, at, "this cannot be read")
            kind = found.lastgroup or ""
            if kind == "end":
                kind = "phrase"
                if not found["end"]:
                    raise QueryMistake(
                        self.query, found.start("phrase") - 1, "this quotation mark is never closed"
                    )
            start = found.start(kind) - (kind == "phrase")
            yield kind, found[kind], start
            at = found.end()
        yield "end", "", end

    def advance(self) -> None:
        """Look at the next piece."""
        self.kind, self.value, self.at = next(self._pieces)

    def any(self, depth: int) -> Node:
        """One side of OR or more."""
        parts = [self.all(depth)]
        while self.kind == "word" and self.value == "OR":
            self.advance()
            parts.append(self.all(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def all(self, depth: int) -> Node:
        """Parts that must all hold."""
        parts: list[Node] = []
        while not (self.kind in ("end", "close") or (self.kind == "word" and self.value == "OR")):
            if self.kind == "word" and self.value == "AND" and parts:
                self.advance()
            parts.append(self.one(depth))
        if not parts:
            raise QueryMistake(self.query, self.at, "a word is missing here")
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def one(self, depth: int) -> Node:
        """A word, phrase, field, bracket, or the opposite of one."""
        if depth > DEEPEST:
            raise QueryMistake(self.query, self.at, f"brackets are nested more than {DEEPEST} deep")
        if self.kind == "minus" or (self.kind == "word" and self.value == "NOT"):
            self.advance()
            return Not(self.one(depth + 1))
        if self.kind == "open":
            return self._bracket(depth)
        if self.kind == "field":
            return self._field()
        if self.kind not in ("word", "phrase") or self.value in ("AND", "OR"):
            raise QueryMistake(self.query, self.at, "a word is missing here")
        return self._words(title=False)

    def _bracket(self, depth: int) -> Node:
        opened = self.at
        self.advance()
        inner = self.any(depth + 1)
        if self.kind != "close":
            raise QueryMistake(self.query, opened, "this bracket is never closed")
        self.advance()
        return inner

    def _field(self) -> Node:
        name, at = self.value.lower(), self.at
        if name not in FIELDS:
            close = difflib.get_close_matches(name, FIELDS, 1, 0.6)
            hint = f"did you mean {close[0]}:?" if close else f"fields are {', '.join(FIELDS)}"
            raise QueryMistake(self.query, at, f"there is no field {name}:; {hint}")
        after = at + len(name) + 1
        self.advance()
        if self.kind not in ("word", "phrase") or self.at != after:
            raise QueryMistake(self.query, at, f"{name}: wants a value right behind it: {FIELDS[name]}")
        if name == "title":
            return self._words(title=True)
        allowed = VALUES.get(name)
        if allowed and self.value.lower() not in allowed:
            close = difflib.get_close_matches(self.value.lower(), allowed, 1, 0.5)
            hint = (
                f"did you mean {name}:{_quoted(close[0])}?" if close else f"it is one of {', '.join(allowed)}"
            )
            raise QueryMistake(self.query, self.at, f"there is no {name} {self.value}; {hint}")
        value = Is(name, self.value)
        self._count()
        self.advance()
        return value

    def _words(self, *, title: bool) -> Words:
        written, goes_on = self.value, self.kind == "word" and self.value.endswith("*")
        tokens = tuple(phrase(written.rstrip("*") if goes_on else written))
        if not tokens:
            raise QueryMistake(
                self.query, self.at, f"{written or 'an empty phrase'} holds no word to look for"
            )
        self._count()
        self.advance()
        return Words(tokens, written, title, goes_on)

    def _count(self) -> None:
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise QueryMistake(self.query, self.at, f"a query has at most {MOST_TERMS} words and fields")
