"""What `is_copy` is worth on labelled pairs; floors that may rise and never drop."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from monitor.dedup import COPY, Fingerprint, fingerprint, is_copy, keys, resemblance

SHARED = Path(__file__).parents[2] / "shared"
PAIRS = SHARED / "neardup" / "pairs.jsonl"

Pairs = list[tuple[dict[str, Any], Fingerprint, Fingerprint]]


@pytest.fixture(scope="module")
def ruler() -> ModuleType:
    if not PAIRS.exists():
        pytest.skip("the labelled pairs (../shared/neardup) are not here")
    spec = importlib.util.spec_from_file_location("score_dedup", SHARED / "tools" / "score_dedup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pairs(ruler: ModuleType) -> Pairs:
    return [(row, fingerprint(row["a"]["text"]), fingerprint(row["b"]["text"])) for row in ruler.read(PAIRS)]


@pytest.mark.parametrize(
    ("language", "average_precision", "f1"),
    [("en", 0.97, 0.92), ("zh", 0.98, 0.80)],
)
def test_copies_are_told_from_other_texts(
    ruler: ModuleType, pairs: Pairs, language: str, average_precision: float, f1: float
) -> None:
    own = [(row, a, b) for row, a, b in pairs if row["lang"] == language]
    figures = ruler.neardup(
        [row for row, _, _ in own], {row["id"]: resemblance(a, b) for row, a, b in own}, COPY
    )
    assert figures["average_precision"] >= average_precision
    assert figures["f1"] >= f1


def test_hardly_any_other_text_is_called_a_copy(pairs: Pairs) -> None:
    others = [row["id"] for row, a, b in pairs if row["label"] == "not" and is_copy(a, b)]
    assert len(others) <= 2


def test_every_copy_shares_a_key(pairs: Pairs) -> None:
    assert all(set(keys(a)) & set(keys(b)) for row, a, b in pairs if row["label"] == "dup")
