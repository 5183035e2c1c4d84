"""The bench of exports, run small: it measures what it says, on both databases, and leaves nothing behind."""

import json
from pathlib import Path

import pytest

from bench import export, store_articles, store_writing
from tests.conftest import KINDS


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_writing, "ROUND", 20)
    monkeypatch.setattr(store_writing, "BATCH", 20)
    monkeypatch.setattr(store_articles, "_POOL", 1 << 14)


@pytest.mark.parametrize("kind", KINDS)
def test_it_measures_each_format_beside_a_plain_one(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    formats = ("csv", "pack", "plain-csv")
    asked = ("--articles", "200", "--only", kind, "--folder", str(tmp_path), "--json", "--formats", *formats)
    assert export.main(asked) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["format"] for each in said] == list(formats)
    for each in said:
        assert (each["database"], each["articles"]) == (kind, 200)
        assert each["bytes"] > 50_000
        assert 20 < each["mb_at_a_tenth"] <= each["mb"] + 20
        assert each["us_per_article"] > 0
    assert list(tmp_path.iterdir()) == []


def test_too_few_articles_are_no_measure(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        export.main(["--articles", "100"])
    assert "--articles takes 200 or more" in capsys.readouterr().err
