"""Values to rows and back, side by side; a round-trip test guards each pair."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from typing import Any

from monitor.model import (
    Article,
    Block,
    BlockKind,
    DateQuality,
    Link,
    LinkKind,
    PageKind,
    Published,
    Removed,
)
from monitor.store.tables import ArticleRow, EntryRow


def article_to_json(article: Article) -> dict[str, Any]:
    """An article as JSON values, for a draft."""
    values = asdict(article)
    values["published"] = article.published.isoformat() if article.published else None
    values["provenance"] = dict(article.provenance)
    return values


def article_from_json(values: dict[str, Any]) -> Article:
    """The article that article_to_json wrote."""
    known = dict(values)
    known["published"] = datetime.fromisoformat(known["published"]) if known["published"] else None
    known["published_quality"] = DateQuality(known["published_quality"])
    known["kind"] = PageKind(known["kind"])
    known["blocks"] = tuple(
        Block(BlockKind(block["kind"]), block["text"], block["level"]) for block in known["blocks"]
    )
    known["links"] = tuple(
        Link(LinkKind(link["kind"]), link["url"], link["title"], link["position"]) for link in known["links"]
    )
    known["removed"] = tuple(Removed(**removed) for removed in known["removed"])
    known["authors"] = tuple(known["authors"])
    known["labels"] = tuple(known["labels"])
    return Article(**known)


def article_onto_row(article: Article, row: ArticleRow) -> None:
    """Write what cleaning found onto a row; links live in rows of their own."""
    offset = article.published.utcoffset() if article.published else None
    row.url = article.url
    row.title = article.title
    row.authors = list(article.authors)
    row.section = article.section
    row.language = article.language
    row.published = article.published
    row.published_offset = None if offset is None else int(offset.total_seconds() // 60)
    row.published_quality = article.published_quality.value
    row.published_printed = article.published_printed
    row.text = article.text
    row.blocks = [[block.kind.value, block.level, block.text] for block in article.blocks]
    row.words = article.words
    row.lead_image = article.lead_image
    row.wire = article.wire
    row.kind = article.kind.value
    row.labels = list(article.labels)
    row.provenance = dict(article.provenance)
    row.removed = [[removed.rule, removed.text] for removed in article.removed]


def article_from_row(row: ArticleRow, links: Iterable[Link] = ()) -> Article:
    """The article that article_onto_row wrote, in its printed zone again."""
    return Article(
        url=row.url,
        title=row.title,
        blocks=tuple(Block(BlockKind(kind), text, level) for kind, level, text in row.blocks),
        authors=tuple(row.authors),
        published=printed_zone(row),
        published_quality=DateQuality(row.published_quality),
        published_printed=row.published_printed,
        section=row.section,
        language=row.language,
        lead_image=row.lead_image,
        words=row.words,
        wire=row.wire,
        links=tuple(links),
        kind=PageKind(row.kind),
        labels=tuple(row.labels),
        provenance=dict(row.provenance),
        removed=tuple(Removed(rule, text) for rule, text in row.removed),
    )


def printed_zone(row: ArticleRow) -> datetime | None:
    """An article's time in the zone in which it was printed."""
    if row.published is None or row.published_offset is None:
        return row.published
    return row.published.astimezone(timezone(timedelta(minutes=row.published_offset)))


def published_onto_entry(published: Published, row: EntryRow) -> None:
    """Write a listing's time onto an entry."""
    row.published = published.at
    row.published_quality = published.quality.value
    row.published_printed = published.printed


def published_from_entry(row: EntryRow) -> Published:
    """The time that published_onto_entry wrote (in UTC)."""
    return Published(row.published, DateQuality(row.published_quality), row.published_printed)
