"""What stands above an article: headline, names, section, time, and the page's own address."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from functools import cache, partial
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from lxml import etree

from monitor.clean import authors, container, dates, evidence, links, related, titles
from monitor.clean.jsonld import Data
from monitor.clean.people import agencies
from monitor.clean.related import Related
from monitor.clean.survey import short
from monitor.model import Published
from monitor.sources import Source
from monitor.text import is_han, one_line, squeeze
from monitor.urls import canonical, same_site

_HEADER = re.compile(
    r"byline|author|date|time|meta|info|source|publish|post-?info|dateline|laiyuan|shijian", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Head:
    """The facts above an article, and for each of them the place on the page that gave it."""

    url: str  # canonical
    base: str  # what links are resolved on
    title: str
    authors: tuple[str, ...]
    section: str
    published: Published
    picture: str | None
    related: tuple[Related, ...]  # links under "You may also like", anywhere on the page
    places: tuple[tuple[str, str], ...]
    heading: etree._Element | None = None  # the element that prints the title


def read(root: etree._Element, data: Data, url: str, source: Source | None) -> Head:
    """Return the head of a page that was fetched from url."""
    own = evidence.outlets(data, url, source.name if source else "")
    title, title_from, heading = titles.title(root, data, own)
    visible = cache(partial(_beside_the_headline, root, heading))
    writers, authors_from = authors.authors(root, data, visible, heading, own)
    section, section_from = evidence.section(root, data, heading, title, own)
    zone: tzinfo = ZoneInfo(source.zone) if source else UTC
    published, published_from = dates.published(data, visible, url, zone, heading)
    base = _base(data, url)
    return Head(
        url=_own_url(data, url),
        base=base,
        title=title,
        authors=writers,
        section=one_line(section, 100),
        published=published,
        picture=links.address(base, evidence.picture(data)),
        related=tuple(related.find(data)),
        places=(
            ("title", title_from),
            ("authors", authors_from),
            ("section", section_from),
            ("published", published_from),
        ),
        heading=heading,
    )


def with_text(above: Head, opening: list[str], cut: list[str]) -> Head:
    """The head with the people whom only the text names, where the page credits nobody or an agency.

    opening: the first lines of the text. cut: lines that were taken out of it.
    """
    if len(agencies(above.authors)) < len(above.authors):
        return above
    named = authors.in_lines(opening, cut)
    if not named:
        return above
    return replace(above, authors=named, places=(*above.places, ("authors", "text")))


def _beside_the_headline(root: etree._Element, heading: etree._Element | None) -> list[str]:
    """Short lines near the headline and in bylines: where a page prints who wrote it and when."""
    spots: dict[etree._Element, None] = {}
    above = heading
    for _ in range(4):
        above = above.getparent() if above is not None else None
        if above is None or above.tag in ("body", "html"):
            break
        spots.update(dict.fromkeys(islice(above.iter(*_SPOTS), 80)))
    if not spots:
        spots.update(dict.fromkeys(e for e in root.iter(*_SPOTS) if _HEADER.search(container.names(e))))
    found: dict[str, None] = {}
    for spot in islice(spots, 120):
        text = short(spot, 160)
        if len(text) < 4:
            continue
        pieces = _labelled([squeeze(piece) for piece in spot.itertext()]) if len(spot) else []
        broken = len(spot) and spot.find(".//br") is not None
        whole = (*pieces, text) if broken else (text, *pieces)
        for part in (*whole, *_MARKS.split(text), *(m[0] for m in _DATE.finditer(text))):
            if 4 <= len(part) <= 160:
                found[part] = None
    return list(dict.fromkeys(dates.LABEL.sub("", part).strip() for part in islice(found, 200)))


def _labelled(pieces: list[str]) -> list[str]:
    """Pieces of a line; a label that stands alone ("作者", "By") goes with what follows it."""
    pieces = [piece for piece in pieces if piece]
    joined = []
    for before, after in pairwise(pieces):
        label = before.strip("|｜:： ")
        if 0 < len(label) <= LONGEST_LABEL and authors.LABEL.fullmatch(label):
            joined.append(f"{label}{'：' if is_han(label[0]) else ' '}{after}")
    return joined + pieces


LONGEST_LABEL = 12  # characters
_SPOTS = ("span", "p", "div", "td", "dd", "small", "li", "em", "h4", "h5", "i", "b", "font", "center")
_MARKS = re.compile(r"\s*[|•·]\s*|\s{2,}|(?<=\d)\s+(?=[^\d\s:APap])")
_DATE = re.compile(
    r"\d{4}(?:年|[-/.])\d{1,2}(?:月|[-/.])\d{1,2}日?(?: {0,2}\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?"
)


def _base(data: Data, url: str) -> str:
    for tag in data.seen.about:
        if tag.tag == "base" and tag.get("href"):
            return links.address(url, tag.get("href") or "") or url
    return url


def _own_url(data: Data, url: str) -> str:
    """The page's canonical URL: its own word for it when that is on the same site and no home page."""
    asked = _canonical(url)
    for tag in data.seen.about:
        if "canonical" in (tag.get("rel") or "").lower().split():
            href = tag.get("href") or ""
            said = asked if href == url else links.address(url, href)
            if said and same_site(said, asked) and said.rstrip("/").count("/") > 2:
                return said
            break
    return asked


def _canonical(url: str) -> str:
    try:
        return canonical(url)
    except ValueError:
        return url
