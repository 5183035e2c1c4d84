"""Mail through Apprise's URL and settings, with both parts as we worded them.

Apprise's own mail makes the text part from the HTML, draws a new Message-ID on every try and reports
every fault as False. This plug-in keeps all that Apprise knows about mail servers (providers, ports,
TLS, log-in) and replaces only the sending.
"""

import re
import smtplib
import ssl
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

from apprise.plugins.email.base import NotifyEmail
from apprise.plugins.email.common import SecureMailMode

from monitor.alerts import Message
from monitor.alerts.wording import header_line


@dataclass(slots=True)
class Outcome:
    """What the mail server said: to each recipient, or to the connection as a whole."""

    took: dict[str, str] = field(default_factory=dict)  # recipient -> answer
    refused: dict[str, str] = field(default_factory=dict)
    failure: str = ""  # of the connection or the log-in
    done: bool = False  # all recipients were gone through
    permanent: bool = True  # every refusal and the failure are final

    @property
    def told(self) -> bool:
        """Whether the server said anything, or nothing was left to send; not after a bug in between."""
        return self.done or bool(self.took or self.refused or self.failure)


_WHOLE_LINES = policy.SMTP.clone(max_line_length=998)  # RFC 5322, 2.1.1


class TwinMail(NotifyEmail):
    """A mail channel whose message has a text and an HTML part, and the same Message-ID on every try.

    Each recipient gets a message of its own, as with Apprise; those in `skip` took it on an earlier try.
    """

    message: Message
    skip: Collection[str] = ()

    # What Apprise read from the URL; it gives these no types.
    from_addr: Any  # (name or False, address)
    targets: Any  # [(name or False, address)]
    port: Any

    def __init__(self, **parsed: Any) -> None:
        self.outcome = Outcome()
        super().__init__(**parsed)  # type: ignore[no-untyped-call]

    def send(self, *_: Any, **__: Any) -> bool:
        """Send `message`; what Apprise made of it is not used. True if every recipient took it."""
        outcome = self.outcome
        try:
            with self._connected() as server:
                for recipient in self._recipients():
                    if recipient not in self.skip:
                        self._send_one(server, recipient)
                outcome.done = True
        except smtplib.SMTPResponseException as error:
            outcome.failure = _answer(error.smtp_code, error.smtp_error)
            outcome.permanent = outcome.permanent and error.smtp_code >= 500
        except smtplib.SMTPNotSupportedError as error:
            outcome.failure = str(error)  # no STARTTLS, no log-in: it will not grow one
        except (OSError, smtplib.SMTPException) as error:
            outcome.failure = f"{type(error).__name__}: {error}"
            outcome.permanent = False
        return not (outcome.failure or outcome.refused)

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if not self.verify_certificate:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        seconds = self.socket_connect_timeout
        if self.secure_mode == SecureMailMode.SSL:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.smtp_host, self.port, timeout=seconds, context=context
            )
        else:
            server = smtplib.SMTP(self.smtp_host, self.port, timeout=seconds)
        try:
            if self.secure_mode == SecureMailMode.STARTTLS:
                server.starttls(context=context)
            if self.user and self.password:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _recipients(self) -> list[str]:
        return list(dict.fromkeys([*(each for _, each in self.targets), *sorted(self.cc), *sorted(self.bcc)]))

    def _send_one(self, server: smtplib.SMTP, recipient: str) -> None:
        """Send to one recipient; a refusal of this one is noted, a broken connection is raised."""
        try:
            answer = _transact(server, self.from_addr[1], recipient, self._letter(recipient).as_bytes())
        except (smtplib.SMTPRecipientsRefused, UnicodeError) as error:
            code, words = (
                error.recipients[recipient]
                if isinstance(error, smtplib.SMTPRecipientsRefused)
                else (553, b"address not in ASCII")
            )
            self._refused(recipient, code, words)
        except smtplib.SMTPResponseException as error:
            if error.smtp_code == 421:  # the server closes the connection
                raise
            self._refused(recipient, error.smtp_code, error.smtp_error)
        else:
            self.outcome.took[recipient] = answer

    def _refused(self, recipient: str, code: int, words: bytes | str) -> None:
        self.outcome.refused[recipient] = _answer(code, words)
        self.outcome.permanent = self.outcome.permanent and code >= 500

    def _letter(self, recipient: str) -> EmailMessage:
        named = {each: name for name, each in self.targets}
        subject = header_line(self.message.subject, 200)
        # Folding a plain subject would put all of it on the second line, behind a blank that some clients show.
        letter = EmailMessage(policy=_WHOLE_LINES if subject.isascii() else policy.SMTP)
        letter["Subject"] = subject
        letter["From"] = _mailbox(self.from_addr[0] or self.app_id, self.from_addr[1])
        to = recipient if recipient in named or not self.targets else self.targets[0][1]
        letter["To"] = _mailbox(named.get(to) or "", to)
        if self.cc:
            letter["Cc"] = [_mailbox("", each) for each in sorted(self.cc)]
        if self.reply_to:
            letter["Reply-To"] = [_mailbox("", each) for each in sorted(self.reply_to)]
        letter["Date"] = datetime.now(UTC)
        letter["Message-ID"] = _message_id(self.message.id, self.from_addr[1])
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices in return
        letter["X-Straitwatch-Alert"] = self.message.id
        for name, value in self.headers.items():
            if name.lower() not in map(str.lower, letter.keys()):
                letter[name] = header_line(value, 500)
        letter.set_content(self.message.text)
        if self.message.html:
            letter.add_alternative(self.message.html, subtype="html")
        return letter


def _transact(server: smtplib.SMTP, sender: str, recipient: str, letter: bytes) -> str:
    """Hand over one letter and return the server's answer to it, which smtplib.sendmail throws away."""
    server.ehlo_or_helo_if_needed()
    code, words = server.mail(sender)
    if code != 250:
        server.rset()
        raise smtplib.SMTPSenderRefused(code, words, sender)
    code, words = server.rcpt(recipient)
    if code not in (250, 251):
        if code != 421:
            server.rset()
        raise smtplib.SMTPResponseException(code, words)
    code, words = server.data(letter)
    if code != 250:
        if code != 421:
            server.rset()
        raise smtplib.SMTPDataError(code, words)
    return _answer(code, words)


def _message_id(alert: str, sender: str) -> str:
    return f"<{re.sub('[^A-Za-z0-9._-]', '-', alert)}@{sender.rpartition('@')[2]}>"


def _mailbox(name: str, address: str) -> Address:
    return Address(display_name=header_line(name, 80), addr_spec=address)


def _answer(code: int, words: bytes | str) -> str:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(f"{code} {said}".split())
