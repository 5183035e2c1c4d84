"""Spans of articles in PostgreSQL's index: a search within a week finds what is in it, wherever it lies."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text as sql

from monitor.query.search import search
from monitor.store import schema
from monitor.store.database import Database, open_database, reading, writing
from monitor.store.search_index import lexemes_between, lexemes_of, row, written
from tests.archive import NOW, article, store
from tests.conftest import MakeUrl

NUMBERS = (1, 2, 4_095, 4_096, 9_000, 131_071, 131_072, 131_073, 600_000, 600_001)


@given(st.integers(1, 3_000_000), st.integers(0, 2_000_000), st.integers(0, 5_000_000))
def test_each_number_between_two_has_one_of_their_lexemes_and_few_others_do(
    low: int, more: int, number: int
) -> None:
    high = low + more
    lexemes = lexemes_between(low, high)
    assert len(lexemes) == len(set(lexemes)) <= 62 + more // 131_072
    has = not set(lexemes).isdisjoint(lexemes_of(number))
    if low <= number <= high:
        assert has
    elif number + 4_096 <= low or number - 4_096 >= high:
        assert not has


@pytest.fixture
def spread(make_ready_url: MakeUrl) -> Iterator[Database]:
    """A PostgreSQL archive whose articles have numbers far from each other, each a day after the one before."""
    db = open_database(make_ready_url("postgresql"))
    for number in NUMBERS:
        with writing(db) as session:
            session.execute(sql(f"SELECT setval('articles_id_seq', {number}, false)"))
        made = store(db, article(f"n{number}", f"Patrol {number}", f"Ship {number} sailed, ship by ship."))
        assert made == number
    yield db
    db.close()


def found(db: Database, query: str) -> list[int]:
    with reading(db) as session:
        answer = search(session, query)
    assert answer.total == len(answer.hits)
    return [hit.id for hit in answer.hits]


def test_what_matches_is_found_in_every_span(spread: Database) -> None:
    newest = list(reversed(NUMBERS))
    assert found(spread, "patrol") == found(spread, "patrol -carrier") == newest
    assert found(spread, "-carrier ship*") == newest
    assert found(spread, '"ship by ship" title:patrol') == newest
    assert found(spread, "patrol lang:en") == newest
    for before in NUMBERS[1:]:
        with reading(spread) as session:
            hits = [hit.id for hit in search(session, "patrol", before=before).hits]
        assert hits == [number for number in newest if number < before]
    for low in range(len(NUMBERS)):
        for high in range(low, len(NUMBERS)):
            with writing(spread) as session:
                session.execute(sql("UPDATE articles SET published = '2020-01-01Z'"))
                session.execute(
                    sql("UPDATE articles SET published = '2021-01-01Z' WHERE id BETWEEN :low AND :high"),
                    {"low": NUMBERS[low], "high": NUMBERS[high]},
                )
            within = list(reversed(NUMBERS[low : high + 1]))
            assert found(spread, "patrol ship published:2021") == within
            with reading(spread) as session:
                ranked = search(session, "patrol ship published:2021", sort="rank")
            assert (sorted(hit.id for hit in ranked.hits), ranked.total) == (within[::-1], len(within))


def test_the_migration_marks_what_is_there_as_a_new_article_is(spread: Database) -> None:
    def kept() -> dict[int, str]:
        with spread.engine.connect() as connection:
            return dict(
                connection.execute(sql("SELECT article, tokens::text FROM search_index")).tuples().all()
            )

    before = kept()
    with spread.engine.connect() as connection:
        for number in NUMBERS:
            text = written("postgresql", f"Patrol {number}", f"Ship {number} sailed, ship by ship.")
            made = row("postgresql", number, text)[1]
            assert (
                connection.scalar(sql("SELECT CAST(:made AS tsvector)::text"), {"made": made})
                == before[number]
            )
    schema.downgrade(spread, "2026_12_02_rights")
    assert not any("#" in tokens for tokens in kept().values())
    schema.upgrade(spread, NOW)
    assert kept() == before
    assert found(spread, "patrol published:2020..") == list(reversed(NUMBERS))
