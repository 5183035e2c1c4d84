"""Tables of the watch: sources, feeds, rounds, polls, and what they owe an answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped

from monitor.store.tables.base import Row, column
from monitor.store.types import Key, String, Text


class SourceRow(Row):
    """An outlet as last seen in the settings; kept when it is taken out of them."""

    __tablename__ = "sources"
    __table_args__ = {"comment": "outlets, as last read from the settings"}  # noqa: RUF012
    id: Mapped[str] = column("the source's id in TOML", String(40), primary_key=True)
    name: Mapped[str] = column("the outlet's name", Text)
    home: Mapped[str] = column("its home page", Text)
    language: Mapped[str] = column("BCP 47 tag of most of its articles", String(16))
    side: Mapped[str] = column("us, prc, tw, ally, other", String(8))
    kind: Mapped[str] = column("official, state media, wire, trade, press, think tank", String(16))
    tier: Mapped[int] = column("1 speaks for itself ... 4 repeats others")
    zone: Mapped[str] = column("time zone assumed for printed times without one", String(64))
    keep: Mapped[str] = column(
        "full, excerpt, metadata: what of its texts may be kept and passed on", String(8), default="full"
    )
    seen_at: Mapped[datetime] = column("when the settings last named it (UTC)")
    state: Mapped[str] = column(
        "ok, silent, all-duplicates, gap, zombie, failing, blocked; empty = not yet asked",
        String(16),
        default="",
    )
    state_since: Mapped[datetime | None] = column("when that state began (UTC)")
    state_why: Mapped[str] = column("the reason in words, as of its last poll", Text, default="")
    base: Mapped[int | None] = column("pages.id that its newer pages are compressed with")


class FeedRow(Row):
    """One address that is polled, with its state."""

    __tablename__ = "feeds"
    __table_args__ = {"comment": "addresses that are polled, with their state"}  # noqa: RUF012
    id: Mapped[int] = column("feed number", primary_key=True)
    source: Mapped[str] = column("sources.id", ForeignKey("sources.id"), index=True)
    url: Mapped[str] = column("the address", Text, unique=True)
    kind: Mapped[str] = column("feed, sitemap, section", String(8))
    active: Mapped[bool] = column("whether the settings still name it", default=True)
    etag: Mapped[str] = column("ETag of the last whole answer, byte for byte", Text, default="")
    last_modified: Mapped[str] = column("Last-Modified of the last whole answer", Text, default="")
    body_hash: Mapped[str] = column("SHA-256 of the last whole answer", String(64), default="")
    next_poll: Mapped[datetime] = column("when it is due (UTC)", index=True)
    polled_at: Mapped[datetime | None] = column("when it was last asked (UTC)")
    answered_at: Mapped[datetime | None] = column("when it last answered well (UTC)")
    brought_at: Mapped[datetime | None] = column("when it last brought a new entry (UTC)")
    failures: Mapped[int] = column("failures in a row", default=0)
    problem: Mapped[str] = column("the last failure in words, empty while well", Text, default="")
    polls: Mapped[int] = column("good answers so far; 0 = the first poll is still to come", default=0)
    answer: Mapped[str] = column("its last: news, unchanged, failed, refused", String(10), default="")
    failing_since: Mapped[datetime | None] = column("when the failures in a row began (UTC)")
    whole_at: Mapped[datetime | None] = column("when it last answered in full, not with 304 (UTC)")
    wish: Mapped[int | None] = column("seconds between two polls that it asks for itself")
    title: Mapped[str] = column("its own title, as it is known", Text, default="")
    host: Mapped[str] = column("the host that answers, as it is known", Text, default="")
    now_title: Mapped[str] = column("its title in the last listing", Text, default="")
    now_host: Mapped[str] = column("the host of the last listing", Text, default="")
    newest_at: Mapped[datetime | None] = column("newest time printed in the last listing (UTC)")
    oldest_at: Mapped[datetime | None] = column("oldest time printed in the last listing (UTC)")
    covers: Mapped[int | None] = column("seconds between these two, where enough lines have a time")
    fresh_at: Mapped[datetime | None] = column(
        "when a line never seen before last came (UTC); of a first poll, the time printed"
    )
    lines: Mapped[int] = column("lines of the last listing", default=0)
    lines_hash: Mapped[str] = column("changes when the listing's lines change", String(64), default="")
    changed_at: Mapped[datetime | None] = column("when they last changed (UTC)")
    gap_from: Mapped[datetime | None] = column("lines may have scrolled away unseen from then (UTC) ...")
    gap_to: Mapped[datetime | None] = column("... to then (UTC); null = nothing is missing")
    rhythm: Mapped[list[Any]] = column(
        "[day, seconds of the longest pause that ended on it] of the last 60 days with news", default=list
    )


class RoundRow(Row):
    """One round of the main job."""

    __tablename__ = "rounds"
    __table_args__ = {"comment": "rounds of the main job"}  # noqa: RUF012
    id: Mapped[int] = column("round number", primary_key=True)
    started_at: Mapped[datetime] = column("UTC")
    ended_at: Mapped[datetime | None] = column("UTC; null while running or when cut off")
    state: Mapped[str] = column("running, backfill, done, stopped, offline, lost", String(8))
    note: Mapped[str] = column("what is to be said of it as a whole", Text, default="")
    started_by: Mapped[str] = column("host and process that ran it", Text, default="")


class ChangeRow(Row):
    """A source's state of health changed."""

    __tablename__ = "changes"
    __table_args__ = {"comment": "changes of sources' health"}  # noqa: RUF012
    id: Mapped[int] = column("number of the change", primary_key=True)
    source: Mapped[str] = column("sources.id", ForeignKey("sources.id"), index=True)
    round: Mapped[int] = column(
        "rounds.id that saw it", ForeignKey("rounds.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = column("UTC")
    before: Mapped[str] = column("see sources.state; empty = its first poll", String(16))
    after: Mapped[str] = column("see sources.state", String(16))
    why: Mapped[str] = column("the reason in words", Text)


class LeaseRow(Row):
    """Who may run a round now."""

    __tablename__ = "leases"
    __table_args__ = {"comment": "one round at a time: who holds it"}  # noqa: RUF012
    name: Mapped[str] = column("what is held: round", String(16), primary_key=True)
    round: Mapped[int] = column("rounds.id")
    host: Mapped[str] = column("machine of the holder", Text)
    process: Mapped[str] = column("process id and start time of the holder", Text)
    expires_at: Mapped[datetime] = column("free after this time (UTC), unless renewed")


class PollRow(Row):
    """One answer of one feed in one round."""

    __tablename__ = "polls"
    __table_args__ = (UniqueConstraint("round", "feed"), {"comment": "what each poll brought"})
    id: Mapped[int] = column("poll number", primary_key=True)
    round: Mapped[int] = column("rounds.id", ForeignKey("rounds.id", ondelete="CASCADE"))
    feed: Mapped[int] = column("feeds.id", ForeignKey("feeds.id"), index=True)
    at: Mapped[datetime] = column("UTC")
    answer: Mapped[str] = column("news, unchanged, failed, refused", String(10))
    found: Mapped[int] = column("lines in the listing", default=0)
    new: Mapped[int] = column("entries never seen before", default=0)
    why: Mapped[str] = column("notes and failures in words", Text, default="")


class EntryRow(Row):
    """A URL that we owe an answer."""

    __tablename__ = "entries"
    __table_args__ = (
        Index("ix_entries_due", "next_try"),
        {"comment": "every URL ever seen, with its outcome and the reason"},
    )
    id: Mapped[int] = column("entry number, in order of first sight", primary_key=True)
    url_key: Mapped[str] = column("first 16 bytes of the SHA-256 of url", Key, unique=True)
    url: Mapped[str] = column("canonical URL", Text)
    address: Mapped[str] = column("the URL as listed, which is what is fetched", Text)
    source: Mapped[str] = column("sources.id", ForeignKey("sources.id"), index=True)
    feed: Mapped[int | None] = column("feeds.id that showed it first", ForeignKey("feeds.id"))
    title: Mapped[str] = column("title in the listing", Text, default="")
    summary: Mapped[str] = column("summary in the listing, plain text", Text, default="")
    feed_text: Mapped[str] = column("whole text where the feed carries it", Text, default="")
    published: Mapped[datetime | None] = column("time in the listing (UTC)")
    published_quality: Mapped[str] = column("see articles.published_quality", String(16), default="missing")
    published_printed: Mapped[str] = column("time as printed in the listing", Text, default="")
    listing_hash: Mapped[str] = column("changes when the listing's line changes", String(64), default="")
    first_poll: Mapped[bool] = column("arrived with its feed's first poll: not news", default=False)
    first_seen: Mapped[datetime] = column("UTC")
    outcome: Mapped[str] = column(
        "pending, stored, copy, duplicate, off-topic, refused, unreadable, gone", String(12), index=True
    )
    why: Mapped[str] = column("the reason in words", Text, default="")
    tries: Mapped[int] = column("times its page was asked for since the last success", default=0)
    crashes: Mapped[int] = column("faults of ours over it in a row; at 3 it is set aside", default=0)
    next_try: Mapped[datetime | None] = column("when its page is due (UTC); null = nothing is owed")
    decided_at: Mapped[datetime | None] = column("when the outcome was set (UTC)")
    decided_round: Mapped[int | None] = column("rounds.id that decided it", index=True)
    same_as: Mapped[int | None] = column("articles.id that a duplicate or copy repeats")


class PageRow(Row):
    """An answer as fetched, kept so that history can be cleaned again."""

    __tablename__ = "pages"
    __table_args__ = {"comment": "raw answers, compressed"}  # noqa: RUF012
    id: Mapped[int] = column("page number", primary_key=True)
    entry: Mapped[int] = column("entries.id", ForeignKey("entries.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = column("URL asked for", Text)
    final_url: Mapped[str] = column("URL that answered, after redirects", Text)
    status: Mapped[int] = column("HTTP status")
    headers: Mapped[dict[str, Any]] = column("answer headers, names in lower case")
    fetched_at: Mapped[datetime] = column("UTC")
    sha256: Mapped[str] = column("of the body, hex", String(64), index=True)
    size: Mapped[int] = column("bytes of the body")
    body: Mapped[bytes] = column("the body, zstd", LargeBinary)
    asked: Mapped[dict[str, Any]] = column(
        "headers that were sent, names in lower case; empty before they were kept", default=dict
    )
    base: Mapped[int | None] = column(
        "pages.id whose body is the dictionary of this one's; with an empty body: the same body"
    )


class DraftRow(Row):
    """A read page that waits to be settled."""

    __tablename__ = "drafts"
    __table_args__ = {"comment": "cleaned pages that wait to be settled"}  # noqa: RUF012
    entry: Mapped[int] = column(
        "entries.id", ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    page: Mapped[int | None] = column("pages.id", ForeignKey("pages.id", ondelete="CASCADE"))
    made_at: Mapped[datetime] = column("UTC")
    cleaner: Mapped[int] = column("version of the cleaner")
    article: Mapped[dict[str, Any]] = column("the article")
