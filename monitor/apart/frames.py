"""Values between our process and its cleaners: a length, then the value pickled. Both ends are ours."""

import pickle
import struct
from collections.abc import Callable
from dataclasses import dataclass
from socket import socket
from typing import Any

from monitor.errors import Refused, Unreadable
from monitor.model import Article, Listed, Page
from monitor.sources import Source

Work = Callable[[Page, Listed | None, Source | None], Article]

_LENGTH = struct.Struct("!Q")
_STEP = 1 << 20  # bytes asked for at once


@dataclass(frozen=True, slots=True)
class Request:
    """One page to be cleaned, with what the listing said of it."""

    page: Page
    listed: Listed | None
    source: Source | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of it: an article, an answer without one, or a fault of ours in words."""

    value: Article | Refused | Unreadable | str
    last: bool  # the cleaner has grown: the next page needs a fresh one


def packed(value: Request | Reply | str) -> bytes:
    """The value as bytes."""
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def send(line: socket, value: bytes) -> None:
    """Send a packed value."""
    line.sendall(_LENGTH.pack(len(value)))
    line.sendall(value)


def receive(line: socket) -> Any:
    """The next value.

    Raises:
        EOFError: the other end is gone.
    """
    (length,) = _LENGTH.unpack(_exactly(line, _LENGTH.size))
    return pickle.loads(_exactly(line, length))  # noqa: S301  from a process of ours


def _exactly(line: socket, length: int) -> bytearray:
    room = bytearray(length)
    view, filled = memoryview(room), 0
    while filled < length:
        came = line.recv_into(view[filled : filled + _STEP])
        if not came:
            raise EOFError
        filled += came
    return room
