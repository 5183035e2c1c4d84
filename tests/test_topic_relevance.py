"""What the vocabulary is worth on labelled articles; a floor that may rise and never drop."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from monitor.topic import judge, load

SHARED = Path(__file__).parents[2] / "shared"
ITEMS = SHARED / "relevance" / "items.jsonl"


@pytest.fixture(scope="module")
def ruler() -> ModuleType:
    if not ITEMS.exists():
        pytest.skip("the labelled articles (../shared/relevance) are not here")
    spec = importlib.util.spec_from_file_location("score_dedup", SHARED / "tools" / "score_dedup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("language", "precision", "recall"),
    [("en", 0.60, 0.35), ("zh", 0.74, 0.99)],  # measured .611 .361, .750 1.0
)
def test_relevant_articles_are_told_from_others(
    ruler: ModuleType, language: str, precision: float, recall: float
) -> None:
    rows = [row for row in ruler.read(ITEMS) if row["lang"] == language]
    scores = {row["id"]: float(judge(row["title"], row["text"], load()).on_topic) for row in rows}
    figures = ruler.relevance(rows, scores, 1)
    assert figures["precision"] >= precision
    assert figures["recall"] >= recall
