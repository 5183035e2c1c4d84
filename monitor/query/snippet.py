"""The hit sentence: where in an article's text a query's words stand. Pure."""

from dataclasses import dataclass
from unicodedata import east_asian_width

from monitor.query.spotting import Spot, spots
from monitor.query.tree import Node
from monitor.text import SENTENCE, fold

LENGTH = 180  # columns shown
LOOKED_AT = 50_000  # characters of a text: a snippet is shown at once, however long the article is
MOST_HITS = 50  # of each word
_WIDE = "WF"
_CLAUSES = "，、；,;:："


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of the text, and where in it the words asked for stand: (start, end) offsets."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def snippet(text: str, node: Node) -> Snippet:
    """The sentence of text that holds most of the query's words, the earlier of equal ones; else its beginning."""
    wanted = spots(node)
    looked = text[:LOOKED_AT]
    folded = fold(looked)
    found = [(spot, spot.spans(folded, MOST_HITS)) for spot in wanted]
    spans = sorted({span for _, held in found for span in held})
    if not spans:
        return Snippet(_cut(looked, 0, None))
    start = _best(looked, spans, [spot for spot, held in found if held], folded)
    first = next((span for span in spans if span[0] >= start), None)
    piece = _cut(looked, start, first)
    return Snippet(piece, _marks(piece, wanted))


def _best(text: str, spans: list[tuple[int, int]], wanted: list[Spot], folded: str) -> int:
    """Where the sentence begins that holds most of the words, only those with a hit being looked at."""
    best, most, until = 0, 0, -1
    for start, _ in spans:
        if start < until:
            continue
        begin, until = _sentence(text, start)
        hits = sum(spot.held(folded, begin, until) for spot in wanted)
        if hits > most:
            best, most = begin, hits
        if most == len(wanted):
            break
    return best


def _sentence(text: str, at: int) -> tuple[int, int]:
    """Where the sentence around a place begins and ends: at line ends and full stops."""
    line = text.rfind("\n", 0, at) + 1
    for place in SENTENCE.finditer(text, line):
        if place.end() > at:
            return place.start(), place.end()
    return line, len(text)


def _cut(text: str, start: int, first: tuple[int, int] | None) -> str:
    before = ""
    if first and first[0] - start > LENGTH // 2:  # a long sentence: begin shortly before the word
        cut = max(start, first[0] - 60)
        while cut > start and text[cut - 1].isalnum() and text[cut].isascii():  # at the beginning of a word
            cut -= 1
        clause = max(text.rfind(mark, start, first[0]) for mark in _CLAUSES) + 1  # in Chinese, of a clause
        start, before = max(cut, clause if first[0] - clause < LENGTH // 2 else 0), "... "
    while start < len(text) and text[start].isspace():
        start += 1
    piece, ends = _within(text[start : start + LENGTH])
    ends = ends and start + len(piece) >= len(text)
    if not ends and " " in piece[-30:] and piece[-1:].isascii():
        piece = piece[: piece.rfind(" ")]
    return before + piece.replace("\n", " ").rstrip() + ("" if ends else " ...")


def _within(piece: str) -> tuple[str, bool]:
    """As much of piece as fits into LENGTH columns, Chinese characters and signs taking two; and whether all of it did."""
    columns = 0
    for number, char in enumerate(piece):
        columns += 2 if east_asian_width(char) in _WIDE else 1
        if columns > LENGTH:
            return piece[:number], False
    return piece, True


def _marks(piece: str, wanted: list[Spot]) -> tuple[tuple[int, int], ...]:
    """Where words stand in a piece; of those that overlap, the longer."""
    folded = fold(piece)
    spans = {span for spot in wanted for span in spot.spans(folded, MOST_HITS)}
    marks: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not marks or start >= marks[-1][1]:
            marks.append((start, end))
    return tuple(marks)


def sentences(text: str, length: int) -> str:
    """The first whole sentences of text that fit into length characters; at least a cut first one."""
    taken = ""
    for place in SENTENCE.finditer(text.replace("\n", " ")):
        if len(taken) + len(place[0]) > length:
            break
        taken += place[0]
    return taken.strip() or text[:length].replace("\n", " ").strip()
