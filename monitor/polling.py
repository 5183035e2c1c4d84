"""Polling one address: its answer as a listing, or as the reason why there is none."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from monitor import discover, urls
from monitor.desk import Desk
from monitor.errors import Refused, SiteDown, Unreadable, a_bug
from monitor.fetch import FetchKind, retry_after
from monitor.model import FeedKind, Listing, Page
from monitor.sources import Source
from monitor.store.entries import Found
from monitor.store.feeds import Feed

MOST_CHILDREN = 50  # sitemaps of one index
_NOTHING = Listing(())
_BOUNDS: dict[FeedKind, FetchKind] = {
    FeedKind.FEED: "feed",
    FeedKind.SITEMAP: "sitemap",
    FeedKind.SECTION: "page",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A feed's answer: a listing, or why there is none."""

    answer: Literal["news", "unchanged", "failed", "refused"]
    listing: Listing = _NOTHING
    keep: tuple[str, str, str] | None = None
    why: str = ""
    retry_after: float | None = None
    wish: float | None = None  # seconds between polls that the feed asks for


def ask(desk: Desk, feed: Feed) -> Asked:
    """Ask one feed, sitemap or section page; whatever goes wrong becomes words."""
    source = desk.sources[feed.source]
    try:
        page = _fetch_listing(desk, feed.url, feed.kind, source, feed.etag, feed.last_modified)
        if page.status == 304:
            return Asked("unchanged")
        if page.status != 200:
            wait = retry_after(page.headers.get("retry-after", ""), page.fetched_at)
            no = page.status in (401, 403, 406, 451)
            return Asked("refused" if no else "failed", why=f"HTTP {page.status}", retry_after=wait)
        body_hash = sha256(page.body).hexdigest()
        if body_hash == feed.body_hash:
            return Asked("unchanged")
        listing = _listing(desk, feed, source, page)
    except Unreadable as error:
        blocked = str(error).startswith("block page")
        return Asked("refused" if blocked else "failed", why=str(error))
    except SiteDown as error:
        return Asked("failed", why=str(error), retry_after=error.retry_after)
    except Refused as error:
        return Asked("refused", why=str(error))
    except Exception as error:  # noqa: BLE001  a bug of ours over one feed must not end the round
        return Asked("failed", why=a_bug(error))
    keep = (page.headers.get("etag", ""), page.headers.get("last-modified", ""), body_hash)
    return Asked("news", listing, None if listing.capped else keep, wish=discover.wished_pause(page))


def _fetch_listing(
    desk: Desk, url: str, kind: FeedKind, source: Source, etag: str = "", last_modified: str = ""
) -> Page:
    return desk.fetcher.get(
        url, etag=etag, last_modified=last_modified, kind=_BOUNDS[kind], gap=source.gap_seconds, retry=True
    )


def _listing(desk: Desk, feed: Feed, source: Source, page: Page) -> Listing:
    """The lines of a page, and of the sitemaps that a sitemap index names."""
    children = discover.sitemap_children(page) if feed.kind is FeedKind.SITEMAP else ()
    if not children:
        return discover.read_listing(page, feed.kind, source)
    listings = [_child(desk, url, source) for url in children[:MOST_CHILDREN]]
    if len(children) > MOST_CHILDREN:
        listings.append(Listing((), notes=(f"{MOST_CHILDREN} of {len(children)} sitemaps read",)))
    # Its children change without it: an index is always asked whole, so that none of them is missed.
    return Listing(
        lines=tuple(line for listing in listings for line in listing.lines),
        notes=tuple(note for listing in listings for note in listing.notes),
        capped=True,
    )


def _child(desk: Desk, url: str, source: Source) -> Listing:
    """One sitemap of an index; one that fails leaves a note, and its siblings are read."""
    try:
        page = _fetch_listing(desk, url, FeedKind.SITEMAP, source)
        if page.status != 200:
            return Listing((), notes=(f"sitemap {url}: HTTP {page.status}",))
        return discover.read_listing(page, FeedKind.SITEMAP, source)
    except (Refused, Unreadable, SiteDown) as error:
        return Listing((), notes=(f"sitemap {url}: {error}",))


def found_in(listing: Listing) -> tuple[list[Found], list[str]]:
    """Lines under their canonical URLs, and what must be said of the listing."""
    found, notes = [], list(listing.notes)
    for line in listing.lines:
        try:
            url = urls.canonical(line.url)
        except ValueError as error:
            notes.append(f"a line without a URL we can ask for ({error}): {line.title[:80]}")
            continue
        found.append(Found(url, urls.key(url), line))
    return found, notes
