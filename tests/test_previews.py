"""`straitwatch sources preview`: what would come in, and what is odd about it, from real servers."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from monitor.discover.charset import misdeclared
from monitor.store.database import reading
from monitor.store.tables import EntryRow, PollRow
from tests.site import Answer, Site
from tests.test_cli_reading import straitwatch
from tests.test_pipeline import collect, desk_of, feed, page


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


def previews(folder: Path, source: str = "a") -> list[dict[str, Any]]:
    done = straitwatch("sources", "preview", source, "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def rss(items: str, head: str = '<?xml version="1.0"?>', charset: str = "utf-8") -> Answer:
    body = f'{head}<rss version="2.0"><channel><title>The Paper</title>{items}</channel></rss>'
    return Answer(200, body.encode(charset), {"Content-Type": "application/rss+xml"})


def item(path: str, more: str = "") -> str:
    return f"<item><title>Story {path}</title><link>{path}</link>{more}</item>"


def test_a_preview_shows_the_newest_ten_what_is_known_and_what_the_cleaner_makes_of_the_newest(
    tmp_path: Path,
) -> None:
    with Site(
        {"/old": Answer(200, page("Old")), "/new-11": Answer(200, page("Destroyer in the strait"))}
    ) as site:
        site.routes["/a/feed"] = feed("/old")
        with desk_of(tmp_path, site, {"a": 2}) as desk:
            collect(desk)
            dated = [
                item(f"/new-{day}", f"<pubDate>{day:02} Nov 2026 08:00:00 +0000</pubDate>")
                for day in (3, 11, 7, *range(12, 24))
            ]  # fmt: skip
            site.routes["/a/feed"] = rss("".join([item("/old"), *dated]))
            site.routes["/new-23"] = Answer(200, page("Destroyer in the strait"))
            (told,) = previews(tmp_path)
            assert (told["found"], told["known"], told["title"]) == (16, 1, "The Paper")
            assert [line["title"] for line in told["lines"]][:3] == [
                "Story /new-23",
                "Story /new-22",
                "Story /new-21",
            ]
            assert len(told["lines"]) == 10
            assert told["newest"]["title"] == "Destroyer in the strait"
            assert told["newest"]["words"] > 60
            assert "1 of 16 lines without a date" in told["traps"]
            with reading(desk.database) as session:
                assert session.scalar(select(func.count(EntryRow.id))) == 1  # nothing was stored
                assert session.scalar(select(func.count(PollRow.id))) == 1
        shown = straitwatch("sources", "preview", "a", cwd=tmp_path)
        assert "16 lines now: 15 new, 1 known already" in shown.stdout
        assert "trap: 1 of 16 lines without a date" in shown.stdout
        assert "newest, cleaned: Destroyer in the strait" in shown.stdout


WHOLE = f"<description>{'The crew said so, in a text of its own. ' * 30}</description>"


@pytest.mark.parametrize(
    ("answer", "traps"),
    [
        (feed("/x"), ["no dates", "headlines only"]),
        (rss(item("/x", "<description>A short summary.</description>")), ["summaries only"]),
        (rss(item("/x"), "Warning: cannot connect <br>"), ["not well-formed"]),
        (rss(item("/x", "<description>海警船</description>"), '<?xml version="1.0" encoding="utf-8"?>', "gb18030"),
         ["declares UTF-8, and is not"]),
        (rss(item("/x", "<description>海警船</description>"), '<?xml version="1.0" encoding="gb2312"?>'),
         ["declares the charset gb2312, and is UTF-8"]),
        (rss(item("/x", "<pubDate>01 Mar 2016 08:00:00 +0000</pubDate>")), ["days old"]),
        (rss(item("/x", "<pubDate>2026-11-23 08:00</pubDate>")), ["times without a zone"]),
        (rss(item("https://elsewhere.example/x")), ["1 of 1 lines lead to other sites"]),
        (rss(""), ["no line in it now"]),
    ],
)  # fmt: skip
def test_a_preview_names_the_traps_of_a_feed(tmp_path: Path, answer: Answer, traps: list[str]) -> None:
    with Site({"/a/feed": answer, "/x": Answer(200, page("X"))}) as site, desk_of(tmp_path, site, {"a": 2}):
        (told,) = previews(tmp_path)
        for trap in traps:
            assert trap in " / ".join(told["traps"])


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(503), "HTTP 503"),
        (Answer(200, b"<!doctype html><html><title>Sorry</title></html>"), 'not a feed: HTML "Sorry"'),
        (Answer(200, b""), "empty body"),
    ],
)
def test_a_listing_that_cannot_be_read_is_told_in_words(tmp_path: Path, answer: Answer, why: str) -> None:
    with Site({"/a/feed": answer}) as site, desk_of(tmp_path, site, {"a": 2}):
        (told,) = previews(tmp_path)
        assert why in told["why"]
        assert "nothing to show" in straitwatch("sources", "preview", "a", cwd=tmp_path).stdout


def test_a_newest_page_that_refuses_us_is_told_and_robots_are_obeyed(tmp_path: Path) -> None:
    robots = Answer(200, b"User-agent: *\nDisallow: /x", {"Content-Type": "text/plain"})
    with Site({"/a/feed": feed("/x"), "/robots.txt": robots}) as site, desk_of(tmp_path, site, {"a": 2}):
        (told,) = previews(tmp_path)
        assert "robots.txt: Disallow: /x" in told["newest"]["why"]
        assert "/x" not in site.paths


def test_an_id_that_is_mistyped_is_answered_with_the_one_that_was_meant(tmp_path: Path) -> None:
    with Site({}) as site, desk_of(tmp_path, site, {"ledger": 2}):
        done = straitwatch("sources", "preview", "legder", cwd=tmp_path)
        assert done.returncode == 1
        assert done.stderr.strip() == "there is no source legder; did you mean ledger?"


def test_a_preview_needs_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRAITWATCH_DATABASE__URL")
    with Site({"/a/feed": feed("/x"), "/x": Answer(200, page("X"))}) as site:
        with desk_of(tmp_path, site, {"a": 2}) as desk:
            file = Path(desk.database.where)
        for made in file.parent.glob(f"{file.name}*"):
            made.unlink()
        assert [told["found"] for told in previews(tmp_path)] == [1]
        assert not file.exists()


def test_a_charset_is_told_only_where_it_is_wrong() -> None:
    assert misdeclared("海警".encode(), "text/xml; charset=utf-8") == ""
    assert misdeclared(b"<?xml version='1.0' encoding='gb2312'?><x/>", "") == ""
    assert misdeclared("海警".encode("gb18030"), "text/xml; charset=gb2312") == ""
    assert "does not exist" in misdeclared("海警".encode(), "text/xml; charset=utf9")
    body = '<?xml encoding="utf-8"?>海警'.encode("gb18030")
    assert misdeclared(body, "text/xml; charset=gbk") == "declares two charsets: gbk and utf-8"
