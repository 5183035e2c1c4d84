"""Search: a query against the database, the same answer on both.

`compiling` turns the query into a condition, `finding` asks for the newest articles that meet it, `ranking` weighs
them; here the hits are folded and told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.model import utc_now
from monitor.query import ranking
from monitor.query.finding import COUNTED, Day, Finder
from monitor.query.known import read
from monitor.query.snippet import Snippet, snippet
from monitor.query.tree import Node
from monitor.store.convert import printed_zone
from monitor.store.tables import ArticleRow, SourceRow
from monitor.store.types import among

if TYPE_CHECKING:
    from monitor.query.explaining import Nothing

DATE, RANK = "date", "rank"
RANKED = 1_000  # of more hits, the newest so many are weighed: the answer says so
_FETCHED = 4  # times the limit, because copies fold together
_AT_ONCE = 100
_SHOWN: tuple[Any, ...] = (
    ArticleRow.id, ArticleRow.url, ArticleRow.title, ArticleRow.source, ArticleRow.language, ArticleRow.section,
    ArticleRow.published, ArticleRow.published_offset, ArticleRow.published_quality, ArticleRow.first_seen,
    ArticleRow.tier, ArticleRow.points, ArticleRow.words, ArticleRow.revision, ArticleRow.labels, ArticleRow.text,
    SourceRow.name.label("source_name"), SourceRow.side, SourceRow.kind,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """A found article; copies of one text are one hit, the best of them."""

    id: int
    url: str
    title: str
    source: str
    source_name: str
    side: str
    kind: str
    language: str
    section: str
    published: datetime | None  # in the printed zone
    published_quality: str
    first_seen: datetime
    tier: str
    points: int
    words: int
    revision: int
    labels: tuple[str, ...]
    copies: int  # further articles with the same text
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class Found:
    """Hits in the order asked for, and how many articles match in all, copies included."""

    hits: tuple[Hit, ...]
    total: int  # at most COUNTED
    more: bool = False  # than total: not counted any further
    ranked: int | None = None  # the newest so many were weighed against each other; None by date
    next: int | None = None  # by date: `before` of the next page, if there may be one
    nothing: "Nothing | None" = None  # without hits: why


def search(
    session: Session, query: str, *, limit: int = 20, sort: str = DATE, before: int | None = None,
    now: datetime | None = None,
) -> Found:  # fmt: skip
    """Articles that match.

    Args:
        session: a reading one.
        query: what a person wrote; docs/query.md.
        limit: hits at most.
        sort: "date", newest first, or "rank", what says most about the query first (`ranking`).
        before: by date, only articles with a lower number: the `next` of the page before, so that what is
            stored meanwhile moves nothing.
        now: the time of asking, for ages such as -7d.

    Raises:
        QueryMistake: the query cannot be read.
    """
    node = read(session, query)
    finder = Finder(session, node, now or utc_now())
    most = RANKED if sort == RANK else limit * _FETCHED
    numbers = finder.newest(most, before)
    if not numbers and before is None:
        from monitor.query.explaining import explain  # noqa: PLC0415  (it brings the vocabulary, which takes a moment)

        return Found((), 0, nothing=explain(session, node))
    total = len(numbers) if len(numbers) < most and before is None else finder.count()
    ordered = ranking.ranked(node, _candidates(session, numbers)) if sort == RANK else numbers
    hits, last = _hits(session, node, ordered, limit)
    more = sort == DATE and (len(numbers) == limit * _FETCHED or last != numbers[-1]) if numbers else False
    return Found(
        hits, min(total, COUNTED), more=total > COUNTED, ranked=len(numbers) if sort == RANK else None,
        next=last if more else None,
    )  # fmt: skip


def per_day(
    session: Session, query: str, since: date, until: date, *, now: datetime | None = None
) -> list[Day]:
    """How many articles match of those stored on each day (UTC), from since to until.

    Raises:
        QueryMistake: the query cannot be read.
    """
    return Finder(session, read(session, query), now or utc_now()).per_day(since, until)


def _candidates(session: Session, numbers: list[int]) -> list[ranking.Candidate]:
    columns = (ArticleRow.id, ArticleRow.title, ArticleRow.text, ArticleRow.words, ArticleRow.first_seen)
    asked = select(*columns).where(among(session, ArticleRow.id, numbers))
    return [ranking.Candidate(*row) for row in session.execute(asked).tuples()]


def _hits(session: Session, node: Node, ordered: Sequence[int], limit: int) -> tuple[tuple[Hit, ...], int]:
    """The first hits, copies folded together, each the best that matches; and the last article looked at."""
    groups, last = folded(session, ordered, limit)
    return _told(session, node, groups), last


def folded(session: Session, ordered: Sequence[int], limit: int) -> tuple[dict[int, int], int]:
    """The first groups of copies among some articles, in their order: the article that began each -> the best of it.

    The second value is the last article that was looked at.
    """
    groups: dict[int, int] = {}
    last = 0
    for start in range(0, len(ordered), _AT_ONCE):
        part = ordered[start : start + _AT_ONCE]
        asked = select(ArticleRow.id, ArticleRow.copies_of, ArticleRow.shown)
        facts = {row.id: row for row in session.execute(asked.where(among(session, ArticleRow.id, part)))}
        for number in part:
            if number not in facts:
                continue  # gone since
            group = facts[number].copies_of or number
            if group not in groups and len(groups) == limit:
                return groups, last
            if group not in groups or facts[number].shown:
                groups[group] = number
            last = number
    return groups, last


def _told(session: Session, node: Node, groups: Mapping[int, int]) -> tuple[Hit, ...]:
    asked = select(*_SHOWN).join(SourceRow, SourceRow.id == ArticleRow.source)
    asked = asked.where(among(session, ArticleRow.id, list(groups.values())))
    rows = {row.id: row for row in session.execute(asked)}
    copies = _copies(session, list(groups))
    return tuple(
        _hit(rows[number], node=node, copies=copies.get(group, 0)) for group, number in groups.items()
    )


def _copies(session: Session, groups: list[int]) -> dict[int, int]:
    asked = select(ArticleRow.copies_of, func.count()).where(among(session, ArticleRow.copies_of, groups))
    return {group: number for group, number in session.execute(asked.group_by(ArticleRow.copies_of)) if group}


def _hit(row: Any, *, node: Node, copies: int) -> Hit:
    shown = row._asdict()
    text = shown.pop("text")
    del shown["published_offset"]
    shown |= {"published": printed_zone(row), "labels": tuple(row.labels)}
    return Hit(**shown, copies=copies, snippet=snippet(text, node))
