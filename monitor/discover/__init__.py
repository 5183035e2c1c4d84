"""Discovery: a fetched listing to lines, each a URL and what the listing said of it. Pure.

feed      RSS, RDF, Atom, JSON Feed      feedtext makes their bytes safe first
sitemap   sitemaps, Google News, index
section   news listed in HTML            css names a part of the page
times     what listings print as time
traps     what a person should know of a listing
"""

import re

from monitor.discover.blockpage import is_block_page, is_html
from monitor.discover.charset import decode
from monitor.discover.feed import read_feed, wished_pause
from monitor.discover.feedtext import MOST_ITEMS, has_root
from monitor.discover.plain import one_line
from monitor.discover.section import read_section
from monitor.discover.sitemap import read_sitemap, sitemap_children, sitemap_index
from monitor.discover.traps import traps
from monitor.errors import Unreadable
from monitor.model import FeedKind, Listing, Page
from monitor.sources import Source

__all__ = [
    "is_block_page",
    "is_html",
    "read_listing",
    "read_sitemap",
    "sitemap_children",
    "sitemap_index",
    "titled",
    "traps",
    "wished_pause",
]

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,300})", re.IGNORECASE)
_FOREIGN = (
    (b"\x1f\x8b", "gzip"),
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"PK\x03\x04", "ZIP"),
)


def read_listing(page: Page, kind: FeedKind, source: Source, most: int = MOST_ITEMS) -> Listing:
    """Return the lines of a listing that answered 200, newest first as far as it says so.

    At most `most` lines. `capped` says that lines were left unread or the answer was cut: its ETag must not be
    kept then, or a later 304 would lose them for good.

    Raises:
        Unreadable: the body is not what was asked for: "not a feed: HTML", "block page: ...", "empty body".
    """
    wanted = {FeedKind.FEED: "feed", FeedKind.SITEMAP: "sitemap", FeedKind.SECTION: "section page"}[kind]
    if not page.body.strip(b" \t\r\n\x00"):
        raise Unreadable(f"not a {wanted}: empty body")
    if is_block_page(page.body):
        raise Unreadable(f"block page{titled(page)}")
    foreign = next((name for mark, name in _FOREIGN if page.body.startswith(mark)), "")
    if foreign and not (foreign == "gzip" and kind is FeedKind.SITEMAP):
        raise Unreadable(f"not a {wanted}: {foreign}")
    if kind is FeedKind.SITEMAP:
        return read_sitemap(page, source.zone, source.home, most)
    if kind is FeedKind.SECTION:
        return read_section(page, source.section(page.url), source.zone, most)
    if is_html(page.body) and not has_root(decode(page.body[:20_000], page.content_type)):
        raise Unreadable(f"not a feed: HTML{titled(page)}")
    return read_feed(page, source.zone, most)


def titled(page: Page) -> str:
    """Return the title of an HTML page as words to be added to a reason, or ""."""
    title = _TITLE.search(decode(page.body[:20_000], page.content_type))
    return f' "{one_line(title.group(1))[:80]}"' if title else ""
