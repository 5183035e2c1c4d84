"""The story of Straitwatch in five functions. Each takes rows that owe something and leaves the next.

    poll     a due feed is asked; its new URLs become pending entries, in one transaction with its ETag
    read     a pending entry's page is fetched, kept raw, and cleaned into a draft, in a process apart
    settle   drafts, in order, one short transaction a batch: duplicate? copy? relevant, and why?
             then the article, its links, its terms and the alerts it owes are stored together
    deliver  owed alerts are sent, at least once, with a receipt
    reread   pages of stored articles that are due once more: an edit becomes a revision, a page gone is told

A crash leaves its rows, so the next round repeats what was not done. Reading goes on over many hosts at once;
settling is in order, so that ten copies of a wire story owe one alert. No transaction is open across the
network, and whatever goes wrong with one entry stays with that entry, in words.

`collect` runs the five once: the command line calls it as it is, Prefect's flow calls its parts as tasks.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

from monitor import clean, rereading, schedule, urls
from monitor.answers import Answer, Later, Read, ReadPage, Same
from monitor.delivering import keep_receipt, send
from monitor.desk import Desk, Work
from monitor.errors import RoundRunning, StoreFailed, a_bug
from monitor.keeping import keep_polls
from monitor.model import Outcome, utc_now
from monitor.network import LEAST_HOSTS, Answered, Network
from monitor.parallel import over_hosts, together_over_hosts
from monitor.polling import Asked, ask
from monitor.reading import Get, from_site, read_page, sign_of
from monitor.rereading import Reread
from monitor.settling import Prepared, as_today, prepare, settle_all
from monitor.store import copies, entries, feeds, learnt, outbox, pages, watches
from monitor.store.database import Session, reading, savepoint
from monitor.store.entries import Draft, Owed
from monitor.store.feeds import Feed
from monitor.store.learnt import Approved
from monitor.store.tidying import TIDY_EVERY, tidy
from monitor.store.watches import Watched

POLL_BATCH = 50  # polls in one transaction, of those that have answered while the last one was written
SETTLE_BATCH = 100  # drafts in one transaction: about 80 ms of writing


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step of the round is, for a person who waits."""

    step: str  # poll, read, settle, deliver, reread
    done: int
    of: int


Watch = Callable[[Progress], None]


def _unwatched(_: Progress) -> None:
    """Nobody waits."""


def collect(desk: Desk, work: Work, *, every_feed: bool = False, watch: Watch = _unwatched) -> None:
    """Run one round's four steps; the caller holds the lease (`desk.round_of_work`)."""
    poll(desk, work, due_feeds(desk, every_feed=every_feed), watch)
    read(desk, work, due_entries(desk), watch)
    settle(desk, work, watch)
    deliver(desk, work, watch)
    if reread(desk, work, rereading.due(desk), watch):  # after the news, and its alerts
        deliver(desk, work, watch)


# ---------------------------------------------------------------------------------------------- poll


def due_feeds(desk: Desk, *, every_feed: bool = False) -> list[int]:
    """Numbers of the feeds to ask now."""
    with reading(desk.database) as session:
        return feeds.due_feeds(session, utc_now(), all_of_them=every_feed)


def poll(desk: Desk, work: Work, feed_ids: Sequence[int], watch: Watch = _unwatched) -> None:
    """Ask feeds; new lines become pending entries, in one transaction with the feed's ETag."""
    if work.outside.down:
        return
    with reading(desk.database) as session:
        due = feeds.feeds_of(session, feed_ids)
    network: Network[_Heard] = Network(there=work.outside.there)
    asked = _ask(desk, work, due)
    done = 0
    for batch in asked:
        _keep(desk, work, [kept for poll in batch for kept in network.hear(_sign_of(poll))])
        done += len(batch)
        watch(Progress("poll", done, len(due)))
        if network.hopeless:
            asked.close()
            break
    _tell_apart(desk, work, network, pages=False)


def _ask(desk: Desk, work: Work, due: Sequence[Feed]) -> Generator[list["_Poll"], None, None]:
    """Ask feeds, hosts side by side; what has answered meanwhile comes together."""
    asked = together_over_hosts(
        due, lambda feed: urls.host(feed.url), partial(ask, desk), desk.workers, work.stop, POLL_BATCH
    )
    with closing(asked):
        for batch in asked:
            yield [_Poll(feed, answer) for feed, answer in batch]


def _sign_of(poll: "_Poll") -> "Answered[_Heard]":
    return Answered(urls.host(poll.feed.url), poll.asked.sign, poll, poll.asked.page, poll.asked.why)


# ----------------------------------------------------------------------------------- keeping what was heard


@dataclass(frozen=True, slots=True)
class _Poll:
    feed: Feed
    asked: Asked


@dataclass(frozen=True, slots=True)
class _Reading:
    entry: Owed
    answer: Read


@dataclass(frozen=True, slots=True)
class _Rereading:
    watch: Watched
    reread: Reread


_Heard = _Poll | _Reading | _Rereading


def _keep(desk: Desk, work: Work, heard: Sequence[_Heard]) -> None:
    """Write what was heard, a batch in one transaction; where something of it fails, each in one of its own."""
    for start in range(0, len(heard), POLL_BATCH):
        batch = heard[start : start + POLL_BATCH]
        if len(batch) == 1 or not _kept_together(desk, work, batch):
            for each in batch:
                _keep_alone(desk, work, each)


def _kept_together(desk: Desk, work: Work, heard: Sequence[_Heard]) -> bool:
    why = ""

    def keep(session: Session) -> None:
        nonlocal why
        why = _alone(session, partial(_keep_together, session, desk, work, heard))

    desk.transact(work, keep)
    return not why


def _keep_alone(desk: Desk, work: Work, heard: _Heard) -> None:
    def keep(session: Session) -> None:
        why = _alone(session, partial(_keep_together, session, desk, work, [heard]))
        if why and isinstance(heard, _Reading):
            _crashed(session, heard.entry.id, heard.entry.crashes, why)
        elif why and isinstance(heard, _Poll):
            keep_polls(session, desk, work, [(heard.feed, Asked("failed", why=why))])
        elif why and isinstance(heard, _Rereading):
            rereading.failed(session, desk, heard.watch, why)

    desk.transact(work, keep)


def _keep_together(session: Session, desk: Desk, work: Work, heard: Sequence[_Heard]) -> None:
    keep_polls(session, desk, work, [(each.feed, each.asked) for each in heard if isinstance(each, _Poll)])
    for each in heard:
        if isinstance(each, _Reading):
            _keep_answer(session, desk, work, each.entry, each.answer)
        elif isinstance(each, _Rereading):
            rereading.keep(session, desk, each.watch, each.reread)


# --------------------------------------------------------------------------------------- our network


def _tell_apart(desk: Desk, work: Work, network: Network[_Heard], *, pages: bool) -> None:
    """At a step's end: was it their fault or our network's? Where none answered well, a few others are asked.

    When our network is down, nothing of what was heard is kept: no feed and no entry is charged.
    """
    if work.stop.is_set():
        return
    if network.doubtful and not (work.outside.there and len(network.hosts) < LEAST_HOSTS):
        with reading(desk.database) as session:
            others = feeds.witnesses(session, network.hosts, LEAST_HOSTS, all_hosts=pages)
        for batch in _ask(desk, work, others):
            _keep(desk, work, [kept for poll in batch for kept in network.hear(_sign_of(poll))])
    work.outside.there |= network.there
    work.outside.down = network.down()
    if work.outside.down:
        desk.fetcher.forgive()
        return
    _keep(desk, work, network.release())


# ---------------------------------------------------------------------------------------------- read


def due_entries(desk: Desk) -> list[int]:
    """Numbers of the entries whose pages to ask for now."""
    with reading(desk.database) as session:
        return entries.due_entries(session, utc_now(), desk.settings.fetch.pages_per_round)


def read(
    desk: Desk, work: Work, entry_ids: Sequence[int], watch: Watch = _unwatched, get: Get | None = None
) -> None:
    """Fetch, keep and clean pages; each leaves a draft, an answer without article, or a later try.

    get: where a page comes from; None = from its site.
    """
    if work.outside.down or work.outside.room:
        return
    with reading(desk.database) as session:
        due = entries.owed(session, entry_ids)

    def fetch(entry: Owed) -> _Reading:
        return _Reading(entry, read_page(desk, get or partial(from_site, desk), entry))

    _over_pages(desk, work, due, fetch, partial(_told, watch, "read", len(due)))


def reread(desk: Desk, work: Work, article_ids: Sequence[int], watch: Watch = _unwatched) -> bool:
    """Ask again for pages of stored articles, and keep what came of it: an edit, a withdrawal, nothing new.

    Returns:
        Whether any was asked for.
    """
    if work.outside.down or work.outside.room or work.stop.is_set() or not article_ids:
        return False
    with reading(desk.database) as session:
        due = watches.watched(session, article_ids, utc_now())

    def fetch(each: Watched) -> _Rereading:
        return _Rereading(each, rereading.ask(desk, each))

    _over_pages(desk, work, due, fetch, partial(_told, watch, "reread", len(due)))
    return bool(due)


def _told(watch: Watch, step: str, of: int, done: int) -> None:
    watch(Progress(step, done, of))


_Page = TypeVar("_Page", Owed, Watched)


def _over_pages(
    desk: Desk, work: Work, due: Sequence[_Page], fetch: Callable[[_Page], "_Reading | _Rereading"],
    told: Callable[[int], None],
) -> None:  # fmt: skip
    """Fetch pages, hosts side by side, and keep what was heard once it is known that our network is there."""
    if due:
        desk.cleaners.make_ready()
    network: Network[_Heard] = Network()
    fetched = over_hosts(due, lambda each: urls.host(each.address), fetch, desk.workers, work.stop)
    for done, (each, heard) in enumerate(fetched, 1):
        answer = heard.answer if isinstance(heard, _Reading) else heard.reread.answer
        sign, page = sign_of(work, each.address, answer)
        why = getattr(answer, "why", "")
        _keep(desk, work, network.hear(Answered(urls.host(each.address), sign, heard, page, why)))
        told(done)
        if network.hopeless:
            fetched.close()
            break
    _tell_apart(desk, work, network, pages=True)


def _keep_answer(session: Session, desk: Desk, work: Work, entry: Owed, answer: Read) -> None:
    now = utc_now()
    page = getattr(answer, "page", None)
    source = desk.sources.get(entry.source)
    whole = source is None or source.keep == "full"  # else the raw page may not be stored either
    kept = pages.keep_page(session, entry.id, page) if page is not None and whole else None
    match answer:
        case ReadPage():
            entries.keep_draft(session, entry.id, kept, clean.VERSION, answer.article, now)
        case Answer() if entry.outcome is Outcome.PENDING:
            entries.decide(session, entry.id, answer.outcome, answer.why, round_id=work.id, now=now)
        case Answer():  # what is stored is never taken back because its page is worse today
            entries.leave(session, entry.id)
        case Same():  # nobody sends it an unconditional request
            entries.leave(session, entry.id)
        case Later(ours=True):
            _crashed(session, entry.id, entry.crashes, answer.why)
        case Later():
            wait = timedelta(seconds=answer.retry_after or 0)
            next_try = max(schedule.next_try(entry.tries + 1, now, entry.url), now + wait)
            entries.try_later(session, entry.id, answer.why, next_try)


# -------------------------------------------------------------------------------------------- settle


def settle(desk: Desk, work: Work, watch: Watch = _unwatched, *, backfill: bool = False) -> None:
    """Settle every draft of rounds, or every one of backfills, in the order that decides who is first, a batch in one transaction."""
    done = 0
    while not work.stop.is_set():
        with reading(desk.database) as session:
            batch = entries.drafts(session, SETTLE_BATCH, backfill=backfill)
            approved = learnt.approved(session)
        if done and (not batch or done % TIDY_EVERY == 0):
            tidy(desk.database)
        if not batch:
            return
        prepared = [_prepare(desk, draft, approved.get(draft.source, Approved())) for draft in batch]
        if not _settle_together(desk, work, prepared):
            desk.transact(
                work,
                partial(_settle_batch, desk=desk, work=work, batch=list(zip(batch, prepared, strict=True))),
            )
        done += len(batch)
        watch(Progress("settle", done, done))


def _prepare(desk: Desk, draft: Draft, approved: Approved) -> Prepared | str:
    try:
        return prepare(desk, draft, approved, utc_now(), ours=as_today(desk, draft.stored, draft.source))
    except Exception as error:  # noqa: BLE001  a bug of ours over one draft must not end the round
        return a_bug(error)


def _settle_together(desk: Desk, work: Work, prepared: Sequence[Prepared | str]) -> bool:
    """All drafts with a few statements; if one of them fails nothing is kept, and each is to be settled alone."""
    ready = [each for each in prepared if isinstance(each, Prepared)]
    if len(ready) < len(prepared):
        return False

    def keep(session: Session) -> None:
        with savepoint(session):
            settle_all(session, desk, work, ready)
            copies.forget(session, utc_now())

    try:
        desk.transact(work, keep)
    except (StoreFailed, RoundRunning):
        raise
    except Exception:  # noqa: BLE001  a bug of ours or a row that is refused: found again alone, and told
        return False
    return True


def _settle_batch(
    session: Session, desk: Desk, work: Work, batch: Sequence[tuple[Draft, Prepared | str]]
) -> None:
    for draft, ready in batch:
        _settle_alone(session, desk, work, draft, ready)


def _settle_alone(session: Session, desk: Desk, work: Work, draft: Draft, ready: Prepared | str) -> None:
    """One draft inside a savepoint: if it fails, its batch mates are kept and it is tried again."""
    if isinstance(ready, Prepared):
        why = _alone(session, partial(settle_all, session, desk, work, [ready]))
    else:
        why = ready
    if why:
        entries.drop_draft(session, draft.entry)
        _crashed(session, draft.entry, draft.crashes, why)


def _alone(session: Session, keep: Callable[[], None]) -> str:
    """Keep something inside a savepoint; what goes wrong with it, in words, harms nothing beside it."""
    try:
        with savepoint(session):
            keep()
    except StoreFailed:  # the database itself: the whole transaction is lost
        raise
    except Exception as error:  # noqa: BLE001  a bug of ours over one row must not end the round
        return a_bug(error)
    return ""


def _crashed(session: Session, entry: int, crashes: int, why: str) -> None:
    now = utc_now()
    entries.crashed(session, entry, why, schedule.next_try(crashes + 1, now, str(entry)))


# ------------------------------------------------------------------------------------------- deliver


def deliver(desk: Desk, work: Work, watch: Watch = _unwatched) -> None:
    """Send what is owed, channels side by side, each alert's answer stored before its next one."""
    if work.outside.down:
        return
    with reading(desk.database) as session:
        due = outbox.due(session, utc_now())
    sent = over_hosts(due, lambda alert: alert.channel, partial(send, desk), desk.workers, work.stop)
    for done, (alert, answer) in enumerate(sent, 1):
        desk.transact(work, partial(keep_receipt, due=alert, answer=answer))
        watch(Progress("deliver", done, len(due)))
