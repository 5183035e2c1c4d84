"""Printed dates and times, in the forms of pages and listings. Strict: what is ambiguous is no date. Pure.

Forms: ISO 8601, W3C-DTF, RFC 822 and 5322, printed dates of English, Chinese and the other languages in
months.toml, years of the Republic of China (1 = 1912). A zone counts when it means one thing wherever news is printed;
CST, IST, BST, AST and their like are the caller's to decide. No clock: whoever knows it compares.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from monitor.text import squeeze

LONGEST = 100  # characters of a printed date
FIRST_YEAR, LAST_YEAR = 1990, 2100

_MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        tomllib.loads((Path(__file__).parent / "months.toml").read_text("utf-8"))["names"], 1
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))

# Abbreviations with one meaning; minutes from UTC.
_ZONES = {
    "Z": 0, "GMT": 0, "UT": 0, "UTC": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "MEZ": 60, "MESZ": 120, "EET": 120, "EEST": 180,
    "MSK": 180, "WIB": 420, "HKT": 480, "SGT": 480, "PHT": 480, "AWST": 480, "JST": 540, "KST": 540, "ACST": 570, "AEST": 600,
    "AEDT": 660, "NZST": 720, "NZDT": 780, "EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480,
    "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600, "北京时间": 480, "北京時間": 480, "台北時間": 480, "台北时间": 480, "香港時間": 480,
}  # fmt: skip
_PLACES = {
    "ET": "America/New_York",
    "PT": "America/Los_Angeles",
    "CT": "America/Chicago",
    "MT": "America/Denver",
}
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?")

_CLOCK = (
    r"(?P<h>\d{1,2})\s*(?:[:：时時点點]|h(?=\d))\s*(?P<mi>\d{1,2})(?:\s*[:：分]\s*(?P<s>\d{1,2})(?:[.,]\d{1,9})?\s*秒?)?分?"
    r"\s*(?P<ap>[ap]\.?\s?m\b\.?)?"
)
_ZONE = r"\s*\(?(?P<z>[+-]\d{2}:?\d{2}|[+-]\d{2}\b|[A-Z]{1,5}\b(?:[+-]\d{1,2}(?::?\d{2})?)?|[A-Z][a-z]+/[A-Za-z_]+|北京[时時][间間]|台北[时時][间間]|香港時間)?\)?"
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+)?"
_AT = r"(?:[\s,|·•–-]*(?:(?:at|um|à|alle|às|a las|kl\.?)\s+)?"
_FORMS = tuple(
    re.compile(form + r"[.。)）\s]*", re.IGNORECASE)
    for form in (
        rf"(?P<y>\d{{4}})(?P<dash>[-/.])(?P<m>\d{{1,2}})(?P=dash)(?P<d>\d{{1,2}})(?:[T\s,]*{_CLOCK}{_ZONE})?",
        rf"(?P<y>\d{{4}})(?P<m>\d{{2}})(?P<d>\d{{2}})(?:T?(?P<h>\d{{2}}):?(?P<mi>\d{{2}})(?::?(?P<s>\d{{2}}))?{_ZONE})?",
        # Hong Kong's broadcaster prints the zone before the clock; Xinhua the year apart from the day.
        rf"(?P<y>\d{{4}})(?P<dash>[-/.])(?P<m>\d{{1,2}})(?P=dash)(?P<d>\d{{1,2}})\s+(?P<z>(?![AP]M)[A-Z]{{2,5}})\s+{_CLOCK}",
        rf"(?P<y>\d{{4}})\s(?P<m>\d{{1,2}})\s?[-/]\s?(?P<d>\d{{1,2}})\s{_CLOCK}",
        # Points part day, month and year in that order wherever they are used; slashes do not.
        rf"{_WEEKDAY}(?P<d>\d{{1,2}})\.\s?(?P<m>\d{{1,2}})\.\s?(?P<y>\d{{4}}){_AT}{_CLOCK}{_ZONE})?",
        (
            r"(?:(?P<roc>民國|民国|中華民國)\s*)?(?P<y>\d{2,4})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号號]?"
            r"(?:\s*[(（]?(?:星期|周|週|礼拜|禮拜)[一二三四五六日天][)）]?)?"
            rf"(?:\s*(?P<cap>凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|晚間|晚间))?(?:\s*{_CLOCK}{_ZONE})?"
        ),
        rf"{_WEEKDAY}(?P<mon>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}}){_AT}{_CLOCK}{_ZONE})?",
        (
            rf"{_WEEKDAY}(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?[\s-]+(?:de\s+)?(?P<mon>{_MONTH})\.?,?[\s-]+(?:del?\s+)?(?P<y>\d{{4}}|\d{{2}})"
            rf"{_AT}{_CLOCK}{_ZONE})?"
        ),
        rf"(?:[a-z]{{3}}\s+)(?P<mon>{_MONTH})\s+(?P<d>\d{{1,2}})\s+{_CLOCK}\s+(?P<z>[A-Z]{{2,5}})?\s*(?P<y>\d{{4}})",
        rf"{_CLOCK}{_ZONE}[\s,|·•–-]+(?:on\s+)?{_WEEKDAY}(?P<mon>{_MONTH})\.?\s+(?P<d>\d{{1,2}}),?\s+(?P<y>\d{{4}})",
    )
)
_START = re.compile(r"[^\W\d_]{0,12}[\W_]{0,3}(?:[^\W\d_]{1,12}\W{0,3})?\d")  # how every form begins
# As a year is left out by publishing systems of China: month and day, at most a two-digit year before them.
_SHORT = re.compile(
    rf"(?:(?P<yy>\d{{2}})[-/.])?(?P<m>\d{{1,2}})[-/.月](?P<d>\d{{1,2}})日?(?:\s*{_CLOCK}{_ZONE})?"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A strictly read date: has_time and sure_zone say how much of it was printed."""

    at: datetime
    has_time: bool
    sure_zone: bool


def read(printed: str, zone: tzinfo = UTC) -> Moment | None:
    """Return the time that printed says, zone deciding where it says none; None for what is no date."""
    if len(printed) > 2 * LONGEST:
        return None
    text = squeeze(printed)
    if not text or len(text) > LONGEST or not _START.match(text):
        return None
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _moment(match.groupdict(), zone)
    return None


def read_short(printed: str, latest: datetime, zone: tzinfo = UTC) -> Moment | None:
    """Return the time of a date without a year, or with two digits of it, the last one that is not after latest."""
    match = _SHORT.fullmatch(squeeze(printed[:LONGEST]))
    if match is None:
        return None
    part = match.groupdict()
    if part["yy"]:
        return _moment(part | {"y": f"20{part['yy']}"}, zone)
    this_year = _moment(part | {"y": str(latest.year)}, zone)
    if this_year is not None and this_year.at.date() <= latest.date():
        return this_year
    return _moment(part | {"y": str(latest.year - 1)}, zone)


def _moment(part: dict[str, str | None], zone: tzinfo) -> Moment | None:
    year = int(part["y"] or 0)
    if part.get("roc") or (year < 200 and "roc" in part):
        year += 1911
    elif len(part["y"] or "") == 2:
        year += 2000  # RFC 2822, 4.3, for years that can hold news
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    # IGNORECASE takes ı for i and ſ for s, so a name may match and be in no table: month 0 is no date
    month = _MONTHS.get(str(part["mon"]).lower(), 0) if part.get("mon") else int(part["m"] or 0)
    has_time = part.get("h") is not None
    hour, minute, second = (int(part.get(key) or 0) for key in ("h", "mi", "s"))
    hour = _in_24(hour, part.get("ap"), part.get("cap"))
    try:
        known = _zone(part.get("z"))
        # :60 is a leap second, which datetime cannot hold
        at = datetime(year, month, int(part["d"] or 0), hour, minute, min(second, 59), tzinfo=known or zone)
        at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return Moment(at, has_time, known is not None)


def _in_24(hour: int, ap: str | None, chinese: str | None) -> int:
    half = (ap or "").lower()
    afternoon = half.startswith("p") or chinese in ("下午", "傍晚", "晚上", "晚間", "晚间")
    if afternoon and hour < 12:
        return hour + 12
    return 0 if (half.startswith("a") or chinese == "凌晨") and hour == 12 else hour


def _zone(printed: str | None) -> tzinfo | None:
    """The zone that is printed, when it means one thing.

    Raises:
        ValueError: an offset that no place has.
    """
    if not printed:
        return None
    name = printed.upper()
    if name in _ZONES:
        return timezone(timedelta(minutes=_ZONES[name]))
    if name in _PLACES:
        return ZoneInfo(_PLACES[name])
    if "/" in printed:
        return ZoneInfo(printed) if printed in available_timezones() else None
    match = _OFFSET.fullmatch(name)
    if not match:
        return None
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    if minutes > 14 * 60 or int(match[3] or 0) > 59:
        raise ValueError("no such offset")
    return timezone(timedelta(minutes=minutes if match[1] == "+" else -minutes))
