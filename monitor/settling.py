"""Settling one draft: what it is, beside everything that is stored already.

`prepare` does the work that needs no database; `settle_one` decides inside the batch's transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from monitor import alerts, clean, dedup, learnt, revising, topic, urls
from monitor.desk import Desk, Work
from monitor.model import Article, Judgement, Outcome, utc_now
from monitor.query.matching import Subject, matches
from monitor.revising import SHRUNK, Looked, Ours
from monitor.rights import allowed
from monitor.sources import Source
from monitor.store import archive, articles, entries, outbox, pages, retention, search_index, watches
from monitor.store import learnt as lines
from monitor.store.articles import Settled
from monitor.store.batch import Batch
from monitor.store.convert import article_from_json, article_from_row
from monitor.store.copies import Candidate
from monitor.store.database import Session, reading
from monitor.store.entries import Draft, Made
from monitor.store.learnt import Approved
from monitor.store.tables import ArticleRow

NEW = timedelta(days=7)  # what is dated earlier when we first see it is of the past


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft, judged and fingerprinted, with the rules that it fires."""

    draft: Draft
    settled: Settled
    fired: tuple[alerts.FiredRule, ...]
    lines: tuple[learnt.Line, ...]  # to be counted; none where the text may not be kept
    ours: Ours
    whole: bool = True  # whether its source's texts may be kept whole
    reread_at: datetime | None = None  # when its page is asked for again


def prepare(
    desk: Desk, draft: Draft, approved: Approved, now: datetime, *, ours: Article | None = None
) -> Prepared:
    """Cut what a person approved as boilerplate, judge a draft, take its fingerprint, find the rules that match.

    ours: what `as_today` gave of it.
    """
    article = learnt.without(article_from_json(draft.article), approved.keys)
    source = desk.sources.get(draft.source)
    settled = judged(
        desk, article, source, entry=draft.entry, page=draft.page, cleaner=draft.cleaner,
        source_id=draft.source, first_seen=draft.first_seen, edition=approved.edition,
    )  # fmt: skip
    fired: tuple[alerts.FiredRule, ...] = ()
    if settled.judgement.on_topic:
        fired = _fired(desk, settled, article, now)
        kept = settled.article
        settled = replace(settled, written=search_index.written(desk.database.kind, kept.title, kept.text))
    keep = source.keep if source else "full"
    return Prepared(
        draft, settled, fired, countable(article, source), Ours(draft.cleaner, approved, keep, ours),
        keep == "full", _reread_at(desk, draft, article, now),
    )  # fmt: skip


def as_today(desk: Desk, stored: Made | None, source: str) -> Article | None:
    """The stored page of an article that another cleaner made, cleaned as its new one: what differs then is no doing of ours.

    Outside of any transaction: a page may take seconds.
    """
    if stored is None or stored.page is None or stored.cleaner == clean.VERSION:
        return None
    try:
        with reading(desk.database) as session:
            page = archive.raw_page(session, stored.page)
        if page.status != 200:  # a refusal: the text was its listing's, which has changed
            return None
        return desk.cleaners.clean(page, stored.listed, desk.sources.get(source))
    except Exception:  # noqa: BLE001  purged meanwhile, or no article any more: then the stored text is compared
        return None


def _reread_at(desk: Desk, draft: Draft, article: Article, now: datetime) -> datetime | None:
    """When a new article's page is asked for again: never where it comes with the past."""
    waits = desk.rereads_after(desk.sources.get(draft.source))
    if not waits or draft.backfill:
        return None
    if article.published is not None and article.published < draft.first_seen - max(*waits, NEW):
        return None
    return now + min(waits)  # of a page that was long in coming, the first reading is not left out


def countable(article: Article, source: Source | None) -> tuple[learnt.Line, ...]:
    """The lines of an article that may be counted: those of a source whose texts are kept whole."""
    return learnt.lines_of(article.blocks) if source is None or source.keep == "full" else ()


def judged(
    desk: Desk, article: Article, source: Source | None, *, entry: int, page: int | None, cleaner: int,
    source_id: str, first_seen: datetime, edition: int,
) -> Settled:  # fmt: skip
    """An article with its judgement and its fingerprint, cut to what may be stored of it."""
    judgement = topic.judge(
        article.title,
        article.text,
        desk.vocabulary,
        always_relevant=source is not None and source.always_relevant,
    )
    return Settled(
        entry=entry, page=page, cleaner=cleaner, source=source_id, first_seen=first_seen,
        article=allowed(article, source.keep if source else "full"), judgement=judgement,
        text_hash=dedup.text_hash(article.title, article.text),
        fingerprint=dedup.fingerprint(article.text), learnt=edition,
    )  # fmt: skip


def _fired(desk: Desk, settled: Settled, article: Article, now: datetime) -> tuple[alerts.FiredRule, ...]:
    """The rules that match an article as a whole, whatever of it is stored."""
    source, judgement = desk.sources.get(settled.source), settled.judgement
    subject = Subject(
        title=article.title,
        text=article.text,
        fields={
            "source": settled.source,
            "side": source.side.value if source else "",
            "kind": source.kind.value if source else "",
            "lang": article.language,
            "section": article.section,
            "tier": judgement.tier.value,
        },
        now=now,
        published=article.published,
        seen=settled.first_seen,
        points=judgement.points,
        authors=article.authors,
        terms=frozenset(mention.term for mention in judgement.mentions),
        links=tuple(link.url or "" for link in article.links if link.url != article.url),
    )
    return tuple(
        alerts.FiredRule(rule.name, rule.channels, rule.relevance, rule.first_poll)
        for rule, node in desk.rules
        if matches(node, subject)
    )


def settle_all(session: Session, desk: Desk, work: Work, prepared: Sequence[Prepared]) -> None:
    """Answer entries in their order, each beside those before it; all of them are kept, or none."""
    batch = Batch(session, [each.settled for each in prepared], utc_now())
    buried = retention.buried(session, [urls.key(each.settled.article.url) for each in prepared])
    for each in prepared:
        if not each.whole:  # a feed may carry the whole text
            batch.then(partial(retention.forget_texts, session, [each.draft.entry], summaries=False))
        settle_one(batch, desk, work, each, buried, utc_now())
    batch.write()


def settle_one(
    batch: Batch, desk: Desk, work: Work, prepared: Prepared, buried: Mapping[str, str], now: datetime
) -> None:
    """Answer one entry: store, revise, fold into what it repeats, or set aside as off topic.

    buried: addresses whose articles were purged, each with why.
    """
    draft, settled = prepared.draft, prepared.settled
    batch.drop_draft(draft.entry)

    def decide(outcome: Outcome, why: str, same_as: int | None = None) -> None:
        batch.decide(draft.entry, outcome, why, round_id=work.id, now=now, same_as=same_as)

    stored = batch.of_entry(draft.entry)
    if stored is not None:
        batch.write()
        if _read_again(batch.session, desk, prepared, stored, now):
            batch.look_again()
        entries.leave(batch.session, draft.entry)
        return
    unwanted = _unwanted(batch, settled, buried)
    if unwanted is not None:
        decide(*unwanted)
        return
    found = batch.candidates(settled)
    original = _original(found, settled)
    if original is not None and original.source == draft.source and original.text_hash == settled.text_hash:
        decide(Outcome.DUPLICATE, f"the same text as article {original.id} of this source", original.id)
        return
    article = batch.add(settled, copies_of=original.group if original else None, now=now)
    if prepared.reread_at is not None:
        batch.then(partial(watches.begin, batch.session, article, prepared.reread_at))
    if prepared.lines and not repeats_itself(found, settled):
        count_lines(batch.session, article, settled, prepared.lines)
    if original is not None:
        decide(Outcome.COPY, f"the text of article {original.group}, from {original.source}", original.group)
    else:
        decide(Outcome.STORED, "")
    if prepared.fired:
        about = original.group if original else article
        batch.then(partial(_owe, batch.session, prepared, article, about, now))


def _unwanted(
    batch: Batch, settled: Settled, buried: Mapping[str, str]
) -> tuple[Outcome, str, int | None] | None:
    """Why an article is none of ours, before it is compared with others: outcome, words, the same article."""
    key = urls.key(settled.article.url)
    other = batch.of_url(key)
    if other is not None:
        return Outcome.DUPLICATE, f"its page names itself {settled.article.url}", other
    if key in buried:
        return Outcome.REFUSED, buried[key], None
    if not settled.judgement.on_topic:
        return Outcome.OFF_TOPIC, _off_topic(settled.judgement), None
    return None


def _read_again(session: Session, desk: Desk, prepared: Prepared, article: int, now: datetime) -> bool:
    """An article's page was asked for again: keep an edit as a revision, ignore what is no edit.

    Returns:
        Whether the article has another text now.
    """
    settled = prepared.settled
    row = articles.by_id(session, article)
    if pages.same_answer(session, prepared.draft.page, row.page):
        revising.there_again(row, revising.looked(row, settled.article, prepared.ours))
        settled = replace(settled, page=row.page)  # the one that its text came from: fetched when it was new
        unchanged = (row.text_hash, row.title) == (settled.text_hash, settled.article.title)
        if unchanged or settled.article.words * SHRUNK < row.words:
            return False
        articles.renew(session, row, revising.kept_on_topic(settled), now=now)  # our cleaning changed
        return True
    found = revising.looked(row, settled.article, prepared.ours)
    if found.answer == watches.EDITED:
        found = edit(session, desk, prepared, row, found.why, now)
    elif found.renew:
        articles.renew(session, row, revising.kept_on_topic(settled), now=now)
    elif found.why == revising.CUT and prepared.draft.page is not None:
        retention.drop_pages(session, [prepared.draft.page])  # it holds the text that was cut
    revising.there_again(row, found)
    return found.answer == watches.EDITED or found.renew


def edit(
    session: Session, desk: Desk, prepared: Prepared, row: ArticleRow, why: str, now: datetime
) -> Looked:
    """Keep an edit as a revision, and owe who is to know of it; returns what became of it."""
    watched = bool(desk.rereads_after(desk.sources.get(row.source)))
    before = _before(session, desk, row, now) if watched else None
    became = revising.revise(session, row, prepared.settled, why, now)
    if became.answer == watches.EDITED:
        told = _owe(
            session, prepared, row.id, row.copies_of or row.id, now
        )  # a stub may have grown into the news
        if before is not None:
            _owe_edit(session, row, before, (prepared.settled.judgement, prepared.fired), told, now)
    return became


_Fired = tuple[Judgement, tuple[alerts.FiredRule, ...]]


def _before(session: Session, desk: Desk, row: ArticleRow, now: datetime) -> _Fired:
    """The judgement of a stored text, and the rules that it matches today."""
    article = article_from_row(row, articles.links_from_rows(articles.links_of(session, row.id)))
    settled = judged(
        desk, article, desk.sources.get(row.source), entry=row.entry, page=row.page, cleaner=row.cleaner,
        source_id=row.source, first_seen=row.first_seen, edition=row.learnt or 0,
    )  # fmt: skip
    return settled.judgement, _fired(desk, settled, article, now)


def _owe_edit(
    session: Session, row: ArticleRow, before: _Fired, after: _Fired, told: frozenset[tuple[str, str]], now: datetime
) -> None:  # fmt: skip
    """Owe the news of an edit where a rule matches the text before it or after it.

    told: rules and channels that were told of the article only now, and so of its newest text.
    """
    judgement = max(before[0], after[0], key=lambda each: each.points)
    rules = {rule.name: rule for rule in (*before[1], *after[1])}
    why = f"edited: revision {row.revision}"
    _owe_again(session, row, (judgement, tuple(rules.values())), row.revision, why, now, told)


def owe_withdrawal(session: Session, desk: Desk, row: ArticleRow, why: str, now: datetime) -> None:
    """Owe the news that an article's page is gone where a rule matches its text; once a revision."""
    _owe_again(session, row, _before(session, desk, row, now), -row.revision, f"withdrawn: {why}", now)


def _owe_again(
    session: Session, row: ArticleRow, fired: _Fired, revision: int, why: str, now: datetime,
    told: frozenset[tuple[str, str]] = frozenset(),
) -> None:  # fmt: skip
    judgement, rules = fired
    for alert in alerts.owed(
        rules, tier=judgement.tier, points=judgement.points, copy_of_known=False, first_poll=False
    ):
        if (alert.rule, alert.channel) not in told:
            outbox.owe(
                session, rule=alert.rule, channel=alert.channel, article=row.id, about=row.id,
                why=f"{why}; {alert.why}", now=now, revision=revision,
            )  # fmt: skip


def count_lines(session: Session, article: int, settled: Settled, found: tuple[learnt.Line, ...]) -> None:
    """Count the lines of an article that was never counted."""
    day = (settled.article.published or settled.first_seen).date()
    lines.count(session, settled.source, article, found, day)


def repeats_itself(found: list[Candidate], settled: Settled) -> bool:
    """Whether its source printed this text before, under another address: its lines are counted once."""
    return any(
        each.source == settled.source and dedup.is_copy(each.fingerprint, settled.fingerprint)
        for each in found
    )


def _original(found: list[Candidate], settled: Settled) -> Candidate | None:
    """The stored article whose text this one repeats: the same to the letter, else the first near copy."""
    same = (each for each in found if each.text_hash == settled.text_hash)
    near = (
        each
        for each in found
        if each.source != settled.source and dedup.is_copy(each.fingerprint, settled.fingerprint)
    )
    return next(same, None) or next(near, None)


def _owe(
    session: Session, prepared: Prepared, article: int, about: int, now: datetime
) -> frozenset[tuple[str, str]]:
    """Owe the alerts of the rules that fired, of a backfill none; the outbox holds one of each about one text.

    Returns:
        The rules and channels that are new.
    """
    judgement, new = prepared.settled.judgement, set()
    if prepared.draft.backfill:
        return frozenset()
    for alert in alerts.owed(
        prepared.fired,
        tier=judgement.tier,
        points=judgement.points,
        copy_of_known=about != article and articles.came_first_poll(session, about),
        first_poll=prepared.draft.first_poll,
    ):
        if outbox.owe(
            session, rule=alert.rule, channel=alert.channel, article=article, about=about,
            why=alert.why, now=now,
        ):  # fmt: skip
            new.add((alert.rule, alert.channel))
    return frozenset(new)


def _off_topic(judgement: Judgement) -> str:
    if not judgement.mentions:
        return "no term of the vocabulary"
    forms = ", ".join(mention.form for mention in judgement.mentions[:3])
    return f"{judgement.points} points ({forms}), and no rule of the vocabulary holds"
