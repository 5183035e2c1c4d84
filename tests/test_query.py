"""The query language and search: the same answers from SQLite, PostgreSQL and the plain matcher."""

from collections.abc import Iterator

import pytest

from monitor.query.language import parse
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
