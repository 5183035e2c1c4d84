"""Raw pages: each body once, with an earlier page of its source as the dictionary, and whole again on demand."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import inspect, select
from sqlalchemy import text as sql

from monitor import urls
from monitor.model import Listed, Page
from monitor.store import entries, feeds, pages, retention, schema
from monitor.store.database import Database, reading, writing
from monitor.store.entries import Found
from monitor.store.tables import EntryRow, FeedRow, PageRow, SourceRow
from tests.archive import NOW, SOURCES

WORDS = [f"{random.Random(n).getrandbits(40):x}" for n in range(4_000)]


def markup(seed: int, words: int = 1_500) -> str:
    """What all pages of an outlet share: text that hardly compresses by itself."""
    chance = random.Random(seed)
    return " ".join(chance.choice(WORDS) for _ in range(words))


def a_page(number: int, shared: str, source: str = "ledger", status: int = 200) -> Page:
    body = f"<html>{shared}<p>{markup(1_000 + number, 100)}</p></html>".encode()
    url = f"{SOURCES[source].home}{number}"
    return Page(
        url, url, status, body, NOW + timedelta(minutes=number), {"etag": f'"{number}"'}, {"user-agent": "x"}
    )


def keep(db: Database, *kept: Page, source: str = "ledger") -> list[int]:
    """Keep pages, each of an entry of its own."""
    numbers = []
    for page in kept:
        with writing(db) as session:
            feeds.keep_sources(session, SOURCES.values(), NOW)
            feed = session.scalars(select(FeedRow.id).where(FeedRow.source == source)).one()
            url = urls.canonical(page.url)
            found = Found(url, urls.key(url), Listed(page.url))
            entries.add_found(session, [found], source=source, feed=feed, first_poll=False, now=NOW)
            entry = session.scalars(select(EntryRow.id).where(EntryRow.url_key == found.url_key)).one()
            numbers.append(pages.keep_page(session, entry, page))
    return numbers


def whole(db: Database, number: int) -> Page:
    with reading(db) as session:
        return pages.raw_page(session, session.get_one(PageRow, number))


def rows(db: Database) -> list[tuple[int, int | None, int]]:
    with reading(db) as session:
        return [
            (row.id, row.base, len(row.body)) for row in session.scalars(select(PageRow).order_by(PageRow.id))
        ]


def test_a_raw_page_comes_back_with_everything_that_was_asked_and_answered(db: Database) -> None:
    page = a_page(1, "small")
    (number,) = keep(db, page)
    assert whole(db, number) == page
    assert keep(db, page) == [number]  # the same body of the same entry again


def test_an_answer_that_comes_back_after_another_one_is_kept_with_its_own_time_and_takes_no_room(
    db: Database,
) -> None:
    first, other = a_page(1, markup(1)), a_page(2, markup(1))
    other = replace(other, url=first.url)
    again = replace(first, fetched_at=NOW + timedelta(hours=5), headers={"etag": '"later"'})
    refused = replace(again, status=403, fetched_at=NOW + timedelta(hours=6))
    numbers = keep(db, first, other, again, again, refused)
    assert numbers[2:4] == [numbers[2]] * 2  # the newest is not kept twice
    assert len({*numbers}) == 4
    assert [whole(db, number) for number in numbers] == [first, other, again, again, refused]
    assert [size for _, _, size in rows(db)][2:] == [0, 0]
    with writing(db) as session:
        retention.drop_pages(session, numbers[:1])
    assert [whole(db, number) for number in numbers[1:]] == [other, again, again, refused]


def test_pages_of_one_source_take_half_with_an_earlier_one_as_dictionary(db: Database) -> None:
    shared = markup(1)
    kept = [a_page(number, shared) for number in range(5)]
    numbers = keep(db, *kept)
    assert [whole(db, number) for number in numbers] == kept
    (first, base, size), *others = rows(db)
    assert base is None
    assert all(base == first and small * 2 < size for _, base, small in others)


def test_a_page_of_another_source_or_markup_stands_by_itself_and_is_the_next_base(db: Database) -> None:
    old, new, theirs = markup(1), markup(2), markup(3)
    numbers = keep(db, a_page(1, old), a_page(2, old))
    keep(db, a_page(3, theirs, "fleet"), source="fleet")
    numbers += keep(db, a_page(4, new), a_page(5, new), a_page(6, old))
    bases = {number: base for number, base, _ in rows(db)}
    assert [bases[number] for number in numbers] == [None, numbers[0], None, numbers[2], None]
    with reading(db) as session:
        assert session.get_one(SourceRow, "fleet").base not in numbers


def test_the_same_body_is_kept_once_whatever_its_entry(db: Database) -> None:
    shared = markup(1)
    base, first = keep(db, a_page(1, shared), a_page(2, shared))
    twin = Page("http://ledger.example/twin", "http://ledger.example/twin", 200, whole(db, first).body, NOW)
    again = Page("http://fleet.example/twin", "http://fleet.example/twin", 200, twin.body, NOW)
    (second,), (third,) = keep(db, twin), keep(db, again, source="fleet")
    sizes = {number: size for number, _, size in rows(db)}
    assert (sizes[second], sizes[third]) == (0, 0)
    assert whole(db, second) == twin
    assert whole(db, third) == again
    assert keep(
        db,
        Page("http://ledger.example/e1", "x", 204, b"", NOW),
        Page("http://ledger.example/e2", "x", 204, b"", NOW),
    )
    assert base < first


@pytest.mark.parametrize("status", [404, 500])
def test_a_page_of_an_error_is_no_base(db: Database, status: int) -> None:
    shared = markup(1)
    keep(db, a_page(1, shared, status=status), a_page(2, shared))
    assert [base for _, base, _ in rows(db)] == [None, None]


def test_the_schema_goes_down_with_every_page_whole_and_up_again(db: Database) -> None:
    shared = markup(1)
    kept = [a_page(number, shared) for number in range(4)]
    twin = Page("http://ledger.example/twin", "http://ledger.example/twin", 200, kept[2].body, NOW)
    numbers = keep(db, *kept, twin)
    schema.downgrade(db, "2026_11_24_learnt")
    with db.engine.connect() as connection:
        names = {column["name"] for column in inspect(connection).get_columns("pages")}
        assert not {"base", "asked"} & names
        count = connection.execute(sql("SELECT count(*) FROM pages WHERE length(body) > 0")).scalar()
        assert count == 5
    schema.upgrade(db, NOW)
    assert schema.check(db) == []
    assert [whole(db, number).body for number in numbers] == [*(page.body for page in kept), twin.body]
    assert whole(db, numbers[0]).asked == {}  # what was sent is not known any more
