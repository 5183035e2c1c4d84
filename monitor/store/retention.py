"""Less of what is old: raw pages dropped, articles cut, articles purged, each leaving word that it was there.

The addresses of a purged article stay as tombstones, and its entry as a refusal: neither a listing, nor a backfill, nor
another page that names itself so brings it back.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, cast, delete, func, literal, or_, select, update
from sqlalchemy import Text as AnyText
from sqlalchemy.orm import Session

from monitor.model import Article, Outcome
from monitor.store import convert, copies, facets, pages, search_index
from monitor.store.articles import show_best
from monitor.store.tables import (
    ArticleRow,
    DraftRow,
    EntryRow,
    LinkRow,
    MentionRow,
    PageRow,
    RereadingRow,
    RevisionRow,
    SourceRow,
    TombstoneRow,
    WatchRow,
)
from monitor.store.types import among


def sources(session: Session) -> list[tuple[str, str, str]]:
    """Every source that something is stored of, with its kind, and its `keep` as the settings last had it."""
    asked = select(SourceRow.id, SourceRow.kind, SourceRow.keep).order_by(SourceRow.id)
    return [(row.id, row.kind, row.keep) for row in session.execute(asked)]


def of(session: Session, source: str, before: datetime, *, not_yet: Sequence[str] = ()) -> list[int]:
    """Articles of a source first seen before then; not those that a label says are cut so far already."""
    asked = select(ArticleRow.id).where(ArticleRow.source == source, ArticleRow.first_seen < before)
    if not_yet:
        labels = cast(ArticleRow.labels, AnyText)
        asked = asked.where(*(labels.not_like(f"%{label}%") for label in not_yet))
    return list(session.scalars(asked.order_by(ArticleRow.id)))


def pages_of(session: Session, source: str, before: datetime) -> list[int]:
    """Raw pages of a source fetched before then, those that wait to be settled left out."""
    asked = select(PageRow.id).join(EntryRow, EntryRow.id == PageRow.entry)
    waiting = select(DraftRow.page).where(DraftRow.page.is_not(None))
    asked = asked.where(EntryRow.source == source, PageRow.fetched_at < before, PageRow.id.not_in(waiting))
    return list(session.scalars(asked.order_by(PageRow.id)))


def texts_of(session: Session, source: str, before: datetime, *, summaries: bool) -> list[int]:
    """Answered entries of a source, first seen before then, that still hold a text, or a summary, of their listing."""
    holds = [EntryRow.feed_text != "", *([EntryRow.summary != ""] if summaries else [])]
    asked = select(EntryRow.id).where(
        EntryRow.source == source, EntryRow.first_seen < before, EntryRow.next_try.is_(None),
        EntryRow.outcome != Outcome.PENDING.value, or_(*holds), EntryRow.id.not_in(select(DraftRow.entry)),
    )  # fmt: skip
    return list(session.scalars(asked.order_by(EntryRow.id)))


def forget_texts(session: Session, ids: Sequence[int], *, summaries: bool) -> None:
    """Forget what listings said of these entries, but for their titles and times."""
    kept = {"feed_text": "", **({"summary": ""} if summaries else {})}
    session.execute(update(EntryRow).where(EntryRow.id.in_(ids)).values(**kept))


def drop_pages(session: Session, ids: Sequence[int]) -> None:
    """Forget raw pages; those that were compressed with one of them are made to stand alone."""
    pages.stand_alone(session, ids)
    for column in (ArticleRow.page, RevisionRow.page, SourceRow.base):
        session.execute(update(column.class_).where(column.in_(ids)).values({column.key: None}))
    session.execute(delete(PageRow).where(PageRow.id.in_(ids)))


def article(session: Session, number: int) -> Article | None:
    """An article without its links, for a person to cut; nobody else's until the transaction ends."""
    row = session.get(ArticleRow, number, with_for_update=True, populate_existing=True)
    return convert.article_from_row(row) if row is not None else None


def cut(session: Session, number: int, to: Article) -> None:
    """Keep less of an article: its shorter text is what is found, its earlier texts and raw pages go.

    Its number, its place in time, its links, its terms and what it is compared by stay.
    """
    row = session.get_one(ArticleRow, number)
    search_index.remove(session, row.id, row.title, row.text)
    facets.remove(session, row)
    known_as = row.url
    convert.article_onto_row(to, row)
    row.url, row.removed = known_as, []
    session.flush()
    facets.add(session, row)
    search_index.add(session, row.id, row.title, row.text)
    session.execute(delete(RevisionRow).where(RevisionRow.article == number))
    session.execute(delete(WatchRow).where(WatchRow.article == number))  # or its whole text would come back
    drop_pages(session, _pages_of_entry(session, row.entry))


def purge(session: Session, number: int, why: str, now: datetime) -> bool:
    """Forget an article and all that hangs on it; its addresses stay, so that it does not come back."""
    row = session.get(ArticleRow, number, with_for_update=True, populate_existing=True)
    if row is None:
        return False
    entry = session.get_one(EntryRow, row.entry)
    for key in {row.url_key, entry.url_key}:
        session.merge(TombstoneRow(url_key=key, article=number, purged_at=now, why=why))
    search_index.remove(session, row.id, row.title, row.text)
    facets.remove(session, row)
    session.execute(update(LinkRow).where(LinkRow.target == number).values(target=None))
    session.execute(update(EntryRow).where(EntryRow.same_as == number).values(same_as=None))
    group = _hand_over(session, row)
    raw = _pages_of_entry(session, row.entry)
    copies.remove(session, number)
    for hanging in (LinkRow, MentionRow, RevisionRow, WatchRow, RereadingRow):
        session.execute(delete(hanging).where(hanging.article == number))
    session.execute(delete(ArticleRow).where(ArticleRow.id == number))
    session.expunge(row)
    drop_pages(session, raw)
    entry.outcome, entry.why, entry.next_try = Outcome.REFUSED.value, why, None
    entry.summary = entry.feed_text = ""
    session.flush()
    if group is not None:
        show_best(session, group)
    return True


def _hand_over(session: Session, row: ArticleRow) -> int | None:
    """The group of copies goes on without this one; returns the article that it is named by now, if any is left."""
    if row.copies_of is not None:
        return row.copies_of
    members = list(
        session.scalars(select(ArticleRow.id).where(ArticleRow.copies_of == row.id).order_by(ArticleRow.id))
    )
    if not members:
        return None
    first = members[0]
    session.execute(update(ArticleRow).where(ArticleRow.id.in_(members[1:])).values(copies_of=first))
    session.execute(update(ArticleRow).where(ArticleRow.id == first).values(copies_of=None))
    session.execute(update(EntryRow).where(EntryRow.same_as == row.id).values(same_as=first))
    return first


def _pages_of_entry(session: Session, entry: int) -> list[int]:
    return list(session.scalars(select(PageRow.id).where(PageRow.entry == entry)))


def buried(session: Session, url_keys: Sequence[str]) -> dict[str, str]:
    """Those of the addresses whose article was purged, each with why."""
    asked = select(TombstoneRow.url_key, TombstoneRow.why)
    return dict(session.execute(asked.where(among(session, TombstoneRow.url_key, url_keys))).tuples().all())


def count(session: Session) -> int:
    """How many addresses are kept as tombstones."""
    asked: Select[tuple[int]] = select(func.count(literal(1))).select_from(TombstoneRow)
    return session.scalar(asked) or 0
