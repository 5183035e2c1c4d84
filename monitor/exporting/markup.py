"""Text as XML 1.0 takes it, addresses as a link may hold them. Pure."""

import re
from html import escape
from urllib.parse import quote, urlsplit

# What XML 1.0 (section 2.2) has no way to write, not even as a reference; noncharacters, which strict readers refuse.
_ILLEGAL = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\ufdd0-\ufdef\U0001fffe\U0001ffff\U0010fffe\U0010ffff]"
)
_KEPT = ";/?:@&=+$,!~*'()#%[]"  # of an address: what its parts may hold


def xml(text: str) -> str:
    """Text for an element or an attribute in double quotes; what XML cannot hold becomes U+FFFD.

    A return is written as a reference, because a reader makes a newline of a bare one; so are tab and newline, which an
    attribute would lose.
    """
    kept = text if text.isprintable() else _ILLEGAL.sub("\ufffd", text)
    kept = kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    if kept.isprintable():
        return kept
    return kept.replace("\r", "&#13;").replace("\t", "&#9;").replace("\n", "&#10;")


def element(name: str, text: str, **attributes: str) -> str:
    """An element with text; attributes without a value are left out."""
    given = "".join(f' {key}="{xml(value)}"' for key, value in attributes.items() if value)
    return f"<{name}{given}>{xml(text)}</{name}>" if text else f"<{name}{given}/>"


def html(text: str) -> str:
    """Lines of plain text as HTML: a paragraph each, every sign of markup escaped."""
    return "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line)


def link(url: str) -> str:
    """An address that a link may have: http or https, with nothing that ends an attribute or a link; else ""."""
    try:
        parts = urlsplit(url)
        well = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return quote(url, safe=_KEPT, errors="replace") if well else ""
