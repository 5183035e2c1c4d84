"""The fetcher: a URL to a Page, or the sentence that says why not.

The way of one request: is it an address we may ask for? does robots.txt allow it? then wait for the host's
turn and gap, connect through the guard, read within bounds. A redirect begins the way anew, credentials stay
behind, and its body is not read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from time import monotonic
from types import TracebackType
from typing import Self

import httpx

from monitor import urls
from monitor.errors import Refused, SiteDown
from monitor.fetch.address import Address, address
from monitor.fetch.body import ACCEPT_ENCODING, read_body
from monitor.fetch.faults import Broken, translated
from monitor.fetch.guard import Guard
from monitor.fetch.limits import FetchKind, FetchLimits, SizeLimit
from monitor.fetch.manners import Turns, retry_after
from monitor.fetch.robots import Robots, RobotsKept, read_robots
from monitor.fetch.wire import Transport, Watch, Wire
from monitor.model import Page, utc_now

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ERROR_BODY = SizeLimit(100_000, 100_000)  # of a page of error: enough for its words
_LONGEST_VALIDATOR = 1_000  # bytes of an ETag that we send back
_ACCEPT: Mapping[str, str] = {
    "page": "text/html, application/xhtml+xml, */*;q=0.8",
    "feed": "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.8",
    "sitemap": "application/xml, text/xml, application/gzip, */*;q=0.8",
    "robots": "text/plain, */*;q=0.8",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one hop asks for."""

    where: Address
    kind: FetchKind
    headers: Mapping[str, str]
    gap: float
    seconds: float  # left of the whole request


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    location: str  # of a redirect, as sent


class Fetcher:
    """Asks sites. Use as a context manager; one for a process, from any number of threads."""

    def __init__(self, limits: FetchLimits | None = None) -> None:
        self.limits = self._limits = limits or FetchLimits()
        self._agent = self._limits.user_agent.split("/")[0].strip()
        self._guard = Guard(self._limits.resolve, self._limits.allow_private)
        self._wire = Wire(self._guard)
        self._turns = Turns(
            turn_seconds=self._limits.turn_seconds,
            host_failures=self._limits.host_failures,
            host_rest_seconds=self._limits.host_rest_seconds,
        )
        self._robots = RobotsKept(
            seconds=self._limits.robots_seconds, failure_seconds=self._limits.robots_failure_seconds
        )
        # The transport and not a Client: a Client keeps cookies, logs whole URLs with their secrets, reads the
        # environment, and looks at every Location even when it follows none.
        self._transport = Transport(
            self._wire, connections=self._limits.connections, ca_file=self._limits.ca_file
        )
        self._timeout = httpx.Timeout(
            self._limits.silence_seconds,
            connect=self._limits.connect_seconds,
            pool=self._limits.turn_seconds,
        ).as_dict()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection and let nobody wait for a turn any longer."""
        self._turns.close()
        self._transport.close()

    def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        kind: FetchKind = "page",
        robots: bool = True,
        gap: float | None = None,
        retry: bool = False,
    ) -> Page:
        """Return the final answer to url, whatever its status; the caller judges statuses.

        Args:
            url: absolute http(s), as listed; credentials in it go to its own origin only.
            etag: the ETag of the last answer, sent back byte for byte.
            last_modified: the Last-Modified of the last answer, sent back as it was.
            kind: which bounds of size hold.
            robots: ask robots.txt first; False only where a person asked for this one address by hand.
            gap: seconds between two requests to the host; None = the settings'. A Crawl-delay may be longer.
            retry: after a 5xx or a connection that broke at once, ask once more after the gap.

        Raises:
            Refused: the address guard, robots.txt, a bound, or where a redirect leads.
            Unreadable: a content coding that we did not ask for and do not know.
            SiteDown: the network, time, an incomplete body, or a host that wants to be left alone.
        """
        wait = self._limits.gap_seconds if gap is None else gap
        conditions = _conditions(etag, last_modified)

        def ask() -> Page:
            return self._follow(url, kind, conditions, gap=wait, robots=robots)

        page = self._with_one_retry(ask) if retry else ask()
        if page.status == 304 and not conditions:
            raise SiteDown(f"{urls.host(page.final_url)}: 304 Not Modified to an unconditional request")
        return page

    def hold(self, host: str, seconds: float, why: str = "asked us to wait") -> None:
        """Leave a host alone: what a Retry-After of an earlier process still asks for."""
        self._turns.hold(host, min(seconds, self._limits.retry_after_seconds), why)

    def held(self) -> Mapping[str, float]:
        """Hosts that are left alone, and for how many seconds from now."""
        return self._turns.held()

    def forgive(self) -> None:
        """Forget that hosts failed: our own network was down. What they asked for themselves is kept."""
        self._turns.forgive()
        self._robots.forget_failures()

    def _with_one_retry(self, ask: Callable[[], Page]) -> Page:
        try:
            page = ask()
        except Broken:
            return ask()
        return ask() if page.status >= 500 and "retry-after" not in page.headers else page

    def _follow(
        self, url: str, kind: FetchKind, conditions: Mapping[str, str], *, gap: float, robots: bool
    ) -> Page:
        left = self._limits.total_seconds
        where = address(url, self._guard, least_port=self._limits.least_port)
        first = where
        chain = [where.spelled]
        while True:
            pause = gap
            if robots:
                pause = max(gap, self._allowed(where).crawl_delay)
            headers = self._headers(kind, conditions, where)
            begun = monotonic()
            answer = self._ask(_Asked(where, kind, headers, pause, left))
            left -= monotonic() - begun
            if answer.status not in _REDIRECTS or not answer.location:
                return Page(
                    url=_without_credentials(url, first), final_url=where.spelled, status=answer.status,
                    body=answer.body, fetched_at=utc_now(), headers=answer.headers, asked=_told(headers),
                )  # fmt: skip
            where = self._next(where, answer.location, chain)
            chain.append(where.spelled)

    def _next(self, here: Address, location: str, chain: list[str]) -> Address:
        """Where a redirect leads."""
        shown = urls.masked(location)
        try:
            there = urls.join(here.spelled, location)
        except ValueError as error:
            raise Refused(f"redirect to no URL: {shown}") from error
        where = address(there, self._guard, least_port=self._limits.least_port)
        if here.url.scheme == "https" and where.url.scheme == "http" and not self._limits.downgrade:
            raise Refused(f"redirect from https to http: {shown}")
        if where.spelled in chain:
            raise Refused(f"redirect loop: {_shown([*chain, where.spelled])}")
        if len(chain) > self._limits.redirects:
            raise Refused(f"more than {self._limits.redirects} redirects: {_shown([*chain, where.spelled])}")
        # Credentials are the first address's own: kept on the same origin, never taken from a redirect.
        return replace(where, credentials=here.credentials if where.origin == here.origin else None)

    def _headers(self, kind: FetchKind, conditions: Mapping[str, str], where: Address) -> dict[str, str]:
        headers = {
            "User-Agent": self._limits.user_agent,
            "Accept": _ACCEPT[kind],
            "Accept-Encoding": ACCEPT_ENCODING,
            **conditions,
        }
        if where.credentials:
            request = httpx.Request("GET", where.url)
            next(httpx.BasicAuth(*where.credentials).auth_flow(request))
            headers["Authorization"] = request.headers["Authorization"]
        return headers

    def _allowed(self, where: Address) -> Robots:
        """The rules of where's origin, once they allow it."""
        with self._robots.asking(where.origin):
            robots = self._robots.known(where.origin, monotonic())
            if robots is None:
                try:
                    robots = self._ask_robots(where)
                except (SiteDown, Refused) as error:
                    self._robots.keep(where.origin, error, monotonic())
                    raise
                self._robots.keep(where.origin, robots, monotonic())
        why = robots.refusal(where.spelled, self._agent)
        if why:
            raise Refused(f"{where.host}: {why}")
        return robots

    def _ask_robots(self, where: Address) -> Robots:
        file = f"{where.origin}/robots.txt"
        try:
            page = self._follow(file, "robots", {}, gap=0.0, robots=False)
        except SiteDown as error:
            raise SiteDown(
                f"{where.host}: no robots.txt, so nothing is asked for: {error}", reached=error.reached
            ) from error
        except Refused as error:
            if "redirect" in str(error):  # RFC 9309, 2.3.1.2: too many of them is as if there were none
                return Robots(None)
            raise Refused(f"robots.txt: {error}") from error
        slowest = self._limits.crawl_delay_seconds
        return read_robots(where.host, page.status, page.body, self._agent, slowest=slowest)

    def _ask(self, asked: _Asked) -> _Answer:
        """Ask one hop, when it is its host's turn."""
        host = asked.where.host
        with self._turns.turn(host, asked.gap):
            try:
                answer = self._exchange(asked)
            except SiteDown:
                self._turns.failed(host)
                raise
            self._turns.answered(host)
            if answer.status in (429, 503):
                at_most = self._limits.retry_after_seconds
                seconds = retry_after(answer.headers.get("retry-after", ""), utc_now(), at_most=at_most)
                if seconds:
                    self._turns.hold(host, seconds, f"it answered {answer.status} and asked us to wait")
        return answer

    def _exchange(self, asked: _Asked) -> _Answer:
        limits = self._limits
        host = asked.where.host
        watch = Watch(asked.seconds, limits.header_bytes)
        self._wire.watch(watch)
        try:
            with translated(
                host, connect_seconds=limits.connect_seconds, silence_seconds=limits.silence_seconds
            ):
                request = httpx.Request(
                    "GET",
                    asked.where.url,
                    headers=_encoded(asked.headers),
                    extensions={"timeout": self._timeout},
                )
                response = self._transport.handle_request(request)
                try:
                    watch.in_body = True
                    return self._read(response, asked)
                finally:
                    response.close()
        except SiteDown as error:
            if watch.over:
                raise SiteDown(
                    f"{host}: slower than {limits.total_seconds:g} s", reached=error.reached
                ) from error
            raise
        finally:
            self._wire.watch(None)

    def _read(self, response: httpx.Response, asked: _Asked) -> _Answer:
        headers = _plain(response)
        if response.status_code in _REDIRECTS:
            return _Answer(response.status_code, headers, b"", _location(response))
        cut = response.status_code >= 400 or asked.kind == "robots"
        limit = _ERROR_BODY if response.status_code >= 400 else self._limits.size(asked.kind)
        declared = headers.get("content-length", "")
        if not cut and declared.isascii() and declared.isdigit() and int(declared[:20]) > limit.received:
            raise Refused(f"{asked.where.host}: body over {limit.received / 1_000_000:g} MB")
        coding = headers.get("content-encoding", "")
        try:
            body = read_body(response.iter_raw(), coding, limit, cut=cut)
        except SiteDown as error:
            raise SiteDown(f"{asked.where.host}: {error}") from error
        return _Answer(response.status_code, headers, body, "")


def _conditions(etag: str, last_modified: str) -> dict[str, str]:
    conditions = {}
    for name, value in (("If-None-Match", etag), ("If-Modified-Since", last_modified)):
        sendable = all(" " <= letter <= "\xff" and letter != "\x7f" for letter in value)
        if value and sendable and len(value) <= _LONGEST_VALIDATOR:
            conditions[name] = value
    return conditions


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """As bytes, one for each character, so that an ETag goes back as it came."""
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]


def _told(headers: Mapping[str, str]) -> dict[str, str]:
    """What was sent, as it may be kept."""
    return {name.lower(): value for name, value in headers.items() if name != "Authorization"}


def _plain(response: httpx.Response) -> dict[str, str]:
    """Header names in lower case; a character of a value is a byte, repeated headers are joined by commas."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _location(response: httpx.Response) -> str:
    raw = next((value for name, value in response.headers.raw if name.lower() == b"location"), b"")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _without_credentials(url: str, where: Address) -> str:
    return where.spelled if where.credentials else url


def _shown(chain: list[str]) -> str:
    return " -> ".join(urls.masked(url) for url in chain)[:1_000]
