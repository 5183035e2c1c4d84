"""Keeping what a poll brought: entries, the feed's state and next turn, its source's health and who is told of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor import health, schedule, urls
from monitor.desk import Desk, Work
from monitor.health import Line, Memory
from monitor.model import FeedKind, utc_now
from monitor.polling import Asked, found_in
from monitor.sources import Source
from monitor.store import entries, feeds, outbox
from monitor.store import health as states
from monitor.store.database import Session
from monitor.store.entries import Found
from monitor.store.feeds import Feed, Polled

LONGEST_WISH = 10**9  # seconds; the schedule clamps what is within reason


def keep_polls(session: Session, desk: Desk, work: Work, polls: Sequence[tuple[Feed, Asked]]) -> None:
    """Write feeds' answers: new lines as pending entries, and all that follows from them, in one transaction."""
    now = utc_now()
    feeds.answered(
        session, [_polled(session, desk, work, feed, asked, now) for feed, asked in polls], now=now
    )
    session.flush()
    _judge(session, desk, work, {feed.source for feed, _ in polls}, now)


def _polled(session: Session, desk: Desk, work: Work, feed: Feed, asked: Asked, now: datetime) -> Polled:
    """Make entries of a poll's new lines; returns what else is to be written of it."""
    source = desk.sources[feed.source]
    found, notes = found_in(asked.listing)
    before = health.after_absence(feed.memory, feed.answered_at, now)
    memory = _heard(session, feed, before, asked, found, now) if asked.answer == "news" else None
    if asked.answer == "unchanged" and before != feed.memory:
        memory = before
    quiet = feed.polls == 0 or (memory is not None and health.not_news(memory, now))
    found = [_in_window(line, source, now) for line in found]
    new = entries.add_found(
        session, found, source=feed.source, feed=feed.id, first_poll=quiet, now=now, round_id=work.id
    )
    why = "; ".join([asked.why] if asked.why else notes)
    wish = None if asked.wish is None else int(min(asked.wish, LONGEST_WISH))
    kept = memory or feed.memory
    state = schedule.FeedState(
        feed.url, source.poll_every,
        failures=feed.failures + 1 if asked.answer in ("failed", "refused") else 0,
        brought_at=now if new else feed.brought_at,
        covers=kept.covers, usual_pause=health.usual_pause(kept.rhythm),
    )  # fmt: skip
    happened = schedule.Happened(asked.answer, asked.retry_after, asked.wish)
    return Polled(
        feed.id, work.id, asked.answer, schedule.next_poll(state, happened, now),
        found=len(asked.listing.lines), new=new, why=why, keep=asked.keep, whole=asked.whole, wish=wish,
        memory=memory,
    )  # fmt: skip


def _in_window(line: Found, source: Source, now: datetime) -> Found:
    """A line dated before its source's window is answered unread, with the reason; without a date it is within."""
    at = line.listed.published.at
    if source.window_days is None or at is None or now - at <= timedelta(days=source.window_days):
        return line
    return replace(line, refused=f"dated before its source's window of {source.window_days:g} days")


def _heard(
    session: Session, feed: Feed, before: Memory, asked: Asked, found: list[Found], now: datetime
) -> Memory:
    """What the feed's listings told so far, this one included."""
    seen = states.seen_before(session, [line.url_key for line in found])
    lines = [
        Line(
            line.url_key,
            line.listed.published.at,
            min(seen[line.url_key], now) if line.url_key in seen else None,
        )
        for line in found
    ]
    known = feed.memory.host
    host = urlsplit(asked.answered_by).hostname or ""
    same = not known or urls.same_site(f"http://{known}/", asked.answered_by)
    return health.heard(
        before, lines,
        title=asked.listing.title if feed.kind is FeedKind.FEED else "",  # a page's changes with its headlines
        host=known or host if same else host,
        polled_before=feed.answered_at, now=now,
    )  # fmt: skip


def _judge(session: Session, desk: Desk, work: Work, sources: Iterable[str], now: datetime) -> None:
    """Say how sources do now; a change is told, except at a source's first poll."""
    judged = states.judge_sources(session, {each: desk.sources[each].silence for each in sources}, now)
    for change in states.change_states(session, judged, round_id=work.id, now=now):
        for channel in desk.health_channels if change.before else ():
            outbox.owe_change(session, change=change.id, channel=channel, why=change.why, now=now)
