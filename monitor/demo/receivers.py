"""Where the demo's alerts arrive: a real mail server and a real webhook receiver, on loopback only."""

import asyncio
import json
import threading
from collections.abc import Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"


class Mailbox:
    """A mail server on a free port of loopback that keeps what it is sent.

    `refuse` maps a recipient to the answer that refuses it, such as "550 no such user"; `answer` is what
    the server says to each message it has received. Further options are aiosmtpd's.
    """

    def __init__(
        self, *, refuse: Mapping[str, str] | None = None, answer: str = "250 kept", **options: Any
    ) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []  # of each message, as the envelope had them
        self.refuse = dict(refuse or {})
        self.answer = answer
        self.hang_up = False  # close the connection after a message was kept, before the answer
        options.setdefault("server_hostname", "mail.newsroom.example")  # else it asks DNS for its own name
        self._server = _FreePort(_Keeping(self), hostname=LOOPBACK, port=0, **options)

    @property
    def port(self) -> int:
        """The port it listens on; known once it is entered."""
        return self._server.port

    def url(self, *recipients: str, sender: str = "straitwatch@newsroom.example") -> str:
        """Return the channel URL that sends to `recipients` through this server."""
        return f"mailto://{LOOPBACK}:{self.port}/{'/'.join(recipients)}?from={sender}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()


class _Keeping:
    """What aiosmtpd asks at each step of a delivery."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept a recipient unless it is to be refused."""
        if address in self.mailbox.refuse:
            return self.mailbox.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a message, if the answer says so."""
        if self.mailbox.answer.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.mailbox.recipients.append(list(envelope.rcpt_tos))
            self.mailbox.messages.append(message_from_bytes(content, policy=policy.default))
        if self.mailbox.hang_up:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return self.mailbox.answer


class _FreePort(Controller):
    """aiosmtpd's controller, made to say which port it got: it would look for itself at port 0."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class Webhook:
    """An HTTP receiver on a free port of loopback that keeps what is posted to it as JSON.

    `status`, `answer` and `headers` are what it answers with, and may be changed at any time.
    """

    def __init__(self, *, status: int = 200, answer: str = "ok") -> None:
        self.posts: list[tuple[dict[str, str], Any]] = []  # headers in lower case, body
        self.asked: list[str] = []  # "POST /hook": every request, in order
        self.status = status
        self.answer = answer
        self.headers: dict[str, str] = {}
        self._server = ThreadingHTTPServer((LOOPBACK, 0), _receiver(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def url(self, path: str = "hook") -> str:
        """Return the channel URL that posts to this receiver."""
        return f"json://{LOOPBACK}:{self.port}/{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _receiver(webhook: Webhook) -> type[BaseHTTPRequestHandler]:
    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if webhook.status < 300:
                headers = {name.lower(): value for name, value in self.headers.items()}
                webhook.posts.append((headers, json.loads(body)))
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            webhook.asked.append(f"{self.command} {self.path}")
            content = webhook.answer.encode()
            self.send_response(webhook.status)
            for name, value in webhook.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Receiver
