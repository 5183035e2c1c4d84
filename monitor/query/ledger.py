"""The ledger: what a round found and what became of it, per source, so that nothing is missed silently."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.health import State
from monitor.model import DateQuality, Outcome
from monitor.store import entries
from monitor.store.feeds import next_due
from monitor.store.tables import (
    AlertRow,
    ArticleRow,
    ChangeRow,
    EntryRow,
    FeedRow,
    PageRow,
    PollRow,
    RoundRow,
    SourceRow,
)

_NOTED = (Outcome.REFUSED, Outcome.UNREADABLE, Outcome.GONE)  # answers that a person may want to look at


ONE_PAGE = 3  # addresses of a source with the very same bytes: whatever is asked for, one page comes
LONG_PAUSE = timedelta(hours=1)  # between two rounds: a machine that slept, a server that was down


@dataclass(slots=True)
class SourceLine:
    """One source in one round."""

    source: str
    name: str
    side: str
    found: int = 0  # lines listed
    new: int = 0  # never seen before
    revised: int = 0  # articles seen edited
    outcomes: dict[Outcome, int] = field(default_factory=dict)  # entries decided in the round; pending: now
    notes: list[str] = field(default_factory=list)
    state: str = ""  # of health, now

    def count(self, *outcomes: Outcome) -> int:
        """Entries with one of these outcomes."""
        return sum(self.outcomes.get(outcome, 0) for outcome in outcomes)


@dataclass(frozen=True, slots=True)
class RoundTold:
    """One round as it is shown to a person or a program."""

    id: int
    started_at: datetime
    ended_at: datetime | None
    state: str
    feeds: int  # polled
    lines: Sequence[SourceLine]
    sent: int  # alerts sent in the round
    owed: int  # alerts that wait for their next try
    set_aside: int  # alerts that wait for a person
    pending: int  # entries that owe an answer
    next_poll: datetime | None
    note: str = ""  # what is to be said of the round as a whole
    bad: Sequence[str] = ()  # "SOURCE STATE" of the sources that a person should look at, worst first
    recovered: Sequence[str] = ()  # sources that became well in it
    pause: timedelta | None = None  # since the round before it, where that is long

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else 0.0

    def facts(self) -> dict[str, Any]:
        """For a program."""
        return {
            "round": self.id, "started_at": self.started_at, "ended_at": self.ended_at,
            "state": self.state, "note": self.note, "feeds": self.feeds, "pending": self.pending,
            "unwell": list(self.bad), "recovered": list(self.recovered),
            "alerts": {"sent": self.sent, "owed": self.owed, "set_aside": self.set_aside},
            "sources": [
                {
                    "source": line.source, "found": line.found, "new": line.new, "revised": line.revised,
                    **{outcome.value: line.count(outcome) for outcome in Outcome},
                    "health": line.state, "notes": line.notes,
                }
                for line in self.lines
            ],
        }  # fmt: skip


def round_told(session: Session, round_id: int) -> RoundTold:
    """What a round found, decided and sent."""
    row = session.get_one(RoundRow, round_id)
    states: dict[str, int] = dict(
        session.execute(select(AlertRow.state, func.count()).group_by(AlertRow.state)).tuples().all()
    )
    sent = select(func.count()).select_from(AlertRow).where(AlertRow.sent_at >= row.started_at)
    if row.ended_at is not None:
        sent = sent.where(AlertRow.sent_at <= row.ended_at)
    before = session.get(RoundRow, round_id - 1)
    pause = row.started_at - (before.ended_at or before.started_at) if before else timedelta(0)
    polled = select(func.count()).select_from(PollRow).where(PollRow.round == round_id)
    return RoundTold(
        id=row.id, started_at=row.started_at, ended_at=row.ended_at, state=row.state,
        feeds=session.scalar(polled) or 0, lines=_lines(session, row), sent=session.scalar(sent) or 0,
        owed=states.get("owed", 0), set_aside=states.get("set aside", 0),
        pending=entries.owed_count(session), next_poll=next_due(session), note=row.note,
        bad=_bad(session), recovered=_recovered(session, round_id),
        pause=pause if pause >= LONG_PAUSE else None,
    )  # fmt: skip


def _bad(session: Session) -> list[str]:
    watched = select(FeedRow.source).where(FeedRow.active)
    rows = session.execute(select(SourceRow.id, SourceRow.state).where(SourceRow.id.in_(watched))).tuples()
    bad = sorted(
        (State(state).rank, f"{source} {state}") for source, state in rows if state and State(state).bad
    )
    return [told for _, told in bad]


def _recovered(session: Session, round_id: int) -> list[str]:
    well = select(ChangeRow.source).where(
        ChangeRow.round == round_id, ChangeRow.after == State.OK.value, ChangeRow.before != ""
    )
    return list(session.scalars(well.order_by(ChangeRow.id)))


def _lines(session: Session, row: RoundRow) -> list[SourceLine]:
    sources = session.execute(
        select(SourceRow.id, SourceRow.name, SourceRow.side, SourceRow.state).order_by(SourceRow.id)
    ).tuples()
    lines = {source: SourceLine(source, name, side, state=state) for source, name, side, state in sources}
    polls = (
        select(FeedRow.source, func.sum(PollRow.found), func.sum(PollRow.new))
        .join(FeedRow, FeedRow.id == PollRow.feed)
        .where(PollRow.round == row.id)
        .group_by(FeedRow.source)
    )
    for source, found, new in session.execute(polls).tuples():
        lines[source].found, lines[source].new = int(found or 0), int(new or 0)
    _outcomes(session, row, lines)
    _notes(session, row, lines)
    return [line for line in lines.values() if line.found or line.outcomes or line.notes or line.revised]


def _outcomes(session: Session, row: RoundRow, lines: dict[str, SourceLine]) -> None:
    decided = (EntryRow.decided_round == row.id) | (EntryRow.outcome == Outcome.PENDING.value)
    counted = (
        select(EntryRow.source, EntryRow.outcome, func.count())
        .where(decided)
        .group_by(EntryRow.source, EntryRow.outcome)
    )
    for source, outcome, number in session.execute(counted).tuples():
        lines[source].outcomes[Outcome(outcome)] = number
    revised = (
        select(ArticleRow.source, func.count())
        .where(ArticleRow.revision > 1, ArticleRow.indexed_at >= row.started_at)
        .group_by(ArticleRow.source)
    )
    if row.ended_at is not None:
        revised = revised.where(ArticleRow.indexed_at <= row.ended_at)
    for source, number in session.execute(revised).tuples():
        lines[source].revised = number


def _notes(session: Session, row: RoundRow, lines: dict[str, SourceLine]) -> None:
    for change in session.scalars(select(ChangeRow).where(ChangeRow.round == row.id).order_by(ChangeRow.id)):
        if change.before or change.after != State.OK:
            was = f", was {change.before}" if change.before else ""
            reason = f": {change.why}" if change.why else ""
            lines[change.source].notes.append(f"health: {change.after}{was}{reason}")
    polls = (
        select(FeedRow.source, PollRow.answer, PollRow.why, FeedRow.url)
        .join(FeedRow, FeedRow.id == PollRow.feed)
        .where(PollRow.round == row.id, PollRow.why != "")
        .order_by(PollRow.id)
    )
    for source, answer, why, url in session.execute(polls).tuples():
        lines[source].notes.append(f"feed {answer}: {why} <{url}>" if answer != "news" else f"feed: {why}")
    noted = EntryRow.outcome.in_([outcome.value for outcome in _NOTED]) & (EntryRow.decided_round == row.id)
    waiting = EntryRow.outcome == Outcome.PENDING.value
    trouble = (
        select(EntryRow.source, EntryRow.outcome, EntryRow.why, func.min(EntryRow.address), func.count())
        .where(noted | waiting, EntryRow.why != "")
        .group_by(EntryRow.source, EntryRow.outcome, EntryRow.why)
        .order_by(func.min(EntryRow.id))
    )
    for source, outcome, why, address, number in session.execute(trouble).tuples():
        more = f" and {number - 1} more" if number > 1 else ""
        lines[source].notes.append(f"{outcome}: {why} <{address}>{more}")
    _oddities(session, row, lines)


def _oddities(session: Session, row: RoundRow, lines: dict[str, SourceLine]) -> None:
    """What each answer hides and only all of them show: one page for many addresses, times that are still to come."""
    here = (
        select(PageRow.sha256)
        .join(EntryRow, EntryRow.id == PageRow.entry)
        .where(EntryRow.decided_round == row.id, PageRow.status == 200, PageRow.size > 0)
    )
    number = func.count(PageRow.entry.distinct())
    same = (
        select(EntryRow.source, number, func.min(EntryRow.address))
        .join(EntryRow, EntryRow.id == PageRow.entry)
        .where(PageRow.sha256.in_(here))
        .group_by(EntryRow.source, PageRow.sha256)
        .having(number >= ONE_PAGE)
    )
    for source, times, address in session.execute(same).tuples():
        lines[source].notes.append(
            f"one and the same page answered for {times} addresses: <{address}> and others"
        )
    ahead = (
        select(ArticleRow.source, func.count())
        .join(EntryRow, EntryRow.id == ArticleRow.entry)
        .where(EntryRow.decided_round == row.id, ArticleRow.published_quality == DateQuality.AHEAD.value)
        .group_by(ArticleRow.source)
    )
    for source, times in session.execute(ahead).tuples():
        lines[source].notes.append(f"{times} printed a time that was still to come")
