"""The fields of the query language: their names, what they take, and how their values are read. Pure."""

import difflib
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from monitor import urls
from monitor.query.tree import Moment, Points, When

FIELDS = {
    "title": "words of the headline: title:strait, title:(strait OR 台海)",
    "source": "id of a source, as `straitwatch sources` shows it",
    "side": "us, prc, tw, ally, other",
    "kind": 'official, "state media", wire, trade, press, "think tank"',
    "tier": "core, relevant, peripheral",
    "lang": "en, zh (both scripts), zh-Hans, zh-Hant, ...",
    "section": "the outlet's section, whole, in any case",
    "author": "a name or a part of one, whole words",
    "term": "a term of the vocabulary that was counted: its id or any of its spellings",
    "relevance": "points: 8, >=8, <4, 4..7; 8 is core, 4 relevant",
    "published": "the printed time: a day, month or year in UTC, a span, -7d, today, yesterday",
    "seen": "when a listing first showed it; as published",
    "indexed": "when it was stored or last revised; as published",
    "link": "a URL, host or domain that the article links to",
    "has": "author, copies, link, revision",
    "stem": "an English word in all its forms: stem:patrol finds patrols, patrolled",
}
VALUES = {
    "side": ("us", "prc", "tw", "ally", "other"),
    "kind": ("official", "state media", "wire", "trade", "press", "think tank"),
    "tier": ("core", "relevant", "peripheral"),
    "has": ("author", "copies", "link", "revision"),
}
TIMES = ("published", "seen", "indexed")
# What people write who come from elsewhere, and what it is called here.
_OTHERWISE = {
    "headline": "title", "site": "source", "outlet": "source", "language": "lang", "date": "published",
    "by": "author", "points": "relevance", "url": "link", "country": "side", "category": "section",
    "since": "published", "until": "published", "before": "published", "after": "published", "type": "kind",
}  # fmt: skip

_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,6})?")
_BOUND = re.compile(r"(>=|<=|>|<)(.*)")
_DAY = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?")
_AGO = re.compile(r"-(\d{1,4})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_YEARS = (1900, 2999)
DAY_EXAMPLES = "2026-11-01, 2026-11, 2026-11-01..2026-11-07, ..2026-11-07, >=2026-11-01, -7d, -12h, today"


class Unreadable(Exception):
    """A value that its field does not take; the text says what it takes."""


def close_to(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word that is spelt most like this one."""
    found = difflib.get_close_matches(word, list(known), 1, cutoff)
    return found[0] if found else None


def no_field(name: str) -> str:
    """Why there is no such field, and which one may have been meant."""
    close = close_to(name, FIELDS) or _OTHERWISE.get(name)
    hint = f"did you mean {close}:?" if close else f"fields are {', '.join(FIELDS)}"
    return f"there is no field {name}:; {hint}"


def one_of(field: str, value: str) -> str:
    """The value in the spelling of its list.

    Raises:
        Unreadable: it is not in the list.
    """
    allowed = VALUES[field]
    plain = " ".join(value.lower().replace("-", " ").replace("_", " ").split())
    if plain in allowed:
        return plain
    close = close_to(plain, allowed, 0.5)
    quoted = f'"{close}"' if close and " " in close else close
    hint = f"did you mean {field}:{quoted}?" if close else f"it is one of {', '.join(allowed)}"
    raise Unreadable(f"there is no {field} {value}; {hint}")


def span(field: str, value: str) -> When:
    """A time's value: a day, a month, a year, an age, or a span of them.

    Raises:
        Unreadable: it is none.
    """
    written = f"{field}:{value}"
    bound = _BOUND.fullmatch(value)
    if bound:
        begins, ends = _period(bound[2])
        if bound[1] in (">", ">="):
            return When(field, begins if bound[1] == ">=" else ends or begins, None, written)
        return When(field, None, begins if bound[1] == "<" else ends or begins, written)
    first, dots, last = value.partition("..")
    if not dots:
        begins, ends = _period(value)
        return When(field, begins, ends, written)
    since = _period(first)[0] if first else None
    until = _until(last) if last else None
    if not first and not last:
        raise Unreadable(f"{field}: wants a day at one end of .. at least, as in {DAY_EXAMPLES}")
    if since and until and since.at and until.at and since.at >= until.at:
        raise Unreadable(f"{value} ends before it begins")
    return When(field, since, until, written)


def _until(value: str) -> Moment:
    begins, ends = _period(value)
    return ends or begins


def _period(value: str) -> tuple[Moment, Moment | None]:
    """When a day, month or year begins and ends; an age has no end."""
    if value.lower() in ("today", "yesterday"):
        day = timedelta(days=1)
        back = day if value.lower() == "yesterday" else timedelta()
        return Moment(ago=back, of_day=True), Moment(ago=back - day, of_day=True)
    ago = _AGO.fullmatch(value.lower())
    if ago:
        return Moment(ago=int(ago[1]) * _UNITS[ago[2]]), None
    day_of = _DAY.fullmatch(value)
    if not day_of:
        raise Unreadable(f"{value or 'nothing'} is no day, span or age; write {DAY_EXAMPLES}")
    year, month, day_number = (int(part) if part else None for part in day_of.groups())
    assert year is not None
    try:
        begins = datetime(year, month or 1, day_number or 1, tzinfo=UTC)
    except ValueError as error:
        raise Unreadable(f"there is no day {value}: {error}") from error
    if not _YEARS[0] <= year <= _YEARS[1]:
        raise Unreadable(f"there is no day {value} here: years are {_YEARS[0]} to {_YEARS[1]}")
    if day_number:
        ends = begins + timedelta(days=1)
    elif month:
        ends = (begins + timedelta(days=31)).replace(day=1)
    else:
        ends = begins.replace(year=year + 1)
    return Moment(begins), Moment(ends)


def points(value: str) -> Points:
    """The value of relevance: a number, a bound, or two with .. between; points are whole numbers.

    Raises:
        Unreadable: it is none.
    """
    written = f"relevance:{value}"
    bound = _BOUND.fullmatch(value)
    first, dots, last = value.partition("..")
    if bound:
        number, sign = _number(bound[2]), bound[1]
        if sign[0] == ">":
            return Points(int(number) + 1 if sign == ">" else _up(number), None, written)
        return Points(None, _up(number) - 1 if sign == "<" else int(number), written)
    if not dots:
        return Points(_up(_number(value)), int(_number(value)), written)
    if not first and not last:
        raise Unreadable("relevance: wants a number at one end of .. at least, as in 4..7")
    least, most = (_up(_number(first)) if first else None), (int(_number(last)) if last else None)
    if least is not None and most is not None and least > most:
        raise Unreadable(f"{value} ends before it begins")
    return Points(least, most, written)


def _number(value: str) -> float:
    if not _NUMBER.fullmatch(value):
        raise Unreadable(f"{value or 'nothing'} is no number of points; write 8, >=8, <4 or 4..7")
    return float(value)


def _up(number: float) -> int:
    return -int(-number // 1)


def link(value: str) -> str:
    """What is linked to, as links are stored: a canonical URL, or a host without www.

    Raises:
        Unreadable: it is neither.
    """
    address = value if "://" in value else f"https://{value}"
    try:
        known = urls.canonical(address)
        host = urls.host(known)
    except ValueError as error:
        raise Unreadable(f"{value} is no address and no host: {error}") from error
    if "." not in host and ":" not in host and host != "localhost":
        raise Unreadable(f"{value} is no host; write link:example.com or a whole address")
    bare = value.strip("/").partition("/")[2] == "" and "://" not in value and "?" not in value
    return host if bare else known
