"""Foreign text made fit for a message; times and sides in the words of the house.

Text of an outlet may hold anything: line breaks that would start a new mail header, encoded words that
Python 3.11 decodes into one (CVE-2024-6923), lone surrogates, ten megabytes, mentions of everyone.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from monitor.model import DateQuality

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

SIDES = {"us": "US", "prc": "PRC", "tw": "Taiwan", "ally": "Ally"}  # anything else: "Other"

# Controls, marks that turn the direction of the text, line and paragraph separators.
_UNFIT = re.compile("[\x00-\x20\x7f-\xa0\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_JOINERS = "\u200d\ufe0f"  # a cut must not leave half an emoji's glue behind
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile("[\u3041-\u30ff]")

# Chat services read these in plain text: <!channel>, <@U123>, <http://x|Bank>, `code`, [Bank](http://x), @everyone.
_CHAT_SIGNS = str.maketrans({"<": "‹", ">": "›", "`": "'", "|": "¦", "*": "∗", "\\": "⧵"})
_ZERO_WIDTH = "\u200b"


def one_line(text: str, limit: int) -> str:
    """Return text as one clean line of at most `limit` characters; a cut shows as an ellipsis."""
    head = text[: limit * 8]  # ten megabytes are cut before they are read
    line = _UNFIT.sub(" ", _SURROGATE.sub("\ufffd", head)).strip()
    if len(line) <= limit and len(head) == len(text):
        return line
    return line[: limit - 1].rstrip(_JOINERS + " ") + "…"


def header_line(text: str, limit: int) -> str:
    """Return text as one line that no mail library decodes: "=?" would open an encoded word (RFC 2047)."""
    return one_line(text.replace("=?", "= ?"), limit)


def chat_line(text: str, limit: int) -> str:
    """Return text as one line in which a chat service finds no mention, no link text and no code.

    A zero-width space parts "@" from its name and "](" of a link; other signs become their look-alikes.
    """
    line = one_line(text, limit).translate(_CHAT_SIGNS)
    return line.replace("@", "@" + _ZERO_WIDTH).replace("](", "]" + _ZERO_WIDTH + "(")


def address(url: str, limit: int = 2000) -> str:
    """Return url with whatever could end it early, open markup or mention somebody percent-encoded.

    "" for what is not http(s) or is longer than `limit`.
    """
    if not url.startswith(("https://", "http://")) or len(url) > limit:
        return ""
    return quote(_SURROGATE.sub("", url), safe="%/:=&?~#+!$,;()[]'-._").replace("](", "]%28")


def language_of(text: str, language: str) -> str:
    """Return the lang attribute of text in an article of `language`, or "" for text in Latin letters."""
    if _KANA.search(text):
        return "ja"
    if _HAN.search(text):
        return language if language.startswith(("zh", "ja")) else "zh"
    return ""


def day(at: datetime) -> str:
    """Return the date in words: 24 Nov 2026."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def moment(at: datetime, *, seconds: bool = False) -> str:
    """Return the time in words, in UTC: 24 Nov 2026 07:30 UTC."""
    at = at.astimezone(UTC)
    return f"{day(at)} {at:{'%H:%M:%S' if seconds else '%H:%M'}} UTC"


def weekday(at: datetime) -> str:
    """Return the English short name of the UTC day: Tue."""
    return _DAYS[at.astimezone(UTC).weekday()]


def published(at: datetime | None, quality: DateQuality, printed: str) -> str:
    """Return when an article was published and how well that is known, beginning with "published" where it is."""
    if at is None or quality is DateQuality.MISSING:
        return "no date printed"
    if quality in (DateQuality.DATE_ONLY, DateQuality.URL):
        return f"published {day(at)}, " + (
            "date only" if quality is DateQuality.DATE_ONLY else "date from the address"
        )
    zone = _offset(at) if at.utcoffset() else ""
    if quality is DateQuality.FEED:
        how = ", from feed"
    elif quality is DateQuality.AHEAD:
        how = ", as printed: later than it was read"
    elif quality is DateQuality.ASSUMED_ZONE:
        how = f", zone assumed {zone}".rstrip()
    elif zone:
        how = f", as printed on the page ({at:%H:%M}, {zone})"
    else:
        how = f", as printed on the page ({printed})" if printed else ""
    return f"published {moment(at)}{how}"


def _offset(at: datetime) -> str:
    minutes = round((at.utcoffset() or timedelta()).total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def marked(text: str, forms: Sequence[str]) -> list[tuple[str, bool]]:
    """Return text in pieces, each with whether it is one of the forms; longer forms win, case is ignored."""
    wanted = sorted({form for form in forms if form}, key=len, reverse=True)
    if not wanted:
        return [(text, False)]
    pieces = re.split("(" + "|".join(map(re.escape, wanted)) + ")", text, flags=re.IGNORECASE)
    return [(piece, index % 2 == 1) for index, piece in enumerate(pieces) if piece]


def folded(text: str, *, width: int = 72, indent: str = "", first: str | None = None) -> str:
    """Break text into lines of at most `width` columns; a Chinese character takes two and may end a line.

    `first` opens the first line, `indent` the others.
    """
    lines, line = [], indent if first is None else first
    used, begun = _columns(line), True
    for unit in re.findall(r" ?(?:[⺀-\U0003ffff][、。，．：；？！」』）】”]*|[^\s⺀-\U0003ffff]+)", text):
        if not begun and used + _columns(unit) > width:
            lines.append(line.rstrip())
            line, used, begun = indent, _columns(indent), True
        unit_here = unit.lstrip() if begun else unit
        line, used, begun = line + unit_here, used + _columns(unit_here), False
    return "\n".join([*lines, line.rstrip()])


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
