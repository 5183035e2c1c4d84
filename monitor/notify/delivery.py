"""Sending one message to one channel, and the channel's answer in words."""

import threading
import warnings
from collections.abc import Collection
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, Any

from monitor.alerts import ChannelKind, Message
from monitor.errors import NotDelivered
from monitor.notify.channels import kind_of, masked, shape_mistake, without_secrets
from monitor.notify.listening import Heard, listening

if TYPE_CHECKING:
    from monitor.notify.mail import Outcome

RECEIPT_CHARACTERS = 500
CONNECT_SECONDS = 10.0
IDEMPOTENCY_HEADER = "X-Straitwatch-Alert"  # the alert's id, the same on every try

# Not final although the receiver seems to blame us: too slow, too early, too many (RFC 9110, 8470, 6585).
_TEMPORARY_4XX = (408, 425, 429)

_first_import = threading.Lock()  # catch_warnings changes the whole process


class PartlyDelivered(NotDelivered):
    """Some recipients of a channel took the message and some did not; the text names these.

    Attributes:
        took: the recipients that took it, to be given to `send` as `skip` on the next try.
    """

    def __init__(self, why: str, *, permanent: bool, took: tuple[str, ...]) -> None:
        self.took = took
        super().__init__(why, permanent=permanent)


def check(url: str, *, load: bool = True) -> str | None:
    """Return why url cannot be a channel, in words that follow its name, or None.

    Without `load` only the service is looked at and Apprise is not imported.
    """
    mistake = shape_mistake(url)
    if mistake or not load:
        return mistake
    with listening() as heard:
        plugin = _loaded(url)
    if plugin is None:
        said = without_secrets(_joined(heard.words), url)
        return f"Apprise cannot use {masked(url)}" + (f": {said}" if said else "")
    if getattr(plugin, "pgp_mode", "no") != "no":
        return "asks for PGP, which Straitwatch does not write"
    return None


def send(url: str, message: Message, *, kind: str, timeout: float = 30.0, skip: Collection[str] = ()) -> str:
    """Send message, worded for `kind`, to the channel at url and return its answer as the receipt.

    At most `timeout` seconds; the receipt has at most 500 characters and none of url's secrets. Redirects
    are not followed. A receiver can tell a second try by the same Message-ID (mail) or X-Straitwatch-Alert
    header (webhook). `skip` names recipients of a mail channel that took the message before.

    Raises:
        PartlyDelivered: some of several recipients did not take it.
        NotDelivered: nobody is known to have taken it; `permanent` as far as the answer tells.
    """
    mistake = shape_mistake(url)
    if mistake is None and ChannelKind(kind) is not kind_of(url):
        mistake = f"is a {kind_of(url)} channel, but the message is worded for {kind}"
    if mistake:
        raise NotDelivered(f"{masked(url)} {mistake}", permanent=True)
    answer: Future[str] = Future()

    def work() -> None:
        try:
            answer.set_result(_deliver(url, message, timeout, skip))
        except Exception as error:  # noqa: BLE001  handed to the caller, whichever it is
            answer.set_exception(error)

    # A receiver that sends a byte a second outlives every timeout of a socket: leave it behind.
    threading.Thread(target=work, daemon=True, name=f"alert {message.id}").start()
    wait([answer], timeout)
    if not answer.done():
        raise NotDelivered(
            f"no answer within {timeout:g} s; it may have arrived, and the next try carries the same id"
        )
    return answer.result()


def _deliver(url: str, message: Message, timeout: float, skip: Collection[str]) -> str:
    with listening() as heard:
        plugin = _loaded(url)
        from apprise import Apprise, NotifyFormat, OverflowMode  # noqa: PLC0415  0.1 s that other commands save

        if plugin is None:
            raise NotDelivered(_words(heard, url) or f"Apprise cannot use {masked(url)}", permanent=True)
        plugin.request_rate_per_sec = 0  # else 5.5 s between two mails
        plugin.socket_connect_timeout = min(CONNECT_SECONDS, timeout)
        plugin.socket_read_timeout = timeout
        plugin.redirects = False  # a followed POST becomes a GET, and the message is lost
        plugin.retry = 0  # trying again is the outbox's business
        plugin.optional = False  # Apprise reports a failed optional channel as success
        plugin.overflow_mode = OverflowMode.TRUNCATE  # "split" would post thousands
        plugin.notify_format = NotifyFormat.TEXT
        _dress(plugin, kind_of(url), message, skip)
        channel = Apprise()
        channel.add(plugin)
        taken = channel.notify(body=message.text, title=message.subject, body_format=NotifyFormat.TEXT)
    if kind_of(url) is ChannelKind.MAIL and plugin.outcome.told:
        return _mail_receipt(plugin.outcome, url)
    if not taken:
        raise _refusal(heard, url)
    return _cut(without_secrets(_joined([*map(str, heard.statuses[-1:]), *heard.told]), url)) or "sent"


def _loaded(url: str) -> Any:
    """Return Apprise's plug-in for url, ours for mail, or None if it cannot be made."""
    with _first_import, warnings.catch_warnings():
        # Its mail plug-in still asks for imghdr, which Python is about to drop.
        warnings.simplefilter("ignore", DeprecationWarning)
        from apprise import Apprise, AppriseAsset  # noqa: PLC0415
        from apprise.plugins import url_to_dict  # noqa: PLC0415

        from monitor.notify.mail import TwinMail  # noqa: PLC0415

        Apprise.instantiate("json://localhost")  # has it load every plug-in, once
    asset = AppriseAsset(
        app_id="Straitwatch",
        app_desc="Straitwatch",
        app_url="",
        image_url_mask="",  # no picture from another host in any service
        image_url_logo="",
        http_redirects=False,
        interpret_emojis=False,
        async_mode=False,
    )
    if kind_of(url) is not ChannelKind.MAIL:
        return Apprise.instantiate(url.strip(), asset=asset)
    parsed = url_to_dict(url.strip(), secure_logging=True)  # type: ignore[no-untyped-call]
    if not parsed:
        return None
    try:
        return TwinMail(**{**parsed, "asset": asset})
    except TypeError:  # Apprise's word for a URL that makes no sense; it has said why
        return None


def _dress(plugin: Any, kind: ChannelKind, message: Message, skip: Collection[str]) -> None:
    """Give the plug-in what does not fit into Apprise's title and body."""
    if kind is ChannelKind.MAIL:
        plugin.message = message
        plugin.skip = skip
    elif kind is ChannelKind.WEBHOOK:
        plugin.headers[IDEMPOTENCY_HEADER] = message.id
        plugin.payload_extras = {**message.facts, **plugin.payload_extras}  # the user's own win


def _mail_receipt(outcome: "Outcome", url: str) -> str:
    took = [f"{recipient}: {answer}" for recipient, answer in outcome.took.items()]
    refused = [f"{recipient}: {answer}" for recipient, answer in outcome.refused.items()]
    if not outcome.failure and not refused:
        return _cut(without_secrets(_joined(took), url)) or "every recipient had taken it before"
    failure = [outcome.failure] if outcome.failure else []
    if not took:
        raise NotDelivered(
            _cut(without_secrets(_joined([*failure, *refused]), url)), permanent=outcome.permanent
        )
    why = _joined([f"{len(took)} took it", *(f"not {each}" for each in refused), *failure])
    raise PartlyDelivered(
        _cut(without_secrets(why, url)), permanent=outcome.permanent, took=tuple(outcome.took)
    )


def _refusal(heard: Heard, url: str) -> NotDelivered:
    status = heard.statuses[-1] if heard.statuses else 0
    if 300 <= status < 400:
        return NotDelivered(
            f"answered {status}: it has moved, and redirects are never followed; mend the channel's address",
            permanent=True,
        )
    return NotDelivered(
        _words(heard, url) or "Apprise gave no reason",
        permanent=400 <= status < 500 and status not in _TEMPORARY_4XX,
    )


def _words(heard: Heard, url: str) -> str:
    status = [f"answered {heard.statuses[-1]}"] if heard.statuses else []
    answer = [heard.answer] if heard.answer else []
    return _cut(without_secrets(_joined([*status, *answer, *heard.words]), url))


def _joined(parts: list[str]) -> str:
    return "; ".join(" ".join(part.split()) for part in dict.fromkeys(parts) if part.strip())


def _cut(words: str) -> str:
    return words if len(words) <= RECEIPT_CHARACTERS else words[: RECEIPT_CHARACTERS - 1] + "…"
