"""Polling one address: its answer as a listing, or as the reason why there is none."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from monitor import discover, listings, urls
from monitor.desk import Desk
from monitor.errors import Refused, SiteDown, Unreadable, a_bug
from monitor.fetch import retry_after
from monitor.model import Listing
from monitor.store.entries import Found
from monitor.store.feeds import Feed

_NOTHING = Listing(())


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
        page = listings.fetch(
            desk.fetcher, source, feed.kind, feed.url, etag=feed.etag, last_modified=feed.last_modified
        )
        if page.status == 304:
            return Asked("unchanged")
        if page.status != 200:
            wait = retry_after(page.headers.get("retry-after", ""), page.fetched_at)
            no = page.status in (401, 403, 406, 451)
            return Asked("refused" if no else "failed", why=f"HTTP {page.status}", retry_after=wait)
        body_hash = sha256(page.body).hexdigest()
        if body_hash == feed.body_hash:
            return Asked("unchanged")
        listing = listings.read(desk.fetcher, source, feed.kind, page)
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
