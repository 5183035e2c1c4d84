"""Receivers that misbehave, and an alert to send them."""

import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from types import TracebackType
from typing import Any, Self

from monitor.alerts import Told, ToldLink, ToldMention
from monitor.model import DateQuality

BEIJING = timezone(timedelta(hours=8))


def told(**changes: Any) -> Told:
    """An alert in our own words, with `changes`."""
    facts: dict[str, Any] = {
        "alert": "al-17-2",
        "rule": "strait",
        "reason": "First PRC official words",
        "title": "Coastal radar package for Taiwan announced",
        "source": "外事问答",
        "side": "prc",
        "kind": "official",
        "source_tier": 1,
        "language": "zh-Hans",
        "published": datetime(2026, 11, 24, 15, 30, tzinfo=BEIJING),
        "published_quality": DateQuality.PAGE,
        "published_printed": "2026-11-24 15:30",
        "lead": "发言人就台海局势答问，称将采取必要措施。",
        "url": "https://words.example/4431",
        "mentions": (ToldMention("Taiwan Strait", "台海", 2, 1), ToldMention("PLA", "PLA", 3, 2)),
        "points": 9,
        "tier": "core",
        "owed_at": datetime(2026, 11, 24, 7, 31, 2, tzinfo=UTC),
        "links": (ToldLink("Readout of the earlier call", "https://words.example/4400"),),
    }
    return Told(**{**facts, **changes})


def until(condition: Callable[[], object], *, limit: float = 10.0) -> None:
    """Wait for condition to hold, at most `limit` seconds."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"did not happen within {limit:g} s"
        threading.Event().wait(0.01)


class Silent:
    """Accepts connections on loopback and never says a word until it is left."""

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for connection in self._open:
            connection.close()
