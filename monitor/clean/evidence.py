"""What a page says in several places of its outlet, its section and its picture, weighed."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from monitor.clean.jsonld import Data, words
from monitor.clean.rules import table
from monitor.clean.survey import short
from monitor.text import fold, squeeze

_MARKS = re.compile(r"[\W_]+")


def key(text: str) -> str:
    """Letters and digits of text, folded: what two printings of one line have in common."""
    return _MARKS.sub("", fold(text))


# ---------------------------------------------------------------- outlet


def outlets(data: Data, url: str = "", outlet: str = "") -> frozenset[str]:
    """The names of the site itself, folded by key(): as stated, as its logo says, as its address says.

    outlet: the name by which the source is known.
    """
    names = [outlet, *_of_address(url), *_masthead(data)]
    for meta in ("og:site_name", "sitename", "application-name", "apple-mobile-web-app-title"):
        names += data.meta.get(meta, [])
    for value in data.ld("publisher"):
        names += [words(v.get("name")) for v in _listed(value) if isinstance(v, dict)]
    return frozenset(filter(None, map(key, names)))


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]


def _of_address(url: str) -> list[str]:
    """Host, and its label that is the site's: example.co.uk and example."""
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return []
    labels = host.split(".")
    if len(labels) < 2:
        return []
    size = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _REGISTRIES else 2
    return [host, ".".join(labels[-size:]), labels[-size]]


_REGISTRIES = frozenset(["ac", "co", "com", "edu", "gov", "net", "or", "org"])


def _masthead(data: Data) -> list[str]:
    """The name of the site as its logo, a link to the front page, says it."""
    said: list[str] = []
    for link in islice(data.seen.links, MOST_ABOVE_LOGO):
        href = link.get("href") or ""
        if href == "/" or href.startswith(("/index.", "/default.")) or link.get("rel") == "home":
            image = next(link.iter("img"), None)
            if image is not None:
                said.append(image.get("alt") or image.get("title") or "")
            if len(said) >= MOST_LOGOS:
                break
    return [name for name in said if 4 <= len(name) <= 60]


MOST_LOGOS = 3
MOST_ABOVE_LOGO = 40  # links among which the logo is looked for


# ---------------------------------------------------------------- section, picture

_KICKER = re.compile(r"cat|section|kicker|eyebrow|rubric|channel|topic|label|terms", re.IGNORECASE)
_META = ("article:section", "og:section", "section", "articlesection", "parsely-section", "columnname")
_SEVERAL = re.compile(r"\s*\|\s*|,(?=\S)")  # "Harbor | The Example", "harbor,news,slider"
MOST_CRUMBS = 8


def section(
    root: etree._Element, data: Data, heading: etree._Element | None, headline: str
) -> tuple[str, str]:
    """Return the part of the outlet that the article stands in, and the place that names it."""
    for value in (*data.ld("articleSection"), *data.micro("articleSection")):
        for said in map(words, _listed(value)):
            if _is_section(name := _first(said), headline):
                return name, "json-ld articleSection"
    if _is_section(name := _first(data.first(*_META)), headline):
        return name, "meta article:section"
    for crumb in reversed(data.crumbs):
        if _is_section(crumb, headline):
            return crumb, "json-ld breadcrumb"
    for crumbs in data.seen.crumbs[:3] or islice(_crumbs_by_id(root), 3):
        found = list(crumbs.iter("a"))
        for link in reversed(found if len(found) <= MOST_CRUMBS else []):
            if _is_section(name := short(link, 60), headline):
                return name, "breadcrumb"
    return _kicker(data, heading, headline)


def _first(said: str) -> str:
    return _SEVERAL.split(said, maxsplit=1)[0].strip()


def _crumbs_by_id(root: etree._Element) -> Iterator[etree._Element]:
    for element in root.iter("div", "ul", "ol", "nav", "p", "td", "span"):
        name = element.get("id")
        if name and ("crumb" in name or name == "path"):
            yield element


def _kicker(data: Data, heading: etree._Element | None, headline: str) -> tuple[str, str]:
    """The link to a section that stands nearest above the headline."""
    at = next((links for h, links in data.seen.headings if h is heading), 0)
    if heading is not None and at:
        around = [part for part in islice(heading.iterancestors(), 4) if part.tag not in ("body", "html")]
        for link in reversed(data.seen.links[max(0, at - MOST_ABOVE_HEADLINE) : at]):
            if not any(part in around for part in link.iterancestors()):
                break
            if _is_kicker(link) and _is_section(name := short(link, 60), headline):
                return name, "section link"
    return _label_above(data, heading, headline)


MOST_ABOVE_HEADLINE = 20  # links among which the section's is looked for


def _label_above(data: Data, heading: etree._Element | None, headline: str) -> tuple[str, str]:
    """The words right above the headline, when the menu calls a section so: old pages print "LOCAL"."""
    if heading is None:
        return "", ""
    label = squeeze("".join(_TEXT_ABOVE(heading)))
    if not _is_section(label, headline) or len(label) > LONGEST_LABEL:
        return "", ""
    menu = (short(link, LONGEST_LABEL) for link in data.seen.links[:MOST_IN_MENU])
    called = next((name for name in menu if key(name) == key(label)), "")
    return called, "section label" if called else ""


_TEXT_ABOVE = etree.XPath("preceding::text()[normalize-space()][1][not(ancestor::a)]")
LONGEST_LABEL = 30  # characters
MOST_IN_MENU = 60  # links at the top of a page among which a section is looked for


def _is_kicker(link: etree._Element) -> bool:
    parent = link.getparent()
    near = [link, *([parent] if parent is not None else []), *(c for c in link)]
    above = parent.getparent() if parent is not None else None
    near += [above] if above is not None else []
    return any(_KICKER.search(f"{e.get('class') or ''} {e.get('rel') or ''}") for e in near)


def _is_section(name: str, headline: str) -> bool:
    return 1 < len(name) <= 50 and key(name) != key(headline) and not _never().fullmatch(name)


@cache
def _never() -> re.Pattern[str]:
    """What is no section, compiled from words.toml."""
    return re.compile(f"(?:{'|'.join(table('words.toml')['sections']['never'])})", re.IGNORECASE)


def picture(data: Data) -> str:
    """The address of the lead image as written; "" for none."""
    return data.first("og:image", "og:image:url", "twitter:image", "twitter:image:src")
