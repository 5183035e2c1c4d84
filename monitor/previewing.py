"""A listing looked at before it is trusted: what would come in now, what is known, and its traps. Nothing is stored."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from monitor import clean, discover, listings, urls
from monitor.errors import Refused, SiteDown, StraitwatchError, Unreadable
from monitor.fetch import Fetcher
from monitor.model import FeedKind, Listed, Listing, Page
from monitor.sources import Source

SHOWN = 10  # lines of a listing

Known = Callable[[list[str]], Collection[str]]  # url keys -> those that are in the database


@dataclass(frozen=True, slots=True)
class LineSeen:
    """One line that would come in."""

    published: datetime | None
    quality: str
    title: str
    url: str
    known: bool


@dataclass(frozen=True, slots=True)
class Newest:
    """What the cleaner makes of the newest line's page, or why it makes nothing."""

    url: str
    title: str = ""
    words: int = 0
    language: str = ""
    published: datetime | None = None
    labels: tuple[str, ...] = ()
    opening: str = ""  # the first words of its text
    why: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """One listing as it is now."""

    kind: FeedKind
    url: str
    title: str = ""
    lines: tuple[LineSeen, ...] = ()  # the newest
    found: int = 0
    known: int = 0
    traps: tuple[str, ...] = ()
    newest: Newest | None = None
    why: str = ""  # why there is nothing to show


def preview(fetcher: Fetcher, source: Source, kind: FeedKind, url: str, known: Known) -> Preview:
    """Ask a source's listing and show what would come in; whatever goes wrong becomes words."""
    try:
        page = listings.fetch(fetcher, source, kind, url)
        if page.status != 200:
            return Preview(kind, url, why=f"HTTP {page.status}")
        listing = listings.read(fetcher, source, kind, page)
    except (Refused, SiteDown, Unreadable) as error:
        return Preview(kind, url, why=str(error))
    return of_listing(fetcher, source, kind, page, listing, known)


def of_listing(
    fetcher: Fetcher, source: Source, kind: FeedKind, page: Page, listing: Listing, known: Known
) -> Preview:
    """Show a listing that was asked for already."""
    keys: dict[str, Listed] = {}
    for line in listing.lines:
        try:
            keys.setdefault(urls.key(urls.canonical(line.url)), line)
        except ValueError:
            continue
    there = known(list(keys))
    newest_first = sorted(keys.items(), key=lambda pair: _age(pair[1]))
    shown = tuple(
        LineSeen(
            line.published.at, line.published.quality.value, line.title, line.url, known=key in there
        )
        for key, line in newest_first[:SHOWN]
    )  # fmt: skip
    newest = _cleaned(fetcher, source, newest_first[0][1]) if newest_first else None
    return Preview(
        kind, page.url, listing.title, shown, len(keys), len(there),
        tuple(discover.traps(page, listing, kind)), newest,
    )  # fmt: skip


def _age(line: Listed) -> tuple[bool, float]:
    """Dated lines first, the newest of them first; the others in their order."""
    at = line.published.at
    return (at is None, -at.timestamp() if at else 0.0)


def _cleaned(fetcher: Fetcher, source: Source, line: Listed) -> Newest:
    try:
        page = fetcher.get(line.url, gap=source.gap_seconds, retry=True)
        if page.status != 200:
            return Newest(line.url, why=f"HTTP {page.status}")
        article = clean.clean(page, line, source)
    except StraitwatchError as error:
        return Newest(line.url, why=str(error))
    return Newest(
        article.url, article.title, article.words, article.language, article.published, article.labels,
        article.text[:300],
    )  # fmt: skip
