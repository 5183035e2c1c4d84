"""First guesses about a source from its address, for a person to look at. Pure."""

from urllib.parse import urlsplit

from monitor.sources import Kind, Side

_ASIDE = frozenset({"www", "m", "rss", "feeds", "feed"})
_ENDINGS = frozenset({"com", "co", "org", "or", "net", "gov", "go", "gob", "gouv", "mil", "edu", "ac"})
_SIDES = (
    (".gov.cn", Side.PRC), (".cn", Side.PRC), (".gov.tw", Side.TW), (".tw", Side.TW), (".mil", Side.US),
    (".gov", Side.US), (".jp", Side.ALLY), (".ph", Side.ALLY), (".au", Side.ALLY), (".kr", Side.ALLY),
)  # fmt: skip


def id_of(url: str) -> str:
    """A short id made of a site's host name."""
    labels = (urlsplit(url).hostname or "").split(".")
    labels = [label for label in labels if label]
    if len(labels) > 1 and not labels[-1].isdigit():
        labels.pop()
        if len(labels) > 1 and labels[-1] in _ENDINGS:  # com.tw, gov.cn
            labels.pop()
    while len(labels) > 1 and labels[0] in _ASIDE:
        labels.pop(0)
    made = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in "-".join(labels))
    return made.strip("-")[:40].strip("-") or "source"


def side_of(url: str) -> Side:
    """A first guess whom a site speaks for, from where it is registered; a person must look."""
    host = urlsplit(url).hostname or ""
    return next((side for ending, side in _SIDES if host.endswith(ending)), Side.OTHER)


def kind_of(url: str) -> Kind:
    """A first guess what sort of outlet it is."""
    host = f".{urlsplit(url).hostname or ''}."
    return Kind.OFFICIAL if ".gov." in host or ".mil." in host else Kind.PRESS
