"""Searching as people do, beside plain FTS5 and tsvector with their defaults, and a LIKE."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.say import Say
from bench.store_articles import END, RARE, RARE_HAN, Made
from bench.store_database import Bed
from monitor.query.search import DATE, RANK, per_day, search
from monitor.store.database import reading
from monitor.text import is_han, tokens

REPEATS = 10  # of two rare words that is twenty answers: below that their p95 would be the longest of all
_WEEK, _MONTH = timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True)
class Words:
    """What is asked for, by how many articles have it."""

    pairs: Sequence[tuple[str, str]]  # in 20 to 80 % of the articles each
    common: Sequence[str]
    han: Sequence[str]  # two characters, in 10 to 15 %
    authors: Sequence[str]
    hosts: Sequence[str]  # linked to


def words_of(sample: Sequence[Made]) -> Words:
    """Words of some articles, chosen by their share."""
    share = Counter(token for made in sample for token in set(tokens(made.settled.article.text)))
    common = [word for word, n in share.items() if word.isascii() and 0.2 <= n / len(sample) <= 0.8]
    common.sort(key=lambda word: -share[word])
    spread = common[:: max(1, len(common) // 8)][:8]
    texts = "".join(made.settled.article.text for made in sample)
    han = [w for w, n in share.items() if len(w) == 2 and is_han(w[0]) and 0.1 <= n / len(sample) <= 0.15]
    han = [word for word in han if word in texts]  # not only in the other script
    some = [made.settled.article for made in sample[:6]]
    return Words(
        list(pairwise(spread)), spread, sorted(han)[:6],
        [article.authors[0] for article in some], [(article.links[2].url or "").split("/")[2] for article in some],
    )  # fmt: skip


def speed(bed: Bed, words: Words, say: Say) -> None:
    """Print the CPU of each kind of question."""
    week = f"published:{END - _WEEK:%Y-%m-%d}.."
    month = f"published:{END - _MONTH:%Y-%m-%d}.."
    pairs = [f"{one} {other}" for one, other in words.pairs]
    rare = [RARE, RARE_HAN]
    asked: list[tuple[str, Sequence[str], str, dict[str, float]]] = [
        ("rare word, newest 20", rare, DATE, _both(20)),
        ("rare word, ranked 20", rare, RANK, _both(20)),
        ("two common words, newest 20", pairs, DATE, {}),
        ("two common words, ranked 20, last week", [f"{p} {week}" for p in pairs], RANK, {"sqlite": 60, "postgresql": 100}),
        ("two common words, ranked 20, last month", [f"{p} {month}" for p in pairs], RANK, {"sqlite": 110, "postgresql": 300}),
        ("two common words, ranked 20, no date", pairs, RANK, _both(150)),
        ("common word in sources of a side, ranked 20", [f"{w} side:prc" for w in words.common], RANK, {}),
        ("author, newest 20", [f'author:"{name}"' for name in words.authors], DATE, {}),
        ("linked host, newest 20", [f"link:{host}" for host in words.hosts], DATE, {}),
        ("two Chinese characters, newest 20", words.han, DATE, _both(10)),
        ("two Chinese characters, ranked 20", words.han, RANK, _both(150)),
    ]  # fmt: skip
    for name, queries, sort, bounds in asked:
        with reading(bed.database) as session:
            spent, found = _spent(bed, session, queries, lambda s, q, how=sort: search(s, q, sort=how).total)
        _tell(bed, name, spent, found, bounds, say)
    day = END.date()
    with reading(bed.database) as session:
        spent, found = _spent(
            bed,
            session,
            words.common,
            lambda s, q: sum(d.found for d in per_day(s, q, day - timedelta(days=365), day)),
        )
    _tell(bed, "common word, counts per day over a year", spent, found, _both(300), say)


def _both(bound: float) -> dict[str, float]:
    return {"sqlite": bound, "postgresql": bound}


def _spent(
    bed: Bed, session: Session, queries: Sequence[str], ask: Callable[[Session, str], int]
) -> tuple[list[float], float]:
    """Milliseconds of CPU of each question, and the mean number of hits that are told."""
    spent: list[float] = []
    found: list[int] = []
    with bed.connection_of(session) as cpu:
        ask(session, queries[0])
        for _ in range(REPEATS):
            for query in queries:
                started = cpu()
                found.append(ask(session, query))
                spent.append(1000 * (cpu() - started))
    return spent, statistics.fmean(found)


def _tell(bed: Bed, name: str, spent: list[float], found: float, bounds: dict[str, float], say: Say) -> None:
    p50, p95 = statistics.median(spent), statistics.quantiles(spent, n=20, method="inclusive")[18]
    bound = bounds.get(bed.kind)
    judged = "" if bound is None else f"  (< {bound:g}{'' if p95 < bound else ': MISSED'})"
    say(
        f"  {name:<48}{found:>9,.0f} hits  p50 {p50:7.1f}  p95 {p95:7.1f}  max {max(spent):7.1f} ms{judged}",
        measure="search", database=bed.kind, question=name, hits=found, p50_ms=p50, p95_ms=p95, max_ms=max(spent), bound_ms=bound,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------- peers


_PLAIN = {
    "sqlite": (
        "CREATE VIRTUAL TABLE plain USING fts5 (title, body, content='')",
        "INSERT INTO plain (rowid, title, body) SELECT id, title, text FROM articles",
    ),
    "postgresql": (
        "CREATE TABLE plain AS SELECT id AS article, to_tsvector('simple', title || ' ' || text) AS tokens FROM articles",
        "CREATE INDEX ON plain USING gin (tokens)",
        "ALTER TABLE plain ADD PRIMARY KEY (article)",
        "ANALYZE plain",
    ),
}
_RANKED = {
    "sqlite": "SELECT rowid FROM plain WHERE plain MATCH :query {span} ORDER BY rank LIMIT 20",
    "postgresql": "SELECT article FROM plain, plainto_tsquery('simple', :query) q WHERE tokens @@ q {span}"
    " ORDER BY ts_rank(tokens, q) DESC LIMIT 20",
}
_NEWEST = {
    "sqlite": "SELECT rowid FROM plain WHERE plain MATCH :query ORDER BY rowid DESC LIMIT 20",
    "postgresql": "SELECT article FROM plain WHERE tokens @@ plainto_tsquery('simple', :query) ORDER BY article DESC LIMIT 20",
}
_COUNT = {
    "sqlite": "SELECT count(*) FROM plain WHERE plain MATCH :query",
    "postgresql": "SELECT count(*) FROM plain WHERE tokens @@ plainto_tsquery('simple', :query)",
}


@contextmanager
def plain(bed: Bed) -> Iterator[None]:
    """The same texts in the database's own index, with its own tokens."""
    with bed.database.engine.execution_options(writes=True).begin() as connection:
        for statement in _PLAIN[bed.kind]:
            connection.execute(text(statement))
    yield
    with bed.database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DROP TABLE plain"))


def peers(bed: Bed, words: Words, say: Say) -> None:
    """Print the same questions asked of the plain index, and of the texts."""
    pairs = [f"{one} {other}" for one, other in words.pairs]
    key = "rowid" if bed.kind == "sqlite" else "article"
    month = f"AND {key} IN (SELECT id FROM articles WHERE published >= '{END - _MONTH:%Y-%m-%d}')"
    asked = [
        ("plain: rare word, newest 20", _NEWEST[bed.kind], [RARE]),
        ("plain: rare word, ranked 20", _RANKED[bed.kind].format(span=""), [RARE]),
        ("plain: two common words, ranked 20, last month", _RANKED[bed.kind].format(span=month), pairs),
        ("plain: two common words, ranked 20, no date", _RANKED[bed.kind].format(span=""), pairs),
        ("plain: two Chinese characters, counted", _COUNT[bed.kind], words.han),
    ]
    with reading(bed.database) as session:
        if bed.kind == "postgresql":
            session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
        for name, statement, queries in asked:

            def ask(session: Session, query: str, statement: str = statement) -> int:
                rows = session.execute(text(statement), {"query": query}).all()
                return int(rows[0][0]) if "count(*)" in statement else len(rows)

            spent, found = _spent(bed, session, queries[:3], ask)
            _tell(bed, name, spent, found, {}, say)
        like = text("SELECT count(*) FROM articles WHERE text LIKE :query")
        spent, found = _spent(
            bed, session, words.han[:1], lambda s, q: s.scalar(like, {"query": f"%{q}%"}) or 0
        )  # fmt: skip
        _tell(bed, "LIKE: two Chinese characters, counted", spent, found, {}, say)
