"""The bounds of fetching, each a setting. Defaults: what must be survived, measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

MB = 1_000_000

FetchKind = Literal["page", "feed", "sitemap", "robots"]


@dataclass(frozen=True, slots=True)
class SizeLimit:
    """Bytes of one body: as received, and after its content coding is undone."""

    received: int
    decoded: int


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Everything that bounds a request. Seconds, bytes, counts."""

    user_agent: str = "Straitwatch/0.1"  # name/version first; robots.txt is asked for the name
    gap_seconds: float = 2.0  # between two requests to one host
    connect_seconds: float = 10.0
    silence_seconds: float = 20.0  # no byte for so long
    total_seconds: float = 60.0  # a whole request with its redirects, waiting for the host's turn left out
    turn_seconds: float = 180.0  # waiting for the host's turn
    header_bytes: int = 64_000
    page: SizeLimit = SizeLimit(10 * MB, 20 * MB)
    feed: SizeLimit = SizeLimit(5 * MB, 5 * MB)
    sitemap: SizeLimit = SizeLimit(50 * MB, 50 * MB)
    robots: SizeLimit = SizeLimit(512_000, 512_000)  # RFC 9309, 2.5: at least 500 KiB; the rest is ignored
    redirects: int = 5
    lines: int = 2_000  # of one listing, the newest
    sitemaps: int = 50  # of one index, those below it included
    sitemap_depth: int = 3  # indexes may name indexes, and themselves
    downgrade: bool = False  # may a redirect lead from https to http?
    least_port: int = 1024  # besides 80 and 443
    connections: int = 64
    robots_seconds: float = 3_600.0  # how long an answer of robots.txt holds
    robots_failure_seconds: float = 300.0  # how long we let a failing robots.txt rest
    crawl_delay_seconds: float = 120.0  # a longer Crawl-delay is refused as too slow to follow
    retry_after_seconds: float = 86_400.0
    host_failures: int = 4  # after so many in a row ...
    host_rest_seconds: float = 300.0  # ... the host is left alone
    ca_file: str = ""  # certificates to trust instead of the common ones, for an intranet
    # "host" -> "address:port", as in curl --resolve. The only way to a private address beside allow_private.
    # Holds for the host's default ports; https:// of such a host is asked over plain http, as the demo speaks.
    resolve: Mapping[str, str] = field(default_factory=dict)
    allow_private: frozenset[str] = frozenset()  # "host" or "host:port" that may have a private address

    def size(self, kind: FetchKind) -> SizeLimit:
        """The bounds of a body of this kind."""
        limit: SizeLimit = getattr(self, kind)
        return limit
