"""What is remembered of feeds, the states of sources and their changes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.health import Judged, Memory, Signs, State, judge, worst
from monitor.store.tables import ArticleRow, ChangeRow, EntryRow, FeedRow, SourceRow
from monitor.store.types import among


def memory_of(row: FeedRow) -> Memory:
    """What a feed's listings told so far."""
    return Memory(
        title=row.title, host=row.host, now_title=row.now_title, now_host=row.now_host,
        newest_at=row.newest_at, oldest_at=row.oldest_at,
        covers=None if row.covers is None else timedelta(seconds=row.covers),
        fresh_at=row.fresh_at, lines_hash=row.lines_hash, changed_at=row.changed_at, lines=row.lines,
        gap_from=row.gap_from, gap_to=row.gap_to,
        rhythm=tuple((int(day), int(seconds)) for day, seconds in row.rhythm),
    )  # fmt: skip


def remember(row: FeedRow, memory: Memory) -> None:
    """Write what memory_of reads."""
    row.title, row.host, row.now_title, row.now_host = (
        memory.title, memory.host, memory.now_title, memory.now_host,
    )  # fmt: skip
    row.newest_at, row.oldest_at = memory.newest_at, memory.oldest_at
    row.covers = None if memory.covers is None else int(memory.covers.total_seconds())
    row.fresh_at, row.changed_at = memory.fresh_at, memory.changed_at
    row.lines_hash, row.lines = memory.lines_hash, memory.lines
    row.gap_from, row.gap_to = memory.gap_from, memory.gap_to
    row.rhythm = [list(day) for day in memory.rhythm]


def signs_of(row: FeedRow, siblings: Iterable[FeedRow], silence: timedelta) -> Signs:
    """What a feed's state is judged from; its siblings are all feeds of its source."""
    return Signs(
        source_fresh_at=max((each.fresh_at for each in siblings if each.fresh_at), default=None),
        source=row.source, answer=row.answer, failures=row.failures, failing_since=row.failing_since,
        problem=row.problem, answered_at=row.answered_at, silence=silence, memory=memory_of(row),
    )  # fmt: skip


def seen_before(session: Session, keys: Iterable[str]) -> Mapping[str, datetime]:
    """When lines were first seen, by the key of their URL; those never seen are missing.

    What came with a first poll is as old as it says: the whole listing was new to us then.
    """
    wanted = list(dict.fromkeys(keys))
    articles = select(ArticleRow.url_key, ArticleRow.first_seen)
    articles = articles.where(among(session, ArticleRow.url_key, wanted))
    seen = dict(session.execute(articles).tuples().all())
    entries = select(EntryRow.url_key, EntryRow.first_seen, EntryRow.published, EntryRow.first_poll)
    entries = entries.where(among(session, EntryRow.url_key, wanted))
    for key, first_seen, published, first_poll in session.execute(entries).tuples():
        dated = first_poll and published is not None
        seen[key] = min(published, first_seen) if dated and published else first_seen
    return seen


def judge_sources(session: Session, silences: Mapping[str, timedelta], now: datetime) -> dict[str, Judged]:
    """How sources do, by what their feeds' rows say now; NEW until each of them was asked.

    Args:
        silences: each source's own threshold of silence.
    """
    asked = select(FeedRow).where(FeedRow.source.in_(silences), FeedRow.active).order_by(FeedRow.id)
    rows: dict[str, list[FeedRow]] = {source: [] for source in silences}
    for row in session.scalars(asked):
        rows[row.source].append(row)
    return {source: _judged(rows[source], silence, now) for source, silence in silences.items()}


def _judged(rows: Sequence[FeedRow], silence: timedelta, now: datetime) -> Judged:
    if not all(row.answer for row in rows):
        return Judged(State.NEW)
    judged = []
    for row in rows:
        one = judge(signs_of(row, rows, silence), now)
        named = one.why if len(rows) == 1 or not one.why else f"{row.url}: {one.why}"
        judged.append(Judged(one.state, named))
    return worst(judged)


def change_states(
    session: Session, judged: Mapping[str, Judged], *, round_id: int, now: datetime
) -> list[ChangeRow]:
    """Write sources' states; returns the changes of those that are another than before."""
    changes = []
    for row in session.scalars(select(SourceRow).where(SourceRow.id.in_(judged)).order_by(SourceRow.id)):
        now_so = judged[row.id]
        if now_so.state is State.NEW:
            continue
        row.state_why = now_so.why
        if row.state == now_so.state:
            continue
        changes.append(
            ChangeRow(
                source=row.id,
                round=round_id,
                at=now,
                before=row.state,
                after=now_so.state.value,
                why=now_so.why,
            )
        )
        row.state, row.state_since = now_so.state.value, now
    session.add_all(changes)
    session.flush()
    return changes


def accept(session: Session, source: str) -> list[str]:
    """A person takes a source's feeds as they are: who they answer as, and their gaps as closed.

    Returns:
        What was accepted, one sentence for each.
    """
    told = []
    for row in session.scalars(select(FeedRow).where(FeedRow.source == source).order_by(FeedRow.id)):
        if (row.title, row.host) != (row.now_title, row.now_host) and row.now_host:
            told.append(f'{row.url} is known as "{row.now_title}" at {row.now_host} from now on')
            row.title, row.host = row.now_title, row.now_host
        if row.gap_from and row.gap_to:
            told.append(f"{row.url}: the gap from {row.gap_from:%Y-%m-%d %H:%M} is closed")
            row.gap_from = row.gap_to = None
    return told


def close_gaps(session: Session, source: str, since: datetime, until: datetime) -> int:
    """A backfill found all that a source published from since to until: gaps within that time are closed."""
    rows = session.scalars(
        select(FeedRow).where(FeedRow.source == source, FeedRow.gap_from >= since, FeedRow.gap_to <= until)
    ).all()
    for row in rows:
        row.gap_from = row.gap_to = None
    return len(rows)
