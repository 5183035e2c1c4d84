"""Writing as `settle` writes, beside raw inserts of the same rows into a copy of the same database."""

import itertools
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from bench import store_database
from bench.store_articles import SOURCES, Made
from bench.store_database import Bed
from monitor import urls
from monitor.desk import Work
from monitor.model import Listed
from monitor.revising import Ours
from monitor.settling import Prepared, settle_one
from monitor.store import copies, entries, feeds, retention, search_index
from monitor.store.articles import Settled
from monitor.store.batch import Batch
from monitor.store.database import reading, savepoint, writing
from monitor.store.entries import Draft, Found
from monitor.store.learnt import Approved
from monitor.store.tables import ArticleRow, EntryRow, Row
from monitor.store.tidying import TIDY_EVERY, tidy

ROUND, BATCH = 1_000, 100
NO_DESK: Any = None  # only an article that comes a second time asks the desk, and here none does
Rows = dict[str, list[tuple[Any, ...]]]
WRITTEN = (
    "entries",
    "articles",
    "sketches",
    "fingerprints",
    "mentions",
    "links",
    "facets",
)  # the tables of ours that `settle` fills


@dataclass
class Costs:
    """What batches of ours cost, in seconds."""

    cpu: list[float] = field(default_factory=list)  # entries and articles
    commits: list[float] = field(default_factory=list)  # wall, of the transaction that settles

    @property
    def per_article(self) -> float:
        return statistics.fmean(self.cpu) / BATCH


def begin(bed: Bed) -> None:
    """Name the sources."""
    with writing(bed.database) as session:
        feeds.keep_sources(session, SOURCES, datetime.fromisoformat("2026-01-01T00:00:00Z"))


def rounds(made: Iterator[Made], articles: int) -> Iterator[Sequence[Made]]:
    """The next articles, a round of them at a time: each feed lists some 25."""
    for _ in range(articles // ROUND):
        yield list(itertools.islice(made, ROUND))


def write(bed: Bed, arrived: Sequence[Made], costs: Costs | None = None) -> None:
    """Store a round's articles: entries by feed, a transaction each; then settled, a batch in a transaction."""
    started = bed.cpu()
    _enter(bed, arrived)
    each = (bed.cpu() - started) * BATCH / len(arrived)
    for start in range(0, len(arrived), BATCH):
        spent, wall = _settle(bed, arrived[start : start + BATCH])
        spent += _tidied(bed, start + BATCH)
        if costs is not None:
            costs.cpu.append(each + spent)
            costs.commits.append(wall)


def _tidied(bed: Bed, done: int) -> float:
    """Tidy as often as `settle` does; seconds of CPU."""
    started = bed.cpu()
    if done % TIDY_EVERY == 0:
        tidy(bed.database)
    return bed.cpu() - started


def _enter(bed: Bed, arrived: Sequence[Made]) -> None:
    by_source: dict[str, list[Found]] = {}
    for each in arrived:
        article = each.settled.article
        line = Found(article.url, urls.key(article.url), Listed(article.url, article.title))
        by_source.setdefault(each.settled.source, []).append(line)
    for number, (source, lines) in enumerate(by_source.items(), 1):
        with writing(bed.database) as session:
            entries.add_found(session, lines, source=source, feed=number, first_poll=False, now=arrived[0].at)


def _settle(bed: Bed, batch: Sequence[Made]) -> tuple[float, float]:
    """Settle a batch; seconds of CPU, and of the clock."""
    now, prepared = batch[-1].at, _prepared(bed, batch)
    started = bed.cpu()
    prepared = [
        replace(ready, settled=_indexed(bed, ready.settled)) for ready in prepared
    ]  # as `prepare` does
    clock = time.perf_counter()
    with writing(bed.database) as session, savepoint(session):
        together = Batch(session, [ready.settled for ready in prepared], now)
        buried = retention.buried(session, [urls.key(ready.settled.article.url) for ready in prepared])
        for ready, each in zip(prepared, batch, strict=True):
            settle_one(together, NO_DESK, Work(1, now), ready, buried, each.at)
        together.write()
        copies.forget(session, now)
    return bed.cpu() - started, time.perf_counter() - clock


def _indexed(bed: Bed, settled: Settled) -> Settled:
    return replace(
        settled, written=search_index.written(bed.kind, settled.article.title, settled.article.text)
    )


def _prepared(bed: Bed, batch: Sequence[Made]) -> list[Prepared]:
    keys = [urls.key(each.settled.article.url) for each in batch]
    with reading(bed.database) as session:
        asked = select(EntryRow.url_key, EntryRow.id).where(EntryRow.url_key.in_(keys))
        numbers = dict(session.execute(asked).tuples().all())
    prepared, ours = [], Ours(1, Approved(), "full", None)
    for key, each in zip(keys, batch, strict=True):
        settled = replace(each.settled, entry=numbers[key])
        draft = Draft(
            settled.entry,
            None,
            1,
            {},
            settled.article.url,
            settled.source,
            each.at,
            first_poll=False,
            crashes=0,
        )
        prepared.append(Prepared(draft, settled, (), (), ours))
    return prepared


# ------------------------------------------------------------------------------------------- the peer


class Raw:
    """The driver alone: prepared rows, one statement a table, one transaction a batch."""

    def __init__(self, bed: Bed) -> None:
        self.bed = bed
        self.engine = bed.database.engine
        self._statements = {name: self._statement(name) for name in WRITTEN}

    def _statement(self, name: str) -> str:
        columns = [column.name for column in Row.metadata.tables[name].columns]
        holder = "?" if self.bed.kind == "sqlite" else "%s"
        return f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join([holder] * len(columns))})"

    def index_statement(self) -> str:
        if self.bed.kind == "sqlite":
            return "INSERT INTO search_index (rowid, title, body) VALUES (?, ?, ?)"
        return "INSERT INTO search_index (article, tokens) VALUES (%s, %s::tsvector)"

    def write(self, rows: Rows) -> float:
        """Insert a batch's rows; CPU seconds."""
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            started = self.bed.cpu()
            if self.bed.kind == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            for name in WRITTEN:
                cursor.executemany(self._statements[name], rows[name])
            cursor.executemany(self.index_statement(), rows["search_index"])
            if self.bed.kind == "sqlite":
                cursor.execute("COMMIT")
            else:
                connection.commit()
            return self.bed.cpu() - started
        finally:
            connection.close()


def rows_behind(bed: Bed, article: int, entry: int) -> list[Rows]:
    """Every row written for the articles and entries behind these numbers, a batch's at a time; entries first."""
    found: list[Rows] = []
    connection = bed.database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        for first in range(0, ROUND, BATCH):
            found.append({})
            for name in WRITTEN:
                columns = ", ".join(column.name for column in Row.metadata.tables[name].columns)
                key = "id" if name in ("entries", "articles") else "article"
                after, number = (
                    (entry, ROUND if first == 0 else 0) if name == "entries" else (article + first, BATCH)
                )
                cursor.execute(
                    f"SELECT {columns} FROM {name} WHERE {key} > {after} AND {key} <= {after + number}"
                )
                found[-1][name] = [_taken(row) for row in cursor.fetchall()]
            cursor.execute(
                f"SELECT id, title, text FROM articles WHERE id > {article + first} AND id <= {article + first + BATCH}"
            )
            found[-1]["search_index"] = [
                search_index.row(bed.kind, number, search_index.written(bed.kind, title, body))
                for number, title, body in cursor.fetchall()
            ]
        connection.rollback()
    finally:
        connection.close()
    return found


def _taken(row: Sequence[Any]) -> tuple[Any, ...]:
    from psycopg.types.json import Jsonb  # noqa: PLC0415

    return tuple(Jsonb(value) if isinstance(value, dict | list) else value for value in row)


def beside_raw(bed: Bed, made: Iterator[Made], articles: int) -> tuple[Costs, float]:
    """Write the next articles with ours and raw in turn; our costs, and the peer's CPU per article."""
    raw = Raw(store_database.copy(bed))
    costs, theirs = Costs(), []
    for arrived in rounds(made, articles):
        with reading(bed.database) as session:
            article = session.scalar(select(func.max(ArticleRow.id))) or 0
            entry = session.scalar(select(func.max(EntryRow.id))) or 0
        write(bed, arrived, costs)
        for done, batch in enumerate(rows_behind(bed, article, entry), 1):
            theirs.append(raw.write(batch) + _tidied(raw.bed, done * BATCH))
    store_database.drop(raw.bed)
    return costs, statistics.fmean(theirs) / BATCH
