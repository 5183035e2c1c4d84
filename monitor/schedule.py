"""When to ask next: feeds, entries, owed alerts. Pure; the clock is an argument, chance comes from a name.

A feed is asked as often as its source says, more rarely while it is quiet, and less and less often while it
fails, but at least once a day for ever: feeds do come back after a month.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

LONGEST = timedelta(hours=24)  # the longest time between two polls, and between two tries of anything
SHORTEST = timedelta(minutes=5)
LONGEST_WISH = timedelta(hours=2)  # a ttl beyond it is mostly a mistake, and a conditional GET costs little
AFTER_REFUSAL = timedelta(hours=1)  # a site that said no is not asked every few minutes whether it means it
MOST_DOUBLINGS = 10  # already past LONGEST for any poll_minutes; more would overflow timedelta
QUIET_SHARE = 24  # a feed quiet for a day is asked every hour, for a week every seven hours
RARE = timedelta(hours=36)  # a feed whose days with news lie further apart need not be asked at every round
RARE_LONGEST = timedelta(hours=2)
WINDOW_SHARE = 3  # a listing that covers an hour is asked every 20 minutes: nothing may scroll away between
EARLY = (0.05, 0.15)  # part of an interval that is left off, so that the feed is due when the round comes by

ENTRY_TRIES = (
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=24),
)
ALERT_FIRST = timedelta(minutes=1)
ALERT_LONGEST = timedelta(hours=2)
ALERT_ENDS = timedelta(hours=48)  # then a person is told, and decides


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is known of a feed once its poll is over."""

    url: str
    poll_every: timedelta  # the source's own rhythm
    failures: int = 0  # in a row, this poll included
    brought_at: datetime | None = None  # last new entry, this poll included; None = never
    covers: timedelta | None = None  # from the oldest to the newest line of its listing, where that is known
    usual_pause: timedelta | None = None  # from one day with news to the next, where that is known


@dataclass(frozen=True, slots=True)
class Happened:
    """What this poll brought."""

    answer: Literal["news", "unchanged", "failed", "refused", "our network"]
    retry_after: float | None = None  # seconds, as the site asked
    wish: float | None = None  # seconds between polls that the feed itself asks for: ttl, sy:update*, max-age


def next_poll(feed: FeedState, happened: Happened, now: datetime) -> datetime:
    """Return when to ask feed again.

    Between the source's rhythm (less up to 15 %) and 24 hours; sooner than its rhythm, and than it wishes itself,
    only where its listing would run over meanwhile. Retry-After is honoured to 24 hours. When our own network was
    down, the feed loses nothing: it is due after its usual time, whatever its failures.
    """
    if happened.answer == "our network":
        interval = feed.poll_every
    elif happened.answer in ("failed", "refused"):
        base = max(feed.poll_every, AFTER_REFUSAL) if happened.answer == "refused" else feed.poll_every
        interval = base * 2 ** min(max(feed.failures - 1, 0), MOST_DOUBLINGS)
    else:
        interval = max(feed.poll_every, _wished(happened), _rare(feed))
        if feed.covers is not None:
            interval = min(interval, feed.covers / WINDOW_SHARE)
        interval = max(interval, _quiet(feed, now) / QUIET_SHARE)
    interval = min(max(interval, SHORTEST), LONGEST)
    early = EARLY[0] + (EARLY[1] - EARLY[0]) * _share(feed.url)
    return now + max(interval * (1 - early), _asked(happened.retry_after))


def next_try(tries: int, now: datetime, url: str = "") -> datetime:
    """Return when to ask again for an entry's page after so many tries: 10 min, 1 h, 4 h, 12 h, then daily."""
    wait = ENTRY_TRIES[min(max(tries, 1), len(ENTRY_TRIES)) - 1]
    return now + wait * (1 - EARLY[1] * _share(url))


def next_reading(first_seen: datetime, waits: Sequence[timedelta], now: datetime) -> datetime | None:
    """Return when to ask again for the page of an article first seen then, so long after it; None = no more.

    Times that have passed are made good by one asking.
    """
    return min((first_seen + wait for wait in waits if first_seen + wait > now), default=None)


def next_delivery(
    tries: int, owed_since: datetime, now: datetime, *, name: str = "", retry_after: float | None = None
) -> datetime | None:
    """Return when to send an owed alert again after so many tries, or None when 48 hours are over.

    Doubles from a minute to two hours; name (alert and channel) spreads the tries of many over a quarter.
    """
    if now - owed_since >= ALERT_ENDS:
        return None
    wait: timedelta = min(ALERT_FIRST * 2 ** min(max(tries, 1) - 1, MOST_DOUBLINGS), ALERT_LONGEST)
    return now + max(wait * (1 + 0.25 * _share(f"{name} {tries}")), _asked(retry_after))


def _quiet(feed: FeedState, now: datetime) -> timedelta:
    return max(now - feed.brought_at, timedelta(0)) if feed.brought_at else timedelta(0)


def _rare(feed: FeedState) -> timedelta:
    if feed.usual_pause is None or feed.usual_pause < RARE:
        return timedelta(0)
    return min(feed.usual_pause / QUIET_SHARE, RARE_LONGEST)


def _wished(happened: Happened) -> timedelta:
    return min(_asked(happened.wish), LONGEST_WISH)


def _asked(seconds: float | None) -> timedelta:
    """Seconds that a site asked for, within reason; NaN and the like are nothing."""
    if seconds is None or not seconds > 0:
        return timedelta(0)
    return timedelta(seconds=min(seconds, LONGEST.total_seconds()))


def _share(name: str) -> float:
    """A number from 0 to 1 that belongs to a name: the same after a restart, other for its neighbour."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:4]) / 2**32
