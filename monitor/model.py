"""The words of Straitwatch as values: frozen, slotted, no I/O, standard library only.

Every datetime is aware. What a person writes (Source, Rule, settings) is in `sources` and `config`;
what the database keeps is in `store`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property

_NO_HEADERS: Mapping[str, str] = {}


class Outcome(StrEnum):
    """What became of an entry. Only PENDING still owes an answer."""

    PENDING = "pending"
    STORED = "stored"
    COPY = "copy"
    DUPLICATE = "duplicate"
    OFF_TOPIC = "off-topic"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    GONE = "gone"


class DateQuality(StrEnum):
    """Where a published time comes from, best first."""

    PAGE = "page"
    FEED = "feed"
    URL = "url"
    DATE_ONLY = "date-only"
    ASSUMED_ZONE = "assumed-zone"
    AHEAD = "ahead"  # more than a day later than its page was fetched
    MISSING = "missing"


class FeedKind(StrEnum):
    """How an address lists its news."""

    FEED = "feed"
    SITEMAP = "sitemap"
    SECTION = "section"


class PageKind(StrEnum):
    """What a fetched page turned out to be."""

    ARTICLE = "article"
    LIST = "list page"
    TEASER = "teaser"
    BLOCK = "block page"
    SHELL = "empty shell"


class LinkKind(StrEnum):
    """Why an article points at a URL."""

    READ_ALSO = "read-also"
    RELATED = "related"
    IN_TEXT = "in-text"
    SOURCE = "source"


class BlockKind(StrEnum):
    """The blocks that make an article's text."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "list item"
    QUOTATION = "quotation"
    TABLE = "table"
    CAPTION = "caption"


class Tier(StrEnum):
    """How much an article concerns the topic; the bounds are the vocabulary's."""

    CORE = "core"
    RELEVANT = "relevant"
    PERIPHERAL = "peripheral"
    OFF_TOPIC = "off-topic"


@dataclass(frozen=True, slots=True)
class Published:
    """A printed time: the aware datetime in the printed zone, how good it is, and the words as printed."""

    at: datetime | None = None
    quality: DateQuality = DateQuality.MISSING
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a feed, a sitemap or a section page: a URL and what the listing said of it."""

    url: str  # absolute, as listed
    title: str = ""
    summary: str = ""  # plain text
    published: Published = Published()
    updated: str = ""  # as printed; only to notice that an item changed
    text: str = ""  # the whole article as plain text, where the feed carries it


@dataclass(frozen=True, slots=True)
class Listing:
    """What one poll of one address brought, newest first as far as the listing says so."""

    lines: tuple[Listed, ...]
    title: str = ""
    notes: tuple[str, ...] = ()  # what was odd, in words: "not well-formed", "2,000 of 30,000 read"
    capped: bool = False  # some lines were left unread, so no ETag may be kept


@dataclass(frozen=True, slots=True)
class Page:
    """An answer as fetched: body after content decoding, before any charset decoding."""

    url: str  # as asked
    final_url: str  # after redirects
    status: int
    body: bytes
    fetched_at: datetime
    headers: Mapping[str, str] = field(default_factory=lambda: _NO_HEADERS)  # names in lower case
    asked: Mapping[str, str] = field(default_factory=lambda: _NO_HEADERS)  # headers sent, without credentials

    @property
    def content_type(self) -> str:
        """The Content-Type header as sent, or ""."""
        return self.headers.get("content-type", "")


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of an article's text, white space squeezed, one line except in tables."""

    kind: BlockKind
    text: str
    level: int = 0  # of a heading: 1 to 6


@dataclass(frozen=True, slots=True)
class Link:
    """An edge from an article to a URL, or to a title where the page gave no URL."""

    kind: LinkKind
    url: str | None  # canonical, absolute
    title: str
    position: int  # index of the block before which it stood, or in which it stands


@dataclass(frozen=True, slots=True)
class Removed:
    """What cleaning took away, and the rule that did."""

    rule: str
    text: str  # at most 200 characters


@dataclass(frozen=True)
class Article:
    """A page made clean. `text` has one line per block."""

    url: str  # canonical
    title: str
    blocks: tuple[Block, ...]
    authors: tuple[str, ...] = ()
    published: datetime | None = None  # aware, in the page's own zone
    published_quality: DateQuality = DateQuality.MISSING
    published_printed: str = ""
    section: str = ""
    language: str = ""  # en, zh-Hans, zh-Hant, or another BCP 47 tag; "" when unknown
    lead_image: str | None = None
    words: int = 0  # each Chinese character counts as one
    wire: str = ""  # the agency credited: Reuters, 新华社
    links: tuple[Link, ...] = ()
    kind: PageKind = PageKind.ARTICLE
    labels: tuple[str, ...] = ()  # "text from feed", "teaser", "encoding doubtful", "may be cut off"
    provenance: Mapping[str, str] = field(default_factory=lambda: _NO_HEADERS)  # field -> where from
    removed: tuple[Removed, ...] = ()

    @cached_property
    def text(self) -> str:
        """The blocks, one line each."""
        return "\n".join(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Mention:
    """A vocabulary term found in an article."""

    term: str  # id in the vocabulary
    form: str  # the spelling found first
    in_title: int  # hits
    in_body: int
    points: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """How relevant an article is, and why."""

    tier: Tier
    points: int
    rules: tuple[str, ...]  # the scoring rules that hold
    mentions: tuple[Mention, ...]  # most points first

    @property
    def on_topic(self) -> bool:
        """Whether the article is stored as an article."""
        return self.tier is not Tier.OFF_TOPIC


def utc_now() -> datetime:
    """The clock, read once at the top of a story and handed down."""
    return datetime.now(UTC)
