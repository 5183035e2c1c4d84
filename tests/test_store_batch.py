"""A batch of drafts settled together answers as if each were stored before the next; what is old is forgotten."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy import text as sql

from monitor import dedup, urls
from monitor.dedup import Fingerprint
from monitor.model import Article, Block, BlockKind, Judgement, Link, LinkKind, Listed, Tier
from monitor.store import convert, copies, entries, feeds, schema, search_index
from monitor.store.articles import Settled
from monitor.store.batch import Batch
from monitor.store.copies import Candidate
from monitor.store.database import Database, open_database, reading, writing
from monitor.store.entries import Found
from monitor.store.tables import ArticleRow, EntryRow, FeedRow, FingerprintRow, LinkRow, SketchRow
from tests.archive import NOW, SOURCES, article, store
from tests.conftest import MakeUrl

LONG = " ".join(f"word{number} of the patrol" for number in range(60))


def settled(db: Database, *made: Article) -> list[Settled]:
    """Articles of the ledger whose entries are there, ready to be stored."""
    with writing(db) as session:
        feeds.keep_sources(session, SOURCES.values(), NOW)
        feed = session.scalars(select(FeedRow.id).where(FeedRow.source == "ledger")).one()
        found = [Found(each.url, urls.key(each.url), Listed(each.url, each.title)) for each in made]
        entries.add_found(session, found, source="ledger", feed=feed, first_poll=False, now=NOW)
        entry = dict(session.execute(select(EntryRow.url, EntryRow.id)).tuples().all())
    return [
        Settled(
            entry=entry[each.url], page=None, cleaner=1, source="ledger", first_seen=NOW, article=each,
            judgement=Judgement(Tier.CORE, 9, ("direct",), ()),
            text_hash=dedup.text_hash(each.title, each.text), fingerprint=dedup.fingerprint(each.text),
        )
        for each in made
    ]  # fmt: skip


def test_each_article_of_a_batch_sees_those_before_it(db: Database) -> None:
    link = Link(LinkKind.READ_ALSO, urls.canonical("http://ledger.example/b"), "B", 0)
    first, second = settled(
        db, article("a", "A", LONG, links=(link,)), article("b", "B", f"{LONG} And more.")
    )
    with writing(db) as session:
        batch = Batch(session, [first, second], NOW)
        assert batch.candidates(first) == []
        number = batch.add(first, copies_of=None, now=NOW)
        assert [each.id for each in batch.candidates(second)] == [number]
        assert batch.of_entry(first.entry) == batch.of_url(urls.key(first.article.url)) == number
        other = batch.add(second, copies_of=None, now=NOW)
        batch.write()
    with reading(db) as session:
        assert session.scalars(select(LinkRow.target)).all() == [other]
        assert session.scalars(select(ArticleRow.id).order_by(ArticleRow.id)).all() == [number, other]


def test_a_link_that_waited_leads_to_its_article_once_that_is_stored(db: Database) -> None:
    link = Link(LinkKind.RELATED, urls.canonical("http://ledger.example/later"), "Later", 0)
    store(db, article("a", "A", "Words.", links=(link,)))
    later = store(db, article("later", "Later", "Other words."))
    with reading(db) as session:
        assert session.scalars(select(LinkRow.target)).all() == [later]


@pytest.mark.parametrize(("days", "found"), [(1, True), (29, True), (31, False)])
def test_a_text_is_an_original_for_thirty_days(db: Database, days: int, found: bool) -> None:
    store(db, article("a", "A", LONG))
    (new,) = settled(db, article("b", "B", f"{LONG} And more."))
    with writing(db) as session:
        batch = Batch(session, [new], NOW + timedelta(days=days))
        assert bool(batch.candidates(new)) is found


def test_fingerprints_are_forgotten_when_no_text_can_be_their_copy_any_more(db: Database) -> None:
    store(db, article("a", "A", LONG))
    with writing(db) as session:
        copies.forget(session, NOW + timedelta(days=30))
        assert session.scalar(select(func.count()).select_from(SketchRow)) == 1
        copies.forget(session, NOW + timedelta(days=61))
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(SketchRow)) == 0
        assert session.scalar(select(func.count()).select_from(FingerprintRow)) == 0
        text_hash, fingerprint = dedup.text_hash("A", LONG), dedup.fingerprint(LONG)
        # an equal text is still found, and is a copy of itself
        (same,) = copies.candidates(session, text_hash, fingerprint, NOW)
    assert dedup.is_copy(same.fingerprint, fingerprint)


def test_the_lean_schema_goes_down_and_up_with_its_articles(db: Database) -> None:
    made = article("a", "A", LONG, "A line.\nAnother of the same block.", "Last.")
    store(db, made)
    schema.downgrade(db, "2026_11_24_learnt")
    schema.upgrade(db, NOW)
    assert schema.check(db) == []
    with reading(db) as session:
        assert convert.article_from_row(session.scalars(select(ArticleRow)).one()) == made
        near = replace(dedup.fingerprint(f"{LONG} And more."))
        assert [each.id for each in copies.candidates(session, "", near, NOW)] == [1]


def test_eras_go_down_long_and_come_up_short(db: Database) -> None:
    for slug, text in (("a", LONG), ("b", f"{LONG} And more.")):
        store(db, article(slug, "Patrol", text))
    with writing(db) as session:  # what is old is forgotten bit by bit, of either first
        session.execute(delete(SketchRow).where(SketchRow.article == 1))

    def eras() -> list[set[int]]:
        with db.engine.connect() as connection:
            tables = ("sketches", "fingerprints")
            return [set(connection.scalars(sql(f"SELECT era FROM {table}"))) for table in tables]

    day = (NOW - datetime(1970, 1, 1, tzinfo=UTC)).days
    assert eras() == [{day // 5}, {day // 5}]
    schema.downgrade(db, "2026_12_03_spans")
    assert eras() == [{day // 30}, {day // 30}]
    schema.upgrade(db, NOW)
    assert eras() == [{day // 5}, {day // 5}]
    assert schema.check(db) == []


def test_keys_go_down_whole_and_come_up_cut_with_their_links(db: Database) -> None:
    links = (
        Link(LinkKind.READ_ALSO, "https://ledger.example/later", "Later", 1),
        Link(LinkKind.READ_ALSO, None, "Only a Title", 2),
    )
    number = store(db, article("a", "Patrol", "The PLA Navy sailed by.", links=links))

    def keys() -> tuple[list[Any], list[Any]]:
        with db.engine.connect() as connection:
            of_links = connection.execute(sql("SELECT target_key, title FROM links ORDER BY position")).all()
            of_rows = connection.execute(
                sql("SELECT a.url_key, e.url_key FROM articles a JOIN entries e ON e.id = a.entry")
            ).all()
        return [tuple(row) for row in of_links], [tuple(row) for row in of_rows]

    before = keys()
    schema.downgrade(db, "2026_11_28_tombstones")
    url = "https://ledger.example/a"
    assert keys() == (
        [(_sha256("https://ledger.example/later"), "Later"), (_sha256("title only a title"), "Only a Title")],
        [(_sha256(url), _sha256(url))],
    )
    schema.upgrade(db, NOW)
    assert keys() == before
    with reading(db) as session:
        found = session.scalars(
            select(LinkRow).where(LinkRow.target_key == urls.key("https://ledger.example/later"))
        )
        assert [row.article for row in found] == [number]
    assert schema.check(db) == []


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_alike_blocks_are_counted_and_go_down_one_by_one(db: Database) -> None:
    blocks = (
        Block(BlockKind.HEADING, "Patrol", 2), Block(BlockKind.PARAGRAPH, "One."), Block(BlockKind.PARAGRAPH, "Two."),
        Block(BlockKind.QUOTATION, "Three,\nfour."), Block(BlockKind.PARAGRAPH, "Five."),
    )  # fmt: skip
    made = replace(article("a", "Carriers", "x"), blocks=blocks)
    store(db, made)

    def outline() -> Any:
        with reading(db) as session:
            return session.scalars(select(ArticleRow.blocks)).one()

    counted = [
        ["heading", 2, 1],
        ["paragraph", 0, 1, 2],
        ["quotation", 0, 2],
        ["paragraph", 0, 1],
    ]
    assert outline() == counted
    schema.downgrade(db, "2026_11_30_revisions")
    each = [counted[0], ["paragraph", 0, 1], ["paragraph", 0, 1], *counted[2:]]
    assert outline() == each
    schema.upgrade(db, NOW)
    assert outline() == each  # read as it is
    with reading(db) as session:
        assert convert.article_from_row(session.scalars(select(ArticleRow)).one()).blocks == blocks


def test_the_search_index_is_written_anew_by_its_migrations(make_ready_url: MakeUrl) -> None:
    lite = open_database(make_ready_url("sqlite"))
    store(lite, article("a", "Carriers", "The PLA Navy sailed by."))

    def found() -> list[int]:
        with lite.engine.connect() as connection:
            asked = "SELECT count(*) FROM search_index WHERE search_index MATCH"
            return [
                connection.scalar(sql(f"{asked} '{words}'"))
                for words in ("title : carriers", "body : navy", "body : carriers")
            ]

    assert found() == [1, 1, 0]
    schema.downgrade(lite, "2026_11_30_revisions")
    assert found() == [1, 1, 0]
    schema.upgrade(lite, NOW)
    assert found() == [1, 1, 0]
    with writing(lite) as session:
        search_index.remove(session, 1, "Carriers", "The PLA Navy sailed by.")
    assert found() == [0, 0, 0]
    lite.close()


def test_an_equal_text_is_found_among_any_number_that_begin_alike(db: Database) -> None:
    made = [Fingerprint((1, *range(10 * n, 10 * n + 9)), (1,), 10, 40) for n in range(1, 400)]
    asked = made[300]
    near = Fingerprint((*asked.hashes[:-1], 99_999), asked.lead, 10, 40)
    with reading(db) as session:
        likely = copies.Likely(session, {}, NOW)
    for number, each in enumerate(made):
        likely.add(Candidate(number, "ledger", number, f"text {number}", each))
    assert 300 in [each.id for each in likely.of("text 300", asked)]
    assert 300 in [each.id for each in likely.of("another text", near)]
    assert len(likely.of("text 300", asked)) <= 51
