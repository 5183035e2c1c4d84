"""Quality, speed, memory and growth of cleaning, beside the peers that are installed.

    bench/clean                                      the table, then the speed
    bench/clean --only straitwatch --leaks --worst 5
    bench/clean --floor bench/floors.toml            did a change do harm? exit status 1 when it did
    bench/clean --diff OLD_PREDICTIONS               which pages it moved
    bench/clean --table --memory 10000 --growth --folds 5

--corpora names a folder with one folder per corpus (truth.jsonl and pages) and, beside it,
tools/score_clean.py, which defines every figure. Predictions go to a folder that is named at the end.
`make bench-setup` installs the peers; without them the project stands alone.
"""

import argparse
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

from bench import floors, folds, growth, memory, pages, speed, table
from bench.extractors import EXTRACTORS, OURS, Extractor
from bench.say import Say
from monitor.errors import Mistake

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"


def options(argv: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog="bench/clean", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--corpora", type=Path, default=CORPORA, metavar="DIR")
    add("--corpus", nargs="+", metavar="NAME", help="default: every folder of --corpora")
    add("--only", nargs="+", choices=[e.name for e in EXTRACTORS], metavar="EXTRACTOR", help="default: all that are installed")  # fmt: skip
    add("--table", action="store_true", help="the table too, where another part is asked for")
    add("--worst", type=int, default=0, metavar="N", help="also our N pages with the lowest F1, per corpus")
    add("--leaks", action="store_true", help="also each line of boilerplate that we let through")
    add("--repeats", type=int, default=3, metavar="N", help="of the speed; 0 leaves it out (default 3)")
    add("--memory", type=int, metavar="N", help="resident size over N pages")
    add("--growth", action="store_true", help="CPU per kB by size and shape, and what is refused")
    add("--folds", type=int, metavar="K", help="our figures in K folds of whole sites")
    add("--floor", type=Path, metavar="FILE", help="compare our figures with floors")
    add("--write-floors", type=Path, metavar="FILE", help="write floors from our figures")
    add("--diff", type=Path, nargs="+", metavar="DIR", help="OLD [NEW] predictions; NEW is this run's by default")  # fmt: skip
    add("--predictions", type=Path, metavar="DIR", help="where they go; default: a new folder")
    add("--json", action="store_true", help="one JSON object a line")
    asked = parser.parse_args(argv)
    if asked.diff and len(asked.diff) > 2:
        parser.error("--diff takes one or two folders")
    if (asked.folds or 2) < 2 or (asked.memory or 1) < 1:
        parser.error("--folds takes 2 or more, --memory 1 or more")
    return asked


def measure(asked: argparse.Namespace, say: Say) -> bool:
    """Print each part that was asked for; whether every floor held."""
    if asked.memory:  # first, before peers fill the process with memory that could then be used again
        memory.memory(_bodies(asked), asked.memory, say)
    if asked.growth:
        growth.growth(say)
    guarded = asked.floor or asked.write_floors or asked.folds or asked.diff
    whole = asked.table or not (asked.memory or asked.growth or guarded)
    if not (whole or guarded):
        return True
    bounds = floors.read(asked.floor) if asked.floor else {}
    metrics = pages.scorer(asked.corpora)
    corpora = pages.load(metrics, asked.corpora, asked.corpus)
    folder = asked.predictions or Path(tempfile.mkdtemp(prefix="clean-"))
    runs = table.table(metrics, corpora, _extractors(asked) if whole else EXTRACTORS[:1], folder, say)
    ours = [done for done in runs if done.extractor == OURS]
    table.details(ours, asked.worst, say, leaks=asked.leaks)
    if whole and asked.repeats and ours:
        speed.speed([page for corpus in corpora for page in corpus.pages], asked.repeats, say)
    if asked.folds:
        folds.cross_validated(metrics, ours, asked.folds, say)
    if asked.diff:
        floors.moved(metrics, corpora, asked.diff[0], (*asked.diff, folder)[1], say)
    if asked.write_floors:
        floors.write(asked.write_floors, ours)
    say(f"predictions: {folder}", measure="predictions", folder=str(folder))
    return floors.guard(bounds, ours, say) if asked.floor else True


def _extractors(asked: argparse.Namespace) -> list[Extractor]:
    chosen = [e for e in EXTRACTORS if e.name in (asked.only or [e.name for e in EXTRACTORS])]
    missing = [e.name for e in chosen if not e.installed]
    if missing:
        print(f"not installed (make bench-setup): {', '.join(missing)}", file=sys.stderr)
    return [e for e in chosen if e.installed]


def _bodies(asked: argparse.Namespace) -> list[tuple[bytes, str | None]]:
    """The corpora's pages, or made ones where there are no corpora."""
    if not asked.corpora.is_dir():
        return growth.generated(300)
    corpora = pages.load(pages.scorer(asked.corpora), asked.corpora, asked.corpus)
    return [(page.html, page.truth.url) for corpus in corpora for page in corpus.pages]


def main(argv: Sequence[str] | None = None) -> int:
    """Print what was asked for: exit status 0, or 1 when a floor did not hold or something is missing."""
    asked = options(argv)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the peers: ours would fail the tests
            return 0 if measure(asked, Say(asked.json)) else 1
    except Mistake as mistake:
        print(mistake, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
