"""Whether the cleaner's memory stays flat over many pages."""

import gc
import itertools
from collections.abc import Sequence

import psutil

from bench.extractors import EXTRACTORS, OURS
from bench.say import Say

EVERY = 1_000  # pages between two readings; the growth counts from the first of them
_OURS = next(extractor for extractor in EXTRACTORS if extractor.name == OURS)


def memory(bodies: Sequence[tuple[bytes, str | None]], count: int, say: Say, every: int = EVERY) -> None:
    """Clean count pages, the given ones over and over, and print the resident size as it goes."""
    say(f"memory: {count:,} pages, {len(bodies):,} different ones; garbage is collected before each reading")
    curve = []
    for done, (html, url) in enumerate(itertools.islice(itertools.cycle(bodies), count), 1):
        _OURS.predict(html, url)
        if done % every == 0 or done == count:
            curve.append(_resident_mb())
            say(f"  {done:8,} pages {curve[-1]:9.1f} MB", measure="memory", pages=done, mb=curve[-1])
    growth = curve[-1] - curve[0]
    say(
        f"  growth from {min(every, count):,} pages to {count:,}: {growth:+.1f} MB ({growth / curve[0]:+.1%})",
        measure="memory growth",
        mb=growth,
        share=growth / curve[0],
    )


def _resident_mb() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1e6
