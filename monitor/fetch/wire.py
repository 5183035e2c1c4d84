"""The connection: only to checked addresses, and never longer than the request may take.

httpx's own timeouts are per read, so a server that sends one byte a second never meets them. Here every
operation on the socket also counts against the whole request. A request runs in one thread from beginning to
end, which is why its watch can be found by the thread.
"""

import ssl
import threading
from collections.abc import Iterable
from time import monotonic
from typing import Any
from zlib import crc32

import httpcore
import httpx

from monitor.fetch.guard import Guard

_POOLS = 16
_HEADER_READ = 16_384  # bytes; small, so that a flood of headers is noticed near its limit


class Watch:
    """The time and the header bytes that one request has left."""

    def __init__(self, seconds: float, header_bytes: int) -> None:
        self._ends = monotonic() + seconds
        self._header_bytes = header_bytes
        self._read = 0
        self.in_body = False

    @property
    def over(self) -> bool:
        """Whether the request took all its time."""
        return self.left <= 0

    @property
    def left(self) -> float:
        """Seconds left."""
        return self._ends - monotonic()

    def reading(self, at_most: int) -> int:
        """Return how many bytes may be read now."""
        if self.in_body:
            return at_most
        if self._read >= self._header_bytes:
            raise httpcore.RemoteProtocolError(f"headers over {self._header_bytes // 1000} KB")
        return min(at_most, _HEADER_READ)

    def count(self, size: int) -> None:
        """Note size bytes read."""
        self._read += size


class Wire(httpcore.NetworkBackend):
    """Opens connections for httpcore through the guard, under the watch of the current thread's request."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._backend = httpcore.SyncBackend()
        self._current = threading.local()

    def watch(self, watch: Watch | None) -> None:
        """Put the current thread's request under watch, or end that."""
        self._current.watch = watch

    def left(self, timeout: float | None) -> float | None:
        """The time that an operation may take: its own timeout or what the whole request has left."""
        watch: Watch | None = getattr(self._current, "watch", None)
        if watch is None:
            return timeout
        # Zero would make the socket non-blocking; the request's owner sees that its time is over.
        left = max(watch.left, 0.001)
        return left if timeout is None else min(timeout, left)

    def now(self) -> Watch | None:
        """The watch over the current thread's request."""
        watch: Watch | None = getattr(self._current, "watch", None)
        return watch

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of host's checked addresses that answers."""
        failed: Exception = httpcore.ConnectError(f"no address of {host}")
        for address, end_port in self._guard.ends(host, port):
            try:
                stream = self._backend.connect_tcp(
                    address, end_port, self.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Stream(stream, self)
        raise failed


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, wire: Wire) -> None:
        self._stream = stream
        self._wire = wire

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        watch = self._wire.now()
        if watch is None:
            return self._stream.read(max_bytes, timeout)
        if watch.over:
            raise httpcore.ReadTimeout("the request took all its time")
        received = self._stream.read(watch.reading(max_bytes), self._wire.left(timeout))
        watch.count(len(received))
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._wire.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(
            self._stream.start_tls(ssl_context, server_hostname, self._wire.left(timeout)), self._wire
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Pools:
    """Several pools in the place of one, an origin always in the same.

    At every request httpcore's pool compares each of its connections with all others: with the open connections
    of 50 hosts in one pool that took longer than the rest of the request.
    """

    def __init__(self, wire: Wire, context: ssl.SSLContext, connections: int) -> None:
        self._pools = [
            httpcore.ConnectionPool(
                ssl_context=context,
                max_connections=connections,
                max_keepalive_connections=max(1, 2 * connections // _POOLS),  # origins do not spread evenly
                keepalive_expiry=5.0,
                network_backend=wire,
            )
            for _ in range(_POOLS)
        ]

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        return self._pools[crc32(str(request.url.origin).encode()) % _POOLS].handle_request(request)

    def close(self) -> None:
        for pool in self._pools:
            pool.close()


class Transport(httpx.HTTPTransport):
    """httpx's transport over our wire. httpx offers no way to name a network backend, hence the pool."""

    def __init__(self, wire: Wire, *, connections: int, ca_file: str = "") -> None:
        # Neither proxies nor certificates come from the environment: they would pass the guard by.
        context = (
            ssl.create_default_context(cafile=ca_file)
            if ca_file
            else httpx.create_ssl_context(trust_env=False)
        )
        super().__init__(verify=context, trust_env=False)
        self._pool = _Pools(wire, context, connections)  # type: ignore[assignment]  # used as one pool
