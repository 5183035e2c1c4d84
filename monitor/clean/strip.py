"""The container's subtree in BeautifulSoup: what is not the article is taken out, with the reason."""

import re
from collections.abc import Iterator
from itertools import islice

from bs4.element import NavigableString, Tag
from lxml import etree

from monitor.clean import readalso, rules
from monitor.clean.blocks import HEADINGS, PLACE, Anchor, Regions
from monitor.clean.container import hidden_style, is_stated, is_streamed, is_withheld
from monitor.clean.rules import RegionRule, container, region
from monitor.model import LinkKind, Removed
from monitor.text import one_line, squeeze

MOST_OF_BODY = 0.35  # a part with more of the text is not taken out for its name alone
BEGINNING = 60  # strings of a hidden part by which it is known
LONGEST_CARD = 400  # characters of a link that holds a headline and more
LONGEST_REMOVED = 200  # characters kept of what was removed

_SILENT = frozenset(["img", "picture", "source", "svg", "script", "style", "link", "meta", "noscript", "br"])


def strip(soup: Tag, stated: str = "") -> tuple[list[Removed], Regions]:
    """Take out of soup the parts that are no article.

    stated: the letters of the body according to structured data; what it says stays, hidden or not.

    Returns what was removed, and the links of the parts that point at other articles: of such a part its
    place stays, as an element that `blocks.lines` turns into a line of pointers.
    """
    removed: list[Removed] = []
    regions: Regions = []
    held = _Held(soup)
    stack: list[Tag] = [soup]
    while stack:
        parent, gone = stack.pop(), 0
        for at, tag in enumerate(list(parent.contents)):
            if not isinstance(tag, Tag):
                continue
            rule = _rule(tag, held, stated)
            if rule is None:
                stack.append(tag)
                continue
            if rule.name not in _SILENT:
                text = squeeze(tag.get_text(" "))
                if text:
                    removed.append(Removed(rule.name, one_line(text, LONGEST_REMOVED)))
                points = rule.links or readalso.begins(text) or _is_one_title(tag, text, rule)
                if points and (found := list(anchors(tag))):
                    parent.insert(at - gone, Tag(name=PLACE, attrs={"id": str(len(regions))}))
                    tag.extract(at - gone + 1)
                    regions.append(readalso.told(text, found, LinkKind(rule.links or "related")))
                    continue
            tag.extract(at - gone)  # told where it stands; to look for it costs as much as its siblings
            gone += 1
    return removed, regions


def _is_one_title(tag: Tag, text: str, rule: RegionRule) -> bool:
    """Whether a box for facts holds nothing but a link with the words of a headline."""
    if rule.name != "fact box" or not LEAST_OF_TITLE <= len(text) <= LONGEST_REMOVED:
        return False
    links = tag.find_all("a", href=True)
    return len(links) == 1 and squeeze(links[0].get_text(" ")) == text


LEAST_OF_TITLE = 20  # characters


class _Held:
    """How many characters a tag holds. Parts nest: asked for many of them, it measures all at once."""

    def __init__(self, soup: Tag) -> None:
        self.soup = soup
        self.whole = max(1, len(soup.get_text()))
        self.asked = 0
        self.known: dict[int, int] = {}

    def __call__(self, tag: Tag) -> int:
        self.asked += 1
        if self.asked <= ONE_BY_ONE:
            return len(tag.get_text())
        if not self.known:
            self.known[id(self.soup)] = 0
            for node in reversed(list(self.soup.descendants)):
                size = self.known.get(id(node), 0) if isinstance(node, Tag) else len(str(node))
                self.known[id(node.parent)] = self.known.get(id(node.parent), 0) + size
        return self.known.get(id(tag), 0)


ONE_BY_ONE = 100  # tags
_OF_LINKS = frozenset(["read also", "share bar", "advert", "comments"])  # what a link in a sentence may be


def _stands_in_a_sentence(link: Tag) -> bool:
    left = 2 * len(link.get_text())
    for text in link.parent.strings if link.parent is not None else ():
        left -= len(text)
        if left < 0:  # no further: a paragraph may hold thousands of links
            return True
    return False


def said(part: etree._Element) -> str:
    """The words of a part that is cut, as they are shown to a person."""
    return one_line(squeeze("".join(part.itertext())), LONGEST_REMOVED)


def anchors(tag: Tag) -> Iterator[Anchor]:
    """The links inside tag that have words; of a card, its title."""
    links = [tag] if tag.name == "a" and tag.get("href") else tag.find_all("a", href=True)
    for link in links:
        text = squeeze((_headline(link) or _titled(link) or link).get_text(" "))
        if len(text) >= 4 and rules.line(text) is None:
            yield Anchor(str(link["href"]), text)


def _headline(link: Tag) -> Tag | None:
    """The heading inside a link; most links hold no element at all."""
    if all(isinstance(child, NavigableString) for child in link.contents):
        return None
    return next((t for t in link.descendants if isinstance(t, Tag) and t.name in HEADINGS), None)


def _titled(link: Tag) -> Tag | None:
    tags = (t for t in link.descendants if isinstance(t, Tag))
    return next((t for t in tags if _TITLE.search(str(t.get("class") or ""))), None)


_TITLE = re.compile("title|headline", re.IGNORECASE)


def _rule(tag: Tag, held: _Held, stated: str) -> RegionRule | None:
    """The rule under which tag is no part of the article: by its element, its hiding, its names."""
    name, attrs = tag.name, tag.attrs
    if name in ("html", "body", "p") and not attrs:
        return None
    if name in rules.rules().dropped:
        if name in ("form", "label", "ins", "aside", "time") and held(tag) > MOST_OF_BODY * held.whole:
            return None
        return RegionRule(_TAG_RULES.get(name, name), frozenset(), (), "related" if name == "aside" else "")
    if name == "a" and _headline(tag) is not None and held(tag) <= LONGEST_CARD:
        return RegionRule("card", frozenset(), (), "related")
    if not attrs:
        return None
    called = f"{attrs.get('class') or ''} {attrs.get('id') or ''}".strip()[: rules.LONGEST_NAMES]
    if _is_hidden(tag):
        return _rule_of_hidden(tag, called, stated)
    rule = _rule_of_names(tag, called)
    if rule is None or container(called) == 2 or held(tag) > MOST_OF_BODY * held.whole:
        return None
    return rule


def _is_hidden(tag: Tag) -> bool:
    if "hidden" in tag.attrs and not is_streamed(str(tag.get("id") or "")):
        return True
    return hidden_style(str(tag.get("style") or ""))


def _rule_of_hidden(tag: Tag, called: str, stated: str) -> RegionRule | None:
    if is_withheld(called) or container(called) == 2:
        rule = region(called)
        return rule if rule is not None and rule.name == "withheld" else None
    return (
        None
        if is_stated("".join(islice(tag.strings, BEGINNING)), stated)
        else RegionRule("hidden", frozenset(), ())
    )


def _rule_of_names(tag: Tag, called: str) -> RegionRule | None:
    rule = region(called) if called else None
    if rule is None:
        return RegionRule("site chrome", frozenset(), ()) if tag.get("role") in _FRAME else None
    if tag.name in HEADINGS and rule.name == "tags":  # a heading is called so, never is one
        return None
    if tag.name == "a" and rule.name not in _OF_LINKS and _stands_in_a_sentence(tag):
        return None
    return rule


_FRAME = ("navigation", "dialog", "complementary", "search", "banner")
_TAG_RULES = {
    "figcaption": "caption",
    "form": "form",
    "button": "site chrome",
    "nav": "site chrome",
    "footer": "site chrome",
    "aside": "aside",
    "dialog": "dialog",
    "menu": "site chrome",
    "time": "date",
}
