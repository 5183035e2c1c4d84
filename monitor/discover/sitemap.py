"""Sitemaps (sitemaps.org, Google News): plain, gzip, index. Bounded while they are read."""

import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from itertools import zip_longest

from lxml import etree

from monitor import urls
from monitor.discover.blockpage import is_html
from monitor.discover.feed import LONGEST_TITLE, newest_first, read_feed
from monitor.discover.plain import one_line
from monitor.discover.times import read_time
from monitor.errors import Unreadable
from monitor.model import Listed, Listing, Page, Published

MOST_READ = 50_000  # URLs of one file, the protocol's own limit
MOST_LINES = 2_000
MOST_CHILDREN = 1_000
LARGEST = 50_000_000  # bytes, decompressed
_END = re.compile(
    rb"</(?:[\w.-]{1,30}:)?(?:urlset|sitemapindex)\s*>", re.IGNORECASE
)  # recover closes a cut file itself
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Location:
    url: str
    changed: str
    title: str
    published: str


def read_sitemap(page: Page, zone: str, home: str = "", most: int = MOST_LINES) -> Listing:
    """Return the lines of a sitemap, at most `most`, the newest; of an index none, see `sitemap_children`.

    Addresses of other sites than the sitemap's own and home are left out with a note.

    Raises:
        Unreadable: the body holds no sitemap.
    """
    body = _unpacked(page.body)
    head = body[:5_000].lower()
    if b"<rss" in head or b"<feed" in head:  # the protocol allows a feed as a sitemap
        return read_feed(page, zone, most)
    if _is_text(body):
        found = [
            _Location(line.strip(), "", "", "")
            for line in body.decode("utf-8", "replace").splitlines()[:MOST_READ]
        ]
        return _listing(found, page, zone, home, most, whole=len(found) < MOST_READ)
    if b"<sitemapindex" in head:
        return Listing((), notes=(f"an index of {len(sitemap_children(page))} sitemaps",))
    if b"<urlset" not in head:
        raise Unreadable("not a sitemap: HTML" if is_html(body) else "not a sitemap: no urlset in it")
    found, whole = _locations(body, "url")
    return _listing(found, page, zone, home, most, whole=whole)


def sitemap_children(page: Page) -> tuple[str, ...]:
    """Return the sitemaps that an index names on its own site, last changed first; empty for any other page.

    The caller keeps the set of those visited and a depth: an index may name itself.
    """
    return tuple(url for url, _ in sitemap_index(page))


def sitemap_index(page: Page) -> tuple[tuple[str, datetime | None], ...]:
    """Return what `sitemap_children` does, each with the time at which the index says that it changed last."""
    body = _unpacked(page.body)
    if b"<sitemapindex" not in body[:5_000].lower():
        return ()
    found, _ = _locations(body, "sitemap")
    if any(location.changed for location in found):
        found.sort(key=lambda location: _when(location.changed, "UTC", page.fetched_at), reverse=True)
    else:
        found = _from_both_ends(found)
    children: dict[str, datetime | None] = {}
    for location in found:
        url = _url(location.url, page)
        if url and url != page.final_url and urls.same_site(url, page.final_url):
            children[url] = (
                read_time(location.changed, "UTC", page.fetched_at).at if location.changed else None
            )
    return tuple(children.items())[:MOST_CHILDREN]


def _listing(found: list[_Location], page: Page, zone: str, home: str, most: int, *, whole: bool) -> Listing:
    lines: list[Listed] = []
    foreign = broken = 0
    for location in found:
        url = _url(location.url, page)
        if not url:
            broken += 1
        elif not urls.same_site(url, page.final_url) and not (home and urls.same_site(url, home)):
            foreign += 1
        else:
            published = (
                read_time(location.published, zone, page.fetched_at) if location.published else Published()
            )
            lines.append(Listed(url, location.title, "", published, location.changed))
    notes = [] if whole else [f"only the first {MOST_READ:,} addresses read, or cut off"]
    notes += [f"{foreign:,} addresses of other sites left out"] if foreign else []
    notes += [f"{broken:,} lines without an address left out"] if broken else []
    if len(lines) > most:
        notes.append(f"{most:,} of {len(lines):,} read")
        if not any(line.published.at or line.updated for line in lines):
            half = most // 2
            return Listing((*lines[:half], *lines[-half:]), notes=tuple(notes), capped=True)
        lines.sort(
            key=lambda line: line.published.at or _when(line.updated, zone, page.fetched_at), reverse=True
        )
        return Listing(tuple(lines[:most]), notes=tuple(notes), capped=True)
    return Listing(newest_first(lines), notes=tuple(notes), capped=not whole)


def _from_both_ends(found: list[_Location]) -> list[_Location]:
    """First, last, second, last but one ...: without a time nobody knows at which end the new ones stand."""
    half = (len(found) + 1) // 2
    pairs = zip_longest(found[:half], reversed(found[half:]))
    return [each for pair in pairs for each in pair if each is not None]


def _when(printed: str, zone: str, now: datetime) -> datetime:
    return (read_time(printed, zone, now).at if printed else None) or _LONG_AGO


def _url(written: str, page: Page) -> str:
    try:
        return urls.join(page.final_url, written)
    except ValueError:
        return ""


def _locations(body: bytes, element: str) -> tuple[list[_Location], bool]:
    """What the file names, and whether that is all of it."""
    found: list[_Location] = []
    # No entities, no network, no DTD; recover keeps what stands before a cut.
    events = etree.iterparse(
        BytesIO(body),
        events=("end",),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        huge_tree=False,
    )
    try:
        for _, node in events:
            tag = etree.QName(node).localname if isinstance(node.tag, str) else ""
            if tag == element:
                found.append(_location(node))
                node.clear()
                while node.getprevious() is not None and (parent := node.getparent()) is not None:
                    del parent[0]
                if len(found) >= MOST_READ:
                    return found, False
    except etree.LxmlError:
        return found, False
    return found, bool(_END.search(body, max(0, len(body) - 1_000)))


def _location(node: etree._Element) -> _Location:
    values: dict[str, str] = {}
    for part in node.iter():
        if isinstance(part.tag, str) and part.text:
            values.setdefault(etree.QName(part).localname, one_line(part.text))
    return _Location(
        values.get("loc", ""),
        values.get("lastmod", "")[:100],
        values.get("title", "")[:LONGEST_TITLE],
        values.get("publication_date", "")[:100],
    )


def _is_text(body: bytes) -> bool:
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:8].startswith((b"http://", b"https://"))


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        unpacked = inflate.decompress(body, LARGEST)
    except zlib.error as error:
        raise Unreadable(f"not a sitemap: broken gzip: {error}") from error
    if inflate.eof:
        return unpacked
    over = len(unpacked) >= LARGEST
    raise Unreadable(
        f"sitemap over {LARGEST // 1_000_000} MB" if over else "not a sitemap: gzip file is cut off"
    )
