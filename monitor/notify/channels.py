"""Which services a channel may use, and what of its URL may be shown."""

import base64
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit

from monitor.alerts import ChannelKind

# Services whose URL names a host of the user's; anything else in the URL may be a secret.
_HOSTED = {
    "mailto": ChannelKind.MAIL,
    "mailtos": ChannelKind.MAIL,
    "json": ChannelKind.WEBHOOK,
    "jsons": ChannelKind.WEBHOOK,
    "gotify": ChannelKind.CHAT,
    "gotifys": ChannelKind.CHAT,
    "mmost": ChannelKind.CHAT,
    "mmosts": ChannelKind.CHAT,
    "rocket": ChannelKind.CHAT,
    "rockets": ChannelKind.CHAT,
    "signal": ChannelKind.CHAT,
    "signals": ChannelKind.CHAT,
}

# Services whose URL is a secret from the first letter on: a token stands where the host would.
_TOKENS = dict.fromkeys(
    (
        "dingtalk",
        "discord",
        "feishu",
        "gchat",
        "lark",
        "matrix",
        "matrixs",
        "ntfy",
        "ntfys",
        "pover",
        "slack",
        "tgram",
        "wecombot",
        "workflows",
        "zulip",
    ),
    ChannelKind.CHAT,
)

SERVICES = {**_HOSTED, **_TOKENS}  # no file, exec, syslog, dbus: a URL must not reach into this computer

_OTHER_SPELLINGS = {
    "mattermost": "mmost",
    "telegram": "tgram",
    "pushover": "pover",
    "msteams": "workflows",  # Microsoft withdrew the connectors behind msteams://
    "teams": "workflows",
    "mail": "mailto",
    "smtp": "mailto",
    "webhook": "jsons",
    "http": "json",
    "https": "jsons",
}

# Parts of a mail URL that an answer may name: who, where, how.
_OPEN_IN_MAIL = {"to", "cc", "bcc", "from", "name", "reply", "smtp", "mode", "format"}
_LEAST_TOKEN = 8  # in a path; "hook" and "alerts" are words
_LEAST_SECRET = 4  # masking shorter strings would riddle every answer with holes


def kind_of(url: str) -> ChannelKind:
    """Return how the channel shows a message.

    Raises:
        ValueError: the service is not one of SERVICES.
    """
    scheme = _scheme(url)
    if scheme not in SERVICES:
        raise ValueError(f"{scheme or 'this'} is no service that Straitwatch sends to")
    return SERVICES[scheme]


def masked(url: str) -> str:
    """Return url with everything that could be a secret left out: mailto://***@mail.example.org."""
    scheme = _scheme(url)
    if not scheme:
        return "***"
    host = _host(url) if scheme in _HOSTED else ""
    return f"{scheme}://***@{host}" if host else f"{scheme}://***"


def shape_mistake(url: str) -> str | None:
    """Return why url cannot be a channel as far as its service and host tell, or None. Loads nothing."""
    scheme = _scheme(url)
    if not scheme:
        return "is not an Apprise URL such as mailtos://user:password@example.org"
    if scheme in _HOSTED and not _host(url):
        return f"names no host: {masked(url)}"
    if scheme in SERVICES:
        return None
    near = _OTHER_SPELLINGS.get(scheme)
    hint = f"; did you mean {near}://?" if near else f"; allowed are {', '.join(sorted(SERVICES))}"
    return f"{scheme}:// is no service that Straitwatch sends to{hint}"


def without_secrets(words: str, url: str) -> str:
    """Return words with each secret of url replaced by three stars, in every spelling we know."""
    for secret in sorted(set(_secrets(url)), key=len, reverse=True):
        words = words.replace(secret, "***")
    return words


def _scheme(url: str) -> str:
    found = re.match(r"\s*([a-zA-Z][a-zA-Z0-9+.-]{0,30})://", url)
    return found[1].lower() if found else ""


def _host(url: str) -> str:
    try:
        return urlsplit(url.strip()).hostname or ""
    except ValueError:
        return ""


def _secrets(url: str) -> Iterator[str]:
    for secret in _written_secrets(url):
        for spelling in (secret, unquote(secret), unquote_plus(secret), *unquote_plus(secret).split()):
            if len(spelling) >= _LEAST_SECRET:
                yield spelling


def _written_secrets(url: str) -> Iterator[str]:
    """Yield the parts of url that may be secret, as written and unquoted."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        yield url
        return
    scheme = parts.scheme.lower()
    mail = SERVICES.get(scheme) is ChannelKind.MAIL
    login, _, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    yield url.strip()
    yield password
    if login and password:
        yield base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode(errors="replace")).decode()
    if not mail:
        yield user
        yield from (part for part in parts.path.split("/") if len(part) >= _LEAST_TOKEN)
    if scheme not in _HOSTED:
        yield from host.split(":")
        yield host
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if not (mail and name.lower() in _OPEN_IN_MAIL):
            yield value
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if not (mail and name.lower() in _OPEN_IN_MAIL):
            yield value
