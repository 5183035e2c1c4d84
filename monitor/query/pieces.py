"""A query cut into pieces, each with its place. Pure.

Signs count in any width, as Chinese keyboards give them: （ ） ： “ ” 「 」 － ＝ ～ ＊ are ( ) : " " " " - = ~ *.
"""

from dataclasses import dataclass

from monitor.errors import Mistake
from monitor.text import width

_QUOTES = str.maketrans("「」『』", '""""')
_SIGNS = {"(": "open", ")": "close", "~": "term", "=": "exact", "@": "saved"}
_AFTER_MINUS = frozenset('"(~=@')


class QueryMistake(Mistake):
    """A query that cannot be read; the text shows the place under the query."""

    def __init__(self, query: str, at: int, why: str) -> None:
        self.at, self.why = at, why
        start = max(0, at - 60)
        shown = "".join(" " if char.isspace() else char for char in query[start : start + 90])
        super().__init__(f"{why}\n  {shown}\n  {' ' * (at - start)}^")


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece: its kind, what it says without its signs, and where it begins and ends."""

    kind: str  # open close minus term exact saved field word phrase end
    value: str
    at: int
    end: int
    open: bool = False  # a * stands behind it


class Pieces:
    """Gives the pieces of a query one by one."""

    def __init__(self, query: str) -> None:
        self.query = query
        self._plain = width(query).translate(_QUOTES)  # same length, so places are those of the query

    def at(self, place: int) -> Piece:
        """The piece that begins at or after a place."""
        plain = self._plain
        while place < len(plain) and plain[place].isspace():
            place += 1
        if place >= len(plain):
            return Piece("end", "", len(plain.rstrip()), len(plain))
        sign = plain[place]
        if sign == "-" and self._excludes(place + 1):
            return Piece("minus", sign, place, place + 1)
        if sign in _SIGNS and (sign in "()" or place + 1 < len(plain)):
            return Piece(_SIGNS[sign], sign, place, place + 1)
        if sign == '"':
            return self._phrase(place)
        name = self._field(place)
        return name or self._run(place)

    def value(self, place: int) -> Piece:
        """What stands right behind a field's colon, signs and all: up to a blank, a bracket or a quotation mark."""
        if place < len(self._plain) and self._plain[place] == '"':
            return self._phrase(place)
        end = self._end_of_run(place)
        return Piece("word" if end > place else "end", self.query[place:end], place, end)

    def starts(self, place: int) -> str:
        """The sign at a place, in plain width; "" at the end."""
        return self._plain[place : place + 1]

    def _excludes(self, place: int) -> bool:
        char = self._plain[place : place + 1]
        return char.isalnum() or char in _AFTER_MINUS

    def _phrase(self, place: int) -> Piece:
        close = self._plain.find('"', place + 1)
        if close < 0:
            raise QueryMistake(self.query, place, "this quotation mark is never closed")
        star = self._plain.startswith("*", close + 1)
        return Piece("phrase", self.query[place + 1 : close], place, close + 1 + star, star)

    def _field(self, place: int) -> Piece | None:
        end = place
        while end < len(self._plain) and self._plain[end].isascii() and self._plain[end].isalpha():
            end += 1
        if not 2 <= end - place <= 12 or not self._plain.startswith(":", end):
            return None
        if self._plain.startswith("://", end):  # an address, not a field
            return None
        return Piece("field", self._plain[place:end].lower(), place, end + 1)

    def _run(self, place: int) -> Piece:
        end = self._end_of_run(place)
        star = end > place and self._plain[end - 1] == "*"
        return Piece("word", self.query[place : end - star], place, end, star)

    def _end_of_run(self, place: int) -> int:
        while place < len(self._plain) and not (self._plain[place].isspace() or self._plain[place] in '()"'):
            place += 1
        return place
