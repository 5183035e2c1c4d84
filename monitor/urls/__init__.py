"""Addresses: the spelling under which we store one, and small questions about it.

Pure. What sites append to an address that does not name the article is data, in `urls.toml`.

The canonical spelling is a name, not always an address that answers: a site may know only http, or only
www. So ask the address that was listed, and store under this one.
"""

import hashlib
import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from monitor.urls.parts import CONTROL, Parts, parts_of, tidied

LONGEST = 2_000  # characters of a canonical URL; a PostgreSQL index row ends at 2,704 bytes
LONGEST_ASKED = 20_000  # characters looked at: tracking may be longer than the address
MOST_WRAPPERS = 5

_RULES: dict[str, Any] = tomllib.loads((Path(__file__).parent / "urls.toml").read_text(encoding="utf-8"))
_ALWAYS_STARTS: tuple[str, ...] = tuple(_RULES["always"]["starts"])
_ALWAYS = frozenset[str](_RULES["always"]["names"])
_WITH_PATH = frozenset[str](_RULES["with_a_telling_path"]["names"])
_WITH_PATH_ANY = frozenset[str](_RULES["with_a_telling_path"]["any_value"])
_VIEWS: dict[str, list[str]] = _RULES["views"]
_VIEW_LABELS = frozenset[str](_RULES["views_by_host"]["labels"])
_REGISTRIES = frozenset[str](_RULES["registries"]["labels"])
_LEADS_ON: dict[str, frozenset[str]] = {key: frozenset(words) for key, words in _RULES["leads_on"].items()}

_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# Escaped or not, these mean the same to every server we know, and feeds disagree about escaping them.
_PLAIN_IN_PATH = _UNRESERVED | frozenset("!'()*,:@$")
_PLAIN_IN_QUERY = _UNRESERVED | frozenset("=:/?@,")
_RESERVED = frozenset("!$&'()*+,;=:@/?%[]")
_AS_IT_IS = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/?\[\]-]*")  # spelled so in a path and in a query
_MOVING = re.compile(r"/\.|;|/\(")  # what a path may lose: dot segments and sessions

_SESSION_IN_PATH = re.compile(
    r";(?:jsessionid|phpsessid|sid)=[^/;]*|/\([A-Za-z]\([A-Za-z0-9]{24}\)\)", re.IGNORECASE
)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|shtml|php[345]?|aspx?|jsp|cfm)$", re.IGNORECASE)
_SF = re.compile(r"sf\d{5,}")  # Sprout Social numbers its own parameter
_TELLING = re.compile(
    r"\d{5}"  # a number or a compact date
    r"|/(?:19|20)\d\d/(?:\d\d?|[a-z]{3})/.+"  # a date, and something of that day
    r"|/(?=[^/]*\d)(?=[^/]*[A-Za-z])[A-Za-z0-9]{8,}(?:\.\w+)?$"  # an opaque id
    r"|/(?=(?:[^/A-Za-z]*[A-Za-z]){12})[^/_-]*[-_][^/_-]*[-_][^/]*$"  # a slug of three words
)
_EMBEDDED = re.compile(r"/(?:[a-z]/)?(s/)?(?=[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/|$))", re.IGNORECASE)


def canonical(url: str) -> str:
    """Return the spelling of url under which we store it.

    RFC 3986, 6.2: lower-case scheme and host in punycode without www, dot segments resolved, escapes in
    upper case and only where needed, NFC. http becomes https and the default port goes; another port keeps
    its scheme. Gone are credentials, fragments (but not hash routes), sessions, tracking parameters, the
    last slash, index pages, and the marks of print, AMP and mobile views where the path itself tells the
    article. Redirectors that carry the address are unwrapped. Remaining parameters are sorted. Idempotent.

    Raises:
        ValueError: url is not absolute http(s), or its canonical form is longer than 2,000 characters.
    """
    if len(url) > LONGEST_ASKED:
        raise ValueError(f"an address of {len(url):,} characters: at most {LONGEST:,}")
    known, settled = _once(url)
    # One rule may open the way for another (a print view of an index page), so repeat until nothing moves.
    for _ in range(MOST_WRAPPERS):
        if settled:
            break
        again, settled = _once(known)
        if again == known:
            break
        known = again
    else:
        raise ValueError("the address does not settle on one spelling")
    if len(known) > LONGEST:
        raise ValueError(f"an address of {len(known):,} characters: at most {LONGEST:,}")
    return known


def key(canonical_url: str) -> str:
    """Return the unique key of a canonical URL: the first 32 hexadecimal digits of its SHA-256.

    Half of it is enough: two addresses of the same key take 2**64 tries, and an archive holds millions of keys.
    """
    return hashlib.sha256(canonical_url.encode()).hexdigest()[:32]


def host(url: str) -> str:
    """Return the host of url, in lower case and punycode, with its port where that is not the default.

    Raises:
        ValueError: url is not absolute http(s).
    """
    scheme, name, port, _, _, _ = parts_of(url)
    return name if port in (None, _DEFAULT_PORTS[scheme]) else f"{name}:{port}"


def join(base: str, href: str) -> str:
    """Return the absolute http(s) address that href means on the page base, as written.

    Raises:
        ValueError: there is no such address: no href, another scheme, no host.
    """
    wanted = tidied(href)
    if not wanted:
        raise ValueError("no address")
    try:
        joined = urljoin(tidied(base), wanted)
    except ValueError as error:
        raise ValueError(f"not an address: {error}") from error
    parts_of(joined)
    return joined


def same_site(a: str, b: str) -> bool:
    """Say whether two addresses belong to one site: news.example.com.tw and www.example.com.tw do.

    By labels, not by the public suffix list. What is no address belongs to no site.
    """
    try:
        return _site(parts_of(a)[1]) == _site(parts_of(b)[1])
    except ValueError:
        return False


def names_article(url: str) -> bool:
    """Say whether the path of a canonical URL looks like one article's: a number, a date, an id, a long slug."""
    return bool(_TELLING.search(urlsplit(url).path))


def masked(url: str) -> str:
    """Return url fit for a log, an error or a page: no credentials, no token, at most 300 characters."""
    shown = re.sub(r"(?<=//)[^/?#\s]*@", "***@", url.replace("\\", "/"))
    shown = re.sub(r"([?&;#])([^=&;#]+)=([^&;#\s]*)", _mask_parameter, shown)
    shown = CONTROL.sub("\N{REPLACEMENT CHARACTER}", shown)
    return shown if len(shown) <= 300 else shown[:299] + "…"


def _mask_parameter(match: re.Match[str]) -> str:
    before, name, value = match.groups()
    plain = unquote(name).lower()
    secret = plain in _RULES["secrets"]["names"] or any(
        part in plain for part in _RULES["secrets"]["contains"]
    )
    return f"{before}{name}={'***' if secret and value else value}"


def _once(url: str) -> tuple[str, bool]:
    """The address with each rule applied once, and whether it is plain that no rule will move it again."""
    parts, carried = _unwrapped(url)
    scheme, written_name, port, written_path, query, fragment = parts
    spelled = _path(written_path)
    kept = _query(query, written_name, spelled)
    path = spelled if kept else _INDEX.sub("/", spelled)
    name, path = _general_view(written_name, path)
    shown = path.rstrip("/")
    if port == _DEFAULT_PORTS[scheme] or port is None:
        origin = f"https://{name}"
    else:
        origin = f"{scheme}://{name}:{port}"
    route = _escaped(fragment, _PLAIN_IN_PATH) if re.match(r"!?/.|!.", fragment) else ""
    known = origin + (shown or "/") + (f"?{kept}" if kept else "") + (f"#{route}" if route else "")
    plain = not (carried or route or "%" in known) and kept in ("", query)
    unmoved = written_path in (shown, path) and written_name in (name, f"www.{name}")
    return known, plain and unmoved and _stays(name, shown, kept, bare=shown == path)


def _stays(name: str, path: str, query: str, *, bare: bool) -> bool:
    """Whether no rule moves these parts; bare: the path ended in no slash, so that all have seen it as it is."""
    if query:
        return bare and name.split(".", maxsplit=1)[0] not in _LEADS_ON["labels"]
    return bare or (not _INDEX.search(path) and _general_view(name, path) == (name, path))


def _path(path: str) -> str:
    if path.startswith("/") and _AS_IT_IS.fullmatch(path) and not _MOVING.search(path):
        return path
    path = _SESSION_IN_PATH.sub("", path)
    segments: list[str] = []
    for segment in path.split("/")[1:]:
        spelled = _escaped(segment, _PLAIN_IN_PATH)
        if spelled == "..":
            segments = segments[:-1]
        elif spelled != ".":
            segments.append(spelled)
    if path.endswith(("/.", "/..")):
        segments.append("")
    return "/" + "/".join(segments)


def _escaped(text: str, plain: frozenset[str]) -> str:
    """Spell text in the one way: NFC, plain characters bare, everything else escaped in upper case."""
    if _AS_IT_IS.fullmatch(text):
        return text
    text = _STRAY_PERCENT.sub("%25", text)
    text = _ESCAPES.sub(lambda run: _opened(run.group(), plain), text)
    text = unicodedata.normalize("NFC", text)
    return "".join(
        letter
        if letter in plain or letter in _RESERVED
        else "".join(f"%{byte:02X}" for byte in letter.encode())
        for letter in text
    )


def _opened(escapes: str, plain: frozenset[str]) -> str:
    """Characters for a run of escapes; what is reserved or not UTF-8 stays escaped."""
    spelled = []
    for letter in bytes.fromhex(escapes.replace("%", "")).decode("utf-8", "surrogateescape"):
        code = ord(letter)
        if 0xDC80 <= code <= 0xDCFF:
            spelled.append(f"%{code - 0xDC00:02X}")
        elif code > 0x7F or letter in plain:
            spelled.append(letter)
        else:
            spelled.append(f"%{code:02X}")
    return "".join(spelled)


def _query(query: str, name: str, path: str) -> str:
    if not query:
        return ""
    telling = bool(_TELLING.search(path))
    here = _names_of_site(name)
    kept = []
    for parameter in query.replace("&amp;", "&").replace("+", "%20").split("&"):
        raw, equals, value = parameter.partition("=")
        spelled = _escaped(raw, _UNRESERVED)
        shown = _escaped(value, _PLAIN_IN_QUERY)
        lower = spelled.lower()
        if parameter and lower not in here and not _says_nothing(lower, shown, path, telling=telling):
            kept.append((spelled, equals, shown))
    kept.sort(key=lambda parameter: parameter[0])
    return "&".join("".join(parameter) for parameter in kept)


def _says_nothing(name: str, value: str, path: str, *, telling: bool) -> bool:
    if name in _ALWAYS or name.startswith(_ALWAYS_STARTS) or _SF.fullmatch(name):
        return True
    if value.lower() in _VIEWS.get(name, ()):
        return True
    if not telling:
        return False
    if name in _WITH_PATH_ANY or (name in _WITH_PATH and not value.isdigit()):
        return True
    if not value and not any(letter.isdigit() for letter in name):
        return True
    return len(value) > 5 and value in path.split("/")  # the number of the article once more


@lru_cache(maxsize=1024)
def _names_of_site(name: str) -> frozenset[str]:
    return frozenset(
        parameter
        for site, parameters in _RULES["sites"].items()
        if f".{name}".endswith(f".{site}")
        for parameter in parameters
    )


def _general_view(name: str, path: str) -> tuple[str, str]:
    """Host and path of the article itself, where these name its print, AMP or mobile view."""
    name = str(_RULES["hosts"].get(name, name))
    for site, (start, shared) in _RULES["one_numbering"].items():
        if f".{name}".endswith(f".{site}") and path.startswith(start):
            name = shared
    first, _, rest = name.partition(".")
    if first == "www" and "." in rest:
        return _general_view(rest, path)
    labels = name.split(".")
    if len(labels) > 3 and labels[1] == "m":
        name = ".".join([labels[0], *labels[2:]])  # en.m.wikipedia.org
    bare = re.sub(r"^/amp(?=/)|/(?:amp|print)/?$|\.amp(?=\.html$)|\.amp$", "", path)
    if bare != path and _TELLING.search(bare):
        path = bare
    if (
        first in _VIEW_LABELS
        and "." in rest
        and rest.split(".")[0] not in _REGISTRIES
        and _TELLING.search(path)
    ):
        if first == "amp":
            path = path.removeprefix(f"/{_site(rest).partition('.')[0]}")  # amp.cnn.com/cnn/...
        return _general_view(rest, path)
    return name, path


def _site(name: str) -> str:
    labels = name.split(".")
    if name.startswith("[") or labels[-1].isdigit():
        return name
    size = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _REGISTRIES else 2
    return ".".join(labels[-size:])


def _unwrapped(url: str) -> tuple[Parts, bool]:
    """The parts of the address that url stands for, and whether another one carried it."""
    for wrappers in range(MOST_WRAPPERS):
        parts = parts_of(url)
        inner = _carried(parts)
        if not inner:
            return parts, wrappers > 0
        url = inner
    raise ValueError(f"an address within more than {MOST_WRAPPERS} others")


def _carried(parts: Parts) -> str:
    """The address that these parts only carry, or "" when they stand for themselves."""
    _, name, _, path, query, _ = parts
    wrappers = [wrapper for wrapper in _wrappers(name) if path.startswith(wrapper["path"])]
    if not (query or wrappers):
        return ""
    parameters = dict(
        parameter.split("=", 1) for parameter in query.replace("&amp;", "&").split("&") if "=" in parameter
    )
    for wrapper in wrappers:
        if "parameter" in wrapper:
            inner = unquote(parameters.get(wrapper["parameter"], ""))
        else:
            inner = _in_path(path.removeprefix(wrapper["path"]), query)
        if _is_address(inner):
            return inner
    segments = frozenset(path.lower().strip("/").split("/"))
    if name.split(".")[0] in _LEADS_ON["labels"] or segments & _LEADS_ON["segments"]:
        for parameter, value in parameters.items():
            inner = unquote(value)
            if parameter.lower() in _LEADS_ON["parameters"] and _is_address(inner):
                return inner
    return ""


@lru_cache(maxsize=1024)
def _wrappers(name: str) -> tuple[dict[str, str], ...]:
    """What is known of a host that carries addresses."""
    return tuple(wrapper for wrapper in _RULES["wrappers"] if f".{name}".endswith("." + wrapper["host"]))


def _in_path(rest: str, query: str) -> str:
    """The address written out in a path: `20240525000000/https://...` or, with AMP, `c/s/www...`."""
    asked = f"?{query}" if query else ""
    written = re.search(r"(?:^|/)(https?):/{1,2}(.+)", rest)
    if written:
        return f"{written[1]}://{written[2]}{asked}"
    amp = _EMBEDDED.match("/" + rest)
    if amp:
        return f"{'https' if amp[1] else 'http'}://{('/' + rest)[amp.end() :]}{asked}"
    return ""


def _is_address(text: str) -> bool:
    try:
        return text.startswith(("http://", "https://")) and bool(parts_of(text))
    except ValueError:
        return False
