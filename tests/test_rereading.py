"""Pages read again: what is no edit of the site's, what is evidence of one, and what is back. On both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor import clean, revising
from monitor.demo.receivers import Webhook
from monitor.desk import Desk
from monitor.model import Article, Listed, Page
from monitor.query import evidence
from monitor.rights import allowed
from monitor.sources import Source
from monitor.store import articles, retention
from monitor.store.database import reading, writing
from monitor.store.tables import AlertRow, DraftRow, EntryRow, LearningRow, PageRow, RecurringRow, RevisionRow
from tests.site import Answer, Route, Site
from tests.test_pipeline import LINES, collect, desk_of, feed, page
from tests.test_revisions import EDITED, RULE, STORY, WATCHED, count, only, read_again, watched

LONG = [f"{line} Number {number}." for number in range(6) for line in LINES]


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


def summarised(*lines: str) -> Answer:
    """A feed whose one line carries a summary."""
    line = (
        f"<title>Destroyer in the strait</title><link>/one</link><description>{' '.join(lines)}</description>"
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title><item>{line}</item></channel></rss>'
    return Answer(200, body.encode(), {"Content-Type": "application/rss+xml", "ETag": '"1"'})


def newer_cleaner(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release whose cleaner keeps a line more of every page."""
    monkeypatch.setattr(clean, "VERSION", clean.VERSION + 1)
    cleaned = desk.cleaners.clean

    def newer(page: Page, listed: Listed | None = None, source: Source | None = None) -> Article:
        article = cleaned(page, listed, source)
        more = replace(article.blocks[-1], text="Our cleaner keeps this line now.")
        return replace(article, blocks=(*article.blocks, more))

    monkeypatch.setattr(desk.cleaners, "clean", newer)


def relisted(desk: Desk, site: Site, route: Route) -> None:
    """A round in which the listing's line has changed, and so its page is read."""
    site.routes["/a/feed"] = feed("/one", titles={"/one": "Another headline in the feed"}, ETag='"2"')
    site.routes["/one"] = route
    collect(desk)


def cut(desk: Desk, keep: str) -> None:
    with writing(desk.database) as session:
        whole = retention.article(session, 1)
        assert whole is not None
        retention.cut(session, 1, allowed(whole, keep))


# --- our own doing --------------------------------------------------------------------------------------------------

NONCE = page("Destroyer in the strait", head='<meta name="nonce" content="77">')
LEARNT = "only our cleaning has changed"


def told_of(desk: Desk) -> list[int]:
    """The revisions that alerts are owed of; 0 = of the article."""
    with reading(desk.database) as session:
        return [row.revision for row in session.scalars(select(AlertRow).order_by(AlertRow.id))]


@contextmanager
def alerting(folder: Path, more: str = "") -> Iterator[tuple[Site, Desk]]:
    """A watched story that a rule has told of."""
    with (
        Webhook() as webhook,
        watched(folder, rules=RULE.format(url=webhook.url()), more=WATCHED + more) as (site, desk),
    ):
        yield site, desk


def test_a_newer_cleaner_makes_no_edit_of_a_page_that_is_read_because_its_listing_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with alerting(tmp_path) as (site, desk):
        newer_cleaner(desk, monkeypatch)
        assert read_again(desk, NONCE, site) == [("unchanged", LEARNT)]
        relisted(desk, site, NONCE)
        with reading(desk.database) as session:
            assert (only(session).revision, told_of(desk)) == (1, [0])


def test_an_edit_is_told_beside_a_newer_cleaner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with alerting(tmp_path) as (site, desk):
        newer_cleaner(desk, monkeypatch)
        relisted(desk, site, EDITED)
        with reading(desk.database) as session:
            assert (only(session).revision, told_of(desk)) == (2, [0, 2])


def test_a_line_approved_meanwhile_makes_no_edit_where_the_listing_changed(tmp_path: Path) -> None:
    with alerting(tmp_path) as (site, desk):
        with writing(desk.database) as session:
            lines = session.scalars(select(RecurringRow).where(RecurringRow.source == "a"))
            lines.all()[-1].state = "approved"
            session.get_one(LearningRow, "a").edition = 1
        relisted(desk, site, NONCE)
        with reading(desk.database) as session:
            assert (only(session).revision, told_of(desk)) == (1, [0])


@pytest.mark.parametrize("why_gone", ["the source allows an excerpt", "retention"])
@pytest.mark.parametrize("listed", [False, True])
def test_where_no_page_is_left_to_tell_by_a_newer_cleaner_renews_the_article_and_tells_no_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why_gone: str, listed: bool
) -> None:
    excerpt = why_gone != "retention"
    with alerting(tmp_path, 'keep = "excerpt"\n' if excerpt else "") as (site, desk):
        with writing(desk.database) as session:
            retention.drop_pages(session, list(session.scalars(select(PageRow.id))))
        newer_cleaner(desk, monkeypatch)
        if listed:
            relisted(desk, site, STORY)
        else:
            assert read_again(desk) == [("unchanged", revising.UNTOLD)]
        with reading(desk.database) as session:
            article = only(session)
            assert (article.revision, article.cleaner, told_of(desk)) == (1, clean.VERSION, [0])
            assert "keeps this line" in article.text
            assert (article.page is None) == excerpt  # what its text came from is kept where it may be
        assert read_again(desk, EDITED, site)[-1][0] == "edited"  # from now on it can be told
        assert told_of(desk) == [0, 2]


def test_a_text_that_a_newer_cleaner_leaves_as_it_is_is_marked_as_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the next edit could not be told from our doing."""
    with alerting(tmp_path, 'keep = "excerpt"\n') as (site, desk):
        monkeypatch.setattr(clean, "VERSION", clean.VERSION + 1)
        told = [read_again(desk, route, site)[-1][0] for route in (NONCE, EDITED)]
        assert (told, told_of(desk)) == (["unchanged", "edited"], [0, 2])


def test_a_source_that_allows_less_meanwhile_makes_no_edit(tmp_path: Path) -> None:
    story = page("Destroyer in the strait", *LONG)
    with watched(tmp_path, story):
        pass
    more = WATCHED + 'keep = "excerpt"\n'
    with (
        Site({"/a/feed": Answer(304), "/one": story + b"<!-- -->"}) as other,
        desk_of(tmp_path, other, {"a": 2}, more=more) as desk,
    ):
        with writing(desk.database) as session:
            for entry in session.scalars(select(EntryRow)):
                entry.address = other.url("/one")
        assert read_again(desk) == [("unchanged", LEARNT)]


# --- cut ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", ["excerpt", "metadata"])
def test_an_article_that_was_cut_does_not_become_whole_because_its_listing_changed(
    tmp_path: Path, keep: str
) -> None:
    with (
        Webhook() as webhook,
        watched(tmp_path, page("Destroyer in the strait", *LONG), rules=RULE.format(url=webhook.url())) as (
            site,
            desk,
        ),
    ):
        cut(desk, keep)
        with reading(desk.database) as session:
            before = only(session).text
        for route in (page("Destroyer in the strait", *LONG), page("Two destroyers", *LONG, LINES[0])):
            relisted(desk, site, route)
        with reading(desk.database) as session:
            article = only(session)
            assert (article.text, article.revision, article.labels) == (before, 1, [f"{keep} only"])
            assert [count(session, row) for row in (RevisionRow, PageRow, DraftRow)] == [0, 0, 0]
            assert [row.revision for row in session.scalars(select(AlertRow))] == [0]


def test_what_its_source_cuts_itself_is_compared_as_ever(tmp_path: Path) -> None:
    with watched(tmp_path, page("Destroyer", *LONG), more=WATCHED + 'keep = "excerpt"\n') as (site, desk):
        told = read_again(desk, page("Destroyer", LONG[0].replace("Monday", "Tuesday"), *LONG[1:]), site)
        assert told == [("edited", "revision 2: 1 sentence reworded")]
        cut(desk, "metadata")
        relisted(desk, site, page("Destroyer", *LONG))
        with reading(desk.database) as session:
            assert (only(session).text, only(session).labels) == ("", ["metadata only"])


def test_an_excerpt_of_a_source_that_allows_whole_texts_meanwhile_is_no_edit(tmp_path: Path) -> None:
    story = page("Destroyer in the strait", *LONG)
    with watched(tmp_path, story, more=WATCHED + 'keep = "excerpt"\n') as (_site, _desk):
        pass
    with (
        Site({"/a/feed": Answer(304), "/one": story}) as other,
        desk_of(tmp_path, other, {"a": 2}, more=WATCHED) as desk,
    ):
        with writing(desk.database) as session:
            for entry in session.scalars(select(EntryRow)):
                entry.address = other.url("/one")
        assert read_again(desk) == [("kept", revising.CUT)]
        with reading(desk.database) as session:
            assert (only(session).revision, count(session, PageRow)) == (1, 0)


# --- back -----------------------------------------------------------------------------------------------------------


def test_a_page_that_is_back_with_a_text_that_is_kept_already_is_withdrawn_no_more(tmp_path: Path) -> None:
    with watched(tmp_path) as (site, desk):
        for route in (EDITED, STORY, Answer(410)):
            told = read_again(desk, route, site)
        assert told[-1][0] == "withdrawn"
        told = read_again(desk, EDITED, site)
        assert told[-1] == ("kept", "goes back and forth between texts that are kept already")
        with reading(desk.database) as session:
            assert (only(session).labels, only(session).revision) == ([articles.BACK_AND_FORTH], 3)


def test_a_page_that_is_back_is_seen_where_its_listing_shows_it_too(tmp_path: Path) -> None:
    """The last of its re-readings may be over."""
    with watched(tmp_path) as (site, desk):
        read_again(desk, Answer(410), site)
        relisted(desk, site, STORY.replace(b"</nav>", b"<a href='/new'>New</a></nav>"))
        with reading(desk.database) as session:
            assert (only(session).labels, only(session).revision) == ([], 1)


@pytest.mark.parametrize(
    "words",
    [
        ("Just a moment...", "Verify you are human. Enable JavaScript and cookies."),
        ("Destroyer in the strait", "The PLA was here."),
    ],
)
def test_a_block_page_brings_no_article_back(tmp_path: Path, words: tuple[str, str]) -> None:
    with watched(tmp_path) as (site, desk):
        read_again(desk, Answer(410), site)
        assert read_again(desk, page(*words), site)[-1][0] == "kept"
        relisted(desk, site, page(*words, "Another day."))
        with reading(desk.database) as session:
            assert (only(session).labels, only(session).revision) == (["withdrawn"], 1)


def test_a_listing_that_shows_a_page_which_is_refused_brings_no_article_back(tmp_path: Path) -> None:
    with (
        Site({"/a/feed": summarised(*LINES[:2]), "/one": Answer(403, b"no")}) as site,
        desk_of(tmp_path, site, {"a": 2}, more=WATCHED) as desk,
    ):
        collect(desk, hurry=False)
        site.routes["/a/feed"] = Answer(304)
        read_again(desk, Answer(410), site)
        for body in (b"no", b"no, again"):
            site.routes["/a/feed"] = summarised(*LINES[:2], body.decode())
            site.routes["/one"] = Answer(403, body)
            collect(desk)
        with reading(desk.database) as session:
            assert articles.WITHDRAWN in only(session).labels


# --- refused --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 406])
def test_a_page_that_is_refused_now_is_told_so_although_its_listing_has_a_summary(
    tmp_path: Path, status: int
) -> None:
    with (
        Site({"/a/feed": summarised(*LINES[:2]), "/one": STORY}) as site,
        desk_of(tmp_path, site, {"a": 2}, more=WATCHED) as desk,
    ):
        collect(desk, hurry=False)
        site.routes["/a/feed"] = Answer(304)
        told = read_again(desk, Answer(status, b"no"), site)
        assert told == [("refused", f"HTTP {status}: the site refuses us")]
        with reading(desk.database) as session:
            assert (only(session).revision, only(session).labels, count(session, PageRow)) == (1, [], 1)


# --- evidence -------------------------------------------------------------------------------------------------------


def test_a_text_that_comes_back_has_the_page_and_the_time_of_its_own_fetch(tmp_path: Path) -> None:
    with watched(tmp_path, Answer(200, STORY, {"X-Node": "first"})) as (site, desk):
        read_again(desk, EDITED, site)
        read_again(desk, Answer(200, STORY, {"X-Node": "second"}), site)
        with reading(desk.database) as session:
            article, revisions = only(session), session.scalars(select(RevisionRow.page)).all()
            assert (article.revision, len({article.page, *revisions})) == (3, 3)
            past = evidence.past(session, article.id)
            assert past is not None
            found = [session.get_one(PageRow, number) for number in past.pages]
            assert [row.headers.get("x-node") for row in found] == ["first", None, "second"]
            assert found[-1].id == article.page
            assert found[0].fetched_at < found[1].fetched_at < found[2].fetched_at
        assert read_again(desk)[-1] == ("unchanged", "the same page")


def test_the_page_that_a_text_came_from_stays_its_page_when_another_answer_came_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The listing changes: the old page with today's cleaner, whatever was kept of the page meanwhile."""
    with watched(tmp_path) as (site, desk):
        assert read_again(desk, page("Destroyer in the strait", "The PLA was here."), site)[-1][0] == "kept"
        with reading(desk.database) as session:
            came_from = only(session).page
        newer_cleaner(desk, monkeypatch)
        relisted(desk, site, STORY)
        with reading(desk.database) as session:
            article = only(session)
            assert (article.revision, article.page, "keeps this" in article.text) == (1, came_from, True)
