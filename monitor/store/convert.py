"""Values to rows and back, side by side; a round-trip test guards each pair."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from itertools import groupby
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
    for name, value in article_values(article).items():
        setattr(row, name, value)


def article_values(article: Article) -> dict[str, Any]:
    """What cleaning found, by column."""
    offset = article.published.utcoffset() if article.published else None
    return {
        "url": article.url,
        "title": article.title,
        "authors": list(article.authors),
        "section": article.section,
        "language": article.language,
        "published": article.published,
        "published_offset": None if offset is None else int(offset.total_seconds() // 60),
        "published_quality": article.published_quality.value,
        "published_printed": article.published_printed,
        "text": article.text,
        "blocks": _outline(article.blocks),
        "words": article.words,
        "lead_image": article.lead_image,
        "wire": article.wire,
        "kind": article.kind.value,
        "labels": list(article.labels),
        "provenance": dict(article.provenance),
        "removed": [[removed.rule, removed.text] for removed in article.removed],
    }


def _outline(blocks: Iterable[Block]) -> list[Any]:
    """Kind, level and number of lines of each block, equal ones counted: their words stand in the text already."""
    each = ((block.kind.value, block.level, block.text.count("\n") + 1) for block in blocks)
    alike = ((block, sum(1 for _ in same)) for block, same in groupby(each))
    return [[*block, number] if number > 1 else [*block] for block, number in alike]


def _blocks(text: str, outline: Iterable[Any]) -> Iterator[Block]:
    lines, at = text.split("\n"), 0
    for kind, level, number, *times in outline:
        for _ in range(*times or (1,)):
            yield Block(BlockKind(kind), "\n".join(lines[at : at + number]), level)
            at += number


def article_from_row(row: ArticleRow, links: Iterable[Link] = ()) -> Article:
    """The article that article_onto_row wrote, in its printed zone again."""
    return Article(
        url=row.url,
        title=row.title,
        blocks=tuple(_blocks(row.text, row.blocks)),
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


def published_of_entry(published: Published) -> dict[str, Any]:
    """A listing's time as an entry's columns."""
    return {
        "published": published.at,
        "published_quality": published.quality.value,
        "published_printed": published.printed,
    }


def published_from_entry(row: EntryRow) -> Published:
    """The time that published_of_entry gave (in UTC)."""
    return Published(row.published, DateQuality(row.published_quality), row.published_printed)
