"""Links as values: absolute, canonical, each once."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from monitor.clean.evidence import key
from monitor.model import Link, LinkKind
from monitor.text import one_line
from monitor.urls import canonical, join

MOST_LINKS = 200
MOST_OF_TITLE = 300  # characters
LONGEST_LEAD = 12  # characters of a title that may be none
_RANK = {LinkKind.READ_ALSO: 0, LinkKind.RELATED: 1, LinkKind.SOURCE: 2, LinkKind.IN_TEXT: 3}

_POINTERS = (LinkKind.READ_ALSO, LinkKind.RELATED)
_BULLETS = "►▶▲△▷→»>·•●■◆★☆– "
# What a site offers beside its articles: an account, a letter, a shop.
_SERVICE = re.compile(
    r"/(?:newsletters?|subscri\w+|sign-?(?:in|up)|log-?in|register|registration|donate|donations?|account|membership|checkout|cart)(?:[/?#.]|$)"
    r"|[?&](?:aff|affid|affiliate\w*|tag)=",
    re.IGNORECASE,
)
_SERVICE_WORDS = re.compile(
    r"(?:subscribe|sign (?:up|in)|log in|donate|follow|join|share|comment)(?: (?:now|today|here|us))?",
    re.IGNORECASE,
)

Raw = tuple[LinkKind, str, str, int]  # kind, href as written, words, position


def address(base: str, href: str) -> str | None:
    """The canonical URL that href means on base, or None."""
    try:
        return canonical(_absolute(base, href)) if href else None
    except ValueError:
        return None


def _absolute(base: str, href: str) -> str:
    """What `urls.join` gives, at once for the two forms that most links have."""
    if href.startswith(("https://", "http://")):
        return href
    if href.startswith("/") and not href.startswith("//") and (origin := _origin(base)):
        return origin + href
    return join(base, href)


@lru_cache(maxsize=64)
def _origin(base: str) -> str:
    match = _ORIGIN.match(base)
    return match[0] if match else ""


_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?(?=[/?#]|$)")


def tell_apart(raw: Iterable[Raw], base: str, own: str) -> tuple[Link, ...]:
    """Return at most MOST_LINKS links, each URL once (read-also wins), each title once when it has no URL.

    own: the page's canonical URL; a link to itself is none.
    """
    found: dict[str, Link] = {}
    titles: set[str] = set()
    known: dict[str, str | None] = {"": None}
    for kind, href, words, position in sorted(raw, key=lambda r: (_RANK[r[0]], r[3])):
        if href not in known:
            known[href] = address(base, href)
        url, text = known[href], one_line(words.lstrip(_BULLETS), MOST_OF_TITLE)
        if kind in _POINTERS and (_SERVICE.search(href) or _SERVICE_WORDS.fullmatch(text)):
            continue
        if url is None and (href or not text) and kind is not LinkKind.READ_ALSO:
            continue
        if url == own or (url is None and key(text) in titles):
            continue
        if first := found.get(url or key(text)):
            if len(first.title) <= LONGEST_LEAD and len(text) > 2 * len(first.title):
                found[url or key(text)] = replace(first, title=text)  # "Read more" is no title
            continue
        found[url or key(text)] = Link(kind, url, text, position)
        titles.add(key(text))
        if len(found) >= MOST_LINKS:
            break
    return tuple(sorted(found.values(), key=lambda link: (link.position, _RANK[link.kind])))
