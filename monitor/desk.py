"""The desk: everything one round of work needs, opened once and handed to every function of the pipeline."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

from monitor import __version__, clean, config, notify, topic
from monitor.apart import Bounds, Cleaners
from monitor.config import Rule, Settings
from monitor.errors import Mistake, Mistakes, RoundRunning, StraitwatchError
from monitor.fetch import MB, Fetcher, FetchLimits, SizeLimit
from monitor.model import utc_now
from monitor.query.known import check_sources
from monitor.query.language import Node, parse
from monitor.query.matching import refuse
from monitor.sources import Source
from monitor.sources.loading import load
from monitor.store import entries, feeds, meta, rounds, schema
from monitor.store.database import Database, Session, open_database, read_url, writing


@dataclass(frozen=True, slots=True)
class Work:
    """One round: its number, when it began, and whether it was asked to stop."""

    id: int
    started_at: datetime
    stop: Event = field(default_factory=Event)


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
    def demo(self) -> bool:
        """Whether this is the demo newsroom's desk, which messages must say."""
        return self.settings.demo

    @contextmanager
    def writing(self, work: Work) -> Iterator[Session]:
        """A transaction of this round: it fails when the round has lost its lease."""
        with writing(self.database) as session:
            rounds.assert_held(session, work.id)
            yield session


def mistakes(settings: Settings, *, thorough: bool = False) -> list[str]:
    """Everything wrong in the sources, rules and channels that the settings name, one line each.

    Thorough: channels are loaded by the library that sends, which takes a moment.
    """
    lines: list[str] = []
    names: dict[str, str] = {}
    try:
        names = {source.id: source.name for source in load(settings)}
    except Mistakes as error:
        lines += error.lines
    for rule in settings.rules:
        try:
            node = parse(rule.query)
            check_sources(rule.query, node, names)
            refuse(node)
        except Mistake as error:
            lines.append(f'{config.FILE}: rule "{rule.name}": {error}')
    for name, secret in settings.channels.items():
        try:
            wrong = notify.check(secret.read(f"channels.{name}"), load=thorough)
        except Mistake as error:
            wrong = str(error)
        if wrong:
            lines.append(f"{config.FILE}: channels.{name}: {wrong}")
    try:
        read_url(settings.database_url)
    except Mistake as error:
        lines.append(f"{config.FILE}: {error}")
    return lines


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
        schema.upgrade(database, utc_now())
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
def round_of_work(desk: Desk) -> Iterator[Work]:
    """Hold the lease for one round and renew it meanwhile; closes the round with its report.

    Raises:
        RoundRunning: another round holds the lease.
    """
    started = utc_now()
    with writing(desk.database) as session:
        work = Work(rounds.begin_round(session, started), started)
        feeds.keep_sources(session, desk.sources.values(), started)
    over = Event()
    renewing = Thread(target=_renew, args=(desk, work, over), name="lease", daemon=True)
    renewing.start()
    state = "stopped"
    try:
        yield work
        state = "stopped" if work.stop.is_set() else "done"
    finally:
        over.set()
        renewing.join()
        with desk.writing(work) as session:
            rounds.end_round(session, work.id, utc_now(), state)


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
        total_seconds=fetch.total_seconds,
        user_agent=settings.user_agent,
        resolve=dict(fetch.resolve),
        allow_private=frozenset(fetch.allow_private),
    )
