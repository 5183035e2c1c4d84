"""The archive as `reprocess` reads it: which articles are not as today's cleaner would make them, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from monitor.learnt import RULE
from monitor.model import Article, Listed, Page
from monitor.store import articles, entries, pages
from monitor.store.convert import article_from_row
from monitor.store.tables import ArticleRow, LearningRow, PageRow


@dataclass(frozen=True, slots=True)
class Stored:
    """An article as it is stored, with what is needed to make it again."""

    id: int
    entry: int
    source: str
    first_seen: datetime
    page: int
    revision: int
    cleaner: int
    learnt: (
        int | None
    )  # edition of the approved lines that are cut from it; None = its lines were never counted
    article: Article  # with its links
    listed: Listed

    @property
    def was_cut(self) -> bool:
        """Whether a learnt line was cut from it."""
        return any(removed.rule == RULE for removed in self.article.removed)

    def is_still(self, row: ArticleRow | None) -> bool:
        """Whether the row is as it was when it was read."""
        return row is not None and (row.revision, row.page, row.cleaner, row.learnt) == (
            self.revision, self.page, self.cleaner, self.learnt,
        )  # fmt: skip


def due(
    session: Session, cleaner: int, *, source: str | None = None, since: datetime | None = None
) -> list[int]:
    """Articles with a stored page that another cleaner, or other approved lines, made as they are."""
    asked = (
        select(ArticleRow.id)
        .outerjoin(LearningRow, LearningRow.source == ArticleRow.source)
        .where(
            _wanted(source, since),
            ArticleRow.page.is_not(None),
            or_(
                ArticleRow.cleaner != cleaner,
                ArticleRow.learnt.is_(None),
                ArticleRow.learnt != func.coalesce(LearningRow.edition, 0),
            ),
        )
    )
    return list(session.scalars(asked.order_by(ArticleRow.id)))


def sizes(session: Session, source: str | None = None, since: datetime | None = None) -> tuple[int, int]:
    """How many articles there are, and how many of them have no stored page to be made from."""
    asked = select(func.count(ArticleRow.id), func.count(ArticleRow.page)).where(_wanted(source, since))
    every, with_page = session.execute(asked).one()
    return every, every - with_page


def _wanted(source: str | None, since: datetime | None) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = [true()]
    if source:
        wanted.append(ArticleRow.source == source)
    if since:
        wanted.append(ArticleRow.first_seen >= since)
    return and_(*wanted)


def ids_of(session: Session, source: str) -> list[int]:
    """The articles of a source."""
    asked = select(ArticleRow.id).where(ArticleRow.source == source)
    return list(session.scalars(asked.order_by(ArticleRow.id)))


def stored(session: Session, article: int) -> Stored | None:
    """An article of this number that has a stored page."""
    row = session.get(ArticleRow, article)
    if row is None or row.page is None:
        return None
    (owed,) = entries.owed(session, [row.entry])
    whole = article_from_row(row, articles.links_from_rows(articles.links_of(session, row.id)))
    cleaned = tuple(label for label in whole.labels if label not in articles.STANDING)
    return Stored(
        id=row.id, entry=row.entry, source=row.source, first_seen=row.first_seen, page=row.page,
        revision=row.revision, cleaner=row.cleaner, learnt=row.learnt,
        article=replace(whole, labels=cleaned), listed=owed.listed,
    )  # fmt: skip


def raw_page(session: Session, page: int) -> Page:
    """A stored answer."""
    return pages.raw_page(session, session.get_one(PageRow, page))


def texts(session: Session, ids: Sequence[int]) -> list[Article]:
    """Articles without their links."""
    rows = session.scalars(select(ArticleRow).where(ArticleRow.id.in_(ids)).order_by(ArticleRow.id))
    return [article_from_row(row) for row in rows]
