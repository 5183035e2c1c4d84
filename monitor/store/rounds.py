"""Rounds and the lease that keeps them one at a time.

The lease is a row, renewed while its round runs. It ends by itself when it is not renewed, and at once when
its process on this machine is gone, so that a kill never needs a hand. Every transaction of a round asserts
it: a round that slept through its lease cannot write beside its successor.
"""

import socket
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.errors import RoundRunning
from monitor.process import is_alive, this_process
from monitor.store.tables import AlertRow, EntryRow, FeedRow, LeaseRow, RoundRow, WatchRow

LEASE = timedelta(minutes=2)
RENEW_SECONDS = 30
_NAME = "round"
BACKFILL = "backfill"  # the state of a backfill's row while it has its turn


def begin_round(session: Session, now: datetime, *, backfill: bool = False, again: int | None = None) -> int:
    """Take the lease and open a round, or a turn of a backfill; returns its number.

    A backfill takes many short turns under one number: `again` is the one of its last turn.

    Raises:
        RoundRunning: another round holds the lease and its process may be alive.
    """
    lease = _lease(session, now)
    if _held(lease, now):
        running = session.get(RoundRow, lease.round)
        since = f" since {running.started_at:%H:%M:%S} UTC" if running else ""
        busy = RoundRunning(
            f"round {lease.round} is running{since} (on {lease.host}, process {lease.process})"
        )
        # One that ended while we waited for the lock: its lease ends a moment after our `now`.
        busy.passing = running is not None and running.state != "running"
        raise busy
    for cut_off in session.scalars(select(RoundRow).where(RoundRow.state.in_(["running", BACKFILL]))):
        cut_off.state = "lost"
    row = session.get(RoundRow, again) if again is not None else None
    row = row or RoundRow(started_at=now, started_by=f"{socket.gethostname()} {this_process()}")
    row.state, row.ended_at = BACKFILL if backfill else "running", None
    session.add(row)
    session.flush()
    lease.round, lease.host, lease.process = row.id, socket.gethostname(), this_process()
    lease.expires_at = now + LEASE
    return row.id


def _lease(session: Session, now: datetime) -> LeaseRow:
    """The one row, locked until the transaction ends; made free when it is not there yet."""
    from sqlalchemy.dialects import postgresql, sqlite  # noqa: PLC0415  (which a command that only reads needs not)

    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    free = insert(LeaseRow).values(name=_NAME, round=0, host="", process="", expires_at=now)
    session.execute(free.on_conflict_do_nothing())  # of two that start at once, one waits here
    return session.get_one(LeaseRow, _NAME, with_for_update=True, populate_existing=True)


def renew(session: Session, round_id: int, now: datetime) -> None:
    """Hold the lease for two more minutes.

    Raises:
        RoundRunning: it is no longer ours.
    """
    _ours(_lease(session, now), round_id).expires_at = now + LEASE


def assert_held(session: Session, round_id: int) -> None:
    """Make sure that this round holds the lease, and keeps it until this transaction ends.

    Raises:
        RoundRunning: another round took over.
    """
    lease = session.get(LeaseRow, _NAME, with_for_update={"read": True}, populate_existing=True)
    _ours(lease, round_id)


def take_turn(session: Session, now: datetime) -> None:
    """Keep a round that may be running from writing until this transaction ends: for work beside it.

    Without it two transactions could wait for each other's rows. SQLite has one writer at a time anyway.
    """
    _lease(session, now)


def _ours(lease: LeaseRow | None, round_id: int) -> LeaseRow:
    if lease is None or lease.round != round_id:
        raise RoundRunning(f"round {round_id} lost its lease to another round; it stops here")
    return lease


def end_round(session: Session, round_id: int, now: datetime, state: str, *, note: str = "") -> None:
    """Close the round and give the lease back."""
    row = session.get_one(RoundRow, round_id)
    row.ended_at, row.state, row.note = now, state, note
    lease = _ours(_lease(session, now), round_id)
    lease.expires_at, lease.process = now, ""  # nobody's, also when the clock is set back afterwards


def last_moment(session: Session) -> datetime | None:
    """The last moment that the newest round wrote; None before the first."""
    newest = session.scalars(select(RoundRow).order_by(RoundRow.id.desc()).limit(1)).first()
    return max(newest.started_at, newest.ended_at or newest.started_at) if newest else None


def bring_forward(session: Session, now: datetime, back: timedelta) -> None:
    """After the clock was set back: what is due gets due as soon as it would have been by the old one."""
    for column in (FeedRow.next_poll, EntryRow.next_try, AlertRow.next_try, WatchRow.due):
        row_type = column.class_
        for row in session.scalars(select(row_type).where(column > now)):
            setattr(row, column.key, max(now, getattr(row, column.key) - back))


def running_round(session: Session, now: datetime) -> int | None:
    """The round that holds the lease now."""
    lease = session.get(LeaseRow, _NAME)
    return lease.round if lease is not None and _held(lease, now) else None


def latest_rounds(session: Session, limit: int) -> list[RoundRow]:
    """The newest rounds, newest first."""
    return list(session.scalars(select(RoundRow).order_by(RoundRow.id.desc()).limit(limit)))


def _held(lease: LeaseRow, now: datetime) -> bool:
    if lease.expires_at <= now or not lease.process:
        return False
    return lease.host != socket.gethostname() or is_alive(lease.process)
