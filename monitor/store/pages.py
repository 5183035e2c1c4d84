"""Raw answers: each body once, compressed, with what was asked and what was answered.

Pages of one outlet share most of their markup, so a body is compressed with an earlier page of its source as the
dictionary, its base: half the bytes on real pages (`python -m bench.raw_pages`). A base is itself kept without one, so
that two rows at most give a body back. Where a base no longer helps, as after a redesign, the newest page becomes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import zstandard
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from monitor.errors import StoreFailed
from monitor.model import Page
from monitor.store.tables import EntryRow, PageRow, SourceRow

LEAST = 4_000  # bytes: smaller bodies are no base and get none
PAYS = 0.8  # of its size alone that a body may take with its base
_LEVEL = 3  # level 9 saves a tenth more and takes three times as long


def keep_page(session: Session, entry: int, page: Page) -> int:
    """Keep a raw answer; one that is as its entry's newest keeps the row that is there.

    A body that comes again after another one gets a row of its own: when it came back, and what was asked and answered
    then, is evidence too.

    Returns:
        The page's number.
    """
    digest = sha256(page.body).hexdigest()
    newest = _said(session, PageRow.entry == entry, newest=True)
    if newest is not None and newest[1:] == (digest, page.status):
        return newest[0]
    row = PageRow(
        entry=entry, address=page.url, final_url=page.final_url, status=page.status,
        headers=dict(page.headers), asked=dict(page.asked), fetched_at=page.fetched_at,
        sha256=digest, size=len(page.body),
    )  # fmt: skip
    same = _said(session, PageRow.sha256 == digest) if page.body else None
    if same is not None:
        row.body, row.base = b"", same[0]
    else:
        _compress(session, row, page.body)
    session.add(row)
    session.flush()
    if row.base is None and row.size >= LEAST and row.status == 200:
        source = session.get(SourceRow, session.scalar(select(EntryRow.source).where(EntryRow.id == entry)))
        if source is not None:
            source.base = row.id
    return row.id


def _said(session: Session, of: ColumnElement[bool], *, newest: bool = False) -> tuple[int, str, int] | None:
    """Number, hash and status of the first page of these, or of the last; not its body."""
    asked = select(PageRow.id, PageRow.sha256, PageRow.status).where(of)
    in_order = PageRow.id + 0  # not by id itself: a planner might walk the whole table for the one row
    first = asked.order_by(in_order.desc() if newest else in_order).limit(1)
    return session.execute(first).tuples().one_or_none()


def same_answer(session: Session, one: int | None, other: int | None) -> bool:
    """Whether two pages are one answer, at whatever times it came."""
    if one is None or one == other:
        return one is not None
    asked = select(PageRow.sha256, PageRow.status).where(PageRow.id.in_((one, other)))
    answers = session.execute(asked).tuples().all()
    return len(answers) == 2 and answers[0] == answers[1]


class PageDamaged(StoreFailed):
    """The body of a raw page cannot be read any more; the database may be well but for it."""


def raw_page(session: Session, row: PageRow) -> Page:
    """The answer that keep_page kept.

    Raises:
        PageDamaged: its body, or that of its base, cannot be unpacked.
    """
    try:
        body = _body(session, row)
    except (zstandard.ZstdError, TypeError) as error:
        raise PageDamaged(f"raw page {row.id} is damaged: {error}") from error
    return Page(row.address, row.final_url, row.status, body, row.fetched_at, row.headers, row.asked)


@dataclass(frozen=True, slots=True)
class Kept:
    """A raw answer with what is known of it."""

    page: Page
    source: str
    title: str  # in the listing


def ids(
    session: Session, *, source: str | None = None, since: datetime | None = None, without: Sequence[str] = ()
) -> list[int]:
    """The numbers of the pages kept, oldest first, but for those of some sources."""
    asked = select(PageRow.id).join(EntryRow, EntryRow.id == PageRow.entry).order_by(PageRow.id)
    if without:
        asked = asked.where(EntryRow.source.not_in(without))
    if source:
        asked = asked.where(EntryRow.source == source)
    if since:
        asked = asked.where(PageRow.fetched_at >= since)
    return list(session.scalars(asked))


def kept(session: Session, number: int) -> Kept | None:
    """The page of this number; None when it is gone."""
    row = session.get(PageRow, number)
    entry = session.get(EntryRow, row.entry) if row is not None else None
    if row is None or entry is None:
        return None
    return Kept(raw_page(session, row), entry.source, entry.title)


def stand_alone(session: Session, ids: Sequence[int]) -> None:
    """Give the pages that are compressed with one of these, and are none of them, whole bodies of their own."""
    users = select(PageRow).where(PageRow.base.in_(ids), PageRow.id.not_in(ids)).order_by(PageRow.id)
    for row in session.scalars(users).all():
        row.body, row.base = zstandard.compress(_body(session, row), _LEVEL), None
    session.flush()


def _compress(session: Session, row: PageRow, body: bytes) -> None:
    row.body, row.base = zstandard.compress(body, _LEVEL), None
    if len(body) < LEAST:
        return
    asked = select(SourceRow.base).join(EntryRow, EntryRow.source == SourceRow.id)
    number = session.scalar(asked.where(EntryRow.id == row.entry))
    base = session.get(PageRow, number) if number is not None else None
    if base is None or base.base is not None or not base.body:
        return
    before = _alone(base)
    window = zstandard.ZstdCompressionParameters.from_level(_LEVEL, source_size=len(body) + len(before))
    near = zstandard.ZstdCompressor(dict_data=_dictionary(before), compression_params=window).compress(body)
    if len(near) < PAYS * len(row.body):
        row.body, row.base = near, base.id


def _body(session: Session, row: PageRow) -> bytes:
    if row.base is None:
        return _alone(row)
    base = session.get_one(PageRow, row.base)
    if not row.body:  # the same body as its base's
        return _body(session, base)
    reader = zstandard.ZstdDecompressor(dict_data=_dictionary(_alone(base)))
    return reader.decompress(row.body, max_output_size=row.size)


def _alone(row: PageRow) -> bytes:
    return zstandard.decompress(row.body, max_output_size=row.size)


def _dictionary(body: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(body, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
