"""What cannot be asked is shown under its place with a way out, and what is found nothing of explains itself."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import Mistake
from monitor.query import patterns
from monitor.query.explaining import Nothing
from monitor.query.known import read
from monitor.query.language import QueryMistake, parse
from monitor.query.matching import refuse
from monitor.query.search import search
from monitor.store import saved, schema
from monitor.store.database import Database, open_database, reading, writing
from tests.archive import NOW, article, store
from tests.conftest import KINDS, MakeUrl


@pytest.fixture(scope="module", params=KINDS)
def archive(request: pytest.FixtureRequest, make_url: MakeUrl) -> Iterator[Database]:
    db = open_database(make_url(str(request.param)))
    schema.upgrade(db, NOW)
    store(db, article("a", "Destroyer passes Taiwan Strait", "The U.S. destroyer sailed south; the PLA followed it.",
                      authors=("Wang Yi",), section="Fleet"), source="fleet")  # fmt: skip
    store(db, article("b", "解放军在台海周边演训", "东部战区组织兵力在台海周边演训。", source="junwang",
                      published=NOW - timedelta(days=3)), source="junwang", points=5)  # fmt: skip
    store(db, article("c", "Harbour budget", "The strait is far from Taiwan; patrols and frigates are too."))
    with writing(db) as session:
        saved.put(session, "strait", '"Taiwan Strait" OR 台海', NOW)
        saved.put(session, "ring", "@ring2 OR pla", NOW)
        saved.put(session, "ring2", "@RING", NOW)
        saved.put(session, "bad", "a OR sid:prc", NOW)
    yield db
    db.close()


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
        ("headline:x", 0, "did you mean title:?"),
        ("a side:prx", 7, "there is no side prx; did you mean side:prc?"),
        ("kind:statemedia", 5, 'did you mean kind:"state media"?'),
        ("tier:1", 5, "it is one of core, relevant, peripheral"),
        ("has:links", 4, "did you mean has:link?"),
        ("side:(us OR prx)", 12, "did you mean side:prc?"),
        ("side:(us prc)", 9, "an article has one side: write OR"),
        ("side:(us title:x)", 9, "there is no side title:x"),
        ("title:(a side:us)", 9, "side: cannot stand within the brackets of title:"),
        ("colour:red", 0, "fields are title, source"),
        ("side: b", 0, "side: wants a value right behind it"),
        ('side:""', 5, "side: wants a value right behind it"),
        ("story:12", 0, "there are no stories yet"),
        ("a ***", 2, "holds no word"),
        ("de*er", 2, "* stands at the end of a word"),
        ("a*", 0, "* wants at least 2 letters"),
        ("=PLA*", 4, "* does not go with ="),
        ("= PLA", 0, "= wants a word or a phrase right behind it"),
        ("😀", 0, "holds no word"),
        ("a\x00", 1, "this character cannot stand in a query"),
        ("a\udc80", 1, "this character cannot stand in a query"),
        ("~taiwan_straits", 1, "the vocabulary has no term taiwan_straits; did you mean ~taiwan_strait"),
        ("~台湾海侠", 1, "~台湾海峡?"),
        ("term:nowhere_near_it", 5, "the vocabulary has no term"),
        ("NEAR b", 0, "NEAR stands between two words"),
        ("a NEAR", 6, "a word is missing"),
        ("a NEAR/x b", 2, "NEAR/ wants a number up to 50"),
        ("a NEAR/51 b", 2, "NEAR/ wants a number up to 50"),
        ("a NEAR/5 b NEAR c", 11, "NEAR joins two"),
        ("a NEAR (b c)", 7, "beside NEAR stand words"),
        ("a NEAR side:us", 7, "beside NEAR stand words"),
        ("title:a NEAR b", 8, "write title:(a NEAR/5 b)"),
        ("~prc_missiles NEAR ~prc_missiles", 14, "at most 400 pairs"),
        ('stem:"military exercise"', 5, "stem: takes one word"),
        ("published:2026-13", 10, "there is no day 2026-13"),
        ("published:2026-02-30", 10, "there is no day 2026-02-30"),
        ("published:0001-01-01", 10, "years are 1900 to 2999"),
        ("published:monday", 10, "monday is no day, span or age; write 2026-11-01"),
        ("published:2026-11-07..2026-11-01", 10, "ends before it begins"),
        ("seen:..", 5, "wants a day at one end"),
        ("relevance:high", 10, "high is no number of points"),
        ("relevance:9..1", 10, "ends before it begins"),
        ("link:nonsense", 5, "nonsense is no host"),
        ("link:http://[", 5, "is no address and no host"),
        ("@strait", 0, "there is no saved search strait"),
        ("（a b", 0, "never closed"),
    ],
)
def test_q01_a_mistake_is_shown_under_its_place(query: str, at: int, words: str) -> None:
    with pytest.raises(QueryMistake) as caught:
        parse(query)
    assert words in caught.value.why
    assert caught.value.at == at
    assert str(caught.value).splitlines()[-1].index("^") == at + 2


@pytest.mark.parametrize(
    "query",
    [
        "(" * 2000 + "a" + ")" * 2000,
        "(" * 30 + "a" + ")" * 30,
        "NOT " * 30 + "a",
        "-(" * 25 + "a" + ")" * 25,
        "a " * 400,
        "word " * 100_000,
        " OR ".join(["a"] * 60),
        " OR ".join(["a"] * 20_000),
        "side:us " * 60,
        "~taiwan_strait " * 60,
        " ".join(["~prc_missiles NEAR/50 strait"] * 5),
        "x" * 5000,
    ],
)
def test_q02_an_endless_query_is_explained(query: str) -> None:
    with pytest.raises(QueryMistake, match=r"at most|more than"):
        parse(query)


def test_q02_the_largest_query_allowed_is_answered_in_time(archive: Database) -> None:
    wide = " ".join(["~prc_missiles NEAR/50 strait"] * 2)
    long = " ".join([f"{'x' * 64} NEAR/50 {'𐐀' * 64}"] * 7)
    for query in (wide, long, "(" * 20 + "pla" + ")" * 20, " OR ".join(["~prc_missiles"] * 50)):
        began = time.process_time()
        with reading(archive) as session:
            search(session, query)
        assert time.process_time() - began < 5


@given(st.text(max_size=200))
def test_q01_parsing_answers_or_explains(query: str) -> None:
    places: list[int] = []
    try:
        parse(query)
    except QueryMistake as mistake:
        places.append(mistake.at)
    assert all(0 <= place <= len(query) for place in places)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("(a+)+$", "a" * 27 + "!"),
        ("(?:.*?READ ALSO){8}x", "READ ALSO " * 40_000),
        ("a a a a a a b", "a " * 200_000),
        ("A.A.A.A", "A.A.B." * 100_000),
        ("aaaaaaaaaaaaaaaaaaaab", "a" * 400_000),
    ],
)
def test_q03_what_is_written_is_never_a_regular_expression(written: str, text: str) -> None:
    for pattern in (patterns.exactly(written), patterns.folded(written), patterns.folded_whole(written)):
        began = time.process_time()
        assert not patterns.holds(pattern, text)
        assert time.process_time() - began < 2
        assert patterns.holds(pattern, written)


SQL = [
    "x' OR '1'='1",
    "x'; DROP TABLE articles; --",
    '") OR 1=1 --',
    "%",
    "_",
    "\\",
    "' UNION SELECT 1 --",
    ":x",
    "%(x)s",
    "?",
]


@pytest.mark.parametrize(
    "field", ["", "title:", "section:", "author:", "lang:", "link:", "source:", "term:", "=", "~", "stem:"]
)
def test_q04_sql_in_a_query_is_text(archive: Database, field: str) -> None:
    for text in SQL:
        quoted = text.replace('"', " ")
        with reading(archive) as session:
            try:
                assert not search(session, f'{field}"{quoted}"').hits
            except QueryMistake as mistake:
                assert mistake.why  # noqa: PT017
    with reading(archive) as session:
        assert search(session, "strait").total == 2


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("source:flet", "there is no source flet; did you mean source:fleet (Fleet Notices)?"),
        ('source:"Harbor Ledger"', "did you mean source:ledger (Harbor Ledger)?"),
        ("source:军情观察", "did you mean source:junwang"),
        ("@nothing", "there is no saved search nothing; `straitwatch search --list`"),
        ("@ring", "the saved search ring asks for itself"),
        ("@bad", "the saved search bad: there is no field sid:; did you mean side:?"),
        ("source:(fleet OR flet)", "there is no source flet"),
    ],
)
def test_what_the_archive_does_not_know_is_a_mistake_under_its_place(
    archive: Database, query: str, words: str
) -> None:
    with reading(archive) as session, pytest.raises(QueryMistake) as caught:
        read(session, query)
    assert words in caught.value.why


def nothing(db: Database, query: str) -> Nothing:
    with reading(db) as session:
        answer = search(session, query)
    assert answer.nothing is not None, query
    return answer.nothing


def test_a_search_without_results_says_what_each_part_finds(archive: Database) -> None:
    answer = nothing(archive, "台海 destroyer side:prc")
    assert [(part.written, part.found) for part in answer.parts] == [
        ("台海", 1),
        ("destroyer", 1),
        ("side:prc", 1),
    ]
    assert answer.why == "no article has both 台海 and destroyer"


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("destoyer", "did you mean destroyer?"),
        ("frigattes strait", "did you mean frigates?"),
        ('"taiwan straight"', 'did you mean "Taiwan Strait"?'),
        ("Taiwan Straits", ""),
        ('"strait taiwan"', "its words in one article, but not side by side: 2"),
        ("台海周遍", ""),
        ("title:frigates", "anywhere, not only in the title: 1"),
        ("=pla", "in other spellings: 1; leave out ="),
        ("frigates NEAR/1 far", "both in one article, farther apart or one in the title: 1"),
        ("author:wong", "did you mean Wang"),
        ("section:fleets", "did you mean Fleet?"),
        ("published:2020", "the archive runs from 2026-11-21 to 2026-11-24"),
        ("relevance:>100", "the most is 9 points"),
        ("term:pla", "counted in none; ~prc_pla finds 2"),
        ("lang:zh-Hanss", "did you mean zh-Hans?"),
        ("zebra and destroyer", "looked for as a word; AND in capitals joins"),
    ],
)
def test_a_part_that_finds_nothing_says_what_may_help(archive: Database, query: str, note: str) -> None:
    notes = [part.note for part in nothing(archive, query).parts]
    assert note in " ".join(notes)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("strait -taiwan", "every article with strait has taiwan, too, which -taiwan excludes"),
        ("destroyer side:prc", "no article has both destroyer and side:prc"),
        ("taiwan strait far budget pla", "no article has both far and pla"),
        ("(台海 OR strait) taiwan side:us -destroyer", "every article with side:us has destroyer, too"),
        (
            "strait (destroyer OR budget) -(frigates OR pla)",
            "every article with strait has (frigates OR pla), too",
        ),
        ("taiwan side:other (pla OR budget) -harbour", "every article with side:other has harbour"),
        ("destroyr -taiwan", ""),
    ],
)
def test_parts_that_exclude_each_other_are_named(archive: Database, query: str, why: str) -> None:
    assert nothing(archive, query).why.startswith(why)
    assert bool(nothing(archive, query).why) == bool(why)


def test_a_saved_search_can_be_part_of_another(archive: Database) -> None:
    with reading(archive) as session:
        assert search(session, "@strait").total == 2
        assert search(session, "@Strait -side:prc").total == 1
        assert search(session, "pla OR (@strait kind:press)").total == 1


def test_a_saved_search_is_kept_replaced_and_forgotten(db: Database) -> None:
    with writing(db) as session:
        assert saved.put(session, "海峡", "台海", NOW) == ""
        assert saved.put(session, "海峡", "臺海 OR strait", NOW) == "台海"
        assert [(row.name, row.query) for row in saved.listed(session)] == [("海峡", "臺海 OR strait")]
        assert saved.forget(session, "海峡")
        assert not saved.forget(session, "海峡")
        for name in ("", "a b", "a" * 41, "x)", "@a"):
            with pytest.raises(Mistake, match="is no name for a search"):
                saved.put(session, name, "a", NOW)


@pytest.mark.parametrize("query", ["has:revision", "pla -has:copies", "(a OR has:revision)"])
def test_a_rule_may_not_ask_what_nobody_knows_yet(query: str) -> None:
    with pytest.raises(Mistake, match="cannot stand in a rule: a rule looks at an article"):
        refuse(parse(query))
