"""What fetching and polling cost, against hosts of our own on loopback.

bench/fetch pages        the fetcher's pages a second beside a bare httpx loop's, its memory, CPU per page
bench/fetch unchanged    CPU of a round of 500 feeds that all answer 304
bench/fetch archive      CPU of a round without news, by the number of archived articles
"""

import argparse
import logging
import sys
from collections.abc import Sequence

from bench import fetch_pages, fetch_rounds
from bench.say import Say


def options(argv: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog="bench/fetch", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("part", choices=("pages", "unchanged", "archive"))
    add("--pages", type=int, default=5_000, metavar="N", help="pages of each side (default 5,000)")
    add("--kb", type=int, default=100, metavar="N", help="of a page before compression (default 100)")
    add("--hosts", type=int, default=50, metavar="N", help="(default 50)")
    add("--workers", type=int, default=8, metavar="N", help="threads (default 8, as the settings')")
    add("--feeds", type=int, metavar="N", help="(default: 500 unchanged, 40 beside an archive)")
    add("--rounds", type=int, default=5, metavar="N", help="(default 5)")
    add(
        "--articles",
        type=int,
        nargs="+",
        default=[1_000, 1_000_000],
        metavar="N",
        help="(default 1,000 and 1,000,000)",
    )
    add("--database", default="", metavar="URL", help="an empty one; default: SQLite in a new folder")
    add("--json", action="store_true", help="one JSON object a line")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what was asked for."""
    asked = options(argv)
    say = Say(asked.json)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if asked.part == "pages":
        fetch_pages.pages(asked.pages, asked.hosts, asked.kb, asked.workers, say)
    elif asked.part == "unchanged":
        fetch_rounds.unchanged(
            asked.feeds or 500, asked.rounds, asked.hosts, asked.workers, asked.database, say
        )
    else:
        fetch_rounds.archive(
            sorted(asked.articles), asked.feeds or 40, asked.rounds, asked.workers, asked.database, say
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
