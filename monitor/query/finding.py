"""Which articles a query finds: the newest of them, how many, and how many a day; bounded, the same on both databases.

Numbers of articles grow with indexing. So the index is read from its newest end and only as far as is needed, a
span of time is turned into a span of numbers first, and whatever the numbers cannot say is checked on the rows.
"""

import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import accumulate, pairwise

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from monitor.query import compiling
from monitor.query.indexed import fts5, narrowed
from monitor.query.leading import leads
from monitor.query.tree import All, Named, Node, When
from monitor.store.tables import ArticleRow, SourceRow

COUNTED = 10_000  # hits are counted up to here; beyond, "more than" is said
_END = 2**62
_NEAR = 1_000  # PostgreSQL: numbers looked through one by one before its index is asked,
_FEW = 200  # where no more hits than these are wanted
_SPAN = 8_192  # numbers for which its index is asked first
_WIDE = 17  # binary digits of the newest numbers that are counted first: 131,072 of them, and those behind,
_PARTS = 4  # where there are so many times that
# For this transaction. Our questions are for few rows at an end of an index: a scan of it all, helpers and compiled
# code cost more, and a plan that is kept for whatever words come next takes all words for equally rare.
_SETTINGS = sql(
    "SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),"
    " set_config('max_parallel_workers_per_gather', '0', true),"
    " set_config('plan_cache_mode', 'force_custom_plan', true)"
)
_SEEN_FIRST = 50  # articles looked at to find where a day begins: they are stored in nearly this order
# One question for all days: each costs more to write than to answer.
_FIRSTS = {
    "sqlite": """
        SELECT (SELECT min(id) FROM (SELECT id FROM articles WHERE first_seen >= days.value
                                     ORDER BY first_seen LIMIT :most) AS seen)
        FROM json_each(:days) AS days ORDER BY days.key""",
    "postgresql": """
        SELECT (SELECT min(id) FROM (SELECT id FROM articles WHERE first_seen >= CAST(days.value || '+00' AS timestamptz)
                                     ORDER BY first_seen LIMIT :most) AS seen)
        FROM json_array_elements_text(CAST(:days AS json)) WITH ORDINALITY AS days (value, place) ORDER BY place""",
}
# One span of numbers for FTS5, of columns: two would have it look through all for each day, expressions for each row.
_PER_DAY = sql("""
    SELECT (SELECT count(*) FROM search_index WHERE search_index MATCH :words AND rowid >= low AND rowid < high)
    FROM (SELECT key, value AS low, lead(value) OVER (ORDER BY key) AS high FROM json_each(:bounds))
    WHERE high IS NOT NULL ORDER BY key
""")


@dataclass(frozen=True, slots=True)
class Day:
    """How many of the articles stored on a day match."""

    day: date
    found: int


class Finder:
    """One query against one archive."""

    def __init__(self, session: Session, node: Node, now: datetime) -> None:
        self.session, self.node, self.now = session, node, now
        self.kind = session.get_bind().dialect.name
        if self.kind == "postgresql":
            session.execute(_SETTINGS)
        self.number = compiling.INDEX[self.kind]
        self.words = narrowed(node)
        self.rest = compiling.rest(node, self.kind, now)
        self.rest += leads(session, node)
        self.span = self._span()

    def newest(self, most: int, before: int | None = None) -> list[int]:
        """Numbers of the newest articles that match, newest first."""
        low, high = self.span
        high = high if before is None else min(high, before - 1)
        if self.words is None or self.kind == "sqlite":
            return self._numbers(self._within(low, high).order_by(self._key.desc()).limit(most))
        return self._newest_of_postgresql(low, high, most)

    def every(self) -> Iterator[int]:
        """Numbers of all articles that match, in their order; the driver holds some thousand at a time."""
        asked = self._within(*self.span).order_by(self._key)
        yield from self.session.scalars(asked.execution_options(yield_per=10_000))

    def count(self, most: int = COUNTED) -> int:
        """How many articles match; at most one more than `most`."""
        low, high = self.span
        if self.kind != "postgresql" or self.words is None:
            return self._counted(self._within(low, high), most)
        last = self._newest_number
        if low > 1 or high < last:
            return self._counted(self._between(low, min(high, last), last)[0], most)
        return self._enough_of_the_newest(last, most) or self._counted(self._within(low, high), most)

    def _enough_of_the_newest(self, last: int, most: int) -> int:
        """PostgreSQL: more than `most` if so many are among the newest, else 0; it finds all before it counts the first."""
        part = last >> _WIDE
        if self.words is None or self.rest or part < _PARTS:
            return 0
        newest = compiling.asked_between(self.words, (part - 1) << _WIDE, ((part + 1) << _WIDE) - 1)
        found = self._counted(select(self.number).where(newest), most)
        return found if found > most else 0

    def _counted(self, within: Select[tuple[int]], most: int) -> int:
        limited = within.limit(most + 1).subquery()
        return self.session.scalar(select(func.count()).select_from(limited)) or 0

    def per_day(self, since: date, until: date) -> list[Day]:
        """How many match of the articles stored on each day (UTC) from since to until."""
        days = [since + timedelta(days=each) for each in range((until - since).days + 1)]
        starts = _firsts_of(self.session, [*days, until + timedelta(days=1)])
        counts = self._counts(starts)
        return [Day(day, counts[number]) for number, day in enumerate(days)]

    @property
    def _key(self) -> ColumnElement[int]:
        return ArticleRow.id if self.words is None else self.number  # type: ignore[return-value]

    def _within(self, low: int, high: int) -> Select[tuple[int]]:
        """Matching articles with numbers of a span, in any order."""
        asked = select(self._key).where(self._key >= low, self._key <= high)
        if self.words is not None:
            asked = asked.where(compiling.asked(self.words, self.kind))
            if not self.rest:
                return asked
            asked = asked.join(ArticleRow, ArticleRow.id == self.number)
        return asked.join(SourceRow, SourceRow.id == ArticleRow.source).where(and_(*self.rest))

    def _numbers(self, asked: Select[tuple[int]]) -> list[int]:
        return list(self.session.scalars(asked))

    def _newest_of_postgresql(self, low: int, high: int, most: int) -> list[int]:
        """Its planner cannot know how rare words are together: look in the newest span, then in ever longer ones."""
        last = self._newest_number
        high, found = min(high, last), list[int]()
        if most <= _FEW and high >= low:
            start = max(low, high - _NEAR + 1)
            found += self._numbers(self._within(start, high).order_by(self.number.desc()).limit(most))
            high = start - 1
        width = _SPAN
        while len(found) < most and high >= low:
            start = max(low, high - width + 1)
            asked, number = self._between(start, high, last)
            found += self._numbers(asked.order_by(number.desc()).limit(most - len(found)))
            high, width = start - 1, width * 4
        return found

    @cached_property
    def _newest_number(self) -> int:
        return self.session.scalar(select(func.max(self.number))) or 0

    def _between(self, low: int, high: int, last: int) -> tuple[Select[tuple[int]], ColumnElement[int]]:
        """As `_within` on PostgreSQL, where the index shall say which articles of a span; and their number."""
        assert self.words is not None
        matching = compiling.asked(self.words, self.kind)
        if low > 1 or high < last:
            matching = compiling.asked_between(self.words, low, high)
        # Apart, for its planner would rather read the tokens of every row of the span.
        hits = (
            select(self.number).where(matching).cte("hits").prefix_with("MATERIALIZED", dialect="postgresql")
        )
        number = hits.c[0]
        asked = select(number).where(number >= low, number <= high)
        if self.rest:
            asked = asked.join(ArticleRow, ArticleRow.id == number)
            asked = asked.join(SourceRow, SourceRow.id == ArticleRow.source).where(and_(*self.rest))
        return asked, number

    def _counts(self, starts: list[int]) -> list[int]:
        """How many match from each number to before the next."""
        low, high = max(starts[0], self.span[0]), min(starts[-1] - 1, self.span[1])
        if self.kind == "postgresql":
            key = func.width_bucket(self._key, starts)
            within = self._within(low, high).with_only_columns(key, func.count()).group_by(key)
            found = dict(self.session.execute(within).tuples().all())
            return [int(found.get(number, 0)) for number in range(1, len(starts))]
        if self.words is not None and not self.rest:
            return self._counts_of_words(self.words, low, high, starts)
        numbers = self._numbers(self._within(low, high).order_by(self._key))
        return list(_between(numbers, starts))

    def _counts_of_words(self, words: Node, low: int, high: int, starts: list[int]) -> list[int]:
        """SQLite counts what its index says in a third of the time that it takes to hand it over."""
        bounds = [min(max(low, start), high + 1) for start in starts]
        return list(self.session.scalars(_PER_DAY, {"words": fts5(words), "bounds": json.dumps(bounds)}))

    # ------------------------------------------------------------------------------------ spans of time

    def _span(self) -> tuple[int, int]:
        """Numbers between which every article lies that the query's times allow."""
        low, high = 0, _END
        for each in _whens(self.node):
            first, last = self._numbers_of(each)
            low, high = max(low, first), min(high, last)
        return low, high

    def _numbers_of(self, asked: When) -> tuple[int, int]:
        at = compiling.TIMES[asked.field]
        since = asked.since.resolve(self.now) if asked.since else None
        until = asked.until.resolve(self.now) if asked.until else None
        bounds = [at >= since] if since else []
        bounds += [at < until] if until else []
        # Not of id itself: PostgreSQL would walk all articles from the first to find the lowest one of the span.
        number = ArticleRow.id + 0
        low, high = self.session.execute(select(func.min(number), func.max(number)).where(*bounds)).one()
        return (1, 0) if low is None else (low, high)


def _whens(node: Node) -> Iterator[When]:
    """The times that must hold whatever else does."""
    match node:
        case When():
            yield node
        case Named():
            yield from _whens(node.part)
        case All():
            for part in node.parts:
                yield from _whens(part)


def _firsts_of(session: Session, days: Sequence[date]) -> list[int]:
    """The first number of each day's articles: the lowest of those first seen from its beginning on.

    An entry that was long on its way has an old time of first sight, an edited article a new time of indexing:
    neither moves this.
    """
    asked = sql(_FIRSTS[session.get_bind().dialect.name])
    found = session.scalars(
        asked, {"days": json.dumps([f"{day} 00:00:00" for day in days]), "most": _SEEN_FIRST}
    )
    behind = (session.scalar(select(func.max(ArticleRow.id))) or 0) + 1
    return list(accumulate((number or behind for number in found), max))


def _between(numbers: list[int], starts: list[int]) -> Iterator[int]:
    places = [bisect_left(numbers, start) for start in starts]
    for first, last in pairwise(places):
        yield last - first
