"""Articles with what hangs on them: links, mentions, fingerprint, revisions, search index.

An article and all of this is written in one transaction, so that none is ever half there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from monitor import edits, urls
from monitor.dedup import Fingerprint
from monitor.model import Article, Judgement, Link, LinkKind
from monitor.store import convert, copies, facets, search_index
from monitor.store.tables import (
    ArticleRow,
    EntryRow,
    LinkRow,
    MentionRow,
    RevisionRow,
    SourceRow,
)
from monitor.text import fold

WITHDRAWN = "withdrawn"  # its page is gone; the text is kept
BACK_AND_FORTH = "goes back and forth between texts"  # of which each is kept once or twice
NOT_ALL_KEPT = "earlier texts not all kept"
STANDING = (WITHDRAWN, BACK_AND_FORTH, NOT_ALL_KEPT)  # labels that no cleaning gives and none takes away

MOST_REVISIONS = 50  # earlier texts of one article: the first one and the last ones


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
    # Its text as the search index takes it, made while no transaction waits; () = made as it is stored.
    written: tuple[str, ...] = ()


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


def revise(session: Session, row: ArticleRow, settled: Settled, *, now: datetime) -> bool:
    """Give an edited article its new text; the one before is kept as a revision, one of the last or the first.

    Returns:
        Whether it was done: not where it only goes back and forth between texts that are kept already.
    """
    asked = select(RevisionRow.title, RevisionRow.text).where(RevisionRow.article == row.id)
    earlier = [edits.digest(title, text) for title, text in session.execute(asked).tuples()]
    versions = ((row.title, row.text), (settled.article.title, settled.article.text))
    if set(earlier).issuperset(edits.digest(*version) for version in versions):
        label(row, BACK_AND_FORTH)
        return False
    session.add(
        RevisionRow(
            article=row.id, number=row.revision, replaced_at=now, title=row.title, text=row.text,
            text_hash=row.text_hash, page=row.page,
        )
    )  # fmt: skip
    if len(earlier) >= MOST_REVISIONS:
        _thin_out(session, row)
    row.revision += 1
    _rewrite(session, row, settled)
    row.indexed_at = now
    _hang_on(session, row, settled, now)
    return True


def _thin_out(session: Session, row: ArticleRow) -> None:
    session.flush()
    numbers = select(RevisionRow.number).where(RevisionRow.article == row.id).order_by(RevisionRow.number)
    kept = session.scalars(numbers).all()
    gone = kept[1 : 1 + len(kept) - MOST_REVISIONS]
    session.execute(delete(RevisionRow).where(RevisionRow.article == row.id, RevisionRow.number.in_(gone)))
    label(row, NOT_ALL_KEPT)


def label(row: ArticleRow, words: str, *, off: bool = False) -> None:
    """Say a standing thing of an article, or say it no longer."""
    others = [each for each in row.labels if each != words]
    row.labels = others if off else [*others, words]


def renew(session: Session, row: ArticleRow, settled: Settled, *, now: datetime) -> None:
    """Give an article the text that today's cleaner makes of its stored page.

    No edit of the outlet's: its number, address, revision and time of indexing stay, and no alert is owed.
    """
    _rewrite(session, row, settled)
    row.cleaned_at = now
    _hang_on(session, row, settled, now)


def _rewrite(session: Session, row: ArticleRow, settled: Settled) -> None:
    search_index.remove(session, row.id, row.title, row.text)
    facets.remove(session, row)
    session.execute(delete(LinkRow).where(LinkRow.article == row.id))
    session.execute(delete(MentionRow).where(MentionRow.article == row.id))
    copies.remove(session, row.id)
    known_as = row.url  # its identity, whatever its page calls itself today
    standing = [each for each in row.labels if each in STANDING]
    for name, value in values(settled).items():
        setattr(row, name, value)
    row.url, row.labels = known_as, [*row.labels, *standing]
    session.flush()


def _hang_on(session: Session, row: ArticleRow, settled: Settled, now: datetime) -> None:
    links = link_rows(row.id, row.url_key, settled)
    targets = dict(
        session.execute(
            select(ArticleRow.url_key, ArticleRow.id).where(
                ArticleRow.url_key.in_([link["target_key"] for link in links])
            )
        )
        .tuples()
        .all()
    )
    session.add_all(LinkRow(**link, target=targets.get(link["target_key"])) for link in links)
    session.add_all(MentionRow(**mention) for mention in mention_rows(row.id, settled))
    session.flush()
    copies.keep(session, [(row.id, row.indexed_at, settled.fingerprint)], now)
    facets.add(session, row)
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
    asked = select(LinkRow).where(LinkRow.article == article).order_by(LinkRow.position, LinkRow.title)
    return list(session.scalars(asked))


def links_from_rows(rows: Iterable[LinkRow]) -> tuple[Link, ...]:
    """The links that _hang_on wrote."""
    return tuple(Link(LinkKind(row.kind), row.url, row.title, row.position) for row in rows)


def target_key(link: Link) -> str:
    """What a link points at, for deduplication: its URL, or its folded title when the page gave no URL."""
    return urls.key(link.url or f"title {fold(link.title)}")


def values(settled: Settled) -> dict[str, Any]:
    """What is stored of an article in its own row, apart from its identity."""
    return {
        **convert.article_values(settled.article),
        "page": settled.page,
        "cleaner": settled.cleaner,
        "learnt": settled.learnt,
        "text_hash": settled.text_hash,
        "tier": settled.judgement.tier.value,
        "points": settled.judgement.points,
        "rules": list(settled.judgement.rules),
    }


def mention_rows(article: int, settled: Settled) -> list[dict[str, Any]]:
    """The rows of an article's mentions."""
    return [
        {
            "article": article, "term": mention.term, "form": mention.form, "in_title": mention.in_title,
            "in_body": mention.in_body, "points": mention.points,
        }
        for mention in settled.judgement.mentions
    ]  # fmt: skip


def link_rows(article: int, url_key: str, settled: Settled) -> list[dict[str, Any]]:
    """The rows of an article's links, one a target and none to itself; where they lead is not resolved yet."""
    links = {target_key(link): link for link in reversed(settled.article.links)}  # the first of a target wins
    links.pop(url_key, None)
    return [
        {
            "article": article, "kind": link.kind.value, "url": link.url, "target_key": key,
            "title": link.title, "position": link.position,
        }
        for key, link in links.items()
    ]  # fmt: skip
