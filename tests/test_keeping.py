"""What a poll leaves: the feed's memory, its source's state, who is told; on both databases.

Time passes by moving what is stored into the past.
"""

from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor import pipeline
from monitor.cli.reporting import sentence
from monitor.config import load_settings
from monitor.demo.receivers import Webhook
from monitor.desk import Desk, open_desk, round_of_work
from monitor.health import State
from monitor.model import Outcome, utc_now
from monitor.query.health import health_told, weeks_told
from monitor.query.ledger import RoundTold, round_told
from monitor.store import schema
from monitor.store.database import Database, reading, writing
from monitor.store.tables import (
    AlertRow,
    ArticleRow,
    ChangeRow,
    EntryRow,
    FeedRow,
    PollRow,
    RoundRow,
    SourceRow,
)
from tests.site import Answer, Request, Site
from tests.test_pipeline import LINES, desk_of, feed, outcomes, page, why

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FEED_TIMES = (
    "polled_at", "answered_at", "brought_at", "next_poll", "whole_at", "failing_since", "newest_at", "oldest_at",
    "fresh_at", "changed_at",
)  # fmt: skip
RULES = '[channels.hook]\nurl = "{url}"\n'


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


def later(desk: Desk, by: timedelta) -> None:
    """So much time passes."""
    with writing(desk.database) as session:
        for row in session.scalars(select(FeedRow)):
            for name in FEED_TIMES:
                if getattr(row, name) is not None:
                    setattr(row, name, getattr(row, name) - by)
        for entry in session.scalars(select(EntryRow)):
            entry.first_seen -= by
            entry.published = entry.published - by if entry.published else None
            entry.next_try = entry.next_try - by if entry.next_try else None
        for source in session.scalars(select(SourceRow)):
            source.state_since = source.state_since - by if source.state_since else None
        for told in session.scalars(select(RoundRow)):
            told.started_at, told.ended_at = told.started_at - by, (told.ended_at or told.started_at) - by
        for poll in session.scalars(select(PollRow)):
            poll.at -= by


def collect(desk: Desk, *, every_feed: bool = True) -> RoundTold:
    with round_of_work(desk) as work:
        pipeline.collect(desk, work, every_feed=every_feed)
    with reading(desk.database) as session:
        return round_told(session, work.id)


def days_pass(desk: Desk, days: int) -> None:
    """So many days pass, on each of which every feed is asked."""
    for _ in range(days):
        later(desk, DAY)
        collect(desk)


def dated(items: dict[str, timedelta], title: str = "The Harbor Ledger", **headers: str) -> Answer:
    """A feed whose items are of these ages, in this order."""
    now = utc_now()
    rows = "".join(
        f"<item><title>Story {path}</title><link>{path}</link>"
        f"<pubDate>{format_datetime(now - age)}</pubDate></item>"
        for path, age in items.items()
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{rows}</channel></rss>'
    return Answer(200, body.encode(), {"Content-Type": "application/rss+xml", **headers})


def state(desk: Desk, source: str = "a") -> tuple[str, str]:
    with reading(desk.database) as session:
        row = session.get_one(SourceRow, source)
        return row.state, row.state_why


def stories(*paths: str) -> dict[str, Answer]:
    return {
        path: Answer(200, page(f"Destroyer {path}", *LINES, f"This is the story {path} alone."))
        for path in paths
    }


def test_a_change_of_state_is_told_once_to_every_channel_and_never_at_the_first_poll(tmp_path: Path) -> None:
    with (
        Webhook() as webhook,
        Site({"/a/feed": feed("/one"), **stories("/one")}) as site,
        desk_of(tmp_path, site, {"a": 2}, RULES.format(url=webhook.url())) as desk,
    ):
        first = collect(desk)
        assert (state(desk)[0], first.bad, webhook.posts) == ("ok", [], [])
        site.routes["/a/feed"] = Answer(403, b"<h1>Forbidden</h1>")
        told = collect(desk)
        assert state(desk) == ("blocked", "says no to us: HTTP 403")
        assert told.bad == ["a blocked"]
        assert "1 source not well (a blocked: straitwatch sources health)" in sentence(told)
        assert "health: blocked, was ok: says no to us: HTTP 403" in told.lines[0].notes
        collect(desk)
        collect(desk)
        ((_, body),) = webhook.posts
        assert (body["rule"], body["source"], body["state"], body["before"]) == (
            "health", "a", "blocked", "ok",
        )  # fmt: skip
        site.routes["/a/feed"] = feed("/one")
        back = collect(desk)
        assert [body["state"] for _, body in webhook.posts] == ["blocked", "ok"]
        assert back.recovered == ["a"]
        assert "well again: a" in sentence(back)
        with reading(desk.database) as session:
            assert [(row.state, row.article) for row in session.scalars(select(AlertRow))] == [
                ("sent", None)
            ] * 2
            assert [row.after for row in session.scalars(select(ChangeRow))] == ["ok", "blocked", "ok"]


def test_a_change_that_a_channel_does_not_take_is_owed_until_it_does(tmp_path: Path) -> None:
    with (
        Webhook(status=503) as webhook,
        Site({"/a/feed": feed("/one"), **stories("/one")}) as site,
        desk_of(tmp_path, site, {"a": 2}, RULES.format(url=webhook.url())) as desk,
    ):
        collect(desk)
        site.routes["/a/feed"] = Answer(451)
        told = collect(desk)
        assert (told.owed, told.sent) == (1, 0)
        webhook.status = 200
        with writing(desk.database) as session:
            for row in session.scalars(select(AlertRow)):
                row.next_try = row.owed_at
        assert collect(desk).sent == 1


def test_nobody_is_told_of_health_where_the_settings_say_so(tmp_path: Path) -> None:
    with Webhook() as webhook, Site({"/a/feed": feed("/one"), **stories("/one")}) as site:
        rules = RULES.format(url=webhook.url()) + "[health]\nchannels = []\n"
        with desk_of(tmp_path, site, {"a": 2}, rules) as desk:
            collect(desk)
            site.routes["/a/feed"] = Answer(403)
            assert collect(desk).bad == ["a blocked"]
            assert webhook.posts == []


def test_a_feed_is_failing_after_three_rounds_and_its_neighbour_is_well(tmp_path: Path) -> None:
    routes = {"/a/feed": feed("/one"), "/b/feed": feed("/two"), **stories("/one", "/two")}
    with Site(routes) as site, desk_of(tmp_path, site, {"a": 2, "b": 2}) as desk:
        collect(desk)
        site.routes["/a/feed"] = Answer(500)
        assert [collect(desk).bad for _ in range(3)] == [[], [], ["a failing"]]
        assert "failed 3 times in a row since" in state(desk)[1]
        assert state(desk, "b") == ("ok", "")


def test_x11_an_empty_feed_is_ok_and_silent_a_week_later(tmp_path: Path) -> None:
    with Site({"/a/feed": feed()}) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        collect(desk)
        assert state(desk) == ("ok", "its listing is empty")
        days_pass(desk, 8)
        collect(desk)
        assert state(desk)[0] == "silent"


def test_x22_a_zombie_is_told_once_and_its_items_alert_nobody(tmp_path: Path) -> None:
    with Webhook() as webhook, Site({"/a/feed": dated({"/one": HOUR}), **stories("/one", "/old")}) as site:
        rules = (
            RULES.format(url=webhook.url()) + '[[rules]]\nname = "r"\nquery = "strait"\nchannels = ["hook"]\n'
        )
        with desk_of(tmp_path, site, {"a": 2}, rules) as desk:
            collect(desk)
            site.routes["/a/feed"] = dated({"/old": 3650 * DAY}, title="Casino Bonus Review")
            collect(desk)
            collect(desk)
            assert state(desk)[0] == "zombie"
            assert '"Casino Bonus Review"' in state(desk)[1]
            with reading(desk.database) as session:
                assert outcomes(session)["old"] == "stored"
            assert [body["rule"] for _, body in webhook.posts] == ["health"]


def test_x22_a_person_may_take_a_feed_as_it_is_now(tmp_path: Path) -> None:
    from monitor.store import health as states

    with (
        Site({"/a/feed": dated({"/one": HOUR}), **stories("/one", "/two")}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        site.routes["/a/feed"] = dated({"/one": HOUR, "/two": HOUR}, title="Pier and Quay")
        collect(desk)
        assert state(desk)[0] == "zombie"
        with writing(desk.database) as session:
            assert states.accept(session, "a") == [
                f'{site.url("/a/feed")} is known as "Pier and Quay" at 127.0.0.1 from now on'
            ]
        collect(desk)
        assert state(desk)[0] == "ok"


def test_x23_a_feed_that_runs_over_is_a_gap_and_is_asked_more_often(tmp_path: Path) -> None:
    """50 items an hour, 20 shown: an hour later not one of the old ones is there."""
    minute = timedelta(minutes=1.2)
    first = {f"/n{number}": number * minute for number in range(20)}
    with Site({"/a/feed": dated(first)}) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        collect(desk)
        with reading(desk.database) as session:
            row = session.scalars(select(FeedRow)).one()
            assert row.next_poll - utc_now() < timedelta(
                minutes=8
            )  # a third of the 23 minutes that it covers
        later(desk, HOUR)
        site.routes["/a/feed"] = dated({f"/m{number}": number * minute for number in range(20)})
        collect(desk)
        assert state(desk)[0] == "gap"
        with reading(desk.database) as session:
            row = session.scalars(select(FeedRow)).one()
            assert row.gap_from is not None
            assert row.gap_to is not None
            assert timedelta(minutes=30) < row.gap_to - row.gap_from < timedelta(minutes=40)
            (told,) = health_told(session, {"a": 7 * DAY}, utc_now(), "a")
            assert told.facts()["feeds"][0]["gap_from"] == row.gap_from
        collect(desk)  # the gap is still there
        assert state(desk)[0] == "gap"
        with writing(desk.database) as session:
            from monitor.store.health import close_gaps

            assert close_gaps(session, "a", utc_now() - DAY, utc_now()) == 1
        collect(desk)
        assert state(desk)[0] == "ok"


def test_x24_a_listing_that_is_only_dated_anew_is_all_duplicates(tmp_path: Path) -> None:
    paths = [f"/n{number}" for number in range(6)]
    with (
        Site({"/a/feed": dated(dict.fromkeys(paths, HOUR)), **stories(*paths)}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        days_pass(desk, 38)
        site.routes["/a/feed"] = dated({path: number * HOUR for number, path in enumerate(paths)})
        told = collect(desk)
        assert state(desk) == (
            "all-duplicates", "its listing changes, and every item in it has been known for 38 days",
        )  # fmt: skip
        assert sum(line.new for line in told.lines) == 0


def test_x24_lines_that_another_feed_of_the_source_brought_first_are_fresh_all_the_same(
    tmp_path: Path,
) -> None:
    """The feed of a section lists what the main feed has listed a moment before."""
    both = {"/a/feed": feed("/one"), "/b/feed": feed("/one"), **stories("/one", "/two")}
    with Site(both) as site, desk_of(tmp_path, site, {"a": 2, "b": 2}) as desk:
        collect(desk)
        later(desk, 38 * DAY)
        site.routes |= {"/a/feed": feed("/one", "/two"), "/b/feed": feed("/one", "/two")}
        collect(desk)
        assert (state(desk, "a")[0], state(desk, "b")[0]) == ("ok", "ok")


def test_x16_links_that_change_at_each_fetch_bring_no_article_twice(tmp_path: Path) -> None:
    """Of an address that says what it is (utm_...) we know the one behind it; of any other, its text tells."""
    with Site(stories("/one", "/two")) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        for poll in range(4):
            site.routes["/a/feed"] = feed(f"/one?v={poll}x", f"/two?utm_source=feed{poll}")
            told = collect(desk)
            later(desk, HOUR)
        assert sum(line.new for line in told.lines) == 1  # /two is known by its canonical address
        with reading(desk.database) as session:
            assert sorted(session.scalars(select(ArticleRow.title))) == ["Destroyer /one", "Destroyer /two"]
            entries = (
                session.execute(select(EntryRow.outcome, EntryRow.why).order_by(EntryRow.id)).tuples().all()
            )
    assert sorted(outcome for outcome, _ in entries) == ["duplicate"] * 3 + ["stored"] * 2
    assert all("the same text as article" in why for outcome, why in entries if outcome == "duplicate")


def test_x25_new_is_what_was_never_seen_whatever_its_date_or_place(tmp_path: Path) -> None:
    with (
        Site({"/a/feed": dated({"/pin": 300 * DAY, "/one": HOUR})}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        later(desk, HOUR)
        turned = {"/pin": 300 * DAY, "/back": 20 * DAY, "/two": HOUR, "/one": 2 * HOUR}
        site.routes["/a/feed"] = dated(dict(reversed(turned.items())))
        told = collect(desk)
        assert sum(line.new for line in told.lines) == 2
        assert state(desk)[0] == "ok"
        later(desk, HOUR)
        site.routes["/a/feed"] = dated({"/older": 25 * DAY, "/oldest": 30 * DAY, "/one": 40 * DAY})
        told = collect(desk)
        assert sum(line.new for line in told.lines) == 2
        assert state(desk)[0] == "ok"  # back-dated news are news


def test_lines_dated_before_a_sources_window_are_answered_unread_and_the_ledger_adds_up(
    tmp_path: Path,
) -> None:
    items = {"/one": HOUR, "/back": 25 * DAY, "/old": 31 * DAY, "/older": 3000 * DAY}
    with (
        Site({"/a/feed": dated(items), **stories(*items)}) as site,
        desk_of(tmp_path, site, {"a": 2}, more="window_days = 30\n") as desk,
    ):
        told = collect(desk)
        assert sum(line.new for line in told.lines) == 4
        with reading(desk.database) as session:
            assert outcomes(session) == {
                "one": "stored",
                "back": "stored",
                "old": "refused",
                "older": "refused",
            }
            (week,) = weeks_told(session, utc_now(), 2)
            assert (week.found, week.outcomes[Outcome.REFUSED], week.adds_up) == (4, 2, True)
        (line,) = told.lines
        assert (
            f"refused: dated before its source's window of 30 days <{site.url('/old')}> and 1 more"
            in line.notes
        )
        assert "/old" not in site.paths
        collect(desk)
        assert "/old" not in site.paths


def test_an_etag_that_lies_is_never_sent_back_to_its_server(tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(request: Request) -> Answer:
        asked.append(request.headers.get("if-none-match", ""))
        return (
            Answer(304) if asked[-1] else feed("/one", *(["/two"] if len(asked) > 1 else []), ETag='"same"')
        )

    with (
        Site({"/a/feed": answer, **stories("/one", "/two")}) as site,
        desk_of(tmp_path, site, {"a": 2}, more="lying_etag = true\n") as desk,
    ):
        collect(desk)
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"one": "stored", "two": "stored"}
    assert asked == ["", ""]


def test_x26_a_feed_that_was_gone_for_40_days_was_asked_daily_and_is_ok_again(tmp_path: Path) -> None:
    with (
        Site({"/a/feed": dated({"/one": HOUR}), **stories("/one", "/two")}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        site.routes["/a/feed"] = Answer(404)
        for _ in range(44):
            later(desk, DAY)
            assert collect(desk, every_feed=False).feeds == 1
        assert state(desk)[0] == "failing"
        site.routes["/a/feed"] = dated({"/two": HOUR, "/one": 44 * DAY})
        later(desk, DAY)
        told = collect(desk, every_feed=False)
        assert (state(desk)[0], told.recovered) == ("ok", ["a"])
        site.routes["/a/feed"] = Answer(404)
        later(desk, 40 * DAY)
        collect(desk)
        site.routes["/a/feed"] = dated({"/three": HOUR})
        collect(desk)
        assert state(desk)[0] == "gap"


def test_x27_a_feeds_wish_is_kept_while_it_is_unchanged(tmp_path: Path) -> None:
    def listing(request: Request) -> Answer:
        if "if-none-match" in request.headers:
            return Answer(304)
        answer = feed("/one", ETag='"1"')
        return Answer(200, answer.body.replace(b"<title>F", b"<ttl>60</ttl><title>F"), answer.headers)

    with Site({"/a/feed": listing, **stories("/one")}) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        for _ in range(2):
            collect(desk)
            with reading(desk.database) as session:
                row = session.scalars(select(FeedRow)).one()
                assert row.wish == 3600
                assert row.next_poll - utc_now() > timedelta(minutes=45)


def test_f44_a_200_with_the_same_body_counts_as_unchanged_and_touches_no_entry(tmp_path: Path) -> None:
    with (
        Site({"/a/feed": feed("/one"), **stories("/one")}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        for _ in range(3):
            collect(desk)
        with reading(desk.database) as session:
            assert session.scalars(select(PollRow.answer).order_by(PollRow.id)).all() == [
                "news", "unchanged", "unchanged", "unchanged",
            ]  # fmt: skip
        assert site.paths.count("/one") == 1


def test_f42_a_304_that_lies_is_found_out_within_a_day(tmp_path: Path) -> None:
    shown = ["/one"]

    def listing(request: Request) -> Answer:
        return Answer(304) if "if-none-match" in request.headers else feed(*shown, ETag='"1"')

    with (
        Site({"/a/feed": listing, **stories("/one", "/two")}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        shown.append("/two")
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"one": "stored"}
        later(desk, DAY)
        told = collect(desk)
        with reading(desk.database) as session:
            assert set(outcomes(session)) == {"one", "two"}
        assert any("its ETag lies" in note for note in told.lines[0].notes)


def test_f20_a_page_that_leads_home_or_to_a_list_is_gone(tmp_path: Path) -> None:
    moved = ("/news/2026/one", "/news/2026/two")
    routes = {
        "/a/feed": feed(*moved), "/": Answer(200, page("Front page")), "/news/": Answer(200, page("All the news")),
        moved[0]: Answer(302, headers={"Location": "/"}), moved[1]: Answer(301, headers={"Location": "/news/"}),
    }  # fmt: skip
    with Site(routes) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"one": "gone", "two": "gone"}
            assert why(session, "one") == "redirects to the front page"
            assert why(session, "two") == "redirects to a list page: /news/"


def test_x21_a_proxys_link_is_the_publishers_once_it_leads_there_and_a_lead_while_it_does_not(
    tmp_path: Path,
) -> None:
    """A feed whose links are all on another host, as of a feed proxy."""
    with Site(stories("/one")) as publisher:
        routes = {
            "/a/feed": feed("/rss/articles/1", "/rss/articles/2"),
            "/rss/articles/2": Answer(200, page("Frigates near Kinmen", *reversed(LINES))),
        }
        with Site(routes) as proxy, desk_of(tmp_path, proxy, {"a": 2}) as _:
            file = tmp_path / "sources" / "a.toml"
            text = file.read_text("utf-8").replace(f"http://{proxy.host}/", "http://publisher.example/", 1)
            text = text.replace(proxy.url("/a/feed"), "http://proxy.example/a/feed")
            file.write_text(text, "utf-8")
            settings = tmp_path / "straitwatch.toml"
            resolve = (
                f'resolve = {{ "proxy.example" = "{proxy.host}", "publisher.example" = "{publisher.host}" }}'
            )
            settings.write_text(
                settings.read_text("utf-8").replace("[fetch]\n", f"[fetch]\n{resolve}\n"), "utf-8"
            )
            proxy.routes["/rss/articles/1"] = Answer(
                302, headers={"Location": "http://publisher.example/one"}
            )
            with open_desk(load_settings(settings)) as desk:
                collect(desk)
                with reading(desk.database) as session:
                    labels = {row.url: row.labels for row in session.scalars(select(ArticleRow))}
        assert labels == {
            "https://publisher.example/one": [],
            "https://proxy.example/rss/articles/2": ["lead: at proxy.example, not at its publisher's"],
        }


def test_s12_after_nine_hours_of_sleep_one_round_catches_up_and_says_so(tmp_path: Path) -> None:
    with (
        Site({"/a/feed": dated({"/one": HOUR}), **stories("/one", "/two")}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        later(desk, 9 * HOUR)
        site.routes["/a/feed"] = dated({"/two": HOUR})
        with reading(desk.database) as session:
            (told,) = health_told(session, {"a": 7 * DAY}, utc_now())
            assert told.overdue > 8 * HOUR
        caught = collect(desk, every_feed=False)
        assert caught.feeds == 1
        assert "no round for 9 h before it" in sentence(caught)
        assert state(desk)[0] == "gap"
        assert site.paths.count("/a/feed") == 2
        assert collect(desk, every_feed=False).feeds == 0


def test_the_ledger_says_where_it_does_not_add_up(tmp_path: Path) -> None:
    with (
        Site({"/a/feed": feed("/one", "/two"), **stories("/one", "/two")}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        with writing(desk.database) as session:
            (line,) = weeks_told(session, utc_now(), 2)
            assert (line.found, line.entries, line.adds_up) == (2, 2, True)
            session.scalars(select(PollRow)).one().new = 3
            session.flush()
            assert [line.adds_up for line in weeks_told(session, utc_now(), 2)] == [False]


def test_the_ledger_keeps_weeks_apart(tmp_path: Path) -> None:
    with (
        Site({"/a/feed": feed("/one"), **stories("/one", "/two")}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        later(desk, 14 * DAY)
        site.routes["/a/feed"] = feed("/one", "/two")
        collect(desk)
        with reading(desk.database) as session:
            told = weeks_told(session, utc_now(), 3)
            assert [(line.found, line.adds_up) for line in told] == [(1, True)] * 2
            assert told[0].week - told[1].week == 14 * DAY
            assert len(weeks_told(session, utc_now(), 1)) == 1


def test_a_downgrade_forgets_alerts_about_health_and_keeps_the_others(db: Database) -> None:
    now = utc_now()
    with writing(db) as session:
        session.add(SourceRow(id="a", name="A", home="", language="en", side="us", kind="press", tier=2,
                              zone="UTC", seen_at=now))  # fmt: skip
        session.add(RoundRow(id=1, started_at=now, state="done"))
        session.flush()
        change = ChangeRow(source="a", round=1, at=now, before="ok", after=State.SILENT.value, why="")
        session.add(change)
        session.flush()
        session.add(AlertRow(token="al-1", rule="health", channel="c", change=change.id, why="", state="owed",
                             owed_at=now, took=[]))  # fmt: skip
    schema.downgrade(db, "2026_11_24_learnt")
    schema.upgrade(db, now)
    with reading(db) as session:
        assert session.scalars(select(AlertRow)).all() == []
        assert session.scalars(select(SourceRow.state)).all() == [""]
