"""robots.txt by RFC 9309 through Protego, with its traps stopped.

Stricter than the RFC in one point: 401 and 403 mean no, where the RFC would allow everything.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from time import thread_time

from protego import Protego

from monitor.discover.blockpage import is_block_page, is_html
from monitor.errors import Refused, SiteDown

_LONGEST_LINE = 8_000  # characters; no path that we would ask for is longer
_SLOWEST_ANSWER = 0.05  # CPU seconds
_MOST_ANSWERS = 10_000
_MOST_LINES_SEARCHED = 2_000  # for the line that says no


@dataclass
class Robots:
    """What one origin's robots.txt says to us. Thread-safe."""

    rules: Protego | None  # None: everything is allowed, unless `no` says why not
    no: str = ""
    text: str = ""
    crawl_delay: float = 0.0  # seconds
    _answers: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def refusal(self, url: str, agent: str) -> str:
        """Return why url must not be asked for, or "" when it may be."""
        if self.no or self.rules is None:
            return self.no
        with self._lock:
            known = self._answers.get(url)
            if known is None:
                known = self._answers[url] = self._ask(self.rules, url, agent)
                if len(self._answers) > _MOST_ANSWERS:
                    self._answers.popitem(last=False)
        return self.no or known

    def _ask(self, rules: Protego, url: str, agent: str) -> str:
        begun = thread_time()
        allowed = rules.can_fetch(url, agent)
        if thread_time() - begun > _SLOWEST_ANSWER:
            self.no = f"robots.txt takes over {_SLOWEST_ANSWER * 1000:g} ms to answer one question"
        return "" if allowed else f"robots.txt: {self._line(url)}"

    def _line(self, url: str) -> str:
        """The line that forbids url: Protego does not say which, so each is asked alone."""
        forbidding = ""
        for line in self.text.splitlines()[:_MOST_LINES_SEARCHED]:
            name, _, path = line.partition("#")[0].partition(":")
            if name.strip().lower() == "disallow" and len(path) > len(forbidding):
                alone = Protego.parse(f"User-agent: *\nDisallow: {path.strip()}")
                if not alone.can_fetch(url, "any"):
                    forbidding = path
        return f"Disallow: {forbidding.strip()[:200]}" if forbidding else "disallowed"


def read_robots(host: str, status: int, body: bytes, agent: str, *, slowest: float) -> Robots:
    """Turn an answer to /robots.txt into rules. slowest is the longest Crawl-delay that we follow, in seconds.

    Raises:
        SiteDown: 429, 5xx and what cannot be understood: nothing of the host may be asked for now.
    """
    if status in (401, 403):
        return Robots(None, no=f"robots.txt answers {status}, which we take for a no")
    if status == 429 or status >= 500:
        raise SiteDown(f"{host}: robots.txt answers {status}, so nothing is asked for")
    if 400 <= status < 500 or status in (204, 304):
        return Robots(None)
    if status != 200:
        raise SiteDown(f"{host}: robots.txt answers {status}, so nothing is asked for")
    if is_block_page(body):
        return Robots(None, no="robots.txt is a block page")
    if is_html(body):
        return Robots(None)
    # A byte order mark hides the first group from Protego: Disallow: / would be allowed.
    text = body.decode("utf-8", "replace").replace("\x00", "").lstrip("\ufeff")
    text = "\n".join(line for line in text.splitlines() if len(line) <= _LONGEST_LINE)
    rules = Protego.parse(text)
    delay = rules.crawl_delay(agent) or 0.0
    if delay > slowest:
        shown = f"{delay:,.0f}" if delay < 1e9 else f"{delay:.0e}"
        return Robots(
            None, no=f"robots.txt: Crawl-delay of {shown} s is too slow to follow (at most {slowest:g} s)"
        )
    return Robots(rules, text=text, crawl_delay=delay)


@dataclass
class _Kept:
    until: float  # monotonic
    robots: Robots | SiteDown | Refused


class RobotsKept:
    """Answers of robots.txt for a while, per origin; failures for a shorter while. Thread-safe."""

    def __init__(self, *, seconds: float, failure_seconds: float) -> None:
        self._seconds = seconds
        self._failure_seconds = failure_seconds
        self._kept: dict[str, _Kept] = {}
        self._asking: dict[str, Lock] = {}
        self._lock = Lock()

    def asking(self, origin: str) -> Lock:
        """The lock of whoever asks this origin for its robots.txt: the others wait for the answer."""
        with self._lock:
            return self._asking.setdefault(origin, Lock())

    def known(self, origin: str, now: float) -> Robots | None:
        """The rules of an origin, or None when they must be asked for.

        Raises:
            SiteDown, Refused: what asking for them ended with a short while ago.
        """
        kept = self._kept.get(origin)
        if kept is None or kept.until <= now:
            return None
        if isinstance(kept.robots, SiteDown):
            raise SiteDown(str(kept.robots), retry_after=kept.robots.retry_after, reached=None)
        if isinstance(kept.robots, Refused):
            raise Refused(str(kept.robots))
        return kept.robots

    def keep(self, origin: str, robots: Robots | SiteDown | Refused, now: float) -> None:
        """Remember an answer."""
        seconds = self._seconds if isinstance(robots, Robots) else self._failure_seconds
        self._kept[origin] = _Kept(now + seconds, robots)

    def forget_failures(self) -> None:
        """Ask those again that could not be asked."""
        self._kept = {
            origin: kept for origin, kept in self._kept.items() if not isinstance(kept.robots, SiteDown)
        }

    def forget(self) -> None:
        """Ask everybody again."""
        self._kept.clear()
