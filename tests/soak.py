"""The soak's newsroom: a few papers on loopback that publish, and go wrong in every way, by a seed.

with Papers(folder, seed=7) as papers:
    papers.publish()           some of them print a story
    papers.dead = True         our own network is down
    papers.calm = True         from now on nothing goes wrong
"""

import random
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET

from monitor.model import utc_now
from tests.site import Answer, Request, Site
from tests.test_pipeline import SOURCE, page

NAMES = ("ash", "birch", "cedar", "elm", "fir")
LISTED = 40  # stories in a listing: more than any outage here can push out of it
FAULTS = (
    "500", "502", "429", "reset", "cut", "not http", "hang", "lie", "dated anew", "reordered", "changed links",
    "not a feed",
)  # fmt: skip
RARE = {"hang": 0.1, "changed links": 0.15}
RATE = 0.08  # of requests that go wrong
_WORDS = [
    "tide",
    "harbor",
    "crane",
    "gull",
    "rope",
    "anchor",
    "lantern",
    "ferry",
    "pier",
    "bell",
    "mast",
    "sail",
    "keel",
    "hull",
    "galley",
    "compass",
    "chart",
    "buoy",
    "shoal",
    "reef",
    "lagoon",
    "inlet",
    "strand",
    "dune",
    "marsh",
    "heron",
    "otter",
    "kelp",
    "brine",
    "salt",
    "oar",
    "net",
    "trawl",
    "skiff",
    "dory",
    "sloop",
]


@dataclass(frozen=True)
class Story:
    """One story: its number says which, in its address and in its text."""

    paper: str
    number: int
    at: datetime
    on_topic: bool

    @property
    def code(self) -> str:
        return f"{self.paper}{self.number:05}"

    @property
    def path(self) -> str:
        return f"/news/{self.code}-story"

    def page(self) -> bytes:
        chance = random.Random(self.code)
        own = [" ".join(chance.choices(_WORDS, k=14)).capitalize() + "." for _ in range(5)]
        topic = (
            f"The PLA Navy crossed the Taiwan Strait, file {self.code}."
            if self.on_topic
            else f"File {self.code}."
        )
        return page(f"Headline {self.code}", topic, *own)


class Paper(Site):
    """One paper. Faults come by its own chance, so that a seed gives the same run."""

    def __init__(self, name: str, seed: int) -> None:
        super().__init__()
        self.name = name
        self.chance = random.Random(f"{seed} {name}")
        self.stories: list[Story] = []
        self.calm = self.dead = False
        self.suffered: dict[str, int] = dict.fromkeys(FAULTS, 0)
        self.links = ""

    def publish(self) -> None:
        number = len(self.stories)
        self.stories.append(Story(self.name, number, utc_now(), number % 5 != 4))

    def _answer(self, request: Request) -> Answer | None:
        del self.requests[:-50]  # nobody reads them
        if self.dead:
            return self._go_wrong("reset", request)
        fault = "" if self.calm else self._fault(request)
        if fault in ("500", "502", "429", "reset", "cut", "not http", "hang"):
            return self._go_wrong(fault, request)
        path = request.path.partition("?")[0]
        if path == "/feed":
            return self._feed(request, fault)
        story = next((story for story in self.stories if story.path == path), None)
        return Answer(200, story.page()) if story else Answer(404)

    def _fault(self, request: Request) -> str:
        if self.chance.random() >= RATE:
            return ""
        fault = self.chance.choice(FAULTS)
        if self.chance.random() > RARE.get(fault, 1) or (fault in FAULTS[7:] and request.path != "/feed"):
            return ""
        self.suffered[fault] += 1
        return fault

    def _go_wrong(self, fault: str, request: Request) -> Answer | None:
        if fault.isdecimal():
            return Answer(int(fault), b"broken", {"Retry-After": "1"} if fault == "429" else {})
        if fault == "cut":
            return Answer(
                raw=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n<html>"
            )
        if fault == "not http":
            return Answer(raw=b"220 mail.example ESMTP\r\n")
        if fault == "hang":
            request.closing.wait(5)
        else:
            request.socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        return None

    def _feed(self, request: Request, fault: str) -> Answer:
        if fault == "not a feed":
            return Answer(200, b"<html><title>Error establishing a database connection</title></html>")
        known = request.headers.get("if-none-match", "")
        if fault == "lie" and known:
            return Answer(304)
        shown = self.stories[-LISTED:][::-1]
        if fault == "reordered":
            self.chance.shuffle(shown)
        body = self._listing(shown, anew=fault == "dated anew", changed=fault == "changed links").encode()
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        if known == etag:
            return Answer(304)
        return Answer(200, body, {"Content-Type": "application/rss+xml", "ETag": etag})

    def _listing(self, shown: list[Story], *, anew: bool, changed: bool) -> str:
        suffix = f"?ref={self.chance.randrange(10**9)}" if changed else ""
        items = "".join(
            f"<item><title>Headline {story.code}</title><link>{story.path}{suffix}</link>"
            f"<pubDate>{format_datetime(utc_now() if anew else story.at)}</pubDate></item>"
            for story in shown
        )
        return f'<rss version="2.0"><channel><title>The {self.name} paper</title>{items}</channel></rss>'


class Papers:
    """All papers, and the settings that know them."""

    def __init__(self, papers: dict[str, Paper], seed: int) -> None:
        self.papers = papers
        self.chance = random.Random(seed)

    def publish(self, rate: float) -> None:
        for paper in self.papers.values():
            if self.chance.random() < rate:
                paper.publish()

    def let(self, *, dead: bool = False, calm: bool = False) -> None:
        for paper in self.papers.values():
            paper.dead, paper.calm = dead, calm

    @property
    def stories(self) -> list[Story]:
        return [story for paper in self.papers.values() for story in paper.stories]

    @property
    def suffered(self) -> dict[str, int]:
        return {fault: sum(paper.suffered[fault] for paper in self.papers.values()) for fault in FAULTS}


@contextmanager
def newsroom(folder: Path, database_url: str, webhook_url: str, seed: int) -> Iterator[Papers]:
    """The papers, published once, and settings for them in the folder."""
    (folder / "sources").mkdir()
    with ExitStack() as stack:
        papers = {name: stack.enter_context(Paper(name, seed)) for name in NAMES}
        for name, paper in papers.items():
            host = f"{name}.example"
            text = SOURCE.format(id=name, host=host, tier=2, feed=f"http://{host}/feed")
            (folder / "sources" / f"{name}.toml").write_text(text, "utf-8")
            paper.publish()
        resolve = ", ".join(f'"{name}.example" = "{paper.host}"' for name, paper in papers.items())
        (folder / "straitwatch.toml").write_text(
            f'data = "."\n[database]\nurl = "{database_url}"\n'
            f"[fetch]\ngap_seconds = 0\ntotal_seconds = 1\nresolve = {{ {resolve} }}\n"
            f'[channels.hook]\nurl = "{webhook_url}"\n'
            '[[rules]]\nname = "strait"\nquery = "strait"\nchannels = ["hook"]\nrelevance = 0\n',
            "utf-8",
        )
        yield Papers(papers, seed)
