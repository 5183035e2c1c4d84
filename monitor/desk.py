"""The desk: everything one round of work needs, opened once and handed to every function of the pipeline."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from time import monotonic

from monitor import __version__, clean, clock, config, topic, trouble
from monitor.apart import Bounds, Cleaners
from monitor.config import Rule, Settings
from monitor.errors import Mistake, Mistakes, RoundRunning, StoreFailed, StraitwatchError
from monitor.faults import mistakes
from monitor.fetch import MB, Fetcher, FetchLimits, SizeLimit
from monitor.model import utc_now
from monitor.query.language import Node, parse
from monitor.sources import Source
from monitor.sources.loading import load
from monitor.store import entries, feeds, meta, rounds, standing
from monitor.store.database import Database, Session, open_database, transact, writing

PATIENCE_SECONDS = 180.0  # of a round that finds a backfill at work
LOOK_SECONDS = 0.2


@dataclass(slots=True)
class Outside:
    """What this round knows of our own network."""

    there: bool = False  # a site answered as only it can
    down: str = ""  # why the round ends early, in words
    room: str = ""  # why no page is fetched: the disk is nearly full, in words


@dataclass(frozen=True, slots=True)
class Work:
    """One round: its number, when it began, whether it was asked to stop, whether there is a network."""

    id: int
    started_at: datetime
    stop: Event = field(default_factory=Event)
    outside: Outside = field(default_factory=Outside)
    set_back: timedelta = timedelta(0)  # how far the clock is behind what the last round wrote
    begun: float = field(default_factory=monotonic)


@dataclass(frozen=True, slots=True)
class Desk:
    """Settings, sources, rules, database, fetcher and cleaners of one process."""

    settings: Settings
    sources: Mapping[str, Source]
    rules: tuple[tuple[Rule, Node], ...]
    channels: Mapping[str, str]  # name -> address, which may hold a password
    database: Database
    fetcher: Fetcher
    cleaners: Cleaners
    vocabulary: topic.Vocabulary

    @property
    def workers(self) -> int:
        """How many hosts are asked side by side."""
        return self.settings.fetch.workers

    @property
    def health_channels(self) -> tuple[str, ...]:
        """Who is told when a source's state changes: all channels, unless the settings name some."""
        named = self.settings.health.channels
        return tuple(self.channels) if named is None else named

    def rereads_after(self, source: Source | None) -> tuple[timedelta, ...]:
        """How long after first sight the pages of a source are asked for again; () = never."""
        settings = self.settings.revisions
        if source is None:
            return ()
        hours = source.reread_hours
        if hours is None:
            hours = settings.after_hours if source.kind.value in settings.kinds else ()
        return tuple(timedelta(hours=each) for each in sorted(hours))

    @property
    def demo(self) -> bool:
        """Whether this is the demo newsroom's desk, which messages must say."""
        return self.settings.demo

    @contextmanager
    def writing(self, work: Work) -> Iterator[Session]:
        """A transaction of this round: it fails when the round has lost its lease."""
        with writing(self.database) as session:
            rounds.assert_held(session, work.id)
            yield session

    def transact(self, work: Work, body: Callable[[Session], object]) -> None:
        """Run a body in a transaction of this round, again where the database's server broke off (see `transact`).

        It fails when the round has lost its lease.
        """

        def held(session: Session) -> None:
            rounds.assert_held(session, work.id)
            body(session)

        transact(self.database, held)


@contextmanager
def open_desk(settings: Settings) -> Iterator[Desk]:
    """Open everything, the database's schema included.

    Raises:
        Mistakes: what `mistakes` found.
        StraitwatchError: the database does not open.
    """
    wrong = mistakes(settings)
    if wrong:
        raise Mistakes(wrong)
    _make_folder(settings.data)
    database = open_database(settings.database_url)
    try:
        standing.ready(database, utc_now())
        _take_up_again(database)
        with fetcher_of(settings) as fetcher, Cleaners(_bounds(settings)) as cleaners:
            yield Desk(
                settings=settings,
                sources={source.id: source for source in load(settings) if source.enabled},
                rules=tuple((rule, parse(rule.query)) for rule in settings.rules),
                channels={name: secret.read(name) for name, secret in settings.channels.items()},
                database=database,
                fetcher=fetcher,
                cleaners=cleaners,
                vocabulary=topic.load(),
            )
    finally:
        database.close()


@contextmanager
def round_of_work(
    desk: Desk,
    *,
    backfill: bool = False,
    again: int | None = None,
    stop: Event | None = None,
    clock_is_right: bool = False,
) -> Iterator[Work]:
    """Hold the lease for one round, or for a turn of a backfill, and renew it meanwhile; closes the round.

    A round waits a while for a backfill's turn to end: those are short, and leave room for it.

    Args:
        clock_is_right: believe a clock that says a time from before the last round.

    Raises:
        RoundRunning: another round holds the lease.
        Mistake: the clock says a time that cannot be.
    """
    try:
        work = _begin(desk, stop or Event(), backfill=backfill, again=again, believed=clock_is_right)
        with _leased(desk, work):
            yield work
    except StoreFailed as error:
        _tell(desk, str(error))
        raise
    if work.outside.room:
        _tell(desk, work.outside.room)
    else:
        trouble.over(desk.settings.data)


def _tell(desk: Desk, words: str) -> None:
    channels = {name: desk.channels[name] for name in desk.health_channels}
    trouble.tell(channels, desk.settings.data, words, utc_now(), demo=desk.demo)


@contextmanager
def _leased(desk: Desk, work: Work) -> Iterator[None]:
    """Renew the lease meanwhile; close the round."""
    work.outside.room = standing.short_of_room(desk.database, desk.settings.least_free_mb)
    over = Event()
    renewing = Thread(target=_renew, args=(desk, work, over), name="lease", daemon=True)
    renewing.start()
    state = "stopped"
    try:
        yield
        state = "offline" if work.outside.down else "stopped" if work.stop.is_set() else "done"
    finally:
        over.set()
        renewing.join()
        now = utc_now()
        moved = clock.told(work.set_back, now - work.started_at, timedelta(seconds=monotonic() - work.begun))
        note = "; ".join(filter(None, (work.outside.down, work.outside.room, moved)))
        desk.transact(work, lambda session: rounds.end_round(session, work.id, now, state, note=note))


def _begin(desk: Desk, stop: Event, *, backfill: bool, again: int | None, believed: bool) -> Work:
    until = monotonic() + PATIENCE_SECONDS
    while True:
        started = utc_now()
        try:
            with writing(desk.database) as session:
                back = clock.set_back(rounds.last_moment(session), started, believed=believed)
                number = rounds.begin_round(session, started, backfill=backfill, again=again)
                if back:
                    rounds.bring_forward(session, started, back)
                feeds.keep_sources(session, desk.sources.values(), started)
                return Work(number, started, stop, set_back=back)
        except RoundRunning as running:
            if backfill or not running.passing or monotonic() > until or stop.wait(LOOK_SECONDS):
                raise


def _renew(desk: Desk, work: Work, over: Event) -> None:
    good_until = work.started_at + rounds.LEASE
    while not over.wait(rounds.RENEW_SECONDS):
        now = utc_now()
        try:
            with writing(desk.database) as session:
                rounds.renew(session, work.id, now)
            good_until = now + rounds.LEASE
        except RoundRunning:
            work.stop.set()  # the next transaction of the round says why
        except StraitwatchError:  # a lock or a restart: there is time for another try while the lease lasts
            if now >= good_until:
                work.stop.set()


def _take_up_again(database: Database) -> None:
    """Once per release: entries that crashed an older one are due again, so that its fix recovers their news."""
    release = f"{__version__}, cleaner {clean.VERSION}"
    with writing(database) as session:
        if meta.get(session, "release") != release:
            entries.take_up_again(session, utc_now())
            meta.put(session, "release", release)


def _make_folder(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Mistake(
            f"{data} cannot be made: {error.strerror}; name another folder as data in {config.FILE}"
        ) from error


def fetcher_of(settings: Settings) -> Fetcher:
    """A fetcher with the settings' bounds and manners."""
    return Fetcher(_limits(settings))


def _bounds(settings: Settings) -> Bounds:
    cleaning = settings.cleaning
    return Bounds(cleaning.seconds, cleaning.memory_mb, cleaning.workers)


def _limits(settings: Settings) -> FetchLimits:
    fetch = settings.fetch
    return FetchLimits(
        gap_seconds=fetch.gap_seconds,
        page=SizeLimit(int(fetch.page_mb * MB), int(2 * fetch.page_mb * MB)),
        feed=SizeLimit(int(fetch.feed_mb * MB), int(fetch.feed_mb * MB)),
        sitemap=SizeLimit(int(fetch.sitemap_mb * MB), int(fetch.sitemap_mb * MB)),
        header_bytes=int(fetch.header_kb * 1_000),
        redirects=fetch.redirects,
        lines=fetch.lines_per_listing,
        sitemaps=fetch.sitemaps_per_index,
        sitemap_depth=fetch.sitemap_depth,
        connect_seconds=fetch.connect_seconds,
        silence_seconds=fetch.silence_seconds,
        total_seconds=fetch.total_seconds,
        crawl_delay_seconds=fetch.crawl_delay_seconds,
        retry_after_seconds=fetch.retry_after_seconds,
        user_agent=settings.user_agent,
        resolve=dict(fetch.resolve),
        allow_private=frozenset(fetch.allow_private),
    )
