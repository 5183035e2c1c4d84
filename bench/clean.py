"""Quality and speed of cleaning on real pages, beside trafilatura where that is installed.

    python bench/clean.py [--corpora DIR] [--corpus NAME ...] [--worst N] [--leaks] [--folds K]

DIR holds one folder per corpus (truth.jsonl and pages) and, beside it, tools/score_clean.py, which defines
every figure. Predictions go to a folder of their own that is named at the end.
"""

import argparse
import gc
import importlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from monitor.clean import clean_html
from monitor.errors import StraitwatchError

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"
COLUMNS = ("f1", "precision", "recall", "f1_median", "leaks", "title_exact", "author_f1", "same_day")


def scorer(corpora: Path) -> ModuleType:
    """The module that defines the metrics, from the tools folder beside the corpora."""
    sys.path.insert(0, str(corpora.resolve().parent / "tools"))
    return importlib.import_module("score_clean")


def predict(page: Any) -> tuple[dict[str, Any], float]:
    """What the cleaner makes of a page, and the CPU seconds that it took."""
    html = page.html()
    started = time.process_time()
    try:
        article = clean_html(html, page.url or "https://news.example/a/article-1.html")
    except StraitwatchError:
        return {"id": page.id, "text": ""}, time.process_time() - started
    seconds = time.process_time() - started
    date = article.published.isoformat() if article.published else None
    authors = list(article.authors)
    return {
        "id": page.id,
        "title": article.title,
        "authors": authors,
        "date": date,
        "text": article.text,
    }, seconds


def peer_seconds(pages: list[Any]) -> float | None:
    """CPU seconds of trafilatura with metadata on the same pages; None where it is not installed."""
    try:
        trafilatura = importlib.import_module("trafilatura")
    except ImportError:
        return None
    bodies = [(page.html(), page.url) for page in pages]
    started = time.process_time()
    for html, url in bodies:
        trafilatura.bare_extraction(html, url=url, with_metadata=True)
    return time.process_time() - started


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", type=Path, default=CORPORA)
    parser.add_argument("--corpus", nargs="+", help="default: every folder of --corpora")
    parser.add_argument(
        "--worst", type=int, default=0, metavar="N", help="print the N pages with the lowest F1"
    )
    parser.add_argument("--leaks", action="store_true", help="print each leaked line")
    args = parser.parse_args(argv)
    if not args.corpora.is_dir():
        print(f"{args.corpora}: no such folder; give one with --corpora", file=sys.stderr)
        return 1
    metrics = scorer(args.corpora)
    names = args.corpus or sorted(path.parent.name for path in args.corpora.glob("*/truth.jsonl"))
    folder = Path(tempfile.mkdtemp(prefix="clean-"))
    seconds: list[float] = []
    everything: list[Any] = []
    print(f"{'corpus':10}{'pages':>6}{'empty':>6}" + "".join(f"{column:>12}" for column in COLUMNS))
    for name in names:
        pages = metrics.load_corpus(args.corpora / name)
        answers = [predict(page) for page in pages]
        seconds += [spent for _, spent in answers]
        everything += pages
        lines = (json.dumps(answer, ensure_ascii=False) + "\n" for answer, _ in answers)
        (folder / f"{name}.jsonl").write_text("".join(lines), "utf-8")
        figures = metrics.score(pages, {answer["id"]: answer for answer, _ in answers})
        cells = (getattr(figures, column) for column in COLUMNS)
        print(
            f"{name:10}{figures.pages:6}{figures.empty:6}"
            + "".join("           -" if c is None else f"{c:12.3f}" for c in cells)
        )
        for page_id, kind, line in figures.leak_lines if args.leaks else ():
            print(f"  {page_id[:12]} {kind}: {line}")
        for page_id, f1 in sorted(figures.page_f1.items(), key=lambda x: x[1])[: args.worst]:
            print(f"  {f1:.3f} {page_id}")
    gc.collect()
    median, slowest = statistics.median(seconds), sorted(seconds)[int(0.99 * len(seconds))]
    print(
        f"CPU per page: mean {1000 * statistics.fmean(seconds):.1f} ms, median {1000 * median:.1f} ms, p99 {1000 * slowest:.1f} ms"
    )
    if (peer := peer_seconds(everything)) is not None:
        print(
            f"trafilatura with metadata: {1000 * peer / len(everything):.1f} ms per page, {peer / sum(seconds):.1f} times ours"
        )
    print(f"predictions: {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
