"""OPML 2.0 (opml.org/spec2.opml): the lists in which feed readers hand their feeds to each other. Pure.

What OPML has no place for (whom a source speaks for, its kind, tier, zone and id) goes into its `category`, as
`/side/us,/tier/2`, which other readers pass by. Sitemaps and section pages cannot be told in it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from monitor import urls
from monitor.discover.charset import decode
from monitor.discover.plain import one_line
from monitor.errors import Mistake
from monitor.sources import Source
from monitor.sources.guessing import id_of, kind_of, side_of

LARGEST = 50_000_000  # bytes
MOST_FEEDS = 5_000
LONGEST = 2_000  # characters of an address
_TOLD = ("id", "side", "kind", "tier", "zone")


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of an OPML file."""

    line: int  # where it stands
    url: str
    title: str = ""
    home: str = ""
    language: str = ""
    told: dict[str, str] = field(default_factory=dict)  # of ours: id, side, kind, tier, zone


@dataclass(slots=True)
class Read:
    """What an OPML file holds."""

    feeds: list[Outline] = field(default_factory=list)
    found: int = 0  # outlines that name a feed
    mistakes: list[str] = field(default_factory=list)


class _NoEntities(Exception):
    """The file declares entities: ten of them can be made to fill a memory."""


def read_opml(body: bytes) -> Read:
    """Return the feeds of an OPML file, at most 5,000, and what is wrong with the others.

    Raises:
        Mistake: it is none: too large, not well-formed, or one that declares entities.
    """
    if len(body) > LARGEST:
        raise Mistake(f"over {LARGEST // 1_000_000} MB; that is no list of feeds")
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")  # whatever it declares: the charset was undone before
    parser.StartElementHandler = reader.start
    parser.EntityDeclHandler = reader.declared
    reader.line = lambda: parser.CurrentLineNumber
    try:
        parser.Parse(decode(body, "").replace("\x00", "").lstrip().encode("utf-8", "replace"), True)  # noqa: FBT003
    except _NoEntities as error:
        raise Mistake("it declares entities, which is not accepted") from error
    except expat.ExpatError as error:
        raise Mistake(f"line {error.lineno}: not well-formed: {expat.ErrorString(error.code)}") from error
    read = reader.read
    if read.found > MOST_FEEDS:
        read.mistakes.insert(
            0, f"{MOST_FEEDS:,} of {read.found:,} feeds are read; split the file for the others"
        )
    return read


class _Reader:
    """Takes the outlines that name a feed, and counts the others."""

    def __init__(self) -> None:
        self.read = Read()
        self.line: Callable[[], int] = int
        self._seen: dict[str, int] = {}
        self._began = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._began and name.lower() != "opml":
            raise Mistake(f"no OPML: its outermost element is {name[:40]}")
        self._began = True
        outline = {key.lower(): value for key, value in attributes.items()}
        if name.lower() == "outline" and "xmlurl" in outline:
            self.read.found += 1
            if self.read.found <= MOST_FEEDS:
                self._take(outline)

    def declared(self, *_: Any) -> None:
        raise _NoEntities

    def _take(self, outline: dict[str, str]) -> None:
        line, url = self.line(), outline["xmlurl"].strip()
        title = one_line(outline.get("text", "") or outline.get("title", ""))[:80]
        if url.startswith("feed:"):  # feed:https://..., feed://...
            rest = url.removeprefix("feed:")
            url = f"http:{rest}" if rest.startswith("//") else rest
        named = f'line {line}: "{title}": {urls.masked(url[:LONGEST])}'
        if not _is_address(url):
            self.read.mistakes.append(f"{named}: must be an address that begins with http:// or https://")
        elif url in self._seen:
            self.read.mistakes.append(f"{named}: stands in line {self._seen[url]} already")
        else:
            self._seen[url] = line
            home = outline.get("htmlurl", "").strip()
            home = home if _is_address(home) else ""
            language = one_line(outline.get("language", ""))[:20]
            told = _told(outline.get("category", ""))
            self.read.feeds.append(Outline(line, url, title, home, language, told))


def _is_address(url: str) -> bool:
    try:
        return len(url) <= LONGEST and bool(urls.host(url))
    except ValueError:
        return False


def _told(category: str) -> dict[str, str]:
    words = (each.strip().strip("/").split("/", 1) for each in category[:500].split(","))
    return {pair[0]: pair[1] for pair in words if len(pair) == 2 and pair[0] in _TOLD}


def as_sources(feeds: Sequence[Outline], taken: Iterable[str]) -> list[dict[str, Any]]:
    """The values of the sources that feeds make: those of one home are one source. Ids that are taken get a number."""
    ids = set(taken)
    made: dict[str, dict[str, Any]] = {}
    for feed in feeds:
        key = feed.home or feed.url
        if key in made:
            made[key]["feeds"].append(feed.url)
            continue
        home = feed.home or "{0.scheme}://{0.netloc}/".format(urlsplit(feed.url))
        wanted = feed.told.get("id") or id_of(home)
        chosen, number = wanted, 2
        while chosen in ids:
            chosen, number = f"{wanted[:35]}-{number}", number + 1
        ids.add(chosen)
        made[key] = {
            "id": chosen, "name": feed.title or chosen, "home": home, "language": _language(feed.language),
            "side": feed.told.get("side", side_of(home).value), "kind": feed.told.get("kind", kind_of(home).value),
            "tier": int(feed.told["tier"]) if feed.told.get("tier", "").isdecimal() else 3,
            "zone": feed.told.get("zone", "UTC"), "feeds": [feed.url],
        }  # fmt: skip
    return list(made.values())


def _language(written: str) -> str:
    """A tag as sources have it: en, zh-Hant; "en" where nothing usable is said."""
    first, *rest = written.replace("_", "-").split("-")
    if not (first.isascii() and first.isalpha() and len(first) in (2, 3)):
        return "en"
    script = next((part.title() for part in rest if len(part) == 4 and part.isalpha()), "")
    return f"{first.lower()}-{script}" if script else first.lower()


def write_opml(sources: Iterable[Source], now: datetime) -> str:
    """Return an OPML file of the sources' feeds, one outline each."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">', "  <head>", "    <title>Straitwatch</title>",
        f"    <dateCreated>{format_datetime(now)}</dateCreated>", "  </head>", "  <body>",
    ]  # fmt: skip
    for source in sources:
        told = {
            "id": source.id,
            "side": source.side.value,
            "kind": source.kind.value,
            "tier": source.tier,
            "zone": source.zone,
        }
        category = ",".join(f"/{name}/{value}" for name, value in told.items())
        for url in source.feeds:
            attributes = {
                "type": "rss", "text": source.name, "title": source.name, "xmlUrl": url, "htmlUrl": source.home,
                "language": source.language, "category": category,
            }  # fmt: skip
            spelled = " ".join(f"{name}={quoteattr(one_line(value))}" for name, value in attributes.items())
            lines.append(f"    <outline {spelled}/>")
    return "\n".join([*lines, "  </body>", "</opml>"]) + "\n"
