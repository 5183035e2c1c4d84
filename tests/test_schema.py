"""docs/schema.md and the views: what people who write SQL rely on, the same on both databases."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import inspect, select
from sqlalchemy import text as sql

from monitor import urls
from monitor.model import Link, LinkKind, Listed, Mention, Outcome
from monitor.store import describe, entries, schema
from monitor.store.database import Database, reading, writing
from monitor.store.entries import Found
from monitor.store.tables import ArticleRow, EntryRow, FeedRow, MentionRow, Row
from monitor.store.views import VIEWS
from tests.archive import NOW, article, store

DOCS = Path(__file__).parents[1] / "docs" / "schema.md"


def test_the_schemas_page_says_what_the_tables_and_views_are() -> None:
    """`make schema` writes it anew."""
    _, mark, below = DOCS.read_text("utf-8").partition(describe.MARK)
    assert mark + below == describe.described()
    for each in (*(table.name for table in Row.metadata.sorted_tables), *(view.name for view in VIEWS)):
        assert f"### {each}\n" in below


def test_every_view_holds_the_columns_that_its_page_names(db: Database) -> None:
    there = inspect(db.engine)
    assert sorted(there.get_view_names()) == sorted(view.name for view in VIEWS)
    for view in VIEWS:
        columns = [column["name"] for column in there.get_columns(view.name)]
        assert columns == [name for name, _ in view.columns], view.name


def test_the_comments_stand_in_postgresql_itself(db: Database) -> None:
    if db.kind != "postgresql":
        return
    with db.engine.connect() as connection:
        told = connection.scalar(sql("SELECT obj_description('v_articles'::regclass)"))
        column = connection.scalar(sql("SELECT col_description('v_articles'::regclass, 7)"))
    assert told == VIEWS[0].comment
    assert column == VIEWS[0].columns[6][1]


def _two_articles(db: Database) -> tuple[int, int]:
    link = Link(LinkKind.READ_ALSO, "https://ledger.example/later", "Later, perhaps", 1)
    zoned = NOW.replace(hour=23, minute=30)
    first = store(
        db,
        article(
            "a", "Patrol in the strait", "The PLA Navy sailed by.", links=(link,), published=zoned,
            authors=("Ann Reed", "Bo Li"), labels=("teaser",),
        ),
    )  # fmt: skip
    second = store(
        db,
        article("b", "海警船在台海巡航", "海警船今日在台海巡航。", source="junwang", published=None, links=(link,)),
        source="junwang", copies_of=first,
    )  # fmt: skip
    with writing(db) as session:
        session.add_all(
            MentionRow(article=number, term=mention.term, form=mention.form, in_title=mention.in_title,
                       in_body=mention.in_body, points=mention.points)
            for number, mention in ((first, Mention("pla", "PLA", 0, 1, 2)), (first, Mention("strait", "strait", 1, 0, 3)),
                                    (second, Mention("strait", "台海", 1, 1, 5)))
        )  # fmt: skip
        _one_more_entry(db, session)
    return first, second


def _one_more_entry(db: Database, session: object) -> None:
    url = urls.canonical("http://ledger.example/weather")
    feed = session.scalars(select(FeedRow.id).where(FeedRow.source == "ledger")).one()  # type: ignore[attr-defined]
    found = Found(url, urls.key(url), Listed(url, "Weather"))
    entries.add_found(session, [found], source="ledger", feed=feed, first_poll=False, now=NOW)  # type: ignore[arg-type]
    entry = session.scalars(select(EntryRow.id).where(EntryRow.url_key == found.url_key)).one()  # type: ignore[attr-defined]
    entries.decide(session, entry, Outcome.OFF_TOPIC, "", round_id=1, now=NOW)  # type: ignore[arg-type]


def _asked(db: Database, query: str) -> list[tuple[object, ...]]:
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sql(query))]


def test_the_views_answer_alike_on_both_databases(db: Database) -> None:
    first, second = _two_articles(db)
    assert _asked(
        db,
        "SELECT id, title, day, source_name, side, source_kind, source_tier, authors, labels, relevance, points,"
        " copies_of, shown FROM v_articles ORDER BY id",
    ) == [
        (first, "Patrol in the strait", "2026-11-24", "Harbor Ledger", "other", "press", 4, "Ann Reed; Bo Li",
         "teaser", "core", 9, None, 0),
        (second, "海警船在台海巡航", "2026-11-24", "军情观察网", "prc", "state media", 2, "", "", "core", 9, first, 1),
    ]  # fmt: skip
    assert _asked(db, "SELECT article, source, kind, url, title, target FROM v_links ORDER BY article") == [
        (first, "ledger", "read-also", "https://ledger.example/later", "Later, perhaps", None),
        (second, "junwang", "read-also", "https://ledger.example/later", "Later, perhaps", None),
    ]
    assert _asked(
        db,
        "SELECT day, term, source, side, articles, shown, in_titles, in_texts, points FROM v_mentions_daily"
        " ORDER BY term, source",
    ) == [
        ("2026-11-24", "pla", "ledger", "other", 1, 0, 0, 1, 2),
        ("2026-11-24", "strait", "junwang", "prc", 1, 1, 1, 1, 5),
        ("2026-11-24", "strait", "ledger", "other", 1, 0, 1, 0, 3),
    ]
    assert _asked(
        db, "SELECT day, source, side, found, stored, off_topic, gone FROM v_source_daily ORDER BY source"
    ) == [
        ("2026-11-24", "junwang", "prc", 1, 1, 0, 0),
        ("2026-11-24", "ledger", "other", 2, 1, 1, 0),
    ]


def test_a_links_target_is_named_in_the_view_once_it_is_stored(db: Database) -> None:
    _two_articles(db)
    later = store(db, article("later", "Later", "It came."))
    assert (
        _asked(db, "SELECT target, target_title, target_source FROM v_links ORDER BY article")
        == [(later, "Later", "ledger")] * 2
    )


def test_a_day_of_a_view_is_one_of_utc_whatever_the_servers_zone(db: Database) -> None:
    store(db, article("a", "T", "x", published=datetime.fromisoformat("2026-11-25T07:59:00+08:00")))
    if db.kind == "postgresql":
        with db.engine.execution_options(writes=True).begin() as connection:
            name = connection.scalar(sql("SELECT current_database()"))
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET timezone = 'Asia/Taipei'")
        db.engine.dispose()
    assert _asked(db, "SELECT day FROM v_articles") == [("2026-11-24",)]


def test_the_views_leave_with_an_older_schema_and_come_back(db: Database) -> None:
    store(db, article("a", "T", "x"))
    schema.downgrade(db, "2026_11_25_raw_pages")
    assert inspect(db.engine).get_view_names() == []
    schema.upgrade(db, NOW + timedelta(days=1))
    assert _asked(db, "SELECT title FROM v_articles") == [("T",)]
    with reading(db) as session:
        assert session.scalars(select(ArticleRow.title)).all() == ["T"]
