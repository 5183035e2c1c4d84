"""The fetcher beside a bare httpx loop: the same pages, hosts and threads, in turns of one run."""

import gc
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from threading import Event

import httpx
import psutil

from bench.fetch_site import Site, site
from bench.say import Say
from monitor import urls
from monitor.fetch import Fetcher, FetchLimits
from monitor.parallel import over_hosts

BLOCK = 500  # pages before the other has its turn
OURS, BARE = "straitwatch", "bare httpx"


@dataclass(slots=True)
class Spent:
    """What the pages of one side took."""

    pages: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    server: float = 0.0

    def line(self, name: str) -> str:
        """For a person."""
        return (
            f"  {name:12} {self.pages / self.seconds:8,.0f} pages a second, {1000 * self.cpu / self.pages:.2f} ms CPU"
            f" a page; the server was busy for {self.server / self.seconds:.0%} of the time"
        )


def pages(count: int, hosts: int, kb: int, workers: int, say: Say) -> None:
    """Ask for so many pages with each, block by block in turns, and print rates, CPU and our memory."""
    say(f"pages: {count:,} of {kb} kB, gzip, from {hosts} hosts, {workers} threads, gap 0")
    spent = {OURS: Spent(), BARE: Spent()}
    limits = FetchLimits(gap_seconds=0, allow_private=frozenset({"127.0.0.1"}))
    with site(hosts, kb) as up, Fetcher(limits) as fetcher, httpx.Client(timeout=20) as client:
        asks: dict[str, Callable[[str], int]] = {
            OURS: partial(_ours, fetcher),
            BARE: partial(_bare, client),
        }
        before = _resident_mb()
        after_first = before
        for turn, start in enumerate(range(0, count, BLOCK)):
            block = [up.url(f"/a/{number}", number) for number in range(start, min(start + BLOCK, count))]
            for name in (OURS, BARE) if turn % 2 == 0 else (BARE, OURS):
                _block(spent[name], block, asks[name], workers, up)
            after_first = _resident_mb() if turn == 0 else after_first
        after = _resident_mb()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    for name, each in spent.items():
        say(each.line(name), measure="pages", who=name, pages=each.pages, seconds=each.seconds, cpu_ms=1000 * each.cpu / each.pages)  # fmt: skip
    ratio = spent[BARE].seconds / spent[OURS].seconds
    say(f"  {OURS} reaches {ratio:.0%} of the rate of {BARE}", measure="pages ratio", ratio=ratio)
    say(
        f"  memory {before:.0f} MB, after the first {BLOCK} pages {after_first:.0f} MB, at the end {after:.0f} MB,"
        f" peak {peak:.0f} MB: growth {peak - before:+.0f} MB",
        measure="pages memory", before_mb=before, after_mb=after, peak_mb=peak,
    )  # fmt: skip


def _block(spent: Spent, block: Sequence[str], ask: Callable[[str], int], workers: int, up: Site) -> None:
    gc.collect()
    server, cpu, started = up.cpu(), time.process_time(), time.perf_counter()
    sizes = [size for _, size in over_hosts(block, urls.host, ask, workers, Event())]
    spent.seconds += time.perf_counter() - started
    spent.cpu += time.process_time() - cpu
    spent.server += up.cpu() - server
    spent.pages += len(sizes)


def _ours(fetcher: Fetcher, url: str) -> int:
    page = fetcher.get(url, retry=True)
    assert page.status == 200
    sha256(page.body).hexdigest()
    return len(page.body)


def _bare(client: httpx.Client, url: str) -> int:
    answer = client.get(url)
    assert answer.status_code == 200
    return len(answer.content)


def _resident_mb() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1e6
