"""CSV (RFC 4180) and JSON Lines: an article a row, in UTF-8."""

import csv
import io
import json
import math
import re
from collections.abc import Iterable
from dataclasses import fields
from typing import IO, Any

from monitor.exporting.about import About, encodable, utc
from monitor.query.outgoing import Edge, Outgoing
from monitor.text.cells import guarded

COLUMNS = (
    "id", "url", "title", "source", "source_name", "side", "source_kind", "source_tier", "published",
    "published_quality", "first_seen", "indexed_at", "language", "section", "authors", "wire", "words", "relevance",
    "points", "labels", "revision", "copies_of", "shown", "text",
)  # fmt: skip
TIMES = ("published", "first_seen", "indexed_at")
_JOINED = ("authors", "labels")
_EDGE = tuple(field.name for field in fields(Edge))
# Ends of lines to some readers and none to JSON's; one article must stay one line for both.
_LINE_ENDS = re.compile("[\x85\u2028\u2029]")


def write_csv(file: IO[bytes], articles: Iterable[Outgoing], about: About) -> None:
    """Write a head and a row an article: lines end with CR LF, times in UTC, names parted by '; '.

    A cell that a spreadsheet would run as a formula gets an apostrophe in front, unless about.raw says otherwise.
    """
    page = io.StringIO(newline="")
    writer = csv.writer(page, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for article in articles:
        writer.writerow([_cell(article, name, raw=about.raw) for name in COLUMNS])
        file.write(encodable(page.getvalue()).encode())
        page.seek(0)
        page.truncate()
    file.write(encodable(page.getvalue()).encode())  # the head, where no article followed


def _cell(article: Outgoing, name: str, *, raw: bool) -> str | int:
    value = getattr(article, name)
    if name in TIMES:
        return utc(value) or ""
    if name in _JOINED:
        value = "; ".join(value)
    if name == "shown":
        return int(value)
    if isinstance(value, str):
        value = value.replace("\0", "\ufffd")  # readers of CSV stop at it
        return value if raw else guarded(value)
    return "" if value is None else value


def write_jsonl(file: IO[bytes], articles: Iterable[Outgoing], about: About) -> None:  # noqa: ARG001
    """Write a JSON object (RFC 8259) an article and line, links and terms included."""
    for article in articles:
        file.write(line(facts(article)))


def facts(article: Outgoing) -> dict[str, Any]:
    """An article as values of JSON."""
    told = {name: getattr(article, name) for name in COLUMNS}
    told |= {name: utc(told[name]) for name in TIMES}
    told["links"] = [{name: getattr(edge, name) for name in _EDGE} for edge in article.links]
    told["terms"] = list(article.terms)
    return told


def line(value: Any) -> bytes:
    """A value as one line of strict JSON in UTF-8: what is no number in JSON (NaN, infinite) is null."""
    try:
        text = _ENCODE(value)
    except ValueError:
        text = _ENCODE(_finite(value))
    if not text.isascii():
        text = _LINE_ENDS.sub(lambda found: f"\\u{ord(found[0]):04x}", encodable(text))
    return f"{text}\n".encode()


_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(name): _finite(each) for name, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value
