"""The query language: a string to a tree. Pure. docs/query.md is its manual.

    query   = any
    any     = all { OR all }
    all     = one { [AND] one }
    one     = (NOT | -) one | near
    near    = item [ NEAR[/n] item ]
    item    = ( any ) | field: value | field:( any ) | ~term | =word | @saved | word | "phrase" | word* | "phrase"*

Words are folded as in the index: 臺海 finds 台海, "South-China" finds south china. OR, AND, NOT and NEAR are written
in capitals. A mistake names its place and what is allowed; nothing is ever silently left out.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from monitor.query import fields
from monitor.query.fields import FIELDS, TIMES, VALUES
from monitor.query.inflections import forms
from monitor.query.pieces import Piece, Pieces, QueryMistake
from monitor.query.tree import All, AnyOf, Exact, Is, Named, Near, Node, Not, Words, any_of, leaves
from monitor.text import is_han, phrase, width

if TYPE_CHECKING:
    from monitor.topic import Vocabulary

__all__ = ["FIELDS", "All", "AnyOf", "Is", "Node", "Not", "QueryMistake", "Words", "leaves", "parse"]

LONGEST = 1000  # characters
MOST_TERMS = 50
DEEPEST = 20  # brackets
FARTHEST, USUAL = 50, 10  # places between the two sides of NEAR
MOST_PAIRS = 400  # spellings of one side times those of the other
MOST_PLACES = (
    4_000  # spellings beside NEAR times its distance, in all: PostgreSQL is asked each distance apart
)
SHORTEST_PREFIX = 2  # letters; a* is a tenth of all words

_ONE_EACH = ("source", "side", "kind", "tier", "lang", "section")  # an article has one of them
_OPERATORS = ("AND", "OR", "NOT", "NEAR")

Saved = Callable[[str], str | None]  # the text of a saved search
Known = tuple[str, ...]  # saved searches that are being read, the innermost last


def parse(query: str, *, vocabulary: "Vocabulary | None" = None, saved: Saved | None = None) -> Node:
    """Read a query.

    Args:
        query: as a person wrote it.
        vocabulary: for ~ and term:; the one that comes with the product unless given.
        saved: gives the text of a saved search by its name; without it, @NAME is a mistake.

    Raises:
        QueryMistake: it cannot be read; place and way out are in the text.
    """
    return _Reader(query, vocabulary, saved, ()).read()


class _Reader:
    """Recursive descent over the pieces of one query."""

    def __init__(
        self, query: str, vocabulary: "Vocabulary | None", saved: Saved | None, within: Known,
    ) -> None:  # fmt: skip
        self.query, self.saved, self.within = query, saved, within
        self._vocabulary = vocabulary
        self.terms = self.places = 0
        self.field = ""  # whose brackets we are in
        self.pieces = Pieces(query)
        self.piece = Piece("end", "", 0, 0)

    def read(self) -> Node:
        """The whole query."""
        if len(self.query) > LONGEST:
            raise self._mistake(
                LONGEST, f"a query has at most {LONGEST:,} characters; this has {len(self.query):,}"
            )
        for at, char in enumerate(self.query):
            if unicodedata.category(char) in ("Cc", "Cs") and not char.isspace():
                raise self._mistake(at, "this character cannot stand in a query")
        self.advance()
        node = self.any(0)
        if self.piece.kind == "close":
            raise self._mistake(self.piece.at, "this bracket was never opened")
        return node

    @property
    def vocabulary(self) -> "Vocabulary":
        """Imported and read when it is first asked for: most queries do without, and it takes a moment."""
        if self._vocabulary is None:
            from monitor import topic  # noqa: PLC0415

            self._vocabulary = topic.load()
        return self._vocabulary

    def advance(self) -> None:
        """Look at the next piece."""
        self.piece = self.pieces.at(self.piece.end)

    def any(self, depth: int) -> Node:
        """One side of OR or more."""
        parts = [self.all(depth)]
        while self._operator("OR"):
            self.advance()
            parts.append(self.all(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def all(self, depth: int) -> Node:
        """Parts that must all hold."""
        parts: list[Node] = []
        while not (self.piece.kind in ("end", "close") or self._operator("OR")):
            if self._operator("AND") and parts:
                self.advance()
            at = self.piece.at
            parts.append(self.one(depth))
            if self.field in _ONE_EACH and sum(not isinstance(part, Not) for part in parts) > 1:
                raise self._mistake(at, f"an article has one {self.field}: write OR before this")
        if not parts:
            raise self._mistake(self.piece.at, "a word is missing here")
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def one(self, depth: int) -> Node:
        """An item, two near each other, or the opposite of one."""
        if depth > DEEPEST:
            raise self._mistake(self.piece.at, f"brackets are nested more than {DEEPEST} deep")
        minus = self.piece.kind == "minus" and self.field not in TIMES  # seen:(-7d) is no exclusion
        if minus or self._operator("NOT"):
            self.advance()
            return Not(self.one(depth + 1))
        at = self.piece.at
        left = self.item(depth)
        if not self._operator("NEAR"):
            return left
        distance = self._distance()
        middle = self.piece.at
        self.advance()
        if self.piece.kind in ("end", "close"):
            raise self._mistake(self.piece.at, "a word is missing here")
        after = self.piece.at
        right = self.item(depth)
        if self._operator("NEAR"):
            raise self._mistake(self.piece.at, "NEAR joins two; for three write a NEAR/5 b AND b NEAR/5 c")
        return self._near(self._operands(left, at), self._operands(right, after), distance, at, middle)

    def item(self, depth: int) -> Node:
        """A word, phrase, field, bracket, term, spelling or saved search."""
        kind = self.piece.kind
        if kind == "open":
            return self._bracket(depth)
        if self.field and self.field not in ("title", "stem"):
            return self._value(self.field, self.piece.at)
        if kind == "field":
            return self._field(depth)
        if kind in ("term", "exact", "saved"):
            return {"term": self._term, "exact": self._exact, "saved": self._saved}[kind]()
        if kind not in ("word", "phrase") or self._is_operator():
            raise self._mistake(self.piece.at, self._missing())
        return self._words()

    def _missing(self) -> str:
        if self._operator("NEAR"):
            return "NEAR stands between two words: a NEAR/5 b"
        return "a word is missing here"

    def _is_operator(self) -> bool:
        return any(map(self._operator, _OPERATORS))

    def _operator(self, name: str) -> bool:
        if self.piece.kind != "word":
            return False
        plain = self.piece.value
        return plain == name or (name == "NEAR" and plain.startswith("NEAR/"))

    def _mistake(self, at: int, why: str) -> QueryMistake:
        return QueryMistake(self.query, at, why)

    def _count(self, at: int, more: int = 1) -> None:
        self.terms += more
        if self.terms > MOST_TERMS:
            raise self._mistake(at, f"a query has at most {MOST_TERMS} words and fields")

    def _bracket(self, depth: int) -> Node:
        opened = self.piece.at
        self.advance()
        inner = self.any(depth + 1)
        if self.piece.kind != "close":
            raise self._mistake(opened, "this bracket is never closed")
        self.advance()
        return inner

    def _field(self, depth: int) -> Node:
        name, at, after = self.piece.value, self.piece.at, self.piece.end
        if self.field:
            raise self._mistake(at, f"{name}: cannot stand within the brackets of {self.field}:")
        if name == "story":
            raise self._mistake(
                at, "there are no stories yet: story: comes with them; a rule alerts once per text already"
            )
        if name not in FIELDS:
            raise self._mistake(at, fields.no_field(name))
        sign = self.pieces.starts(after)
        if not sign or sign.isspace() or sign == ")":
            raise self._mistake(at, f"{name}: wants a value right behind it: {FIELDS[name]}")
        if sign == "(" or name in ("title", "stem"):
            self.field = name
            self.advance()
            node = self.item(depth)
            self.field = ""
            return node
        return self._value(name, after)

    def _value(self, name: str, at: int) -> Node:
        self.piece = self.pieces.value(at)
        value = " ".join(width(self.piece.value).split())
        if not value:
            raise self._mistake(at, f"{name}: wants a value right behind it: {FIELDS[name]}")
        self._count(at)
        try:
            node = self._read_value(name, value, at)
        except fields.Unreadable as wrong:
            raise self._mistake(at, str(wrong)) from wrong
        self.advance()
        return node

    def _read_value(self, name: str, value: str, at: int) -> Node:
        if name in VALUES:
            return Is(name, fields.one_of(name, value), at)
        if name in TIMES:
            return fields.span(name, value)
        if name == "relevance":
            return fields.points(value)
        if name == "link":
            return Is(name, fields.link(value), at)
        if name == "term":
            ids = self._ids(value.removeprefix("~"), at)
            return any_of([Is(name, each, at) for each in ids])
        return Is(name, value, at)

    def _behind(self, sign: str) -> tuple[str, int]:
        """The word or phrase right behind a sign, and its place."""
        at = self.piece.end
        self.advance()
        piece = self.piece
        if piece.at != at or piece.kind not in ("word", "phrase"):
            raise self._mistake(at - 1, f"{sign} wants a word or a phrase right behind it")
        if piece.open:
            raise self._mistake(piece.end - 1, f"* does not go with {sign}: leave out one of them")
        self._count(at)
        self.advance()
        return piece.value, at

    def _term(self) -> Node:
        from monitor.query.terms import spellings  # noqa: PLC0415

        start = self.piece.at
        written, at = self._behind("~")
        node = spellings(self._ids(written, at), self.vocabulary, title=self.field == "title")
        return Named(self.query[start : self.piece.at].strip(), node)

    def _ids(self, written: str, at: int) -> list[str]:
        from monitor.query.terms import ids_of, near_terms  # noqa: PLC0415

        ids = ids_of(written, self.vocabulary)
        if not ids:
            near = near_terms(written, self.vocabulary)
            hint = f"; did you mean {', '.join(map(_tilde, near))}?" if near else ""
            raise self._mistake(at, f"the vocabulary has no term {written}{hint}")
        return ids

    def _exact(self) -> Node:
        written, at = self._behind("=")
        return Exact(self._as_words(" ".join(written.split()), at))

    def _saved(self) -> Node:
        name, at = self._behind("@")
        text = self.saved(name) if self.saved else None
        if text is None:
            hint = "`straitwatch search --list` shows them" if self.saved else "here a query is written whole"
            raise self._mistake(at - 1, f"there is no saved search {name}; {hint}")
        if name.lower() in self.within:
            raise self._mistake(at - 1, f"the saved search {name.lower()} asks for itself")
        reader = _Reader(text, self._vocabulary, self.saved, (*self.within, name.lower()))
        try:
            node = reader.read()
        except QueryMistake as wrong:
            raise self._mistake(at - 1, f"the saved search {name}: {wrong.why}") from wrong
        self._count(at, reader.terms)
        self.places += reader.places
        return Named(f"@{name}", node)

    def _words(self) -> Node:
        piece = self.piece
        words = self._as_words(piece.value, piece.at, goes_on=piece.open)
        self._count(piece.at)
        self.advance()
        return self._stemmed(words, piece.at) if self.field == "stem" else words

    def _as_words(self, written: str, at: int, *, goes_on: bool = False) -> Words:
        tokens = tuple(phrase(written))
        if not tokens:
            raise self._mistake(at, f"{written or 'an empty phrase'} holds no word to look for")
        if "*" in width(written):
            raise self._mistake(
                at + width(written).index("*"), "* stands at the end of a word or behind a phrase"
            )
        if goes_on and len(tokens[-1]) < SHORTEST_PREFIX and not is_han(tokens[-1]):
            raise self._mistake(at, f"* wants at least {SHORTEST_PREFIX} letters before it")
        return Words(tokens, written, self.field == "title", goes_on)

    def _stemmed(self, words: Words, at: int) -> Node:
        if words.open or len(words.tokens) > 1:
            raise self._mistake(
                at, "stem: takes one word; for several write stem:(military exercise) or stem:a NEAR/2 stem:b"
            )
        return Named(
            f"stem:{words.written}", any_of([Words((form,), form) for form in forms(words.tokens[0])])
        )

    def _distance(self) -> int:
        _, slash, number = self.piece.value.partition("/")
        if not slash:
            return USUAL
        if not (number.isascii() and number.isdigit() and int(number[:4]) <= FARTHEST):
            raise self._mistake(self.piece.at, f"NEAR/ wants a number up to {FARTHEST}: a NEAR/5 b")
        return int(number)

    def _operands(self, node: Node, at: int) -> list[Words | Exact]:
        match node:
            case Words() | Exact():
                return [node]
            case Named():
                return self._operands(node.part, at)
            case AnyOf():
                return [operand for part in node.parts for operand in self._operands(part, at)]
            case _:
                raise self._mistake(
                    at, "beside NEAR stand words, phrases, ~terms, or such joined by OR in brackets"
                )

    def _near(
        self, left: list[Words | Exact], right: list[Words | Exact], distance: int, at: int, middle: int
    ) -> Node:
        if len(left) * len(right) > MOST_PAIRS:
            raise self._mistake(
                middle, f"NEAR joins {len(left)} spellings with {len(right)}; at most {MOST_PAIRS} pairs"
            )
        self.places += (len(left) + len(right)) * (distance + 1)
        if self.places > MOST_PLACES:
            raise self._mistake(
                middle,
                "NEAR joins too many spellings at too many distances: at most"
                f" {MOST_PLACES:,} in a query; write a smaller number behind NEAR/ or fewer ~terms",
            )
        if len({_plain(each).title for each in (*left, *right)}) > 1:
            raise self._mistake(middle, "for words near each other in the title write title:(a NEAR/5 b)")
        written = self.query[at : self.piece.at].strip()
        parts: list[Node] = []
        for first, exact_first in _grouped(left):
            for second, exact_second in _grouped(right):
                near = Near(first, second, distance, written)
                checks = (*exact_first, *exact_second)
                parts.append(All((near, *checks)) if checks else near)
        return Named(written, any_of(parts))


def _plain(operand: Words | Exact) -> Words:
    return operand.words if isinstance(operand, Exact) else operand


def _grouped(operands: Iterable[Words | Exact]) -> Iterator[tuple[tuple[Words, ...], tuple[Exact, ...]]]:
    """Plain words together; each exact spelling by itself, as it is checked apart."""
    operands = list(dict.fromkeys(operands))
    plain = tuple(each for each in operands if isinstance(each, Words))
    if plain:
        yield plain, ()
    for each in operands:
        if isinstance(each, Exact):
            yield (each.words,), (each,)


def _tilde(written: str) -> str:
    return f'~"{written}"' if " " in written else f"~{written}"
