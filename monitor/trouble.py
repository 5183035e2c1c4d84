"""Telling that Straitwatch itself is in trouble, without its database, which may be what is in trouble.

Alerts are rows; when rows cannot be written, the channels are told at once, and a note in the data folder remembers it,
so that a round every quarter of an hour tells it once a day.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from monitor import alerts, notify
from monitor.errors import StraitwatchError

NOTE = "trouble.txt"
AGAIN = timedelta(days=1)


def tell(channels: Mapping[str, str], data: Path, words: str, now: datetime, *, demo: bool = False) -> None:
    """Tell the channels, unless they were told less than a day ago. Whatever fails here harms nothing else."""
    note = data / NOTE
    if _told_lately(note, now):
        return
    for address in channels.values():
        with suppress(StraitwatchError, ValueError):
            kind = notify.kind_of(address)
            notify.send(address, alerts.compose_trouble(words, now, kind, demo=demo), kind=kind)
    with suppress(OSError):  # the disk is full: told again next time, better than never
        note.write_text(f"{now.isoformat()} {words}\n", "utf-8")


def over(data: Path) -> None:
    """A round went well: the next trouble is a new one."""
    with suppress(OSError):
        (data / NOTE).unlink(missing_ok=True)


def _told_lately(note: Path, now: datetime) -> bool:
    try:
        told = datetime.fromisoformat(note.read_text("utf-8").split(" ", 1)[0])
    except (OSError, ValueError):
        return False
    return timedelta(0) <= now - told < AGAIN
