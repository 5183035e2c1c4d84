"""The message that Straitwatch itself is in trouble: rounds fail, or do half their work."""

from datetime import datetime
from uuid import uuid4

from monitor.alerts import wording
from monitor.alerts.told import ChannelKind, Message


def compose_trouble(words: str, at: datetime, channel_kind: str, *, demo: bool = False) -> Message:
    """Word it for a channel of the given kind.

    Raises:
        ValueError: there is no such kind of channel.
    """
    safe = wording.chat_line if ChannelKind(channel_kind) is ChannelKind.CHAT else wording.one_line
    said = safe(words, 500)
    alert = f"al-{uuid4().hex[:16]}"
    lines = [said, "", f"since: {wording.moment(at)}", "Until it is mended, news may be missed or come late."]
    lines += ["It is told once a day.", f"Alert {alert}"]
    lines += ["Demo newsroom: all of it is invented"] if demo else []
    return Message(
        subject=wording.header_line("Straitwatch is in trouble", 200),
        text="\n".join(lines) + "\n",
        html="",
        id=alert,
        facts={
            "alert": alert,
            "rule": "trouble",
            "reason": said,
            "since": at.isoformat(),
            "demo": demo,
        },
    )
