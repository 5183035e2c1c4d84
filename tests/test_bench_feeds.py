"""The bench of the reader of feeds, on a small collection of our own words."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench import feeds as bench

RSS = """<?xml version="1.0"?>
<!--
Description: {what}
Expect:      {expect}
-->
<rss version="2.0"><channel><title>The harbour</title>{items}</channel></rss>"""


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    folder = tmp_path / "tests" / "harbour"
    folder.mkdir(parents=True)
    files = {
        "title": ("not bozo and entries[0]['title'] == 'A <b>ferry</b>'", "<item><title>A ferry</title></item>"),
        "time": (
            "entries[0]['published_parsed'] == (2026, 11, 3, 7, 30, 0, 1, 307, 0)",
            "<item><link>/a</link><pubDate>Tue, 03 Nov 2026 08:30:00 +0100</pubDate></item>",
        ),
        "count": ("len(entries) == 2", "<item><title>One</title></item><item><title>Two</title></item>"),
        "feed": ("feed['title'] == 'Another harbour'", "<item><link>/a</link></item>"),
        "author": ("entries[0]['author'] == 'Eve'", "<item><author>Eve</author></item>"),
    }  # fmt: skip
    for name, (expect, items) in files.items():
        text = RSS.format(what=name, expect=expect, items=items)
        (folder / f"{name}.xml").write_text(text, "utf-8")
    return tmp_path / "tests"


def test_it_counts_what_is_right_and_wrong_and_what_nobody_asks_of_us(
    collection: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main([str(collection), "--json", "--wrong"]) == 0
    facts: list[dict[str, Any]] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    harbour = next(each for each in facts if each.get("of") == "harbour")
    assert (harbour["right"], harbour["wrong"], harbour["not_asked_of_us"]) == (3, 1, 1)
    wrong = [(each["file"], each["field"], each["ours"]) for each in facts if each["measure"] == "wrong"]
    assert wrong == [("harbour/feed.xml", "feed title", "The harbour")]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([str(tmp_path / "none")]) == 1
    assert "there is no folder" in capsys.readouterr().err
