"""What Apprise says while it sends. Its verdict is a bool; why, and the status, it only tells its log.

Apprise's own LogCapture hears every thread at once and lets the words, secrets included, go on to the
root logger. Here a filter hands what one thread says to that thread's listener and lets nothing pass.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_LOGGERS = ("apprise", "urllib3.connectionpool")  # the second knows each answer's status
_listening = threading.local()


@dataclass(slots=True)
class Heard:
    """What was said during one delivery."""

    statuses: list[int] = field(default_factory=list)  # of HTTP answers, in order
    words: list[str] = field(default_factory=list)  # warnings and errors
    told: list[str] = field(default_factory=list)  # success, in Apprise's words
    answer: str = ""  # the body of a refusal, or the words of a broken connection


@contextmanager
def listening() -> Iterator[Heard]:
    """Collect what Apprise says in this thread until the block ends; nothing of it goes anywhere else."""
    _attach()
    heard = Heard()
    _listening.heard = heard
    try:
        yield heard
    finally:
        _listening.heard = None


class _Ear(logging.Filter):
    """Gives a record to the listener of its thread; without one, lets pass what the root logger wants."""

    def filter(self, record: logging.LogRecord) -> bool:
        heard: Heard | None = getattr(_listening, "heard", None)
        if heard is None:
            return record.levelno >= logging.getLogger().getEffectiveLevel()
        _note(heard, record)
        return False


_ear = _Ear()


def _attach() -> None:
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG)
        logger.addFilter(_ear)  # adding it twice does nothing


def _note(heard: Heard, record: logging.LogRecord) -> None:
    arguments = record.args if isinstance(record.args, tuple) else ()
    if record.name != "apprise":
        # '%s://%s:%s "%s %s %s" %s %s': the last but one is the status
        if len(arguments) == 8 and isinstance(arguments[6], int):
            heard.statuses.append(arguments[6])
        return
    said = record.getMessage()
    if record.levelno >= logging.WARNING:
        heard.words.append(said)
    elif said.startswith("Sent "):
        heard.told.append(said)
    elif said.startswith("Response Details") and arguments:
        body = arguments[-1]
        heard.answer = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
    elif said.startswith("Socket Exception: "):
        heard.answer = said.removeprefix("Socket Exception: ")
