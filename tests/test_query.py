"""The query language and search: the same answers from SQLite, PostgreSQL and the plain matcher."""

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.query.language import QueryMistake, parse
from monitor.query.search import search
from monitor.query.snippet import snippet
from monitor.store import schema
from monitor.store.database import Database, open_database, reading
from tests.archive import NOW, article, store
from tests.conftest import KINDS, MakeUrl

TEXTS = [
    ("a", "Destroyer passes Taiwan Strait", "The U.S. destroyer sailed south. The PLA followed it.", "fleet"),
    ("b", "解放军在台海周边演训", "东部战区组织兵力在台海周边演训。海警船同行。", "junwang"),
    ("c", "Harbour budget approved", "The city plan was approved. No ship was named.", "ledger"),
    (
        "d",
        "Coast guard names F-35 partner",
        "The strait is narrow; Taiwan watches. South-China routes.",
        "ledger",
    ),
    ("e", "国軍戰備巡邏", "國防部：臺海情勢穩定，歼-20 未越線。", "ledger"),
]


@pytest.fixture(scope="module", params=KINDS)
def archive(request: pytest.FixtureRequest, make_url: MakeUrl) -> Iterator[Database]:
    db = open_database(make_url(str(request.param)))
    schema.upgrade(db, NOW)
    for path, title, line, source in TEXTS:
        store(db, article(path, title, line, source=source), source=source)
    yield db
    db.close()


def found(db: Database, query: str) -> set[str]:
    with reading(db) as session:
        return {hit.url.rpartition("/")[2] for hit in search(session, query, limit=50).hits}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("destroyer", "a"),
        ("taiwan strait", "ad"),
        ('"taiwan strait"', "a"),
        ("title:taiwan", "a"),
        ("taiwan -pla", "d"),
        ("taiwan NOT pla", "d"),
        ("budget OR destroyer", "ac"),
        ("(budget OR destroyer) approved", "c"),
        ("destroy*", "a"),
        ("US", "a"),
        ("U.S.", "a"),
        ("F35", "d"),
        ("f-35", "d"),
        ('"south china"', "d"),
        ("side:prc", "b"),
        ('kind:"state media"', "b"),
        ("kind:official OR kind:press", "acde"),
        ("source:fleet strait", "a"),
        ("-side:other", "ab"),
        ("tier:core", "abcde"),
        ("nothing", ""),
    ],
)
def test_a_query_finds_what_it_says(archive: Database, query: str, expected: str) -> None:
    assert found(archive, query) == set(expected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [("台海", "be"), ("臺海", "be"), ("海警", "b"), ("海警船", "b"), ("周边演训", "b"), ("歼20", "e"), ("殲-20", "e"),
     ("战备", "e"), ("lang:zh", "b"), ("台海 东部战区", "b"), ("演海", ""), ("ＰＬＡ", "a"), ("巡", "e")],
)  # fmt: skip
def test_q05_chinese_words_are_found_in_either_script(archive: Database, query: str, expected: str) -> None:
    assert found(archive, query) == set(expected)


@pytest.mark.parametrize(
    ("query", "at", "words"),
    [
        ("", 0, "a word is missing"),
        ("a AND", 5, "a word is missing"),
        ("OR b", 0, "a word is missing"),
        ("(a b", 0, "never closed"),
        ("a) b", 1, "never opened"),
        ('a "b c', 2, "never closed"),
        ("sid:prc", 0, "did you mean side:"),
        ("a side:prx", 7, "there is no side prx; did you mean side:prc?"),
        ("kind:statemedia", 5, 'did you mean kind:"state media"?'),
        ("tier:1", 5, "it is one of core, relevant, peripheral"),
        ("colour:red", 0, "fields are title, source"),
        ("side: b", 0, "side: wants a value right behind it"),
        ("a ***", 2, "holds no word"),
        ("😀", 0, "holds no word"),
        ("a\x00", 1, "this character cannot stand in a query"),
    ],
)
def test_q01_a_mistake_is_shown_under_its_place(query: str, at: int, words: str) -> None:
    with pytest.raises(QueryMistake) as caught:
        parse(query)
    assert words in caught.value.why
    assert caught.value.at == at
    assert str(caught.value).splitlines()[-1].index("^") == at + 2


@pytest.mark.parametrize(
    "query", ['"', "AND", "NEAR(", "*", "col:x", "(", "%", "_", "a' OR 1=1 --", "a:b:c", "'", "^a", "a;b"]
)
def test_q01_no_text_reaches_the_index_as_its_own_language(archive: Database, query: str) -> None:
    with contextlib.suppress(QueryMistake):
        assert "c" not in found(archive, query)


@pytest.mark.parametrize(
    "query",
    [
        "(" * 2000 + "a" + ")" * 2000,
        "(" * 30 + "a" + ")" * 30,
        "a " * 400,
        " OR ".join(["a"] * 60),
        "x" * 5000,
    ],
)
def test_q02_an_endless_query_is_explained(query: str) -> None:
    with pytest.raises(QueryMistake, match=r"at most|more than"):
        parse(query)


@given(st.text(max_size=200))
def test_q01_parsing_answers_or_explains(query: str) -> None:
    places: list[int] = []
    try:
        parse(query)
    except QueryMistake as mistake:
        places.append(mistake.at)
    assert all(0 <= place <= len(query) for place in places)


def test_a_search_without_results_says_what_each_part_finds(archive: Database) -> None:
    with reading(archive) as session:
        nothing = search(session, "台海 destroyer side:prc")
    assert nothing.hits == ()
    assert nothing.parts == (("台海", 2), ("destroyer", 1), ("side:prc", 1))


def test_copies_of_one_text_are_one_hit_the_best_of_them(db: Database) -> None:
    text = "A wire story that two papers printed alike, word for word, about a patrol."
    first = store(db, article("w1", "Patrol", text), source="ledger")
    store(db, article("w2", "Patrol again", text, source="fleet"), source="fleet", copies_of=first)
    with reading(db) as session:
        answer = search(session, "patrol")
    assert [(hit.source, hit.copies) for hit in answer.hits] == [("fleet", 1)]
    assert answer.total == 2


def test_the_hit_sentence_is_shown_with_its_words_marked() -> None:
    text = "First things. The PLAN is not it. The PLA followed; 解放軍在臺海。\nLast."
    shown = snippet(text, parse("pla 台海"))
    assert shown.text.startswith("The PLA followed; 解放軍在臺海")
    assert [shown.text[start:end] for start, end in shown.marks] == ["PLA", "臺海"]
