"""Pages asked for again, to see edits that no listing tells of: one asking, and keeping what came of it.

A page is asked as any other is, with the validators of its last answer, so that an unchanged one costs a 304. Whatever
comes, the stored text stays: an edit makes it a revision, a page that is gone makes it withdrawn, a block page, a wall
or a rest of the text is told and not taken. No answer costs no turn: the row stays due.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from monitor import answers, clean, revising, schedule, settling
from monitor.answers import Answer, Denied, Later, Read, ReadPage
from monitor.desk import Desk
from monitor.model import Article, Outcome, Page, utc_now
from monitor.reading import from_site, read_page
from monitor.revising import Looked
from monitor.store import articles, convert, pages, watches
from monitor.store import learnt as lines
from monitor.store.database import Session, reading
from monitor.store.entries import Draft, Made
from monitor.store.learnt import Approved
from monitor.store.tables import ArticleRow
from monitor.store.watches import Watched

MOST_TRIES = 10  # without an answer, over about six days: then this turn is over


@dataclass(frozen=True, slots=True)
class Reread:
    """What came of asking for a page again."""

    answer: Read
    ours: Article | None = None  # what today's cleaner makes of the stored page, where another made it


def due(desk: Desk) -> list[int]:
    """Articles whose page is to be asked for again now."""
    with reading(desk.database) as session:
        return watches.due(session, utc_now(), desk.settings.revisions.pages_per_round)


def ask(desk: Desk, watch: Watched) -> Reread:
    """Ask for a page again."""
    source = desk.sources.get(watch.entry.source)
    if source is None or not desk.rereads_after(source):
        return Reread(Answer(Outcome.REFUSED, "its source is no longer watched for edits"))
    etag = "" if source.lying_etag else watch.etag
    get = partial(from_site, desk, etag=etag, last_modified=watch.last_modified)
    answer = _refused(read_page(desk, get, watch.entry), watch)
    if not isinstance(answer, ReadPage):
        return Reread(answer)
    return Reread(answer, settling.as_today(desk, _made(watch), watch.entry.source))


def _made(watch: Watched) -> Made:
    return Made(watch.page, watch.cleaner, watch.entry.listed)


def _refused(answer: Read, watch: Watched) -> Read:
    """A page that the site keeps from us says nothing of its text, whatever its listing says: that was read already."""
    if isinstance(answer, ReadPage) and answer.page is not None:
        verdict = answers.judge_status(answer.page, tries=0, first_seen=watch.first_seen)
        if isinstance(verdict, Denied):
            return Answer(Outcome.REFUSED, verdict.why, answer.page)
    return answer


def keep(session: Session, desk: Desk, watch: Watched, reread: Reread) -> None:
    """Write what came of it: a revision, a label, the next turn."""
    now = utc_now()
    row = articles.locked(session, watch.article)
    if row is None:
        return
    answer = reread.answer
    if isinstance(answer, Later) and _put_off(session, watch, answer.why, now, answer.retry_after or 0):
        return
    _over(session, desk, watch, _found(session, desk, watch, row, reread, now), now)


def failed(session: Session, desk: Desk, watch: Watched, why: str) -> None:
    """What came could not be kept, by a fault of ours: asked again a little later, not for ever."""
    now = utc_now()
    if not _put_off(session, watch, why, now):
        _over(session, desk, watch, Looked(watches.NO_ANSWER, why), now)


def _put_off(session: Session, watch: Watched, why: str, now: datetime, wait: float = 0) -> bool:
    """Ask again a little later, if it was not tried too often already."""
    if watch.entry.tries + 1 >= MOST_TRIES:
        return False
    next_try = schedule.next_try(watch.entry.tries + 1, now, watch.entry.url)
    watches.put_off(session, watch, why, now=now, next_try=max(next_try, now + timedelta(seconds=wait)))
    return True


def _over(session: Session, desk: Desk, watch: Watched, found: Looked, now: datetime) -> None:
    """This turn is over; the next one is owed, if there is one."""
    waits = desk.rereads_after(desk.sources.get(watch.entry.source))
    next_due = schedule.next_reading(watch.first_seen, waits, now)
    watches.answered(session, watch.article, found.answer, found.why, now=now, next_due=next_due)


def _found(
    session: Session, desk: Desk, watch: Watched, row: ArticleRow, reread: Reread, now: datetime
) -> Looked:
    answer = reread.answer
    match answer:
        case ReadPage(page=page) if page is not None:
            if sha256(page.body).hexdigest() == watch.sha256:
                return revising.there_again(row, Looked(watches.UNCHANGED, "the same page"))
            return revising.there_again(row, _read(session, desk, watch, row, reread, page, now))
        case Answer(outcome=Outcome.GONE):
            _keep_page(session, desk, watch, answer.page)
            if articles.WITHDRAWN not in row.labels:
                articles.label(row, articles.WITHDRAWN)
                settling.owe_withdrawal(session, desk, row, answer.why, now)
            return Looked(watches.WITHDRAWN, f"{answer.why}; the text is kept")
        case Answer(outcome=Outcome.REFUSED, page=page) if page is None or page.status != 200:
            return Looked(watches.REFUSED, answer.why)
        case Answer():
            _keep_page(session, desk, watch, answer.page)
            return Looked(watches.KEPT, f"{answer.why}: the text is kept as it was")
        case Later():
            return Looked(watches.NO_ANSWER, f"{answer.why}; asked {watch.entry.tries + 1} times")
    return revising.there_again(row, Looked(watches.UNCHANGED, getattr(answer, "why", "")))


def _read(
    session: Session, desk: Desk, watch: Watched, row: ArticleRow, reread: Reread, page: Page, now: datetime
) -> Looked:
    assert isinstance(reread.answer, ReadPage)
    approved = lines.approved(session).get(row.source, Approved())
    draft = Draft(
        entry=row.entry, page=None, cleaner=clean.VERSION, url=watch.entry.url, source=row.source,
        article=convert.article_to_json(reread.answer.article), first_seen=row.first_seen,
        first_poll=watch.first_poll, crashes=0, stored=_made(watch),
    )  # fmt: skip
    prepared = settling.prepare(desk, draft, approved, now, ours=reread.ours)
    found = revising.looked(row, prepared.settled.article, prepared.ours)
    if (found.answer == watches.UNCHANGED and not found.renew) or found.why == revising.CUT:
        return found
    kept = replace(prepared.settled, page=_keep_page(session, desk, watch, page))
    if found.renew:
        articles.renew(session, row, revising.kept_on_topic(kept), now=now)
    if found.answer != watches.EDITED:
        return found
    return settling.edit(session, desk, replace(prepared, settled=kept), row, found.why, now)


def _keeps(desk: Desk, source: str) -> str:
    known = desk.sources.get(source)
    return known.keep if known else "full"


def _keep_page(session: Session, desk: Desk, watch: Watched, page: Page | None) -> int | None:
    """Keep a raw answer that is evidence of something, where its source allows it."""
    if page is None or _keeps(desk, watch.entry.source) != "full":
        return None
    return pages.keep_page(session, watch.entry.id, page)
