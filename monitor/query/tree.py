"""A query as a tree: what the parser makes, and what the matcher and both databases are asked. Pure.

Words, phrases and prefixes are folded tokens, as the index holds them. What a person wrote is kept beside it
(`written`) with its place in the query (`at`), for mistakes and explanations.
"""

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.text import starts_words


@dataclass(frozen=True, slots=True)
class Words:
    """Tokens side by side, anywhere or in the title only; `open` lets the last one go on (prefix)."""

    tokens: tuple[str, ...]
    written: str
    title: bool = False
    open: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether the last token is the beginning of one: asked for with *, or a single Chinese character."""
        return self.open or starts_words(list(self.tokens))


@dataclass(frozen=True, slots=True)
class Exact:
    """Words in the very spelling asked for, capitals and script included."""

    words: Words  # what the index is asked; a superset

    @property
    def written(self) -> str:
        """As a person writes it."""
        return f'="{self.words.written}"' if " " in self.words.written else f"={self.words.written}"


@dataclass(frozen=True, slots=True)
class Near:
    """Of each side at least one, in either order, with at most so many places between."""

    left: tuple[Words, ...]
    right: tuple[Words, ...]
    distance: int
    written: str


@dataclass(frozen=True, slots=True)
class Is:
    """A field that has a value."""

    field: str
    value: str
    at: int = dataclasses.field(default=0, compare=False)

    @property
    def written(self) -> str:
        """As a person writes it."""
        return f'{self.field}:"{self.value}"' if " " in self.value else f"{self.field}:{self.value}"


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment that is fixed, or so long before the time of asking, or before the day of asking (UTC)."""

    at: datetime | None = None
    ago: timedelta = timedelta()
    of_day: bool = False

    def resolve(self, now: datetime) -> datetime:
        """When it is, if asked now."""
        if self.at is not None:
            return self.at
        base = now.astimezone(UTC)
        if self.of_day:
            base = base.replace(hour=0, minute=0, second=0, microsecond=0)
        return base - self.ago


@dataclass(frozen=True, slots=True)
class When:
    """A time of the article that lies in a span: `since` included, `until` not; None is open."""

    field: str  # published, seen, indexed
    since: Moment | None
    until: Moment | None
    written: str


@dataclass(frozen=True, slots=True)
class Points:
    """Relevance points within bounds, both included; None is open."""

    least: int | None
    most: int | None
    written: str


@dataclass(frozen=True, slots=True)
class Named:
    """What a short form stands for: a vocabulary term, a word's inflections, a saved search."""

    written: str
    part: "Node"


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


Leaf = Words | Exact | Near | Is | When | Points
Node = Leaf | Named | Not | All | AnyOf


def any_of(parts: list[Node]) -> Node:
    """One part as it is, several of which one must hold; each once, in order."""
    once = tuple(dict.fromkeys(parts))
    return once[0] if len(once) == 1 else AnyOf(once)


def leaves(node: Node) -> list[Words | Is]:
    """Every word, phrase and field of a query, in order, without what it excludes; short forms written out."""
    match node:
        case Words() | Is():
            return [node]
        case Exact():
            return [node.words]
        case Near():
            return [*node.left, *node.right]
        case Named():
            return leaves(node.part)
        case All() | AnyOf():
            return [leaf for part in node.parts for leaf in leaves(part)]
        case _:
            return []


def asked(node: Node) -> list[Leaf | Named]:
    """The parts of a query as a person wrote them, in order, without what it excludes."""
    match node:
        case Not():
            return []
        case All() | AnyOf():
            return [part for each in node.parts for part in asked(each)]
        case _:
            return [node]


def every(node: Node) -> list[Leaf]:
    """Every leaf of a query, what it excludes included."""
    match node:
        case Named() | Not():
            return every(node.part)
        case All() | AnyOf():
            return [leaf for part in node.parts for leaf in every(part)]
        case _:
            return [node]


def written(node: Node) -> str:
    """A node as a person would write it, short enough to show."""
    match node:
        case Words():
            shown = f'"{node.written}"' if " " in node.written else node.written
            return f"title:{shown}" if node.title else shown
        case Not():
            return f"-{written(node.part)}"
        case All():
            return f"({' '.join(map(written, node.parts))})"
        case AnyOf():
            return f"({' OR '.join(map(written, node.parts))})"
        case _:
            return node.written
