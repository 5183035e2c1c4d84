"""Keeping what a poll brought: entries, the feed's state and next turn, its source's health and who is told of it."""

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


def keep_poll(session: Session, desk: Desk, work: Work, feed: Feed, asked: Asked) -> None:
    """Write a feed's answer: new lines as pending entries, and all that follows from it, in one transaction."""
    now = utc_now()
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
    polled = Polled(
        work.id, asked.answer, len(asked.listing.lines), new, why, asked.keep,
        whole=asked.whole, wish=wish, memory=memory,
    )  # fmt: skip
    kept = memory or feed.memory
    state = schedule.FeedState(
        feed.url, source.poll_every,
        failures=feed.failures + 1 if asked.answer in ("failed", "refused") else 0,
        brought_at=now if new else feed.brought_at,
        covers=kept.covers, usual_pause=health.usual_pause(kept.rhythm),
    )  # fmt: skip
    happened = schedule.Happened(asked.answer, asked.retry_after, asked.wish)
    feeds.answered(session, feed, polled, now=now, next_poll=schedule.next_poll(state, happened, now))
    session.flush()
    _judge(session, desk, work, feed.source, now)


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


def _judge(session: Session, desk: Desk, work: Work, source: str, now: datetime) -> None:
    """Say how the source does now; a change is told, except at its first poll."""
    judged = states.judge_source(session, source, desk.sources[source].silence, now)
    change = states.change_state(session, source, judged, round_id=work.id, now=now)
    if change is None or not change.before:
        return
    for channel in desk.health_channels:
        outbox.owe_change(session, change=change.id, channel=channel, why=change.why, now=now)
