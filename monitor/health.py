"""How a feed does, judged from what is remembered of it. Pure; the clock is an argument.

    ok               answers, and brings something as often as it is used to
    silent           answers, and nothing unseen was listed for longer than its own threshold
    all-duplicates   its listing changes, and every line of it has long been known
    gap              its oldest line is newer than our last good poll: lines may have scrolled away unseen
    zombie           answers, with items of long ago, or as somebody else
    failing          did not answer well three times in a row
    blocked          says no to us

A feed's `Memory` is what its listings told; `heard` adds one listing to it, `judge` says what it means. A source
is as well as the worst of its feeds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from monitor.text import tokens

FAILING_AFTER = 3  # failures in a row: a site that is built anew in a night is no news
ZOMBIE_AFTER = timedelta(days=180)
AHEAD = timedelta(days=1)  # a date further ahead of us is an event's, not an item's
STICKY = 2  # known lines that may stay on top of a listing whose others have scrolled away
LEAST_DATED = 5  # lines with a time, to say what span a listing covers

AWAY = timedelta(days=2)  # between two good polls: a feed is asked once a day at least, so we or it were away
MOST_DAYS = 60  # of rhythm
LEAST_DAYS, LEAST_SPAN = 10, 21  # days with news, over so many days: three weekends at least
SHORTEST_SILENCE, LONGEST_SILENCE = timedelta(days=1), timedelta(days=90)

Rhythm = tuple[tuple[int, int], ...]  # (day, seconds of the longest pause that ended on it), oldest first


class State(StrEnum):
    """How a feed or a source does, worst first."""

    BLOCKED = "blocked"
    FAILING = "failing"
    GAP = "gap"
    ZOMBIE = "zombie"
    ALL_DUPLICATES = "all-duplicates"
    SILENT = "silent"
    OK = "ok"
    NEW = "not yet asked"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(State).index(self)

    @property
    def bad(self) -> bool:
        """Whether a person should look at it."""
        return self not in (State.OK, State.NEW)


@dataclass(frozen=True, slots=True)
class Judged:
    """A state and its reason in words; "" where there is nothing to say."""

    state: State
    why: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a listing: its key, its printed time, and when we first saw it; None = never before."""

    key: str
    at: datetime | None
    seen: datetime | None


@dataclass(frozen=True, slots=True)
class Memory:
    """What a feed's listings told so far."""

    title: str = ""  # as whom it is known
    host: str = ""
    now_title: str = ""  # as whom it answered last
    now_host: str = ""
    newest_at: datetime | None = None  # times printed in the last listing
    oldest_at: datetime | None = None
    covers: timedelta | None = None  # the span of a listing with enough times in it
    fresh_at: datetime | None = None  # when an unseen line last came; at the first poll, its printed time
    lines_hash: str = ""
    changed_at: datetime | None = None  # when the listing's lines last changed
    lines: int = 0  # of the last listing
    gap_from: datetime | None = None
    gap_to: datetime | None = None
    rhythm: Rhythm = ()

    @property
    def itself(self) -> bool:
        """Whether the feed still answers as the one it is known as."""
        return same_title(self.title, self.now_title) and self.host == self.now_host


@dataclass(frozen=True, slots=True)
class Signs:
    """All that a feed's state is judged from."""

    source: str
    answer: str  # its last: news, unchanged, failed, refused; "" = never asked
    failures: int  # in a row
    failing_since: datetime | None
    problem: str  # the last failure in words
    answered_at: datetime | None  # when it last answered well
    silence: timedelta  # how long silence is normal, as its source says
    memory: Memory
    source_fresh_at: datetime | None = None  # when an unseen line last came in any feed of its source


# -------------------------------------------------------------------------------------------- hearing


def heard(
    memory: Memory,
    lines: Sequence[Line],
    *,
    title: str,
    host: str,
    polled_before: datetime | None,
    now: datetime,
) -> Memory:
    """Return memory with one more listing in it.

    Args:
        title: the listing's own, "" where it has none that says who it is.
        host: that answered; the caller passes the known one where it is the same site.
        polled_before: the last good poll before this one; None at the first.
    """
    times = sorted(line.at for line in lines if line.at is not None and line.at <= now + AHEAD)
    fresh = _freshest(lines, now, first=polled_before is None)
    made = sha256("\n".join(f"{line.key} {line.at}" for line in lines).encode()).hexdigest()
    changed = made != memory.lines_hash
    stranger = not (same_title(memory.title, title) and host in ("", memory.host or host))
    gap = (
        None if stranger else missed(memory, lines, polled_before, now)
    )  # nothing of ours scrolls away there
    last = memory.fresh_at
    if polled_before is None:
        rhythm = learn((), None, times)
    else:
        rhythm = learn(memory.rhythm, last, [now] if fresh and (last is None or fresh > last) else [])
    return replace(
        memory,
        title=memory.title or title, host=memory.host or host, now_title=title or memory.title,
        now_host=host or memory.host,
        newest_at=times[-1] if times else (memory.newest_at if not lines else None),
        oldest_at=times[0] if times else None,
        covers=times[-1] - times[0] if len(times) >= LEAST_DATED else None,
        fresh_at=max(filter(None, (fresh, last)), default=now),
        lines_hash=made, changed_at=now if changed else memory.changed_at, lines=len(lines),
        gap_from=(memory.gap_from or gap[0]) if gap else memory.gap_from,
        gap_to=gap[1] if gap else memory.gap_to,
        rhythm=rhythm,
    )  # fmt: skip


def after_absence(memory: Memory, polled_before: datetime | None, now: datetime) -> Memory:
    """Return memory without the time in which nobody heard the feed: that is no silence of its own.

    We were switched off, it did not answer, or the clock was set forward.
    """
    away = now - polled_before if polled_before is not None else timedelta(0)
    if away <= AWAY or memory.fresh_at is None:
        return memory
    return replace(memory, fresh_at=min(now, memory.fresh_at + away))


def _freshest(lines: Sequence[Line], now: datetime, *, first: bool) -> datetime | None:
    """When the youngest of the lines came; at a first poll all are unseen, and only their dates can tell."""
    if first:
        return max((line.at if line.at and line.at <= now else now for line in lines), default=None)
    return max((line.seen or now for line in lines), default=None)


def missed(
    memory: Memory, lines: Sequence[Line], polled_before: datetime | None, now: datetime
) -> tuple[datetime, datetime] | None:
    """Return from when to when lines may have come and scrolled away between two polls, or None.

    Nothing is missed while the listing still reaches back to what we knew: while one of its lines is known that
    is as new as the newest of the last listing, or an unseen one is older than the last good poll. Some known
    lines may be pinned to the top for ever.
    """
    unseen = [line for line in lines if line.seen is None]
    known = [line for line in lines if line.seen is not None]
    if polled_before is None or not unseen or not memory.lines or len(known) > STICKY:
        return None
    if known and (len(lines) < LEAST_DATED or memory.newest_at is None):
        return None
    if any(line.at is None or line.at >= (memory.newest_at or line.at) for line in known):
        return None
    times = [line.at for line in unseen if line.at is not None]
    if not times:
        return (polled_before, now) if not known else None
    return (polled_before, min(times)) if polled_before < min(times) <= now + AHEAD else None


def learn(rhythm: Rhythm, last: datetime | None, times: Iterable[datetime]) -> Rhythm:
    """Return rhythm with the moments (oldest first) at which something came; last is the one before them."""
    days = dict(rhythm)
    for at in times:
        if last is not None and at > last:
            day = at.astimezone(UTC).toordinal()
            days[day] = max(days.get(day, 0), int((at - last).total_seconds()))
        last = at if last is None else max(last, at)
    return tuple(sorted(days.items())[-MOST_DAYS:])


def same_title(known: str, now: str) -> bool:
    """Say whether two titles may be one feed's: they share a word, or one of them says nothing.

    Feeds add a date, a section or a slogan to their titles; another outlet's title shares nothing with them.
    """
    ours, theirs = _words(known), _words(now)
    return not ours or not theirs or bool(ours & theirs)


_EMPTY = frozenset(
    {"the", "of", "and", "a", "for", "in", "news", "feed", "rss", "latest", "all", "新闻", "新聞"}
)


def _words(title: str) -> set[str]:
    return {word for word in tokens(title) if not word.isdigit()} - _EMPTY


# -------------------------------------------------------------------------------------------- judging


def judge(signs: Signs, now: datetime) -> Judged:
    """Say how a feed does, and why."""
    if not signs.answer:
        return Judged(State.NEW)
    if signs.answer == "refused":
        return Judged(State.BLOCKED, f"says no to us: {signs.problem}")
    if signs.failures >= FAILING_AFTER:
        since = f" since {_day(signs.failing_since)}" if signs.failing_since else ""
        return Judged(State.FAILING, f"failed {signs.failures} times in a row{since}: {signs.problem}")
    return _of_memory(signs, now)


def _of_memory(signs: Signs, now: datetime) -> Judged:
    memory = signs.memory
    normal, learnt = silence(signs)
    if not memory.itself:
        return Judged(State.ZOMBIE, _stranger(signs))
    if memory.newest_at and now - memory.newest_at > max(ZOMBIE_AFTER, 3 * normal):
        age = f"{(now - memory.newest_at).days:,} days ago"
        return Judged(State.ZOMBIE, f"answers, but its newest item is of {memory.newest_at:%Y-%m-%d}, {age}")
    if memory.gap_from and memory.gap_to:
        span = f"{_day(memory.gap_from)} and {_day(memory.gap_to)}"
        close = (
            f"`straitwatch backfill --sitemap URL --since {memory.gap_from:%Y-%m-%d} --source ID` closes it"
        )
        return Judged(State.GAP, f"items between {span} may have scrolled away unseen: {close}")
    # What a source says of its silence holds for all its feeds together; what is learnt is the feed's own.
    fresh_at = (
        memory.fresh_at
        if learnt
        else max(filter(None, (memory.fresh_at, signs.source_fresh_at)), default=None)
    )
    if fresh_at and now - fresh_at > normal:
        return _quiet(signs, now, normal, learnt=learnt)
    if signs.failures:
        return Judged(State.OK, f"failed {_times(signs.failures)}: {signs.problem}")
    return Judged(State.OK, "" if memory.lines else "its listing is empty")


def _quiet(signs: Signs, now: datetime, normal: timedelta, *, learnt: bool) -> Judged:
    """Nothing unseen for too long: is nothing published, or do we know all that is listed already?"""
    memory = signs.memory
    assert memory.fresh_at is not None
    if memory.newest_at is not None:
        moves = now - memory.newest_at <= normal  # newest is of these days, and yet no line is unseen
    else:
        moves = bool(
            memory.changed_at and memory.changed_at > memory.fresh_at and now - memory.changed_at <= normal
        )
    if moves and memory.lines:
        days = f"{(now - memory.fresh_at).days} days"
        return Judged(
            State.ALL_DUPLICATES, f"its listing changes, and every item in it has been known for {days}"
        )
    habit = "as it published so far" if learnt else "as its source says"
    return Judged(
        State.SILENT, f"nothing new for {_span(now - memory.fresh_at)}; {_span(normal)} are normal, {habit}"
    )


def silence(signs: Signs) -> tuple[timedelta, bool]:
    """How long silence is normal, and whether that is learnt.

    Twice the second-longest pause of the days with news that are remembered: the longest may have been an
    outage, theirs or ours.
    """
    rhythm = signs.memory.rhythm
    if len(rhythm) < LEAST_DAYS or rhythm[-1][0] - rhythm[0][0] < LEAST_SPAN:
        return signs.silence, False
    second = sorted(seconds for _, seconds in rhythm)[-2]
    return min(max(timedelta(seconds=2 * second), SHORTEST_SILENCE), LONGEST_SILENCE), True


def usual_pause(rhythm: Rhythm) -> timedelta | None:
    """How long it is on average from one day with news to the next; None while that is not known."""
    if len(rhythm) < LEAST_DAYS:
        return None
    return timedelta(days=(rhythm[-1][0] - rhythm[0][0]) / (len(rhythm) - 1))


def worst(judged: Iterable[Judged]) -> Judged:
    """The state of a source: that of the worst of its feeds; one not yet asked says nothing."""
    return min(judged, key=lambda each: each.state.rank, default=Judged(State.NEW))


def not_news(memory: Memory, now: datetime) -> bool:
    """Whether what a feed lists now is stored but nobody is alerted: it is a zombie's."""
    old = memory.newest_at is not None and now - memory.newest_at > ZOMBIE_AFTER
    return old or not memory.itself


def _stranger(signs: Signs) -> str:
    memory = signs.memory
    known, now = _named(memory.title, memory.host), _named(memory.now_title, memory.now_host)
    return (
        f"answers as {now}, known as {known}: `straitwatch sources accept {signs.source}` takes it as it is"
    )


def _named(title: str, host: str) -> str:
    return f'"{title[:80]}" at {host}' if title else host


def _day(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at else "never"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _span(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
