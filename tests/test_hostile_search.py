"""Q16, U12: many readers while a round stores, and texts of any length in the index."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from monitor.query.search import search
from monitor.store.convert import IN_PART, article_from_row
from monitor.store.database import Database, reading, writing
from monitor.store.tables import ArticleRow
from tests.archive import article, store, store_in

READERS = 50
PAGE = 7


def pages(db: Database, last: int) -> Iterator[list[int]]:
    """Every page of a search, newest first, each in a transaction of its own, from an article on downwards."""
    before: int | None = last + 1
    while before is not None:
        with reading(db) as session:
            found = search(session, "patrol", limit=PAGE, before=before)
        yield [hit.id for hit in found.hits]
        before = found.next


def test_q16_fifty_readers_page_through_while_a_round_stores(db: Database) -> None:
    """A page begins behind an article, not behind so many hits: what arrives meanwhile neither repeats nor hides one."""
    with writing(db) as session:
        there = [store_in(session, article(f"old{n}", f"Patrol {n}", f"Ship {n} sailed.")) for n in range(60)]
    over = threading.Event()

    def arrive() -> int:
        number = 0
        while not over.is_set() or number < 5:
            number += 1
            store(db, article(f"new{number}", f"Patrol, new {number}", f"Boat {number} sailed."))
        return number

    with ThreadPoolExecutor(READERS + 1) as pool:
        writer = pool.submit(arrive)
        try:
            read = list(pool.map(lambda _: [*pages(db, there[-1])], range(READERS)))
        finally:
            over.set()
        assert writer.result(60) >= 5
    for each in read:
        assert [number for page in each for number in page] == there[::-1]
        assert max(map(len, each)) == PAGE


@pytest.mark.parametrize(
    ("text", "whole", "first", "last"),
    [
        ("", True, None, None),
        ("x" * 10_000_000, True, None, None),
        (" ".join(["carrier", *["patrol"] * 1_000_000, "zulu"]), False, "carrier", "zulu"),
        (" ".join(f"w{number:06}" for number in range(300_000)), False, "w 000007", "w 299999"),
        ("航" + "母舰" * 400_000 + "演习", False, "航母", "演习"),
        (" ".join(["carrier", *["patrol"] * 16_000, "zulu"]), True, "carrier", "zulu"),
    ],
    ids=[
        "no word",
        "a word of 10 MB",
        "a million words",
        "300,000 distinct words",
        "800,000 characters",
        "just short enough",
    ],
)
def test_u12_a_text_of_any_length_is_stored_whole_and_says_so_when_search_knows_its_beginning_only(
    db: Database, text: str, whole: bool, first: str | None, last: str | None
) -> None:
    number = store(db, article("a", "Readout", text))
    with reading(db) as session:
        row = session.scalars(select(ArticleRow)).one()
        assert row.text == text
        assert (IN_PART in row.labels) is not whole
        assert article_from_row(row).text == text
        assert [hit.id for hit in search(session, "readout").hits] == [number]
        found = [bool(search(session, f'"{words}"').hits) for words in (first, last) if words is not None]
    assert found == ([] if first is None else [True, whole])
