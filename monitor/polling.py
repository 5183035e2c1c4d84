"""Polling one address: its answer as a listing, or as the reason why there is none."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from monitor import discover, listings, urls
from monitor.desk import Desk
from monitor.errors import Refused, SiteDown, Unreadable, a_bug
from monitor.fetch import retry_after
from monitor.model import FeedKind, Listing, Page, utc_now
from monitor.network import Sign
from monitor.store.entries import Found
from monitor.store.feeds import Feed

ASKED_WHOLE = timedelta(days=1)  # a feed whose ETag lies is found out within a day
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
    whole: bool = False  # it answered in full
    answered_by: str = ""  # the address that answered, after redirects
    sign: Sign = "there"  # of our own network, see monitor.network
    page: str = ""  # which page it was, where a gate may have sent it


def ask(desk: Desk, feed: Feed) -> Asked:
    """Ask one feed, sitemap or section page; whatever goes wrong becomes words."""
    page = None
    try:
        page = _fetch_listing(desk, feed, utc_now())
        return _answer(desk, feed, page)
    except Unreadable as error:
        blocked = str(error).startswith("block page")
        return Asked(
            "refused" if blocked else "failed", why=str(error), sign="gate?" if page else "there",
            page=page_name(feed.url, page) if page else "",
        )  # fmt: skip
    except SiteDown as error:
        sign: Sign = "there" if error.reached else "not asked" if error.reached is None else "nothing"
        return Asked("failed", why=str(error), retry_after=error.retry_after, sign=sign)
    except Refused as error:
        _, arrow, inside = str(error).partition(" -> ")  # a gate's name server sends every name to the gate
        return Asked("refused", why=str(error), sign="gate?" if arrow else "there", page=inside)
    except Exception as error:  # noqa: BLE001  a bug of ours over one feed must not end the round
        return Asked("failed", why=a_bug(error))


def _answer(desk: Desk, feed: Feed, page: Page) -> Asked:
    """What an answer says.

    Raises:
        Unreadable: it is no listing.
    """
    wish = discover.wished_pause(page)
    if page.status == 304:
        return Asked("unchanged", wish=wish if wish is not None else feed.wish)
    if page.status != 200:
        return _no_listing(feed, page)
    body_hash = sha256(page.body).hexdigest()
    if body_hash == feed.body_hash and feed.whole_at is not None:
        return Asked("unchanged", wish=wish, whole=True)
    listing = listings.read(desk.fetcher, desk.sources[feed.source], feed.kind, page)
    keep = (page.headers.get("etag", ""), page.headers.get("last-modified", ""), body_hash)
    if feed.etag and keep[0] == feed.etag and feed.body_hash not in ("", body_hash):
        listing = replace(
            listing, notes=(*listing.notes, f"its ETag lies: {feed.etag[:80]} for another listing")
        )
    section = feed.kind is FeedKind.SECTION  # whatever a gate sends has links
    return Asked(
        "news", listing, None if listing.capped else keep, wish=wish, whole=True, answered_by=page.final_url,
        sign="gate?" if section else "there", page=page_name(feed.url, page) if section else "",
    )  # fmt: skip


def _no_listing(feed: Feed, page: Page) -> Asked:
    wait = retry_after(page.headers.get("retry-after", ""), page.fetched_at)
    no = page.status in (401, 403, 406, 451)
    gate = page.status == 511  # Network Authentication Required: RFC 6585, 6
    return Asked(
        "refused" if no else "failed", why=f"HTTP {page.status}{discover.titled(page)}", retry_after=wait,
        sign="gate?" if gate else "there", page=page_name(feed.url, page) if gate else "",
    )  # fmt: skip


def page_name(asked: str, page: Page) -> str:
    """What tells a gate's page from a site's own: whose it is where it sent us away, else its bytes."""
    if not urls.same_site(asked, page.final_url):
        return urls.host(page.final_url)
    return sha256(page.body).hexdigest()


def _fetch_listing(desk: Desk, feed: Feed, now: datetime) -> Page:
    """Ask for a feed, conditionally where it may be; whole once a day, since a 304 may lie."""
    source = desk.sources[feed.source]
    whole = feed.whole_at is None or not timedelta(0) <= now - feed.whole_at < ASKED_WHOLE
    return listings.fetch(
        desk.fetcher,
        source,
        feed.kind,
        feed.url,
        etag="" if whole or source.lying_etag else feed.etag,
        last_modified="" if whole else feed.last_modified,
    )


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
