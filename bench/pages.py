"""Pages with a known truth, read into memory, and the module that defines the metrics."""

import importlib.util
import json
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from monitor.errors import Mistake

SHORT_LABEL = 3  # letters: co.uk, com.au, gov.cn


@dataclass(frozen=True)
class Page:
    """A page's bytes beside its truth."""

    truth: Any  # the scorer's TruePage
    html: bytes

    @property
    def site(self) -> str:
        """Whose page it is; a page without an address stands for itself."""
        return site(self.truth.url) or str(self.truth.id)


@dataclass(frozen=True)
class Corpus:
    """One folder of pages."""

    name: str
    pages: Sequence[Page]


def scorer(corpora: Path) -> ModuleType:
    """The module that defines every figure: tools/score_clean.py beside the corpora, never a copy of it."""
    file = corpora.resolve().parent / "tools" / "score_clean.py"
    spec = importlib.util.spec_from_file_location("score_clean", file)
    if spec is None or spec.loader is None or not file.is_file():
        raise Mistake(f"{file}: no scorer beside the corpora")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look their own module up
    spec.loader.exec_module(module)
    return module


def load(metrics: ModuleType, folder: Path, wanted: Sequence[str] | None) -> list[Corpus]:
    """The corpora of a folder, every page in memory, so that no figure of time holds the disk."""
    known = sorted(path.parent.name for path in folder.glob("*/truth.jsonl"))
    strange = sorted(set(wanted or ()) - set(known))
    if strange or not known:
        raise Mistake(
            f"{folder}: no corpus {', '.join(strange)}; there are {', '.join(known) or 'none at all'}"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the scorer leaves its file to the collector
        truths = {name: metrics.load_corpus(folder / name) for name in wanted or known}
    return [Corpus(name, [Page(t, t.html()) for t in found]) for name, found in truths.items()]


def site(url: str | None) -> str:
    """The registered name of a URL's host, near enough to tell outlets apart: bbc.co.uk, not news.bbc.co.uk."""
    host = (urlsplit(url or "").hostname or "").strip(".")
    labels = host.split(".")
    country = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= SHORT_LABEL
    return ".".join(labels[-3 if country else -2 :])


def save(folder: Path, corpus: str, predictions: dict[str, dict[str, Any]]) -> None:
    """Write predictions as the scorer reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = (json.dumps({"id": page} | said, ensure_ascii=False) for page, said in predictions.items())
    (folder / f"{corpus}.jsonl").write_text("".join(f"{row}\n" for row in rows), "utf-8")
