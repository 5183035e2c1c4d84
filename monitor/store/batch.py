"""A batch of drafts settled together: what they ask of the archive is read at once, what they leave is written
at once. One article a statement would cost five times as much.

`Batch` answers as if every article of it were stored at once: each of them sees those before it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from monitor import urls
from monitor.model import Outcome
from monitor.store import copies, facets, search_index
from monitor.store.articles import Settled, link_rows, mention_rows, show_best, values
from monitor.store.copies import Candidate, Likely, copy_window
from monitor.store.tables import ArticleRow, DraftRow, EntryRow, LinkRow, MentionRow
from monitor.store.types import among, write_rows


class Batch:
    """Drafts on their way into the archive; `write` stores what was added, decided and dropped since the last."""

    def __init__(self, session: Session, drafts: Sequence[Settled], now: datetime) -> None:
        self.session = session
        entries = [draft.entry for draft in drafts]
        urls_asked = [urls.key(draft.article.url) for draft in drafts]
        self._of_entry = dict(_pairs(session, ArticleRow.entry, ArticleRow.id, entries))
        self._of_url = dict(_pairs(session, ArticleRow.url_key, ArticleRow.id, urls_asked))
        self._asked = {draft.text_hash: draft.fingerprint for draft in drafts}
        self._now, self._since = now, copy_window(now)
        self.look_again()
        self._numbers = _numbers(session, len(drafts))
        self._empty()

    def _empty(self) -> None:
        self._added: list[tuple[int, Settled, dict[str, Any]]] = []
        self._decided: list[dict[str, Any]] = []
        self._dropped: list[int] = []
        self._groups: dict[int, None] = {}
        self._then: list[Callable[[], object]] = []

    def look_again(self) -> None:
        """Read what may be copied once more: a stored text has changed. Nothing may be unwritten."""
        self._likely = Likely(self.session, self._asked, self._since)

    def of_entry(self, entry: int) -> int | None:
        """Number of the article that this entry became."""
        return self._of_entry.get(entry)

    def of_url(self, url_key: str) -> int | None:
        """Number of the article stored under this URL."""
        return self._of_url.get(url_key)

    def candidates(self, settled: Settled) -> list[Candidate]:
        """Articles of the last weeks that share the text or a key of the fingerprint, oldest first."""
        return self._likely.of(settled.text_hash, settled.fingerprint)

    def add(self, settled: Settled, *, copies_of: int | None, now: datetime) -> int:
        """Store a new article with everything that hangs on it; returns its number."""
        number = next(self._numbers)
        row = {
            **values(settled), "id": number, "entry": settled.entry, "source": settled.source,
            "first_seen": settled.first_seen, "copies_of": copies_of, "indexed_at": now,
            "url_key": urls.key(settled.article.url), "shown": True, "revision": 1, "cleaned_at": None,
        }  # fmt: skip
        self._added.append((number, settled, row))
        self._of_entry[settled.entry] = self._of_url[row["url_key"]] = number
        self._likely.add(Candidate(
            number, settled.source, copies_of or number, settled.text_hash, settled.fingerprint
        ))  # fmt: skip
        if copies_of is not None:
            self._groups[copies_of] = None
        return number

    def decide(
        self, entry: int, outcome: Outcome, why: str, *, round_id: int, now: datetime, same_as: int | None = None
    ) -> None:  # fmt: skip
        """Answer an entry: nothing more is owed."""
        self._decided.append({
            "b_entry": entry, "outcome": outcome.value, "why": why, "same_as": same_as, "decided_at": now,
            "decided_round": round_id, "tries": 0, "crashes": 0, "next_try": None,
        })  # fmt: skip

    def drop_draft(self, entry: int) -> None:
        """The draft of this entry is settled."""
        self._dropped.append(entry)

    def then(self, act: Callable[[], object]) -> None:
        """Do this once the articles before it are written: it refers to their rows."""
        self._then.append(act)

    def write(self) -> None:
        """Store all of it, with the few statements that this takes."""
        session = self.session
        if self._dropped:
            session.execute(delete(DraftRow).where(among(session, DraftRow.entry, self._dropped)))
        if self._added:
            self._write_articles()
        if self._decided:
            session.connection().execute(_DECIDE, self._decided)
        for group in self._groups:
            show_best(session, group)
        acts = self._then
        self._empty()
        for act in acts:
            act()

    def _write_articles(self) -> None:
        session = self.session
        rows = [row for _, _, row in self._added]
        write_rows(session, ArticleRow, rows)
        new = {row["url_key"]: row["id"] for row in rows}
        pointed = [link_rows(number, row["url_key"], each) for number, each, row in self._added]
        known = {*new, *(link["target_key"] for links in pointed for link in links)}
        targets = {
            **dict(_pairs(session, ArticleRow.url_key, ArticleRow.id, sorted(known - new.keys()))),
            **new,
        }
        links = [{**link, "target": targets.get(link["target_key"])} for found in pointed for link in found]
        write_rows(session, LinkRow, links)
        hosts: dict[int, list[str | None]] = {}
        for link in links:
            hosts.setdefault(link["article"], []).append(link["url"])
        facets.add_all(
            session, [(row["id"], row["authors"], row["section"], hosts.get(row["id"], ())) for row in rows]
        )
        mentions = [row for number, each, _ in self._added for row in mention_rows(number, each)]
        write_rows(session, MentionRow, mentions)
        copies.keep(
            session,
            [(number, row["indexed_at"], each.fingerprint) for number, each, row in self._added],
            self._now,
        )
        kind = session.get_bind().dialect.name
        search_index.add_all(session, [
            (number, each.written or search_index.written(kind, row["title"], row["text"]))
            for number, each, row in self._added
        ])  # fmt: skip
        session.connection().execute(
            _RESOLVE, [{"b_key": key, "b_article": number} for key, number in new.items()]
        )


_ENTRIES: Any = EntryRow.__table__
_LINKS: Any = LinkRow.__table__
_DECIDE = (
    update(_ENTRIES)
    .where(_ENTRIES.c.id == bindparam("b_entry"))
    .values({name: bindparam(name) for name in (
        "outcome", "why", "same_as", "decided_at", "decided_round", "tries", "crashes", "next_try",
    )})
)  # fmt: skip
_RESOLVE = (
    update(_LINKS)
    .where(_LINKS.c.target_key == bindparam("b_key"), _LINKS.c.target.is_(None))
    .values(target=bindparam("b_article"))
)


def _numbers(session: Session, most: int) -> Iterator[int]:
    """The numbers of the next articles: nobody else writes any in the meantime, or the sequence tells."""
    if session.get_bind().dialect.name == "sqlite":
        last = session.scalar(select(func.max(ArticleRow.id))) or 0
        return iter(range(last + 1, last + 1 + most))
    asked = sql("SELECT nextval('articles_id_seq') FROM generate_series(1, :most)")
    return iter(session.scalars(asked, {"most": most}).all())


def _pairs(
    session: Session, of: Any, to: ColumnElement[int] | Any, values: Sequence[Any]
) -> Iterable[tuple[Any, int]]:
    return session.execute(select(of, to).where(among(session, of, values))).tuples().all() if values else ()
