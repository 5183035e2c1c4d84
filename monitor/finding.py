"""Where a site lists its news: its feed, its news sitemap or a section page, found from one address, politely.

First what the address itself is, then the feeds that its page names, the common places, news sitemaps, and at last
the page's own links. The first listing that holds a line is taken; what was looked at in vain is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

from monitor import discover, listings, urls
from monitor.discover import pointers
from monitor.discover.pointers import Site
from monitor.discover.proposing import propose
from monitor.errors import Mistake, Refused, SiteDown, Unreadable
from monitor.fetch import Fetcher
from monitor.model import FeedKind, Listing, Page
from monitor.sources import Kind, Section, Side, Source

MOST_TRIED = 20  # addresses of one site


@dataclass(frozen=True, slots=True)
class Finding:
    """A listing that holds news, and what was looked at before it."""

    kind: FeedKind
    url: str  # as it will be polled
    page: Page
    listing: Listing
    site: Site
    section: Section | None = None
    in_vain: tuple[str, ...] = ()  # "address: why", in order


@dataclass(slots=True)
class _Search:
    fetcher: Fetcher
    source: Source  # a stand-in: the site's home, and nothing that is not known yet
    site: Site
    seen: set[str] = field(default_factory=set)
    in_vain: list[str] = field(default_factory=list)


def find(fetcher: Fetcher, url: str) -> Finding:
    """Find where the site of url lists its news.

    Raises:
        Mistake: the address cannot be read, or nothing there lists news; the text says what was looked at.
    """
    url = url if "://" in url else f"https://{url}"
    try:
        page = fetcher.get(url, kind="feed", retry=True)
    except (Refused, SiteDown, Unreadable) as error:
        raise Mistake(f"{urls.masked(url)} cannot be read: {error}") from error
    if page.status != 200:
        raise Mistake(f"{urls.masked(url)} answers HTTP {page.status}")
    home = urljoin(page.final_url, "/")
    stand_in = Source(id="new", name="new", home=home, side=Side.OTHER, kind=Kind.PRESS)
    search = _Search(fetcher, stand_in, pointers.site_of(page), {urls.canonical(page.final_url)})
    found = _itself(search, page) or _elsewhere(search, page) or _section(search, page)
    if found is None:
        looked = "\n".join(f"  {line}" for line in search.in_vain)
        raise Mistake(
            f"nothing found that lists news at {urls.masked(page.final_url)}; looked at\n{looked}\n"
            "try the address of the page that lists its news, or write the source by hand (docs/sources.md)"
        )
    return found


def _itself(search: _Search, page: Page) -> Finding | None:
    """The address given, where it is a feed or a sitemap."""
    if discover.is_block_page(page.body):
        raise Mistake(f"{urls.masked(page.final_url)} answers with a block page: the site refuses us")
    if discover.is_html(page.body):
        return None
    for kind in (FeedKind.FEED, FeedKind.SITEMAP):
        try:
            listing = listings.read(search.fetcher, search.source, kind, page)
        except Unreadable as error:
            search.in_vain.append(f"{urls.masked(page.final_url)}: {error}")
            continue
        return Finding(kind, page.final_url, page, listing, search.site)
    return None


def _elsewhere(search: _Search, page: Page) -> Finding | None:
    for kind, url in _places(search, page):
        known = _key(url)
        if known in search.seen:
            continue
        if len(search.seen) > MOST_TRIED:
            search.in_vain.append(f"... and no more than {MOST_TRIED} addresses of one site")
            return None
        search.seen.add(known)
        found = _tried(search, kind, url)
        if found is not None:
            return found
    return None


def _places(search: _Search, page: Page) -> Iterator[tuple[FeedKind, str]]:
    """Addresses to look at, best first; robots.txt is read only when the feeds have been looked at in vain."""
    home = search.source.home
    below = page.final_url.partition("?")[0].rstrip("/") + "/"
    yield from ((FeedKind.FEED, url) for url in pointers.feeds_named(page))
    if below != home:
        yield FeedKind.FEED, urljoin(below, pointers.COMMON_FEEDS[0])
    yield from ((FeedKind.FEED, urljoin(home, name)) for name in pointers.COMMON_FEEDS)
    yield from ((FeedKind.SITEMAP, url) for url in _robots_sitemaps(search))
    yield from ((FeedKind.SITEMAP, urljoin(home, name)) for name in pointers.COMMON_SITEMAPS)


def _robots_sitemaps(search: _Search) -> list[str]:
    try:
        page = search.fetcher.get(urljoin(search.source.home, "/robots.txt"), kind="robots", robots=False)
    except (Refused, SiteDown, Unreadable):
        return []
    return pointers.sitemaps_named(page.body, page.final_url) if page.status == 200 else []


def _tried(search: _Search, kind: FeedKind, url: str) -> Finding | None:
    shown = urls.masked(url)
    try:
        page = listings.fetch(search.fetcher, search.source, kind, url)
        if page.status != 200:
            search.in_vain.append(f"{shown}: HTTP {page.status}")
            return None
        listing = listings.read(search.fetcher, search.source, kind, page)
    except (Refused, SiteDown, Unreadable) as error:
        search.in_vain.append(f"{shown}: {error}")
        return None
    if not listing.lines:
        search.in_vain.append(f"{shown}: no line in it")
        return None
    if kind is FeedKind.SITEMAP and not any(line.published.at for line in listing.lines):
        search.in_vain.append(f"{shown}: a sitemap of pages, not of news: no publication dates")
        return None
    return Finding(kind, url, page, listing, search.site, in_vain=tuple(search.in_vain))


def _section(search: _Search, page: Page) -> Finding | None:
    """The page's own links, learnt from what repeats in it."""
    section = propose(page, search.source.zone)
    if section is None:
        search.in_vain.append(f"{urls.masked(page.final_url)}: no links to articles that repeat")
        return None
    polled = Page(section.url, page.final_url, page.status, page.body, page.fetched_at, page.headers)
    source = search.source.model_copy(update={"sections": (section,)})
    try:
        listing = discover.read_listing(polled, FeedKind.SECTION, source)
    except Unreadable as error:
        search.in_vain.append(f"{urls.masked(page.final_url)}: {error}")
        return None
    if not listing.lines:
        search.in_vain.append(f"{urls.masked(page.final_url)}: no links to articles found")
        return None
    return Finding(
        FeedKind.SECTION, section.url, polled, listing, search.site, section, tuple(search.in_vain)
    )


def _key(url: str) -> str:
    try:
        return urls.canonical(url)
    except ValueError:
        return url
