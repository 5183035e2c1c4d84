"""Articles with what hangs on them: links, mentions, fingerprint, revisions, search index.

An article and all of this is written in one transaction, so that none is ever half there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from monitor import urls
from monitor.dedup import Fingerprint, keys
from monitor.model import Article, Judgement, Link, LinkKind
from monitor.store import convert, search_index
from monitor.store.tables import (
    ArticleRow,
    EntryRow,
    FingerprintRow,
    LinkRow,
    MentionRow,
    RevisionRow,
    SourceRow,
)
from monitor.text import fold

COPY_DAYS = 30  # a text republished later than this is news again


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored article that may be the same text."""

    id: int
    source: str
    group: int  # the article that began its group of copies
    text_hash: str
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Settled:
    """Everything that is stored of one draft."""

    entry: int
    page: int | None
    cleaner: int
    source: str
    first_seen: datetime
    article: Article
    judgement: Judgement
    text_hash: str
    fingerprint: Fingerprint
    learnt: int | None = None  # edition of the source's approved boilerplate that is cut from it


def of_url(session: Session, url_key: str) -> int | None:
    """Number of the article stored under this URL."""
    return session.scalar(select(ArticleRow.id).where(ArticleRow.url_key == url_key))


def of_entry(session: Session, entry: int) -> int | None:
    """Number of the article that this entry became."""
    return session.scalar(select(ArticleRow.id).where(ArticleRow.entry == entry))


def by_id(session: Session, article: int) -> ArticleRow:
    """The article of this number."""
    return session.get_one(ArticleRow, article)


def locked(session: Session, article: int) -> ArticleRow | None:
    """The article of this number, nobody else's until the transaction ends; None when it is gone."""
    return session.get(ArticleRow, article, with_for_update=True, populate_existing=True)


def came_first_poll(session: Session, article: int) -> bool:
    """Whether an article came with the first poll of its feed, when everything is new to us."""
    asked = select(EntryRow.first_poll).join(ArticleRow, ArticleRow.entry == EntryRow.id)
    return bool(session.scalar(asked.where(ArticleRow.id == article)))


def candidates(
    session: Session, text_hash: str, fingerprint: Fingerprint, since: datetime, limit: int = 50
) -> list[Candidate]:
    """Articles indexed since then that share the text or a key of the fingerprint, oldest first."""
    columns = (
        ArticleRow.id,
        ArticleRow.source,
        ArticleRow.copies_of,
        ArticleRow.text_hash,
        ArticleRow.sketch,
    )
    recent = select(*columns).where(ArticleRow.indexed_at >= since).order_by(ArticleRow.id)
    shares_key = select(FingerprintRow.article).where(FingerprintRow.key.in_(keys(fingerprint)))
    found = {
        row.id: Candidate(
            row.id, row.source, row.copies_of or row.id, row.text_hash, Fingerprint.unpack(row.sketch)
        )
        for asked in (
            recent.where(ArticleRow.text_hash == text_hash),
            recent.where(ArticleRow.id.in_(shares_key)),
        )
        for row in session.execute(asked.limit(limit))
    }
    return [found[number] for number in sorted(found)]


def copy_window(now: datetime) -> datetime:
    """The earliest time at which a text still counts as the original of one seen now."""
    return now - timedelta(days=COPY_DAYS)


def add(session: Session, settled: Settled, *, copies_of: int | None, now: datetime) -> ArticleRow:
    """Store a new article with everything that hangs on it."""
    row = ArticleRow(
        entry=settled.entry, source=settled.source, first_seen=settled.first_seen, copies_of=copies_of
    )
    row.url_key = urls.key(settled.article.url)
    _write(row, settled)
    row.indexed_at = now
    session.add(row)
    session.flush()
    _hang_on(session, row, settled)
    search_index.add(session, row.id, row.title, row.text)
    _resolve(session, row)
    if copies_of is not None:
        show_best(session, copies_of)
    return row


def revise(session: Session, row: ArticleRow, settled: Settled, *, now: datetime) -> None:
    """Give an edited article its new text; the one before is kept as a revision."""
    session.add(
        RevisionRow(
            article=row.id, number=row.revision, replaced_at=now, title=row.title, text=row.text,
            text_hash=row.text_hash, page=row.page,
        )
    )  # fmt: skip
    row.revision += 1
    _rewrite(session, row, settled)
    row.indexed_at = now


def renew(session: Session, row: ArticleRow, settled: Settled, *, now: datetime) -> None:
    """Give an article the text that today's cleaner makes of its stored page.

    No edit of the outlet's: its number, address, revision and time of indexing stay, and no alert is owed.
    """
    _rewrite(session, row, settled)
    row.cleaned_at = now


def _rewrite(session: Session, row: ArticleRow, settled: Settled) -> None:
    search_index.remove(session, row.id, row.title, row.text)
    session.execute(delete(LinkRow).where(LinkRow.article == row.id))
    session.execute(delete(MentionRow).where(MentionRow.article == row.id))
    session.execute(delete(FingerprintRow).where(FingerprintRow.article == row.id))
    known_as = row.url  # its identity, whatever its page calls itself today
    _write(row, settled)
    row.url = known_as
    session.flush()
    _hang_on(session, row, settled)
    search_index.add(session, row.id, row.title, row.text)


def show_best(session: Session, group: int) -> None:
    """Show the best of a group of copies: lowest tier number, then first indexed; the others stay listed."""
    members = session.execute(
        select(ArticleRow.id)
        .join(SourceRow, SourceRow.id == ArticleRow.source)
        .where((ArticleRow.id == group) | (ArticleRow.copies_of == group))
        .order_by(SourceRow.tier, ArticleRow.id)
    )
    best, *others = [row.id for row in members]
    session.execute(update(ArticleRow).where(ArticleRow.id == best).values(shown=True))
    session.execute(update(ArticleRow).where(ArticleRow.id.in_(others)).values(shown=False))


def links_of(session: Session, article: int) -> list[LinkRow]:
    """The links of an article, in order of position."""
    asked = select(LinkRow).where(LinkRow.article == article).order_by(LinkRow.position, LinkRow.id)
    return list(session.scalars(asked))


def links_from_rows(rows: Iterable[LinkRow]) -> tuple[Link, ...]:
    """The links that _hang_on wrote."""
    return tuple(Link(LinkKind(row.kind), row.url, row.title, row.position) for row in rows)


def target_key(link: Link) -> str:
    """What a link points at, for deduplication: its URL, or its folded title when the page gave no URL."""
    return urls.key(link.url) if link.url else sha256(f"title {fold(link.title)}".encode()).hexdigest()


def _write(row: ArticleRow, settled: Settled) -> None:
    convert.article_onto_row(settled.article, row)
    row.page, row.cleaner, row.learnt = settled.page, settled.cleaner, settled.learnt
    row.text_hash, row.sketch = settled.text_hash, settled.fingerprint.pack()
    row.tier, row.points = settled.judgement.tier.value, settled.judgement.points
    row.rules = list(settled.judgement.rules)


def _hang_on(session: Session, row: ArticleRow, settled: Settled) -> None:
    session.add_all(FingerprintRow(key=key, article=row.id) for key in sorted(set(keys(settled.fingerprint))))
    session.add_all(
        MentionRow(
            article=row.id, term=mention.term, form=mention.form, in_title=mention.in_title,
            in_body=mention.in_body, points=mention.points,
        )
        for mention in settled.judgement.mentions
    )  # fmt: skip
    links = {target_key(link): link for link in reversed(settled.article.links)}  # the first of a target wins
    links.pop(row.url_key, None)
    targets = dict(
        session.execute(select(ArticleRow.url_key, ArticleRow.id).where(ArticleRow.url_key.in_(list(links))))
        .tuples()
        .all()
    )
    session.add_all(
        LinkRow(
            article=row.id, kind=link.kind.value, url=link.url, target_key=key, title=link.title,
            position=link.position, target=targets.get(key),
        )
        for key, link in links.items()
    )  # fmt: skip
    session.flush()


def _resolve(session: Session, row: ArticleRow) -> None:
    """Point the links that waited for this article at it."""
    waiting = update(LinkRow).where(LinkRow.target_key == row.url_key, LinkRow.target.is_(None))
    session.execute(waiting.values(target=row.id))
