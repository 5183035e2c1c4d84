"""Sources: the outlets that are watched, as TOML that a person writes. Knowledge, not code.

One file holds one source, or several as `[[source]]` tables. Packs of ours lie in `packs/`; a user's own
files lie in the folder that the settings name.
"""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from monitor.model import FeedKind

PACKS = Path(__file__).parent / "packs"


class Side(StrEnum):
    """Whom an outlet speaks for or writes from."""

    US = "us"
    PRC = "prc"
    TW = "tw"
    ALLY = "ally"
    OTHER = "other"


class Kind(StrEnum):
    """What sort of outlet it is."""

    OFFICIAL = "official"
    STATE_MEDIA = "state media"
    WIRE = "wire"
    TRADE = "trade"
    PRESS = "press"
    THINK_TANK = "think tank"


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address that begins with http:// or https://")
    return url


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("must be a time zone such as Asia/Taipei or UTC") from error
    return name


Hours = Annotated[float, Field(gt=0, le=8_760, allow_inf_nan=False)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Zone = Annotated[str, AfterValidator(_zone)]


class Written(BaseModel):
    """Base of whatever a person writes: frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Section(Written):
    """A page that lists news and has no feed: which of its links are articles."""

    url: WebAddress
    links: str = ""  # regular-expression-free pattern: "/news/*/*.html"; "" = judged by shape
    within: str = ""  # CSS selector of the part that holds the list; "" = the whole page


class Source(Written):
    """An outlet. `id` is the word used everywhere: in queries, rows and messages."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    home: WebAddress
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?$")] = "en"
    side: Side
    kind: Kind
    tier: Annotated[int, Field(ge=1, le=4)] = 3  # 1 speaks for itself ... 4 repeats others
    zone: Zone = "UTC"  # of printed times without a zone
    feeds: tuple[WebAddress, ...] = ()
    sitemaps: tuple[WebAddress, ...] = ()
    sections: tuple[Section, ...] = ()
    poll_minutes: Annotated[int, Field(ge=5, le=1440)] = 15
    gap_seconds: Annotated[float, Field(ge=0, le=120)] | None = None  # None = the settings' gap
    silence_days: Annotated[float, Field(gt=0, le=3650)] = 7
    window_days: Annotated[float, Field(gt=0, le=36500)] | None = None  # lines dated before it are not read
    reread_hours: Annotated[tuple[Hours, ...], Field(max_length=20)] | None = (
        None  # None = as its kind; () = never
    )
    lying_etag: bool = False  # it is the same for other listings, or another for the same: never sent back
    keep: Literal["full", "excerpt", "metadata"] = "full"
    always_relevant: bool = False  # contract lists, arms-sale notices: titles carry no keyword
    drop: tuple[str, ...] = ()  # lines (exact, after squeezing spaces) that are never the article's
    enabled: bool = True
    note: str = ""  # traps, why it is off

    @property
    def poll_every(self) -> timedelta:
        """The shortest time between two polls of one of its feeds."""
        return timedelta(minutes=self.poll_minutes)

    @property
    def silence(self) -> timedelta:
        """How long silence is normal, until its history tells better."""
        return timedelta(days=self.silence_days)

    def listings(self) -> list[tuple[FeedKind, str]]:
        """Every address that is polled for news, with how it lists them."""
        return [
            *((FeedKind.FEED, url) for url in self.feeds),
            *((FeedKind.SITEMAP, url) for url in self.sitemaps),
            *((FeedKind.SECTION, section.url) for section in self.sections),
        ]

    def section(self, url: str) -> Section | None:
        """The section whose page is url."""
        return next((section for section in self.sections if section.url == url), None)
