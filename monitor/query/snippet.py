"""The hit sentence: where in an article's text a query's words stand. Pure."""

import re
from dataclasses import dataclass

from monitor.query.language import Node, Words, leaves
from monitor.text import fold, is_han, tokens

LENGTH = 180  # columns shown
# A full stop ends a sentence before white space and a capital, not behind an initial: "the U.S. Navy".
_SENTENCE = re.compile(r"(?:[^。！？!?.\n]|(?<=\b[A-Za-z])\.|\.(?=\S|\s+[a-z]))*(?:[。！？!?]+|\.|\n|$)")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of the text, and where in it the words asked for stand: (start, end) offsets."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def snippet(text: str, node: Node) -> Snippet:
    """The sentence of text that holds most of the query's words, or its beginning."""
    wanted = [fold(leaf.written.rstrip("*")) for leaf in leaves(node) if isinstance(leaf, Words)]
    wanted = [word for word in wanted if word.strip()]
    folded = fold(text)
    best, most = 0, 0
    for place in _SENTENCE.finditer(text):
        hits = sum(word in folded[place.start() : place.end()] for word in wanted)
        if hits > most:
            best, most = place.start(), hits
    piece = _cut(text, best, folded, wanted if most else [])
    return Snippet(piece, _marks(piece, wanted))


def _cut(text: str, start: int, folded: str, wanted: list[str]) -> str:
    firsts = [at for at in (folded.find(word, start) for word in wanted) if at >= 0]
    if firsts and min(firsts) - start > LENGTH // 2:  # a long sentence: begin shortly before the word
        start = max(start, min(firsts) - 60)
        while start > 0 and text[start - 1].isalnum() and text[start].isascii():  # at the beginning of a word
            start -= 1
    while start < len(text) and text[start].isspace():
        start += 1
    piece, ends = _within(text[start : start + LENGTH])
    ends = ends and start + len(piece) >= len(text)
    if not ends and " " in piece[-30:] and piece[-1:].isascii():
        piece = piece[: piece.rfind(" ")]
    return piece.replace("\n", " ").rstrip() + ("" if ends else " ...")


def _within(piece: str) -> tuple[str, bool]:
    """As much of piece as fits into LENGTH columns, Chinese characters taking two; and whether all of it did."""
    columns = 0
    for number, char in enumerate(piece):
        columns += 2 if is_han(char) else 1
        if columns > LENGTH:
            return piece[:number], False
    return piece, True


def _marks(piece: str, wanted: list[str]) -> tuple[tuple[int, int], ...]:
    folded = fold(piece)
    spans = [
        (found.start(), found.end())
        for word in wanted
        for found in re.finditer(re.escape(word), folded)
        if _whole(folded, found.start(), found.end())
    ]
    return tuple(sorted(set(spans)))


def _whole(folded: str, start: int, end: int) -> bool:
    """Whether a span is made of whole words (always so in Chinese)."""
    around = folded[max(0, start - 1) : end + 1]
    return tokens(folded[start:end])[:1] == tokens(around)[:1] or not folded[start:end].isascii()


def sentences(text: str, length: int) -> str:
    """The first whole sentences of text that fit into length characters; at least a cut first one."""
    taken = ""
    for place in _SENTENCE.finditer(text.replace("\n", " ")):
        if len(taken) + len(place[0]) > length:
            break
        taken += place[0]
    return taken.strip() or text[:length].replace("\n", " ").strip()
