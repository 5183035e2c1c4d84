r"""A digest for people, in Markdown: the newest articles by the day on which they were first seen.

Text of others stays text: each sign that Markdown or one of its dialects reads as markup gets a backslash, and so does
what GitHub and others would turn into a link by themselves (`www.`, `http://`, an `@`). A piece is one line.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, timedelta, timezone
from typing import IO

from monitor.exporting.about import About
from monitor.exporting.markup import link
from monitor.query.outgoing import Outgoing
from monitor.text import one_line

TITLE, BEGINNING = 300, 280  # characters at most
SIDES = {"us": "US", "prc": "PRC", "tw": "Taiwan", "ally": "Ally", "other": "Other"}
_SIGNS = re.compile(r"[\\`*_{}\[\]<>&#~|!@$^]|(?i:(?<=www)\.)|:(?=//)")
_AT_BEGINNING = re.compile(r"(?P<sign>[-+=:])|(?P<number>\d{1,9})(?P<point>[.)])")
_QUALITY = {
    "feed": "from the feed", "url": "from its address", "date-only": "a day only", "assumed-zone": "zone assumed",
    "ahead": "later than it was read",
}  # fmt: skip
_LINK_END = str.maketrans({"(": "%28", ")": "%29", "[": "%5B", "]": "%5D", "*": "%2A", "'": "%27"})


def write_digest(file: IO[bytes], articles: Iterable[Outgoing], about: About) -> None:
    """Write the digest: a heading a day, an item an article with its times, outlet and links."""
    made = f"{about.made_at.astimezone(UTC):%Y-%m-%d %H:%M}"
    file.write(f"# Straitwatch: {marked(about.title)}\n\nMade {made}; all times are UTC.\n".encode())
    day: date | None = None
    for article in articles:
        seen = article.first_seen.astimezone(UTC).date()
        if seen != day:
            day = seen
            file.write(f"\n## {day:%Y-%m-%d}, {day:%A}\n\n".encode())
        file.write("\n".join(_item(article)).encode() + b"\n")
    if day is None:
        file.write(b"\nNothing was found.\n")


def marked(text: str, limit: int = TITLE) -> str:
    """Text of others as one line of Markdown that shows it and does nothing else."""
    line = _SIGNS.sub(r"\\\g<0>", one_line(text, limit))
    begins = _AT_BEGINNING.match(line)
    if begins is None:
        return line
    at = begins.start("point") if begins["point"] else 0
    return f"{line[:at]}\\{line[at:]}"


def _item(article: Outgoing) -> Iterator[str]:
    address = link(article.url).translate(_LINK_END)
    title = marked(article.title) or "(no headline)"
    headline = f"[{title}](<{address}>)" if address else title
    yield f"- **{article.first_seen.astimezone(UTC):%H:%M}** {headline}  "
    yield f"  {'; '.join(_facts(article))}"
    beginning = marked(article.text, BEGINNING)
    if beginning:
        yield f"\n  > {beginning}\n"


def _facts(article: Outgoing) -> Iterator[str]:
    yield f"{marked(article.source_name)} ({SIDES.get(article.side, marked(article.side))}, {marked(article.source_kind)})"
    if article.published is None:
        yield "no date printed"
    else:
        shown = f"{article.published.astimezone(UTC):%Y-%m-%d %H:%M}"
        if article.published_quality == "date-only":  # a day as printed, in the outlet's zone
            shown = f"{article.published.astimezone(_zone(article)):%Y-%m-%d}"
        note = _QUALITY.get(article.published_quality, "")
        yield f"published {shown}" + (f" ({note})" if note else "")
    yield f"{marked(article.relevance)}, {article.points} points"
    yield f"{article.words:,} words"
    kinds = Counter(edge.kind for edge in article.links)
    if kinds:
        also = kinds["read-also"]
        yield f"{kinds.total():,} link{'' if kinds.total() == 1 else 's'}" + (
            f", {also:,} READ ALSO" if also else ""
        )
    if article.revision > 1:
        yield f"revision {article.revision}"
    yield from (f"**{marked(label)}**" for label in article.labels)


def _zone(article: Outgoing) -> timezone:
    return timezone(timedelta(minutes=article.published_offset or 0))
