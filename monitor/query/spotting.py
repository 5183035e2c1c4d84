"""Where in a text a query's words stand, made of the index's tokens: for ranking and for snippets. Pure.

Texts are folded (`fold`). What is found is what the index found, but for what only the index knows, such as an accent
typed as a character of its own.
"""

import re
from functools import cached_property
from itertools import islice

from monitor.query.tree import Node, Words, leaves
from monitor.text import is_han, unfolded

_LONGEST_ACRONYM = 4
_BETWEEN = r"[\W_]{0,3}"  # of two tokens of a phrase: blanks, a hyphen, quotes


class Spot:
    """One word or phrase of a query; `title` when it is asked of the title alone."""

    def __init__(self, tokens: tuple[str, ...], *, goes_on: bool, title: bool) -> None:
        self.title = title
        self.plain = all(token.isascii() for token in tokens)
        self._goes_on = goes_on
        self._pieces = _pieces(tokens)
        self.han = len(self._pieces) == 1 and is_han(self._pieces[0][0])  # one run of characters
        # nothing is folded away from plain letters but points: U.S. and US are one token
        self._spelt = re.compile(_joined(self._pieces, goes_on=goes_on, points=True))
        self._counted = None if len(self._pieces) == 1 else re.compile(_joined(self._pieces, goes_on=goes_on))

    def spans(self, folded: str, most: int) -> list[tuple[int, int]]:
        """Where it stands, the first places."""
        return [(found.start(), found.end()) for found in islice(self._spelt.finditer(folded), most)]

    def held(self, folded: str, start: int, end: int) -> bool:
        """Whether it stands between two places."""
        return self._spelt.search(folded, start, end) is not None

    def count_unfolded(self, text: str) -> int:
        """`count` of a run of Chinese characters or kana, in a text as it is: to fold it takes ten times as long."""
        return len(self._any_spelling.findall(text))

    @cached_property
    def _any_spelling(self) -> re.Pattern[str]:
        return re.compile("".join(f"[{unfolded(char)}]" for char in self._pieces[0]))

    def count(self, folded: str) -> int:
        """How often it stands in a text; ten times as fast as looking for the places."""
        if self._counted is not None:
            return len(self._counted.findall(folded))
        (piece,) = self._pieces
        if is_han(piece[0]):
            return folded.count(piece)
        dotted = (
            folded.count(".".join(piece)) if 1 < len(piece) <= _LONGEST_ACRONYM and piece.isalpha() else 0
        )
        return dotted + self._whole_words(folded, piece)

    def _whole_words(self, folded: str, piece: str) -> int:
        joins = str.isdigit if piece.isdigit() else str.isalpha
        found, at = 0, folded.find(piece)
        while at >= 0:
            end = at + len(piece)
            alone = not (at and joins(folded[at - 1]))
            found += alone and (self._goes_on or not joins(folded[end : end + 1]))
            at = folded.find(piece, end)
        return found


def spots(node: Node) -> list[Spot]:
    """Each word and phrase of a query once, without what it excludes."""
    words = [(leaf.tokens, leaf.open, leaf.title) for leaf in leaves(node) if isinstance(leaf, Words)]
    return [Spot(tokens, goes_on=goes_on, title=title) for tokens, goes_on, title in dict.fromkeys(words)]


def _joined(pieces: list[str], *, goes_on: bool, points: bool = False) -> str:
    ends = [*map(_edge, pieces[:-1]), "" if goes_on else _edge(pieces[-1])]
    written = [_piece(piece, points=points) for piece in pieces]
    return _BETWEEN.join(f"{each}{end}" for each, end in zip(written, ends, strict=True))


def _pieces(tokens: tuple[str, ...]) -> list[str]:
    """Tokens as they stand in a text: the overlapping pairs of Chinese characters made one run again."""
    pieces: list[str] = []
    open_run = False
    for token in tokens:
        if open_run and token[0] == pieces[-1][-1]:
            if len(token) == 2:
                pieces[-1] += token[1]
                continue
            open_run = False  # the run's last character, which marks its end
            continue
        pieces.append(token)
        open_run = len(token) == 2 and is_han(token[0])
    return pieces


def _piece(piece: str, *, points: bool) -> str:
    """A word with nothing that belongs to it before it; looked for after the word itself, which is quicker."""
    if is_han(piece[0]):
        return re.escape(piece)
    kind = r"\d" if piece.isdigit() else r"[^\W\d_]"
    if points and piece.isalpha() and 2 <= len(piece) <= _LONGEST_ACRONYM:
        return rf"(?<!{kind})" + r"\.?".join(piece)
    return rf"{re.escape(piece)}(?<!{kind}{re.escape(piece)})"


def _edge(piece: str) -> str:
    if is_han(piece[0]):
        return ""
    return r"(?!\d)" if piece.isdigit() else r"(?![^\W\d_])"
