"""Microdata of a page: the article that itemprop marks, in the shape in which JSON-LD states one.

https://html.spec.whatwg.org/multipage/microdata.html; only properties of an article that we read.
"""

from typing import Any

from lxml import etree

from monitor.clean.survey import short

MOST_ITEMS = 400  # marked elements that are looked at
LONGEST = 500  # characters of a value

ARTICLES = frozenset(
    [
        "article",
        "newsarticle",
        "reportagenewsarticle",
        "analysisnewsarticle",
        "opinionnewsarticle",
        "backgroundnewsarticle",
        "blogposting",
        "report",
        "reviewnewsarticle",
        "review",
        "advertisercontentarticle",
        "scholarlyarticle",
        "techarticle",
        "socialmediaposting",
        "liveblogposting",
        "satiricalarticle",
        "creativework",
        "askpublicnewsarticle",
    ]
)
_READ = frozenset(["headline", "author", "creator", "datePublished", "dateCreated", "articleSection"])


def read(items: list[etree._Element]) -> list[dict[str, Any]]:
    """Return the articles that items, elements with itemprop, mark; the page's own comes first.

    A property outside of any item is taken for one of the page's article.
    """
    found: dict[etree._Element | None, dict[str, Any]] = {}
    for element in items[:MOST_ITEMS]:
        names = _READ.intersection((element.get("itemprop") or "").split())
        if not names:
            continue
        scope = next((above for above in element.iterancestors() if above.get("itemscope") is not None), None)
        if scope is not None and kind(scope).lower() not in ARTICLES:
            continue
        node = found.setdefault(scope, {"@type": kind(scope) if scope is not None else "Article"})
        for name in names:
            node.setdefault(name, []).append(
                _thing(element) if name in ("author", "creator") else _value(element)
            )
    return [_single(node) for node in found.values() if "headline" in node or "datePublished" in node]


def kind(element: etree._Element) -> str:
    """The type of an item, without its vocabulary."""
    return (element.get("itemtype") or "").rstrip("/").rsplit("/", 1)[-1]


def _single(node: dict[str, Any]) -> dict[str, Any]:
    """A node whose properties are values; only people are several."""
    return {
        name: value if name in ("author", "creator") or not isinstance(value, list) else value[0]
        for name, value in node.items()
    }


def _thing(element: etree._Element) -> dict[str, Any]:
    """A person or an organisation; by its name where that is marked."""
    if element.get("itemscope") is None:
        return {"@type": "Person", "name": _value(element)}
    named = next((e for e in element.iter() if "name" in (e.get("itemprop") or "").split()), None)
    return {"@type": kind(element) or "Person", "name": _value(named if named is not None else element)}


def _value(element: etree._Element) -> str:
    """The value of a property: stated for machines, or the words of the element."""
    stated = element.get("content") or element.get("datetime")
    if not stated and element.tag == "abbr":
        stated = element.get("title")
    return stated[:LONGEST] if stated else short(element, LONGEST)
