"""A page's own text, line by line as a reader sees it: frame, article and all. What `explain` tells the fates of.

Beside the runs of text stands one string of all their letters and digits, folded, so that what the cleaner
says of the page is found in it whatever became of spaces, marks and tags.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from lxml import etree

from monitor.clean.decode import decode
from monitor.clean.evidence import key
from monitor.clean.links import address
from monitor.clean.parse import drop_machine_parts, parse
from monitor.text import clean_text, fold

# Elements that begin a line of their own in a browser (HTML Standard, 15.3), those of forms and lists included.
_PARTS_LINES = re.compile(
    "address|article|aside|blockquote|body|br|button|caption|center|dd|details|dialog|dir|div|dl|dt|fieldset"
    "|figcaption|figure|footer|form|h[1-6]|header|hgroup|hr|html|legend|li|main|menu|nav|ol|optgroup|option"
    "|p|pre|search|section|select|summary|table|tbody|textarea|tfoot|thead|tr|ul"
).fullmatch
_CELLS = frozenset(["td", "th"])
_SPACE = re.compile(r"\s+")


@dataclass(slots=True)
class Printed:
    """Runs of text in page order; `start[n]` is where the letters of run n begin, one more than there are runs."""

    runs: list[str] = field(default_factory=list)
    line: list[int] = field(default_factory=list)  # of each run, from 0
    link: list[int] = field(default_factory=list)  # of each run: index into hrefs, -1 for none
    start: list[int] = field(default_factory=lambda: [0])
    letters: str = ""
    begins: list[int] = field(default_factory=list)  # letters before each line, and before the end
    hrefs: list[str] = field(default_factory=list)  # as written
    parts: list[tuple[int, int, etree._Element]] = field(default_factory=list)  # letters that each holds
    base: str = ""  # what links are resolved on

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return self.line[-1] + 1 if self.line else 0

    def line_spans(self) -> list[tuple[int, int]]:
        """The letters of each line: the first, and the one behind the last."""
        return list(pairwise(self.begins))

    def line_span(self, letter: int) -> tuple[int, int]:
        """The letters of the line in which a letter stands."""
        at = self.line[self.run_at(letter)]
        return self.begins[at], self.begins[at + 1]

    def run_at(self, letter: int) -> int:
        """The run in which a letter stands."""
        return bisect_right(self.start, letter) - 1

    def place_of(self, run: int, letter: int) -> int:
        """Where in the words of run a letter of it begins: behind the space before it, if there is one."""
        words = self.runs[run]
        shown = [n for n, char in enumerate(fold(words)) if key(char)]
        at = letter - self.start[run]
        before = shown[at - 1] + 1 if at else 0
        space = words.rfind(" ", before, shown[at])
        return space + 1 if space >= 0 else shown[at]


def of_page(html: bytes, url: str, content_type: str | None = None) -> Printed:
    """Return the text of a page, scripts and styles left out.

    Raises:
        Unreadable: as `clean_html`.
    """
    decoded = decode(html, content_type)
    root = parse(decoded.text, decoded.utf8)
    drop_machine_parts(root)
    writer = _Writer()
    body = root.find("body")
    writer.walk(root if body is None else body)
    writer.page.base = next(
        (address(url, tag.get("href") or "") or url for tag in root.iter("base") if tag.get("href")), url
    )
    return writer.finished()


def of_text(lines: Iterable[str]) -> Printed:
    """Return text without markup as such a page."""
    writer = _Writer()
    for line in lines:
        writer.text(line)
        writer.end_line()
    return writer.finished()


class _Writer:
    """Collects runs; a line ends where an element begins or ends one."""

    def __init__(self) -> None:
        self.page = Printed()
        self.pieces: list[str] = []  # of the letters
        self.at = 0  # letters so far
        self.number = 0  # of the line
        self.begun = False  # there are words in it
        self.links: list[int] = []  # the links around

    def walk(self, top: etree._Element) -> None:
        entered: list[int] = []
        for event, element in etree.iterwalk(top, events=("start", "end")):
            tag = element.tag
            if not isinstance(tag, str):
                continue
            if event == "start":
                self.enter(tag, element)
                entered.append(self.at)
                self.text(element.text)
                continue
            self.leave(tag)
            if (start := entered.pop()) < self.at:
                self.page.parts.append((start, self.at, element))
            if element is not top:
                self.text(element.tail)

    def enter(self, tag: str, element: etree._Element) -> None:
        if _PARTS_LINES(tag):
            self.end_line()
        elif tag in _CELLS and self.begun:
            self.page.runs[-1] = f"{self.page.runs[-1].rstrip()} | "
        elif tag == "a":
            self.links.append(len(self.page.hrefs))
            self.page.hrefs.append(element.get("href") or "")

    def leave(self, tag: str) -> None:
        if _PARTS_LINES(tag):
            self.end_line()
        elif tag == "a":
            self.links.pop()

    def text(self, text: str | None) -> None:
        if not text:
            return
        words = _SPACE.sub(" ", clean_text(text))
        page = self.page
        link = self.links[-1] if self.links else -1
        if words == " " or not words:
            if self.begun and not page.runs[-1].endswith(" "):
                page.runs[-1] += words
            return
        if self.begun and link >= 0 <= page.link[-1] != link and not page.runs[-1].endswith(" "):
            page.runs[-1] += " "  # links of a menu, parted by style alone
        if not self.begun:
            page.begins.append(self.at)
        letters = key(words)
        self.pieces.append(letters)
        self.at += len(letters)
        self.begun = True
        page.runs.append(words)
        page.line.append(self.number)
        page.link.append(link)
        page.start.append(self.at)

    def end_line(self) -> None:
        self.number += self.begun
        self.begun = False

    def finished(self) -> Printed:
        self.page.letters = "".join(self.pieces)
        self.page.begins.append(self.at)
        return self.page
