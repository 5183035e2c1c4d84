"""A pretend site on loopback: real sockets, canned or computed answers, as hostile as a test wishes.

    with Site({"/": b"hello", "/slow": dribble}) as site:
        fetcher.get(site.url("/"))
    assert site.paths == ["/"]

A route is bytes (a 200), an Answer, or a callable that takes the Request and returns one of these, or writes to
`request.socket` itself and returns None. Answers to /robots.txt are 404 unless a route says otherwise.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Request:
    """What was asked, and the socket to answer on."""

    path: str  # with its query
    headers: Mapping[str, str]  # names in lower case, values as latin-1
    socket: socket.socket
    closing: threading.Event  # set when the site ends: what goes on for ever must stop then

    def trickle(self, first: bytes, piece: bytes, seconds: float) -> None:
        """Send first, then piece after piece, until the other end or the site closes."""
        self.socket.sendall(first)
        while not self.closing.wait(seconds):
            self.socket.sendall(piece)


@dataclass(frozen=True)
class Answer:
    """A canned answer; raw replaces everything else."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None

    def spelled(self) -> bytes:
        if self.raw is not None:
            return self.raw
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(self.body))}
        headers |= {"Connection": "close", **self.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {self.status} Canned\r\n{lines}\r\n".encode("latin-1") + self.body


Route = bytes | Answer | Callable[[Request], bytes | Answer | None]


def redirect(location: str, status: int = 302) -> Answer:
    return Answer(status, b"not to be read", {"Location": location})


class Site:
    """The server. `requests` lists what was asked, in order."""

    def __init__(
        self, routes: Mapping[str, Route] | None = None, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self.routes: dict[str, Route] = dict(routes or {})
        self.requests: list[Request] = []
        self.most_at_once = 0
        self._at_once = 0
        self._tls = tls
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads = [*(other for other in self._threads if other.is_alive()), thread]
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
            self._start(self._serve, connection)

    def _serve(self, plain: socket.socket) -> None:
        connection = plain
        try:
            with suppress(OSError, ValueError):
                connection.settimeout(30)
                if self._tls:
                    connection = self._tls.wrap_socket(plain, server_side=True)
                self._converse(connection)
        finally:
            with self._lock:
                self._open.discard(plain)
            connection.close()
            plain.close()

    def _converse(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            received = connection.recv(65_536)
            if not received:
                return
            head += received
        lines = head.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
        }
        request = Request(lines[0].split(" ")[1], headers, connection, self._closing)
        with self._lock:
            self.requests.append(request)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            answer = self._answer(request)
        finally:
            with self._lock:
                self._at_once -= 1
        if answer is not None:
            connection.sendall(answer.spelled())

    def _answer(self, request: Request) -> Answer | None:
        route = self.routes.get(
            request.path, self.routes.get(request.path.split("?")[0], Answer(404, b"nothing here"))
        )
        given = route(request) if callable(route) else route
        return Answer(body=given) if isinstance(given, bytes) else given
