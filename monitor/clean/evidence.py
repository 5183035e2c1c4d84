"""What a page says in several places of its outlet, its section and its picture, weighed."""

import re
from collections.abc import Collection, Iterable, Iterator
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

_KICKER = re.compile(
    r"cat|section|kicker|eyebrow|overline|rubric|channel|topic|label|lbl|terms", re.IGNORECASE
)
_TAG = re.compile(r"(?:^|[\s_-])(?:article|post|entry|story|primary)[_-]tag(?:$|\s)", re.IGNORECASE)
_META = ("article:section", "og:section", "section", "articlesection", "parsely-section", "columnname")
_SEVERAL = re.compile(r"\s*\|\s*|,(?=\S)")  # "Harbor | The Example", "harbor,news,slider"
MOST_CRUMBS = 8

Named = tuple[str, str]  # a section, and the place that names it


def section(
    root: etree._Element,
    data: Data,
    heading: etree._Element | None,
    headline: str,
    own: Collection[str] = frozenset(),
) -> tuple[str, str]:
    """Return the part of the outlet that the article stands in, and the place that names it.

    own: names of the outlet, folded by key(), which are no section where a page prints them.
    """
    for value in (*data.ld("articleSection"), *data.micro("articleSection")):
        for said in map(words, _listed(value)):
            if _is_section(name := _first(said), headline):
                return name, "json-ld articleSection"
    if _is_section(name := _first(data.first(*_META)), headline):
        return name, "meta article:section"
    for crumb in reversed(data.crumbs):
        if _is_section(crumb, headline):
            return crumb, "json-ld breadcrumb"
    found = _above_the_headline(root, data, heading, headline)
    return ("", "") if key(found[0]) in own else found


def _above_the_headline(
    root: etree._Element, data: Data, heading: etree._Element | None, headline: str
) -> tuple[str, str]:
    """The section as a page prints it, the surest place first."""
    at = next((links for h, links in data.seen.headings if h is heading), 0)
    return (
        _named_crumbs(root, data, headline)
        or _kicker(data, heading, headline, at)
        or _plain_crumbs(data, headline, at)
        or _label_above(data, heading, headline)
        or _filed_under(data, headline, at)
        or ("", "")
    )


def _named_crumbs(root: etree._Element, data: Data, headline: str) -> Named | None:
    """The last link of what is called a breadcrumb."""
    for crumbs in data.seen.crumbs[:3] or islice(_crumbs_by_id(root), 3):
        found = list(crumbs.iter("a"))
        for link in reversed(found if len(found) <= MOST_CRUMBS else []):
            if _is_section(name := short(link, 60), headline):
                return name, "breadcrumb"
    return None


def _plain_crumbs(data: Data, headline: str, at: int) -> Named | None:
    """The last of links that are parted by arrows: "Home > Sea > Ports", whatever their part is called."""
    for link in data.seen.links[: min(at, MOST_ABOVE) or MOST_ABOVE]:
        crumbs = link.getparent()
        if crumbs is not None and _is_crumb(link):
            found = list(islice(crumbs.iter("a"), MOST_CRUMBS + 1))
            named = (name for a in reversed(found) if _is_section(name := short(a, 60), headline))
            name = next(named, "") if len(found) <= MOST_CRUMBS else ""
            return (name, "breadcrumb") if name else None
    return None


def _is_crumb(link: etree._Element) -> bool:
    """Whether an arrow stands behind a link, or a slash behind one to the front page."""
    mark = (link.tail or "").strip()
    if not mark:
        behind = link.getnext()
        mark = (behind.text or "").strip() if behind is not None and behind.tag in ("span", "i", "em") else ""
    return mark in _ARROWS or (mark == "/" and link.get("href") == "/")


MOST_ABOVE = 150  # links above a headline among which crumbs are looked for
_ARROWS = frozenset([">", ">>", "›", "»", "→", "＞", "&gt;"])


def _filed_under(data: Data, headline: str, at: int) -> Named | None:
    """The first category that a link below the headline says it is (rel=category, a microformat of WordPress)."""
    for link in data.seen.links[at:]:
        if "category" in (link.get("rel") or "") and _is_section(name := short(link, 60), headline):
            return name, "category link"
    return None


def _first(said: str) -> str:
    return _SEVERAL.split(said, maxsplit=1)[0].strip()


def _crumbs_by_id(root: etree._Element) -> Iterator[etree._Element]:
    for element in root.iter("div", "ul", "ol", "nav", "p", "td", "span"):
        name = element.get("id")
        if name and ("crumb" in name or name == "path"):
            yield element


def _kicker(data: Data, heading: etree._Element | None, headline: str, at: int) -> Named | None:
    """The link to a section that stands nearest above the headline."""
    if heading is not None and at:
        around = [part for part in islice(heading.iterancestors(), 4) if part.tag not in ("body", "html")]
        for link in reversed(data.seen.links[max(0, at - MOST_ABOVE_HEADLINE) : at]):
            if not any(part in around for part in link.iterancestors()):
                break
            if _is_kicker(link) and _is_section(name := short(link, 60), headline):
                return name, "section link"
    return None


MOST_ABOVE_HEADLINE = 20  # links among which the section's is looked for


def _label_above(data: Data, heading: etree._Element | None, headline: str) -> Named | None:
    """The words right above the headline, when the menu or the page's title calls a section so."""
    if heading is None:
        return None
    label = squeeze("".join(_TEXT_ABOVE(heading)))
    if not _is_section(label, headline) or len(label) > LONGEST_LABEL:
        return None
    if _is_named_section(heading) and not any(map(str.isdigit, label)):  # a date, else
        return label, "section label"
    folded = key(label)
    menu = (short(link, LONGEST_LABEL) for link in data.seen.links[:MOST_IN_MENU])
    if called := next((name for name in menu if key(name) == folded), ""):
        return called, "section label"
    parts = (part for title in data.seen.titles[:1] for part in _TITLE_PARTS.split(short(title, 300))[1:-1])
    return (label, "section label") if folded in map(key, parts) else None


def _is_named_section(heading: etree._Element) -> bool:
    """Whether the part right before the headline is called a section."""
    above = heading.getprevious()
    called = (above.get("class") or "") if above is not None and isinstance(above.tag, str) else ""
    return _SECTION.search(called) is not None and "title" not in called.lower()


_SECTION = re.compile(
    r"categor|overline|eyebrow|rubri[ck]|channel|(?:^|[\s_-])section(?:$|[\s_-])", re.IGNORECASE
)
_TEXT_ABOVE = etree.XPath("preceding::text()[normalize-space()][1][not(ancestor::a)]")
_TITLE_PARTS = re.compile(r"\s*(?:[|｜_＿»]|\s[-–—]\s|--)\s*")  # "headline - section - outlet"
LONGEST_LABEL = 30  # characters
MOST_IN_MENU = 60  # links at the top of a page among which a section is looked for


def _is_kicker(link: etree._Element) -> bool:
    parent = link.getparent()
    near = [link, *([parent] if parent is not None else []), *(c for c in link)]
    above = parent.getparent() if parent is not None else None
    near += [above] if above is not None else []
    if _TAG.search(link.get("class") or ""):
        return True
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
