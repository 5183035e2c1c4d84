"""A stored article's page was read again: an edit becomes a revision, what is no edit or worse than before does not.

text_after    what the page says now -> unchanged, kept as it was (and why), or edited
"""

from dataclasses import dataclass, replace
from datetime import datetime

from monitor import edits, learnt, rights
from monitor.model import Article, PageKind, Tier
from monitor.store import articles, watches
from monitor.store.articles import Settled
from monitor.store.convert import article_from_row
from monitor.store.database import Session
from monitor.store.learnt import Approved
from monitor.store.tables import ArticleRow

SHRUNK = 10  # a new text with less than a tenth of the words is no edit
FROM_FEED = "text from feed"
LEAD = "lead:"
UNTOLD = "read by a newer cleaner, and no page is kept that would tell its doing from an edit"
CUT = "no more is kept of it than an excerpt or its metadata, so no edit can be told"


@dataclass(frozen=True, slots=True)
class Looked:
    """What a page said when it was read again."""

    answer: str  # watches.UNCHANGED, KEPT, EDITED
    why: str
    there: bool = True  # whether the article stands on it: not on a block page, behind a wall
    renew: bool = False  # what it says now is to be stored, as no edit


@dataclass(frozen=True, slots=True)
class Ours:
    """What we do to a text ourselves: what comes of that is no edit of the site's."""

    cleaner: int  # that read the page
    approved: Approved
    keep: str
    stored: Article | None  # what that cleaner makes of the stored page, where another one made the article


def looked(row: ArticleRow, article: Article, ours: Ours) -> Looked:
    """Compare a stored article with what its page says now."""
    if _cut_further(row, article):
        return Looked(watches.KEPT, CUT, there=_stands(article))
    worse, there = _worse(row, article), _stands(article)
    untold = row.page is None and row.cleaner != ours.cleaner and not worse  # an edit, or our cleaning?
    if _says_the_same(row.title, row.text, article):
        return Looked(watches.UNCHANGED, "", there, renew=untold)  # so that the next edit can be told
    if worse:
        return Looked(watches.KEPT, f"{worse}: the text is kept as it was", there=False)
    if untold:
        return Looked(watches.UNCHANGED, UNTOLD, there, renew=True)
    if _ours_alone(row, article, ours):
        return Looked(watches.UNCHANGED, "only our cleaning has changed", there)
    pieces = edits.changes(row.text, article.text, words=False)
    retitled = edits.digest(row.title, "") != edits.digest(article.title, "")
    return Looked(watches.EDITED, edits.summary(pieces, title=retitled), there)


def _cut_further(row: ArticleRow, article: Article) -> bool:
    """Whether less is kept of an article than its source allows: its whole text must not come back as an edit."""
    stored, now = (rights.KEEPS.index(rights.kept_of(each.labels)) for each in (row, article))
    return stored > now


def _stands(article: Article) -> bool:
    """Whether it was read on its page: what its listing says of it says nothing of that."""
    return not _labelled(article, FROM_FEED)


def _ours_alone(row: ArticleRow, article: Article, ours: Ours) -> bool:
    """Whether today's cleaner, lines and rights make the same of what was stored."""
    before = ours.stored or article_from_row(row)
    before = rights.allowed(learnt.without(before, ours.approved.keys), ours.keep)
    return _says_the_same(before.title, before.text, article)


def _says_the_same(title: str, text: str, article: Article) -> bool:
    """Whether an article says what a title and a text say."""
    return edits.digest(title, text) == edits.digest(article.title, article.text)


def _worse(row: ArticleRow, article: Article) -> str:
    """Why a text must not replace the stored one, or ""."""
    if article.words * SHRUNK < row.words:  # a block page, or a broken one
        return f"{article.words:,} words are left of {row.words:,} on its page"
    if article.kind is PageKind.TEASER and row.kind != PageKind.TEASER.value:
        return "only the beginning stands on its page now, the rest behind a wall"
    if _labelled(article, FROM_FEED) and FROM_FEED not in row.labels:
        return "; ".join(label for label in article.labels if label != FROM_FEED) or "no text on its page now"
    if _labelled(article, LEAD) and not any(label.startswith(LEAD) for label in row.labels):
        return next(label for label in article.labels if label.startswith(LEAD))
    return ""


def _labelled(article: Article, words: str) -> bool:
    return any(label.startswith(words) for label in article.labels)


def there_again(row: ArticleRow, found: Looked) -> Looked:
    """A page that was gone and is there: it is withdrawn no more, and that it says the same again is news of its own."""
    if articles.WITHDRAWN not in row.labels or not found.there:
        return found
    articles.label(row, articles.WITHDRAWN, off=True)
    return replace(found, answer=watches.BACK) if found.answer == watches.UNCHANGED else found


def revise(session: Session, row: ArticleRow, settled: Settled, why: str, now: datetime) -> Looked:
    """Keep an edit as a revision; returns what became of it."""
    number, there = row.revision + 1, _stands(settled.article)
    if articles.revise(session, row, kept_on_topic(settled), now=now):
        return Looked(watches.EDITED, f"revision {number}: {why}", there=there)
    return Looked(watches.KEPT, "goes back and forth between texts that are kept already", there=there)


def kept_on_topic(settled: Settled) -> Settled:
    """An article that was on topic once, and that people may have quoted: it stays, at the lowest tier."""
    if settled.judgement.on_topic:
        return settled
    return replace(settled, judgement=replace(settled.judgement, tier=Tier.PERIPHERAL))
