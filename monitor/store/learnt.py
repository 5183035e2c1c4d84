"""Lines of a source's articles, counted as articles settle, and what a person decided of them.

A line of a new article costs one row, which grows when the line comes again. A source keeps the rows of the KEPT
undecided lines that it saw last: what recurs is seen again long before it would be forgotten, and what does not
goes, however many articles come.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from monitor.learnt import Counted, Line, Place
from monitor.store.tables import LearningRow, RecurringRow

KEPT = 4_000  # undecided lines of one source: those of about 200 articles, 0.8 MB
PRUNE_EVERY = 25  # articles of a source
LONGEST = 1_000  # characters kept of a line's text
EXAMPLES = 2
_DAYS = 61  # bits; a 64-bit integer has a sign

NOTHING_APPROVED: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Approved:
    """The lines of a source that a person approved as boilerplate."""

    edition: int = 0
    keys: frozenset[int] = NOTHING_APPROVED


@dataclass(frozen=True, slots=True)
class Recurring:
    """A counted line of one source."""

    id: int
    source: str
    key: int
    counted: Counted
    examples: tuple[int, ...]  # articles.id
    state: str  # "", approved, rejected
    decided_at: datetime | None


def count(session: Session, source: str, article: int, lines: Iterable[Line], day: date) -> None:
    """Count the lines of one new article, in the transaction that stores it."""
    learning = _learning(session, source)
    learning.articles += 1
    by_key = {line.key: line for line in lines}
    for row in _rows(session, source, list(by_key)):
        line = by_key.pop(row.key)
        row.text = line.text[:LONGEST]  # a line that never comes again is kept as a number alone
        row.articles += 1
        row.head += line.place is Place.HEAD
        row.tail += line.place is Place.TAIL
        row.headings += line.heading
        row.days |= _bit(day)
        row.last_at = learning.articles
        if len(row.examples) < EXAMPLES:
            row.examples = [*row.examples, article]
    if by_key:  # all at once: one statement a row would cost three times as much
        session.execute(
            insert(RecurringRow),
            [_new(source, line, article, day, learning.articles) for line in by_key.values()],
        )
    session.flush()
    if learning.articles % PRUNE_EVERY == 0:
        _prune(session, source)


def _new(source: str, line: Line, article: int, day: date, at: int) -> dict[str, object]:
    return {
        "source": source, "key": line.key, "text": "", "articles": 1, "head": int(line.place is Place.HEAD),
        "tail": int(line.place is Place.TAIL), "headings": int(line.heading), "days": _bit(day),
        "first_at": at, "last_at": at, "examples": [article], "state": "",
    }  # fmt: skip


def _bit(day: date) -> int:
    return 1 << day.toordinal() % _DAYS


def _rows(session: Session, source: str, keys: Sequence[int]) -> list[RecurringRow]:
    asked = select(RecurringRow).where(RecurringRow.source == source)
    return [
        row
        for start in range(0, len(keys), 500)
        for row in session.scalars(asked.where(RecurringRow.key.in_(keys[start : start + 500])))
    ]


def _learning(session: Session, source: str) -> LearningRow:
    """The source's row, locked until the transaction ends; made when it is not there yet."""
    from sqlalchemy.dialects import postgresql, sqlite  # noqa: PLC0415  (PostgreSQL's is not there for SQLite's users)

    upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = upsert(LearningRow).values(source=source, articles=0, edition=0)
    session.execute(made.on_conflict_do_nothing())
    return session.get_one(LearningRow, source, with_for_update=True, populate_existing=True)


def _prune(session: Session, source: str) -> None:
    """Forget the undecided lines that were not seen for the longest time."""
    undecided = (RecurringRow.source == source, RecurringRow.state == "")
    newest_first = select(RecurringRow.last_at).where(*undecided).order_by(RecurringRow.last_at.desc())
    oldest_kept = session.scalar(newest_first.offset(KEPT).limit(1))
    if oldest_kept is not None:
        session.execute(delete(RecurringRow).where(*undecided, RecurringRow.last_at <= oldest_kept))


def approved(session: Session) -> Mapping[str, Approved]:
    """What is approved of every source that has anything to say of it."""
    keys: dict[str, set[int]] = {}
    chosen = select(RecurringRow.source, RecurringRow.key).where(RecurringRow.state == "approved")
    for source, key in session.execute(chosen).tuples():
        keys.setdefault(source, set()).add(key)
    editions = session.execute(select(LearningRow.source, LearningRow.edition)).tuples()
    return {
        source: Approved(edition, frozenset(keys.get(source, ()))) for source, edition in editions if edition
    }


def of_source(session: Session, source: str) -> list[Recurring]:
    """The lines of a source that came twice or were decided, most articles first."""
    articles = session.scalar(select(LearningRow.articles).where(LearningRow.source == source)) or 0
    asked = select(RecurringRow).where(
        RecurringRow.source == source, (RecurringRow.articles > 1) | (RecurringRow.state != "")
    )
    rows = session.scalars(asked.order_by(RecurringRow.articles.desc(), RecurringRow.id))
    return [
        Recurring(
            row.id, row.source, row.key, _counted(row, articles), tuple(row.examples), row.state, row.decided_at
        )
        for row in rows
    ]  # fmt: skip


def _counted(row: RecurringRow, articles: int) -> Counted:
    until = row.last_at if row.state == "approved" else articles  # what is cut is no longer seen
    return Counted(
        text=row.text, articles=row.articles, of=until - row.first_at + 1, days=row.days.bit_count(),
        head=row.head, tail=row.tail, headings=row.headings,
    )  # fmt: skip


def articles_counted(session: Session) -> dict[str, int]:
    """Source -> articles whose lines were counted."""
    return dict(session.execute(select(LearningRow.source, LearningRow.articles)).tuples().all())


def decide(session: Session, source: str, ids: Iterable[int], state: str, now: datetime) -> int:
    """Approve or reject lines of a source, or neither (""); returns how many were not decided so before."""
    learning = _learning(session, source)
    asked = select(RecurringRow).where(RecurringRow.source == source, RecurringRow.id.in_(list(ids)))
    rows = [row for row in session.scalars(asked) if row.state != state]
    if any("approved" in (row.state, state) for row in rows):
        learning.edition += 1
    for row in rows:
        row.state, row.decided_at = state, now
    return len(rows)


def size(session: Session, source: str) -> int:
    """How many rows the lines of a source take."""
    return session.scalar(select(func.count()).where(RecurringRow.source == source)) or 0
