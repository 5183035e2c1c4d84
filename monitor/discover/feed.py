"""RSS, RDF, Atom and JSON feeds to lines. feedparser reads; everything that it would believe is checked."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import feedparser

from monitor import urls
from monitor.discover.charset import decode
from monitor.discover.feedtext import MOST_ITEMS, has_root, safe_feed
from monitor.discover.plain import one_line, plain
from monitor.discover.times import read_time
from monitor.errors import Unreadable
from monitor.model import Listed, Listing, Page

LONGEST_TITLE = 1_000  # characters
LONGEST_SUMMARY = 10_000
LONGEST_TEXT = 200_000
LEAST_TEXT = 400  # characters: shorter content is a summary
MOST_NOTES = 20

_Entry = Mapping[str, Any]


def read_feed(page: Page, zone: str, most: int = MOST_ITEMS) -> Listing:
    """Return the lines of a feed, at most `most`, the newest.

    Raises:
        Unreadable: the body holds no feed.
    """
    text = decode(page.body, page.content_type)
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return _read_json(text, page, zone, most)
    if not has_root(text):
        raise Unreadable("not a feed: no rss, feed or RDF element in it")
    made = safe_feed(text, zone, page.fetched_at, most)
    # Bytes only: of a str feedparser would open the file or the address that it names.
    parsed = feedparser.parse(
        made.text.encode("utf-8", "replace"),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    if parsed.get("bozo") and not made.notes:
        made.notes.append("not well-formed")
    # dict: feedparser's own answers a question for `updated` with `published`, and warns.
    lines, refused = _lines([_of_feedparser(dict(entry)) for entry in parsed.entries], page, zone)
    notes = [*made.notes, *refused]
    title = plain(str(parsed.feed.get("title", "")))[:LONGEST_TITLE]
    return Listing(newest_first(lines), title, tuple(notes[:MOST_NOTES]), capped=made.cut)


def newest_first(lines: Sequence[Listed]) -> tuple[Listed, ...]:
    """Return lines newest first where all of them say when; else as they were listed."""
    if all(line.published.at for line in lines):
        return tuple(
            sorted(
                lines, key=lambda line: line.published.at or datetime.min.replace(tzinfo=UTC), reverse=True
            )
        )
    return tuple(lines)


def _lines(entries: Sequence[_Entry], page: Page, zone: str) -> tuple[list[Listed], list[str]]:
    lines: list[Listed] = []
    refused: list[str] = []
    for entry in entries:
        title = entry["title"][:LONGEST_TITLE]
        url = _url(entry["links"], page)
        if not url:
            shown = next((one_line(link)[:100] for link in entry["links"] if link), "none")
            refused.append(f'item "{title[:80]}" has no link that can be asked for: {urls.masked(shown)}')
            continue
        published = read_time(entry["published"], zone, page.fetched_at)
        updated = one_line(entry["updated"])[:100]
        lines.append(Listed(url, title, entry["summary"], published, updated, entry["text"]))
    return lines, refused


def _url(links: Sequence[str], page: Page) -> str:
    """The first of the links that is an http(s) address, resolved against the feed's own."""
    for link in links:
        try:
            return urls.join(page.final_url, link)
        except ValueError:
            continue
    return ""


def _of_feedparser(entry: _Entry) -> dict[str, Any]:
    contents = [str(content.get("value", "")) for content in entry.get("content", ())]
    summary = plain(str(entry.get("summary", "")))
    text = plain(max(contents, key=len), lines=True) if contents else ""
    published, updated = _printed(entry)
    guid = str(entry.get("id", ""))
    return {
        "title": plain(str(entry.get("title", ""))),
        "links": [*_links(entry), guid if guid.startswith(("http://", "https://")) else ""],
        "summary": (summary or one_line(text))[:LONGEST_SUMMARY],
        "published": published,
        "updated": updated,
        "text": text[:LONGEST_TEXT] if len(text) >= LEAST_TEXT and len(text) > len(summary) else "",
    }


def _links(entry: _Entry) -> Iterator[str]:
    """Addresses of the article, the publisher's own before a proxy's."""
    yield str(entry.get("feedburner_origlink", ""))
    for link in entry.get("links", ()):
        if link.get("rel", "alternate") == "alternate" and "html" in link.get("type", "text/html"):
            yield str(link.get("href", ""))
    yield str(entry.get("link", ""))


def _printed(entry: _Entry) -> tuple[str, str]:
    """Published and updated as printed; a lone date is when it was published."""
    published = str(entry.get("published", "") or entry.get("created", ""))
    updated = str(entry.get("updated", ""))
    return published or updated, updated if published else ""


def _read_json(text: str, page: Page, zone: str, most: int) -> Listing:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org)."""
    try:
        feed = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise Unreadable("not a feed: broken JSON") from error
    version = feed.get("version", "") if isinstance(feed, dict) else ""
    items = feed.get("items") if isinstance(feed, dict) else None
    if "jsonfeed.org" not in str(version) or not isinstance(items, list):
        raise Unreadable("not a feed: JSON")
    whole = [item for item in items if isinstance(item, dict)]
    lines, notes = _lines([_of_json(item) for item in whole[:most]], page, zone)
    if len(whole) > most:
        notes.insert(0, f"{most:,} of {len(whole):,} read")
    capped = len(whole) > most
    return Listing(
        newest_first(lines), plain(_word(feed, "title"))[:LONGEST_TITLE], tuple(notes[:MOST_NOTES]), capped
    )


def _of_json(item: Mapping[str, Any]) -> dict[str, Any]:
    text = plain(_word(item, "content_html") or _word(item, "content_text"), lines=True)
    summary = plain(_word(item, "summary"))
    guid = _word(item, "id")
    return {
        "title": plain(_word(item, "title")),
        "links": [_word(item, "url"), guid if guid.startswith("http") else "", _word(item, "external_url")],
        "summary": (summary or one_line(text))[:LONGEST_SUMMARY],
        "published": _word(item, "date_published") or _word(item, "date_modified"),
        "updated": _word(item, "date_modified") if _word(item, "date_published") else "",
        "text": text[:LONGEST_TEXT] if len(text) >= LEAST_TEXT else "",
    }


def _word(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name, "")
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()  # PostgreSQL takes no NUL


_TTL = re.compile(r"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(r"<sy:updatePeriod>\s*(hourly|daily|weekly|monthly|yearly)\s*<", re.IGNORECASE)
_FREQUENCY = re.compile(r"<sy:updateFrequency>\s*(\d{1,9})\s*<", re.IGNORECASE)
_MAX_AGE = re.compile(r"\bmax-age\s*=\s*(\d{1,10})", re.IGNORECASE)
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def wished_pause(page: Page) -> float | None:
    """Return the seconds between two polls that the feed asks for, unclamped, or None.

    RSS 2.0 ttl (minutes), the syndication module's sy:update*, Cache-Control: max-age; the longest of them.
    """
    head = page.body[:20_000].decode("latin-1")
    wishes = [float(match.group(1)) * 60 for match in _TTL.finditer(head)]
    period, frequency = _PERIOD.search(head), _FREQUENCY.search(head)
    if period:
        wishes.append(_PERIODS[period.group(1).lower()] / max(1, int(frequency.group(1)) if frequency else 1))
    age = _MAX_AGE.search(page.headers.get("cache-control", ""))
    if age:
        wishes.append(float(age.group(1)))
    return max(wishes, default=None)
