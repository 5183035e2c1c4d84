"""Manners towards a host: one request at a time over all threads, a gap between two, and its wish to be left alone."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

from monitor.errors import SiteDown

_FAILED = "failed"
_SECONDS = re.compile(r"[0-9]{1,10}")


def retry_after(value: str, now: datetime, *, at_most: float = 86_400.0) -> float | None:
    """Return the seconds that a Retry-After header asks for, or None where it says nothing usable.

    RFC 9110, 10.2.3: a number of seconds or an HTTP date. Capped; a date gone by is 0.
    """
    value = value.strip()
    if _SECONDS.fullmatch(value):  # ASCII digits only: int() would take others as well
        return min(float(value), at_most)
    if not value.isascii() or len(value) > 64:
        return None
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, min((when - now).total_seconds(), at_most))


@dataclass(slots=True)
class _Host:
    turn: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0  # monotonic
    held_until: float = 0.0  # monotonic
    why_held: str = ""
    failures: int = 0  # in a row


class Turns:
    """Whose turn it is, host by host. Thread-safe. Times are monotonic, so a moved clock changes nothing."""

    def __init__(self, *, turn_seconds: float, host_failures: int, host_rest_seconds: float) -> None:
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._turn_seconds = turn_seconds
        self._host_failures = host_failures
        self._host_rest_seconds = host_rest_seconds

    @contextmanager
    def turn(self, name: str, gap: float) -> Iterator[None]:
        """Wait for the turn at a host, then for its gap; the gap counts from the end of the last request.

        Raises:
            SiteDown: the host wants to be left alone, or the turn did not come.
        """
        host = self._host(name)
        self._refuse_if_held(name, host)
        if not host.turn.acquire(timeout=self._turn_seconds):
            raise SiteDown(f"{name}: busy with our other requests for {self._turn_seconds:g} s", reached=None)
        try:
            self._refuse_if_held(name, host)
            if self._closed.wait(max(0.0, host.free_at - monotonic())):
                raise SiteDown(f"{name}: we are closing", reached=None)
            yield
        finally:
            host.free_at = monotonic() + gap
            host.turn.release()

    def hold(self, name: str, seconds: float, why: str) -> None:
        """Leave a host alone for so long."""
        host = self._host(name)
        until = monotonic() + seconds
        if until > host.held_until:
            host.held_until, host.why_held = until, why

    def held(self) -> Mapping[str, float]:
        """Hosts that are left alone, and for how many seconds from now."""
        now = monotonic()
        with self._lock:
            return {
                name: host.held_until - now for name, host in self._hosts.items() if host.held_until > now
            }

    def answered(self, name: str) -> None:
        """Note that a host answered."""
        self._host(name).failures = 0

    def failed(self, name: str) -> None:
        """Note that a host did not answer: after some in a row its other entries do not wait for it one by one."""
        host = self._host(name)
        host.failures += 1
        if host.failures >= self._host_failures:
            self.hold(name, self._host_rest_seconds, f"{_FAILED} {host.failures} times in a row")

    def forgive(self) -> None:
        """Forget failures, and let hosts that rest for them be asked again."""
        with self._lock:
            for host in self._hosts.values():
                host.failures = 0
                if host.why_held.startswith(_FAILED):
                    host.held_until = 0.0

    def close(self) -> None:
        """Let nobody wait any longer."""
        self._closed.set()

    def _host(self, name: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(name, _Host())

    def _refuse_if_held(self, name: str, host: _Host) -> None:
        left = host.held_until - monotonic()
        if left > 0:
            raise SiteDown(
                f"{name}: left alone for {left:,.0f} s more: {host.why_held}", retry_after=left, reached=None
            )
