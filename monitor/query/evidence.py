"""What an evidence pack holds of an article beside itself: every text it had, and the raw pages they came from."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.model import Page
from monitor.query.revisions import Version, edited
from monitor.store import pages
from monitor.store.tables import ArticleRow, PageRow, RevisionRow


@dataclass(frozen=True, slots=True)
class Past:
    """The texts of an article, oldest first, and the numbers of its raw pages in the order of their fetching."""

    versions: tuple[Version, ...]
    pages: tuple[int, ...]


def past(session: Session, article: int) -> Past | None:
    """What is kept of an article; None when it is gone."""
    found = edited(session, str(article))
    if found is None:
        return None
    own = select(ArticleRow.page).where(ArticleRow.id == article)
    earlier = select(RevisionRow.page).where(RevisionRow.article == article)
    numbers = {number for number in session.scalars(own.union(earlier)) if number is not None}
    kept = select(PageRow.id).where(PageRow.id.in_(numbers)).order_by(PageRow.fetched_at, PageRow.id)
    return Past(found.versions, tuple(session.scalars(kept)))


def page(session: Session, number: int) -> Page | None:
    """A raw page; None when it is gone."""
    kept = pages.kept(session, number)
    return kept.page if kept else None
