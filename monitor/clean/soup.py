"""An element of the page's tree as a soup of its own, without what says nothing.

A tag costs more to make than finding the article costs, so the soup is made from the tree as it stands, not
from its HTML once more, and elements that hold no text, or only dress it, are passed over.
"""

import re
from collections.abc import Collection

from bs4.element import NavigableString, PageElement, Tag
from lxml import etree

from monitor.clean.survey import short

_ATTRIBUTES = ("class", "id", "href", "style", "hidden", "role", "itemprop")
_EMPTY_BUT_KEPT = frozenset(["td", "th", "br", "hr"])
# Change how words look; without attributes they tell nothing of what the words are.
_DRESS = frozenset(
    ["abbr", "bdi", "big", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small", "span", "u"]
)
_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")  # 10<sup>3</sup> is not 103
LONGEST_MARK = 8  # characters
_NUMBER = re.compile(r"[\[(]?\d{1,3}[\])]?|[*†‡]")
_INLINE = _DRESS.union(
    ["a", "b", "strong", "img", "picture", "source", "sub", "sup", "ins", "del", "input", "button", "label"]
)


def soup(element: etree._Element, without: Collection[etree._Element] = ()) -> Tag:
    """Return element and what is in it, but for some parts, in a root of its own.

    Machine parts (scripts, styles) must be out of the tree by now.
    """
    writer = _Writer()
    saying = _saying(element)
    passed_over: set[etree._Element] = set()
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, at in walk:
        if event == "start":
            if at not in saying or at in without or _is_footnote_mark(at):
                walk.skip_subtree()
                passed_over.add(at)
                _part_words(writer, at)
                continue
            attributes = {k: v for k, v in at.attrib.items() if k in _ATTRIBUTES}
            if not attributes and at.tag in _DRESS:
                passed_over.add(at)
            else:
                writer.enter(str(at.tag), attributes)
            if at.text:
                writer.text(at.text.translate(_RAISED) if at.tag == "sup" else at.text)
            continue
        if at not in passed_over:
            writer.leave()
        if at.tail and at is not element:
            writer.text(at.tail)
    return writer.root


class _Writer:
    """Puts tags and strings one behind another into a root."""

    def __init__(self) -> None:
        self.root = self.within = Tag(name="body")
        self.last: PageElement = self.root

    def enter(self, name: str, attributes: dict[str, str]) -> None:
        tag = Tag(name=name, attrs=attributes)
        self._put(tag)
        self.within = tag

    def leave(self) -> None:
        if self.within.parent is not None:
            self.within = self.within.parent

    def text(self, text: str) -> None:
        self._put(NavigableString(" " if text.isspace() else text))  # indents are no text to measure

    def _put(self, node: PageElement) -> None:
        node.setup(self.within, self.last)
        self.within.contents.append(node)
        self.last = node


def _is_footnote_mark(mark: etree._Element) -> bool:
    """Whether a number points at a note; an exponent does not."""
    if mark.tag == "a":
        if not (mark.get("href") or "").startswith("#"):
            return False
    elif mark.tag != "sup" or next(mark.iter("a"), None) is None:
        return False
    return _NUMBER.fullmatch(short(mark, LONGEST_MARK)) is not None


def _part_words(to: _Writer, empty: etree._Element) -> None:
    """Keep what an element without words does to its neighbours: a space, or the end of a line."""
    behind = empty.getnext()
    goes_on = empty.tail or (behind is not None and behind.tag in _INLINE)
    if goes_on and any(at.tag not in _INLINE for at in empty.iter()):
        to.enter("div", {})
        to.leave()
    elif (empty.text or len(empty)) and (space := "".join(empty.itertext())).isspace():
        to.text(space)


def _saying(element: etree._Element) -> set[etree._Element]:
    """The elements with words in them, and those that part words."""
    found: set[etree._Element] = set()
    for at in element.iter():
        text, tail = at.text, at.tail
        if at.tag in _EMPTY_BUT_KEPT or (text and not text.isspace()):
            _add(found, at, element)
        if tail and not tail.isspace() and at is not element:
            _add(found, at.getparent(), element)
    return found


def _add(found: set[etree._Element], at: etree._Element | None, top: etree._Element) -> None:
    while at is not None and at not in found:
        found.add(at)
        if at is top:
            return
        at = at.getparent()
