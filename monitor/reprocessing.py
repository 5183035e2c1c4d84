"""Cleaning the archive again: stored pages, today's cleaner, today's approved boilerplate.

    due        the articles that would come out otherwise today
    reprocess  each is cleaned from its stored page and gets its new text, in a transaction of its own

An article keeps its number, its address and its place in time; nobody is alerted. What cannot be made again as
well as it was, is kept as it was, with the reason. Whoever stops it, or kills it, begins it again: an article says
itself what made it. Beside a running round it takes turns, a transaction each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Any

from monitor import answers, clean, learnt, urls
from monitor.answers import Denied, as_lead
from monitor.desk import Desk
from monitor.errors import CleaningFailed, Refused, RowRejected, Unreadable, a_bug
from monitor.model import Article, Page, utc_now
from monitor.revising import SHRUNK, kept_on_topic
from monitor.settling import count_lines, judged, repeats_itself
from monitor.sources import Source
from monitor.sources.loading import load
from monitor.store import archive, articles, copies, rounds
from monitor.store import learnt as lines
from monitor.store.archive import Stored
from monitor.store.articles import Settled
from monitor.store.database import Session, reading, savepoint, writing
from monitor.store.learnt import Approved
from monitor.store.tables import ArticleRow

MOST_TOLD = 1_000  # articles named in a report
_COMPARED = (
    "title", "blocks", "authors", "published", "section", "language", "lead_image", "wire", "kind", "labels",
)  # fmt: skip

Watch = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Told:
    """One article of a report."""

    article: int
    url: str
    words: int  # as stored before
    words_now: int
    why: str  # of one that was kept: the reason


@dataclass(slots=True)
class Report:
    """What became of the articles that were due."""

    looked_at: int = 0
    cleaned: int = 0  # made again from their pages; the others hold none of the lines that were decided
    same: int = 0
    changed: int = 0
    unreadable: int = 0  # no article can be made of the page now: kept as it was
    shrunk: int = 0  # next to nothing would be left: kept as it was
    failed: int = 0  # a fault of ours: kept as it was
    busy: int = 0  # a round gave it a newer text meanwhile
    changes: list[Told] = field(default_factory=list)
    kept: list[Told] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        """The counts for a program."""
        names = ("looked_at", "cleaned", "changed", "same", "unreadable", "shrunk", "failed", "busy")
        return {name: getattr(self, name) for name in names}

    def sentence(self, *, dry_run: bool = False) -> str:
        """The counts in one line."""
        articles = f"{self.cleaned:,} article{'' if self.cleaned == 1 else 's'}"
        words = [f"{articles} {'would be ' if dry_run else ''}cleaned again: {self.changed:,} changed"]
        words += [f"{self.same:,} as before"] if self.same else []
        words += [f"{self.unreadable:,} unreadable now"] if self.unreadable else []
        words += [f"{self.shrunk:,} shrunk (--accept-shrunk takes them)"] if self.shrunk else []
        words += [f"{self.failed:,} failed"] if self.failed else []
        words += [f"{self.busy:,} got a newer text meanwhile"] if self.busy else []
        return ", ".join(words)

    def add(self, other: "Report") -> None:
        """Take the counts of another batch."""
        for name, number in other.facts().items():
            setattr(self, name, getattr(self, name) + number)
        self.changes = [*self.changes, *other.changes][:MOST_TOLD]
        self.kept = [*self.kept, *other.kept][:MOST_TOLD]


@dataclass(frozen=True, slots=True)
class Manner:
    """How to go about it."""

    dry_run: bool = False  # nothing is written
    accept_shrunk: bool = False  # take a text also when next to nothing is left of the old one


PLAIN = Manner()


def _unwatched(_done: int, _of: int) -> None:
    """Nobody waits."""


def due(desk: Desk, *, source: str | None = None, since: datetime | None = None) -> list[int]:
    """Numbers of the articles to be cleaned again."""
    with reading(desk.database) as session:
        return archive.due(session, clean.VERSION, source=source, since=since)


def holding(desk: Desk, source: str, keys: frozenset[int]) -> int:
    """How many stored articles of a source hold one of these lines."""
    with reading(desk.database) as session:
        ids = archive.ids_of(session, source)
        found = 0
        for start in range(0, len(ids), 200):
            for article in archive.texts(session, ids[start : start + 200]):
                found += any(line.key in keys for line in learnt.lines_of(article.blocks))
            session.expunge_all()  # the archive is larger than the memory
        return found


def reprocess(
    desk: Desk, ids: Sequence[int], stop: Event, manner: Manner = PLAIN, watch: Watch = _unwatched
) -> Report:
    """Clean these articles again, one transaction each, until stopped."""
    report = Report()
    sources = {source.id: source for source in load(desk.settings)}  # those switched off have articles too
    with reading(desk.database) as session:
        approved = lines.approved(session)
    for done, article in enumerate(ids, 1):
        if stop.is_set():
            break
        with reading(desk.database) as session:
            stored = archive.stored(session, article)
        if stored is not None:
            _one(desk, stored, sources, approved.get(stored.source, Approved()), manner, report)
        watch(done, len(ids))
    return report


def _one(
    desk: Desk, stored: Stored, sources: Mapping[str, Source], approved: Approved, manner: Manner, report: Report
) -> None:  # fmt: skip
    report.looked_at += 1
    settled: Settled | None = None
    try:
        if not _untouched(stored, approved):
            report.cleaned += 1
            settled = _made_again(desk, stored, sources, approved)
    except (Refused, Unreadable) as error:
        report.unreadable += 1
        report.kept.append(_told(stored, stored.article.words, str(error)))
        return
    except Exception as error:  # noqa: BLE001  a bug of ours over one page must not end the work
        report.failed += 1
        fault = str(error) if isinstance(error, CleaningFailed) else a_bug(error)
        report.kept.append(_told(stored, stored.article.words, fault))
        return
    words = settled.article.words if settled else stored.article.words
    if words * SHRUNK < stored.article.words and not (words and manner.accept_shrunk):
        report.shrunk += 1
        report.kept.append(
            _told(stored, words, f"would shrink from {stored.article.words:,} to {words:,} words")
        )
        return
    changed = settled is not None and differs(stored.article, settled.article)
    if not manner.dry_run:
        why = _keep(desk, stored, settled, approved.edition, changed=changed)
        if why is not None:
            _not_kept(report, stored, why)
            return
    report.changed += changed
    report.same += settled is not None and not changed
    if changed:
        report.changes.append(_told(stored, words, ""))


def _not_kept(report: Report, stored: Stored, why: str) -> None:
    report.busy += not why
    report.failed += bool(why)
    if why:
        report.kept.append(_told(stored, stored.article.words, why))


def _told(stored: Stored, words: int, why: str) -> Told:
    return Told(stored.id, stored.article.url, stored.article.words, words, why)


def _untouched(stored: Stored, approved: Approved) -> bool:
    """Whether only the approved lines changed since it was made, and none of them is its concern."""
    if stored.cleaner != clean.VERSION or stored.learnt is None or stored.was_cut:
        return False
    return not any(line.key in approved.keys for line in learnt.lines_of(stored.article.blocks))


def _made_again(desk: Desk, stored: Stored, sources: Mapping[str, Source], approved: Approved) -> Settled:
    """The article of a stored page, as a round would make it today."""
    source = sources.get(stored.source)
    if source is None:
        raise Refused(
            f"{stored.source} is in no settings file any more, so its pages cannot be read as its own"
        )
    with reading(desk.database) as session:
        page = archive.raw_page(session, stored.page)
    article = answers.believed(_cleaned(desk, page, stored, source), page.fetched_at)
    article = learnt.without(article, approved.keys)
    settled = judged(
        desk, article, source, entry=stored.entry, page=stored.page, cleaner=clean.VERSION,
        source_id=stored.source, first_seen=stored.first_seen, edition=approved.edition,
    )  # fmt: skip
    return kept_on_topic(settled)


def _cleaned(desk: Desk, page: Page, stored: Stored, source: Source) -> Article:
    verdict = answers.judge_status(page, tries=0, first_seen=stored.first_seen)
    if isinstance(verdict, Denied):
        return clean.from_listing(stored.listed, source, why=verdict.why)
    if verdict is not None:
        raise Unreadable(verdict.why)
    return as_lead(desk.cleaners.clean(page, stored.listed, source), page, source)


def differs(stored: Article, made: Article) -> bool:
    """Whether a reader would notice; its address is its identity and not compared."""
    if any(getattr(stored, name) != getattr(made, name) for name in _COMPARED):
        return True
    own = urls.key(stored.url)
    ours, theirs = ({articles.target_key(link) for link in each.links} - {own} for each in (stored, made))
    return ours != theirs


def _keep(desk: Desk, stored: Stored, settled: Settled | None, edition: int, *, changed: bool) -> str | None:
    """Write one article's new text, or that it needs none; returns why not, "" when a round was quicker."""
    now = utc_now()
    try:
        with writing(desk.database) as session:
            rounds.take_turn(session, now)
            row = articles.locked(session, stored.id)
            if row is None or not stored.is_still(row):
                return ""
            with savepoint(session):
                if settled is not None and (changed or _judged_anew(row, settled)):
                    articles.renew(session, row, settled, now=now)
                row.cleaner, row.learnt = clean.VERSION, edition
                if settled is not None and stored.learnt is None:
                    _count(session, stored, settled)
    except RowRejected as error:
        return str(error)
    return None


def _judged_anew(row: ArticleRow, settled: Settled) -> bool:
    """Whether it reads the same, but counts for more or less, or is cut by other rules."""
    removed = [[removed.rule, removed.text] for removed in settled.article.removed]
    return (row.points, row.tier, row.removed) != (
        settled.judgement.points, settled.judgement.tier.value, removed,
    )  # fmt: skip


def _count(session: Session, stored: Stored, settled: Settled) -> None:
    """Count the lines of an article that was stored before lines were counted."""
    since = copies.copy_window(stored.first_seen)
    found = copies.candidates(session, settled.text_hash, settled.fingerprint, since)
    if not repeats_itself([each for each in found if each.id < stored.id], settled):
        count_lines(session, stored.id, settled, learnt.lines_of(settled.article.blocks))
