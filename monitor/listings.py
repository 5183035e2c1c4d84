"""Listings asked for: a feed, a section page, a sitemap with all that it leads to. Polls, previews and backfills
ask in the same way.
"""

from collections import deque

from monitor import discover
from monitor.errors import Refused, SiteDown, Unreadable
from monitor.fetch import Fetcher, FetchKind
from monitor.model import FeedKind, Listed, Listing, Page
from monitor.sources import Source

MOST_NOTES = 20
_BOUNDS: dict[FeedKind, FetchKind] = {
    FeedKind.FEED: "feed",
    FeedKind.SITEMAP: "sitemap",
    FeedKind.SECTION: "page",
}


def fetch(
    fetcher: Fetcher, source: Source, kind: FeedKind, url: str, *, etag: str = "", last_modified: str = ""
) -> Page:
    """Ask for a listing's page, politely; raises as `Fetcher.get` does."""
    return fetcher.get(
        url, etag=etag, last_modified=last_modified, kind=_BOUNDS[kind], gap=source.gap_seconds, retry=True
    )


def read(fetcher: Fetcher, source: Source, kind: FeedKind, page: Page) -> Listing:
    """The lines of a page that answered 200; of a sitemap index, the lines of the sitemaps below it.

    Raises:
        Unreadable: the page is not what was asked for.
    """
    children = discover.sitemap_children(page) if kind is FeedKind.SITEMAP else ()
    if not children:
        return discover.read_listing(page, kind, source, fetcher.limits.lines)
    return _below(fetcher, source, page, children)


def _below(fetcher: Fetcher, source: Source, index: Page, children: tuple[str, ...]) -> Listing:
    """Everything below an index, each sitemap once; one that fails leaves a note, and its siblings are read."""
    lines: list[Listed] = []
    notes: list[str] = []
    seen = {index.url, index.final_url, *children}
    limits = fetcher.limits
    waiting = deque((url, 1) for url in children)
    asked = 0
    while waiting and asked < limits.sitemaps:
        url, depth = waiting.popleft()
        asked += 1
        try:
            page = fetch(fetcher, source, FeedKind.SITEMAP, url)
            if page.status != 200:
                notes.append(f"sitemap {url}: HTTP {page.status}")
                continue
            further = [each for each in discover.sitemap_children(page) if each not in seen]
            listing = discover.read_listing(page, FeedKind.SITEMAP, source, limits.lines)
        except (Refused, Unreadable, SiteDown) as error:
            notes.append(f"sitemap {url}: {error}")
            continue
        if further and depth >= limits.sitemap_depth:
            notes.append(f"sitemap {url}: an index {limits.sitemap_depth} levels down is not followed")
        elif further:
            seen.update(further)
            waiting.extend((each, depth + 1) for each in further)
        else:
            lines += listing.lines
            notes += listing.notes
    if waiting:
        notes.insert(0, f"{asked} of {asked + len(waiting)} sitemaps read")
    # Its children change without it: an index is always asked whole, so that none of them is missed.
    return Listing(tuple(lines), notes=tuple(notes[:MOST_NOTES]), capped=True)
