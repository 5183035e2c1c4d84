"""Did a change do harm: figures that may not fall, and the pages that moved between two runs."""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from bench.extractors import OURS
from bench.pages import Corpus
from bench.say import Say
from bench.table import Run
from monitor.errors import Mistake

GUARDED = ("f1", "recall", "leaks", "title_exact", "author_f1", "same_day")
LOWER_IS_BETTER = {"leaks"}
SLACK = 0.002  # a fall by no more is no fall
MARGIN = 0.003  # between the figures of the day and the floors that are written from them
MOVED = 0.005  # F1 of a page that changed by no more did not move
Floors = dict[str, dict[str, float]]


def read(file: Path) -> Floors:
    """The floors of a TOML or JSON file, by corpus and figure."""
    try:
        text = file.read_text("utf-8")
        found = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise Mistake(f"{file}: {error.strerror}") from error
    except ValueError as error:
        raise Mistake(f"{file}: {error}") from error
    for corpus, figures in found.items():
        if strange := sorted(set(figures) - set(GUARDED)):
            raise Mistake(
                f"{file}: [{corpus}] {', '.join(strange)}: not a figure; there are {', '.join(GUARDED)}"
            )
    return dict(found)


def guard(floors: Floors, runs: Sequence[Run], say: Say) -> bool:
    """Print each figure that fell below its floor; whether none did, and there was one to compare."""
    held = any(floors.get(done.corpus.name) for done in runs)
    for done in runs:
        for name, floor in floors.get(done.corpus.name, {}).items():
            figure = getattr(done.figures, name)
            sign = -1 if name in LOWER_IS_BETTER else 1
            missing = float("inf") if figure is None else sign * (floor - figure)
            if missing > SLACK:
                held = False
                now = "not scored" if figure is None else f"{figure:.4f}"
                side = "over" if sign < 0 else "under"
                say(
                    f"fell: {done.corpus.name:10}{name:13}floor {floor:.4f}, now {now}"
                    + ("" if figure is None else f", {missing:.4f} {side} it"),
                    measure="fell",
                    corpus=done.corpus.name,
                    figure=name,
                    floor=floor,
                    now=figure,
                )
    measured = {done.corpus.name for done in runs}
    if unguarded := sorted(measured - set(floors)):
        say(f"no floor for: {', '.join(unguarded)}")
    if unmeasured := sorted(set(floors) - measured):
        say(f"not measured: {', '.join(unmeasured)}", measure="not measured", corpora=unmeasured)
    if held:
        say(f"no figure is more than {SLACK} worse than its floor")
    return held


def write(file: Path, runs: Sequence[Run]) -> None:
    """Write floors from the figures of a run, a margin below them."""
    lines = [
        "# Figures below which the cleaner may not fall: bench/clean --floor bench/floors.toml",
        f"# Written by bench/clean --write-floors, {MARGIN} worse than that day's figures.",
    ]
    for done in runs:
        lines += ["", f"[{done.corpus.name}]"]
        for name in GUARDED:
            if (figure := getattr(done.figures, name)) is not None:
                floor = figure + MARGIN if name in LOWER_IS_BETTER else max(0.0, figure - MARGIN)
                lines.append(f"{name} = {floor:.4f}")
    file.write_text("\n".join(lines) + "\n", "utf-8")


def moved(
    metrics: ModuleType, corpora: Sequence[Corpus], old: Path, new: Path, say: Say
) -> list[tuple[float, str, str]]:
    """Print the pages whose F1 changed between two folders of predictions, the worst falls first."""
    old, new = (folder / OURS if (folder / OURS).is_dir() else folder for folder in (old, new))
    changes: list[tuple[float, str, str, float, float]] = []
    for corpus in corpora:
        truths = [page.truth for page in corpus.pages]
        files = [folder / f"{corpus.name}.jsonl" for folder in (old, new)]
        if missing := [str(file) for file in files if not file.is_file()]:
            raise Mistake(f"{', '.join(missing)}: no predictions")
        before, after = (metrics.score(truths, metrics.load_predictions(file)).page_f1 for file in files)
        changes += [(after[p] - f1, corpus.name, p, f1, after[p]) for p, f1 in before.items()]
    changes = sorted(change for change in changes if abs(change[0]) > MOVED)
    for by, corpus_name, page, was, now in changes:
        say(
            f"moved: {by:+.3f} ({was:.3f} to {now:.3f}) {corpus_name} {page}",
            measure="moved",
            corpus=corpus_name,
            page=page,
            was=was,
            now=now,
        )
    fell = sum(1 for change in changes if change[0] < 0)
    say(f"{len(changes)} pages moved by more than {MOVED}: {fell} fell, {len(changes) - fell} rose")
    return [change[:3] for change in changes]
