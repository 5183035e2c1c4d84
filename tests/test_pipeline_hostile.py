"""Rows of what must be survived, as a whole round meets them: pages that harm their cleaner, soft 404s, odd clocks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from monitor import answers
from monitor.model import Article, DateQuality, utc_now
from monitor.query.ledger import round_told
from monitor.query.search import search
from monitor.store import entries
from monitor.store.database import reading
from monitor.store.tables import ArticleRow, EntryRow, PageRow, RevisionRow
from tests.site import Answer, Request, Site
from tests.test_pipeline import LINES, collect, desk_of, feed, outcomes, page, why

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

# Deep, and long at its deepest: a page of 6 MB that takes seconds, and more memory than a usual one by far.
HEAVY = b"<html><body>" + b"<div><p>a b c</p>" * 1_500 + b"<p>word word word</p>" * 300_000


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


@pytest.mark.parametrize(
    ("bounds", "told"),
    [
        ("seconds = 1", "cleaning took over 1 s: "),
        ("seconds = 60\nmemory_mb = 60", "cleaning took over 60 MB: "),
    ],
)
def test_p08_a_page_over_a_bound_is_set_aside_and_its_neighbours_are_stored(
    tmp_path: Path, bounds: str, told: str
) -> None:
    routes = {"/a/feed": feed("/one", "/heavy", "/two"), "/one": Answer(200, page("Destroyer")),
              "/heavy": Answer(200, HEAVY), "/two": Answer(200, page("Warship", *reversed(LINES)))}  # fmt: skip
    with Site(routes) as site, desk_of(tmp_path, site, {"a": 2}, f"[cleaning]\n{bounds}\n") as desk:
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"one": "stored", "heavy": "pending", "two": "stored"}
            assert why(session, "heavy") == f"{told}{site.url('/heavy')} ({len(HEAVY):,} bytes)"
            kept = select(PageRow.size).join(EntryRow, EntryRow.id == PageRow.entry)
            assert session.scalars(kept.where(EntryRow.address.endswith("heavy"))).all() == [len(HEAVY)]
        for _ in range(entries.CRASHES - 1):
            collect(desk)
        with reading(desk.database) as session:
            row = session.scalars(select(EntryRow).where(EntryRow.address.endswith("heavy"))).one()
            assert (row.outcome, row.next_try) == ("pending", None)
            assert row.why.startswith(f"set aside: {told}")
        asked = site.paths.count("/heavy")
        collect(desk)
        assert site.paths.count("/heavy") == asked  # it holds nothing up any more


@pytest.mark.parametrize("title", ["Page not found", "页面不存在"])
@pytest.mark.parametrize("text", ["", "The address may have changed, or the story was moved."])
def test_p18_a_soft_404_is_gone_until_its_line_in_the_listing_changes(
    tmp_path: Path, title: str, text: str
) -> None:
    routes = {"/a/feed": feed("/one"), "/one": Answer(200, page(title, text))}
    with Site(routes) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"one": "gone"}
            assert why(session, "one") == f'soft 404: the page says that it does not exist: "{title}"'
        site.routes["/one"] = Answer(200, page("Destroyer"))
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"one": "gone"}
        site.routes["/a/feed"] = feed("/one", titles={"/one": "Destroyer"})
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"one": "stored"}


def test_p18_one_page_for_three_addresses_of_a_source_is_told(tmp_path: Path) -> None:
    paths = ("/one", "/two", "/three")
    routes = {"/a/feed": feed(*paths[:2]), **{path: Answer(200, page("Destroyer")) for path in paths}}
    with Site(routes) as site, desk_of(tmp_path, site, {"a": 2}) as desk:

        def notes() -> list[str]:
            number = collect(desk)
            with reading(desk.database) as session:
                return [note for line in round_told(session, number).lines for note in line.notes]

        assert not [note for note in notes() if "one and the same page" in note]
        site.routes["/a/feed"] = feed(*paths)
        told = f"one and the same page answered for 3 addresses: <{site.url('/one')}> and others"
        assert told in notes()
        assert told not in notes()  # once


def test_d06_times_that_are_still_to_come_are_counted_for_their_source(tmp_path: Path) -> None:
    at = utc_now() + timedelta(hours=30)
    ahead = page("Destroyer", head=f'<meta property="article:published_time" content="{at:%Y-%m-%dT%H:%MZ}">')
    with (
        Site({"/a/feed": feed("/one"), "/one": Answer(200, ahead)}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        number = collect(desk)
        with reading(desk.database) as session:
            assert "1 printed a time that was still to come" in round_told(session, number).lines[0].notes


def test_p18_a_soft_404_never_takes_a_stored_text_back(tmp_path: Path) -> None:
    routes = {"/a/feed": feed("/one"), "/one": Answer(200, page("Destroyer"))}
    with Site(routes) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        collect(desk)
        site.routes["/a/feed"] = feed("/one", titles={"/one": "Destroyer, corrected"})
        site.routes["/one"] = Answer(200, page("Page not found", "It may have moved."))
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"one": "stored"}
            assert session.scalars(select(ArticleRow.title)).all() == ["Destroyer"]


def test_p24_a_page_that_changes_at_each_fetch_is_no_revision_while_its_text_is_the_same(
    tmp_path: Path,
) -> None:
    def changing(request: Request) -> Answer:
        at = site.paths.count(request.path)
        head = (
            f'<meta name="csrf-token" content="{at}"><meta name="generated" content="{NOW + timedelta(at)}">'
        )
        extra = f"<div class='advertisement'>Advertisement number {at}</div><script>var now = {at};</script>"
        return Answer(
            200, page("Destroyer", *LINES, head=head).replace(b"</body>", f"{extra}</body>".encode())
        )

    with Site({"/a/feed": feed("/one"), "/one": changing}) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        for number in range(3):
            site.routes["/a/feed"] = feed("/one", titles={"/one": f"Line {number}"})
            collect(desk)
        with reading(desk.database) as session:
            assert session.scalar(select(func.count(PageRow.id))) == 3  # it was read, and it differed
            assert session.scalars(select(ArticleRow.revision)).all() == [1]
            assert session.scalar(select(func.count(RevisionRow.id))) == 0


def _dated(at: datetime) -> str:
    return f'<meta property="article:published_time" content="{at.isoformat()}">'


@pytest.mark.parametrize(
    ("ahead", "published", "quality"),
    [
        (timedelta(hours=3), NOW + timedelta(hours=3), DateQuality.PAGE),
        (timedelta(hours=24), NOW + timedelta(hours=24), DateQuality.PAGE),
        (timedelta(hours=30), NOW + timedelta(hours=30), DateQuality.AHEAD),
        (timedelta(days=40), None, DateQuality.MISSING),
    ],
)
def test_d06_a_time_more_than_a_day_ahead_says_so(
    ahead: timedelta, published: datetime | None, quality: DateQuality
) -> None:
    article = Article("http://a.example/x", "Title", (), published=NOW + ahead, published_quality=DateQuality.PAGE,
                      published_printed="as printed")  # fmt: skip
    told = answers.believed(article, NOW)
    assert (told.published, told.published_quality, told.published_printed) == (
        published,
        quality,
        "as printed",
    )


def test_d06_articles_dated_tomorrow_and_later_are_never_the_newest_for_ever(tmp_path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    times = {
        "/soon": now + timedelta(hours=3),
        "/tomorrow": now + timedelta(hours=30),
        "/later": now + timedelta(40),
    }
    routes: dict[str, Answer | Callable[[Request], Answer]] = {"/a/feed": feed(*times)}
    for number, (path, at) in enumerate(times.items()):
        text = [f"{line} Seen from pier {number}, {path} of it." for line in LINES[number:]]
        routes[path] = Answer(200, page(f"Destroyer {path}", *text, head=_dated(at)))
    with Site(routes) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        collect(desk)
        site.routes["/a/feed"] = feed("/now", *times)
        site.routes["/now"] = Answer(
            200, page("Destroyer now", "Crews of the PLA met in the Taiwan Strait. " * 9)
        )
        collect(desk)
        with reading(desk.database) as session:
            rows = {row.url.rpartition("/")[2]: row for row in session.scalars(select(ArticleRow))}
            assert {name: row.published_quality for name, row in rows.items()} == {
                "soon": "page", "tomorrow": "ahead", "later": "missing", "now": "missing",
            }  # fmt: skip
            assert rows["soon"].published == times["/soon"]
            assert rows["later"].published is None
            assert rows["later"].published_printed == times["/later"].isoformat()
            assert search(session, "destroyer OR strait").hits[0].url.endswith("/now")
