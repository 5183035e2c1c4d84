"""SQLite, PostgreSQL and the plain matcher give the same answers to whatever is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from monitor.model import Article, Link, LinkKind, Mention, Tier
from monitor.query.compiling import condition
from monitor.query.language import QueryMistake, parse
from monitor.query.matching import Subject, matches
from monitor.query.tree import Node
from monitor.store import articles, schema
from monitor.store.database import Database, open_database, reading, writing
from monitor.store.tables import ArticleRow, SourceRow
from tests.archive import NOW, SOURCES, article, store
from tests.conftest import KINDS, MakeUrl


@dataclass(frozen=True)
class Told:
    """An article of the small archive, with what is known of it beside."""

    article: Article
    source: str
    tier: Tier = Tier.CORE
    points: int = 9
    terms: tuple[str, ...] = ()
    seen: datetime = NOW
    known: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.article.url.rpartition("/")[2]


def _link(url: str | None, kind: LinkKind = LinkKind.READ_ALSO, title: str = "Also") -> Link:
    return Link(kind, url, title, 0)


TOLD = [
    Told(
        article(
            "a", "Destroyer passes Taiwan Strait", "The U.S. destroyer sailed south. The PLA followed it.",
            source="fleet", authors=("Wang Yi", "José Ortíz"), section="Press Releases",
            published=datetime(2026, 11, 1, 0, 0, tzinfo=UTC),
            links=(_link("https://news.mod.example/one"), _link("https://ledger.example/b", LinkKind.RELATED)),
        ),
        "fleet", points=12, terms=("prc_pla", "taiwan_strait"), seen=NOW - timedelta(days=7),
    ),
    Told(
        article("b", "解放军在台海周边演训", "东部战区组织兵力在台海周边演训。海警船同行。", source="junwang",
                authors=("王毅",), section="军事", published=datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC),
                links=(_link("http://mod.example:8080/two"),)),
        "junwang", tier=Tier.RELEVANT, points=5, seen=NOW - timedelta(days=8), terms=("prc_pla",),
        known=frozenset(("copies",)),
    ),
    Told(
        article("c", "Harbour budget approved", "The city plan was approved by us all. No ship was named; pla.",
                published=datetime(2026, 11, 7, 23, 59, 59, tzinfo=UTC), section="local \\ [news]*"),
        "ledger", tier=Tier.PERIPHERAL, points=0, seen=NOW - timedelta(hours=5),
    ),
    Told(
        article("d", "Coast guard names F-35 partner", "The strait is narrow; Taiwan watches. South-China routes. "
                "Patrols patrolled.", published=None, links=(_link(None, title="Untitled"),)),
        "ledger", points=4, tier=Tier.RELEVANT,
    ),
    Told(
        article("e", "国軍戰備巡邏", "國防部：臺海情勢穩定，歼-20 未越線。ＰＬＡ 台海海警 strait", language="zh-Hant",
                authors=("王 毅",), published=NOW),
        "ledger", points=8, seen=NOW - timedelta(days=1),
    ),
    Told(
        article("f", "PLAN and plan", "US warships and a People’s War — the P.L.A. Navy; a ship near the strait of "
                "Taiwan, far from Taiwan Strait watchers. 海警 and coast guards.", source="fleet",
                published=datetime(2026, 11, 24, 0, 0, tzinfo=UTC), authors=("By O'Neil-Smith",)),
        "fleet", points=30, terms=("us_navy",), known=frozenset(("revision",)),
    ),
    Told(
        article("g", "海警船在台海", "海警船在台海。Strait Taiwan strait taiwan strait.", source="junwang",
                published=NOW - timedelta(days=2)),
        "junwang", points=7, known=frozenset(("copies",)),
    ),
]  # fmt: skip


def subject(told: Told) -> Subject:
    source = SOURCES[told.source]
    return Subject(
        told.article.title,
        told.article.text,
        {
            "side": source.side.value,
            "kind": source.kind.value,
            "source": told.source,
            "lang": told.article.language,
            "tier": told.tier.value,
            "section": told.article.section,
        },
        now=NOW,
        published=told.article.published,
        seen=told.seen,
        indexed=told.seen,
        points=told.points,
        authors=told.article.authors,
        terms=frozenset(told.terms),
        links=tuple(link.url or "" for link in told.article.links),
        known=told.known,
    )


SUBJECTS = {told.name: subject(told) for told in TOLD}


@pytest.fixture(scope="module")
def both(make_url: MakeUrl) -> Iterator[list[Database]]:
    opened = []
    for kind in KINDS:
        db = open_database(make_url(kind))
        schema.upgrade(db, NOW)
        first = None
        for told in TOLD:
            mentions = tuple(Mention(term, term, 1, 1, 1) for term in told.terms)
            copies_of = first if "copies" in told.known else None
            number = store(
                db, told.article, source=told.source, tier=told.tier, points=told.points, mentions=mentions,
                now=told.seen, copies_of=copies_of,
            )  # fmt: skip
            first = first or (number if "copies" in told.known else None)
            if "revision" in told.known:
                with writing(db) as session:
                    articles.by_id(session, number).revision = 2
        opened.append(db)
    yield opened
    for db in opened:
        db.close()


def found(db: Database, node: Node) -> set[str]:
    with reading(db) as session:
        rows = session.scalars(
            select(ArticleRow.url)
            .join(SourceRow, SourceRow.id == ArticleRow.source)
            .where(condition(node, db.kind, NOW))
        )
        return {url.rpartition("/")[2] for url in rows}


def expected(node: Node) -> set[str]:
    return {name for name, each in SUBJECTS.items() if matches(node, each)}


WORDS = ["taiwan", "strait", "pla", "us", "台海", "海警", "海", "臺", "歼-20", "u.s.", "coast", "patrol", "nothing", "plan",
         "'guard'", "People's", "ＰＬＡ", "f35", "船"]  # fmt: skip
PHRASES = [
    '"taiwan strait"',
    '"strait taiwan"',
    '"south china"',
    "“coast guard”",
    "「台海海警」",
    '"people’s war"',
    '"台海 strait"',
]
prefixes = st.sampled_from(["destroy*", "str*", "台*", "pa*", '"taiwan str"*', '"coast gu"*', "20*"])
exact = st.sampled_from(["=PLA", "=pla", "=Pla", "=US", "=us", "=U.S.", "=PLAN", "=plan", "=台海", "=臺海", '="Taiwan Strait"',
                         '="taiwan strait"', "=People's", '="a People’s War"', "=F-35", "=歼-20", "=Taiwan"])  # fmt: skip
terms = st.sampled_from(["~pla", "~us_navy", "~台湾海峡", '~"Taiwan Strait"', "~PLA"])
stems = st.sampled_from(
    ["stem:patrol", "stem:sailed", "stem:watching", "stem:ships", "stem:(name OR approve)", "stem:strait"]
)
plain = st.one_of(st.sampled_from(WORDS), st.sampled_from(PHRASES), prefixes, exact, terms, stems)
days = st.sampled_from(
    ["2026-11-01", "2026-11-07", "2026-10-31", "2026-11-24", "2026-11", "2026", "2025", "today", "yesterday"]
)
ages = st.sampled_from(["-7d", "-8d", "-5h", "-1w", "-0d"])
moments = st.one_of(days, ages)
spans = st.one_of(
    moments,
    moments.map(lambda at: f"{at}.."),
    moments.map(lambda at: f"..{at}"),
    st.tuples(st.sampled_from((">", ">=", "<", "<=")), moments).map("".join),
    st.sampled_from(
        ["2026-11-01..2026-11-07", "-8d..-7d", "-7d..today", "yesterday..today", "2026-10..2026-11"]
    ),
)
times = st.tuples(st.sampled_from(("published", "seen", "indexed")), spans).map(":".join)
numbers = st.one_of(
    st.tuples(
        st.sampled_from(("", ">", ">=", "<", "<=")), st.sampled_from(("0", "4", "8", "0.5", "7.5", "30"))
    ).map("".join),
    st.sampled_from(["4..7", "..4", "8..", "4.5..12"]),
).map(lambda value: f"relevance:{value}")
FIELDS = [
    "side:prc", "side:(us OR prc)", "side:(NOT us)", 'kind:"state media"', "kind:state-media", "kind:(press OR official)",
    "source:fleet", "source:Ledger", "lang:zh", "lang:zh-hant", "lang:EN", "tier:core", "tier:(core OR relevant)",
    'section:"press releases"', "section:軍事", 'section:"LOCAL \\ [NEWS]*"', "section:press", "author:wang", 'author:"wang yi"',
    "author:王毅", "author:jose", "author:ortiz", "author:O’Neil-smith", "author:ang", "author:王", "term:pla",
    'term:"Taiwan Strait"', "term:(pla us_navy)", "term:USN", "link:mod.example", "link:news.mod.example", "link:od.example",
    "link:https://www.ledger.example/b/?utm_source=x", "link:ledger.example/b", "link:mod.example:8080",
    "has:revision", "has:link", "has:author", "has:copies", "has:(author OR revision)", "title:taiwan", "title:台海",
    'title:("coast guard" OR 海警)', "title:=PLAN", "title:=plan", "title:~taiwan_strait", "title:str*", "title:(plan and)",
]  # fmt: skip
near_sides = st.one_of(
    plain, st.tuples(plain, plain).map(lambda two: f"({two[0]} OR {two[1]})"),
)  # fmt: skip
near = st.tuples(
    near_sides,
    st.sampled_from(("NEAR/0", "NEAR/1", "NEAR/3", "NEAR", "NEAR/9", "NEAR/12", "NEAR/50")),
    near_sides,
).map(" ".join)
near_title = st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS), st.integers(0, 12)).map(
    lambda three: f"title:({three[0]} NEAR/{three[2]} {three[1]})"
)
atoms = st.one_of(plain, times, numbers, st.sampled_from(FIELDS), near, near_title)
queries = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} AND NOT {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} OR {two[1]})"),
        inner.map(lambda one: f"NOT {one}"),
        inner.map(lambda one: f"-({one})"),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries)
def test_both_databases_and_the_plain_matcher_agree(both: list[Database], query: str) -> None:
    node = parse(query)
    wanted = expected(node)
    for db in both:
        assert found(db, node) == wanted, db.kind


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_agrees(both: list[Database], field: str) -> None:
    for query in (field, f"-{field}", f"strait {field}", f"strait -{field}", f"(strait OR {field})"):
        node = parse(query)
        assert [found(db, node) for db in both] == [expected(node)] * 2


SIGNS = ['"', "AND", "OR", "NOT", "NEAR(", "NEAR", "NEAR/2", "*", "(", ")", "-", "~", "=", "@", ":", "%", "_", "'", "^", ";", "\\",
         "{title}", "title :", "<->", "|", "&", "!", "台", "strait", "us", "side:", "side:us", "title:", "seen:-7d", "published:",
         "relevance:>1", "😀", "＂", "（", "１", "ﬁ", "ß", "½", "--", "/*", "a" * 70, "𐐀", "'a':*A", "stem:", "=US", "'':"]  # fmt: skip


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(SIGNS), max_size=9), st.sampled_from(("", " ")))
def test_q01_whatever_is_typed_is_a_mistake_or_has_one_answer(
    both: list[Database], pieces: list[str], joint: str
) -> None:
    try:
        node = parse(joint.join(pieces))
    except QueryMistake:
        return
    assert [found(db, node) for db in both] == [expected(node)] * 2
