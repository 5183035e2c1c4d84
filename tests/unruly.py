"""Work for a cleaner that does what a page tells it: the faults that no real page may be relied on to cause."""

import ctypes
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from monitor.errors import Gone, Refused, Unreadable
from monitor.model import Article, Listed, Page
from monitor.sources import Source


def obey(page: Page, _listed: Listed | None = None, _source: Source | None = None) -> Article:
    """Do what the body says; an article has the number of its process as its title."""
    order, _, more = page.body.decode().strip().partition(" ")
    if order:
        ORDERS[order](more)
    return Article(url=page.final_url, title=str(os.getpid()), blocks=())


def _spin(_: str) -> None:
    while True:
        pass


def _announce_and_wait(pipe: str) -> None:
    Path(pipe).write_bytes(b"")  # a named pipe: whoever reads it goes on now
    time.sleep(100)


def _hoard(megabytes: str) -> None:
    hoard = [bytes(100_000) for _ in range(int(megabytes) * 10)]
    hoard.clear()


def _bug(_: str) -> None:
    raise ValueError("no such month")


def _recurse(more: str) -> None:
    _recurse(more)


def _say(error: Exception) -> Callable[[str], None]:
    def say(_: str) -> None:
        raise error

    return say


def _print(_: str) -> None:
    sys.stdout.write("words of a library\n")
    sys.stdout.flush()


ORDERS: dict[str, Callable[[str], object]] = {
    "spin": _spin,
    # holds Python's lock, so that no handler written in Python would ever run
    "spin-in-a-library": lambda _: re.match("(a+)+$", "a" * 60 + "b"),
    "sleep": lambda seconds: time.sleep(float(seconds)),
    "announce-and-wait": _announce_and_wait,
    "hoard": _hoard,
    "hoard-at-once": lambda megabytes: bytes(int(megabytes) * 1_000_000),
    "signal": lambda name: signal.raise_signal(signal.Signals[name]),
    "abort": lambda _: os.abort(),
    "null": lambda _: ctypes.string_at(0),
    "exit": lambda status: sys.exit(int(status)),
    "bug": _bug,
    "recurse": _recurse,
    "refuse": _say(Refused("list page")),
    "unreadable": _say(Unreadable("not HTML")),
    "gone": _say(Gone("soft 404")),
    "print": _print,
}
