"""The past made good: pages of WARC files and of sitemaps of past months, through the same steps as today's news.

    from_sitemap   what a sitemap and all below it name since a day becomes entries that wait
    from_warc      pages of a file become entries, and are read at once
    go_on          entries that wait are read and settled

Entries of a backfill are owed to backfills alone: no round asks for them, no rule tells of them, and what is known is
never taken twice. Turns are short and hold the round's lease, so that a host is never asked twice at once and rounds
are let through in between. Whoever stops it, or kills it, begins it again: what waits is a row.
"""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

from monitor import discover, listings, pipeline, urls, warc
from monitor.desk import Desk, Work, round_of_work
from monitor.discover.times import read_time
from monitor.errors import Mistake, Refused, RoundRunning, SiteDown, Unreadable
from monitor.model import FeedKind, Listed, Page, utc_now
from monitor.reading import Get
from monitor.sources import Source
from monitor.store import backlog, feeds, health, rounds
from monitor.store.database import reading, writing
from monitor.store.entries import Found, Owed

TURN = 20  # pages of sites in one turn: less than a minute at a gap of 2 s
FILE_TURN = 50  # pages of a file
WAIT_SECONDS = 1.0  # for a round that holds the lease
PAUSE_SECONDS = 0.5  # between turns, for a round that waits
MOST_SITEMAPS = 1_000
MOST_LINES = 50_000  # of one sitemap, the protocol's own limit
MOST_ENTRIES = 20_000  # of one walk
MOST_NOTES = 50
_MONTH = re.compile(r"(?<!\d)(20[0-4]\d)[-_/]?(0[1-9]|1[0-2])(?!\d{3})")  # in a sitemap's name
_DAY_OF = re.compile(
    r"/t?(20[0-4]\d)[-_/]?(0[1-9]|1[0-2])(?!\d{3})"
)  # of an article: a slug may speak of any month

Watch = Callable[[int, int], None]


def _unwatched(_done: int, _of: int) -> None:
    """Nobody waits."""


@dataclass(slots=True)
class Report:
    """What a backfill found and what became of it."""

    found: int = 0  # pages or lines looked at
    new: int = 0
    known: int = 0
    foreign: int = 0  # of no source that is watched
    older: int = 0  # than the day asked for
    outcomes: Counter[str] = field(default_factory=Counter)
    waiting: int = 0  # not read yet
    closed: int = 0  # gaps of the source's feeds
    notes: list[str] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        """The counts for a program."""
        return {
            "found": self.found, "new": self.new, "known": self.known, "foreign": self.foreign,
            "older": self.older, "outcomes": dict(self.outcomes), "waiting": self.waiting, "closed": self.closed,
            "notes": self.notes,
        }  # fmt: skip

    def sentence(self) -> str:
        """The counts in one line."""
        words = [f"{self.found:,} found", f"{self.new:,} new", f"{self.known:,} known already"]
        words += [f"{self.foreign:,} of no source that is watched"] if self.foreign else []
        words += [f"{self.older:,} older"] if self.older else []
        words += [f"{self.closed:,} gaps closed"] if self.closed else []
        became = [f"{number:,} {outcome}" for outcome, number in sorted(self.outcomes.items())]
        return ", ".join(words) + (f"; {', '.join(became)}" if became else "")


def go_on(
    desk: Desk, report: Report, stop: Event, *, source: str | None = None, watch: Watch = _unwatched
) -> None:
    """Read and settle what waits, turn by turn, until stopped."""
    with reading(desk.database) as session:
        ids = list(backlog.waiting(session, source=source).values())
    work_off(desk, ids, report, stop, watch)
    with reading(desk.database) as session:
        report.waiting = len(backlog.waiting(session, source=source))


def work_off(desk: Desk, ids: Sequence[int], report: Report, stop: Event, watch: Watch = _unwatched) -> None:
    """Read these entries from their sites and settle them."""
    turns = _Turns(desk, stop)
    turns.settle_left()
    for start in range(0, len(ids), TURN):
        part = ids[start : start + TURN]
        if not turns.take(lambda work, part=part: _read(desk, work, part, None)):  # type: ignore[misc]
            break
        watch(min(start + TURN, len(ids)), len(ids))
    with reading(desk.database) as session:
        report.outcomes += backlog.outcomes(session, ids)


def _read(desk: Desk, work: Work, ids: Sequence[int], get: Get | None) -> None:
    with reading(desk.database) as session:
        waiting = set(backlog.waiting(session).values())
    pipeline.read(desk, work, [number for number in ids if number in waiting], get=get)
    pipeline.settle(desk, work, backfill=True)


class _Turns:
    """The lease, taken again and again under one number."""

    def __init__(self, desk: Desk, stop: Event) -> None:
        self._desk, self._stop = desk, stop
        self._number: int | None = None

    def take(self, do: Callable[[Work], None]) -> bool:
        """Do something under the lease, when it is free; whether it was done."""
        if self._number is not None:
            self._stop.wait(PAUSE_SECONDS)
        while not self._stop.is_set():
            try:
                with round_of_work(self._desk, backfill=True, again=self._number, stop=self._stop) as work:
                    self._number = work.id
                    do(work)
                return not self._stop.is_set()
            except RoundRunning:
                self._stop.wait(WAIT_SECONDS)
        return False

    def settle_left(self) -> None:
        """Settle what an earlier backfill had read when it was cut off."""
        with reading(self._desk.database) as session:
            left = backlog.unsettled(session)
        if left:
            self.take(lambda work: pipeline.settle(self._desk, work, backfill=True))


# ------------------------------------------------------------------------------------------ sitemaps


def from_sitemap(desk: Desk, source: Source, url: str, since: datetime, report: Report, stop: Event) -> None:
    """Walk a sitemap and all below it; what it names since a day becomes entries that wait.

    Raises:
        Mistake: the sitemap itself cannot be read.
    """
    with writing(desk.database) as session:  # entries refer to their source, which no round may have seen yet
        now = utc_now()
        rounds.take_turn(session, now)
        feeds.keep_sources(session, desk.sources.values(), now)
    begun, whole = utc_now(), True
    seen, waiting, asked = {url}, deque([(url, 0)]), 0
    while waiting and not stop.is_set():
        if asked >= MOST_SITEMAPS or report.new >= MOST_ENTRIES:
            report.notes.append(f"ended after {asked:,} sitemaps with {len(waiting):,} left: begin again")
            whole = False
            break
        where, depth = waiting.popleft()
        asked += 1
        try:
            page, children, lines = _asked(desk, source, where)
        except (Refused, Unreadable, SiteDown) as error:
            if depth == 0:
                raise Mistake(f"{urls.masked(where)} cannot be read as a sitemap: {error}") from error
            report.notes = [*report.notes, f"sitemap {where}: {error}"][:MOST_NOTES]
            whole = False
            continue
        _keep_lines(desk, source, lines, since, page, report)
        below = [
            each
            for each, changed in children
            if each not in seen and not _is_old(each, changed, since, _MONTH)
        ]
        seen.update(below)
        if depth < desk.fetcher.limits.sitemap_depth:
            waiting.extend((each, depth + 1) for each in below)
        whole = whole and not (below and depth >= desk.fetcher.limits.sitemap_depth)
    if whole and not stop.is_set():
        _close_gaps(desk, source, since, begun, report)


def _close_gaps(desk: Desk, source: Source, since: datetime, until: datetime, report: Report) -> None:
    """All that was named is owed an answer now, so nothing of that time is unseen any more."""
    with writing(desk.database) as session:
        rounds.take_turn(session, utc_now())
        report.closed += health.close_gaps(session, source.id, since, until)


def _asked(
    desk: Desk, source: Source, where: str
) -> tuple[Page, tuple[tuple[str, datetime | None], ...], Sequence[Listed]]:
    page = listings.fetch(desk.fetcher, source, FeedKind.SITEMAP, where)
    if page.status != 200:
        raise SiteDown(f"HTTP {page.status}")
    children = discover.sitemap_index(page)
    if children:
        return page, children, ()
    return page, (), discover.read_sitemap(page, source.zone, source.home, most=MOST_LINES).lines


def _keep_lines(
    desk: Desk, source: Source, lines: Sequence[Listed], since: datetime, page: Page, report: Report
) -> None:
    report.found += len(lines)
    young = []
    for line in lines:
        changed = read_time(line.updated, source.zone, page.fetched_at).at if line.updated else None
        if _is_old(line.url, line.published.at or changed, since, None if line.published.at else _DAY_OF):
            report.older += 1
        else:
            young.append(line)
    found = _found(young[: MOST_ENTRIES - report.new])
    for start in range(0, len(found), 500):
        with writing(desk.database) as session:
            now = utc_now()
            rounds.take_turn(session, now)
            new, known = backlog.add(session, found[start : start + 500], source=source.id, now=now)
        report.new, report.known = report.new + new, report.known + known


def _is_old(url: str, at: datetime | None, since: datetime, month: re.Pattern[str] | None) -> bool:
    """Whether a time or the month in an address says that it is from before: what says nothing is taken."""
    if at is not None and at < since:
        return True
    named = month.search(url.partition("://")[2]) if month else None
    return named is not None and (int(named[1]), int(named[2])) < (since.year, since.month)


def _found(lines: Sequence[Listed]) -> list[Found]:
    found: dict[str, Found] = {}
    for line in lines:
        try:
            url = urls.canonical(line.url)
        except ValueError:
            continue
        found.setdefault(urls.key(url), Found(url, urls.key(url), line))
    return list(found.values())


# --------------------------------------------------------------------------------------------- files


def from_warc(
    desk: Desk, file: Path, report: Report, stop: Event, *, source: str | None = None,
    bounds: warc.Bounds | None = None, watch: Watch = _unwatched,
) -> None:  # fmt: skip
    """Take the pages of a WARC file that are of a source's site, read and settle them.

    Raises:
        Mistake: it is no WARC file.
    """
    told = warc.Told()
    wanted = [desk.sources[source]] if source else list(desk.sources.values())
    turns = _Turns(desk, stop)
    turns.settle_left()
    limits = bounds or warc.Bounds(record_bytes=int(2_000_000 * desk.settings.fetch.page_mb))
    for batch in _batches(warc.read_pages(file, limits, stop, told)):
        report.found += len(batch)
        if not turns.take(lambda work, batch=batch: _take(desk, work, wanted, batch, report)):  # type: ignore[misc]
            break
        watch(told.records, told.records)
    counts = {"too large": told.too_large, "broken": told.broken}
    report.notes += [f"{number:,} records {what}" for what, number in counts.items() if number]
    report.notes += [told.why_ended] if told.why_ended else []


def _batches(pages: Iterator[Page]) -> Iterator[list[Page]]:
    batch: list[Page] = []
    for page in pages:
        batch.append(page)
        if len(batch) == FILE_TURN:
            yield batch
            batch = []
    if batch:
        yield batch


def _take(desk: Desk, work: Work, wanted: Sequence[Source], batch: Sequence[Page], report: Report) -> None:
    of_source: dict[str, dict[str, tuple[Found, Page]]] = {}
    for page in batch:
        source = _source_of(page.url, wanted)
        found = _found([Listed(page.url)])
        if source is None or not found:
            report.foreign += 1
            continue
        of_source.setdefault(source.id, {}).setdefault(found[0].url_key, (found[0], page))
    pages: dict[str, Page] = {}
    with desk.writing(work) as session:
        for name, lines in of_source.items():
            new, known = backlog.add(
                session, [line for line, _ in lines.values()], source=name, now=utc_now()
            )
            report.new, report.known = report.new + new, report.known + known
            pages |= {key: page for key, (_, page) in lines.items()}
    with reading(desk.database) as session:
        ids = list(backlog.waiting(session, keys=list(pages)).values())
    _read(desk, work, ids, _from(pages))
    with reading(desk.database) as session:
        report.outcomes += backlog.outcomes(session, ids)


def _from(pages: Mapping[str, Page]) -> Get:
    def get(entry: Owed) -> Page:
        return pages[urls.key(entry.url)]

    return get


def _source_of(url: str, sources: Sequence[Source]) -> Source | None:
    """The source whose page a URL is: of its very host before one of its site."""
    host = urls.host(url).removeprefix("www.")
    own = (each for each in sources if urls.host(each.home).removeprefix("www.") == host)
    return next(own, None) or next((each for each in sources if urls.same_site(each.home, url)), None)


def month(written: str) -> datetime:
    """The moment at which a month or day begins, in UTC: 2026-08 or 2026-08-15.

    Raises:
        Mistake: it is neither.
    """
    for form in ("%Y-%m", "%Y-%m-%d"):
        try:
            return datetime.strptime(written, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise Mistake(f"--since {written}: write a month or a day, such as 2026-08 or 2026-08-15")
