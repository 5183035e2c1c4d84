"""When an article was published: strict forms only, structured places first.

Never a date from running text (history's dates would win), never a guess: what is ambiguous is missing.
Forms: ISO 8601, RFC 5322, English and Chinese printed dates, years of the Republic of China (1 = 1912).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from lxml import etree

from monitor.clean.container import names
from monitor.clean.jsonld import Data, words
from monitor.clean.rules import region
from monitor.model import DateQuality, Published
from monitor.text import squeeze

LONGEST = 100  # characters of a printed date
FIRST_YEAR, LAST_YEAR = 1990, 2100  # the clock is not ours: whoever stores compares with now

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), 1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
# Abbreviations that mean one thing; CST, IST, BST, AST and their like are the source's to decide.
_ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480,
          "PDT": -420, "HKT": 480, "JST": 540, "KST": 540, "CET": 60, "CEST": 120, "SGT": 480, "AEST": 600, "AEDT": 660,
          "GMT+8": 480, "UTC+8": 480, "北京时间": 480, "台北時間": 480}  # fmt: skip
_US_EASTERN = {
    "ET": "America/New_York",
    "PT": "America/Los_Angeles",
    "CT": "America/Chicago",
    "MT": "America/Denver",
}

_CLOCK = (
    r"(?P<h>\d{1,2})[:：时時](?P<mi>\d{2})(?:[:：分](?P<s>\d{2}))?(?:\.\d{1,9})?分?\s*(?P<ap>[ap]\.?\s?m\.?)?"
)
_ZONE = r"\s*\(?(?P<z>Z|[+-]\d{2}:?\d{2}|[+-]\d{2}|(?:GMT|UTC)[+-]\d{1,2}(?::?\d{2})?|[A-Z]{2,5}|北京时间|台北時間)?\)?"
_AMPM = r"(?:\s*(?P<cap>上午|下午|凌晨|早上|晚上|中午))?"
_FORMS = tuple(
    re.compile(form + r"[.。)）\s]*", re.IGNORECASE)
    for form in (
        rf"(?P<y>\d{{4}})-(?P<m>\d{{1,2}})-(?P<d>\d{{1,2}})(?:[T\s,]*{_CLOCK}{_ZONE})?",
        rf"(?P<y>\d{{4}})(?P<m>\d{{2}})(?P<d>\d{{2}})(?:T?(?P<h>\d{{2}})(?P<mi>\d{{2}})(?P<s>\d{{2}})?{_ZONE})?",
        rf"(?P<y>\d{{4}})[/.](?P<m>\d{{1,2}})[/.](?P<d>\d{{1,2}})(?:[\s,]+{_CLOCK}{_ZONE})?",
        (
            rf"(?:(?P<roc>民國|民国|中華民國)\s*)?(?P<y>\d{{2,4}})\s*年\s*(?P<m>\d{{1,2}})\s*月\s*(?P<d>\d{{1,2}})\s*[日号號]?"
            rf"(?:\s*[(（]?(?:星期|周|週|礼拜)[一二三四五六日天][)）]?)?{_AMPM}(?:\s*{_CLOCK}{_ZONE})?"
        ),
        (
            rf"(?:[a-z]{{3,9}}\.?,?\s+)?(?P<mon>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})"
            rf"(?:[\s,|·•–-]*(?:at\s+)?{_CLOCK}{_ZONE})?"
        ),
        (
            rf"(?:[a-z]{{3,9}}\.?,?\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+(?P<mon>{_MONTH})\.?,?[\s-]+(?P<y>\d{{4}})"
            rf"(?:[\s,|·•–-]*(?:at\s+)?{_CLOCK}{_ZONE})?"
        ),
        rf"(?:[a-z]{{3}}\s+)(?P<mon>{_MONTH})\s+(?P<d>\d{{1,2}})\s+{_CLOCK}\s+(?P<z>[A-Z]{{2,5}})?\s*(?P<y>\d{{4}})",
        rf"{_CLOCK}{_ZONE}[\s,|·•–-]+(?:on\s+)?(?:[a-z]{{3,9}}\.?,?\s+)?(?P<mon>{_MONTH})\.?\s+(?P<d>\d{{1,2}}),?\s+(?P<y>\d{{4}})",
    )
)
_IN_URL = re.compile(r"/(20\d\d)[/-]?(\d{1,2})[/-]?(\d{1,2})(?=[/_.-]|\d{0,9}[/.]|$)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A strictly read date: has_time and zone say how much of it was printed."""

    at: datetime
    has_time: bool
    sure_zone: bool


def read(printed: str, zone: tzinfo = UTC) -> Moment | None:
    """Return the time that printed says, zone deciding where it says none; None for what is no date."""
    text = squeeze(printed)
    if not text or len(text) > LONGEST:
        return None
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _moment(match.groupdict(), zone)
    return None


def _moment(part: dict[str, str | None], zone: tzinfo) -> Moment | None:
    year = int(part["y"] or 0)
    if part.get("roc") or (year < 200 and "roc" in part):
        year += 1911
    month = _MONTHS[str(part["mon"]).lower()] if part.get("mon") else int(part["m"] or 0)
    has_time = part.get("h") is not None
    hour, minute, second = (int(part.get(key) or 0) for key in ("h", "mi", "s"))
    hour = _in_24(hour, part.get("ap"), part.get("cap"))
    known = _zone(part.get("z"))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        at = datetime(year, month, int(part["d"] or 0), hour, minute, min(second, 59), tzinfo=known or zone)
        at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return Moment(at, has_time, known is not None)


def _in_24(hour: int, ap: str | None, chinese: str | None) -> int:
    afternoon = (ap or "").lower().startswith("p") or chinese in ("下午", "晚上")
    if afternoon and hour < 12:
        return hour + 12
    return 0 if (ap or "").lower().startswith("a") and hour == 12 else hour


def _zone(printed: str | None) -> tzinfo | None:
    """The zone that is printed, when it means one thing."""
    if not printed:
        return None
    name = printed.upper()
    if name in _ZONES:
        return timezone(timedelta(minutes=_ZONES[name]))
    if name in _US_EASTERN:
        return ZoneInfo(_US_EASTERN[name])
    match = re.fullmatch(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?", name)
    if not match:
        return None
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    if minutes > 14 * 60:
        return None
    return timezone(timedelta(minutes=minutes if match[1] == "+" else -minutes))


_META = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished", "parsely-pub-date", "sailthru.date",
    "publishdate", "publish-date", "publish_date", "pubdate", "dc.date.issued", "dcterms.created", "dcterms.date", "dc.date", "date",
    "cxenseparse:recs:publishtime", "article.published", "originalpublicationdate", "og:published_time", "bt:pubdate", "weibo:article:create_at",
    "article_date_original", "apub:time", "publication_date", "og:release_date", "rnews:datepublished", "created", "firstpublished", "displaydate", "shareaholic:article_published_time", "datecreated",
)  # fmt: skip


def published(data: Data, visible: Callable[[], list[str]], url: str, zone: tzinfo) -> tuple[Published, str]:
    """Return when the page says it was published, and the place that says so.

    visible: lines that stand where a page prints its date (beside the headline, in a byline).
    """
    doubtful: tuple[Published, str] | None = None
    for printed, place in _places(data, visible):
        moment = read(printed, zone)
        if moment is None:
            continue
        found = Published(moment.at, _quality(moment), squeeze(printed)[:LONGEST]), place
        if found[0].quality is DateQuality.PAGE:
            if doubtful and doubtful[0].at and _printed_elsewhere(doubtful[0].at, moment.at):
                return doubtful
            return found
        if doubtful is None or _tells_the_hour(doubtful[0], found[0]):
            doubtful = found
    if doubtful:
        return doubtful
    if (in_url := _IN_URL.search(url)) and (moment := read("-".join(in_url.groups()), zone)):
        return Published(moment.at, DateQuality.URL, in_url[0].strip("/")), "url"
    first = next((printed for printed, _ in _places(data, visible)), "")
    return Published(printed=squeeze(first)[:LONGEST]), ""


def _tells_the_hour(before: Published, after: Published) -> bool:
    """Whether after gives the time of the very day that before names."""
    if before.quality is not DateQuality.DATE_ONLY or after.quality is not DateQuality.ASSUMED_ZONE:
        return False
    return before.at is not None and after.at is not None and before.at.date() == after.at.date()


def _printed_elsewhere(doubtful: datetime, sure: datetime) -> bool:
    """Whether a sure time belongs to another event than a date-only one: more than two days apart."""
    return abs(doubtful - sure) > timedelta(days=2)


def _quality(moment: Moment) -> DateQuality:
    if not moment.has_time:
        return DateQuality.DATE_ONLY
    return DateQuality.PAGE if moment.sure_zone else DateQuality.ASSUMED_ZONE


def _of_another_article(time: etree._Element) -> bool:
    """Whether a time stands in a part that points at other articles: "Related", "Latest"."""
    for part in time.iterancestors():
        if part.find(".//h1") is not None:  # the page's own headline stands in it
            return False
        if part.tag == "aside":
            return True
        rule = region(names(part))
        if rule is not None and rule.links:
            return True
    return False


def _places(data: Data, visible: Callable[[], list[str]]) -> Iterator[tuple[str, str]]:
    for key in ("datePublished", "dateCreated"):
        yield from (
            (words(value), f"json-ld {key}")
            for value in (*data.ld(key), *data.micro(key))
            if isinstance(value, str)
        )
    for name in _META:
        if value := data.first(name):
            yield value, f"meta {name}"
    for time in data.seen.times:
        marks = f"{time.get('itemprop') or ''} {time.get('class') or ''} {time.get('pubdate') or ''}".lower()
        if "modif" in marks or "update" in marks or _of_another_article(time):
            continue
        if stated := time.get("datetime"):
            yield stated, "time element"
        yield squeeze("".join(time.itertext()))[: LONGEST + 1], "time element"
    yield from ((line, "byline") for line in visible())
