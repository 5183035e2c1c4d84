"""Keeping less of what is old, by source and kind, and no more of anything than its source allows.

    purge      raw pages dropped, articles cut to an excerpt or to their metadata, articles purged, oldest first

In slices of a transaction each, a round's turn respected in between, so that rounds and readers go on. Whoever stops it
begins it again: an article says itself how much of it is kept.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from typing import Any

from monitor.config import Retention
from monitor.model import utc_now
from monitor.rights import allowed, cut_label
from monitor.sources import Source
from monitor.store import retention, rounds
from monitor.store.database import Database, Session, reading, transact

SLICE = 50  # articles in a transaction: their search index is written anew
ROWS = 500  # rows that need no more than a DELETE or an UPDATE

Watch = Callable[[int, int], None]


def _unwatched(_done: int, _of: int) -> None:
    """Nobody waits."""


@dataclass(slots=True)
class Report:
    """What was kept less of."""

    pages: int = 0  # raw pages dropped
    excerpts: int = 0  # articles cut to an excerpt
    metadata: int = 0  # articles cut to their metadata
    purged: int = 0  # articles forgotten but for their addresses
    listings: int = 0  # entries whose listing's text was forgotten

    def facts(self) -> dict[str, Any]:
        """The counts for a program."""
        return {name: getattr(self, name) for name in ("pages", "excerpts", "metadata", "purged", "listings")}

    def sentence(self, *, dry_run: bool = False) -> str:
        """The counts in one line."""
        would = "would be " if dry_run else ""
        return (
            f"{self.purged:,} articles {would}purged, {self.excerpts:,} cut to an excerpt, {self.metadata:,} to"
            f" metadata; {self.pages:,} raw pages and the texts of {self.listings:,} listings dropped"
        )


def rule_for(rules: Sequence[Retention], source: str, kind: str) -> Retention:
    """The first rule that fits a source; without one everything is kept for ever."""
    fits = (rule for rule in rules if rule.source in ("", source) and rule.kind in ("", kind))
    return next(fits, Retention())


@dataclass(frozen=True, slots=True)
class _Step:
    """Something to be done to some rows of one source."""

    count: str  # the report's field
    ids: list[int]
    size: int  # rows in a transaction
    do: Callable[[Session, Sequence[int]], None]


def purge(
    database: Database, known: Mapping[str, Source], rules: Sequence[Retention], now: datetime, stop: Event,
    *, dry_run: bool = False, watch: Watch = _unwatched,
) -> Report:  # fmt: skip
    """Keep less, as the rules and the sources say.

    Args:
        known: every source that the settings name, also those that are switched off.
    """
    report = Report()
    with reading(database) as session:
        stored = retention.sources(session)
    for done, (name, kind, keep) in enumerate(stored, 1):
        source = known.get(name)
        rule = rule_for(rules, name, source.kind.value if source else kind)
        for step in _steps(database, name, rule, source.keep if source else keep, now):
            for start in range(0, len(step.ids), step.size):
                if stop.is_set():
                    return report
                part = step.ids[start : start + step.size]
                if not dry_run:
                    transact(database, partial(_in_turn, step=step, part=part))
                setattr(report, step.count, getattr(report, step.count) + len(part))
        watch(done, len(stored))
    return report


def _in_turn(session: Session, step: _Step, part: Sequence[int]) -> None:
    rounds.take_turn(session, utc_now())
    step.do(session, part)


def _steps(database: Database, source: str, rule: Retention, keep: str, now: datetime) -> Iterator[_Step]:
    """What is to be done to a source, the farthest first: what is purged need not be cut before."""

    def before(days: int | None, *, at_once: bool = False) -> datetime | None:
        if at_once:
            return now + timedelta(days=1)  # whatever its age
        return now - timedelta(days=days) if days is not None else None

    gone = before(rule.days)
    metadata = before(rule.excerpt_days, at_once=keep == "metadata")
    excerpt = before(rule.full_days, at_once=keep == "excerpt")
    raw = before(rule.raw_days, at_once=keep != "full")
    if gone:
        why = f"purged on {now:%Y-%m-%d}: older than {rule.days:,} days (retention in the settings)"
        with reading(database) as session:
            ids = retention.of(session, source, gone)
        yield _Step("purged", ids, SLICE, partial(_purge, why=why, now=now))
    for level, cutoff, labels in (
        ("metadata", metadata, (cut_label("metadata"),)),
        ("excerpt", excerpt, (cut_label("metadata"), cut_label("excerpt"))),
    ):
        if cutoff:
            with reading(database) as session:
                ids = retention.of(session, source, cutoff, not_yet=labels)
            yield _Step("excerpts" if level == "excerpt" else level, ids, SLICE, partial(_cut, keep=level))
    if raw:
        with reading(database) as session:
            ids = retention.pages_of(session, source, raw)
        yield _Step("pages", ids, SLICE, retention.drop_pages)
    for cutoff, summaries in ((gone or metadata, True), (excerpt, False)):
        if cutoff:
            with reading(database) as session:
                ids = retention.texts_of(session, source, cutoff, summaries=summaries)
            yield _Step("listings", ids, ROWS, partial(retention.forget_texts, summaries=summaries))


def _purge(session: Session, ids: Sequence[int], why: str, now: datetime) -> None:
    for number in ids:
        retention.purge(session, number, why, now)


def _cut(session: Session, ids: Sequence[int], keep: str) -> None:
    for number in ids:
        article = retention.article(session, number)
        if article is not None:
            retention.cut(session, number, allowed(article, keep))
