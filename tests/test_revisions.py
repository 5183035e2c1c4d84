"""Pages asked for again: edits that no listing tells of, pages that are gone, and what is neither. On both databases."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import func, select, text

from monitor import pipeline, reprocessing, rereading
from monitor.alerts import compose
from monitor.config import load_settings
from monitor.demo.receivers import Webhook
from monitor.desk import Desk, open_desk, round_of_work
from monitor.errors import StraitwatchError
from monitor.model import utc_now
from monitor.query import telling
from monitor.query.told import told
from monitor.store import articles, outbox, retention, rounds, schema, watches
from monitor.store.database import Database, Session, reading, writing
from monitor.store.outbox import Due
from monitor.store.tables import (
    AlertRow,
    ArticleRow,
    EntryRow,
    LearningRow,
    PageRow,
    RecurringRow,
    RereadingRow,
    RevisionRow,
    WatchRow,
)
from tests.archive import NOW, article, store
from tests.site import Answer, Route, Site
from tests.test_pipeline import LINES, SOURCE, collect, desk_of, feed, page

STORY = page("Destroyer in the strait")
EDITED = page("Destroyer in the strait", LINES[0].replace("on Monday", "on Tuesday"), *LINES[1:])
WATCHED = "reread_hours = [1, 24, 168]\n"


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


@contextmanager
def watched(
    folder: Path, route: Route = STORY, *, rules: str = "", more: str = WATCHED
) -> Iterator[tuple[Site, Desk]]:
    """A site with one story, stored and owed re-readings."""
    with (
        Site({"/a/feed": feed("/one", ETag='"1"'), "/one": route}) as site,
        desk_of(folder, site, {"a": 2}, rules, more) as desk,
    ):
        collect(desk, hurry=False)
        site.routes["/a/feed"] = Answer(304)
        yield site, desk


def due_now(desk: Desk) -> None:
    """The hour, the day or the week is over."""
    with writing(desk.database) as session:
        for watch in session.scalars(select(WatchRow)):
            watch.due = utc_now() - timedelta(seconds=1)


def read_again(desk: Desk, route: Route | None = None, site: Site | None = None) -> list[tuple[str, str]]:
    """A round in which what is watched is due; returns every re-reading so far."""
    if route is not None and site is not None:
        site.routes["/one"] = route
    due_now(desk)
    collect(desk, hurry=False)
    with reading(desk.database) as session:
        return [
            (row.answer, row.why) for row in session.scalars(select(RereadingRow).order_by(RereadingRow.id))
        ]


def only(session: Session) -> ArticleRow:
    return session.scalars(select(ArticleRow)).one()


def count(session: Session, row: type) -> int:
    return session.scalar(select(func.count()).select_from(row)) or 0


# --- what is owed ---------------------------------------------------------------------------------------------------


def test_a_new_article_of_a_watched_kind_owes_its_first_re_reading_and_others_none(tmp_path: Path) -> None:
    with (
        watched(tmp_path, more="", rules='[revisions]\nafter_hours = [2, 1]\nkinds = ["press"]\n') as (
            _,
            desk,
        ),
        reading(desk.database) as session,
    ):
        watch, article = session.scalars(select(WatchRow)).one(), only(session)
        assert timedelta(0) <= watch.due - article.first_seen - timedelta(hours=1) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("rules", "more"),
    [("", ""), ('[revisions]\nkinds = ["press"]\n', "reread_hours = []\n"), ('[revisions]\nkinds = ["press"]\nafter_hours = []\n', "")],
)  # fmt: skip
def test_nothing_is_owed_where_the_kind_the_source_or_the_settings_say_no(
    tmp_path: Path, rules: str, more: str
) -> None:
    with watched(tmp_path, rules=rules, more=more) as (_, desk), reading(desk.database) as session:
        assert (count(session, ArticleRow), count(session, WatchRow)) == (1, 0)


def test_what_is_dated_long_before_its_first_sight_is_not_watched(tmp_path: Path) -> None:
    """A first poll, or a site map, lists years: no storm of requests for them."""
    old = page(
        "Destroyer in the strait",
        head='<meta property="article:published_time" content="2021-01-02T08:00:00Z">',
    )
    with watched(tmp_path, old) as (_, desk), reading(desk.database) as session:
        assert (count(session, ArticleRow), count(session, WatchRow)) == (1, 0)


def test_it_is_asked_again_each_time_and_then_no_more(tmp_path: Path) -> None:
    with watched(tmp_path) as (site, desk):
        waits = []
        for hours in (0, 2, 25, 169):
            with writing(desk.database) as session:
                for row in session.scalars(select(ArticleRow)):
                    row.first_seen = utc_now() - timedelta(hours=hours)
            read_again(desk)
            with reading(desk.database) as session:
                watch, article = session.scalars(select(WatchRow)).one_or_none(), only(session)
                waits.append(
                    round((watch.due - article.first_seen).total_seconds() / 3600) if watch else None
                )
        assert waits == [1, 24, 168, None]
        asked = len(site.paths)
        collect(desk, hurry=False)
        assert [path for path in site.paths[asked:] if path == "/one"] == []


def test_times_that_passed_while_we_were_away_are_made_good_by_one_asking(tmp_path: Path) -> None:
    with watched(tmp_path) as (site, desk):
        with writing(desk.database) as session:
            for row in session.scalars(select(ArticleRow)):
                row.first_seen = utc_now() - timedelta(days=3)
        assert len(read_again(desk)) == 1
        assert site.paths.count("/one") == 2


def test_a_round_asks_for_no_more_pages_again_than_the_settings_say_the_longest_due_first(
    tmp_path: Path,
) -> None:
    paths = [f"/story-{number}" for number in range(5)]
    routes = {
        path: Answer(200, page(f"Destroyer {path} in the strait", *LINES, f"It is {path}.")) for path in paths
    }
    rules = "[revisions]\npages_per_round = 2\n"
    with (
        Site({"/a/feed": feed(*paths), **routes}) as site,
        desk_of(tmp_path, site, {"a": 2}, rules, WATCHED) as desk,
    ):
        collect(desk)
        with writing(desk.database) as session:
            for watch in session.scalars(select(WatchRow)):
                watch.due = utc_now() - timedelta(minutes=watch.article)
        before = len(site.paths)
        collect(desk)
        with reading(desk.database) as session:
            assert [row.article for row in session.scalars(select(RereadingRow))] == [4, 5]
        assert sum(path in paths for path in site.paths[before:]) == 2


def test_what_is_due_is_found_by_its_index(tmp_path: Path) -> None:
    with watched(tmp_path) as (_, desk):
        if desk.database.kind != "sqlite":
            pytest.skip("PostgreSQL chooses by what it counted of the empty values, too")
        with reading(desk.database) as session:
            plan = session.execute(
                text(
                    "EXPLAIN QUERY PLAN SELECT article FROM watches WHERE due <= '2030-01-01' ORDER BY due, article LIMIT 5"
                )
            ).all()
            assert "ix_watches_due" in str(plan)
            assert "SCAN watches" not in str(plan)


def test_a_source_that_is_no_longer_watched_is_not_asked(tmp_path: Path) -> None:
    with watched(tmp_path) as (site, desk):
        pass
    with site.__class__({"/a/feed": Answer(304)}) as other, desk_of(tmp_path, other, {"a": 2}) as desk:
        assert read_again(desk) == [("refused", "its source is no longer watched for edits")]
        assert "/one" not in other.paths
        with reading(desk.database) as session:
            assert count(session, WatchRow) == 0


# --- what is an edit ------------------------------------------------------------------------------------------------


def test_an_edit_that_no_listing_tells_of_becomes_a_revision(tmp_path: Path) -> None:
    with watched(tmp_path) as (site, desk):
        told = read_again(desk, EDITED, site)
        assert told == [("edited", "revision 2: 1 sentence reworded")]
        with reading(desk.database) as session:
            article, revision = only(session), session.scalars(select(RevisionRow)).one()
            assert (article.revision, revision.number) == (2, 1)
            assert ("on Tuesday" in article.text, "on Monday" in revision.text) == (True, True)
            assert count(session, PageRow) == 2  # both are evidence
            assert article.page != revision.page


def test_a_page_that_gave_validators_is_asked_with_them_and_costs_nothing_when_unchanged(
    tmp_path: Path,
) -> None:
    def story(request: object) -> Answer:
        headers = getattr(request, "headers", {})
        return Answer(304) if headers.get("if-none-match") == '"x"' else Answer(200, STORY, {"ETag": '"x"'})

    with watched(tmp_path, story) as (site, desk):
        assert read_again(desk) == [("unchanged", "HTTP 304")]
        (asked,) = [
            request
            for request in site.requests
            if "if-none-match" in request.headers and request.path == "/one"
        ]
        assert asked.headers["if-none-match"] == '"x"'
        with reading(desk.database) as session:
            assert (count(session, PageRow), only(session).revision) == (1, 1)


def test_a_source_whose_etag_lies_is_asked_without_it(tmp_path: Path) -> None:
    with watched(tmp_path, Answer(200, STORY, {"ETag": '"x"'}), more=WATCHED + "lying_etag = true\n") as (
        site,
        desk,
    ):
        assert read_again(desk) == [("unchanged", "the same page")]
        assert not any(
            "if-none-match" in request.headers for request in site.requests if request.path == "/one"
        )


@pytest.mark.parametrize(
    "lines",
    [
        [*LINES, "Views: 1,204", "Updated 3 minutes ago"],
        [LINES[0].replace("said on Monday", "said  on Monday"), *LINES[1:]],
        [" ".join(LINES[:2]), " ".join(LINES[2:])],  # other paragraphs
        [*LINES, "Read more: Quite another story of today"],
        [*LINES, "浏览次数：12,345", "更新于 5 分钟前"],
    ],
)
def test_counters_spaces_paragraphs_and_other_stories_are_no_edit(tmp_path: Path, lines: list[str]) -> None:
    with watched(tmp_path) as (site, desk):
        assert read_again(desk, page("Destroyer in the strait", *lines), site) == [("unchanged", "")]
        with reading(desk.database) as session:
            assert (only(session).revision, count(session, PageRow)) == (1, 1)


def test_another_title_alone_is_an_edit(tmp_path: Path) -> None:
    with watched(tmp_path) as (site, desk):
        told = read_again(desk, page("Two destroyers in the strait"), site)
        assert told == [("edited", "revision 2: title changed")]


def test_an_edit_that_takes_a_third_of_a_text_away_is_an_edit(tmp_path: Path) -> None:
    with watched(tmp_path) as (site, desk):
        told = read_again(desk, page("Destroyer in the strait", *LINES[:3]), site)
        assert told == [("edited", "revision 2: 1 sentence removed")]


def test_a_text_that_goes_back_and_forth_does_not_grow_revisions(tmp_path: Path) -> None:
    with watched(tmp_path) as (site, desk):
        told = [
            read_again(desk, route, site)[-1][0] for route in (EDITED, STORY, EDITED, STORY, EDITED, STORY)
        ]
        assert told == ["edited", "edited", "kept", "unchanged", "kept", "unchanged"]
        with reading(desk.database) as session:
            article = only(session)
            assert (article.revision, count(session, RevisionRow)) == (3, 2)
            assert article.labels == [articles.BACK_AND_FORTH]


def test_of_endless_edits_the_first_text_and_the_last_ones_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(articles, "MOST_REVISIONS", 3)
    with watched(tmp_path) as (site, desk):
        for number in range(6):
            read_again(desk, page("Destroyer in the strait", *LINES, f"It has {number + 40} guns."), site)
        with reading(desk.database) as session:
            assert session.scalars(select(RevisionRow.number).order_by(RevisionRow.number)).all() == [1, 5, 6]
            assert only(session).revision == 7
            assert only(session).labels == [articles.NOT_ALL_KEPT]


# --- what is worse than before --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "answer", "words"),
    [
        (Answer(200, page("Just a moment...", "Verify you are human. Enable JavaScript and cookies.")), "kept", "kept as it was"),
        (Answer(403, b"no"), "refused", "HTTP 403"),
        (Answer(451, b"no"), "refused", "HTTP 451"),
        (Answer(200, page("Destroyer in the strait", "The PLA was here.")), "kept", "kept as it was"),
        (Answer(200, page("Page not found", "The page you are looking for does not exist.")), "withdrawn", "the text is kept"),
        (Answer(410), "withdrawn", "HTTP 410: removed by the site; the text is kept"),
        (Answer(302, b"", {"Location": "/"}), "withdrawn", "redirects to the front page"),
    ],
)  # fmt: skip
def test_what_is_no_better_never_replaces_a_text(
    tmp_path: Path, route: Answer, answer: str, words: str
) -> None:
    with watched(tmp_path) as (site, desk):
        site.routes["/"] = page("Front page")
        ((said, why),) = read_again(desk, route, site)
        assert (said, words in why) == (answer, True), why
        with reading(desk.database) as session:
            article = only(session)
            assert (article.title, article.revision) == ("Destroyer in the strait", 1)
            assert "on Monday" in article.text
            assert article.labels == (["withdrawn"] if answer == "withdrawn" else [])
            assert session.scalars(select(EntryRow.outcome)).one() == "stored"


def test_a_text_of_which_next_to_nothing_is_left_is_kept_and_told(tmp_path: Path) -> None:
    long = page("Destroyer in the strait", *(f"{line} It was day {n}." for n in range(12) for line in LINES))
    with watched(tmp_path, long) as (site, desk):
        ((answer, why),) = read_again(desk, page("Destroyer in the strait", *LINES[:2]), site)
        assert (answer, "words are left of" in why, "kept as it was" in why) == ("kept", True, True)
        with reading(desk.database) as session:
            assert (only(session).revision, count(session, PageRow)) == (1, 2)  # the page is evidence


def test_a_page_that_is_not_found_is_withdrawn_once_it_was_asked_for_three_times_over_a_day(
    tmp_path: Path,
) -> None:
    with watched(tmp_path) as (site, desk):
        assert read_again(desk, Answer(404), site) == []
        assert read_again(desk) == []
        assert read_again(desk) == []  # a night's work on a site
        with writing(desk.database) as session:
            watch = session.scalars(select(WatchRow)).one()
            assert (watch.tries, watch.why) == (3, "HTTP 404: not there yet, or no longer")
            watch.failing_since = utc_now() - timedelta(hours=25)
        ((answer, why),) = read_again(desk)
        assert (answer, why) == ("withdrawn", "HTTP 404, 4 times over 24 hours; the text is kept")


def test_a_page_that_was_withdrawn_and_comes_back_is_told(tmp_path: Path) -> None:
    with watched(tmp_path) as (site, desk):
        told = [read_again(desk, route, site)[-1][0] for route in (Answer(410), STORY, Answer(410), EDITED)]
        assert told == ["withdrawn", "back", "withdrawn", "edited"]
        with reading(desk.database) as session:
            assert (only(session).labels, only(session).revision) == ([], 2)


def test_a_site_that_does_not_answer_costs_no_turn(tmp_path: Path) -> None:
    with watched(tmp_path) as (site, desk):
        assert read_again(desk, Answer(503), site) == []
        with reading(desk.database) as session:
            watch = session.scalars(select(WatchRow)).one()
            assert (watch.tries, watch.why) == (1, "HTTP 503")
            assert timedelta(0) < watch.due - utc_now() <= timedelta(minutes=10)
        assert read_again(desk, EDITED, site)[-1][0] == "edited"


def test_a_site_that_never_answers_ends_the_turn_with_its_reason(tmp_path: Path) -> None:
    with watched(tmp_path) as (site, desk):
        for _ in range(9):
            assert read_again(desk, Answer(503), site) == []
        assert read_again(desk) == [("no answer", "HTTP 503; asked 10 times")]


def test_while_our_network_is_down_nothing_is_asked_and_all_is_still_due(tmp_path: Path) -> None:
    with watched(tmp_path) as (site, desk):
        due_now(desk)
        with round_of_work(desk) as work:
            work.outside.down = "our network is down"
            assert not pipeline.reread(desk, work, [1])
        with reading(desk.database) as session:
            watch = session.scalars(select(WatchRow)).one()
            assert (watch.tries, watch.due < utc_now()) == (0, True)
        assert site.paths.count("/one") == 1


def test_an_edit_that_cannot_be_written_leaves_all_as_it_was_and_is_tried_again(tmp_path: Path) -> None:
    refusals = {
        "postgresql": "ALTER TABLE revisions ADD CONSTRAINT refused CHECK (number < 0)",
        "sqlite": "CREATE TRIGGER refused BEFORE INSERT ON revisions BEGIN SELECT RAISE(ABORT, 'refused'); END",
    }
    undo = {"postgresql": "ALTER TABLE revisions DROP CONSTRAINT refused", "sqlite": "DROP TRIGGER refused"}
    with watched(tmp_path) as (site, desk):
        with writing(desk.database) as session:
            session.execute(text(refusals[desk.database.kind]))
        assert read_again(desk, EDITED, site) == []
        with writing(desk.database) as session:
            article, watch = only(session), session.scalars(select(WatchRow)).one()
            assert (article.revision, "on Monday" in article.text, count(session, PageRow)) == (1, True, 1)
            assert (watch.tries, "fault of ours" in watch.why) == (1, True)
            watch.tries = 8
        assert read_again(desk) == []
        ((answer, _),) = read_again(desk)
        assert answer == "no answer"  # not every day for ever
        with writing(desk.database) as session:
            session.execute(text(undo[desk.database.kind]))
        assert read_again(desk)[-1][0] == "edited"


def test_robots_txt_holds_for_a_re_reading_too(tmp_path: Path) -> None:
    with watched(tmp_path) as (_site, desk):
        pass
    with Site(
        {"/robots.txt": b"User-agent: *\nDisallow: /one\n", "/a/feed": Answer(304), "/one": EDITED}
    ) as other:
        with desk_of(tmp_path, other, {"a": 2}, more=WATCHED) as desk:
            with writing(desk.database) as session:
                for entry in session.scalars(select(EntryRow)):
                    entry.address = other.url("/one")
            ((answer, why),) = read_again(desk)
            assert (answer, "robots.txt: Disallow: /one" in why) == ("refused", True)
        assert "/one" not in other.paths


# --- beside the rest ------------------------------------------------------------------------------------------------


def test_cleaning_again_leaves_a_withdrawn_article_withdrawn(tmp_path: Path) -> None:
    with watched(tmp_path) as (site, desk):
        read_again(desk, Answer(410), site)
        with writing(desk.database) as session:
            only(session).cleaner = 0
        report = reprocessing.reprocess(desk, reprocessing.due(desk), Event())
        assert (report.cleaned, report.changed) == (1, 0)
        with reading(desk.database) as session:
            assert only(session).labels == ["withdrawn"]


def test_what_only_our_cleaning_changed_is_no_edit_of_the_site(tmp_path: Path) -> None:
    """After a release whose cleaner keeps more of a page than the one that made the stored text."""
    with watched(tmp_path) as (site, desk):
        with writing(desk.database) as session:
            row = only(session)
            row.cleaner, row.text = 0, "\n".join(row.text.split("\n")[:3])
        told = read_again(desk, STORY.replace(b"</nav>", b"<a href='/new'>New</a></nav>"), site)
        assert told == [("unchanged", "only our cleaning has changed")]
        with reading(desk.database) as session:
            assert only(session).revision == 1


def test_a_line_approved_as_boilerplate_meanwhile_is_no_edit_of_the_site(tmp_path: Path) -> None:
    with watched(tmp_path) as (site, desk):
        with writing(desk.database) as session:
            line = session.scalars(select(RecurringRow).where(RecurringRow.source == "a")).all()[-1]
            line.state = "approved"
            session.get_one(LearningRow, "a").edition = 1
        told = read_again(desk, STORY.replace(b"</nav>", b"<a href='/new'>New</a></nav>"), site)
        assert told == [("unchanged", "only our cleaning has changed")]


def test_while_no_host_of_many_answers_no_re_reading_is_charged(tmp_path: Path) -> None:
    names = [f"p{number}" for number in range(4)]
    with ExitStack() as sites:
        made = [
            sites.enter_context(
                Site(
                    {
                        "/feed": feed("/one"),
                        "/one": page(f"Destroyer {name} in the strait", *LINES, f"By {name}."),
                    }
                )
            )
            for name in names
        ]
        hosts = ", ".join(f'"{name}.example" = "{site.host}"' for name, site in zip(names, made, strict=True))
        (tmp_path / "sources").mkdir()
        for name in names:
            text = (
                SOURCE.format(id=name, host=f"{name}.example", tier=2, feed=f"http://{name}.example/feed")
                + WATCHED
            )
            (tmp_path / "sources" / f"{name}.toml").write_text(text, "utf-8")
        (tmp_path / "straitwatch.toml").write_text(
            f'data = "."\n[fetch]\ngap_seconds = 0\ntotal_seconds = 2\nresolve = {{ {hosts} }}\n', "utf-8"
        )
        with open_desk(load_settings(tmp_path / "straitwatch.toml")) as desk:
            collect(desk, hurry=False)
            sites.close()  # all of them at once: it is our network
            due_now(desk)
            with round_of_work(desk) as work:
                pipeline.reread(desk, work, rereading.due(desk))
                assert "our network is down" in work.outside.down
            with reading(desk.database) as session:
                assert [row.tries for row in session.scalars(select(WatchRow))] == [0] * 4
                assert count(session, RereadingRow) == 0
            assert len(rereading.due(desk)) == 4


def test_a_purged_article_is_not_asked_for_again(tmp_path: Path) -> None:
    with watched(tmp_path) as (_, desk):
        read_again(desk)
        with writing(desk.database) as session:
            retention.purge(session, 1, "too old", utc_now())
        with reading(desk.database) as session:
            assert (count(session, WatchRow), count(session, RereadingRow)) == (0, 0)


def test_an_article_cut_to_an_excerpt_is_not_made_whole_again(tmp_path: Path) -> None:
    with watched(tmp_path) as (_, desk), writing(desk.database) as session:
        article = retention.article(session, 1)
        assert article is not None
        retention.cut(session, 1, article)
        assert watches.due(session, utc_now() + timedelta(days=9), 10) == []


RULE = """
[channels.hook]
url = "{url}"
[[rules]]
name = "monday"
query = "monday"
channels = ["hook"]
first_poll = true
"""


def test_an_edit_of_a_watched_source_is_told_once_where_its_old_or_its_new_text_matches(
    tmp_path: Path,
) -> None:
    with Webhook() as webhook, watched(tmp_path, rules=RULE.format(url=webhook.url())) as (site, desk):
        assert len(webhook.posts) == 1
        read_again(desk, EDITED, site)  # says Tuesday now
        read_again(desk)
        with reading(desk.database) as session:
            told = [
                (row.revision, row.state) for row in session.scalars(select(AlertRow).order_by(AlertRow.id))
            ]
        assert told == [(0, "sent"), (2, "sent")]
        first, second = [body for _, body in webhook.posts]
        assert "edited" not in str(first).lower()
        assert second["reason"].startswith("Edited: US press")
        assert second["edit"]["revision"] == 2
        assert "[-Monday-]{+Tuesday+}" in second["edit"]["changes"][0]


def test_an_edit_that_no_rule_matches_before_or_after_is_not_told(tmp_path: Path) -> None:
    rules = RULE.replace('query = "monday"', 'query = "friday"')
    with Webhook() as webhook, watched(tmp_path, rules=rules.format(url=webhook.url())) as (site, desk):
        assert read_again(desk, EDITED, site)[-1][0] == "edited"
        assert webhook.posts == []


def test_a_withdrawal_is_told_once_where_the_kept_text_matches(tmp_path: Path) -> None:
    with Webhook() as webhook, watched(tmp_path, rules=RULE.format(url=webhook.url())) as (site, desk):
        for route in (Answer(410), Answer(410), STORY, Answer(410)):
            read_again(desk, route, site)
        first, second = [body for _, body in webhook.posts]
        assert (first["reason"], second["reason"]) == ("US press", "Withdrawn: US press")
        assert second["labels"] == ["withdrawn"]
        with reading(desk.database) as session:
            assert [row.revision for row in session.scalars(select(AlertRow).order_by(AlertRow.id))] == [
                0,
                -1,
            ]
            told = [event.what for event in telling.story_of(session, only(session).url)]
        assert 'alert "monday" of its withdrawal sent to hook' in told


def test_an_alert_about_an_edit_reads_well_in_mail_chat_and_for_a_program(tmp_path: Path) -> None:
    """Foreign words in it are made safe as all others are."""
    hostile = page(
        "Destroyer in the strait",
        LINES[0].replace("on Monday", "on *Tuesday* @everyone &lt;b&gt;"),
        *LINES[1:],
    )
    with Webhook() as webhook, watched(tmp_path, rules=RULE.format(url=webhook.url())) as (site, desk):
        read_again(desk, hostile, site)
        with reading(desk.database) as session:
            row = session.scalars(select(AlertRow).where(AlertRow.revision == 2)).one()
            due = Due(
                row.id,
                row.token,
                row.rule,
                row.channel,
                row.article,
                row.about,
                row.why,
                row.owed_at,
                0,
                (),
                revision=2,
            )
            what = told(session, due, desk.vocabulary.terms, demo=False)
    mail, chat = compose(what, "mail"), compose(what, "chat")
    assert "Edited, revision 2: 1 sentence reworded" in mail.text
    assert "[-Monday-]{+*Tuesday* @everyone <b>+}" in mail.text.replace("\n ", "")
    assert "<del>Monday</del><ins>*Tuesday* @everyone &lt;b&gt;</ins>" in mail.html
    assert "[-Monday-]{+" in chat.text
    assert ("*Tuesday*" in chat.text, "@everyone" in chat.text, "<b>" in chat.text) == (False, False, False)
    assert len(chat.text) <= 1000


def test_the_migration_goes_down_and_up_on_data_and_asks_for_nothing_of_the_archive(db: Database) -> None:
    number = store(db, article("a", "T", "x", source="fleet"), source="fleet")
    with writing(db) as session:
        watches.begin(session, number, NOW)
        watches.answered(session, number, watches.UNCHANGED, "", now=NOW, next_due=NOW)
        for revision in (0, 2, -2):
            outbox.owe(
                session,
                rule="r",
                channel="c",
                article=number,
                about=number,
                why="",
                now=NOW,
                revision=revision,
            )
    schema.downgrade(db, "2026_11_29_keys")
    schema.upgrade(db, NOW)
    with writing(db) as session:
        assert [row.revision for row in session.scalars(select(AlertRow))] == [0]
        assert (count(session, WatchRow), count(session, RereadingRow), count(session, ArticleRow)) == (
            0,
            0,
            1,
        )
        assert not outbox.owe(session, rule="r", channel="c", article=number, about=number, why="", now=NOW)
        assert outbox.owe(
            session, rule="r", channel="c", article=number, about=number, why="", now=NOW, revision=3
        )


def test_one_alert_of_a_revision_is_one_row_for_the_database_too(db: Database) -> None:
    number = store(db, article("a", "T", "x"))
    columns = {
        "about": number,
        "article": number,
        "rule": "r",
        "channel": "c",
        "why": "",
        "state": "owed",
        "owed_at": NOW,
    }
    with writing(db) as session:
        session.add(AlertRow(token="1", took=[], revision=2, **columns))
        session.add(AlertRow(token="2", took=[], revision=3, **columns))
    with pytest.raises(StraitwatchError), writing(db) as session:
        session.add(AlertRow(token="3", took=[], revision=2, **columns))


def test_a_clock_that_was_set_back_brings_re_readings_forward(db: Database) -> None:
    number = store(db, article("a", "T", "x"))
    with writing(db) as session:
        watches.begin(session, number, NOW + timedelta(hours=30))
        session.flush()
        rounds.bring_forward(session, NOW, timedelta(hours=24))
        assert watches.due(session, NOW + timedelta(hours=6), 10) == [number]
