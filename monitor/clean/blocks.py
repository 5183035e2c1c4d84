"""The stripped body as lines: one per block, with the links that stand in each.

The walk keeps its own stack: pages nest deeper than Python's.
"""

import re
from dataclasses import dataclass, field

from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from monitor.model import BlockKind, LinkKind
from monitor.text import squeeze

LONGEST_CELL = 200  # characters; a table with longer ones lays out a page, it holds no data
LONGEST_WRAPPED = 20_000  # characters; no sentence is longer

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
        "html",
        "block",
    ]
)
HEADINGS = {f"h{n}": n for n in range(1, 7)}
_ENDS = re.compile(r"[.!?:;。！？：；…”\"’')）」』]$")


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link in a line."""

    href: str
    text: str


@dataclass(slots=True)
class Line:
    """One block on its way into the article."""

    kind: BlockKind
    text: str
    level: int = 0
    anchors: list[Anchor] = field(default_factory=list)
    bold: bool = False  # all of it
    linked: int = 0  # characters inside links
    pointers: tuple[LinkKind, list[Anchor]] | None = None  # what a part pointed at that stood here; no text

    @property
    def is_link(self) -> bool:
        """Whether there is next to nothing beside links."""
        return bool(self.anchors) and self.linked >= 0.85 * len(self.text)


PLACE = "place of links"  # the element that marks where a part was taken out; no page can write that name
Regions = list[tuple[LinkKind, list[Anchor]]]  # what these parts pointed at


def lines(soup: Tag, regions: Regions | None = None) -> list[Line]:
    """Return the blocks of soup in reading order, and a line of pointers for each place in it."""
    writer = _Writer()
    stack: list[tuple[PageElement, bool]] = [(soup, False)]
    while stack:
        node, leaving = stack.pop()
        if isinstance(node, NavigableString):
            if type(node) is NavigableString or not isinstance(node, PreformattedString):
                writer.text(str(node))
        elif not isinstance(node, Tag):
            continue
        elif node.name == PLACE and regions is not None:
            writer.point(regions[int(str(node["id"]))])
        elif leaving:
            writer.leave(node)
        elif node.name == "table" and (rows := _data(node)) is not None:
            writer.table(rows)
        else:
            writer.enter(node)
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node.contents))
    writer.flush()
    return writer.lines


class _Writer:
    """Collects the pieces of one line at a time."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.pieces: list[str] = []
        self.anchors: list[Anchor] = []
        self.kinds: list[tuple[BlockKind, int]] = []
        self.in_link: str | None = None
        self.link_from = 0
        self.linked = 0
        self.bold_depth = 0
        self.bold = True
        self.soft = False  # the line before ended at a <br>

    def text(self, text: str) -> None:
        if text.strip() and not self.bold_depth:
            self.bold = False
        self.pieces.append(text)

    def enter(self, tag: Tag) -> None:
        name = tag.name
        if name in _BLOCKS:
            self.flush()
        if name in HEADINGS:
            self.kinds.append((BlockKind.HEADING, HEADINGS[name]))
        elif name in ("li", "dd", "dt"):
            self.kinds.append((BlockKind.ITEM, 0))
        elif name == "blockquote":
            self.kinds.append((BlockKind.QUOTATION, 0))
        elif name == "br":
            self.flush(soft=True)
        elif name == "a":
            self.in_link, self.link_from = str(tag.get("href") or ""), len(self.pieces)
        elif name in ("b", "strong"):
            self.bold_depth += 1

    def leave(self, tag: Tag) -> None:
        name = tag.name
        if name == "a":
            self._close_link()
        elif name in ("b", "strong"):
            self.bold_depth -= 1
        if name in _BLOCKS:
            self.flush()
        if name in HEADINGS or name in ("li", "dd", "dt", "blockquote"):
            self.kinds.pop()

    def _close_link(self) -> None:
        text = squeeze("".join(self.pieces[self.link_from :]))
        if self.in_link and text:
            self.anchors.append(Anchor(self.in_link, text))
            self.linked += len(text)
        self.in_link = None

    def flush(self, *, soft: bool = False) -> None:
        """End the line. A link that runs on over blocks is an anchor in each of them."""
        href = self.in_link
        if href is not None:
            self._close_link()
            self.in_link = href
        text = squeeze("".join(self.pieces))
        if text:
            kind, level = self.kinds[-1] if self.kinds else (BlockKind.PARAGRAPH, 0)
            line = Line(kind, text, level, self.anchors, self.bold, self.linked)
            if self.soft and self.lines and self.lines[-1].text and _runs_on(self.lines[-1], line):
                _join(self.lines[-1], line)
            else:
                self.lines.append(line)
            self.soft = soft
        elif not soft:
            self.soft = False
        self.pieces, self.anchors, self.linked, self.bold, self.link_from = [], [], 0, True, 0

    def point(self, region: tuple[LinkKind, list[Anchor]]) -> None:
        """A place within a sentence does not part it: its links count as standing before it."""
        self.lines.append(Line(BlockKind.PARAGRAPH, "", pointers=region))

    def table(self, rows: list[str]) -> None:
        self.flush()
        if rows:
            self.lines.append(Line(BlockKind.TABLE, "\n".join(rows)))


def _runs_on(first: Line, second: Line) -> bool:
    """Whether a <br> only wrapped a sentence."""
    if first.kind is not second.kind or len(first.text) > LONGEST_WRAPPED:
        return False
    return not _ENDS.search(first.text[-1:]) and second.text[:1].islower()


def _join(first: Line, second: Line) -> None:
    first.text += " " + second.text
    first.anchors = first.anchors + second.anchors
    first.linked += second.linked
    first.bold = first.bold and second.bold


def _data(table: Tag) -> list[str] | None:
    """The rows of a table of data, cells parted by " | "; None for a table that lays out a page."""
    if table.find(["table", "ul", "ol", "h1", "h2", "h3"]):
        return None
    if table.find("th") is None and table.find(["p", "div"]):
        return None
    rows = []
    for row in table.find_all("tr"):
        cells = [squeeze(cell.get_text(" ")) for cell in row.find_all(["td", "th"])]
        if any(len(cell) > LONGEST_CELL for cell in cells):
            return None
        if any(cells):
            rows.append(" | ".join(cell for cell in cells if cell))
    one_column = all(" | " not in row for row in rows)
    return None if one_column else rows
