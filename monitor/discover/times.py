"""Times that listings print, in the forms of monitor.dates. Strict: none is guessed.

feedparser invents times (2024-02-30 becomes March 1, CST is always American, a Chinese date loses its day), so
the printed text is read here, with the source's zone. What is not understood is `missing`, its words kept.
"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.dates import LONGEST, read
from monitor.model import DateQuality, Published

FUTURE = timedelta(days=2)

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
    kept = printed.strip()[:LONGEST]
    moment = read(printed, ZoneInfo(zone))
    if moment is None or moment.at.astimezone(UTC) > now + FUTURE:
        return Published(printed=kept)
    if not moment.has_time:
        return Published(moment.at, DateQuality.DATE_ONLY, kept)
    return Published(moment.at, DateQuality.FEED if moment.sure_zone else DateQuality.ASSUMED_ZONE, kept)


def find_time(text: str, zone: str, now: datetime) -> Published:
    """Find the first time within a short text, such as what stands beside a headline."""
    match = _ANY.search(text[:2_000])
    return read_time(match.group(), zone, now) if match else Published()
