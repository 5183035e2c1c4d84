"""An element of the page's tree as a soup of its own, without what says nothing.

Building a soup costs ten times what finding the element costs, so it is built from the tree as it stands,
not from its HTML once more, and elements that hold no text, or only dress it, are passed over.
"""

from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup
from bs4.builder import HTMLTreeBuilder
from lxml import etree

_ATTRIBUTES = ("class", "id", "href", "style", "hidden", "role", "itemprop")
_EMPTY_BUT_KEPT = frozenset(["td", "th", "br", "hr"])
# Change how words look; without attributes they tell nothing of what the words are.
_DRESS = frozenset(
    ["abbr", "bdi", "big", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small", "span", "u"]
)
_INLINE = _DRESS.union(
    ["a", "b", "strong", "img", "picture", "source", "sub", "sup", "ins", "del", "input", "button", "label"]
)


def soup(element: etree._Element) -> BeautifulSoup:
    """Return element and what is in it. Machine parts (scripts, styles) must be out of the tree by now."""
    return BeautifulSoup("", builder=_FromTree(element))


class _FromTree(HTMLTreeBuilder):
    """Feeds a soup from a tree."""

    def __init__(self, element: etree._Element) -> None:
        super().__init__(multi_valued_attributes={}, store_line_numbers=False)
        self.element = element

    def prepare_markup(self, markup: Any, *_: Any, **__: Any) -> Iterator[tuple[Any, None, None, bool]]:
        """As the interface asks: the one way to read what there is."""
        yield markup, None, None, False

    def feed(self, _markup: Any) -> None:
        """Hand the tree to the soup."""
        to, element = self.soup, self.element
        if to is None:
            raise ValueError("no soup to feed")
        saying = _saying(element)
        passed_over: set[etree._Element] = set()
        walk = etree.iterwalk(element, events=("start", "end"))
        for event, at in walk:
            if event == "start":
                if at not in saying:
                    walk.skip_subtree()
                    passed_over.add(at)
                    _part_words(to, at)
                    continue
                attributes = {k: v for k, v in at.attrib.items() if k in _ATTRIBUTES}
                if not attributes and at.tag in _DRESS:
                    passed_over.add(at)
                else:
                    to.handle_starttag(str(at.tag), None, None, attributes)
                if at.text:
                    to.handle_data(at.text)
                continue
            if at not in passed_over:
                to.handle_endtag(str(at.tag))
            if at.tail and at is not element:
                to.handle_data(at.tail)


def _part_words(to: BeautifulSoup, empty: etree._Element) -> None:
    """Keep what an element without words does to its neighbours: a space, or the end of a line."""
    behind = empty.getnext()
    goes_on = empty.tail or (behind is not None and behind.tag in _INLINE)
    if goes_on and any(at.tag not in _INLINE for at in empty.iter()):
        to.handle_starttag("div", None, None, {})
        to.handle_endtag("div")
    elif empty.text or len(empty):
        to.handle_data("".join(empty.itertext()))


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
