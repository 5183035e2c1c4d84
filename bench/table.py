"""The table: how well each extractor reads each corpus."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from bench import pages
from bench.extractors import Extractor
from bench.pages import Corpus
from bench.say import Say

# heading -> the scorer's name
FIGURES = {
    "F1": "f1",
    "precis.": "precision",
    "recall": "recall",
    "median": "f1_median",
    "leaks": "leaks",
    "title": "title_exact",
    "authors": "author_f1",
    "day": "same_day",
}
HEADING = f"{'corpus':10}{'extractor':15}{'pages':>6}{'empty':>6}" + "".join(f"{h:>9}" for h in FIGURES)


@dataclass(frozen=True)
class Run:
    """What one extractor made of one corpus, and its figures."""

    corpus: Corpus
    extractor: str
    predictions: dict[str, dict[str, Any]]
    figures: Any  # the scorer's Score
    seconds: float  # CPU, all pages

    def facts(self) -> dict[str, Any]:
        """The row for a program."""
        named = {name: getattr(self.figures, name) for name in FIGURES.values()}
        counts = {"pages": self.figures.pages, "empty": self.figures.empty}
        per_page = {"cpu_ms_per_page": 1000 * self.seconds / max(1, self.figures.pages)}
        return {
            "measure": "score",
            "corpus": self.corpus.name,
            "extractor": self.extractor,
            **counts,
            **named,
            **per_page,
        }

    def line(self) -> str:
        """The row for a person."""
        cells = "".join(f"{shown(getattr(self.figures, name)):>9}" for name in FIGURES.values())
        return (
            f"{self.corpus.name:10}{self.extractor:15}{self.figures.pages:6}{self.figures.empty:6}{cells}"
            f"{1000 * self.seconds / max(1, self.figures.pages):9.1f}"
        )


def shown(figure: float | None) -> str:
    """A share with three places; a dash for what was not scored."""
    return "-" if figure is None else f"{figure:.3f}"


def run(metrics: ModuleType, corpus: Corpus, extractor: Extractor) -> Run:
    """Read every page of a corpus with one extractor and score it."""
    started = time.process_time()
    predictions = {p.truth.id: extractor.predict(p.html, p.truth.url) for p in corpus.pages}
    seconds = time.process_time() - started
    figures = metrics.score([p.truth for p in corpus.pages], predictions)
    return Run(corpus, extractor.name, predictions, figures, seconds)


def table(
    metrics: ModuleType, corpora: Sequence[Corpus], extractors: Sequence[Extractor], folder: Path, say: Say
) -> list[Run]:
    """Print a row per corpus and extractor, and keep the predictions in folder/extractor/corpus.jsonl."""
    say(f"{HEADING}{'ms/page':>9}")
    runs = []
    for corpus in corpora:
        for extractor in extractors:
            done = run(metrics, corpus, extractor)
            pages.save(folder / extractor.folder, corpus.name, done.predictions)
            say(done.line(), **done.facts())
            runs.append(done)
        if len(extractors) > 1:
            say()
    return runs


def details(runs: Sequence[Run], worst: int, say: Say, *, leaks: bool) -> None:
    """Print each leaked line and the worst pages of some runs."""
    for done in runs:
        facts = {"corpus": done.corpus.name, "extractor": done.extractor}
        for page, kind, line in done.figures.leak_lines if leaks else ():
            say(f"leak {done.corpus.name} {page[:40]} {kind}: {line}", measure="leak", page=page, kind=kind, line=line, **facts)  # fmt: skip
        for page, f1 in sorted(done.figures.page_f1.items(), key=lambda x: x[1])[:worst]:
            say(f"worst {done.corpus.name} {f1:.3f} {page}", measure="worst", page=page, f1=f1, **facts)
