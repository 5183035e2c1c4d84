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

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from monitor import alerts, answers, clean, notify, schedule, urls
from monitor.answers import Answer, Denied, Later, ReadPage
from monitor.desk import Desk, Work
from monitor.errors import (
    CleaningFailed,
    Gone,
    NotDelivered,
    Refused,
    SiteDown,
    StoreFailed,
    Unreadable,
    a_bug,
)
from monitor.model import Outcome, utc_now
from monitor.parallel import over_hosts
from monitor.polling import Asked, ask, found_in
from monitor.query.told import told
from monitor.settling import Prepared, prepare, settle_one
from monitor.store import entries, feeds, learnt, outbox
from monitor.store.database import Session, reading, savepoint
from monitor.store.entries import Draft, Owed
from monitor.store.feeds import Feed, Polled
from monitor.store.learnt import Approved
from monitor.store.outbox import Due

SETTLE_BATCH = 50  # drafts in one transaction: about 50 ms of writing


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step of the round is, for a person who waits."""

    step: str  # poll, read, settle, deliver
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


# ---------------------------------------------------------------------------------------------- poll


def due_feeds(desk: Desk, *, every_feed: bool = False) -> list[int]:
    """Numbers of the feeds to ask now."""
    with reading(desk.database) as session:
        return feeds.due_feeds(session, utc_now(), all_of_them=every_feed)


def poll(desk: Desk, work: Work, feed_ids: Sequence[int], watch: Watch = _unwatched) -> None:
    """Ask feeds; new lines become pending entries, in one transaction with the feed's ETag."""
    with reading(desk.database) as session:
        due = feeds.feeds_of(session, feed_ids)
    asked = over_hosts(due, lambda feed: urls.host(feed.url), partial(ask, desk), desk.workers, work.stop)
    for done, (feed, answer) in enumerate(asked, 1):
        with desk.writing(work) as session:
            why = _alone(session, partial(_keep_poll, session, desk, work, feed, answer))
            if why:
                _keep_poll(session, desk, work, feed, Asked("failed", why=why))
        watch(Progress("poll", done, len(due)))


def _keep_poll(session: Session, desk: Desk, work: Work, feed: Feed, asked: Asked) -> None:
    now = utc_now()
    source = desk.sources[feed.source]
    found, notes = found_in(asked.listing)
    new = entries.add_found(
        session, found, source=feed.source, feed=feed.id, first_poll=feed.polls == 0, now=now
    )
    why = "; ".join([asked.why] if asked.why else notes)
    polled = Polled(work.id, asked.answer, len(asked.listing.lines), new, why, asked.keep)
    failures = feed.failures + 1 if asked.answer in ("failed", "refused") else 0
    state = schedule.FeedState(feed.url, source.poll_every, failures, now if new else feed.brought_at)
    happened = schedule.Happened(asked.answer, asked.retry_after, asked.wish)
    feeds.answered(session, feed, polled, now=now, next_poll=schedule.next_poll(state, happened, now))


# ---------------------------------------------------------------------------------------------- read


def due_entries(desk: Desk) -> list[int]:
    """Numbers of the entries whose pages to ask for now."""
    with reading(desk.database) as session:
        return entries.due_entries(session, utc_now(), desk.settings.fetch.pages_per_round)


def read(desk: Desk, work: Work, entry_ids: Sequence[int], watch: Watch = _unwatched) -> None:
    """Fetch, keep and clean pages; each leaves a draft, an answer without article, or a later try."""
    with reading(desk.database) as session:
        due = entries.owed(session, entry_ids)
    if due:
        desk.cleaners.make_ready()
    fetched = over_hosts(
        due, lambda entry: urls.host(entry.address), partial(_read, desk), desk.workers, work.stop
    )
    for done, (entry, answer) in enumerate(fetched, 1):
        with desk.writing(work) as session:
            why = _alone(session, partial(_keep_answer, session, desk, work, entry, answer))
            if why:
                _crashed(session, entry.id, entry.crashes, why)
        watch(Progress("read", done, len(due)))


def _read(desk: Desk, entry: Owed) -> ReadPage | Answer | Later:
    source = desk.sources.get(entry.source)
    page = None
    try:
        page = desk.fetcher.get(entry.address, gap=source.gap_seconds if source else None, retry=True)
        verdict = answers.judge_status(page, tries=entry.tries, first_seen=entry.first_seen)
        if isinstance(verdict, Denied):
            article = clean.from_listing(entry.listed, source, why=verdict.why)
        elif verdict is not None:
            return verdict
        else:
            article = desk.cleaners.clean(page, entry.listed, source)
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
        return Later(str(error), error.retry_after)
    except Exception as error:  # noqa: BLE001  a bug of ours over one page must not end the round
        return Later(a_bug(error), ours=True, page=page)


def _keep_answer(
    session: Session, desk: Desk, work: Work, entry: Owed, answer: ReadPage | Answer | Later
) -> None:
    now = utc_now()
    page = getattr(answer, "page", None)
    source = desk.sources.get(entry.source)
    whole = source is None or source.keep == "full"  # else the raw page may not be stored either
    kept = entries.keep_page(session, entry.id, page) if page is not None and whole else None
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


def settle(desk: Desk, work: Work, watch: Watch = _unwatched) -> None:
    """Settle every draft, in the order that decides who is first, a batch in one transaction."""
    done = 0
    while not work.stop.is_set():
        with reading(desk.database) as session:
            batch = entries.drafts(session, SETTLE_BATCH)
            approved = learnt.approved(session)
        if not batch:
            return
        prepared = [_prepare(desk, draft, approved.get(draft.source, Approved())) for draft in batch]
        with desk.writing(work) as session:
            for draft, ready in zip(batch, prepared, strict=True):
                _settle_alone(session, work, draft, ready)
        done += len(batch)
        watch(Progress("settle", done, done))


def _prepare(desk: Desk, draft: Draft, approved: Approved) -> Prepared | str:
    try:
        return prepare(desk, draft, approved, utc_now())
    except Exception as error:  # noqa: BLE001  a bug of ours over one draft must not end the round
        return a_bug(error)


def _settle_alone(session: Session, work: Work, draft: Draft, ready: Prepared | str) -> None:
    """One draft inside a savepoint: if it fails, its batch mates are kept and it is tried again."""
    if isinstance(ready, Prepared):
        why = _alone(session, partial(settle_one, session, work, ready, utc_now()))
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
    with reading(desk.database) as session:
        due = outbox.due(session, utc_now())
    sent = over_hosts(due, lambda alert: alert.channel, partial(_send, desk), desk.workers, work.stop)
    for done, (alert, answer) in enumerate(sent, 1):
        with desk.writing(work) as session:
            _keep_receipt(session, alert, answer)
        watch(Progress("deliver", done, len(due)))


def _send(desk: Desk, due: Due) -> str | NotDelivered:
    address = desk.channels.get(due.channel)
    if address is None:
        return NotDelivered(f"there is no channel {due.channel} in the settings any more", permanent=True)
    try:
        with reading(desk.database) as session:
            what = told(session, due, desk.vocabulary.terms, demo=desk.demo)
        kind = notify.kind_of(address)
        return notify.send(address, alerts.compose(what, kind), kind=kind, skip=due.took)
    except NotDelivered as error:
        return error
    except Exception as error:  # noqa: BLE001  a bug of ours over one alert must not hold up the others
        return NotDelivered(a_bug(error))


def _keep_receipt(session: Session, due: Due, answer: str | NotDelivered) -> None:
    now = utc_now()
    if isinstance(answer, str):
        outbox.sent(session, due.id, answer, now)
        return
    next_try = (
        None if answer.permanent else schedule.next_delivery(due.tries + 1, due.owed_at, now, name=due.token)
    )
    outbox.failed(session, due.id, str(answer), next_try, getattr(answer, "took", ()))
