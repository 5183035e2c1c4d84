"""Tables of the archive: articles with what belongs to them, what was learnt, who was told."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped

from monitor.store.tables.base import Row, column
from monitor.store.types import Key, String, Text


class ArticleRow(Row):
    """A page made clean, judged and kept."""

    __tablename__ = "articles"
    __table_args__ = (
        Index(
            "ix_articles_copies_of",
            "copies_of",
            sqlite_where=sql("copies_of IS NOT NULL"),  # PostgreSQL stores equal keys once, NULL too
        ),
        Index("ix_articles_revised", "revision", sqlite_where=sql("revision > 1")),  # likewise
        {"comment": "articles, newest text"},
    )
    id: Mapped[int] = column("article number, in order of indexing", primary_key=True)
    entry: Mapped[int] = column("entries.id", ForeignKey("entries.id"), unique=True)
    url_key: Mapped[str] = column("first 16 bytes of the SHA-256 of url", Key, unique=True)
    url: Mapped[str] = column("canonical URL", Text)
    source: Mapped[str] = column("sources.id", ForeignKey("sources.id"), index=True)
    title: Mapped[str] = column("headline without the outlet's name", Text)
    authors: Mapped[list[Any]] = column("names")
    section: Mapped[str] = column("the outlet's section", Text)
    language: Mapped[str] = column("en, zh-Hans, zh-Hant, ...; empty when unknown", String(16))
    published: Mapped[datetime | None] = column("printed time (UTC)", index=True)
    published_offset: Mapped[int | None] = column("minutes east of UTC as printed")
    published_quality: Mapped[str] = column(
        "page, feed, url, date-only, assumed-zone, ahead, missing", String(16)
    )
    published_printed: Mapped[str] = column("the time as printed", Text)
    first_seen: Mapped[datetime] = column("when a listing first showed it (UTC)", index=True)
    indexed_at: Mapped[datetime] = column("when it was stored or revised (UTC)", index=True)
    text: Mapped[str] = column("one line per block", Text)
    blocks: Mapped[list[Any]] = column(
        "[kind, level, lines] per block: its words are the next so many lines of text;"
        " a fourth number = so many such blocks"
    )
    words: Mapped[int] = column("words; each Chinese character counts as one")
    lead_image: Mapped[str | None] = column("address of the lead image", Text)
    wire: Mapped[str] = column("the agency credited", Text)
    kind: Mapped[str] = column("article, teaser, ...", String(12))
    labels: Mapped[list[Any]] = column("what a reader must know: teaser, text from feed, ...")
    provenance: Mapped[dict[str, Any]] = column("field -> where it was found")
    removed: Mapped[list[Any]] = column("[rule, text] of what cleaning took away")
    cleaner: Mapped[int] = column("version of the cleaner")
    page: Mapped[int | None] = column("pages.id the text came from", ForeignKey("pages.id"))
    text_hash: Mapped[str] = column("SHA-256 of the folded text", String(64), index=True)
    copies_of: Mapped[int | None] = column("articles.id that began this group of copies; null = none")
    shown: Mapped[bool] = column("the best of its group of copies", default=True)
    tier: Mapped[str] = column("core, relevant, peripheral", String(12))
    points: Mapped[int] = column("relevance points")
    rules: Mapped[list[Any]] = column("scoring rules that hold")
    revision: Mapped[int] = column("1, and one more for each edit seen", default=1)
    learnt: Mapped[int | None] = column(
        "learning.edition of the approved lines that it was cleaned with; null = stored before lines were counted"
    )
    cleaned_at: Mapped[datetime | None] = column("when its stored page was cleaned again (UTC); null = never")


class LearningRow(Row):
    """How far the lines of a source's articles are counted."""

    __tablename__ = "learning"
    __table_args__ = {"comment": "learnt boilerplate: what is counted of each source"}  # noqa: RUF012
    source: Mapped[str] = column("sources.id", ForeignKey("sources.id"), primary_key=True)
    articles: Mapped[int] = column("articles whose lines were counted", default=0)
    edition: Mapped[int] = column("raised when the lines approved by a person change", default=0)


class RecurringRow(Row):
    """A line of a source's articles, counted."""

    __tablename__ = "recurring"
    __table_args__ = (
        UniqueConstraint("source", "key"),
        {"comment": "learnt boilerplate: lines of a source's articles, counted; the ones seen last are kept"},
    )
    id: Mapped[int] = column("line number", primary_key=True)
    source: Mapped[str] = column("sources.id", ForeignKey("sources.id"))
    key: Mapped[int] = column("hash of the line, numbers and dates folded")
    text: Mapped[str] = column("the line as printed last; empty until it has come twice", Text, default="")
    articles: Mapped[int] = column("articles that hold it", default=1)
    head: Mapped[int] = column("times among an article's first lines", default=0)
    tail: Mapped[int] = column("times among an article's last lines", default=0)
    headings: Mapped[int] = column("times that it was a heading", default=0)
    days: Mapped[int] = column("bit n is set when an article of a day n (modulo 61) held it", default=0)
    first_at: Mapped[int] = column("learning.articles when it came first")
    last_at: Mapped[int] = column("learning.articles when it came last")
    examples: Mapped[list[Any]] = column("the first two articles.id that held it")
    state: Mapped[str] = column("empty, approved, rejected: what a person decided", String(8), default="")
    decided_at: Mapped[datetime | None] = column("when that was decided (UTC)")


class SketchRow(Row):
    """The fingerprint of a text that may still be copied."""

    __tablename__ = "sketches"
    __table_args__ = {"comment": "fingerprints of the texts of the last 30 to 35 days"}  # noqa: RUF012
    article: Mapped[int] = column(
        "articles.id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    era: Mapped[int] = column("as in fingerprints", index=True)
    sketch: Mapped[bytes] = column("the fingerprint", LargeBinary)


class FingerprintRow(Row):
    """One key of an article's fingerprint, to find candidates for copies."""

    __tablename__ = "fingerprints"
    __table_args__ = {  # noqa: RUF012
        "comment": "keys of the fingerprints in sketches",
        "sqlite_with_rowid": False,
    }
    era: Mapped[int] = column(
        "days from 1 January 1970 to articles.indexed_at, by 5", primary_key=True, autoincrement=False
    )
    key: Mapped[int] = column("a shingle's hash", primary_key=True, autoincrement=False)
    article: Mapped[int] = column(
        "articles.id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class RevisionRow(Row):
    """A text that an article had before it was edited."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("article", "number"), {"comment": "earlier texts of articles"})
    id: Mapped[int] = column("row number", primary_key=True)
    article: Mapped[int] = column("articles.id", ForeignKey("articles.id", ondelete="CASCADE"))
    number: Mapped[int] = column("1 is the text first seen")
    replaced_at: Mapped[datetime] = column("when a newer text was seen (UTC)")
    title: Mapped[str] = column("headline then", Text)
    text: Mapped[str] = column("text then", Text)
    text_hash: Mapped[str] = column("SHA-256 of the folded text", String(64))
    page: Mapped[int | None] = column("pages.id", ForeignKey("pages.id"))


class WatchRow(Row):
    """An article whose page is to be asked for again, to see an edit that no listing tells of."""

    __tablename__ = "watches"
    __table_args__ = {"comment": "articles whose page is asked for again, until the last of its times"}  # noqa: RUF012
    article: Mapped[int] = column(
        "articles.id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    due: Mapped[datetime] = column("when its page is asked for again (UTC)", index=True)
    tries: Mapped[int] = column("times in a row that this brought no answer", default=0)
    failing_since: Mapped[datetime | None] = column("when the first of these was (UTC)")
    why: Mapped[str] = column("what came instead of an answer, in words", Text, default="")


class RereadingRow(Row):
    """An answer to asking for an article's page again."""

    __tablename__ = "rereadings"
    __table_args__ = {"comment": "what came of asking for articles' pages again"}  # noqa: RUF012
    id: Mapped[int] = column("number of the re-reading", primary_key=True)
    article: Mapped[int] = column("articles.id", ForeignKey("articles.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = column("UTC")
    answer: Mapped[str] = column("unchanged, edited, kept, withdrawn, back, refused, no answer", String(10))
    why: Mapped[str] = column("the reason in words", Text, default="")


class LinkRow(Row):
    """An edge from an article to a URL or to a title."""

    __tablename__ = "links"
    __table_args__ = (
        Index(
            "ix_links_target",
            "target",
            sqlite_where=sql("target IS NOT NULL"),  # most links lead out of the archive
            # PostgreSQL's WHERE stands in the migration: to name it here imports its dialect at every start
        ),
        {"comment": "links of articles, one a target", "sqlite_with_rowid": False},
    )
    article: Mapped[int] = column(
        "articles.id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    target_key: Mapped[str] = column(
        "first 16 bytes of the SHA-256 of url, or of the folded title", Key, primary_key=True, index=True
    )
    kind: Mapped[str] = column("read-also, related, in-text, source", String(12))
    url: Mapped[str | None] = column("canonical URL; null when the page gave none", Text)
    title: Mapped[str] = column("anchor text", Text)
    position: Mapped[int] = column("index of the block it stands before or in")
    target: Mapped[int | None] = column("articles.id once that article is stored")


class MentionRow(Row):
    """A vocabulary term found in an article."""

    __tablename__ = "mentions"
    __table_args__ = (
        Index("ix_mentions_term", "term", "article"),
        {"comment": "terms found in articles", "sqlite_with_rowid": False},
    )
    article: Mapped[int] = column(
        "articles.id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    term: Mapped[str] = column("id in the vocabulary", String(40), primary_key=True)
    form: Mapped[str] = column("the spelling found first", Text)
    in_title: Mapped[int] = column("hits in the title")
    in_body: Mapped[int] = column("hits in the text")
    points: Mapped[int] = column("points given")


class FacetRow(Row):
    """One thing that an article may be found by, beside its words and terms."""

    __tablename__ = "facets"
    __table_args__ = {  # noqa: RUF012
        "comment": "authors, sections and linked hosts to the articles that may have them; narrows searches, proves nothing",
        "sqlite_with_rowid": False,
    }
    value: Mapped[str] = column(
        "a: a word or Chinese character of an author's name, a:* any; s: the section, both folded;"
        " h: a linked host, its last label first",
        Text,  # PostgreSQL: COLLATE "C" by its migration, for it is asked for by how it begins
        primary_key=True,
    )
    article: Mapped[int] = column("articles.id", primary_key=True, autoincrement=False)


class AlertRow(Row):
    """What a rule owes to a channel; a row until its receipt is stored."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("rule", "channel", "about", "revision"),
        UniqueConstraint("channel", "change"),
        Index("ix_alerts_due", "state", "next_try"),
        {"comment": "alerts owed and sent"},
    )
    id: Mapped[int] = column("alert number", primary_key=True)
    token: Mapped[str] = column("the id that receivers see, the same on every try", String(24), unique=True)
    rule: Mapped[str] = column("name of the rule; health for a change of a source's health", Text)
    channel: Mapped[str] = column("name of the channel", Text)
    about: Mapped[int | None] = column("articles.id that began the group of copies: one alert each")
    revision: Mapped[int] = column(
        "of the edit that is told; 0 = the article itself; -N = that its page was gone at revision N",
        default=0,
    )
    article: Mapped[int | None] = column(
        "articles.id that fired", ForeignKey("articles.id", ondelete="CASCADE")
    )
    change: Mapped[int | None] = column(
        "changes.id that is told, instead of an article", ForeignKey("changes.id", ondelete="CASCADE")
    )
    why: Mapped[str] = column("why it is owed, in words", Text)
    state: Mapped[str] = column("owed, sent, set aside", String(10))
    owed_at: Mapped[datetime] = column("UTC")
    tries: Mapped[int] = column("deliveries tried", default=0)
    next_try: Mapped[datetime | None] = column("when it is due (UTC); null = not by itself")
    sent_at: Mapped[datetime | None] = column("UTC")
    took: Mapped[list[Any]] = column("recipients that took it while others did not")
    receipt: Mapped[str] = column("what the channel answered, secrets masked", Text, default="")


class TombstoneRow(Row):
    """An address of an article that was purged."""

    __tablename__ = "tombstones"
    __table_args__ = {"comment": "addresses of articles that were purged and do not come back"}  # noqa: RUF012
    url_key: Mapped[str] = column("entries.url_key or articles.url_key of the article", Key, primary_key=True)
    article: Mapped[int] = column("the number that it had")
    purged_at: Mapped[datetime] = column("when it was purged (UTC)")
    why: Mapped[str] = column("the reason in words", Text)


class MetaRow(Row):
    """Facts about the database itself."""

    __tablename__ = "meta"
    __table_args__ = {"comment": "facts about this database"}  # noqa: RUF012
    name: Mapped[str] = column("release: the last one that worked on it", String(40), primary_key=True)
    value: Mapped[str] = column("value", Text)


class SavedSearchRow(Row):
    """A query with a name."""

    __tablename__ = "saved_searches"
    __table_args__ = {"comment": "queries with a name, shared by all who ask this database"}  # noqa: RUF012
    name: Mapped[str] = column("what stands behind @, in lower case", String(40), primary_key=True)
    query: Mapped[str] = column("the query as written", Text)
    saved_at: Mapped[datetime] = column("UTC")
