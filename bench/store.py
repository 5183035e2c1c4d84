"""Writing, size, search and cold starts of the database, SQLite and PostgreSQL, beside plain ones.

    bench/store                              20,000 articles, both databases, a few minutes
    bench/store --articles 1000000           the whole archive: an hour and 20 GB of disk
    bench/store --only sqlite --no-peers

The articles are synthetic and the same on every run. Everything is in a folder that is removed at the end. CPU is
that of this process, and of the server's processes where there is one; the clock is given for commits alone.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from bench import store_database, store_search, store_start, store_writing
from bench.say import Say
from bench.store_articles import Made, articles, size_of_text
from bench.store_database import Bed
from bench.store_writing import ROUND, Costs

BESIDE = 2_000  # articles written by ours and raw in turn, at a tenth and at the full size
SAMPLE = 2_000  # articles whose words are asked for
SIZES = {"sqlite": 2.6, "postgresql": 4.0}  # times the texts
COMMITS = {"sqlite": (100, 200), "postgresql": (100, 600)}  # p50, p95: ms of a batch of 100


def options(argv: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog="bench/store", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--articles", type=int, default=20_000, metavar="N", help="how many (default 20000)")
    add("--only", choices=tuple(SIZES), help="one database; default: both")
    add("--no-peers", action="store_true", help="leave plain FTS5, tsvector and LIKE out")
    add(
        "--folder",
        type=Path,
        metavar="DIR",
        help="where the databases are made; default: the temporary folder",
    )
    add("--json", action="store_true", help="one JSON object a line")
    asked = parser.parse_args(argv)
    if asked.articles < 10 * ROUND:
        parser.error(f"--articles takes {10 * ROUND} or more")
    return asked


def measure(kind: str, asked: argparse.Namespace, say: Say) -> None:
    """Fill one database, and measure it at a tenth and at the full size."""
    say(f"{kind}: {asked.articles:,} articles")
    with tempfile.TemporaryDirectory(prefix="bench-store-", dir=asked.folder) as folder:
        Path(folder).chmod(0o755)  # the server runs as a user of its own
        with store_database.beds(kind, Path(folder)) as bed:
            made, texts = _counted(articles(asked.articles + 2 * BESIDE))
            store_writing.begin(bed)
            tenth = asked.articles // 10 // ROUND * ROUND
            sample = _fill(bed, made, tenth)
            small = _written(bed, made, tenth, say)
            _fill(bed, made, asked.articles // ROUND * ROUND - tenth)
            large = _written(bed, made, asked.articles, say)
            growth = large.per_article / small.per_article
            say(
                f"  an article costs {growth:.2f} times as much at {asked.articles:,} as at {tenth:,} {_judged(growth, 1.3)}",
                measure="growth", database=kind, ratio=growth,
            )  # fmt: skip
            store_database.tidy(bed)
            _sizes(bed, texts[0], say)
            words = store_search.words_of(sample)
            store_search.speed(bed, words, say)
            store_start.starts(bed, Path(folder), say)
            if not asked.no_peers:
                with store_search.plain(bed):
                    store_search.peers(bed, words, say)
    say()


def _counted(made: Iterator[Made]) -> tuple[Iterator[Made], list[int]]:
    """The articles, and a cell that adds up the bytes of their texts as they go."""
    total = [0]

    def each() -> Iterator[Made]:
        for one in made:
            total[0] += size_of_text(one)
            yield one

    return each(), total


def _fill(bed: Bed, made: Iterator[Made], number: int) -> list[Made]:
    """Store the next articles; some of them."""
    sample: list[Made] = []
    for arrived in store_writing.rounds(made, number):
        store_writing.write(bed, arrived)
        sample += islice(arrived, max(0, SAMPLE - len(sample)))
    return sample


def _written(bed: Bed, made: Iterator[Made], at: int, say: Say) -> Costs:
    """Measure writing at this size."""
    ours, raw = store_writing.beside_raw(bed, made, BESIDE)
    commits = [1000 * seconds for seconds in ours.commits]
    p50, p95 = statistics.median(commits), statistics.quantiles(commits, n=20, method="inclusive")[18]
    best50, best95 = COMMITS[bed.kind]
    share = raw / ours.per_article
    say(
        f"  writing at {at:>9,}: {1e6 * ours.per_article:6.0f} us of CPU an article, raw {1e6 * raw:6.0f}:"
        f" {share:.0%} of its rows per second {_judged(-share, -0.5)};"
        f" batch of 100 p50 {p50:.0f} {_judged(p50, best50)} p95 {p95:.0f} ms {_judged(p95, best95)}",
        measure="writing", database=bed.kind, at=at, us_per_article=1e6 * ours.per_article,
        raw_us_per_article=1e6 * raw, share=share, commit_p50_ms=p50, commit_p95_ms=p95,
    )  # fmt: skip
    return ours


def _sizes(bed: Bed, texts: int, say: Say) -> None:
    sizes = store_database.sizes(bed)
    total = sum(sizes.values()) / texts
    parts = ", ".join(
        f"{name} {size / texts:.2f}" for name, size in sorted(sizes.items(), key=lambda x: -x[1])[:8]
    )
    say(
        f"  size: {total:.2f} times the texts ({texts / 1e6:,.0f} MB) {_judged(total, SIZES[bed.kind])}: {parts}",
        measure="size", database=bed.kind, ratio=total, texts=texts, tables=sizes,
    )  # fmt: skip


def _judged(figure: float, bound: float) -> str:
    sign = "<" if bound > 0 else ">"
    return f"({sign} {abs(bound):g}{'' if figure <= bound else ': MISSED'})"


def main(argv: Sequence[str] | None = None) -> int:
    """Print what was asked for."""
    asked = options(argv)
    os.environ.setdefault("TZ", "UTC")
    for kind in (asked.only,) if asked.only else SIZES:
        measure(kind, asked, Say(asked.json))
    return 0


if __name__ == "__main__":
    sys.exit(main())
