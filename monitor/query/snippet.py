"""The hit sentence: where in an article's text a query's words stand. Pure."""

import re
from dataclasses import dataclass

from monitor.query.language import Node, Words, leaves
from monitor.text import fold, tokens

LENGTH = 180  # characters shown
_SENTENCE = re.compile(r"[^。！？!?.\n]*(?:[。！？!?]+|\.(?=\s|$)|\.|\n|$)")


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
    for place in _SENTENCE.finditer(folded):
        hits = sum(word in place[0] for word in wanted)
        if hits > most:
            best, most = place.start(), hits
    piece = _cut(text, best, folded, wanted if most else [])
    return Snippet(piece, _marks(piece, wanted))


def _cut(text: str, start: int, folded: str, wanted: list[str]) -> str:
    firsts = [at for at in (folded.find(word, start) for word in wanted) if at >= 0]
    if firsts and min(firsts) - start > LENGTH - 40:  # a long sentence: begin shortly before the word
        start = max(start, min(firsts) - 60)
    while start < len(text) and text[start].isspace():
        start += 1
    piece = text[start : start + LENGTH].replace("\n", " ")
    ends = start + LENGTH >= len(text)
    if not ends and " " in piece[-30:] and piece.isascii():
        piece = piece[: piece.rfind(" ")]
    return piece.rstrip() + ("" if ends else " ...")


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
