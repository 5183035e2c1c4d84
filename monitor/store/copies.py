"""Which stored texts a new one may be a copy of: fingerprints, kept for as long as a text counts as an original.

Eras of five days are the first part of the index: a look-up asks seven of them, however large the archive is, and what
is older leaves at the index's front, a little with each batch. Keys come by chance: sixteen hundred of a batch touch nearly
every page of the era they are written to, so it is a small one.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from monitor.dedup import Fingerprint, keys
from monitor.store.tables import ArticleRow, FingerprintRow, SketchRow
from monitor.store.types import among, write_columns, write_rows

COPY_DAYS = 30  # a text republished later than this is news again
_ERA = timedelta(days=5)
_MOST = 50  # candidates of each sort
_FORGOTTEN = 200  # sketches and as many times 16 keys with each batch: more than a batch adds
_BEGAN = datetime(1970, 1, 1, tzinfo=UTC)
_SKETCHES: Any = SketchRow.__table__
_FINGERPRINTS: Any = FingerprintRow.__table__


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored article that may be the same text."""

    id: int
    source: str
    group: int  # the article that began its group of copies
    text_hash: str
    fingerprint: Fingerprint


def copy_window(now: datetime) -> datetime:
    """The earliest time at which a text still counts as the original of one seen now."""
    return now - timedelta(days=COPY_DAYS)


class Likely:
    """The articles stored since then that share a text or a key with any of some new ones."""

    def __init__(self, session: Session, asked: Mapping[str, Fingerprint], since: datetime) -> None:
        wanted = sorted({key for fingerprint in asked.values() for key in keys(fingerprint)})
        shares_key = _holders(session, wanted, since)
        self._by_hash: dict[str, list[Candidate]] = {}
        self._by_key: dict[int, list[Candidate]] = {}
        for each in _candidates(session, asked, shares_key, since):
            self.add(each)

    def add(self, each: Candidate) -> None:
        """One more that later ones may repeat."""
        self._by_hash.setdefault(each.text_hash, []).append(each)
        for key in keys(each.fingerprint):
            self._by_key.setdefault(key, []).append(each)

    def of(self, text_hash: str, fingerprint: Fingerprint) -> list[Candidate]:
        """Those that share this text, and those that share most keys of its fingerprint, oldest first.

        Of each the first few: where a hundred texts begin alike, the equal one must be among those looked at.
        """
        found = {each.id: each for each in self._by_hash.get(text_hash, ())[:_MOST]}
        near = [each for key in set(keys(fingerprint)) for each in self._by_key.get(key, ())]
        shared = Counter(each.id for each in near)
        by_id = {each.id: each for each in near}
        found |= {
            number: by_id[number] for number in heapq.nsmallest(_MOST, by_id, lambda n: (-shared[n], n))
        }
        return [found[number] for number in sorted(found)]


def candidates(
    session: Session, text_hash: str, fingerprint: Fingerprint, since: datetime
) -> list[Candidate]:
    """Articles indexed since then that share the text or a key of the fingerprint, oldest first."""
    return Likely(session, {text_hash: fingerprint}, since).of(text_hash, fingerprint)


def keep(session: Session, texts: Sequence[tuple[int, datetime, Fingerprint]], now: datetime) -> None:
    """Remember the fingerprints of articles that may still be copied: number, time of indexing, fingerprint.

    Of what is older some rows may be left: `forget` takes them bit by bit, and not in the order of articles.
    """
    past = _era(copy_window(now))
    kept = [(article, _era(at), made) for article, at, made in texts if _era(at) >= past]
    sketches = [{"article": article, "era": era, "sketch": made.pack()} for article, era, made in kept]
    write_rows(session, SketchRow, sketches)
    rows = [(era, key, article) for article, era, made in kept for key in sorted(set(keys(made)))]
    if rows:  # sixteen an article, of our own making: not even their types need to look at them
        write_columns(
            session, _FINGERPRINTS, dict(zip(("era", "key", "article"), zip(*rows, strict=True), strict=True))
        )


def remove(session: Session, article: int) -> None:
    """Forget an article's fingerprint."""
    row = session.get(SketchRow, article)
    if row is None:
        return
    of_row = (FingerprintRow.era == row.era, FingerprintRow.article == article)
    session.execute(
        delete(FingerprintRow).where(*of_row, FingerprintRow.key.in_(keys(Fingerprint.unpack(row.sketch))))
    )
    session.delete(row)
    session.flush()


def forget(session: Session, now: datetime) -> None:
    """Delete some of what no new text can be a copy of any more."""
    past = _era(copy_window(now))
    connection = session.connection()
    old = select(_SKETCHES.c.article).where(_SKETCHES.c.era < past).limit(_FORGOTTEN)
    connection.execute(delete(_SKETCHES).where(_SKETCHES.c.article.in_(old)))
    first = connection.scalar(select(func.min(_FINGERPRINTS.c.era)))
    if first is None or first >= past:
        return
    of_era = _FINGERPRINTS.c.era == first
    ahead = select(_FINGERPRINTS.c.key).where(of_era).order_by(_FINGERPRINTS.c.key)
    until = connection.scalar(ahead.offset(_FORGOTTEN * 16).limit(1))
    part = of_era if until is None else of_era & (_FINGERPRINTS.c.key < until)
    connection.execute(delete(_FINGERPRINTS).where(part))


def _era(at: datetime) -> int:
    return (at - _BEGAN) // _ERA


def _holders(session: Session, wanted: Sequence[int], since: datetime) -> set[int]:
    """Articles that hold one of these keys."""
    newest = session.scalar(select(func.max(FingerprintRow.era)))
    if newest is None:
        return set()
    eras = range(max(_era(since), newest - timedelta(days=COPY_DAYS) // _ERA - 1), newest + 1)
    of_eras = among(session, FingerprintRow.era, list(eras))
    held = select(FingerprintRow.article).where(of_eras, among(session, FingerprintRow.key, wanted))
    return set(session.scalars(held))


def _candidates(
    session: Session, asked: Mapping[str, Fingerprint], shares_key: set[int], since: datetime
) -> Iterable[Candidate]:
    columns = (ArticleRow.id, ArticleRow.source, ArticleRow.copies_of, ArticleRow.text_hash, SketchRow.sketch)
    recent = select(*columns).outerjoin(SketchRow, SketchRow.article == ArticleRow.id)
    recent = recent.where(ArticleRow.indexed_at >= since)
    # by its number where it shares a key: its own index on the time would be walked for weeks
    parts = [
        among(session, ArticleRow.text_hash, list(asked)),
        among(session, ArticleRow.id, sorted(shares_key)),
    ]
    found = {row.id: row for part in parts for row in session.execute(recent.where(part))}
    for number in sorted(found):
        row = found[number]
        # an equal text has an equal fingerprint, where its own is forgotten
        made = asked.get(row.text_hash, _NONE) if row.sketch is None else Fingerprint.unpack(row.sketch)
        yield Candidate(row.id, row.source, row.copies_of or row.id, row.text_hash, made)


_NONE = Fingerprint((), (), 0, 0)
