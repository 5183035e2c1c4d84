"""The message about a source whose state of health changed: plain text, the same facts for every channel."""

from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.alerts import wording
from monitor.alerts.told import ChannelKind, Message

_NEVER = "not yet"


@dataclass(frozen=True, slots=True)
class ToldHealth:
    """All that a change of a source's state tells. Names and reasons may hold an outlet's own words."""

    alert: str  # the alert's id, the same on every try
    source: str  # its id
    name: str
    before: str
    after: str  # a state of monitor.health
    why: str
    at: datetime
    answered_at: datetime | None  # last good poll
    gap: tuple[datetime, datetime] | None = None  # what a backfill would close
    demo: bool = False


def compose_health(told: ToldHealth, channel_kind: str) -> Message:
    """Word a change of health for a channel of the given kind.

    Raises:
        ValueError: there is no such kind of channel.
    """
    safe = wording.chat_line if ChannelKind(channel_kind) is ChannelKind.CHAT else wording.one_line
    name = safe(told.name, 80) or told.source
    well = told.after == "ok"
    head = f"{name} is well again" if well else f"{name}: {told.after}"
    lines = [head]
    if told.why:
        lines.append(safe(told.why, 500))
    lines += [
        "",
        f"before: {told.before}",
        f"since: {wording.moment(told.at)}",
        f"last good poll: {wording.moment(told.answered_at) if told.answered_at else _NEVER}",
    ]
    if told.gap:
        lines.append(
            f"a backfill from {wording.moment(told.gap[0])} to {wording.moment(told.gap[1])} closes the gap"
        )
    lines += ["", f"straitwatch sources health {told.source}", f"Alert {safe(told.alert, 80)}"]
    lines += ["Demo newsroom: all of it is invented"] if told.demo else []
    return Message(
        subject=wording.header_line(
            f"Source {told.after}: {name}" if not well else f"Source well again: {name}", 200
        ),
        text="\n".join(lines) + "\n",
        html="",
        id=told.alert,
        facts=_facts(told, name, safe(told.why, 500)),
    )


def _facts(told: ToldHealth, name: str, why: str) -> dict[str, object]:
    return {
        "alert": told.alert, "rule": "health", "source": told.source, "name": name, "state": told.after,
        "before": told.before, "reason": why, "since": _iso(told.at), "last_good_poll": _iso(told.answered_at),
        "gap_from": _iso(told.gap[0]) if told.gap else None, "gap_to": _iso(told.gap[1]) if told.gap else None,
        "demo": told.demo,
    }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
