"""The tables. Rows decide nothing and stay in `store` and `query`; each column says what it holds.

The migrations in `migrations/` make these tables; a test compares the two.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from monitor.store.types import Id, Json, UtcTime

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(DeclarativeBase):
    """Base of all rows."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {datetime: UtcTime(), int: Id, dict[str, Any]: Json, list[Any]: Json}  # noqa: RUF012


def _column(comment: str, *args: Any, **options: Any) -> Any:
    return mapped_column(*args, comment=comment, **options)


class SourceRow(Row):
    """An outlet as last seen in the settings; kept when it is taken out of them."""

    __tablename__ = "sources"
    __table_args__ = {"comment": "outlets, as last read from the settings"}  # noqa: RUF012
    id: Mapped[str] = _column("the source's id in TOML", String(40), primary_key=True)
    name: Mapped[str] = _column("the outlet's name", Text)
    home: Mapped[str] = _column("its home page", Text)
    language: Mapped[str] = _column("BCP 47 tag of most of its articles", String(16))
    side: Mapped[str] = _column("us, prc, tw, ally, other", String(8))
    kind: Mapped[str] = _column("official, state media, wire, trade, press, think tank", String(16))
    tier: Mapped[int] = _column("1 speaks for itself ... 4 repeats others")
    zone: Mapped[str] = _column("time zone assumed for printed times without one", String(64))
    seen_at: Mapped[datetime] = _column("when the settings last named it (UTC)")


class FeedRow(Row):
    """One address that is polled, with its state."""

    __tablename__ = "feeds"
    __table_args__ = {"comment": "addresses that are polled, with their state"}  # noqa: RUF012
    id: Mapped[int] = _column("feed number", primary_key=True)
    source: Mapped[str] = _column("sources.id", ForeignKey("sources.id"), index=True)
    url: Mapped[str] = _column("the address", Text, unique=True)
    kind: Mapped[str] = _column("feed, sitemap, section", String(8))
    active: Mapped[bool] = _column("whether the settings still name it", default=True)
    etag: Mapped[str] = _column("ETag of the last whole answer, byte for byte", Text, default="")
    last_modified: Mapped[str] = _column("Last-Modified of the last whole answer", Text, default="")
    body_hash: Mapped[str] = _column("SHA-256 of the last whole answer", String(64), default="")
    next_poll: Mapped[datetime] = _column("when it is due (UTC)", index=True)
    polled_at: Mapped[datetime | None] = _column("when it was last asked (UTC)")
    answered_at: Mapped[datetime | None] = _column("when it last answered well (UTC)")
    brought_at: Mapped[datetime | None] = _column("when it last brought a new entry (UTC)")
    failures: Mapped[int] = _column("failures in a row", default=0)
    problem: Mapped[str] = _column("the last failure in words, empty while well", Text, default="")
    polls: Mapped[int] = _column("good answers so far; 0 = the first poll is still to come", default=0)


class RoundRow(Row):
    """One round of the main job."""

    __tablename__ = "rounds"
    __table_args__ = {"comment": "rounds of the main job"}  # noqa: RUF012
    id: Mapped[int] = _column("round number", primary_key=True)
    started_at: Mapped[datetime] = _column("UTC")
    ended_at: Mapped[datetime | None] = _column("UTC; null while running or when cut off")
    state: Mapped[str] = _column("running, done, stopped, lost", String(8))
    started_by: Mapped[str] = _column("host and process that ran it", Text, default="")


class LeaseRow(Row):
    """Who may run a round now."""

    __tablename__ = "leases"
    __table_args__ = {"comment": "one round at a time: who holds it"}  # noqa: RUF012
    name: Mapped[str] = _column("what is held: round", String(16), primary_key=True)
    round: Mapped[int] = _column("rounds.id")
    host: Mapped[str] = _column("machine of the holder", Text)
    process: Mapped[str] = _column("process id and start time of the holder", Text)
    expires_at: Mapped[datetime] = _column("free after this time (UTC), unless renewed")


class PollRow(Row):
    """One answer of one feed in one round."""

    __tablename__ = "polls"
    __table_args__ = (UniqueConstraint("round", "feed"), {"comment": "what each poll brought"})
    id: Mapped[int] = _column("poll number", primary_key=True)
    round: Mapped[int] = _column("rounds.id", ForeignKey("rounds.id", ondelete="CASCADE"))
    feed: Mapped[int] = _column("feeds.id", ForeignKey("feeds.id"), index=True)
    at: Mapped[datetime] = _column("UTC")
    answer: Mapped[str] = _column("news, unchanged, failed, refused", String(10))
    found: Mapped[int] = _column("lines in the listing", default=0)
    new: Mapped[int] = _column("entries never seen before", default=0)
    why: Mapped[str] = _column("notes and failures in words", Text, default="")


class EntryRow(Row):
    """A URL that we owe an answer."""

    __tablename__ = "entries"
    __table_args__ = (
        Index("ix_entries_due", "next_try"),
        {"comment": "every URL ever seen, with its outcome and the reason"},
    )
    id: Mapped[int] = _column("entry number, in order of first sight", primary_key=True)
    url_key: Mapped[str] = _column("SHA-256 of url", String(64), unique=True)
    url: Mapped[str] = _column("canonical URL", Text)
    address: Mapped[str] = _column("the URL as listed, which is what is fetched", Text)
    source: Mapped[str] = _column("sources.id", ForeignKey("sources.id"), index=True)
    feed: Mapped[int | None] = _column("feeds.id that showed it first", ForeignKey("feeds.id"))
    title: Mapped[str] = _column("title in the listing", Text, default="")
    summary: Mapped[str] = _column("summary in the listing, plain text", Text, default="")
    feed_text: Mapped[str] = _column("whole text where the feed carries it", Text, default="")
    published: Mapped[datetime | None] = _column("time in the listing (UTC)")
    published_quality: Mapped[str] = _column("see articles.published_quality", String(16), default="missing")
    published_printed: Mapped[str] = _column("time as printed in the listing", Text, default="")
    listing_hash: Mapped[str] = _column("changes when the listing's line changes", String(64), default="")
    first_poll: Mapped[bool] = _column("arrived with its feed's first poll: not news", default=False)
    first_seen: Mapped[datetime] = _column("UTC")
    outcome: Mapped[str] = _column(
        "pending, stored, copy, duplicate, off-topic, refused, unreadable, gone", String(12), index=True
    )
    why: Mapped[str] = _column("the reason in words", Text, default="")
    tries: Mapped[int] = _column("times its page was asked for since the last success", default=0)
    crashes: Mapped[int] = _column("faults of ours over it in a row; at 3 it is set aside", default=0)
    next_try: Mapped[datetime | None] = _column("when its page is due (UTC); null = nothing is owed")
    decided_at: Mapped[datetime | None] = _column("when the outcome was set (UTC)")
    decided_round: Mapped[int | None] = _column("rounds.id that decided it", index=True)
    same_as: Mapped[int | None] = _column("articles.id that a duplicate or copy repeats")


class PageRow(Row):
    """An answer as fetched, kept so that history can be cleaned again."""

    __tablename__ = "pages"
    __table_args__ = {"comment": "raw answers, compressed"}  # noqa: RUF012
    id: Mapped[int] = _column("page number", primary_key=True)
    entry: Mapped[int] = _column("entries.id", ForeignKey("entries.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = _column("URL asked for", Text)
    final_url: Mapped[str] = _column("URL that answered, after redirects", Text)
    status: Mapped[int] = _column("HTTP status")
    headers: Mapped[dict[str, Any]] = _column("answer headers, names in lower case")
    fetched_at: Mapped[datetime] = _column("UTC")
    sha256: Mapped[str] = _column("of the body, hex", String(64))
    size: Mapped[int] = _column("bytes of the body")
    body: Mapped[bytes] = _column("the body, zstd", LargeBinary)


class DraftRow(Row):
    """A read page that waits to be settled."""

    __tablename__ = "drafts"
    __table_args__ = {"comment": "cleaned pages that wait to be settled"}  # noqa: RUF012
    entry: Mapped[int] = _column(
        "entries.id", ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    page: Mapped[int | None] = _column("pages.id", ForeignKey("pages.id", ondelete="CASCADE"))
    made_at: Mapped[datetime] = _column("UTC")
    cleaner: Mapped[int] = _column("version of the cleaner")
    article: Mapped[dict[str, Any]] = _column("the article")


class ArticleRow(Row):
    """A page made clean, judged and kept."""

    __tablename__ = "articles"
    __table_args__ = {"comment": "articles, newest text"}  # noqa: RUF012
    id: Mapped[int] = _column("article number, in order of indexing", primary_key=True)
    entry: Mapped[int] = _column("entries.id", ForeignKey("entries.id"), unique=True)
    url_key: Mapped[str] = _column("SHA-256 of url", String(64), unique=True)
    url: Mapped[str] = _column("canonical URL", Text)
    source: Mapped[str] = _column("sources.id", ForeignKey("sources.id"), index=True)
    title: Mapped[str] = _column("headline without the outlet's name", Text)
    authors: Mapped[list[Any]] = _column("names")
    section: Mapped[str] = _column("the outlet's section", Text)
    language: Mapped[str] = _column("en, zh-Hans, zh-Hant, ...; empty when unknown", String(16))
    published: Mapped[datetime | None] = _column("printed time (UTC)", index=True)
    published_offset: Mapped[int | None] = _column("minutes east of UTC as printed")
    published_quality: Mapped[str] = _column("page, feed, url, date-only, assumed-zone, missing", String(16))
    published_printed: Mapped[str] = _column("the time as printed", Text)
    first_seen: Mapped[datetime] = _column("when a listing first showed it (UTC)", index=True)
    indexed_at: Mapped[datetime] = _column("when it was stored or revised (UTC)", index=True)
    text: Mapped[str] = _column("one line per block", Text)
    blocks: Mapped[list[Any]] = _column("[kind, level, text] per block")
    words: Mapped[int] = _column("words; each Chinese character counts as one")
    lead_image: Mapped[str | None] = _column("address of the lead image", Text)
    wire: Mapped[str] = _column("the agency credited", Text)
    kind: Mapped[str] = _column("article, teaser, ...", String(12))
    labels: Mapped[list[Any]] = _column("what a reader must know: teaser, text from feed, ...")
    provenance: Mapped[dict[str, Any]] = _column("field -> where it was found")
    removed: Mapped[list[Any]] = _column("[rule, text] of what cleaning took away")
    cleaner: Mapped[int] = _column("version of the cleaner")
    page: Mapped[int | None] = _column("pages.id the text came from", ForeignKey("pages.id"))
    text_hash: Mapped[str] = _column("SHA-256 of the folded text", String(64), index=True)
    sketch: Mapped[bytes] = _column("fingerprint of the text", LargeBinary)
    copies_of: Mapped[int | None] = _column("articles.id that began this group of copies; null = none")
    shown: Mapped[bool] = _column("the best of its group of copies", default=True)
    tier: Mapped[str] = _column("core, relevant, peripheral", String(12))
    points: Mapped[int] = _column("relevance points")
    rules: Mapped[list[Any]] = _column("scoring rules that hold")
    revision: Mapped[int] = _column("1, and one more for each edit seen", default=1)
    learnt: Mapped[int | None] = _column(
        "learning.edition of the approved lines that it was cleaned with; null = stored before lines were counted"
    )
    cleaned_at: Mapped[datetime | None] = _column(
        "when its stored page was cleaned again (UTC); null = never"
    )


class LearningRow(Row):
    """How far the lines of a source's articles are counted."""

    __tablename__ = "learning"
    __table_args__ = {"comment": "learnt boilerplate: what is counted of each source"}  # noqa: RUF012
    source: Mapped[str] = _column("sources.id", ForeignKey("sources.id"), primary_key=True)
    articles: Mapped[int] = _column("articles whose lines were counted", default=0)
    edition: Mapped[int] = _column("raised when the lines approved by a person change", default=0)


class RecurringRow(Row):
    """A line of a source's articles, counted."""

    __tablename__ = "recurring"
    __table_args__ = (
        UniqueConstraint("source", "key"),
        {"comment": "learnt boilerplate: lines of a source's articles, counted; the ones seen last are kept"},
    )
    id: Mapped[int] = _column("line number", primary_key=True)
    source: Mapped[str] = _column("sources.id", ForeignKey("sources.id"))
    key: Mapped[int] = _column("hash of the line, numbers and dates folded")
    text: Mapped[str] = _column("the line as printed last; empty until it has come twice", Text, default="")
    articles: Mapped[int] = _column("articles that hold it", default=1)
    head: Mapped[int] = _column("times among an article's first lines", default=0)
    tail: Mapped[int] = _column("times among an article's last lines", default=0)
    headings: Mapped[int] = _column("times that it was a heading", default=0)
    days: Mapped[int] = _column("bit n is set when an article of a day n (modulo 61) held it", default=0)
    first_at: Mapped[int] = _column("learning.articles when it came first")
    last_at: Mapped[int] = _column("learning.articles when it came last")
    examples: Mapped[list[Any]] = _column("the first two articles.id that held it")
    state: Mapped[str] = _column("empty, approved, rejected: what a person decided", String(8), default="")
    decided_at: Mapped[datetime | None] = _column("when that was decided (UTC)")


class FingerprintRow(Row):
    """One key of an article's fingerprint, to find candidates for copies."""

    __tablename__ = "fingerprints"
    __table_args__ = {"comment": "keys of articles' fingerprints"}  # noqa: RUF012
    key: Mapped[int] = _column("a shingle's hash", primary_key=True, autoincrement=False)
    article: Mapped[int] = _column(
        "articles.id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class RevisionRow(Row):
    """A text that an article had before it was edited."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("article", "number"), {"comment": "earlier texts of articles"})
    id: Mapped[int] = _column("row number", primary_key=True)
    article: Mapped[int] = _column("articles.id", ForeignKey("articles.id", ondelete="CASCADE"))
    number: Mapped[int] = _column("1 is the text first seen")
    replaced_at: Mapped[datetime] = _column("when a newer text was seen (UTC)")
    title: Mapped[str] = _column("headline then", Text)
    text: Mapped[str] = _column("text then", Text)
    text_hash: Mapped[str] = _column("SHA-256 of the folded text", String(64))
    page: Mapped[int | None] = _column("pages.id", ForeignKey("pages.id"))


class LinkRow(Row):
    """An edge from an article to a URL or to a title."""

    __tablename__ = "links"
    __table_args__ = (UniqueConstraint("article", "target_key"), {"comment": "links of articles"})
    id: Mapped[int] = _column("link number", primary_key=True)
    article: Mapped[int] = _column("articles.id", ForeignKey("articles.id", ondelete="CASCADE"))
    kind: Mapped[str] = _column("read-also, related, in-text, source", String(12))
    url: Mapped[str | None] = _column("canonical URL; null when the page gave none", Text)
    target_key: Mapped[str] = _column("SHA-256 of url, or of the folded title", String(64), index=True)
    title: Mapped[str] = _column("anchor text", Text)
    position: Mapped[int] = _column("index of the block it stands before or in")
    target: Mapped[int | None] = _column("articles.id once that article is stored", index=True)


class MentionRow(Row):
    """A vocabulary term found in an article."""

    __tablename__ = "mentions"
    __table_args__ = (Index("ix_mentions_term", "term", "article"), {"comment": "terms found in articles"})
    article: Mapped[int] = _column(
        "articles.id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    term: Mapped[str] = _column("id in the vocabulary", String(40), primary_key=True)
    form: Mapped[str] = _column("the spelling found first", Text)
    in_title: Mapped[int] = _column("hits in the title")
    in_body: Mapped[int] = _column("hits in the text")
    points: Mapped[int] = _column("points given")


class AlertRow(Row):
    """What a rule owes to a channel; a row until its receipt is stored."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("rule", "channel", "about"),
        Index("ix_alerts_due", "state", "next_try"),
        {"comment": "alerts owed and sent"},
    )
    id: Mapped[int] = _column("alert number", primary_key=True)
    token: Mapped[str] = _column("the id that receivers see, the same on every try", String(24), unique=True)
    rule: Mapped[str] = _column("name of the rule", Text)
    channel: Mapped[str] = _column("name of the channel", Text)
    about: Mapped[int] = _column("articles.id that began the group of copies: one alert each")
    article: Mapped[int] = _column("articles.id that fired", ForeignKey("articles.id", ondelete="CASCADE"))
    why: Mapped[str] = _column("why it is owed, in words", Text)
    state: Mapped[str] = _column("owed, sent, set aside", String(10))
    owed_at: Mapped[datetime] = _column("UTC")
    tries: Mapped[int] = _column("deliveries tried", default=0)
    next_try: Mapped[datetime | None] = _column("when it is due (UTC); null = not by itself")
    sent_at: Mapped[datetime | None] = _column("UTC")
    took: Mapped[list[Any]] = _column("recipients that took it while others did not")
    receipt: Mapped[str] = _column("what the channel answered, secrets masked", Text, default="")


class MetaRow(Row):
    """Facts about the database itself."""

    __tablename__ = "meta"
    __table_args__ = {"comment": "facts about this database"}  # noqa: RUF012
    name: Mapped[str] = _column("release: the last one that worked on it", String(40), primary_key=True)
    value: Mapped[str] = _column("value", Text)


class SavedSearchRow(Row):
    """A query with a name."""

    __tablename__ = "saved_searches"
    __table_args__ = {"comment": "queries with a name, shared by all who ask this database"}  # noqa: RUF012
    name: Mapped[str] = _column("what stands behind @, in lower case", String(40), primary_key=True)
    query: Mapped[str] = _column("the query as written", Text)
    saved_at: Mapped[datetime] = _column("UTC")
