"""One look over every element of a page: the few that fields are read from, gathered in the page's order.

Each walk over a tree costs as much as all else that is done for a field, so there is one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from monitor.text import squeeze

LONGEST_CLASS = 300  # characters looked at

_HEADS = frozenset(["h2", "h3", "h4", "h5", "h6"])

Elements = list[etree._Element]


@dataclass(slots=True)
class Survey:
    """Elements of a page by what they may tell."""

    metas: Elements = field(default_factory=list)
    scripts: Elements = field(default_factory=list)
    areas: Elements = field(default_factory=list)  # <textarea>: some pages keep their text in one, escaped
    titles: Elements = field(default_factory=list)  # <title>, those of pictures too
    headings: list[tuple[etree._Element, int]] = field(default_factory=list)  # <h1>, how many links are above
    heads: Elements = field(default_factory=list)  # lesser headings, and what is called a title
    times: Elements = field(default_factory=list)
    links: Elements = field(default_factory=list)  # <a>
    about: Elements = field(default_factory=list)  # <link> and <base>
    bylines: Elements = field(default_factory=list)
    dated: Elements = field(default_factory=list)  # called a date or a time
    crumbs: Elements = field(default_factory=list)
    items: Elements = field(default_factory=list)  # microdata: with itemprop

    def add(self, element: etree._Element, called: int) -> None:
        """Keep an element for what its class says."""
        if called & 1:
            self.bylines.append(element)
        if called & 2 and element.tag not in _HEADS and len(element) < 2:
            self.heads.append(element)
        if called & 4:
            self.crumbs.append(element)
        if called & 8:
            self.dated.append(element)


def _called(names: str) -> int:
    """What a class says: 1 a byline, 2 a title, 4 a breadcrumb, 8 a date; added up."""
    names = names[:LONGEST_CLASS].lower()
    return (
        ("byline" in names or "author" in names)
        + 2 * ("title" in names or "tit" in names.split())
        + 4 * ("crumb" in names or names == "path" or "weizhi" in names or "position" in names)
        + 8 * ("date" in names or "time" in names or "publish" in names)
    )


def survey(root: etree._Element) -> Survey:
    """Look over a page once."""
    found = Survey()
    listed: dict[str, Callable[[Any], None]] = {
        "meta": found.metas.append,
        "script": found.scripts.append,
        "textarea": found.areas.append,
        "title": found.titles.append,
        "time": found.times.append,
        "a": found.links.append,
        "link": found.about.append,
        "base": found.about.append,
        "h1": lambda heading: found.headings.append((heading, len(found.links))),
    } | dict.fromkeys(_HEADS, found.heads.append)
    known: dict[str, int] = {}  # most classes of a page recur
    for element in root.iter():
        tag = element.tag
        if tag in listed:
            listed[tag](element)
        if names := element.get("class"):
            if (called := known.get(names)) is None:
                called = known[names] = _called(names)
            if called:
                found.add(element, called)
        if element.get("itemprop"):
            found.items.append(element)
    return found


def plain(element: etree._Element) -> str:
    """The words of an element on one line, not yet cleaned."""
    return squeeze("".join(element.itertext()))


def short(element: etree._Element, longest: int) -> str:
    """The words of an element on one line, or "" when there are more than longest characters of them."""
    if not len(element):  # most are leaves, and quicker read so
        text = element.text or ""
        return squeeze(text) if len(text.strip()) <= longest and isinstance(element.tag, str) else ""
    pieces, length = [], 0
    for piece in element.itertext():
        pieces.append(piece)
        length += len(piece.strip())
        if length > longest:
            return ""
    return squeeze("".join(pieces))
