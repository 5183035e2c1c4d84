"""The database: what is written comes back, on SQLite and on PostgreSQL alike."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect, select
from sqlalchemy import text as sql

from monitor import urls
from monitor.errors import Mistake, RoundRunning, RowRejected, StoreFailed
from monitor.model import (
    Article,
    Block,
    BlockKind,
    DateQuality,
    FeedKind,
    Link,
    LinkKind,
    Listed,
    Outcome,
    PageKind,
    Published,
    Removed,
    utc_now,
)
from monitor.sources import Kind, Side, Source
from monitor.store import convert, entries, feeds, outbox, rounds, schema
from monitor.store.database import Database, open_database, reading, savepoint, writing
from monitor.store.entries import Found
from monitor.store.tables import ArticleRow, EntryRow, FeedRow, LeaseRow, Row, SourceRow

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SOURCE = Source(
    id="ledger", name="Harbor Ledger", home="http://ledger.example/", side=Side.US, kind=Kind.PRESS,
    feeds=("http://ledger.example/feed/",),
)  # fmt: skip

words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
times = st.none() | st.datetimes(
    datetime(1990, 1, 1), datetime(2030, 1, 1),  # noqa: DTZ001  hypothesis adds the zone
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)  # fmt: skip
articles = st.builds(
    Article,
    url=st.just("https://ledger.example/a"),
    title=words,
    blocks=st.lists(st.builds(Block, st.sampled_from(BlockKind), words, st.integers(0, 6)), max_size=4).map(
        tuple
    ),
    authors=st.lists(words, max_size=3).map(tuple),
    published=times,
    published_quality=st.sampled_from(DateQuality),
    published_printed=words,
    section=words,
    language=words,
    lead_image=st.none() | words,
    words=st.integers(0, 10**6),
    wire=words,
    links=st.lists(
        st.builds(Link, st.sampled_from(LinkKind), st.none() | words, words, st.integers(0, 99)), max_size=3
    ).map(tuple),
    kind=st.sampled_from(PageKind),
    labels=st.lists(words, max_size=2).map(tuple),
    provenance=st.dictionaries(words, words, max_size=2),
    removed=st.lists(st.builds(Removed, words, words), max_size=2).map(tuple),
)


@given(articles)
def test_an_article_comes_back_from_a_draft_as_it_was(article: Article) -> None:
    back = convert.article_from_json(convert.article_to_json(article))
    assert back == article
    assert back.published is None or back.published.utcoffset() == article.published.utcoffset()  # type: ignore[union-attr]


@given(articles)
def test_an_article_comes_back_from_a_row_as_it_was(article: Article) -> None:
    row = ArticleRow()
    convert.article_onto_row(article, row)
    back = convert.article_from_row(row, article.links)
    assert back == article
    assert back.published is None or back.published.utcoffset() == article.published.utcoffset()  # type: ignore[union-attr]


@given(times, st.sampled_from(DateQuality), words)
def test_a_listed_time_comes_back_from_an_entry(
    at: datetime | None, quality: DateQuality, printed: str
) -> None:
    row = EntryRow(**convert.published_of_entry(Published(at, quality, printed)))
    assert convert.published_from_entry(row) == Published(at, quality, printed)


def test_d12_a_time_keeps_its_instant_whatever_its_zone(db: Database) -> None:
    taipei = datetime(2026, 11, 24, 8, 0, tzinfo=timezone(timedelta(hours=8)))
    with writing(db) as session:
        session.add(
            SourceRow(
                id="a", name="", home="", language="", side="", kind="", tier=1, zone="", seen_at=taipei
            )
        )
    with reading(db) as session:
        kept = session.get_one(SourceRow, "a").seen_at
    assert kept == taipei
    assert kept.utcoffset() == timedelta(0)


def test_d12_a_time_without_a_zone_is_refused(db: Database) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StoreFailed, match="naive datetime"), writing(db) as session:
        session.add(
            SourceRow(id="a", name="", home="", language="", side="", kind="", tier=1, zone="", seen_at=naive)
        )


def test_the_migrations_make_the_tables_that_the_program_maps(db: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_object": lambda _o, name, kind, _r, _c: (
                    kind != "table" or not name.startswith("search_index")
                ),
            },
        )
        found = [
            change for change in compare_metadata(context, Row.metadata)
            if not str(change[0] if isinstance(change, tuple) else change[0][0]).endswith("_comment")
        ]  # fmt: skip
    assert found == []
    assert schema.version(db) == schema.HEAD


def test_every_column_says_what_it_holds() -> None:
    silent = [
        str(column) for table in Row.metadata.sorted_tables for column in table.columns if not column.comment
    ]
    assert silent == []


def test_the_schema_goes_down_and_up_again(db: Database) -> None:
    _entry(db)
    schema.downgrade(db, "base")
    with db.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    schema.upgrade(db, NOW)
    assert schema.version(db) == schema.HEAD
    assert schema.check(db) == []


def test_b14_another_programs_database_is_refused_and_left_alone(database_url: str) -> None:
    database = open_database(database_url)
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(sql("CREATE TABLE payroll (id INTEGER)"))
    with pytest.raises(Mistake, match="another program's tables"):
        schema.upgrade(database, NOW)
    with database.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["payroll"]
    database.close()


def test_b14_a_newer_schema_is_refused_by_name(db: Database) -> None:
    with db.engine.execution_options(writes=True).begin() as connection:
        connection.execute(sql("UPDATE alembic_version SET version_num = '2031_01_01_later'"))
    with pytest.raises(Mistake, match=r"newer Straitwatch.*2031_01_01_later"):
        schema.require(db)


def _sources(db: Database, *sources: Source) -> None:
    with writing(db) as session:
        feeds.keep_sources(session, sources or (SOURCE,), NOW)


def _found(path: str, title: str = "A title") -> Found:
    url = urls.canonical(f"http://ledger.example/{path}")
    return Found(url, urls.key(url), Listed(f"http://ledger.example/{path}", title))


def _entry(db: Database, *paths: str) -> list[int]:
    _sources(db)
    with writing(db) as session:
        feed = session.scalars(select(FeedRow.id)).one()
        entries.add_found(
            session, [_found(path) for path in paths or ("a",)], source="ledger", feed=feed,
            first_poll=False, now=NOW,
        )  # fmt: skip
        return list(session.scalars(select(EntryRow.id).order_by(EntryRow.id)))


def test_a_line_becomes_one_entry_however_often_and_however_spelt(db: Database) -> None:
    _sources(db)
    spellings = ["a", "a?utm_source=rss", "a#top"]
    with writing(db) as session:
        feed = session.scalars(select(FeedRow.id)).one()
        new = [
            entries.add_found(session, [_found(each)], source="ledger", feed=feed, first_poll=False, now=NOW)
            for each in [*spellings, *spellings]
        ]
    assert new == [1, 0, 0, 0, 0, 0]


def test_a_changed_line_owes_a_new_reading_only_of_what_was_answered(db: Database) -> None:
    first, second = _entry(db, "a", "b")
    with writing(db) as session:
        entries.decide(session, first, Outcome.STORED, "", round_id=1, now=NOW)
        entries.decide(session, second, Outcome.REFUSED, "", round_id=1, now=NOW)
        feed = session.scalars(select(FeedRow.id)).one()
        changed = [_found("a", "Corrected"), _found("b", "Corrected")]
        later = NOW + timedelta(hours=1)
        assert not entries.add_found(
            session, changed, source="ledger", feed=feed, first_poll=False, now=later
        )
    with reading(db) as session:
        assert entries.due_entries(session, later, 10) == [first]


def test_x19_a_line_that_only_has_a_new_date_is_no_news(db: Database) -> None:
    (entry,) = _entry(db, "a")
    with writing(db) as session:
        entries.decide(session, entry, Outcome.STORED, "", round_id=1, now=NOW)
        feed = session.scalars(select(FeedRow.id)).one()
        redated = _found("a")
        moved = Found(
            redated.url, redated.url_key,
            Listed(redated.listed.url, "A title", published=Published(NOW, DateQuality.FEED, "today")),
        )  # fmt: skip
        assert not entries.add_found(session, [moved], source="ledger", feed=feed, first_poll=False, now=NOW)
        assert entries.due_entries(session, NOW, 10) == []


def test_s14_a_backlog_and_fresh_news_share_a_round(db: Database) -> None:
    numbers = _entry(db, *(f"story-{number}" for number in range(40)))
    with reading(db) as session:
        due = entries.due_entries(session, NOW, 10)
    assert due == [*numbers[:5], *numbers[-5:]]


def test_b18_one_bad_row_leaves_its_batch_mates(db: Database) -> None:
    _entry(db, "a")
    with writing(db) as session:
        for name in ("b", "a", "c"):
            url = f"https://ledger.example/{name}"
            row = EntryRow(
                url_key=urls.key(url), url=url, address=url, source="ledger", first_seen=NOW,
                outcome="pending", next_try=NOW,
            )  # fmt: skip
            if name == "a":
                with pytest.raises(RowRejected), savepoint(session):
                    session.add(row)
            else:
                with savepoint(session):
                    session.add(row)
    with reading(db) as session:
        assert sorted(session.scalars(select(EntryRow.url))) == [
            f"https://ledger.example/{name}" for name in ("a", "b", "c")
        ]


def test_b18_a_failed_transaction_keeps_nothing(db: Database) -> None:
    _sources(db)

    def fail_halfway() -> None:
        with writing(db) as session:
            session.add(
                SourceRow(
                    id="b", name="", home="", language="", side="", kind="", tier=1, zone="", seen_at=NOW
                )
            )
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with reading(db) as session:
        assert list(session.scalars(select(SourceRow.id))) == ["ledger"]


def test_s01_a_second_round_is_told_which_one_runs(db: Database) -> None:
    with writing(db) as session:
        first = rounds.begin_round(session, utc_now())
    with (
        pytest.raises(RoundRunning, match=rf"round {first} is running since \d\d:\d\d"),
        writing(db) as session,
    ):
        rounds.begin_round(session, utc_now())


@pytest.mark.parametrize(
    ("process", "host"), [("999999@1.00", None), ("1@1.00", None), ("4321@1.00", "elsewhere")]
)
def test_s05_a_dead_or_expired_lease_is_taken_over(db: Database, process: str, host: str | None) -> None:
    """A dead process, a process id that belongs to another one now, a machine that does not renew."""
    with writing(db) as session:
        rounds.begin_round(session, utc_now())
        lease = session.get_one(LeaseRow, "round")
        lease.process, lease.host = process, host or lease.host
    if host:
        with pytest.raises(RoundRunning), writing(db) as session:
            rounds.begin_round(session, utc_now())
    with writing(db) as session:
        later = utc_now() + (rounds.LEASE if host else timedelta(0))
        second = rounds.begin_round(session, later + timedelta(seconds=1))
    with reading(db) as session:
        assert [(row.id, row.state) for row in rounds.latest_rounds(session, 9)] == [
            (second, "running"), (second - 1, "lost"),
        ]  # fmt: skip


def test_s05_a_clock_set_back_after_a_round_holds_up_no_other(db: Database) -> None:
    with writing(db) as session:
        rounds.end_round(session, rounds.begin_round(session, NOW), NOW, "done")
    with writing(db) as session:
        assert rounds.begin_round(session, NOW - timedelta(hours=6)) == 2


def test_a_round_that_slept_through_its_lease_writes_nothing(db: Database) -> None:
    with writing(db) as session:
        first = rounds.begin_round(session, utc_now())
        session.get_one(LeaseRow, "round").process = "999999@1.00"
    with writing(db) as session:
        rounds.begin_round(session, utc_now())
    with pytest.raises(RoundRunning, match="lost its lease"), writing(db) as session:
        rounds.assert_held(session, first)


def test_feeds_that_the_settings_drop_rest_and_come_back(db: Database) -> None:
    other = SOURCE.model_copy(update={"feeds": ("http://ledger.example/new-feed/",)})
    _sources(db)
    _sources(db, other)
    with reading(db) as session:
        active = {row.url: row.active for row in session.scalars(select(FeedRow))}
        assert active == {"http://ledger.example/feed/": False, "http://ledger.example/new-feed/": True}
    _sources(db)
    with reading(db) as session:
        due = feeds.feeds_of(session, feeds.due_feeds(session, NOW))
    assert [(feed.url, feed.kind) for feed in due] == [("http://ledger.example/feed/", FeedKind.FEED)]


def test_an_alert_is_owed_once_per_rule_channel_and_text(db: Database) -> None:
    _entry(db)
    with writing(db) as session:
        article = ArticleRow(
            entry=session.scalars(select(EntryRow.id)).one(), url_key="0" * 32, source="ledger",
            first_seen=NOW, indexed_at=NOW, text_hash="", tier="core", points=9, rules=[], cleaner=1,
        )  # fmt: skip
        convert.article_onto_row(Article("https://ledger.example/a", "T", ()), article)
        session.add(article)
        session.flush()
        owed = [
            outbox.owe(
                session, rule=rule, channel=channel, article=article.id, about=article.id, why="", now=NOW
            )
            for rule, channel in (("r", "a"), ("r", "a"), ("r", "b"), ("s", "a"))
        ]
        assert owed == [True, False, True, True]
        first, *rest = outbox.due(session, NOW)
        outbox.sent(session, first.id, "250 kept", NOW)
        outbox.failed(session, rest[0].id, "404", None)
        outbox.failed(session, rest[1].id, "503", NOW + timedelta(minutes=1), ["a@x.example"])
        assert outbox.due(session, NOW) == []
        assert outbox.counts(session) == {"sent": 1, "set aside": 1, "owed": 1}
        assert [due.took for due in outbox.due(session, NOW + timedelta(minutes=2))] == [("a@x.example",)]
        assert outbox.retry(session, NOW) == 1
        assert len(outbox.due(session, NOW)) == 1
