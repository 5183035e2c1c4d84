"""Facets narrow a question and never lose an answer."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from monitor.model import Link, LinkKind
from monitor.query import patterns
from monitor.query.search import search
from monitor.store import facets, schema
from monitor.store.database import Database, reading
from monitor.text import fold
from tests.archive import NOW, article, store
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


def links(*urls: str) -> Sequence[Link]:
    return tuple(Link(LinkKind.IN_TEXT, url, "words", number) for number, url in enumerate(urls))


def test_a_host_finds_what_lies_below_it_and_nothing_beside_it(db: Database) -> None:
    at = (
        "https://news.navy.mil/a",
        "https://navy.mil:8443/b",
        "https://anavy.mil/c",
        "https://navy.mil.example/d",
    )
    for number, url in enumerate(at):
        store(db, article(f"a{number}", "Patrol", f"The patrol {number}.", links=tuple(links(url))))
    with reading(db) as session:
        found = {
            q: search(session, f"link:{q}").total
            for q in ("navy.mil", "news.navy.mil", "navy.mil:8443", "vy.mil")
        }
    assert found == {"navy.mil": 2, "news.navy.mil": 1, "navy.mil:8443": 1, "vy.mil": 0}


def test_facets_go_with_the_schema_and_come_back_for_what_is_there(db: Database) -> None:
    store(db, article("a", "Patrol", "The patrol.", links=tuple(links("https://navy.mil/a"))))
    with reading(db) as session:
        held, wanted = facets_of(session)
    assert held == wanted != set()
    schema.downgrade(db, "2026_12_04_eras")
    schema.upgrade(db, NOW + timedelta(days=1))
    with reading(db) as session:
        assert facets_of(session) == (held, wanted)
