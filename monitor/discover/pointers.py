"""Where a site says that its listings are: links in its pages, lines in its robots.txt, and the common places. Pure."""

import re
from dataclasses import dataclass

from lxml import etree

from monitor import urls
from monitor.discover.plain import one_line
from monitor.discover.section import base_of, parsed
from monitor.errors import Unreadable
from monitor.model import Page

MOST_NAMED = 5  # feeds that a page names
MOST_LINKED = 3
MOST_SITEMAPS = 5
COMMON_FEEDS = ("feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feed.json")
COMMON_SITEMAPS = ("news-sitemap.xml", "sitemap-news.xml")

_FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml",
     "application/xml", "text/xml", "application/json"}
)  # fmt: skip
_SURE = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})
_COMMENTS = re.compile(r"comment|reply|评论|評論", re.IGNORECASE)
_FEED_LINK = re.compile(r"(?:^|[/.])(?:rss|atom|feed)(?:[/.]|$)|\.rdf$|feeds?\.json$", re.IGNORECASE)
_SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S{1,2000})", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Site:
    """What a page says of itself."""

    name: str = ""
    language: str = ""  # the lang attribute as written


def feeds_named(page: Page) -> list[str]:
    """The feeds that an HTML page names, those of comments left out: rel=alternate first, then plain links."""
    try:
        root = parsed(page, links=False)
    except Unreadable:
        return []
    base = base_of(root, page)
    named: dict[str, bool] = {}
    for link in root.iter("link"):
        kind = link.get("type", "").partition(";")[0].strip().lower()
        if "alternate" in link.get("rel", "").lower().split() and kind in _FEED_TYPES:
            _name(named, base, link, sure=kind in _SURE)
    chosen = sorted(named, key=lambda url: not named[url])[:MOST_NAMED]
    linked: dict[str, bool] = {}
    for link in root.iter("a"):
        if _FEED_LINK.search(link.get("href", "").partition("?")[0]):
            _name(linked, base, link, sure=False)
    of_the_site = (url for url in linked if url not in named and urls.same_site(url, page.final_url))
    return [*chosen, *list(of_the_site)[:MOST_LINKED]]


def _name(named: dict[str, bool], base: str, link: etree._Element, *, sure: bool) -> None:
    href, title = link.get("href", ""), link.get("title", "")
    if _COMMENTS.search(href) or _COMMENTS.search(title):
        return
    try:
        named.setdefault(urls.join(base, href), sure)
    except ValueError:
        return


def sitemaps_named(robots: bytes, base: str) -> list[str]:
    """The sitemaps that a robots.txt names, news sitemaps first."""
    found: dict[str, None] = {}
    for written in _SITEMAP_LINE.findall(robots.decode("utf-8", "replace")):
        try:
            found[urls.join(base, written)] = None
        except ValueError:
            continue
    return sorted(found, key=lambda url: "news" not in url.lower())[:MOST_SITEMAPS]


def site_of(page: Page) -> Site:
    """The name and the language that an HTML page states."""
    try:
        root = parsed(page, links=False)
    except Unreadable:
        return Site()
    name = next(
        (meta.get("content", "") for meta in root.iter("meta") if meta.get("property") == "og:site_name"), ""
    )
    if not one_line(name):
        title = next((one_line("".join(each.itertext())) for each in root.iter("title")), "")
        name = re.split(r"\s+[|–—»·_-]\s+|[|_]", title)[-1]
    html = next(iter(root.iter("html")), root)
    return Site(one_line(name)[:80], one_line(html.get("lang", "") or html.get("xml:lang", ""))[:20])
