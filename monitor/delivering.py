"""Sending one owed alert, and keeping its receipt."""

from monitor import alerts, notify, schedule
from monitor.desk import Desk
from monitor.errors import NotDelivered, a_bug
from monitor.model import utc_now
from monitor.query.told import told, told_change
from monitor.store import outbox
from monitor.store.database import Session, reading
from monitor.store.outbox import Due


def send(desk: Desk, due: Due) -> str | NotDelivered:
    """Send one owed alert; returns its receipt, or why there is none."""
    address = desk.channels.get(due.channel)
    if address is None:
        return NotDelivered(f"there is no channel {due.channel} in the settings any more", permanent=True)
    try:
        kind = notify.kind_of(address)
        return notify.send(address, _message(desk, due, kind), kind=kind, skip=due.took)
    except NotDelivered as error:
        return error
    except Exception as error:  # noqa: BLE001  a bug of ours over one alert must not hold up the others
        return NotDelivered(a_bug(error))


def _message(desk: Desk, due: Due, kind: str) -> alerts.Message:
    with reading(desk.database) as session:
        if due.change is not None:
            return alerts.compose_health(told_change(session, due, demo=desk.demo), kind)
        what = told(session, due, desk.vocabulary.terms, demo=desk.demo)
    return alerts.compose(what, kind)


def keep_receipt(session: Session, due: Due, answer: str | NotDelivered) -> None:
    """Write what `send` returned: the receipt, or the next try."""
    now = utc_now()
    if isinstance(answer, str):
        outbox.sent(session, due.id, answer, now)
        return
    next_try = (
        None if answer.permanent else schedule.next_delivery(due.tries + 1, due.owed_at, now, name=due.token)
    )
    outbox.failed(session, due.id, str(answer), next_try, getattr(answer, "took", ()))
