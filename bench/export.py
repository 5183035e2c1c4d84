"""Memory and CPU of exports, on SQLite and PostgreSQL, beside plain ones of the same rows.

    bench/export                             20,000 articles, both databases, some minutes
    bench/export --articles 1000000          a large archive: an hour and 10 GB of disk
    bench/export --only sqlite --formats csv jsonl

Every export runs in a process of its own, at a tenth of the articles and at all of them. MB is that process's largest
resident size, libraries included; CPU is its own and that of the server's processes, without its start. The peers take
the same columns of the same rows from the driver alone and hand them to csv.writer or json.dumps.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]  # run as a file, or as a child of its own

from bench import store_database, store_writing  # noqa: E402
from bench.say import Say  # noqa: E402
from bench.store_articles import Made, articles  # noqa: E402
from bench.store_database import Bed  # noqa: E402

KINDS = ("sqlite", "postgresql")
FORMATS = ("csv", "jsonl", "parquet", "pack", "atom", "rss", "digest")
ALL = ("csv", "jsonl", "parquet", "pack")  # which take every article; the others the newest
PEERS = ("plain-csv", "plain-jsonl")
PACK_ARTICLES = 30_000  # a pack holds so many at most
FLAT = 1.10  # of MB at a tenth that all may take
COLUMNS = (
    "a.id, a.url, a.title, a.source, s.name, s.side, s.kind, s.tier, a.published, a.published_quality, a.first_seen,"
    " a.indexed_at, a.language, a.section, a.authors, a.wire, a.words, a.tier, a.points, a.labels, a.revision,"
    " a.copies_of, a.shown, a.text"
)
ROWS = f"SELECT {COLUMNS} FROM articles a JOIN sources s ON s.id = a.source ORDER BY a.id"
NAMES = tuple(column.strip().removeprefix("a.").replace("s.", "source_") for column in COLUMNS.split(","))


def options(argv: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog="bench/export", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--articles", type=int, default=20_000, metavar="N", help="how many (default 20000)")
    add("--only", choices=KINDS, help="one database; default: both")
    add(
        "--formats",
        nargs="+",
        choices=(*FORMATS, *PEERS),
        default=[*FORMATS, *PEERS],
        help="default: all, and the peers",
    )
    add(
        "--folder",
        type=Path,
        metavar="DIR",
        help="where the databases are made; default: the temporary folder",
    )
    add("--json", action="store_true", help="one JSON object a line")
    asked = parser.parse_args(argv)
    if asked.articles < 10 * store_writing.ROUND:
        parser.error(f"--articles takes {10 * store_writing.ROUND} or more")
    return asked


def measure(kind: str, asked: argparse.Namespace, say: Say) -> None:
    """Fill one database, and export it at a tenth and at the full size."""
    with tempfile.TemporaryDirectory(prefix="bench-export-", dir=asked.folder) as folder:
        Path(folder).chmod(0o755)  # the server runs as a user of its own
        with store_database.beds(kind, Path(folder)) as bed:
            made = articles(asked.articles)
            store_writing.begin(bed)
            tenth = asked.articles // 10 // store_writing.ROUND * store_writing.ROUND
            _fill(bed, made, tenth)
            small = _exports(bed, asked.formats, Path(folder))
            _fill(bed, made, asked.articles - tenth)
            large = _exports(bed, asked.formats, Path(folder))
            _say(kind, tenth, small, asked.articles, large, say)


def _fill(bed: Bed, made: Iterator[Made], number: int) -> None:
    for arrived in store_writing.rounds(islice(made, number), number):
        store_writing.write(bed, arrived)


def _exports(bed: Bed, formats: Sequence[str], folder: Path) -> dict[str, dict[str, float]]:
    return {name: _child(bed, name, folder / f"export-{name}") for name in formats}


def _child(bed: Bed, name: str, file: Path) -> dict[str, float]:
    """Export in a process of its own; what it took."""
    before = bed.cpu()
    done = subprocess.run(
        [sys.executable, __file__, "--child", bed.url, name, str(file)],
        stdout=subprocess.PIPE, check=True, encoding="utf-8",
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    found["cpu"] += 0 if bed.server is None else max(0.0, bed.cpu() - before)
    file.unlink(missing_ok=True)
    return found


def _say(
    kind: str, tenth: int, small: dict[str, dict[str, float]], total: int, large: dict[str, dict[str, float]], say: Say
) -> None:  # fmt: skip
    say(f"{kind:12} {'MB at':>9} {'MB at':>9} {'':>12} {'us of CPU an article':>22} {'MB':>9}")
    say(f"{'':12} {tenth:9,} {total:9,} {'growth':>12} {tenth:11,}{total:11,} {'written':>9}")
    for name, few in small.items():
        many = large[name]
        growth = many["mb"] / few["mb"]
        each, every = (1e6 * one["cpu"] / max(1, one["articles"]) for one in (few, many))
        flat = "" if name in PEERS or growth <= FLAT else " MISSED"
        say(
            f"{name:12} {few['mb']:9.1f} {many['mb']:9.1f} {growth:7.2f}{flat:>5} {each:11.0f}{every:11.0f} {many['bytes'] / 1e6:9.1f}",
            measure="export", database=kind, format=name, articles=many["articles"], mb_at_a_tenth=few["mb"], mb=many["mb"],
            us_per_article=every, us_per_article_at_a_tenth=each, bytes=many["bytes"],
        )  # fmt: skip
    say()


# ------------------------------------------------------------------------------------------ in the child


def child(url: str, name: str, file: Path) -> None:
    """Export once, and print what it took as JSON."""
    export = _plain(url, name) if name in PEERS else _ours(url, name)
    started = time.process_time()
    count = export(file)
    spent = time.process_time() - started
    print(json.dumps({"cpu": spent, "articles": count, "bytes": file.stat().st_size, "mb": _peak_mb()}))


def _peak_mb() -> float:
    """The largest resident size of this process; getrusage would give that of its parent, if it was larger."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1e3
    raise SystemExit("this system does not tell a process's largest size")


def _ours(url: str, name: str) -> Callable[[Path], int]:
    from monitor.exporting.articles import Errand, export_articles  # noqa: PLC0415
    from monitor.model import utc_now  # noqa: PLC0415
    from monitor.query.outgoing import Wanted  # noqa: PLC0415
    from monitor.store.database import open_database  # noqa: PLC0415

    database, wanted = open_database(url), Wanted(limit=PACK_ARTICLES if name == "pack" else None)

    def export(file: Path) -> int:
        errand = Errand(database, wanted, name, file, {}, utc_now(), Event(), _unwatched)
        return export_articles(errand).articles

    return export


def _unwatched(done: int, of: int) -> None:
    del done, of  # nobody watches


def _plain(url: str, name: str) -> Callable[[Path], int]:
    rows = _rows_of_sqlite if url.startswith("sqlite") else _rows_of_postgresql

    def export(file: Path) -> int:
        count = 0
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened)
            for count, row in enumerate(rows(url), 1):  # noqa: B007  returned
                if name == "plain-csv":
                    writer.writerow(row)
                else:
                    line = json.dumps(dict(zip(NAMES, row, strict=True)), ensure_ascii=False, default=str)
                    opened.write(line + "\n")
        return count

    return export


def _rows_of_sqlite(url: str) -> Iterator[tuple[Any, ...]]:
    import sqlite3  # noqa: PLC0415
    from contextlib import closing  # noqa: PLC0415

    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        yield from connection.execute(ROWS)


def _rows_of_postgresql(url: str) -> Iterator[tuple[Any, ...]]:
    import psycopg  # noqa: PLC0415

    with psycopg.connect(url) as connection, connection.cursor("rows") as cursor:
        cursor.itersize = 1_000
        cursor.execute(ROWS)
        yield from cursor


def main(argv: Sequence[str] | None = None) -> int:
    """Print what was asked for."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["--child"]:
        child(given[1], given[2], Path(given[3]))
        return 0
    asked = options(given)
    os.environ.setdefault("TZ", "UTC")
    for kind in (asked.only,) if asked.only else KINDS:
        measure(kind, asked, Say(asked.json))
    return 0


if __name__ == "__main__":
    sys.exit(main())
