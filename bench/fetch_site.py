"""Many hosts on loopback in a process of their own: prepared bytes, so that the asking side is what is measured.

    /a/N        a page
    /feed/N     a feed of some lines; 304 to whoever has its ETag
    /moved/N    the same feed, each time with another date in its head: another body, nothing new

A host is a port of 127.0.0.1: the fetcher takes its turns, its gap and its robots.txt by host and port.
"""

import asyncio
import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random

import psutil

from bench.growth import article, paragraph, sentence

ROBOTS = b"User-agent: *\nDisallow: /admin/\nDisallow: /search\nDisallow: /*?print=\nAllow: /\n"
LINES = 30  # of a feed
_MORE = count()


@dataclass(frozen=True, slots=True)
class Site:
    """The hosts that are up, and the process that plays them."""

    ports: tuple[int, ...]
    process: psutil.Process

    def url(self, path: str, number: int) -> str:
        """The address of a path on the host whose turn number is."""
        return f"http://127.0.0.1:{self.ports[number % len(self.ports)]}{path}"

    def cpu(self) -> float:
        """CPU seconds that the process has taken."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def site(hosts: int, kb: int) -> Iterator[Site]:
    """Start the hosts; pages have so many kB before compression."""
    command = [sys.executable, "-m", "bench.fetch_site", str(hosts), str(kb)]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        try:
            yield Site(tuple(json.loads(running.stdout.readline())), psutil.Process(running.pid))
        finally:
            running.terminate()


def feed(number: int, date: str = "") -> bytes:
    """A feed of its own lines, the same ones each time."""
    chance = Random(number)
    items = "".join(
        f"<item><title>{sentence(chance, 9)}</title><link>http://127.0.0.1/feed-{number}/story-{line}.html</link>"
        f"<guid>story-{number}-{line}</guid><pubDate>{1 + line % 28:02d} Nov 2026 08:00:00 GMT</pubDate>"
        f"<description>{paragraph(chance)}</description></item>"
        for line in range(LINES)
    )
    head = f"<title>Harbour {number}</title><link>http://127.0.0.1/</link>{date}"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()


def spelled(status: str, body: bytes = b"", *headers: str) -> bytes:
    """An answer's bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Answers:
    """What is answered, prepared before the first question where it is long."""

    def __init__(self, kb: int) -> None:
        html = ("Content-Type: text/html; charset=utf-8", "Cache-Control: max-age=0")
        pages = [article(kb * 1_000 + number) for number in range(8)]
        self._pages = [
            spelled("200 OK", gzip.compress(page), *html, "Content-Encoding: gzip") for page in pages
        ]
        self._feeds: dict[str, bytes] = {}
        self._robots = spelled("200 OK", ROBOTS, "Content-Type: text/plain")

    def to(self, head: bytes) -> bytes:
        path = head.split(b" ", 2)[1].decode("latin-1")
        kind, _, number = path[1:].partition("/")
        if kind == "a":
            return self._pages[int(number) % len(self._pages)]
        if path == "/robots.txt":
            return self._robots
        etag = f'ETag: "{number}"'
        if kind == "feed" and b"if-none-match:" in head.lower():
            return spelled("304 Not Modified", b"", etag)
        xml = "Content-Type: application/rss+xml; charset=utf-8"
        if kind == "feed":
            if path not in self._feeds:
                self._feeds[path] = spelled("200 OK", feed(int(number)), xml, etag)
            return self._feeds[path]
        if kind == "moved":
            date = f"<lastBuildDate>24 Nov 2026 08:00:00 GMT</lastBuildDate><!-- {next(_MORE)} -->"
            return spelled("200 OK", feed(int(number), date), xml)
        return spelled("404 Not Found")


class _Connection(asyncio.Protocol):
    def __init__(self, answers: _Answers) -> None:
        self._answers = answers
        self._asked = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._asked += data
        while b"\r\n\r\n" in self._asked:
            head, _, self._asked = self._asked.partition(b"\r\n\r\n")
            assert self._transport is not None
            self._transport.write(self._answers.to(head))


async def _serve(hosts: int, kb: int) -> None:
    loop = asyncio.get_running_loop()
    answers = _Answers(kb)
    servers = [
        await loop.create_server(lambda: _Connection(answers), "127.0.0.1", 0, backlog=256)
        for _ in range(hosts)
    ]
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # ends when the bench does, however that ends


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
