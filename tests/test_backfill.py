"""The past made good: from WARC files and sitemaps, with nobody alerted and nothing taken twice."""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import func, select

from monitor import backfilling, pipeline
from monitor.backfilling import Report
from monitor.demo.receivers import Webhook
from monitor.desk import Desk, round_of_work
from monitor.errors import Mistake
from monitor.model import utc_now
from monitor.store import backlog, health
from monitor.store.database import reading, writing
from monitor.store.tables import AlertRow, ArticleRow, EntryRow, FeedRow, RoundRow
from monitor.warc import Writer
from tests.conftest import MakeUrl
from tests.newsroom import story
from tests.site import Answer, Request, Site
from tests.test_cli_reading import PROGRAM, straitwatch
from tests.test_listings import index
from tests.test_pipeline import collect, desk_of, feed, outcomes, why

RULES = '[channels.hook]\nurl = "{url}"\n[[rules]]\nname = "r"\nquery = "PLA"\nchannels = ["hook"]\nfirst_poll = true\n'
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


@contextmanager
def a_paper(folder: Path, stories: int = 6) -> Iterator[tuple[Site, Desk]]:
    """A paper whose feed shows only its newest story, and a rule that tells of whatever a first poll brings."""
    routes: dict[str, Any] = {f"/story-{n}": Answer(200, story(n)) for n in range(stories)}
    routes["/a/feed"] = feed(f"/story-{stories - 1}")
    with (
        Webhook() as webhook,
        Site(routes) as site,
        desk_of(folder, site, {"a": 2}, RULES.format(url=webhook.url())) as desk,
    ):
        yield site, desk


def articles(desk: Desk) -> dict[str, int]:
    with reading(desk.database) as session:
        rows = session.execute(select(ArticleRow.url, ArticleRow.id).order_by(ArticleRow.id)).tuples()
        return {url.rpartition("/")[2]: number for url, number in rows}


def alerts(desk: Desk) -> int:
    with reading(desk.database) as session:
        return session.scalar(select(func.count(AlertRow.id))) or 0


def months(site: Site, *changed: tuple[str, str, list[int]]) -> None:
    """An index of sitemaps: (name, lastmod, stories)."""
    inner = "".join(
        f"<sitemap><loc>/{name}.xml</loc><lastmod>{day}</lastmod></sitemap>" for name, day, _ in changed
    )
    site.routes["/index.xml"] = Answer(200, f"<sitemapindex {SPACE}>{inner}</sitemapindex>".encode())
    for name, day, stories in changed:
        lines = "".join(f"<url><loc>/story-{n}</loc><lastmod>{day}</lastmod></url>" for n in stories)
        site.routes[f"/{name}.xml"] = Answer(200, f"<urlset {SPACE}>{lines}</urlset>".encode())


def test_a13_sitemaps_of_past_months_are_taken_once_and_nobody_is_alerted(tmp_path: Path) -> None:
    with a_paper(tmp_path) as (site, desk):
        collect(desk)
        before, told = articles(desk), alerts(desk)
        assert (list(before), told) == (["story-5"], 1)
        months(
            site,
            ("october", "2026-10-20", [3, 4, 5]),
            ("august", "2026-08-11", [1, 2]),
            ("june", "2026-06-02", [0]),
        )
        command = ("backfill", "--sitemap", site.url("/index.xml"), "--since", "2026-08", "--source", "a")
        done = straitwatch(*command, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == "5 found, 4 new, 1 known already; 4 stored"
        assert "/june.xml" not in site.paths
        after = articles(desk)
        assert set(after) == {f"story-{n}" for n in range(1, 6)}
        assert after["story-5"] == before["story-5"]
        assert alerts(desk) == told
        asked = len(site.paths)
        assert "0 new, 5 known already" in straitwatch(*command, cwd=tmp_path).stdout
        assert not [path for path in site.paths[asked:] if path.startswith("/story")]
        collect(desk)
        assert (articles(desk), alerts(desk)) == (after, told)
        with reading(desk.database) as session:
            assert set(session.scalars(select(RoundRow.state))) == {"done"}


def test_x23_a_sitemap_walked_to_its_end_closes_the_gaps_of_its_days_and_one_that_breaks_closes_none(
    tmp_path: Path,
) -> None:
    with a_paper(tmp_path) as (site, desk):
        collect(desk)
        began = utc_now() - timedelta(days=3)
        with writing(desk.database) as session:
            row = session.scalars(select(FeedRow)).one()
            row.gap_from, row.gap_to = began, began + timedelta(days=1)
            judged = health.judge_sources(session, {"a": timedelta(days=9)}, utc_now())["a"]
        assert judged.state == "gap"
        assert f"straitwatch backfill --sitemap URL --since {began:%Y-%m-%d}" in judged.why

        def walked(since: datetime) -> tuple[int, str]:
            report = Report()
            backfilling.from_sitemap(desk, desk.sources["a"], site.url("/index.xml"), since, report, Event())
            with writing(desk.database) as session:
                return report.closed, health.judge_sources(session, {"a": timedelta(days=9)}, utc_now())[
                    "a"
                ].state

        day = f"{began:%Y-%m-%d}"
        months(site, ("here", day, [3, 4]), ("gone", day, [2]))
        site.routes["/gone.xml"] = Answer(503, b"")
        assert walked(began - timedelta(days=1)) == (0, "gap")
        months(site, ("here", day, [3, 4]))
        assert walked(began + timedelta(hours=1)) == (0, "gap")
        assert walked(began - timedelta(days=1)) == (1, "ok")


def test_a_month_in_an_address_tells_what_is_older_where_no_time_is_given(tmp_path: Path) -> None:
    with a_paper(tmp_path) as (site, desk):
        site.routes["/i.xml"] = index("/sitemap-2026-07.xml", "/sitemap-2026-08.xml", "/i.xml")
        lines = "".join(
            f"<url><loc>{path}</loc></url>"
            for path in (
                "/2026/07/30/old",
                "/story-1",
                "/2026/08/02/the-plan-of-2024-10",
                "/what-became-of-2024-10",
            )
        )
        site.routes["/sitemap-2026-08.xml"] = Answer(200, f"<urlset {SPACE}>{lines}</urlset>".encode())
        report = Report()
        backfilling.from_sitemap(
            desk, desk.sources["a"], site.url("/i.xml"), backfilling.month("2026-08"), report, Event()
        )
        assert (report.found, report.new, report.older) == (4, 3, 1)
        assert "/sitemap-2026-07.xml" not in site.paths
        with reading(desk.database) as session:
            assert why(session, "story-1") == backlog.WAITS
        with pytest.raises(Mistake, match="cannot be read as a sitemap: HTTP 404"):
            backfilling.from_sitemap(
                desk, desk.sources["a"], site.url("/no.xml"), backfilling.month("2026-08"), report, Event()
            )


def test_rounds_leave_to_backfills_what_these_found_unless_a_feed_lists_it(tmp_path: Path) -> None:
    with a_paper(tmp_path) as (site, desk):
        months(site, ("all", "2026-10-20", [0, 1, 2]))
        collect(desk)
        told = alerts(desk)
        backfilling.from_sitemap(
            desk, desk.sources["a"], site.url("/all.xml"), backfilling.month("2026-08"), Report(), Event()
        )
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"story-5": "stored", **{f"story-{n}": "pending" for n in range(3)}}
        site.routes["/a/feed"] = feed("/story-5", "/story-1")  # today's news after all
        collect(desk)
        assert set(articles(desk)) == {"story-5", "story-1"}
        assert alerts(desk) == told + 1
        report = Report()
        backfilling.go_on(desk, report, Event())
        assert report.outcomes == {"stored": 2}
        assert alerts(desk) == told + 1


def exported(folder: Path, site: Site, stories: int = 6) -> Path:
    """A WARC file of the paper's pages, and of a page of somebody else's."""
    from monitor.model import Page, utc_now

    file = folder / "pages.warc.gz"
    with file.open("wb") as opened:
        writer = Writer(opened, file.name, "test")
        for n in range(stories):
            url = site.url(f"/story-{n}")
            writer.write(Page(url, url, 200, story(n), utc_now(), {"content-type": "text/html"}), {})
        other = "https://elsewhere.example/x"
        writer.write(Page(other, other, 200, story(99), utc_now(), {"content-type": "text/html"}), {})
    return file


def test_a13_a_warc_file_is_taken_without_asking_the_site_and_nobody_is_alerted(tmp_path: Path) -> None:
    with a_paper(tmp_path) as (site, desk):
        collect(desk)
        before, told = articles(desk), alerts(desk)
        exported(tmp_path, site)
        asked = len(site.paths)
        done = straitwatch("backfill", "pages.warc.gz", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert (
            done.stdout.strip() == "7 found, 5 new, 1 known already, 1 of no source that is watched; 5 stored"
        )
        assert len(site.paths) == asked
        after = articles(desk)
        assert len(after) == 6
        assert after["story-5"] == before["story-5"]
        again = straitwatch("backfill", "pages.warc.gz", "--source", "a", "--json", cwd=tmp_path)
        assert '"new": 0, "known": 6' in again.stdout
        assert (articles(desk), alerts(desk)) == (after, told)
        story_told = straitwatch("why", site.url("/story-2"), cwd=tmp_path).stdout
        assert "stored as article" in story_told


def test_what_is_exported_makes_the_same_archive_elsewhere(
    tmp_path: Path, make_url: MakeUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    with a_paper(here) as (site, desk):
        site.routes["/a/feed"] = feed(*(f"/story-{n}" for n in range(6)))
        collect(desk)
        assert straitwatch("export", "--warc", "all.warc.gz", cwd=here).returncode == 0
        with reading(desk.database) as session:
            texts = set(session.scalars(select(ArticleRow.text_hash)))
        monkeypatch.setenv("STRAITWATCH_DATABASE__URL", make_url("sqlite"))
        with desk_of(there, site, {"a": 2}) as other:
            report = Report()
            backfilling.from_warc(other, here / "all.warc.gz", report, Event())
            with reading(other.database) as session:
                assert set(session.scalars(select(ArticleRow.text_hash))) == texts
            assert report.outcomes == {"stored": 6}


def test_s21_a_backfill_killed_anywhere_is_made_good_by_the_next(tmp_path: Path) -> None:
    slow = threading.Event()

    def told(request: Request) -> Answer:
        slow.wait(0.1)
        return Answer(200, story(int(request.path.rpartition("-")[2])))

    with a_paper(tmp_path, stories=50) as (site, desk):
        collect(desk)
        before = articles(desk)
        site.routes |= {f"/story-{n}": told for n in range(50)}
        months(site, ("all", "2026-10-20", list(range(50))))
        command = [
            str(PROGRAM),
            "backfill",
            "--sitemap",
            site.url("/all.xml"),
            "--since",
            "2026-08",
            "--source",
            "a",
        ]
        for at_least in (5, 30):  # in the first turn, and in a later one
            run = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            until = time.monotonic() + 60
            while sum("/story" in path for path in site.paths) < at_least and time.monotonic() < until:
                slow.wait(0.02)
            run.kill()
            run.communicate()
        slow.set()
        collect(desk)  # a round in between finds the lease free
        assert straitwatch("backfill", cwd=tmp_path).returncode == 0
        after = articles(desk)
        assert len(after) == 50
        assert after["story-49"] == before["story-49"]
        assert alerts(desk) == 1
        with reading(desk.database) as session:
            assert set(outcomes(session).values()) == {"stored"}
            assert not backlog.waiting(session)
            assert "running" not in session.scalars(select(RoundRow.state)).all()


def test_s21_a_round_gets_through_beside_a_backfill(tmp_path: Path) -> None:
    gate = threading.Event()

    def held(request: Request) -> Answer:
        gate.wait(30)
        return Answer(200, story(int(request.path.rpartition("-")[2])))

    with a_paper(tmp_path, stories=60) as (site, desk):
        collect(desk)
        months(site, ("all", "2026-10-20", list(range(60))))
        backfilling.from_sitemap(
            desk, desk.sources["a"], site.url("/all.xml"), backfilling.month("2026-08"), Report(), Event()
        )
        site.routes["/story-0"] = held
        ended: list[str] = []

        def fill() -> None:
            backfilling.go_on(desk, Report(), Event())
            ended.append("backfill")

        filling = threading.Thread(target=fill)
        filling.start()
        until = time.monotonic() + 30
        while "/story-0" not in site.paths and time.monotonic() < until:
            gate.wait(0.02)

        def round_of_its_own() -> None:
            with round_of_work(desk) as work:  # waits for the turn, not for the whole backfill
                ended.append("round")
                pipeline.deliver(desk, work)

        meanwhile = threading.Thread(target=round_of_its_own)
        meanwhile.start()
        gate.set()
        meanwhile.join(60)
        filling.join(60)
        assert ended == ["round", "backfill"]
        assert len(articles(desk)) == 60


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("none.warc",), "none.warc cannot be read"),
        (("straitwatch.toml",), "no WARC file"),
        (("--sitemap", "http://127.0.0.1:9/x.xml"), "--sitemap needs --source and --since"),
        (("--since", "2026-08"), "--since goes with --sitemap"),
        (("--sitemap", "http://x.example/", "--source", "a", "--since", "august"), "write a month or a day"),
        (("--source", "b"), "no source b is switched on"),
    ],
)
def test_a_mistake_is_told_before_anything_is_done(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    with Site({}) as site, desk_of(tmp_path, site, {"a": 2}):
        done = straitwatch("backfill", *arguments, cwd=tmp_path)
        assert done.returncode == 1
        assert says in done.stderr


def test_entries_that_crash_us_are_set_aside_and_not_tried_for_ever(tmp_path: Path) -> None:
    with a_paper(tmp_path) as (site, desk):
        months(site, ("all", "2026-10-20", [0]))
        backfilling.from_sitemap(
            desk, desk.sources["a"], site.url("/all.xml"), backfilling.month("2026-08"), Report(), Event()
        )
        with writing(desk.database) as session:
            session.scalars(select(EntryRow)).one().crashes = 3
        report = Report()
        backfilling.go_on(desk, report, Event())
        assert (report.waiting, dict(report.outcomes)) == (0, {})
