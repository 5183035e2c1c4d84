"""Alerts owed and sent: an outbox. Owed rows are written in the article's own transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.store.tables import AlertRow

HEALTH = "health"  # stands where a rule's name would


@dataclass(frozen=True, slots=True)
class Due:
    """An alert that is to be sent now."""

    id: int
    token: str  # what receivers see, the same on every try
    rule: str
    channel: str
    article: int | None
    about: int | None
    why: str
    owed_at: datetime
    tries: int
    took: tuple[str, ...]  # recipients that have it already
    change: int | None = None  # what is told instead of an article
    revision: int = 0  # as in AlertRow


def owe(
    session: Session, *, rule: str, channel: str, article: int, about: int, why: str, now: datetime,
    revision: int = 0,
) -> bool:  # fmt: skip
    """Owe one alert of a rule to a channel about a group of copies, or about an edit; never a second one.

    Returns:
        Whether it is new.
    """
    known = select(AlertRow.id).where(
        AlertRow.rule == rule, AlertRow.channel == channel, AlertRow.about == about,
        AlertRow.revision == revision,
    )  # fmt: skip
    if session.scalar(known) is not None:
        return False
    row = AlertRow(rule=rule, channel=channel, article=article, about=about, revision=revision, why=why)
    _owe(session, row, now)
    return True


def owe_change(session: Session, *, change: int, channel: str, why: str, now: datetime) -> None:
    """Owe a channel the news that a source's state of health changed: once for each change and channel."""
    _owe(session, AlertRow(rule=HEALTH, channel=channel, change=change, revision=0, why=why), now)


def _owe(session: Session, row: AlertRow, now: datetime) -> None:
    row.state, row.owed_at, row.next_try, row.took = "owed", now, now, []
    row.token = f"al-{uuid4().hex[:16]}"
    session.add(row)
    session.flush()


def due(session: Session, now: datetime) -> list[Due]:
    """Alerts to be sent now, in the order owed."""
    rows = session.scalars(
        select(AlertRow).where(AlertRow.state == "owed", AlertRow.next_try <= now).order_by(AlertRow.id)
    )
    return [
        Due(
            row.id, row.token, row.rule, row.channel, row.article, row.about, row.why, row.owed_at,
            row.tries, tuple(row.took), row.change, row.revision,
        )
        for row in rows
    ]  # fmt: skip


def sent(session: Session, alert: int, receipt: str, now: datetime) -> None:
    """Keep the channel's answer; the alert is no longer owed."""
    row = session.get_one(AlertRow, alert)
    row.state, row.sent_at, row.receipt, row.next_try = "sent", now, receipt, None
    row.tries += 1


def failed(
    session: Session, alert: int, why: str, next_try: datetime | None, took: Sequence[str] = ()
) -> None:
    """Keep the failure; without a next try the alert is set aside until a person decides."""
    row = session.get_one(AlertRow, alert)
    row.took = sorted({*row.took, *took})
    row.receipt, row.next_try, row.tries = why, next_try, row.tries + 1
    row.state = "owed" if next_try is not None else "set aside"


def retry(session: Session, now: datetime) -> int:
    """Owe again whatever was set aside; returns how many."""
    rows = session.scalars(select(AlertRow).where(AlertRow.state == "set aside")).all()
    for row in rows:
        row.state, row.next_try, row.tries = "owed", now, 0
        row.owed_at = now  # two new days of tries
    return len(rows)


def counts(session: Session) -> dict[str, int]:
    """How many alerts are in which state."""
    asked = select(AlertRow.state, func.count()).group_by(AlertRow.state)
    return dict(session.execute(asked).tuples().all())


def newest(session: Session, limit: int) -> Sequence[AlertRow]:
    """The newest alerts, newest first."""
    return session.scalars(select(AlertRow).order_by(AlertRow.id.desc()).limit(limit)).all()
