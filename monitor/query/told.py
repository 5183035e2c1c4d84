"""What an alert tells, gathered from the rows."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.alerts import Told, ToldEdit, ToldHealth, ToldLink, ToldMention
from monitor.model import DateQuality, LinkKind
from monitor.query import revisions
from monitor.query.snippet import sentences
from monitor.store.convert import article_from_row
from monitor.store.outbox import Due
from monitor.store.tables import ArticleRow, ChangeRow, FeedRow, LinkRow, MentionRow, SourceRow
from monitor.topic import Term

_SIDES = {"us": "US", "prc": "PRC", "tw": "Taiwan", "ally": "Allied", "other": ""}
_LEAD = 320  # characters


def told(session: Session, due: Due, terms: Mapping[str, Term], *, demo: bool) -> Told:
    """Everything that the alert says, from the best copy of the text it is about."""
    best = select(ArticleRow).where((ArticleRow.id == due.about) | (ArticleRow.copies_of == due.about))
    best = best.order_by(ArticleRow.shown.desc(), ArticleRow.id).limit(1)
    of_group = None if due.revision else session.scalar(best)  # an edit is of its own article alone
    row = of_group or session.get_one(ArticleRow, due.article)
    source = session.get_one(SourceRow, row.source)
    article = article_from_row(row)
    mentions = session.scalars(
        select(MentionRow).where(MentionRow.article == row.id).order_by(MentionRow.points.desc())
    )
    links = session.scalars(
        select(LinkRow)
        .where(LinkRow.article == row.id, LinkRow.kind == LinkKind.READ_ALSO.value)
        .order_by(LinkRow.position)
    )
    return Told(
        alert=due.token,
        rule=due.rule,
        reason=_reason(source, due.revision),
        title=article.title,
        source=source.name,
        side=source.side,
        kind=source.kind,
        source_tier=source.tier,
        language=article.language,
        published=article.published,
        published_quality=DateQuality(article.published_quality),
        published_printed=article.published_printed,
        lead=sentences(article.text, _LEAD),
        url=article.url,
        mentions=tuple(_mention(mention, terms) for mention in mentions),
        points=row.points,
        tier=row.tier,
        owed_at=due.owed_at,
        labels=article.labels,
        copies=_copies(session, due.about),
        links=tuple(ToldLink(link.title, link.url or "") for link in links),
        demo=demo,
        edit=_edit(session, row.id, due.revision) if due.revision > 0 else None,
    )


def _edit(session: Session, article: int, revision: int) -> ToldEdit:
    found = revisions.of_revision(session, article, revision)
    if found is None:
        return ToldEdit(revision, "its texts are no longer kept", "", ())
    return ToldEdit(
        revision, found.summary, found.before.title if found.retitled else "",
        tuple(piece.told for piece in found.pieces if piece.kind != "same"),
    )  # fmt: skip


def told_change(session: Session, due: Due, *, demo: bool) -> ToldHealth:
    """Everything that an alert about a source's health says."""
    change = session.get_one(ChangeRow, due.change)
    source = session.get_one(SourceRow, change.source)
    feeds = session.scalars(select(FeedRow).where(FeedRow.source == source.id)).all()
    answered = [feed.answered_at for feed in feeds if feed.answered_at]
    gaps = [(feed.gap_from, feed.gap_to) for feed in feeds if feed.gap_from and feed.gap_to]
    return ToldHealth(
        alert=due.token, source=source.id, name=source.name, before=change.before, after=change.after,
        why=change.why, at=change.at, answered_at=max(answered, default=None),
        gap=(min(each for each, _ in gaps), max(each for _, each in gaps)) if gaps else None, demo=demo,
    )  # fmt: skip


def _reason(source: SourceRow, revision: int) -> str:
    side = _SIDES.get(source.side, "")
    who = f"{side} {source.kind}" if side else source.kind[:1].upper() + source.kind[1:]
    return f"Edited: {who}" if revision > 0 else f"Withdrawn: {who}" if revision else who


def _mention(row: MentionRow, terms: Mapping[str, Term]) -> ToldMention:
    term = terms.get(row.term)
    label = term.forms[0].text if term and term.forms else row.term
    return ToldMention(label, row.form, term.weight if term else 0, row.in_title + row.in_body)


def _copies(session: Session, about: int | None) -> int:
    asked = select(func.count()).select_from(ArticleRow).where(ArticleRow.copies_of == about)
    return session.scalar(asked) or 0
