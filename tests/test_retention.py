"""Less kept of what is old, by source and kind; what is purged does not come back; rights are kept to."""

import threading
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import func, select, update

from monitor import pipeline, purging, urls
from monitor.config import Retention, load_settings
from monitor.desk import open_desk, round_of_work
from monitor.model import Link, LinkKind, Listed, Page
from monitor.purging import purge, rule_for
from monitor.query import search
from monitor.store import backups, entries, pages, retention, rounds, schema
from monitor.store.database import Database, Session, open_database, reading, writing
from monitor.store.entries import Found
from monitor.store.tables import ArticleRow, EntryRow, FeedRow, LinkRow, PageRow, RevisionRow
from tests.archive import NOW, SOURCES, article, store, store_in
from tests.site import Answer, Site
from tests.test_cli_reading import straitwatch
from tests.test_pipeline import LINES, collect, desk_of, feed, outcomes, page, why

LATER = NOW + timedelta(days=400)
LONG = [f"Paragraph {number}: " + f"the tide was {number} feet high. " * 9 for number in range(9)]


def _old(db: Database, number: int) -> int:
    return store(db, article(f"old-{number}", f"Old patrol {number}", f"The tide was {number} feet."))


def _purge(db: Database, *rules: Retention, at: object = LATER, keep: str = "full") -> purging.Report:
    known = {name: source.model_copy(update={"keep": keep}) for name, source in SOURCES.items()}
    return purge(db, known, rules, at, Event())  # type: ignore[arg-type]


def _found(db: Database, query: str) -> list[int]:
    with reading(db) as session:
        return [hit.id for hit in search.search(session, query, limit=1000).hits]


def test_the_first_rule_that_fits_counts() -> None:
    rules = [Retention(source="ledger", days=100), Retention(kind="press", days=200), Retention(days=300)]
    assert [rule_for(rules, *of).days for of in (("ledger", "press"), ("other", "press"), ("x", "wire"))] == [
        100,
        200,
        300,
    ]
    assert rule_for(rules[:2], "x", "wire") == Retention()


def test_without_rules_nothing_goes(db: Database) -> None:
    _old(db, 1)
    assert _purge(db).facts() == {"pages": 0, "excerpts": 0, "metadata": 0, "purged": 0, "listings": 0}


def test_an_article_is_cut_step_by_step_and_found_by_what_is_left(db: Database) -> None:
    link = Link(LinkKind.READ_ALSO, "https://ledger.example/later", "Later", 1)
    number = store(db, article("a", "Patrol", *LONG, links=(link,)))
    with writing(db) as session:
        session.add(
            RevisionRow(article=number, number=1, replaced_at=NOW, title="P", text="whole", text_hash="x")
        )
    rule = Retention(full_days=100, excerpt_days=300)
    assert _purge(db, rule, at=NOW + timedelta(days=99)).excerpts == 0
    assert _purge(db, rule, at=NOW + timedelta(days=101)).excerpts == 1
    assert _purge(db, rule, at=NOW + timedelta(days=102)).excerpts == 0  # once
    with reading(db) as session:
        row = session.get_one(ArticleRow, number)
        assert (row.title, row.labels) == ("Patrol", ["excerpt only"])
        assert 0 < len(row.text) < sum(map(len, LONG))
        assert session.scalar(select(func.count()).select_from(RevisionRow)) == 0
        assert session.scalar(select(func.count()).select_from(LinkRow)) == 1
    assert _found(db, '"paragraph 0"') == [number]
    assert _found(db, '"paragraph 8"') == []
    assert _purge(db, rule, at=NOW + timedelta(days=301)).metadata == 1
    with reading(db) as session:
        row = session.get_one(ArticleRow, number)
        assert (row.title, row.text, row.blocks, row.labels) == ("Patrol", "", [], ["metadata only"])
    assert _found(db, "paragraph") == []
    assert _found(db, "patrol") == [number]


def test_b21_half_of_an_archive_is_purged_in_slices_beside_readers_and_a_round(db: Database) -> None:
    """A million articles are the soak's and the bench's; the way is the same."""
    with writing(db) as session:
        for n in range(120):
            store_in(session, article(f"o{n}", f"Old {n}", f"The tide stood at {n} feet."))
        session.execute(update(ArticleRow).values(first_seen=NOW - timedelta(days=300)))
        new = [
            store_in(session, article(f"n{n}", f"New {n}", f"The wind blew at {n} knots.")) for n in range(60)
        ]
    over = Event()
    beside: list[int] = []
    wrong: list[BaseException] = []

    def live() -> None:
        try:
            while not over.is_set():
                with writing(db) as session:
                    number = rounds.begin_round(session, NOW)
                with writing(db) as session:
                    rounds.end_round(session, number, NOW, "done")
                with reading(db) as session:
                    beside.append(search.search(session, "tide OR wind", limit=1).total)
        except BaseException as error:  # noqa: BLE001
            wrong.append(error)

    beside_it = threading.Thread(target=live)
    beside_it.start()
    try:
        report = _purge(db, Retention(days=200), at=NOW)
    finally:
        over.set()
        beside_it.join()
    assert wrong == []
    assert report.purged == 120
    assert beside
    assert sorted(_found(db, "tide OR wind")) == new
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(ArticleRow)) == 60
        assert retention.count(session) == 120
    backups.vacuum(db, NOW)
    assert schema.check(db) == []
    assert _purge(db, Retention(days=200), at=NOW).purged == 0


def test_b21_what_was_purged_does_not_come_back_by_a_changed_line(db: Database) -> None:
    _old(db, 1)
    _purge(db, Retention(days=100))
    url = urls.canonical("http://ledger.example/old-1")
    with writing(db) as session:
        feed_id = session.scalars(select(FeedRow.id).where(FeedRow.source == "ledger")).one()
        changed = [Found(url, urls.key(url), Listed(url, "Corrected"))]
        for poll_of in (feed_id, feed_id):
            assert not entries.add_found(
                session, changed, source="ledger", feed=poll_of, first_poll=False, now=LATER
            )
        assert entries.due_entries(session, LATER + timedelta(days=9), 10) == []
        (entry,) = session.scalars(select(EntryRow))
        assert (entry.outcome, entry.feed_text, entry.summary) == ("refused", "", "")
        assert entry.why == "purged on 2027-12-29: older than 100 days (retention in the settings)"


def test_b21_nor_under_another_address_that_names_itself_so(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)
    head = '<link rel="canonical" href="/news/one">'
    routes = {"/a/feed": feed("/one"), "/one": Answer(200, page("Destroyer", *LINES, head=head))}
    with Site(routes) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        collect(desk)
        with writing(desk.database) as session:
            session.execute(update(ArticleRow).values(first_seen=NOW - timedelta(days=300)))
        assert purge(desk.database, desk.sources, [Retention(days=200)], NOW, Event()).purged == 1
        site.routes["/a/feed"] = feed("/one", "/other")
        site.routes["/other"] = Answer(200, page("Destroyer again", *LINES, head=head))
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"one": "refused", "other": "refused"}
            assert why(session, "other").startswith("purged on")
            assert session.scalar(select(func.count()).select_from(ArticleRow)) == 0


def test_a_group_of_copies_goes_on_without_the_one_that_began_it(db: Database) -> None:
    first = _old(db, 1)
    second = store(db, article("c1", "Copy", "The tide."), copies_of=first)
    third = store(db, article("c2", "Copy", "The tide."), source="fleet", copies_of=first)
    with writing(db) as session:
        assert retention.purge(session, first, "w", NOW)
    with reading(db) as session:
        rows = {row.id: (row.copies_of, row.shown) for row in session.scalars(select(ArticleRow))}
    assert rows == {second: (None, False), third: (second, True)}


def test_a_link_to_what_was_purged_stands_without_its_target(db: Database) -> None:
    target = store(db, article("later", "Later", "It came."))
    link = Link(LinkKind.READ_ALSO, urls.canonical("http://ledger.example/later"), "Later", 1)
    store(db, article("a", "Patrol", "The tide.", links=(link,)))
    with writing(db) as session:
        assert session.scalars(select(LinkRow.target)).all() == [target]
        retention.purge(session, target, "w", NOW)
        assert session.scalars(select(LinkRow.target)).all() == [None]


def _raw(session: Session, entry: int, body: bytes, days: int) -> int:
    url = f"http://ledger.example/{entry}/{days}"
    return pages.keep_page(session, entry, Page(url, url, 200, body, NOW - timedelta(days=days)))


def test_raw_pages_that_others_are_compressed_with_leave_them_whole(db: Database) -> None:
    _old(db, 1)
    frame = b"".join(
        b"<div class='row-%d'>the frame of every page, number %d</div>" % (n, n * 7) for n in range(400)
    )
    bodies = {60: frame + b"<p>one", 50: frame + b"<p>two", 5: frame + b"<p>three", 4: frame + b"<p>one"}
    with writing(db) as session:
        entry = session.scalars(select(EntryRow.id)).one()
        kept = {
            days: _raw(session, entry if days != 4 else _other(session), body, days)
            for days, body in bodies.items()
        }
        assert session.get_one(PageRow, kept[5]).base == kept[60]
        assert session.get_one(PageRow, kept[4]).base == kept[60]
        session.execute(update(ArticleRow).values(page=kept[60]))
    assert _purge(db, Retention(raw_days=30), at=NOW).pages == 2
    with reading(db) as session:
        left = {row.id: pages.raw_page(session, row).body for row in session.scalars(select(PageRow))}
        assert left == {kept[5]: bodies[5], kept[4]: bodies[4]}
        assert set(session.scalars(select(ArticleRow.page))) == {None}
    assert schema.check(db) == []


def _other(session: Session) -> int:
    number = store_in(session, article("other", "Other", "Something else entirely."))
    return session.scalars(select(ArticleRow.entry).where(ArticleRow.id == number)).one()


@pytest.mark.parametrize(("keep", "left"), [("excerpt", "some"), ("metadata", "none")])
def test_a_source_that_allows_less_than_before_is_cut_at_once(db: Database, keep: str, left: str) -> None:
    number = store(db, article("a", "Patrol", *LONG))
    with writing(db) as session:
        entry = session.scalars(select(EntryRow)).one()
        entry.feed_text = "the whole text from the feed"
        _raw(session, entry.id, b"<p>" + b"x" * 9000, 1)
    report = _purge(db, at=NOW, keep=keep)
    assert (report.excerpts + report.metadata, report.listings) == (1, 1)
    with reading(db) as session:
        row = session.get_one(ArticleRow, number)
        assert bool(row.text) == (left == "some")
        assert session.scalar(select(func.count()).select_from(PageRow)) == 0
        assert session.scalars(select(EntryRow.feed_text)).all() == [""]
    assert _purge(db, at=NOW, keep=keep).facts() == {
        "pages": 0, "excerpts": 0, "metadata": 0, "purged": 0, "listings": 0,
    }  # fmt: skip


def test_a_feeds_whole_text_is_not_kept_where_its_source_forbids_it(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)
    routes = {"/a/feed": feed("/one"), "/one": Answer(200, page("Destroyer", *LINES))}
    with Site(routes) as site:
        with desk_of(tmp_path, site, {"a": 2}):
            pass
        file = tmp_path / "sources" / "a.toml"
        file.write_text(file.read_text("utf-8") + 'keep = "excerpt"\n', "utf-8")
        with open_desk(load_settings(tmp_path / "straitwatch.toml")) as desk, round_of_work(desk) as work:
            pipeline.poll(desk, work, pipeline.due_feeds(desk))
            with writing(desk.database) as session:
                session.execute(update(EntryRow).values(feed_text="\n".join(LINES)))
            pipeline.read(desk, work, pipeline.due_entries(desk))
            pipeline.settle(desk, work)
            with reading(desk.database) as session:
                assert session.scalars(select(EntryRow.feed_text)).all() == [""]
                assert session.scalars(select(PageRow.id)).all() == []


def test_db_purge_by_hand_counts_first(tmp_path: Path) -> None:
    db = open_database(f"sqlite:///{tmp_path / 'straitwatch.db'}")
    schema.upgrade(db, NOW)
    with writing(db) as session:
        store_in(session, article("a", "Patrol", "The tide."))
        session.execute(update(ArticleRow).values(first_seen=NOW - timedelta(days=3000)))
    db.close()
    (tmp_path / "straitwatch.toml").write_text('[[retention]]\nkind = "press"\ndays = 365\n', "utf-8")
    done = straitwatch("db", "purge", "--dry-run", "--data", str(tmp_path), cwd=tmp_path)
    assert done.stdout.startswith("1 articles would be purged, 0 "), done.stderr
    done = straitwatch("db", "purge", "--json", "--data", str(tmp_path), cwd=tmp_path)
    assert '"purged": 1' in done.stdout, done.stderr
    done = straitwatch("db", "purge", "--data", str(tmp_path), cwd=tmp_path)
    assert done.stdout.startswith("0 articles purged"), done.stderr
