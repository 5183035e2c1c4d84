"""The bench of the database, run small: it measures what it says, on both databases, and leaves nothing behind."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import store, store_articles, store_search, store_writing
from monitor.text import is_han
from tests.conftest import KINDS


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (store, store_writing):
        monkeypatch.setattr(module, "ROUND", 60)
    monkeypatch.setattr(store_writing, "BATCH", 20)
    monkeypatch.setattr(store, "BESIDE", 60)
    monkeypatch.setattr(store_search, "REPEATS", 2)
    monkeypatch.setattr(store_articles, "_POOL", 1 << 14)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder outside pytest's own, which the next session of pytest shuts to the server's user."""
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


def test_articles_are_the_same_on_every_run_and_as_large_as_promised() -> None:
    first, again = (list(store_articles.articles(300)) for _ in range(2))
    assert first == again
    chinese = sum(made.settled.article.language == "zh-Hans" for made in first)
    assert 0.08 < chinese / 300 < 0.25
    assert 1_700 < sum(map(store_articles.size_of_text, first)) / 300 < 2_700
    assert all(len(made.settled.article.links) == 4 for made in first)
    assert [made.at for made in first] == sorted(made.at for made in first)


def test_words_are_asked_for_by_their_share() -> None:
    words = store_search.words_of(list(store_articles.articles(300)))
    assert len(words.pairs) >= 3
    assert all(len(word) == 2 and is_han(word[0]) for word in words.han)


@pytest.mark.parametrize("kind", KINDS)
def test_it_measures_writing_size_and_search_and_removes_its_folder(
    kind: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert store.main(["--articles", "600", "--only", kind, "--json", "--folder", str(folder)]) == 0
    facts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [fact["at"] for fact in facts if fact["measure"] == "writing"] == [60, 600]
    (size,) = [fact for fact in facts if fact["measure"] == "size"]
    assert {"articles", "links", "search_index"} <= set(size["tables"])
    hits = {fact["question"]: fact["hits"] for fact in facts if fact["measure"] == "search"}
    assert len(hits) == 18
    assert hits["two common words, ranked 20, last week"] < hits["two common words, ranked 20, no date"]
    assert hits["common word, counts per day over a year"] > 100
    assert hits["plain: two Chinese characters, counted"] == 0  # the reason for tokens of our own
    assert list(folder.iterdir()) == []


def test_too_few_articles_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        store.main(["--articles", "10"])
    assert "--articles takes 600 or more" in capsys.readouterr().err
