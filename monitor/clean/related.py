"""Links to other articles that stand outside of the text: the list under "You may also like", a line "Related: ...".

A list is what comes right after its heading. It ends where another heading, prose or the foot of the page begins,
so that the links of the text itself are never taken for it.
"""

from collections.abc import Iterator
from itertools import islice

from lxml import etree

from monitor.clean import links, readalso
from monitor.clean.jsonld import Data
from monitor.clean.survey import plain, short
from monitor.model import LinkKind
from monitor.text import is_han

Related = tuple[LinkKind, str, str]  # kind, href as written, words

MOST_HEADINGS = 300
MOST_LISTS = 20
MOST_LINES = 400  # links that are looked at for a lead before them
MOST_IN_LIST = 40
MOST_IN_PART = 2_000  # elements
MOST_BEHIND = 40  # parts after a heading
LEVELS = 3  # around a heading, among whose next siblings its list is looked for
LONGEST_LEAD = 40  # characters
MOST_PROSE = 100  # characters beside links that a part of a list may hold in one paragraph

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ENDS = frozenset(["footer", "nav", "form", "h1", "article-comments"])


def find(data: Data) -> list[Related]:
    """The links that a page lists under headings or leads of its own, each with what it is."""
    found: list[Related] = []
    headings = (h for h in data.seen.heads[:MOST_HEADINGS] if readalso.is_of_article(short(h, 60)))
    for heading in islice(headings, MOST_LISTS):
        found += [(LinkKind.RELATED, *link) for link in _list_after(heading)]
    found += _lines(data)
    return found[: links.MOST_LINKS]


def _lines(data: Data) -> Iterator[Related]:
    """The links right behind a lead: "Related: title"."""
    for link in data.seen.links[:MOST_LINES]:
        before = link.getprevious()
        if before is None:
            parent = link.getparent()
            lead = parent.text if parent is not None else ""
        elif before.tag in _EMPHASES and before.getprevious() is None:
            lead = short(before, LONGEST_LEAD) + (before.tail or "")
        else:
            continue
        lead = lead.strip() if lead else ""
        if 3 <= len(lead) <= LONGEST_LEAD and lead[-1] in ":：":
            words = title(link)
            if _is_title(words) and readalso.begins(f"{lead} {words}"):
                yield LinkKind.READ_ALSO, link.get("href") or "", words  # a line is no list


_EMPHASES = ("b", "strong", "em", "span", "i")


def _list_after(heading: etree._Element) -> list[tuple[str, str]]:
    """The titled links that follow a heading, or the part that holds nothing but it."""
    at = heading
    for _ in range(LEVELS):
        if found := _titled(at):
            return found
        parent = at.getparent()
        if parent is None or parent.tag in ("body", "html") or _has_more_above(at):
            break
        at = parent
    return []


def _titled(at: etree._Element) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for part in islice(at.itersiblings(), MOST_BEHIND):
        if not isinstance(part.tag, str):
            continue
        if part.tag in _ENDS or _is_prose(part):
            break
        inside = [part] if part.tag == "a" else [e for e in islice(part.iter(), MOST_IN_PART) if e.tag == "a"]
        if part.tag in _HEADINGS and not inside:
            break  # another list
        found += [(a.get("href") or "", words) for a in inside if _is_title(words := title(a))]
        if len(found) >= MOST_IN_LIST:
            break
    return found[:MOST_IN_LIST]


def _has_more_above(at: etree._Element) -> bool:
    """Whether anything stands before a heading in its part: then what follows the part is not the heading's."""
    return any(isinstance(before.tag, str) and plain(before) for before in at.itersiblings(preceding=True))


def _is_prose(part: etree._Element) -> bool:
    """Whether a part is text: a paragraph with more in it than a link."""
    if part.tag != "p":
        return False
    return len(plain(part)) - sum(len(plain(a)) for a in part.iter("a")) > MOST_PROSE


def title(link: etree._Element) -> str:
    """The words of a link; of one that is a card, its heading, or what is called its title."""
    if not len(link):
        return plain(link)
    heading = next((e for e in link.iter(*_HEADINGS) if plain(e)), None)
    if heading is None:
        named = (e for e in link.iterdescendants() if "title" in (e.get("class") or "").lower())
        heading = next((e for e in named if plain(e)), None)
    return plain(link if heading is None else heading)


def _is_title(words: str) -> bool:
    return len(words) >= 12 or (len(words) >= 6 and any(map(is_han, words)))
