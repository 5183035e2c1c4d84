"""Times that listings print, in the forms that feeds, sitemaps and section pages use. Strict: none is guessed.

feedparser invents times (2024-02-30 becomes March 1, CST is always American, a Chinese date loses its day), so
the printed text is read here, with the source's zone. What is not understood is `missing`, its words kept.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from monitor.model import DateQuality, Published

LONGEST = 100  # characters; a longer text is no time
EARLIEST_YEAR = 1990
FUTURE = timedelta(days=2)

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), 1,
    )
    for name in names.split()
}  # fmt: skip
# Abbreviations with one meaning wherever news is printed; hours from UTC. CST, IST, BST, AST have several.
_ZONES = {
    "z": 0.0, "gmt": 0.0, "ut": 0.0, "utc": 0.0, "est": -5.0, "edt": -4.0, "cdt": -5.0, "mst": -7.0, "mdt": -6.0,
    "pst": -8.0, "pdt": -7.0, "hst": -10.0, "akst": -9.0, "akdt": -8.0, "et": -5.0, "cet": 1.0, "cest": 2.0,
    "eet": 2.0, "eest": 3.0, "wet": 0.0, "west": 1.0, "msk": 3.0, "hkt": 8.0, "sgt": 8.0, "jst": 9.0, "kst": 9.0,
    "awst": 8.0, "aest": 10.0, "aedt": 11.0, "acst": 9.5, "nzst": 12.0, "nzdt": 13.0, "pht": 8.0, "wib": 7.0,
}  # fmt: skip
_US_EASTERN = ZoneInfo("America/New_York")

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
_OFFSET = r"\s*(?P<zone>[+-]\d{2}:?\d{2}|[+-]\d{2}\b|[A-Za-z]{1,5}\b(?:[+-]\d{1,2}(?::?\d{2})?)?|[A-Z][a-z]+/[A-Za-z_]+)?"
_DAY_NAME = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s+)?"
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        # RFC 3339, W3C-DTF, and how databases print it
        r"(?P<year>\d{4})(?P<dash>[-/.])(?P<month>\d{1,2})(?P=dash)(?P<day>\d{1,2})(?:(?:T|\s+|\s*,\s*)" + _CLOCK + _OFFSET + r")?",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:T(?P<hour>\d{2}):?(?P<minute>\d{2}):?(?P<second>\d{2})" + _OFFSET + r")?",
        # RFC 822 and 2822
        _DAY_NAME + r"(?P<day>\d{1,2})[\s-]+(?P<month>[a-z]{3,9})\.?,?[\s-]+(?P<year>\d{4}|\d{2})(?:(?:\s+at|,)?\s+" + _CLOCK + _OFFSET + r")?",
        # American
        _DAY_NAME + r"(?P<month>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})(?:(?:\s+at|,|\s+-)?\s+" + _CLOCK + _OFFSET + r")?",
        # Chinese, western and Republic years
        (r"(?:(?P<roc>中華民國|民國|民国)\s*)?(?P<year>\d{2,4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号號]"
        r"(?:\s*[(（]?(?:星期|週|周|礼拜)[一二三四五六日天][)）]?)?"
        r"(?:\s*(?P<han>凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|晚間|晚间)?\s*(?P<hour>\d{1,2})\s*(?:[:：时時点點])\s*(?P<minute>\d{1,2})\s*分?"
        r"(?:\s*[:：]?\s*(?P<second>\d{1,2})\s*秒?)?)?"),
    )
]  # fmt: skip
_ANY = re.compile(
    r"(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T\s]+\d{1,2}:\d{2}(?::\d{2})?(?:\s?(?:Z|[+-]\d{2}:?\d{2}))?)?"
    r"|(?:民國\s*\d{2,3}|(?:19|20)\d{2})\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日(?:\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?"
    r"|\b(?:\d{1,2}\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?(?:\s+\d{1,2})?,?\s+(?:19|20)\d{2}"
    r"(?:,?\s+(?:at\s+)?\d{1,2}:\d{2}\s*(?:[ap]\.?m\.?)?)?",
    re.IGNORECASE,
)


def read_time(printed: str, zone: str, now: datetime) -> Published:
    """Read a printed time.

    Quality: FEED with a zone of its own; ASSUMED_ZONE where the source's zone had to be taken; DATE_ONLY, then at
    midnight in the source's zone; MISSING where it is no time, or one before 1990 or more than two days ahead.
    `at` is aware, in the printed zone.
    """
    text = " ".join(printed.split())
    kept = printed.strip()[:LONGEST]
    if not text or len(text) > LONGEST:
        return Published(printed=kept)
    text = text.replace("：", ":").replace("，", ",")
    for form in _FORMS:
        match = form.fullmatch(text)
        if match:
            try:
                found = _moment(match, ZoneInfo(zone), now)
            except (ValueError, OverflowError):
                break
            return Published(found[0], found[1], kept)
    return Published(printed=kept)


def find_time(text: str, zone: str, now: datetime) -> Published:
    """Find the first time within a short text, such as what stands beside a headline."""
    match = _ANY.search(text[:2_000])
    return read_time(match.group(), zone, now) if match else Published()


def _moment(match: re.Match[str], home: ZoneInfo, now: datetime) -> tuple[datetime, DateQuality]:
    part = {name: value for name, value in match.groupdict().items() if value}
    year = int(part["year"])
    if "roc" in part:
        year += 1911
    elif len(part["year"]) == 2:
        year += 2000  # RFC 2822, 4.3, for years that can hold news
    if not EARLIEST_YEAR <= year <= now.year + 1:
        raise ValueError("a year outside of what can be news")
    month = int(part["month"]) if part["month"].isdigit() else _MONTHS.get(part["month"].lower(), 0)
    hour, minute, second = _clock(part)
    naive = datetime(year, month, int(part["day"]), hour, minute, second)  # noqa: DTZ001  (its zone comes next)
    if "hour" not in part:
        at, quality = naive.replace(tzinfo=home), DateQuality.DATE_ONLY
    else:
        zone, quality = _zone(part.get("zone", ""), home, naive)
        at = naive.replace(tzinfo=zone)
    if at.astimezone(UTC) > now + FUTURE:
        raise ValueError("a time to come")
    return at, quality


def _clock(part: dict[str, str]) -> tuple[int, int, int]:
    hour, minute, second = int(part.get("hour", 0)), int(part.get("minute", 0)), int(part.get("second", 0))
    half = part.get("half", "").lower().replace(".", "")
    afternoon = half == "pm" or part.get("han", "") in ("下午", "傍晚", "晚上", "晚間", "晚间")
    if afternoon and hour < 12:
        hour += 12
    if (half == "am" and hour == 12) or (part.get("han") == "凌晨" and hour == 12):
        hour = 0
    return hour, minute, min(second, 59)  # :60 is a leap second, which datetime cannot hold


def _zone(printed: str, home: ZoneInfo, naive: datetime) -> tuple[tzinfo, DateQuality]:
    lower = printed.lower()
    if not lower:
        return home, DateQuality.ASSUMED_ZONE
    if "/" in printed:
        if printed in available_timezones():
            return ZoneInfo(printed), DateQuality.FEED
        return home, DateQuality.ASSUMED_ZONE
    offset = re.fullmatch(r"(?:gmt|utc)?([+-])(\d{1,2}):?(\d{2})?", lower)
    if offset:
        hours, minutes = int(offset[2]), int(offset[3] or 0)
        if hours > 14 or minutes > 59:
            raise ValueError("no such offset")
        ahead = timedelta(hours=hours, minutes=minutes)
        return timezone(-ahead if offset[1] == "-" else ahead), DateQuality.FEED
    if lower == "et":
        return _US_EASTERN, DateQuality.FEED
    # What the source's own zone is called at that time decides first: CST is Shanghai's name, and Chicago's.
    if lower in _ZONES and (home.tzname(naive) or "").lower() != lower:
        return timezone(timedelta(hours=_ZONES[lower])), DateQuality.FEED
    if lower in _ZONES:
        return home, DateQuality.FEED
    return home, DateQuality.ASSUMED_ZONE
