"""Health and the weekly ledger, told from the rows: for `sources health` and `sources ledger`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from monitor.health import State, judge, silence
from monitor.model import Outcome
from monitor.store.health import signs_of
from monitor.store.tables import ChangeRow, EntryRow, FeedRow, PollRow, SourceRow

LAG_OF = 20  # newest entries whose lateness is looked at
_CHANGES = 10


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """How one feed does now."""

    url: str
    state: State
    why: str
    answered_at: datetime | None
    fresh_at: datetime | None
    newest_at: datetime | None
    next_poll: datetime
    silence: timedelta  # that is normal
    learnt: bool
    gap_from: datetime | None
    gap_to: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """A state that ended, and the one that began."""

    at: datetime
    before: str
    after: str
    why: str


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How a source does: the worst of its feeds."""

    source: str
    name: str
    side: str
    state: State
    since: datetime | None
    why: str
    answered_at: datetime | None  # last good poll
    brought_at: datetime | None  # last new entry
    lag: timedelta | None  # from printed time to our first sight, the median of its newest entries
    overdue: timedelta  # since the time when it should have been asked
    feeds: Sequence[FeedHealth]
    changes: Sequence[Change]  # newest first

    def facts(self) -> dict[str, Any]:
        """For a program."""
        return {
            "source": self.source, "name": self.name, "state": self.state.value, "since": self.since,
            "why": self.why, "last_good_poll": self.answered_at, "last_new": self.brought_at,
            "lag_seconds": int(self.lag.total_seconds()) if self.lag is not None else None,
            "overdue_seconds": int(self.overdue.total_seconds()),
            "feeds": [
                {
                    "url": feed.url, "state": feed.state.value, "why": feed.why,
                    "last_good_poll": feed.answered_at, "last_unseen": feed.fresh_at, "newest": feed.newest_at,
                    "next_poll": feed.next_poll, "silence_days": round(feed.silence / timedelta(days=1), 1),
                    "silence_learnt": feed.learnt, "gap_from": feed.gap_from, "gap_to": feed.gap_to,
                }
                for feed in self.feeds
            ],
            "changes": [
                {"at": each.at, "before": each.before, "after": each.after, "why": each.why}
                for each in self.changes
            ],
        }  # fmt: skip


def health_told(
    session: Session, silences: Mapping[str, timedelta], now: datetime, only: str | None = None
) -> list[SourceHealth]:
    """How the watched sources do, worst first.

    Args:
        silences: how long silence is normal, as each source says; those not in it are not watched.
        only: this source alone, with its changes.
    """
    rows = session.scalars(select(SourceRow).order_by(SourceRow.id)).all()
    feeds: dict[str, list[FeedRow]] = {}
    for row in session.scalars(select(FeedRow).where(FeedRow.active).order_by(FeedRow.id)):
        feeds.setdefault(row.source, []).append(row)
    told = [
        _source(session, row, feeds.get(row.id, []), silences[row.id], now, changes=only is not None)
        for row in rows
        if row.id in silences and only in (None, row.id)
    ]
    return sorted(told, key=lambda each: (each.state.rank, each.source))


def _source(
    session: Session, row: SourceRow, feeds: list[FeedRow], normal: timedelta, now: datetime, *, changes: bool
) -> SourceHealth:
    latest = select(ChangeRow).where(ChangeRow.source == row.id).order_by(ChangeRow.id.desc()).limit(_CHANGES)
    return SourceHealth(
        source=row.id, name=row.name, side=row.side, state=State(row.state) if row.state else State.NEW,
        since=row.state_since, why=row.state_why,
        answered_at=max((feed.answered_at for feed in feeds if feed.answered_at), default=None),
        brought_at=max((feed.brought_at for feed in feeds if feed.brought_at), default=None),
        lag=_lag(session, row.id),
        overdue=max((now - feed.next_poll for feed in feeds), default=timedelta(0)) if feeds else timedelta(0),
        feeds=[_feed(feed, feeds, normal, now) for feed in feeds],
        changes=[
            Change(each.at, each.before, each.after, each.why)
            for each in (session.scalars(latest) if changes else ())
        ],
    )  # fmt: skip


def _feed(row: FeedRow, siblings: list[FeedRow], normal: timedelta, now: datetime) -> FeedHealth:
    signs = signs_of(row, siblings, normal)
    judged = judge(signs, now)
    span, learnt = silence(signs)
    return FeedHealth(
        row.url, judged.state, judged.why, row.answered_at, row.fresh_at, row.newest_at, row.next_poll,
        span, learnt, row.gap_from, row.gap_to,
    )  # fmt: skip


def _lag(session: Session, source: str) -> timedelta | None:
    newest = (
        select(EntryRow.first_seen, EntryRow.published)
        .where(EntryRow.source == source, EntryRow.published.is_not(None), EntryRow.first_poll.is_(False))
        .order_by(EntryRow.id.desc())
        .limit(LAG_OF)
    )
    lags = [
        max(first_seen - published, timedelta(0))
        for first_seen, published in session.execute(newest).tuples()
        if published is not None
    ]
    return timedelta(seconds=median(lag.total_seconds() for lag in lags)) if lags else None


@dataclass(slots=True)
class WeekLine:
    """What one source listed first in one week, and what became of it so far."""

    source: str
    week: datetime  # its Monday, 0:00 UTC
    found: int = 0  # as the polls counted when they came
    outcomes: dict[Outcome, int] = field(default_factory=dict)

    @property
    def entries(self) -> int:
        """Entries with an outcome: as many as were found, if nothing was lost."""
        return sum(self.outcomes.values())

    @property
    def adds_up(self) -> bool:
        """Whether every URL found has its row."""
        return self.found == self.entries

    def facts(self) -> dict[str, Any]:
        """For a program."""
        return {
            "source": self.source, "week": self.week.date().isoformat(), "found": self.found,
            **{outcome.value: self.outcomes.get(outcome, 0) for outcome in Outcome},
            "adds_up": self.adds_up,
        }  # fmt: skip


def weeks_told(session: Session, now: datetime, weeks: int, only: str | None = None) -> list[WeekLine]:
    """The ledger of the last weeks, this one included, newest first: each source's URLs by outcome.

    Found is what the polls counted on the day; the outcomes are counted from the entries as they are now. Entries
    that no listing brought (a backfill's) are found by themselves.
    """
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [monday - timedelta(weeks=back) for back in range(weeks)]
    lines: dict[tuple[int, str], WeekLine] = {}

    def line(back: int, source: str) -> WeekLine:
        return lines.setdefault((back, source), WeekLine(source, starts[back]))

    week = _week(EntryRow.first_seen, starts)
    counted = (
        select(week, EntryRow.source, EntryRow.outcome, EntryRow.feed.is_(None), func.count())
        .where(EntryRow.first_seen >= starts[-1])
        .group_by(week, EntryRow.source, EntryRow.outcome, EntryRow.feed.is_(None))
    )
    for back, source, outcome, alone, number in session.execute(counted).tuples():
        told = line(back, source)
        told.outcomes[Outcome(outcome)] = told.outcomes.get(Outcome(outcome), 0) + number
        told.found += number if alone else 0
    week = _week(PollRow.at, starts)
    polled = (
        select(week, FeedRow.source, func.sum(PollRow.new))
        .join(FeedRow, FeedRow.id == PollRow.feed)
        .where(PollRow.at >= starts[-1], PollRow.new > 0)
        .group_by(week, FeedRow.source)
    )
    for back, source, number in session.execute(polled).tuples():
        line(back, source).found += int(number)
    return [told for (_, source), told in sorted(lines.items()) if only in (None, source)]


def _week(at: Any, starts: Sequence[datetime]) -> ColumnElement[int]:
    """How many weeks back a time lies."""
    return case(*((at >= start, back) for back, start in enumerate(starts)), else_=len(starts) - 1)
