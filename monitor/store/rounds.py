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
from monitor.store.tables import LeaseRow, RoundRow

LEASE = timedelta(minutes=2)
RENEW_SECONDS = 30
_NAME = "round"


def begin_round(session: Session, now: datetime) -> int:
    """Take the lease and open a round; returns its number.

    Raises:
        RoundRunning: another round holds the lease and its process may be alive.
    """
    lease = session.get(LeaseRow, _NAME, with_for_update=True)
    if lease is not None and _held(lease, now):
        running = session.get(RoundRow, lease.round)
        since = f" since {running.started_at:%H:%M:%S} UTC" if running else ""
        raise RoundRunning(
            f"round {lease.round} is running{since} (on {lease.host}, process {lease.process})"
        )
    for cut_off in session.scalars(select(RoundRow).where(RoundRow.state == "running")):
        cut_off.state = "lost"
    row = RoundRow(started_at=now, state="running", started_by=f"{socket.gethostname()} {this_process()}")
    session.add(row)
    session.flush()
    lease = lease or LeaseRow(name=_NAME)
    lease.round, lease.host, lease.process = row.id, socket.gethostname(), this_process()
    lease.expires_at = now + LEASE
    session.add(lease)
    return row.id


def renew(session: Session, round_id: int, now: datetime) -> None:
    """Hold the lease for two more minutes.

    Raises:
        RoundRunning: it is no longer ours.
    """
    assert_held(session, round_id).expires_at = now + LEASE


def assert_held(session: Session, round_id: int) -> LeaseRow:
    """The lease of this round.

    Raises:
        RoundRunning: another round took over.
    """
    lease = session.get(LeaseRow, _NAME)
    if lease is None or lease.round != round_id:
        raise RoundRunning(f"round {round_id} lost its lease to another round; it stops here")
    return lease


def end_round(session: Session, round_id: int, now: datetime, state: str) -> None:
    """Close the round and give the lease back."""
    row = session.get_one(RoundRow, round_id)
    row.ended_at, row.state = now, state
    session.delete(assert_held(session, round_id))


def running_round(session: Session, now: datetime) -> int | None:
    """The round that holds the lease now."""
    lease = session.get(LeaseRow, _NAME)
    return lease.round if lease is not None and _held(lease, now) else None


def latest_rounds(session: Session, limit: int) -> list[RoundRow]:
    """The newest rounds, newest first."""
    return list(session.scalars(select(RoundRow).order_by(RoundRow.id.desc()).limit(limit)))


def _held(lease: LeaseRow, now: datetime) -> bool:
    if lease.host == socket.gethostname() and not is_alive(lease.process):
        return False
    return lease.expires_at > now
