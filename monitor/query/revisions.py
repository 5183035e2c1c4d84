"""The texts that an article had, and what changed from one to the other: for `diff` and for alerts about edits."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor import edits, urls
from monitor.edits import Piece
from monitor.store.tables import ArticleRow, EntryRow, RevisionRow, WatchRow


@dataclass(frozen=True, slots=True)
class Version:
    """A text of an article, and since when it is known."""

    number: int
    at: datetime | None  # None where the text before it is no longer kept
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Edited:
    """An article with every text of it that is kept, oldest first."""

    article: int
    url: str
    versions: tuple[Version, ...]
    labels: tuple[str, ...]
    next_reading: datetime | None  # when its page is asked for again; None = no more


@dataclass(frozen=True, slots=True)
class Difference:
    """What one version says otherwise than another."""

    before: Version
    after: Version
    pieces: tuple[Piece, ...]

    @property
    def retitled(self) -> bool:
        """Whether its headline says something else."""
        return edits.digest(self.before.title, "") != edits.digest(self.after.title, "")

    @property
    def summary(self) -> str:
        """How much changed, in words."""
        return edits.summary(self.pieces, title=self.retitled)


def edited(session: Session, what: str) -> Edited | None:
    """The article of this number or address, with its versions; None where there is none.

    Raises:
        ValueError: it is neither a number nor an http(s) URL.
    """
    row = session.get(ArticleRow, int(what)) if _is_number(what) else _at(session, what)
    if row is None:
        return None
    watch = session.get(WatchRow, row.id)
    return Edited(row.id, row.url, _versions(session, row), tuple(row.labels), watch.due if watch else None)


def _is_number(what: str) -> bool:
    return what.isascii() and what.isdigit() and len(what) < 19


def _at(session: Session, url: str) -> ArticleRow | None:
    key = urls.key(urls.canonical(url))
    found = session.scalar(select(ArticleRow).where(ArticleRow.url_key == key))
    of_entry = (
        select(ArticleRow).join(EntryRow, EntryRow.id == ArticleRow.entry).where(EntryRow.url_key == key)
    )
    return found or session.scalar(of_entry)


def _versions(session: Session, row: ArticleRow) -> tuple[Version, ...]:
    asked = select(RevisionRow).where(RevisionRow.article == row.id).order_by(RevisionRow.number)
    earlier = session.scalars(asked).all()
    since = {1: row.first_seen, **{each.number + 1: each.replaced_at for each in earlier}}
    return (
        *(Version(each.number, since.get(each.number), each.title, each.text) for each in earlier),
        Version(row.revision, since.get(row.revision), row.title, row.text),
    )


def difference(before: Version, after: Version) -> Difference:
    """What changed from one version to another."""
    return Difference(before, after, tuple(edits.changes(before.text, after.text)))


def of_revision(session: Session, article: int, number: int) -> Difference | None:
    """What the edit changed that made this revision; None where one of the texts is no longer kept."""
    kept = {version.number: version for version in _versions(session, session.get_one(ArticleRow, article))}
    before, after = kept.get(number - 1), kept.get(number)
    return difference(before, after) if before and after else None
