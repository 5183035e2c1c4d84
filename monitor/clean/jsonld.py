"""Structured data of a page: JSON-LD (broken, too) and meta tags, read once into plain values.

It is evidence, never truth: a page may carry another article's, twice, or of five years ago.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from lxml import etree

from monitor.clean import microdata
from monitor.clean.microdata import ARTICLES
from monitor.clean.survey import Survey, survey
from monitor.text import clean_text, squeeze

LARGEST = 1_000_000  # characters of one script
MOST_NODES = 2_000
DEEPEST = 40

_PAGES = frozenset(["webpage", "itempage", "videoobject", "podcastepisode", "imagegallery", "recipe"])
_WRAPPERS = (("<!--", "-->"), ("//<![CDATA[", "//]]>"), ("<![CDATA[", "]]>"), ("/*<![CDATA[*/", "/*]]>*/"))
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_FIELD = re.compile(
    r'"(headline|datePublished|dateCreated|dateModified|articleSection)"\s*:\s*"((?:[^"\\]|\\.){1,1000})"'
)
_WRITER = re.compile(r'"author"\s*:\s*(?:\[\s*)?(?:\{[^{}]{0,500}?"name"\s*:\s*)?"((?:[^"\\]|\\.){1,200})"')


@dataclass(slots=True)
class Data:
    """What a page says of itself in its head."""

    articles: list[dict[str, Any]] = field(default_factory=list)  # JSON-LD nodes of an article's type
    persons: dict[str, str] = field(default_factory=dict)  # @id -> name
    crumbs: list[str] = field(default_factory=list)
    meta: dict[str, list[str]] = field(default_factory=dict)  # name, property or itemprop, lower case
    galleries: list[dict[str, Any]] = field(
        default_factory=list
    )  # of pictures; the article where there is no other
    pages: list[dict[str, Any]] = field(default_factory=list)  # JSON-LD nodes of the page, or of its film
    marked: list[dict[str, Any]] = field(default_factory=list)  # microdata, in the shape of JSON-LD
    seen: Survey = field(default_factory=Survey)

    def first(self, *names: str) -> str:
        """The first meta value under any of names, in their order; "" for none."""
        return next((self.meta[name][0] for name in names if self.meta.get(name)), "")

    def ld(self, key: str) -> Iterator[Any]:
        """The values of key in the article nodes."""
        return (node[key] for node in self.articles if node.get(key))

    def micro(self, key: str) -> Iterator[Any]:
        """The values of key in the article as microdata marks it."""
        return (node[key] for node in self.marked if node.get(key))


def read(root: etree._Element) -> Data:
    """Read the structured data of a page."""
    seen = survey(root)
    data = Data(seen=seen, marked=microdata.read(seen.items))
    for tag in seen.metas:
        name = (tag.get("property") or tag.get("name") or tag.get("itemprop") or "").strip().lower()
        value = squeeze(clean_text(tag.get("content") or ""))
        if name and value and len(name) < 80:
            data.meta.setdefault(name, []).append(value[:2_000])
    budget = [MOST_NODES]
    for script in seen.scripts:
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            for node in _nodes(_load(script.text[:LARGEST]), budget, 0):
                _sort(node, data)
    data.articles = data.articles or data.galleries[:1]
    return data


def _load(text: str) -> Any:
    text = text.strip().rstrip(";")
    for start, end in _WRAPPERS:
        text = text.removeprefix(start).removesuffix(end).strip()
    for mended in (text, _TRAILING_COMMA.sub(r"\1", text.replace("\t", " ")), text.rstrip(";")):
        try:
            return json.loads(mended, strict=False)
        except (ValueError, RecursionError):
            continue
    fields = {key: _unquoted(value) for key, value in reversed(_FIELD.findall(text))}  # the first one stays
    if writer := _WRITER.search(text):
        fields["author"] = _unquoted(writer[1])
    return {"@type": "Article", **fields} if fields else None


def _unquoted(value: str) -> str:
    try:
        return str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        return value


def _nodes(value: Any, budget: list[int], depth: int) -> Iterator[dict[str, Any]]:
    if depth > DEEPEST or budget[0] <= 0:
        return
    if isinstance(value, list):
        for part in value:
            yield from _nodes(part, budget, depth + 1)
    elif isinstance(value, dict):
        budget[0] -= 1
        yield value
        for part in value.values():
            if isinstance(part, list | dict):
                yield from _nodes(part, budget, depth + 1)


def types(node: dict[str, Any]) -> set[str]:
    """The types of a node, lower case, without their vocabulary."""
    found = node.get("@type")
    listed = found if isinstance(found, list) else [found]
    return {str(t).rsplit("/", 1)[-1].lower() for t in listed}


def _sort(node: dict[str, Any], data: Data) -> None:
    kinds = types(node)
    if kinds & ARTICLES and ("headline" in node or "datePublished" in node or "articleBody" in node):
        data.articles.append(node)
    elif "person" in kinds and isinstance(node.get("@id"), str) and isinstance(node.get("name"), str):
        data.persons[node["@id"]] = node["name"]
    elif "imagegallery" in kinds and "headline" in node and not data.articles:
        data.galleries.append(node)
    elif kinds & _PAGES and ("datePublished" in node or "uploadDate" in node):
        data.pages.append(node)
    elif "breadcrumblist" in kinds and not data.crumbs:
        data.crumbs = [name for name in map(_crumb, _listed(node.get("itemListElement"))) if name]


def _crumb(element: Any) -> str:
    if not isinstance(element, dict):
        return ""
    thing = element.get("item")
    name = element.get("name") or (thing.get("name") if isinstance(thing, dict) else "")
    return words(name)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def words(value: Any) -> str:
    """A JSON value as words: entities resolved, one line; "" for what is no string."""
    return squeeze(clean_text(unescape(value))) if isinstance(value, str) else ""


def unescaped(text: str) -> str:
    """Text whose entities are resolved, twice where they were escaped twice."""
    return unescape(unescape(text)) if "&" in text else text
