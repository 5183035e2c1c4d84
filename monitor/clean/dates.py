"""When an article was published: strict forms only, structured places first.

Never a date from running text (history's dates would win). Forms are those of monitor.dates.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import partial
from itertools import islice, takewhile, zip_longest

from lxml import etree

from monitor.clean.container import names
from monitor.clean.jsonld import Data, words
from monitor.clean.rules import region
from monitor.clean.survey import short
from monitor.dates import LONGEST, Moment, read, read_short
from monitor.model import DateQuality, Published
from monitor.text import one_line

__all__ = ["LABEL", "LONGEST", "published", "read"]

Lines = Callable[[], list[str]]

LEAST_DIGITS = 2  # of what may be a date that nobody can read
LEVELS = 6  # parts around a headline in which its date stands
MOST_TIMES = 300  # elements that may print a date
FARTHEST_ZONE = timedelta(hours=14)
LARGEST = 100_000  # characters of a script in which the page's making is looked for

_IN_URL = re.compile(
    r"/(20\d\d)/(\d{1,2})/(\d{1,2})(?=[/_.-]|$)"  # /2026/11/24/
    r"|/(20\d\d)/([a-z]{3})/(\d{1,2})(?=[/_.-]|$)"  # /2026/nov/24/
    r"|/(20\d\d)-?(\d\d)/(\d\d)(?=[/_.-]|$)"  # /2026-11/24/, /202611/24/
    r"|/(20\d\d)/(\d\d)(\d\d)(?=[/_.-]|$)"  # /2026/1124/
    r"|(?<!\d)(20\d\d)-(\d\d)-(\d\d)(?!\d)"
    r"|[/_-][a-zA-Z]?(20\d\d)(\d\d)(\d\d)(?=[/_.-]|\d{0,9}[/.]|[a-z]\d|$)"  # /20261124001.html, t20261124_1.htm
)
LABEL = re.compile(
    r"^(?:published|posted|first published|date|发布时间|发布日期|發布時間|發佈時間|发表时间|發表時間|日期|时间|時間|发稿时间|發稿時間|首次上稿|发布于|發布於|发表于)(?: (?:on|at))?\s*[:：]?\s*",
    re.IGNORECASE,
)
_LOOKS_SHORT = re.compile(r"(?:\d{2}[-/.])?\d{1,2}[-/.月]\d{1,2}日?(?!\d)")
_SCRIPTED = re.compile(
    r"""\b(?:publish(?:ed)?_?(?:time|date|at|on)|pub_?(?:time|date)|date_?published|var ct)["']?\s{0,3}[:=]\s{0,3}["']?"""
    r"""(\d{4}-\d\d-\d\d[T ]\d\d:\d\d[^"',;<>{}]{0,15}|1\d{9}(?:\d{3})?)(?=["'\s,;}])""",
    re.IGNORECASE,
)
_STAMP = re.compile(r"""["'](20\d\d-\d\d-\d\d[T ]\d\d:\d\d)""")


_META = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished", "parsely-pub-date", "sailthru.date",
    "publishdate", "publish-date", "publish_date", "pubdate", "dc.date.issued", "dcterms.created", "dcterms.date", "dc.date", "date",
    "cxenseparse:recs:publishtime", "article.published", "originalpublicationdate", "og:published_time", "bt:pubdate", "weibo:article:create_at",
    "article_date_original", "apub:time", "publication_date", "og:release_date", "rnews:datepublished", "created", "firstpublished", "displaydate", "shareaholic:article_published_time", "datecreated",
)  # fmt: skip


def published(
    data: Data, visible: Lines, url: str, zone: tzinfo, heading: etree._Element | None = None
) -> tuple[Published, str]:
    """Return when the page says it was published, and the place that says so.

    visible: gives the lines where a page prints its date (beside the headline, in a byline).
    """
    doubtful: list[tuple[Published, str]] = []
    first = ""
    around = _around(heading)
    for printed, place in _places(data, visible, around):
        first = first or _like_a_date(printed)
        moment = read(printed, zone)
        if moment is None:
            continue
        found = Published(moment.at, _quality(moment), one_line(printed, LONGEST)), place
        if found[0].quality is DateQuality.PAGE:
            if doubtful and doubtful[0][0].at and _printed_elsewhere(doubtful[0][0].at, moment.at):
                break
            return replace(found[0], at=_in_its_zone(moment.at, data, around)), place
        doubtful.append(found)
    if doubtful:
        return _likeliest(doubtful, day_in(url))
    if (scripted := _in_scripts(data, zone)) is not None:
        return scripted, "script"
    if named := day_in(url):
        midnight = datetime(named.year, named.month, named.day, tzinfo=zone)
        return Published(midnight, DateQuality.URL, named.isoformat()), "url"
    if (called := _called_a_date(data, zone)) is not None:
        return called, "date element"
    if (short_of_year := _without_year(data, zone)) is not None:
        return short_of_year, "byline, its year from the page"
    return Published(printed=one_line(first, LONGEST)), ""


def day_in(url: str) -> date | None:
    """The day that an address names."""
    match = _IN_URL.search(url)
    if match is None:
        return None
    year, month, day = (part for part in match.groups() if part)
    moment = read(f"{day} {month} {year}" if month.isalpha() else f"{year}-{month}-{day}")
    return moment.at.date() if moment else None


def _likeliest(doubtful: list[tuple[Published, str]], named: date | None) -> tuple[Published, str]:
    """The first of several dates, or the first near the day that the address names; with its hour."""
    near = [f for f in doubtful if named and f[0].at and abs(f[0].at.date() - named) <= timedelta(days=1)]
    chosen, *others = near or doubtful
    return next((other for other in others if _tells_the_hour(chosen[0], other[0])), chosen)


def _tells_the_hour(before: Published, after: Published) -> bool:
    """Whether after gives the time of the very day that before names."""
    if before.quality is not DateQuality.DATE_ONLY or after.quality is not DateQuality.ASSUMED_ZONE:
        return False
    return before.at is not None and after.at is not None and before.at.date() == after.at.date()


def _like_a_date(printed: str) -> str:
    """What may be a date that nobody can read; "" for words."""
    return printed if sum(map(str.isdigit, printed)) >= LEAST_DIGITS else ""


def _printed_elsewhere(doubtful: datetime, sure: datetime) -> bool:
    """Whether a sure time belongs to another event than a date-only one: more than two days apart."""
    return abs(doubtful - sure) > timedelta(days=2)


def _quality(moment: Moment) -> DateQuality:
    if not moment.has_time:
        return DateQuality.DATE_ONLY
    return DateQuality.PAGE if moment.sure_zone else DateQuality.ASSUMED_ZONE


def _of_another_article(time: etree._Element) -> bool:
    """Whether a time stands in a part that points at other articles, "Related", "Latest", or among comments."""
    for part in time.iterancestors():
        if part.find(".//h1") is not None:  # the page's own headline stands in it
            return False
        if part.tag == "aside":
            return True
        rule = region(names(part))
        if rule is not None and (rule.links or rule.name == "comments"):
            return True
    return False


def _places(data: Data, visible: Lines, around: list[etree._Element]) -> Iterator[tuple[str, str]]:
    for key in ("datePublished", "dateCreated"):
        yield from ((_stated(v), f"json-ld {key}") for v in data.ld(key))
        yield from ((_stated(v), f"microdata {key}") for v in data.micro(key))
    for name in _META:
        if value := data.first(name):
            yield _stated(value), f"meta {name}"
    for node in data.pages:
        yield words(node.get("datePublished") or node.get("uploadDate")), "json-ld page"
    for time in sorted(data.seen.times[:MOST_TIMES], key=partial(_distance, around=around)):
        marks = f"{time.get('itemprop') or ''} {time.get('class') or ''} {time.get('pubdate') or ''}".lower()
        if "modif" in marks or "update" in marks or _of_another_article(time):
            continue
        if stated := time.get("datetime"):
            yield _stated(stated), "time element"
        yield short(time, LONGEST), "time element"
    yield from ((said, "byline") for said in _in_pieces(data))
    yield from ((line, "byline") for line in visible())


def _stated(value: object) -> str:
    """A date as it is stated for machines, seconds or milliseconds since 1970 too."""
    text = str(value) if isinstance(value, int) else words(value)
    if not _SINCE_1970.fullmatch(text):
        return text
    return datetime.fromtimestamp(int(text[:10]), UTC).isoformat()


_SINCE_1970 = re.compile(r"1\d{9}(?:\d{3})?")


def _in_pieces(data: Data) -> Iterator[str]:
    """Dates whose parts stand in elements of their own: year, day and hour; and those that an <abbr> spells out."""
    for element in data.seen.dated[:MOST_TIMES]:
        if element.tag == "abbr":
            if "update" not in (element.get("class") or "") and not _of_another_article(element):
                yield element.get("title") or ""
        elif 2 <= len(element) <= MOST_PIECES:
            pieces = [short(piece, LONGEST) for piece in element if isinstance(piece.tag, str)]
            if pieces[:1] and pieces[0].isdigit() and not _of_another_article(element):
                yield " ".join(filter(None, pieces))


MOST_PIECES = 5


def _around(heading: etree._Element | None) -> list[etree._Element]:
    """The parts of the page that hold the headline, the innermost first."""
    if heading is None:
        return []
    above = islice(heading.iterancestors(), LEVELS)
    return [heading, *takewhile(lambda part: part.tag not in ("body", "html"), above)]


def _distance(element: etree._Element, around: list[etree._Element]) -> int:
    """How many parts around the headline do not hold an element."""
    above = islice(element.iterancestors(), 3 * LEVELS)
    return next((around.index(part) for part in above if part in around), len(around))


def _in_its_zone(at: datetime, data: Data, around: list[etree._Element]) -> datetime:
    """The same moment in the page's zone, where it states UTC and prints its own time beside the headline."""
    if at.utcoffset():
        return at
    for element in (*data.seen.times[:MOST_TIMES], *data.seen.dated[:MOST_TIMES]):
        called = (element.get("class") or "").lower()
        if "update" in called or "modif" in called:
            continue
        if "publish" not in called and _distance(element, around) == len(around):
            continue
        for said in (element.get("datetime") or "", LABEL.sub("", short(element, LONGEST))):
            printed = read(said)
            if printed is None or not printed.has_time or printed.sure_zone:
                continue
            ahead = printed.at.replace(second=0) - at.astimezone(UTC).replace(second=0, microsecond=0)
            if ahead and abs(ahead) <= FARTHEST_ZONE and not ahead % timedelta(minutes=15):
                return at.astimezone(timezone(ahead))
    return at


def _in_scripts(data: Data, zone: tzinfo) -> Published | None:
    """The time of publication that scripts hold, for pages that print it by script; none where they hold several days."""
    found: dict[date, Published] = {}
    for script in data.seen.scripts:
        for printed in _SCRIPTED.findall((script.text or "")[:LARGEST]):
            if printed.isdigit():
                seconds = int(printed) / (1000 if len(printed) > 10 else 1)
                at = datetime.fromtimestamp(seconds, UTC).astimezone(zone)
                found.setdefault(at.date(), Published(at, DateQuality.PAGE, printed))
            elif moment := read(printed, zone):
                found.setdefault(moment.at.date(), Published(moment.at, _quality(moment), printed))
    return next(iter(found.values())) if len(found) == 1 else None


def _called_a_date(data: Data, zone: tzinfo) -> Published | None:
    """The date in what is called one, for headlines that stand in a part of their own; none where there are several."""
    found: dict[date, Published] = {}
    for element in data.seen.dated[:MOST_TIMES]:
        printed = LABEL.sub("", short(element, LONGEST))
        moment = read(printed, zone)
        if moment is not None and not _of_another_article(element):
            found.setdefault(moment.at.date(), Published(moment.at, _quality(moment), printed))
    return next(iter(found.values())) if len(found) == 1 else None


def _without_year(data: Data, zone: tzinfo) -> Published | None:
    """A date printed without its year, which is the last one before the page was made, as its scripts say."""
    for element, after in zip_longest(data.seen.dated[:MOST_TIMES], data.seen.dated[1:MOST_TIMES]):
        day = LABEL.sub("", short(element, LONGEST))
        if not _LOOKS_SHORT.match(day):
            continue
        stamps = [s for script in data.seen.scripts for s in _STAMP.findall((script.text or "")[:LARGEST])]
        made = max(filter(None, map(read, stamps)), key=lambda moment: moment.at, default=None)
        if made is None:
            return None
        clock = short(after, 10) if after is not None else ""
        moment = read_short(f"{day} {clock}", made.at, zone) or read_short(day, made.at, zone)
        if moment is not None:
            return Published(moment.at, _quality(moment), day)
    return None
