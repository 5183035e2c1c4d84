"""An address taken apart, strictly: what is no absolute http(s) address raises ValueError and nothing else."""

import ipaddress
import re
import unicodedata
from urllib.parse import unquote, urlsplit

import idna

CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_HOST_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


def tidied(url: str) -> str:
    """Without what browsers ignore: white space around, tabs and line ends within (WHATWG URL, 4.4)."""
    return re.sub(r"[\t\r\n]", "", url.strip(" \t\r\n\f\v\u00a0\u3000\ufeff"))


Parts = tuple[str, str, int | None, str, str, str]


def parts_of(url: str) -> Parts:
    """Scheme, host, port as written, path, query, fragment."""
    url = tidied(url)
    if url.startswith("//"):
        url = "https:" + url  # scheme-relative: a feed's address of its own page
    if CONTROL.search(url):
        raise ValueError("an address with control characters")
    try:
        parts = urlsplit(url)
        written, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"not an address: {error}") from error
    if parts.scheme not in ("http", "https"):
        raise ValueError("not an address that begins with http:// or https://")
    if "\\" in parts.netloc:
        raise ValueError("an address with a backslash in its host")  # browsers and libraries disagree
    if not written:
        raise ValueError("an address without a host")
    if port == 0:
        raise ValueError("port 0 is no port")
    bracketed = "[" in parts.netloc
    name = _ipv6(written) if bracketed else _host(written)
    return parts.scheme, name, port, parts.path.replace("\\", "/"), parts.query, parts.fragment


def _ipv6(written: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(written).compressed}]"
    except ValueError as error:
        raise ValueError("not an address: no IPv6 address between the brackets") from error


def _host(written: str) -> str:
    name = unquote(written) if "%" in written else written
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise ValueError(f"not a host name: {error}") from error
    name = name.lower().removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(_HOST_LABEL.fullmatch(label) for label in labels):
        raise ValueError("not a host name")
    for label in labels:
        if label.startswith("xn--"):
            _check_punycode(label)
    return name


def _check_punycode(label: str) -> None:
    try:
        letters = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, OverflowError, ValueError) as error:
        raise ValueError("not a host name: broken punycode") from error
    if letters.isascii() or any(unicodedata.category(letter).startswith("C") for letter in letters):
        raise ValueError("not a host name: punycode of nothing")
