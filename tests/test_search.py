"""Search: its order, its pages, its counts and its snippets, the same on both databases."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy import text as sql

from monitor.query import finding, ranking, search
from monitor.query.language import parse
from monitor.query.ranking import Candidate, ranked
from monitor.query.search import RANK, per_day
from monitor.query.snippet import LENGTH, Snippet, snippet
from monitor.query.spotting import spots
from monitor.store import schema
from monitor.store.database import Database, open_database, reading, writing
from monitor.store.tables import ArticleRow
from monitor.text import fold
from tests.archive import NOW, article, store
from tests.conftest import KINDS, MakeUrl

DAYS = 12


@pytest.fixture(scope="module", params=KINDS)
def archive(request: pytest.FixtureRequest, make_url: MakeUrl) -> Iterator[Database]:
    """Three articles a day for twelve days: patrol in each, 海警 in a third, drill in the first of all."""
    db = open_database(make_url(str(request.param)))
    schema.upgrade(db, NOW)
    for number in range(3 * DAYS):
        at = NOW - timedelta(days=DAYS - 1 - number // 3)
        line = f"The patrol left pier {number}. {'海警船同行。' if number % 3 == 0 else 'Fog came.'}"
        title = "Drill ends" if number == 0 else f"Patrol {number}"
        text = f"A drill. {line}" if number == 0 else line
        store(db, article(f"p{number}", title, text, published=at), now=at)
    yield db
    db.close()


def names(db: Database, query: str, **how: object) -> list[str]:
    with reading(db) as session:
        found = search.search(session, query, now=NOW, **how)  # type: ignore[arg-type]
    return [hit.url.rpartition("/")[2] for hit in found.hits]


def test_the_newest_come_first(archive: Database) -> None:
    assert names(archive, "patrol", limit=3) == ["p35", "p34", "p33"]
    assert names(archive, "海警", limit=2) == ["p33", "p30"]


def test_pages_go_on_where_the_last_one_ended_whatever_is_stored_meanwhile(archive: Database) -> None:
    seen: list[str] = []
    before: int | None = None
    while True:
        with reading(archive) as session:
            page = search.search(session, "pier", limit=10, before=before, now=NOW)
        seen += [hit.url.rpartition("/")[2] for hit in page.hits]
        if page.next is None:
            break
        before = page.next
    assert seen == [f"p{number}" for number in reversed(range(3 * DAYS))]


def test_rank_puts_the_title_before_the_text_and_the_new_before_the_old(archive: Database) -> None:
    assert names(archive, "drill OR fog", sort=RANK, limit=2) == ["p0", "p35"]  # rare, in the title, and old
    assert names(archive, "fog", sort=RANK, limit=2) == ["p35", "p34"]


def test_times_in_a_query_narrow_the_numbers_that_are_looked_at(archive: Database) -> None:
    day = f"published:{NOW - timedelta(days=5):%Y-%m-%d}"
    assert names(archive, f"patrol {day}") == ["p20", "p19", "p18"]
    assert names(archive, f"海警 {day}", sort=RANK) == ["p18"]
    assert names(archive, "patrol published:2020-01-01") == []
    with reading(archive) as session:
        finder = finding.Finder(session, parse(f"patrol {day}"), NOW)
        assert finder.span == (19, 21)


def test_an_article_published_long_before_it_was_stored_is_found_by_both_times(db: Database) -> None:
    store(db, article("new", "Patrol", "A patrol.", published=NOW))
    store(db, article("late", "Patrol", "A patrol of old.", published=NOW - timedelta(days=90)))
    old = f"{NOW - timedelta(days=90):%Y-%m-%d}"
    assert names(db, f"patrol published:..{old}") == ["late"]
    assert names(db, f"patrol seen:{NOW:%Y-%m-%d}") == ["late", "new"]


@pytest.mark.parametrize(
    "query", ["patrol", "pier -fog", "patrol side:other", "title:patrol", "=Patrol", "海警 OR fog"]
)
def test_the_newest_are_the_same_however_far_the_index_is_looked_through(
    archive: Database, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    with reading(archive) as session:
        every = search.search(session, query, limit=100, now=NOW)
        monkeypatch.setattr(finding, "_NEAR", 4)
        for few, span in ((0, 1), (0, 7), (6, 7), (1_000, 3), (1_000, 1_000)):
            monkeypatch.setattr(finding, "_FEW", few)
            monkeypatch.setattr(finding, "_SPAN", span)
            for most in (1, 5, 12, 100):
                found = finding.Finder(session, parse(query), NOW).newest(most)
                assert found == [hit.id for hit in every.hits][:most]
    assert every.total == len(every.hits)


@pytest.mark.parametrize("parts", [finding._PARTS, 0], ids=["all", "the newest first"])
def test_hits_are_counted_up_to_a_bound_and_ranked_up_to_another_and_the_answer_says_so(
    archive: Database, monkeypatch: pytest.MonkeyPatch, parts: int
) -> None:
    monkeypatch.setattr(finding, "_PARTS", parts)
    monkeypatch.setattr(finding.Finder.count, "__defaults__", (20,))
    monkeypatch.setattr(search, "COUNTED", 20)
    monkeypatch.setattr(search, "RANKED", 30)
    with reading(archive) as session:
        found = search.search(session, "patrol", limit=5, sort=RANK, now=NOW)
        rarer = search.search(session, "海警", limit=2, now=NOW)
    assert (found.total, found.more, found.ranked, len(found.hits)) == (20, True, 30, 5)
    assert (rarer.total, rarer.more) == (DAYS, False)


def test_hits_are_counted_by_the_day_on_which_they_were_stored(archive: Database) -> None:
    with reading(archive) as session:
        counted = per_day(session, "海警", NOW.date() - timedelta(days=13), NOW.date(), now=NOW)
        drills = per_day(session, "title:drill", date(2020, 1, 1), NOW.date(), now=NOW)
        of_side = per_day(session, "side:other", NOW.date() - timedelta(days=1), NOW.date(), now=NOW)
    assert [each.found for each in counted] == [0, 0] + [1] * DAYS
    assert [(each.day, each.found) for each in drills if each.found] == [(NOW.date() - timedelta(days=11), 1)]
    assert [each.found for each in of_side] == [3, 3]


def test_an_edit_moves_no_article_to_another_day(db: Database) -> None:
    for number in range(3):
        store(
            db,
            article(f"p{number}", "Patrol", f"A patrol, number {number}."),
            now=NOW - timedelta(days=2 - number),
        )
    with writing(db) as session:
        row = session.scalars(select(ArticleRow).order_by(ArticleRow.id)).first()
        assert row is not None
        row.indexed_at = NOW
    with reading(db) as session:
        counted = per_day(session, "patrol", NOW.date() - timedelta(days=2), NOW.date(), now=NOW)
    assert [each.found for each in counted] == [1, 1, 1]


def test_copies_are_found_by_an_index(db: Database) -> None:
    if db.kind == "postgresql":
        pytest.skip("a planner that looks at the sizes of tables reads a small one whole")
    with reading(db) as session:
        plan = session.execute(sql("EXPLAIN QUERY PLAN SELECT id FROM articles WHERE copies_of = 1")).all()
    assert "ix_articles_copies_of" in str(plan)


# ------------------------------------------------------------------------------------------- ranking


def candidate(number: int, text: str, *, title: str = "T", days: float = 0) -> Candidate:
    return Candidate(number, title, text, len(text.split()), NOW - timedelta(days=days))


def order(query: str, *candidates: Candidate) -> list[int]:
    return ranked(parse(query), candidates)


def test_more_hits_count_more_and_in_a_shorter_text() -> None:
    filler = "words that say nothing " * 5
    assert order("strait", candidate(1, f"strait {filler}"), candidate(2, f"strait strait {filler}")) == [
        2,
        1,
    ]
    assert order("strait", candidate(1, f"strait {filler * 5}"), candidate(2, f"strait {filler}")) == [2, 1]


def test_a_rare_word_of_several_counts_more() -> None:
    common = [candidate(number, "the strait is calm") for number in range(3, 9)]
    assert order("strait OR hypersonic", *common, candidate(1, "a hypersonic test here"))[0] == 1


def test_what_is_old_counts_half_at_most() -> None:
    assert order("strait", candidate(2, "strait", days=400), candidate(1, "strait")) == [1, 2]
    assert order("strait", candidate(2, "strait", title="Strait", days=400), candidate(1, "strait")) == [
        1,
        2,
    ]
    assert (
        order("strait", candidate(2, "strait " * 3, title="Strait", days=20), candidate(1, "strait or so"))[0]
        == 2
    )
    assert ranking.ranked(parse("side:prc"), [candidate(1, "a"), candidate(2, "b")]) == [2, 1]


@pytest.mark.parametrize(
    ("query", "text", "times"),
    [
        ("us", "The U.S. and the US; us. A bus, USA.", 3),
        ("f-35", "F-35, F35 and F 35, not F-350 or AF-35", 3),
        ("台海", "臺海与台海", 2),
        ("海警船", "海警船和海警", 1),
        ('"south china"', "South-China, south  china and South of China", 2),
        ("patrol*", "patrols, patrolled; a patrol", 3),
        ("patrol", "patrols, a patrol, Patrol's", 2),
        ("歼-20", "殲20、歼-20、歼-201", 2),
    ],
)
def test_words_are_counted_where_they_stand(query: str, text: str, times: int) -> None:
    (spot,) = spots(parse(query))
    assert spot.count(fold(text)) == len(spot.spans(fold(text), 50)) == times


@given(
    st.text(st.sampled_from("台臺海ｱア警国國 ，-x")),
    st.sampled_from(["台海", "臺海", "國", "アア", "台海警"]),
)
def test_chinese_words_are_counted_in_an_unfolded_text_as_in_a_folded_one(text: str, query: str) -> None:
    for spot in spots(parse(query)):
        assert spot.han
        assert spot.count_unfolded(text) == spot.count(fold(text))


# ------------------------------------------------------------------------------------------ snippets


def marked(shown: Snippet) -> list[str]:
    return [shown.text[start:end] for start, end in shown.marks]


def test_the_sentence_with_most_of_the_words_is_shown() -> None:
    text = "The strait is calm. Ships of the navy crossed the strait. The navy said no more."
    shown = snippet(text, parse("navy strait"))
    assert shown.text.startswith("Ships of the navy crossed the strait.")
    assert marked(shown) == ["navy", "strait", "navy"]


def test_chinese_sentences_end_at_their_own_full_stops() -> None:
    text = "东部战区发布消息。海警船在台海附近巡航！外交部回应？记者提问；没有更多。"
    shown = snippet(text, parse("台海 海警"))
    assert shown.text.startswith("海警船在台海附近巡航！")
    assert marked(shown) == ["海警", "台海"]


def test_a_long_chinese_sentence_is_cut_at_a_clause() -> None:
    text = (
        "，".join(["没有空格的很长的一句话"] * 20)
        + "，海警船驶入该海域，"
        + "，".join(["后面还有很多话"] * 40)
        + "。"
    )
    shown = snippet(text, parse("海警"))
    assert shown.text.startswith("... ")
    assert shown.text.removeprefix("... ").startswith(("没有空格的很长的一句话", "海警"))
    assert marked(shown) == ["海警"]
    assert len(shown.text) <= LENGTH // 2 + 8


def test_a_phrase_is_marked_as_a_whole_and_overlaps_once() -> None:
    shown = snippet("Ships in the South-China Sea.", parse('"south china sea" china'))
    assert marked(shown) == ["South-China Sea"]
    assert marked(snippet("The U.S. and us.", parse("US"))) == ["U.S", "us"]


def test_a_text_without_the_words_begins_at_its_beginning() -> None:
    assert snippet("First. Second.", parse("title:third")) == Snippet("First. Second.")
    assert snippet("", parse("third")) == Snippet("")


def test_q07_an_endless_text_costs_no_more_than_a_long_one() -> None:
    long = "a" * 2_000_000
    assert snippet(long, parse("b")).text.startswith("aaa")
    assert snippet("strait " * 300_000, parse("strait")).text.startswith("strait strait")
