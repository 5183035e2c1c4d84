"""The demo newsroom's web server: every outlet of `newsroom/` under its own host name, on one loopback port.

    with Newsroom(today=date.today()) as newsroom:
        newsroom.address        "127.0.0.1:40123": where each of newsroom.hosts is to be looked for
        newsroom.edition = 2    from now on the second edition is shown, faults and all

What is served, and what goes wrong, is data: `newsroom/README.md`.
"""

import gzip
import hashlib
import sys
import threading
from collections.abc import Iterator
from datetime import date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR, socket
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from monitor.demo.outlet import Desk, Document, Outlet
from monitor.demo.sheet import Fault

FOLDER = Path(__file__).parent / "newsroom"
LOOPBACK = "127.0.0.1"
PIECES = 40  # in which a slow body arrives: often enough that no read time-out sees a silence
NOTICE = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n"
NO_DATABASE = NOTICE.format("Error establishing a database connection").encode()


class Newsroom:
    """The server, from `with` to its end.

    Args:
        port: 0 takes a free one.
        today: the day that the articles' ages count from.
        edition: the first one to show; settable later.
        folder: where the outlets lie.

    Attributes:
        log: one (host, target, status) per answer, in order.

    Raises:
        Mistake: a file of the newsroom breaks its format.
    """

    def __init__(self, port: int = 0, *, today: date, edition: int = 1, folder: Path = FOLDER) -> None:
        self.desk = Desk(folder, today)
        self.edition = edition
        self.log: list[tuple[str, str, int]] = []
        self.closing = threading.Event()
        self._failed_once: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._server = _Server((LOOPBACK, port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="newsroom")
        self.document = lru_cache(maxsize=1000)(self._document)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """Where it listens, "127.0.0.1:PORT"."""
        return f"{LOOPBACK}:{self._server.server_port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every outlet's host name."""
        return tuple(self.desk.hosts)

    def sources(self) -> list[Path]:
        """The source files of the outlets, as a user would have written them."""
        return sorted(self.desk.folder.glob("*/source*.toml"))

    def reset(self) -> None:
        """Forget what happened so far: the log, and which address has failed its once."""
        with self._lock:
            self._failed_once.clear()
            self.log.clear()

    def fails_now(self, host: str, path: str) -> bool:
        """Whether an address that fails once is to fail now: true for one asker only."""
        with self._lock:
            first = (host, path) not in self._failed_once
            self._failed_once.add((host, path))
            return first

    def _document(self, host: str, path: str, edition: int) -> Document | None:
        return self.desk.hosts[host].document(path, edition)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close waits for them: none outlives the newsroom

    def __init__(self, address: tuple[str, int], newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self._open: set[socket] = set()
        super().__init__(address, _Answer)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self._open.discard(request)

    def hang_up(self) -> None:
        """End the connections that visitors keep alive."""
        for connection in tuple(self._open):
            try:
                connection.shutdown(SHUT_RDWR)
            except OSError:  # the visitor was quicker
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor who hangs up in mid-answer is no news; anything else is our bug and is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Answer(BaseHTTPRequestHandler):
    """One connection. http.server fixes the names do_GET and do_HEAD."""

    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "newsroom"
    sys_version = ""
    wbufsize = -1  # headers and body leave together
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        newsroom = self.server.newsroom
        edition = newsroom.edition  # once: it may change while we answer
        outlet = newsroom.desk.hosts.get(self._host())
        if outlet is None:
            self._notice(HTTPStatus.MISDIRECTED_REQUEST)
            return
        path = _known(self.path, outlet, edition)
        fault = outlet.faults(edition).get(path)
        if fault is not None and self._fail(fault, path):
            return
        document = newsroom.document(outlet.host, path, edition)
        if document is None:
            self._notice(HTTPStatus.NOT_FOUND)
            return
        self._serve(document, fault)

    do_HEAD = do_GET  # noqa: N815

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002
        target = getattr(self, "path", "")  # absent, as the headers are, when the request line was nonsense
        self.server.newsroom.log.append((self._host(), target, int(code)))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing on stderr: the log is the newsroom's own."""

    def _host(self) -> str:
        headers = getattr(self, "headers", None)
        return str(headers.get("Host", "") if headers else "").partition(":")[0].lower()

    def _fail(self, fault: Fault, path: str) -> bool:
        """Answer as the fault wants; False when the document is to be served after all."""
        if fault.kind == "500 once":
            if not self.server.newsroom.fails_now(self._host(), path):
                return False
            self._notice(HTTPStatus.INTERNAL_SERVER_ERROR)
        elif fault.kind == "redirect loop":
            again = "" if "again=" in self.path else "?again=1"
            self._notice(HTTPStatus.FOUND, location=quote(path) + again)
        elif fault.kind == "redirect":
            self._notice(HTTPStatus.MOVED_PERMANENTLY, location=fault.to)
        elif fault.kind == "broken feed":
            self._send(HTTPStatus.OK, NO_DATABASE, {"Content-Type": "text/html; charset=utf-8"})
        elif fault.kind.isdecimal():
            self._notice(HTTPStatus(int(fault.kind)))
        else:
            return False
        return True

    def _serve(self, document: Document, fault: Fault | None) -> None:
        # Weak: the same for the gzipped and the plain form (RFC 9110, 8.8.3).
        etag = f'W/"{hashlib.sha256(document.body).hexdigest()[:16]}"'
        headers = {
            "ETag": etag,
            "Last-Modified": format_datetime(document.modified, usegmt=True),
            "Vary": "Accept-Encoding",
        }
        if self._unchanged(etag, document.modified):
            self._send(HTTPStatus.NOT_MODIFIED, None, headers)
            return
        headers["Content-Type"] = document.content_type
        body = document.body
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, mtime=0)
            headers["Content-Encoding"] = "gzip"
        self._send(HTTPStatus.OK, body, headers, fault)

    def _unchanged(self, etag: str, modified: datetime) -> bool:
        known = self.headers.get("If-None-Match")
        if known is not None:  # decides alone (RFC 9110, 13.1.3)
            return known.strip() == "*" or etag.removeprefix("W/") in known
        try:
            return modified <= parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
        except (ValueError, TypeError):  # no date, or one without a zone
            return False

    def _notice(self, status: HTTPStatus, location: str = "") -> None:
        body = NOTICE.format(f"{status.value} {status.phrase}").encode()
        headers = {"Content-Type": "text/html; charset=utf-8"} | ({"Location": location} if location else {})
        self._send(status, body, headers)

    def _send(
        self, status: HTTPStatus, body: bytes | None, headers: dict[str, str], fault: Fault | None = None
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body is None or self.command == "HEAD":
            return
        if fault is not None and fault.kind == "slow":
            self._dribble(body, fault.seconds)
        elif fault is not None and fault.kind == "cut off":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(body)

    def _dribble(self, body: bytes, seconds: float) -> None:
        for piece in _pieces(body):
            self.wfile.write(piece)
            self.wfile.flush()
            if self.server.newsroom.closing.wait(seconds / PIECES):
                self.close_connection = True
                return


def _pieces(body: bytes) -> Iterator[bytes]:
    size = max(1, -(-len(body) // PIECES))
    return (body[start : start + size] for start in range(0, len(body), size))


def _known(target: str, outlet: Outlet, edition: int) -> str:
    """The spelling of target under which the outlet keeps it; the plain path if it keeps none."""
    parts = urlsplit(target)
    path = unquote(parts.path)
    asked = [(key, value) for key, value in parse_qsl(parts.query) if not key.startswith("utm_")]
    plain = (path, path.rstrip("/"), path + "/")
    kept = outlet.addresses(edition).keys() | outlet.faults(edition).keys()
    for candidate in (f"{path}?{urlencode(asked)}", *plain):
        if candidate in kept:
            return candidate
    return path
