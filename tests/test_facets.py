"""Facets narrow a question and never lose an answer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from monitor import dedup
from monitor.model import Article, Block, BlockKind, Judgement, Link, LinkKind, Tier
from monitor.query import leading, patterns
from monitor.query.search import search
from monitor.store import articles, facets, retention, schema
from monitor.store.articles import Settled
from monitor.store.database import Database, open_database, reading, writing
from monitor.store.tables import ArticleRow, FacetRow, SketchRow
from monitor.text import fold
from tests.archive import NOW, article, store
from tests.conftest import KINDS, MakeUrl
from tests.endstate import facets_of

NAMES = st.text(st.sampled_from("aA'’-. _éßÉ張张三ｓs2²ªⒶ\u0301ア"), min_size=1, max_size=8)


@given(NAMES, st.text(st.sampled_from("aAs'-. _éß张三2Ⓐ"), min_size=1, max_size=4).filter(str.strip))
@example("J.K. O’Brien", "K. O'Brien")
@example("José García", "Garcia")
@example("張三", "三")
def test_a_name_that_is_found_has_every_facet_that_is_asked_for(name: str, asked: str) -> None:
    asked = asked.strip()
    if not patterns.holds(patterns.folded(asked), name):
        return
    held = set(facets._author(name))
    wanted = {f"a:{piece}" for piece in facets._pieces(fold(asked))}
    assert facets._ANY in held or wanted <= held


@given(st.text(st.sampled_from("aÁ \t\n\u3000\u00a0-国國"), min_size=1, max_size=6), st.data())
def test_a_section_that_is_found_has_the_facet_that_is_asked_for(section: str, data: st.DataObject) -> None:
    asked = data.draw(
        st.sampled_from([section.upper(), section.replace("\t", " "), section.replace("國", "国")])
    )
    if patterns.holds(patterns.folded_whole(asked), section):
        assert facets._section(asked) == facets._section(section)


def links(*urls: str) -> tuple[Link, ...]:
    return tuple(Link(LinkKind.IN_TEXT, url, "words", number) for number, url in enumerate(urls))


def test_a_host_finds_what_lies_below_it_and_nothing_beside_it(db: Database) -> None:
    at = (
        "https://news.navy.mil/a",
        "https://navy.mil:8443/b",
        "https://anavy.mil/c",
        "https://navy.mil.example/d",
    )
    for number, url in enumerate(at):
        store(db, article(f"a{number}", "Patrol", f"The patrol {number}.", links=links(url)))
    with reading(db) as session:
        found = {
            q: search(session, f"link:{q}").total
            for q in ("navy.mil", "news.navy.mil", "navy.mil:8443", "vy.mil")
        }
    assert found == {"navy.mil": 2, "news.navy.mil": 1, "navy.mil:8443": 1, "vy.mil": 0}


def held(db: Database) -> set[str]:
    """The values of the archive's one article, which are those that there should be."""
    with reading(db) as session:
        rows, wanted = facets_of(session)
        assert rows == wanted
        return {value for value, _ in rows}


def test_facets_follow_their_article_through_edits_cleaning_and_cuts_until_it_is_purged(db: Database) -> None:
    before = article(
        "a", "Patrol", "The patrol.", authors=("Ann Lee",), section="Asia", links=links("https://navy.mil/a")
    )
    number = store(db, before)
    assert held(db) == {"a:ann", "a:lee", "s:asia", "h:mil.navy"}
    edited = replace(before, authors=("Bob Lee",), section="Fleet", links=links("https://af.mil/a"))
    with writing(db) as session:
        row = articles.by_id(session, number)
        assert articles.revise(session, row, settled_again(row, edited, "The patrol left."), now=NOW)
    assert held(db) == {"a:bob", "a:lee", "s:fleet", "h:mil.af"}
    with writing(db) as session:
        row = articles.by_id(session, number)
        articles.renew(session, row, settled_again(row, before, "The patrol left."), now=NOW)
    assert held(db) == {"a:ann", "a:lee", "s:asia", "h:mil.navy"}
    with writing(db) as session:
        retention.cut(session, number, replace(before, authors=(), section="", blocks=()))
    assert held(db) == {"h:mil.navy"}
    with writing(db) as session:
        assert retention.purge(session, number, "too old", NOW)
        assert session.scalars(select(FacetRow)).all() == []


def settled_again(row: ArticleRow, made: Article, text: str) -> Settled:
    made = replace(made, blocks=(Block(BlockKind.PARAGRAPH, text),))
    return Settled(
        entry=row.entry, page=None, cleaner=2, source="ledger", first_seen=row.first_seen, article=made,
        judgement=Judgement(Tier.CORE, 9, ("direct",), ()), text_hash=dedup.text_hash("", text),
        fingerprint=dedup.fingerprint(text),
    )  # fmt: skip


def test_more_authors_than_are_kept_and_hosts_of_any_length_are_found(db: Database) -> None:
    names = tuple(f"Given{n} Family{n}" for n in range(150))
    long = f"{'a' * 50}.{'b' * 44}.example"  # its row ends where a cut at a hundred characters would be
    store(db, article("a", "Patrol", "The patrol.", authors=names, links=links(f"https://x.{long}/a")))
    store(db, article("b", "Other", "The other."))
    with reading(db) as session:
        for query in ("author:Given0", "author:Family149", f"link:{long}", f"link:x.{long}"):
            assert search(session, query).total == 1, query
        assert search(session, "author:Given150").total == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("author:ann OR author:bob", "ab"),
        ("author:ann OR link:navy.mil", "ac"),
        ("author:ann OR the", "abc"),
        ("-author:ann", "bc"),
        ("patrol -section:asia", "bc"),
        ("patrol -link:navy.mil -author:bob", "a"),
        ("(section:asia OR section:fleet) -author:ann", "b"),
        ("section:asia link:navy.mil", ""),
        ("has:revision OR author:ann", "a"),
        ("has:copies OR author:ann", "a"),
        ("author:bob OR ((author:ann OR author:cid) patrol)", "ab"),
        ("link:navy.mil OR (has:copies patrol) OR ((section:asia OR three) -fleet)", "ac"),
        ("-has:copies section:asia", "a"),
    ],
)
@pytest.mark.parametrize("rare", [20_000, 0], ids=["few", "many"])
def test_what_is_joined_or_excluded_is_found_however_many_it_leads_to(
    three: Database, monkeypatch: pytest.MonkeyPatch, query: str, found: str, rare: int
) -> None:
    monkeypatch.setattr(leading, "RARE", rare)
    with reading(three) as session:
        assert sorted(hit.title[-1] for hit in search(session, query).hits) == list(found)


@pytest.fixture(scope="module", params=KINDS)
def three(request: pytest.FixtureRequest, make_url: MakeUrl) -> Iterator[Database]:
    db = open_database(make_url(str(request.param)))
    schema.upgrade(db, NOW)
    store(db, article("a", "Patrol a", "The patrol one.", authors=("Ann Lee",), section="Asia"))
    store(db, article("b", "Patrol b", "The patrol two.", authors=("Bob Lee",), section="Fleet"))
    store(db, article("c", "Patrol c", "The patrol three.", links=links("https://news.navy.mil/a")))
    yield db
    db.close()


def test_what_is_forgotten_in_part_can_be_cleaned_again(db: Database) -> None:
    old = NOW - timedelta(days=45)
    for n in range(3):
        text = f"The patrol {n} " + " ".join(f"left pier {n}x{m}" for m in range(40))
        store(db, article(f"a{n}", "Patrol", text), now=old)
    with writing(db) as session:
        session.execute(delete(SketchRow).where(SketchRow.article == 2))  # as `forget` may leave it
        row = articles.by_id(session, 2)
        articles.renew(session, row, settled_again(row, article("a1", "Patrol"), row.text), now=NOW)
    with reading(db) as session:
        assert session.get(SketchRow, 2) is None


def test_facets_go_with_the_schema_and_come_back_for_what_is_there(db: Database) -> None:
    store(db, article("a", "Patrol", "The patrol.", links=links("https://navy.mil/a")))
    before = held(db)
    assert before == {"h:mil.navy"}
    schema.downgrade(db, "2026_12_04_eras")
    schema.upgrade(db, NOW + timedelta(days=1))
    assert held(db) == before
