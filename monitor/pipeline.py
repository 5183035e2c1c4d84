"""The story of Straitwatch in four functions. Each takes rows that owe something and leaves the next.

    poll     a due feed is asked; its new URLs become pending entries, in one transaction with its ETag
    read     a pending entry's page is fetched, kept raw, and cleaned into a draft, in a process apart
    settle   drafts, in order, one short transaction a batch: duplicate? copy? relevant, and why?
             then the article, its links, its terms and the alerts it owes are stored together
    deliver  owed alerts are sent, at least once, with a receipt

A crash leaves its rows, so the next round repeats what was not done. Reading goes on over many hosts at once;
settling is in order, so that ten copies of a wire story owe one alert. No transaction is open across the
network, and whatever goes wrong with one entry stays with that entry, in words.

`collect` runs the four once: the command line calls it as it is, Prefect's flow calls its parts as tasks.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from monitor import answers, clean, schedule, urls
from monitor.answers import Answer, Denied, Later, ReadPage
from monitor.delivering import keep_receipt, send
from monitor.desk import Desk, Work
from monitor.errors import (
    CleaningFailed,
    Gone,
    Refused,
    RoundRunning,
    SiteDown,
    StoreFailed,
    Unreadable,
    a_bug,
)
from monitor.keeping import keep_polls
from monitor.model import Outcome, Page, utc_now
from monitor.network import LEAST_HOSTS, Answered, Network, Sign
from monitor.parallel import over_hosts, together_over_hosts
from monitor.polling import Asked, ask, page_name
from monitor.settling import Prepared, prepare, settle_all
from monitor.store import copies, entries, feeds, learnt, outbox, pages
from monitor.store.database import Session, reading, savepoint
from monitor.store.entries import Draft, Owed
from monitor.store.feeds import Feed
from monitor.store.learnt import Approved

POLL_BATCH = 50  # polls in one transaction, of those that have answered while the last one was written
SETTLE_BATCH = 100  # drafts in one transaction: about 80 ms of writing


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step of the round is, for a person who waits."""

    step: str  # poll, read, settle, deliver
    done: int
    of: int


Watch = Callable[[Progress], None]
Get = Callable[[Owed], Page]  # raises as Fetcher.get does


def _unwatched(_: Progress) -> None:
    """Nobody waits."""


def collect(desk: Desk, work: Work, *, every_feed: bool = False, watch: Watch = _unwatched) -> None:
    """Run one round's four steps; the caller holds the lease (`desk.round_of_work`)."""
    poll(desk, work, due_feeds(desk, every_feed=every_feed), watch)
    read(desk, work, due_entries(desk), watch)
    settle(desk, work, watch)
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
    answer: ReadPage | Answer | Later


_Heard = _Poll | _Reading


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

    desk.transact(work, keep)


def _keep_together(session: Session, desk: Desk, work: Work, heard: Sequence[_Heard]) -> None:
    keep_polls(session, desk, work, [(each.feed, each.asked) for each in heard if isinstance(each, _Poll)])
    for each in heard:
        if isinstance(each, _Reading):
            _keep_answer(session, desk, work, each.entry, each.answer)


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
    if due:
        desk.cleaners.make_ready()
    network: Network[_Heard] = Network()
    fetched = over_hosts(
        due,
        lambda entry: urls.host(entry.address),
        partial(_read, desk, get or partial(_from_site, desk)),
        desk.workers,
        work.stop,
    )
    for done, (entry, answer) in enumerate(fetched, 1):
        sign, page = _sign(work, entry, answer)
        heard: Answered[_Heard] = Answered(
            urls.host(entry.address), sign, _Reading(entry, answer), page, getattr(answer, "why", "")
        )
        _keep(desk, work, network.hear(heard))
        watch(Progress("read", done, len(due)))
        if network.hopeless:
            fetched.close()
            break
    _tell_apart(desk, work, network, pages=True)


def _sign(work: Work, entry: Owed, answer: ReadPage | Answer | Later) -> tuple[Sign, str]:
    """What an answer says of our network: a page may be a gate's until a feed has answered in this round."""
    if isinstance(answer, Later):
        return "there" if answer.reached else "not asked" if answer.reached is None else "nothing", ""
    if answer.page is None or work.outside.there:
        return "there", ""
    return "gate?", page_name(entry.address, answer.page)


def _from_site(desk: Desk, entry: Owed) -> Page:
    source = desk.sources.get(entry.source)
    return desk.fetcher.get(entry.address, gap=source.gap_seconds if source else None, retry=True)


def _read(desk: Desk, get: Get, entry: Owed) -> ReadPage | Answer | Later:
    source = desk.sources.get(entry.source)
    page = None
    try:
        page = get(entry)
        verdict = answers.judge_status(page, tries=entry.tries, first_seen=entry.first_seen)
        if isinstance(verdict, Denied):
            article = clean.from_listing(entry.listed, source, why=verdict.why)
        elif verdict is not None:
            return verdict
        else:
            article = answers.as_lead(desk.cleaners.clean(page, entry.listed, source), page, source)
        return ReadPage(page, answers.believed(article, page.fetched_at))
    except Refused as error:
        return Answer(Outcome.REFUSED, str(error), page)
    except Gone as error:
        return Answer(Outcome.GONE, str(error), page)
    except Unreadable as error:
        return Answer(Outcome.UNREADABLE, str(error), page)
    except CleaningFailed as error:
        return Later(str(error), ours=error.of_page, page=page)
    except SiteDown as error:
        return Later(str(error), error.retry_after, reached=error.reached)
    except Exception as error:  # noqa: BLE001  a bug of ours over one page must not end the round
        return Later(a_bug(error), ours=True, page=page)


def _keep_answer(
    session: Session, desk: Desk, work: Work, entry: Owed, answer: ReadPage | Answer | Later
) -> None:
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
        if not batch:
            return
        prepared = [_prepare(desk, draft, approved.get(draft.source, Approved())) for draft in batch]
        if not _settle_together(desk, work, prepared):
            desk.transact(
                work, partial(_settle_batch, work=work, batch=list(zip(batch, prepared, strict=True)))
            )
        done += len(batch)
        watch(Progress("settle", done, done))


def _prepare(desk: Desk, draft: Draft, approved: Approved) -> Prepared | str:
    try:
        return prepare(desk, draft, approved, utc_now())
    except Exception as error:  # noqa: BLE001  a bug of ours over one draft must not end the round
        return a_bug(error)


def _settle_together(desk: Desk, work: Work, prepared: Sequence[Prepared | str]) -> bool:
    """All drafts with a few statements; if one of them fails nothing is kept, and each is to be settled alone."""
    ready = [each for each in prepared if isinstance(each, Prepared)]
    if len(ready) < len(prepared):
        return False

    def keep(session: Session) -> None:
        with savepoint(session):
            settle_all(session, work, ready)
            copies.forget(session, utc_now())

    try:
        desk.transact(work, keep)
    except (StoreFailed, RoundRunning):
        raise
    except Exception:  # noqa: BLE001  a bug of ours or a row that is refused: found again alone, and told
        return False
    return True


def _settle_batch(session: Session, work: Work, batch: Sequence[tuple[Draft, Prepared | str]]) -> None:
    for draft, ready in batch:
        _settle_alone(session, work, draft, ready)


def _settle_alone(session: Session, work: Work, draft: Draft, ready: Prepared | str) -> None:
    """One draft inside a savepoint: if it fails, its batch mates are kept and it is tried again."""
    if isinstance(ready, Prepared):
        why = _alone(session, partial(settle_all, session, work, [ready]))
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
