"""What a raw page takes in the database: zstd alone, with a trained dictionary, with an earlier page of its source.

    python -m bench.raw_pages [--corpora DIR]

Three ways to keep the same pages, each page compressed alone, as it must be when pages come one by one:

    alone     zstd as it is
    trained   a dictionary of 110 kB trained on the source's first pages (at least 8 of them), counted once
    earlier   the first page of its source as a raw dictionary; a page that gains nothing by it is kept alone

and a page that repeats another to the byte is counted under `repeated`. The pages: each outlet of the demo
newsroom, and each site of the corpora that has two pages or more.
"""

import argparse
import hashlib
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import zstandard

from bench import pages
from bench.say import Say
from monitor.demo.newsroom import FOLDER
from monitor.demo.outlet import Desk
from monitor.errors import Mistake

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"
TRAIN_ON = 8
DICTIONARY = 110_000
LEVELS = (3, 9)


@dataclass
class Sums:
    """Bytes of one way to keep pages."""

    raw: int = 0
    alone: int = 0
    earlier: int = 0
    trained: int = 0
    trained_raw: int = 0  # of the pages of sources that have enough to train on
    trained_alone: int = 0
    later_alone: int = 0  # of all pages but the first of each source
    later_earlier: int = 0
    repeated: int = 0
    pages: int = 0
    seconds_alone: float = 0.0
    seconds_earlier: float = 0.0


def measure(sources: dict[str, list[bytes]], level: int) -> Sums:
    """Keep each source's pages in the three ways."""
    sums = Sums()
    plain = zstandard.ZstdCompressor(level=level)
    for bodies in sources.values():
        base = zstandard.ZstdCompressionDict(bodies[0], dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        seen: set[bytes] = set()
        for number, body in enumerate(bodies):
            begun = time.process_time()
            alone = len(plain.compress(body))
            sums.seconds_alone += time.process_time() - begun
            begun = time.process_time()
            near = alone
            if number:
                window = zstandard.ZstdCompressionParameters.from_level(
                    level, source_size=len(body) + len(bodies[0])
                )
                near = len(zstandard.ZstdCompressor(dict_data=base, compression_params=window).compress(body))
            sums.seconds_earlier += time.process_time() - begun
            digest = hashlib.sha256(body).digest()
            sums.repeated += alone if digest in seen else 0
            seen.add(digest)
            sums.raw, sums.pages = sums.raw + len(body), sums.pages + 1
            sums.alone, sums.earlier = sums.alone + alone, sums.earlier + min(near, alone)
            if number:
                sums.later_alone, sums.later_earlier = (
                    sums.later_alone + alone,
                    sums.later_earlier + min(near, alone),
                )
        if len(bodies) > 2 * TRAIN_ON:
            _trained(bodies, level, sums)
    return sums


def _trained(bodies: Sequence[bytes], level: int, sums: Sums) -> None:
    try:
        made = zstandard.train_dictionary(DICTIONARY, list(bodies[:TRAIN_ON]), level=level)
    except zstandard.ZstdError:
        return  # too little to train on
    compressor = zstandard.ZstdCompressor(level=level, dict_data=made)
    plain = zstandard.ZstdCompressor(level=level)
    sums.trained += len(made.as_bytes())
    for body in bodies[TRAIN_ON:]:
        sums.trained += len(compressor.compress(body))
        sums.trained_alone += len(plain.compress(body))
        sums.trained_raw += len(body)


def demo() -> dict[str, list[bytes]]:
    """The articles of the demo newsroom, by outlet."""
    desk = Desk(FOLDER, datetime.now(UTC).date())
    found: dict[str, list[bytes]] = {}
    for host, outlet in desk.hosts.items():
        documents = [outlet.document(path, 2) for path in sorted(outlet.addresses(2))]
        bodies = [each.body for each in documents if each and each.content_type.startswith("text/html")]
        if len(bodies) > 1:
            found[host] = bodies
    return found


def corpora(folder: Path) -> dict[str, list[bytes]]:
    """The pages of the corpora, by site."""
    sites: dict[str, list[bytes]] = defaultdict(list)
    for corpus in pages.load(pages.scorer(folder), folder, None):
        for page in corpus.pages:
            sites[page.site].append(page.html)
    return {site: bodies for site, bodies in sites.items() if len(bodies) > 1}


def show(name: str, sources: dict[str, list[bytes]], say: Say) -> None:
    """Print what the pages of one collection take."""
    for level in LEVELS:
        sums = measure(sources, level)
        say(
            f"{name}: {sums.pages} pages of {len(sources)} sources, {sums.raw / 1e6:.1f} MB raw, zstd level {level}",
            collection=name, level=level, pages=sums.pages, sources=len(sources), raw=sums.raw, alone=sums.alone,
            earlier=sums.earlier, later_alone=sums.later_alone, later_earlier=sums.later_earlier, repeated=sums.repeated, trained=sums.trained, trained_alone=sums.trained_alone,
        )  # fmt: skip
        say(
            f"  alone    {sums.raw / sums.alone:5.2f} : 1   {1000 * sums.seconds_alone / sums.pages:.2f} ms a page"
        )
        say(
            f"  earlier  {sums.raw / sums.earlier:5.2f} : 1   {1000 * sums.seconds_earlier / sums.pages:.2f} ms a page,"
            f" {1 - sums.earlier / sums.alone:.0%} less than alone;"
            f" {1 - sums.later_earlier / sums.later_alone:.0%} less on the pages after the first"
        )
        if sums.trained:
            say(
                f"  trained  {sums.trained_raw / sums.trained:5.2f} : 1   against"
                f" {sums.trained_raw / sums.trained_alone:.2f} : 1 alone, on the pages after the first {TRAIN_ON}"
            )
        say(f"  repeated to the byte: {sums.repeated / sums.alone:.1%} of what is kept alone")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure."""
    parser = argparse.ArgumentParser(prog="bench.raw_pages", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--corpora", type=Path, default=CORPORA, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    asked = parser.parse_args(argv)
    say = Say(to_program=asked.json)
    show("demo newsroom", demo(), say)
    try:
        show("corpora", corpora(asked.corpora), say)
    except Mistake as error:
        say(f"no corpora: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
