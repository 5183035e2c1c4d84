"""CPU seconds of our cleaner beside trafilatura's with metadata: one process, pages in memory, turn by turn."""

import gc
import statistics
import time
from collections.abc import Sequence

from bench.extractors import EXTRACTORS, OURS, Extractor
from bench.pages import Page
from bench.say import Say

PEER = "trafilatura"
BLOCK = 20  # pages a turn: short, so that whatever else the machine does meets both
_BY_NAME = {extractor.name: extractor for extractor in EXTRACTORS}


def speed(pages: Sequence[Page], repeats: int, say: Say) -> None:
    """Print the ratio of the CPU sums with its spread over the repeats, and how even our pages are."""
    ours, peer = _BY_NAME[OURS], _BY_NAME[PEER] if _BY_NAME[PEER].installed else None
    runners = [ours, peer] if peer else [ours]
    for runner in runners:
        _spent(runner, pages[:BLOCK])
    rounds = [_round(pages, runners, n) for n in range(repeats)]
    say(
        f"speed: CPU of one process, {len(pages)} pages in memory, {repeats} repeats in blocks of {BLOCK} pages;"
    )
    say("       the first block of each extractor was read once before, as a warm-up that does not count")
    _evenness([r[OURS] for r in rounds], say)
    if peer is None:
        say(f"  {PEER} is not installed (make bench-setup): no ratio")
        return
    sums = {name: [sum(r[name]) for r in rounds] for name in (OURS, PEER)}
    ratios = [theirs / own for theirs, own in zip(sums[PEER], sums[OURS], strict=True)]
    ratio = sum(sums[PEER]) / sum(sums[OURS])
    per_page = 1000 * statistics.fmean(sums[PEER]) / len(pages)
    say(
        f"  {PEER} with metadata: mean {per_page:.1f} ms a page; ratio of the sums {ratio:.2f}"
        f" (repeats {min(ratios):.2f} to {max(ratios):.2f})",
        measure="ratio",
        peer=PEER,
        peer_ms_per_page=per_page,
        ratio=ratio,
        lowest=min(ratios),
        highest=max(ratios),
    )


def _evenness(repeats: list[list[float]], say: Say) -> None:
    """Median and 99th percentile over the pages, each page at the median of its repeats."""
    per_page = sorted(statistics.median(seconds) for seconds in zip(*repeats, strict=True))
    p50, p99 = statistics.median(per_page), per_page[int(0.99 * (len(per_page) - 1))]
    mean = statistics.fmean(per_page)
    say(
        f"  {OURS}: mean {1000 * mean:.1f} ms a page, p50 {1000 * p50:.1f} ms, p99 {1000 * p99:.1f} ms,"
        f" p99/p50 {p99 / p50:.1f}, slowest {1000 * per_page[-1]:.1f} ms",
        measure="speed",
        pages=len(per_page),
        repeats=len(repeats),
        mean_ms=1000 * mean,
        p50_ms=1000 * p50,
        p99_ms=1000 * p99,
        p99_by_p50=p99 / p50,
        slowest_ms=1000 * per_page[-1],
    )


def _round(pages: Sequence[Page], runners: Sequence[Extractor], number: int) -> dict[str, list[float]]:
    """Seconds per page of each runner; who begins a block changes from block to block."""
    spent: dict[str, list[float]] = {runner.name: [] for runner in runners}
    for turn, start in enumerate(range(0, len(pages), BLOCK)):
        order = runners if (turn + number) % 2 == 0 else runners[::-1]
        for runner in order:
            gc.collect()  # nobody pays for what the other left behind
            spent[runner.name] += _spent(runner, pages[start : start + BLOCK])
    return spent


def _spent(runner: Extractor, pages: Sequence[Page]) -> list[float]:
    seconds = []
    for page in pages:
        started = time.process_time()
        runner.predict(page.html, page.truth.url)
        seconds.append(time.process_time() - started)
    return seconds
