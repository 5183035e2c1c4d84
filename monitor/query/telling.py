"""What the rows tell of one URL, of links, alerts and feeds: for `why`, `links`, `alerts`, `sources`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor import urls
from monitor.learnt import RULE
from monitor.model import Article, Outcome
from monitor.store import articles
from monitor.store.convert import article_from_row
from monitor.store.tables import (
    AlertRow,
    ArticleRow,
    ChangeRow,
    EntryRow,
    FeedRow,
    LinkRow,
    MentionRow,
    PageRow,
    RereadingRow,
    RevisionRow,
    WatchRow,
)

_TOLD_MENTIONS = 4


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a URL's story."""

    at: datetime | None
    what: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A link of the archive: from an article to a URL or title, and how often it is pointed at."""

    kind: str
    title: str
    url: str | None
    target: int | None  # articles.id, once that article is stored
    pointed_at: int  # articles that point there
    from_title: str
    from_url: str


def story_of(session: Session, url: str) -> list[Event]:
    """Everything that happened to a URL, oldest first; nothing when it was never seen.

    Raises:
        ValueError: it is no http(s) URL.
    """
    key = urls.key(urls.canonical(url))
    entry = session.scalar(select(EntryRow).where(EntryRow.url_key == key))
    article = session.scalar(select(ArticleRow).where(ArticleRow.url_key == key))
    if entry is None and article is not None:
        entry = session.get(EntryRow, article.entry)
    if entry is None:
        return _pointers(session, key)
    article = article or session.scalar(select(ArticleRow).where(ArticleRow.entry == entry.id))
    events = [_seen(session, entry), *_pages(session, entry), *_decided(session, entry, article)]
    if article is not None:
        events += _revisions(session, article)
        events += _rereadings(session, article)
        events += _cleaned_again(article)
        events += _alerts(session, article)
    if entry.outcome == Outcome.PENDING:
        due = f"; next try {entry.next_try:%Y-%m-%d %H:%M}" if entry.next_try else ""
        events.append(Event(entry.next_try, f"pending: {entry.why or 'not yet asked for'}{due}"))
    return sorted(events, key=lambda event: (event.at is None, event.at))


def article_at(session: Session, url: str) -> Article | None:
    """The article stored under a URL, with its links.

    Raises:
        ValueError: it is no http(s) URL.
    """
    row = session.scalar(select(ArticleRow).where(ArticleRow.url_key == urls.key(urls.canonical(url))))
    if row is None:
        return None
    return article_from_row(row, articles.links_from_rows(articles.links_of(session, row.id)))


def _seen(session: Session, entry: EntryRow) -> Event:
    feed = session.get(FeedRow, entry.feed) if entry.feed else None
    where = f"in a {feed.kind} of {entry.source}" if feed else f"at {entry.source}, by a backfill"
    first = ", at its first poll" if entry.first_poll and feed else ""
    return Event(entry.first_seen, f"seen {where}{first}: {entry.title or entry.address}")


def _pages(session: Session, entry: EntryRow) -> list[Event]:
    rows = session.scalars(select(PageRow).where(PageRow.entry == entry.id).order_by(PageRow.id))
    return [
        Event(
            row.fetched_at,
            f"fetched: HTTP {row.status}, {row.size:,} bytes"
            + (f", redirected to {row.final_url}" if row.final_url != row.address else ""),
        )
        for row in rows
    ]


def _decided(session: Session, entry: EntryRow, article: ArticleRow | None) -> list[Event]:
    if entry.decided_at is None:
        return []
    what = f"{entry.outcome}: {entry.why}" if entry.why else entry.outcome
    if article is not None and entry.outcome in (Outcome.STORED, Outcome.COPY):
        rows = session.scalars(
            select(MentionRow).where(MentionRow.article == article.id).order_by(MentionRow.points.desc())
        )
        forms = ", ".join(row.form for row in rows.all()[:_TOLD_MENTIONS])
        what = (
            f"{entry.outcome} as article {article.id}: {article.words:,} words,"
            f" relevance {article.points}, {article.tier}" + (f" ({forms})" if forms else "")
        )
        if entry.outcome == Outcome.COPY and entry.why:
            what += f"; {entry.why}"
    return [Event(entry.decided_at, what)]


def _revisions(session: Session, article: ArticleRow) -> list[Event]:
    asked = select(RevisionRow).where(RevisionRow.article == article.id).order_by(RevisionRow.number)
    return [
        Event(row.replaced_at, f"edited: revision {row.number + 1} replaces {row.number}")
        for row in session.scalars(asked)
    ]


def _rereadings(session: Session, article: ArticleRow) -> list[Event]:
    asked = select(RereadingRow).where(RereadingRow.article == article.id).order_by(RereadingRow.id)
    events = [
        Event(row.at, f"asked again: {row.answer}" + (f": {row.why}" if row.why else ""))
        for row in session.scalars(asked)
    ]
    watch = session.get(WatchRow, article.id)
    if watch is not None:
        failed = f" (asked {watch.tries} times without an answer: {watch.why})" if watch.tries else ""
        events.append(Event(watch.due, f"watched for edits: its page is asked for again then{failed}"))
    return events


def _cleaned_again(article: ArticleRow) -> list[Event]:
    if article.cleaned_at is None:
        return []
    learnt = sum(rule == RULE for rule, _ in article.removed)
    cut = f", {learnt} {'line' if learnt == 1 else 'lines'} of learnt boilerplate cut" if learnt else ""
    return [Event(article.cleaned_at, f"cleaned again, {article.words:,} words{cut}")]


def _alerts(session: Session, article: ArticleRow) -> list[Event]:
    about = article.copies_of or article.id
    events = []
    for row in session.scalars(select(AlertRow).where(AlertRow.about == about).order_by(AlertRow.id)):
        about_it = (
            f" of revision {row.revision}"
            if row.revision > 0
            else " of its withdrawal"
            if row.revision
            else ""
        )
        rule = f'"{row.rule}"{about_it}'
        other = "" if row.article == article.id else f" (for its copy, article {row.article})"
        if row.state == "sent":
            events.append(Event(row.sent_at, f"alert {rule} sent to {row.channel}{other}"))
        else:
            failure = f": {row.receipt}" if row.receipt else ""
            events.append(Event(row.owed_at, f"alert {rule} {row.state} to {row.channel}{other}{failure}"))
    return events


def _pointers(session: Session, key: str) -> list[Event]:
    rows = session.execute(
        select(LinkRow, ArticleRow)
        .join(ArticleRow, ArticleRow.id == LinkRow.article)
        .where(LinkRow.target_key == key)
        .order_by(ArticleRow.id)
    ).tuples()
    return [
        Event(article.first_seen, f"named as {link.kind} by article {article.id}: {article.title}")
        for link, article in rows
    ]


def edges(session: Session, *, kinds: Sequence[str], limit: int, url: str | None = None) -> list[Edge]:
    """Links of the archive, the most pointed at first; with a URL, those of that article only.

    Raises:
        ValueError: the URL is no http(s) URL.
    """
    times = (
        select(LinkRow.target_key, func.count().label("times"))
        .where(LinkRow.kind.in_(kinds))
        .group_by(LinkRow.target_key)
        .subquery()
    )
    order = func.row_number().over(
        partition_by=LinkRow.target_key, order_by=(LinkRow.article, LinkRow.position)
    )
    numbered = (
        select(LinkRow.article, LinkRow.target_key, order.label("number"))
        .where(LinkRow.kind.in_(kinds))
        .subquery()
    )
    asked = select(LinkRow, ArticleRow, times.c.times).join(ArticleRow, ArticleRow.id == LinkRow.article)
    asked = asked.join(times, times.c.target_key == LinkRow.target_key).where(LinkRow.kind.in_(kinds))
    if url is not None:
        asked = asked.where(ArticleRow.url_key == urls.key(urls.canonical(url))).order_by(LinkRow.position)
    else:
        same = (numbered.c.article == LinkRow.article) & (numbered.c.target_key == LinkRow.target_key)
        asked = asked.join(numbered, same).where(numbered.c.number == 1)
        asked = asked.order_by(times.c.times.desc(), LinkRow.article, LinkRow.position)
    return [
        Edge(link.kind, link.title, link.url, link.target, number, article.title, article.url)
        for link, article, number in session.execute(asked.limit(limit)).tuples()
    ]


@dataclass(frozen=True, slots=True)
class AlertTold:
    """An alert as `straitwatch alerts` shows it."""

    id: int
    state: str
    rule: str
    channel: str
    why: str
    owed_at: datetime
    sent_at: datetime | None
    next_try: datetime | None
    tries: int
    receipt: str
    article: int | None  # None: it tells of a source's health
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class FeedTold:
    """A feed's state as `straitwatch sources` shows it."""

    url: str
    active: bool
    polled_at: datetime | None
    answered_at: datetime | None
    brought_at: datetime | None
    next_poll: datetime
    failures: int
    problem: str


def alerts_told(session: Session, limit: int) -> list[AlertTold]:
    """The newest alerts, newest first."""
    asked = (
        select(AlertRow, ArticleRow, ChangeRow)
        .outerjoin(ArticleRow, ArticleRow.id == AlertRow.article)
        .outerjoin(ChangeRow, ChangeRow.id == AlertRow.change)
        .order_by(AlertRow.id.desc())
        .limit(limit)
    )
    return [
        AlertTold(
            alert.id, alert.state, alert.rule, alert.channel, alert.why, alert.owed_at, alert.sent_at,
            alert.next_try, alert.tries, alert.receipt, alert.article, *_named(article, change),
        )
        for alert, article, change in session.execute(asked).tuples()
    ]  # fmt: skip


def _named(article: ArticleRow | None, change: ChangeRow | None) -> tuple[str, str]:
    """What an alert is about: a title and an address."""
    if article is not None:
        return article.title, article.url
    return (f"{change.source}: {change.after}, was {change.before}", "") if change is not None else ("", "")


def feeds_told(session: Session) -> list[FeedTold]:
    """Every feed with its state."""
    return [
        FeedTold(
            row.url, row.active, row.polled_at, row.answered_at, row.brought_at, row.next_poll,
            row.failures, row.problem,
        )
        for row in session.scalars(select(FeedRow).order_by(FeedRow.source, FeedRow.id))
    ]  # fmt: skip
