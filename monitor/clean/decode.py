"""Bytes to text: which encoding a page is really in.

A byte order mark decides; then whole UTF-8, whatever the labels say; then the header, the page's own
label, and detection. lxml is never asked: it stops at the first character that gb2312 lacks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.errors import Unreadable
from monitor.text import charsets

LABEL_WITHIN = 8_192  # bytes; browsers look at 1,024, scripts before the label push it further down
FEW_BROKEN = 0.02  # share of broken characters among those beyond ASCII that a label survives
SAMPLE = 200_000  # bytes looked at when guessing

_META = re.compile(
    rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:+-]{1,40})|<\?xml[^>]{0,80}encoding=[\"']([\w.:+-]{1,40})",
    re.IGNORECASE,
)
_CONTROLS = bytes([*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)])  # but ESC: ISO-2022
_NOT_PAGES = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP archive"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"RIFF", "media file"),
    (b"\x1f\x8b", "compressed file"),
    (b"ID3", "media file"),
    (b"\xd0\xcf\x11\xe0", "Office document"),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page's text and the codec that gave it."""

    text: str
    codec: str
    broken: bool = False  # more characters were lost than a slip explains
    utf8: bytes | None = None  # the same text, where the page came in UTF-8 and nothing was changed


def decode(html: bytes, content_type: str | None = None) -> Decoded:
    """Return html as text.

    Raises:
        Unreadable: the bytes are another sort of file, or no text in any encoding we know.
    """
    _refuse_files(html)
    for bom, codec in charsets.BOMS:
        if html.startswith(bom):
            return Decoded(html[len(bom) :].decode(codec, "replace"), codec)
    whole = _utf8(html)
    if whole is not None:
        text = _printable(whole, html)
        unchanged = text is whole and "\ufffd" not in text
        return Decoded(text, "utf-8", utf8=html if unchanged else None)
    for codec in _labels(html, content_type):
        text = html.decode(codec, "replace")
        if _broken_share(text) <= FEW_BROKEN:
            return Decoded(_printable(text, html), codec)
    codec = _guess(html[:SAMPLE])
    text = html.decode(codec, "replace")
    return Decoded(_printable(text, html), codec, broken=_broken_share(text) > FEW_BROKEN)


def _refuse_files(html: bytes) -> None:
    start = html[:1024].lstrip()
    for magic, name in _NOT_PAGES:
        if start.startswith(magic) or (name == "PDF" and magic in start):
            raise Unreadable(f"not a page: {name}")
    if start[4:8] == b"ftyp":
        raise Unreadable("not a page: media file")


def _utf8(html: bytes) -> str | None:
    """The text when html is UTF-8 but for a slip: a body cut inside a character, a stray byte."""
    try:
        return html.decode("utf-8")
    except UnicodeDecodeError:
        text = html.decode("utf-8", "replace")
        return text if _broken_share(text) <= FEW_BROKEN else None


def _labels(html: bytes, content_type: str | None) -> Iterator[str]:
    header = charsets.in_header(content_type or "")
    found = [header] if header else []
    found += [(m[1] or m[2]).decode("ascii", "replace") for m in _META.finditer(html[:LABEL_WITHIN])]
    for label in found:
        codec = charsets.codec(label)
        if codec and not codec.startswith("utf"):  # UTF-8 has been tried; UTF-16 has zeros, and a label lies
            yield codec


def _broken_share(text: str) -> float:
    broken = text.count("\ufffd")
    if not broken:
        return 0.0
    return broken / max(1, len(text) - len(text.encode("ascii", "ignore")))


def _guess(sample: bytes) -> str:
    """The codec under which the sample reads best: most common Chinese, else a Western page."""
    best, best_points = "cp1252", 0.10  # a Chinese text has 0.2 or more; mojibake stays under 0.05
    for codec in ("gb18030", "big5hkscs"):
        text = sample.decode(codec, "replace")
        beyond = [c for c in text if c > "\x7f"]
        if not beyond:
            continue
        points = charsets.common_chinese(text) / len(beyond) - 2 * text.count("\ufffd") / len(beyond)
        if points > best_points:
            best, best_points = codec, points
    return best


def _printable(text: str, html: bytes) -> str:
    """Text without NUL; random bytes are recognised by their control characters."""
    start = html[:20_000]
    if len(start) - len(start.translate(None, _CONTROLS)) > 0.02 * len(start):
        raise Unreadable("not HTML: binary data")
    return text.replace("\0", "") if b"\0" in html else text
