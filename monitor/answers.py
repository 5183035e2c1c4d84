"""What an answer of a site means for an entry: read it, answer the entry, or ask again later. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor import urls
from monitor.model import Article, DateQuality, Outcome, Page
from monitor.sources import Source

GONE_AFTER = 3  # times 404 ...
GONE_HOURS = 24  # ... over so many hours: sites are rebuilt in a night
AHEAD = timedelta(hours=24)  # a printed time may be so much later than now: zones, and clocks that are wrong
NO_TIME = timedelta(days=2)  # later than this it is no time of publication at all


@dataclass(frozen=True, slots=True)
class ReadPage:
    """The page was fetched and cleaned."""

    page: Page | None  # None when the text is the feed's
    article: Article


@dataclass(frozen=True, slots=True)
class Answer:
    """The entry has its answer, without an article."""

    outcome: Outcome
    why: str
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """The site or we failed."""

    why: str
    retry_after: float | None = None  # seconds the site asked us to wait
    ours: bool = False  # a bug of ours, not the site's
    page: Page | None = None  # over which it happened, to be kept all the same
    reached: bool | None = True  # whether anything came back from the site; None = it was not asked


@dataclass(frozen=True, slots=True)
class Same:
    """The page says that it is as it was when its validators were given."""

    why: str = "HTTP 304"


@dataclass(frozen=True, slots=True)
class Denied:
    """The site answers, but not to us: what the feed said is all there is."""

    why: str


Read = ReadPage | Answer | Later | Same


def as_lead(article: Article, page: Page, source: Source | None) -> Article:
    """Label an article whose page is not its publisher's: a feed proxy's that led nowhere, another outlet's.

    What a proxy's redirect led to another site is the publisher's, as far as anybody can tell.
    """
    if (
        source is None
        or urls.same_site(page.final_url, source.home)
        or not urls.same_site(page.url, page.final_url)
    ):
        return article
    return replace(
        article, labels=(*article.labels, f"lead: at {urls.host(page.final_url)}, not at its publisher's")
    )


def judge_status(page: Page, *, tries: int, first_seen: datetime) -> Answer | Later | Denied | Same | None:
    """Read an HTTP status (RFC 9110, 15); None means that the body may be cleaned.

    404 is gone only after 3 tries over 24 hours, 410 at once. 451 is a refusal. 401, 403 and 406 say that the
    site does not want us: we never come back under another name. 202, 204, 5xx and what is unknown: later.
    """
    status = page.status
    if status == 200:
        where = _led_away(page)
        return Answer(Outcome.GONE, f"redirects to {where}") if where else None
    if status == 304:
        return Same()
    if status == 410:
        return Answer(Outcome.GONE, "HTTP 410: removed by the site")
    if status == 404:
        old = page.fetched_at - first_seen >= timedelta(hours=GONE_HOURS)
        if tries + 1 >= GONE_AFTER and old:
            return Answer(Outcome.GONE, f"HTTP 404, {tries + 1} times over {GONE_HOURS} hours")
        return Later("HTTP 404: not there yet, or no longer")
    if status == 451:
        return Answer(Outcome.REFUSED, "HTTP 451: withheld for legal reasons")
    if status in (401, 403, 406):
        return Denied(f"HTTP {status}: the site refuses us")
    return Later(f"HTTP {status}")


def believed(article: Article, fetched_at: datetime) -> Article:
    """The article with a printed time of the future told as such; how it was printed is kept.

    "New" means first seen, so a wrong clock of a site never makes its articles the newest.
    """
    if article.published is None or article.published <= fetched_at + AHEAD:
        return article
    if article.published > fetched_at + NO_TIME:
        return replace(article, published=None, published_quality=DateQuality.MISSING)
    return replace(article, published_quality=DateQuality.AHEAD)


def _led_away(page: Page) -> str:
    """Where an article's address leads, when that is no longer an article: home, or to a list that it was part of."""
    asked, got = urlsplit(page.url), urlsplit(page.final_url)
    if asked.path.strip("/") == "" or got.query:
        return ""
    if got.path.strip("/") == "":
        return "the front page"
    above = got.path.rstrip("/") + "/"
    inside = asked.path.startswith(above) and asked.path.rstrip("/") != got.path.rstrip("/")
    return f"a list page: {got.path[:200]}" if inside and not urls.names_article(page.final_url) else ""
