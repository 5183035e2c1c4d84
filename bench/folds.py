"""Figures by outlet: the pages in folds of whole sites, so that what hangs on few of them is seen.

A site is in one fold only, over all corpora and in every run. Where something is learnt from pages, it is
learnt from `held_out`'s first part and measured on its second.
"""

import hashlib
import statistics
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from bench.pages import Page
from bench.say import Say
from bench.table import Run, shown


def fold_of(site: str, folds: int) -> int:
    """Which of the folds a site is in, the same on every machine."""
    return int.from_bytes(hashlib.sha256(site.encode()).digest()[:8]) % folds


def held_out(pages: Sequence[Page], folds: int) -> Iterator[tuple[list[Page], list[Page]]]:
    """Each fold's pages behind all the others: (to learn from, to measure on)."""
    for fold in range(folds):
        inside = [fold_of(page.site, folds) == fold for page in pages]
        yield (
            [page for page, there in zip(pages, inside, strict=True) if not there],
            [page for page, there in zip(pages, inside, strict=True) if there],
        )


def by_fold(metrics: ModuleType, done: Run, folds: int) -> list[Any]:
    """The scorer's figures of each fold of a run; None for a fold without a page."""
    mostly_chinese = sum(p.truth.lang == "zh" for p in done.corpus.pages) * 2 > len(done.corpus.pages)
    return [
        metrics.score([p.truth for p in inside], done.predictions, characters=mostly_chinese)
        if inside
        else None
        for _, inside in held_out(done.corpus.pages, folds)
    ]


def cross_validated(metrics: ModuleType, runs: Sequence[Run], folds: int, say: Say) -> None:
    """Print F1 and leaks per fold, with mean and standard deviation."""
    say(f"folds: {folds}, by site; mean and standard deviation are over the folds that have pages")
    say(f"  {'corpus':10}{'figure':8}" + "".join(f"{n:>8}" for n in range(1, folds + 1)) + "   mean +- sd")
    for done in runs:
        scores = by_fold(metrics, done, folds)
        counts = [s.pages if s else 0 for s in scores]
        say(f"  {done.corpus.name:10}{'pages':8}" + "".join(f"{n:8}" for n in counts))
        for heading, name in (("F1", "f1"), ("recall", "recall"), ("leaks", "leaks")):
            figures = [getattr(s, name) if s else None for s in scores]
            there = [figure for figure in figures if figure is not None]
            mean, deviation = statistics.fmean(there), statistics.stdev(there) if len(there) > 1 else 0.0
            say(
                f"  {done.corpus.name:10}{heading:8}"
                + "".join(f"{shown(figure):>8}" for figure in figures)
                + f"   {mean:.3f} +- {deviation:.3f}",
                measure="folds",
                corpus=done.corpus.name,
                figure=name,
                pages=counts,
                folds=figures,
                mean=mean,
                deviation=deviation,
            )
