"""The article's lines: from its container, or from structured data where the page shows less."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from monitor.clean import boxes, container, jsonld, kinds, readalso, scripts, standfirst, strip, tidy
from monitor.clean.blocks import Line, lines
from monitor.clean.evidence import key
from monitor.clean.head import Head
from monitor.clean.jsonld import Data
from monitor.clean.parse import drop_machine_parts, parse
from monitor.clean.soup import soup as soup_of
from monitor.errors import Unreadable
from monitor.model import BlockKind, LinkKind, Removed
from monitor.sources import Source
from monitor.text import clean_text, language, one_line, squeeze

FROM_DATA = 1.5  # times the text on the page that structured data must hold to be taken instead
LEAST_FROM_DATA = 300  # characters
LEAST_HELD = 150  # characters of a text in script data
LONG = 60  # characters of a paragraph by which a text is known
GALLERY = 400  # characters; where a page shows less, its pictures may tell the story
LITTLE = 1_000  # characters; where a page shows less, its scripts may hold more


@dataclass(slots=True)
class Body:
    """The lines that are the article's, and what was beside them."""

    lines: list[Line] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    pointers: list[readalso.Pointer] = field(default_factory=list)  # positions count the lines that stayed
    credited: list[str] = field(default_factory=list)  # source lines: whom the article is credited to
    place: str = ""
    facts: dict[str, Any] = field(default_factory=dict)  # what stands around a text in script data

    def __len__(self) -> int:
        return _length(self.lines)


def find(root: etree._Element, data: Data, head: Head, source: Source | None) -> Body:
    """Return the body of a page: what it shows, or what its data says where that is much more."""
    stated: str = max((v for v in data.ld("articleBody") if isinstance(v, str)), key=len, default="")
    element = container.find(root, stated, head.heading)
    shown = Body() if element is None else _shown(element, stated, head, source)
    _tell_custom(shown, element, data, head, root.get("lang") or "")
    if _length(shown.lines) < GALLERY and sum(map(len, told := boxes.gallery(root))) > _length(shown.lines):
        shown.lines += [Line(BlockKind.CAPTION, text) for text in told]
        shown.pointers, shown.place = [], "captions"
        shown.removed = [part for part in shown.removed if part.rule != "caption"]
    said, place, facts = _said(stated, shown, data, head)
    if not said or _length(said) <= FROM_DATA * _length(shown.lines):
        return shown
    taken = _parted(said, head, source, place)
    taken.facts = facts
    taken.removed = shown.removed + taken.removed
    taken.pointers += [(kind, anchor, len(taken.lines)) for kind, anchor, _ in shown.pointers]
    return taken


def _shown(element: etree._Element, stated: str, head: Head, source: Source | None) -> Body:
    """What the container holds for a reader."""
    cut = boxes.find(element)
    soup = soup_of(element, cut)
    stripped, regions = strip.strip(soup, container.letters(stated))
    place = one_line(f"container {squeeze(container.names(element)) or str(element.tag)}", 100)
    shown = _parted(lines(soup, regions), head, source, place)
    told = [Removed(rule, strip.said(part)) for part, rule in cut.items()]
    shown.removed = [part for part in told if part.text] + stripped + shown.removed
    return shown


def _tell_custom(shown: Body, element: etree._Element | None, data: Data, head: Head, claimed: str) -> None:
    """Bring in the standfirst or leave it out, as the language's custom is."""
    if element is not None:
        _put_above(shown, *standfirst.find(head.heading, element, data, head.title), claimed)
        _without_decks(shown, standfirst.decks(element), claimed)


def _said(stated: str, shown: Body, data: Data, head: Head) -> tuple[list[Line], str, dict[str, Any]]:
    """The longest text that the page's data holds, its place, and what is said around it."""
    said = _stated_lines(stated) if len(stated) >= LEAST_FROM_DATA else []
    if max(_length(shown.lines), _length(said)) < LITTLE:
        start = [line.text for line in shown.lines if len(line.text) > LONG][:3]
        held = scripts.body(data.seen, head.title, start)
        written = _written(held)
        if held is not None and _length(written) > max(LEAST_HELD, _length(said)):
            return written, "script data", held.facts
    return said, "json-ld articleBody", {}


def _written(held: scripts.Held | None) -> list[Line]:
    if held is None:
        return []
    return _stated_lines(held.text) if isinstance(held.text, str) else held.text


def _put_above(body: Body, text: str, place: str, claimed: str) -> None:
    """Put the standfirst before the text, unless the text says it anyway or it is a deck."""
    text = squeeze(clean_text(text))
    start = key(text)[: standfirst.SAME]
    if not text or any(start in key(line.text[: 4 * LOOKED_AT]) for line in body.lines[:LOOKED_AT]):
        return
    if language(text, claimed)[:2] in _CUSTOM:
        body.removed.append(Removed("standfirst", one_line(text, strip.LONGEST_REMOVED)))
        return
    body.lines.insert(0, Line(BlockKind.PARAGRAPH, text))
    body.pointers = [(kind, anchor, at + 1) for kind, anchor, at in body.pointers]
    body.place += f", {place}"


def _without_decks(body: Body, decks: set[str], claimed: str) -> None:
    """Take out the decks among the first lines, where they are no text by custom (see standfirst)."""
    found = [
        line
        for at, line in enumerate(body.lines[:DECKS_WITHIN])
        if line.text in decks and (_is_no_sentence(line) or _is_said_again(line, body.lines[at + 1 :]))
    ]
    if not found or len(body.lines) <= LEAST_LINES or language(found[0].text, claimed)[:2] not in _CUSTOM:
        return
    body.removed += [Removed("standfirst", one_line(line.text, strip.LONGEST_REMOVED)) for line in found]
    body.pointers = [(kind, anchor, max(0, at - len(found))) for kind, anchor, at in body.pointers]
    body.lines = [line for line in body.lines if line not in found]


def _is_no_sentence(line: Line) -> bool:
    return line.kind is BlockKind.HEADING or line.text[-1] not in '.!?…。！？”"'


def _is_said_again(line: Line, behind: list[Line]) -> bool:
    middle = key(line.text)[MIDDLE : MIDDLE + standfirst.SAME]  # its beginning may be a dateline
    return len(middle) == standfirst.SAME and any(
        middle in key(other.text) for other in behind[:DECKS_WITHIN]
    )


MIDDLE = 20  # letters
_CUSTOM = ("en", "zh")  # languages in which a standfirst is a second headline
DECKS_WITHIN = 3  # lines of a text that may be decks
LEAST_LINES = 3  # of a text that may begin with some
LOOKED_AT = 12  # lines of a text in which its standfirst is looked for


def _parted(found: list[Line], head: Head, source: Source | None, place: str) -> Body:
    """The lines without pointers and boilerplate, and these as data."""
    home = "" if kinds.headlines_with_teasers(found) else "/".join(head.base.split("/", 3)[:3]) + "/"
    pointed = readalso.take_out(list(_storable(found)), home)
    kept, removed, credited = tidy.tidy(pointed.kept, head.title, head.authors, source.drop if source else ())
    at = {id(line): n for n, line in enumerate(kept)}
    pointers = [(kind, anchor, _position(pointed.kept, at, n)) for kind, anchor, n in pointed.links]
    alone = Counter(n for kind, _, n in pointers if kind is LinkKind.RELATED)
    pointers = [
        (
            LinkKind.READ_ALSO if kind is LinkKind.RELATED and alone[n] == 1 and n < len(kept) else kind,
            anchor,
            n,
        )
        for kind, anchor, n in pointers
    ]
    return Body(kept, pointed.removed + removed, pointers, credited, place)


def _storable(found: Iterable[Line]) -> Iterator[Line]:
    """Lines of text that a database takes; one of control characters alone is no line."""
    for line in found:
        text = clean_text(line.text)
        if text != line.text:
            line.text = "\n".join(filter(None, map(squeeze, text.split("\n"))))
        if line.text or line.pointers is not None:
            yield line


def _length(found: list[Line]) -> int:
    return sum(len(line.text) for line in found)


def _position(before: list[Line], at: dict[int, int], index: int) -> int:
    """The index among the kept lines of the first one at or after index."""
    return next((at[id(line)] for line in before[index:] if id(line) in at), len(at))


def _stated_lines(stated: str) -> list[Line]:
    """The articleBody of structured data as lines; it may hold HTML, once or twice escaped."""
    if not stated:
        return []
    text = jsonld.unescaped(stated)
    if re.search(r"</?[a-zA-Z]", text):
        try:
            root = parse(f"<body>{text}</body>")
        except Unreadable:  # evidence only: the page itself may be sound
            return []
        drop_machine_parts(root)
        soup = soup_of(root)
        strip.strip(soup)
        return lines(soup)
    parts = text.split("\n")
    return [Line(BlockKind.PARAGRAPH, squeeze(part)) for part in parts if part.strip()]
