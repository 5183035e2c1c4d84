"""Articles carried out: chosen, read a few at a time, cut to what may be passed on, handed to a format's writer."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import IO

from monitor.errors import Mistake, StoreFailed
from monitor.exporting.about import About
from monitor.exporting.files import OUTPUT, fresh
from monitor.model import Page
from monitor.query import outgoing
from monitor.query.outgoing import AT_ONCE, Outgoing, Wanted
from monitor.rights import cut_label
from monitor.store.database import Database, reading
from monitor.store.pages import PageDamaged

Write = Callable[[IO[bytes], Iterable[Outgoing], About], None]
NEWEST = {
    "atom": 50,
    "rss": 50,
    "digest": 100,
}  # articles, unless a person says how many; the others take all
TEXTS = ("csv", "jsonl", "atom", "rss", "digest")  # what may go to the standard output
MOST_DAMAGED = 1_000  # rows that cannot be read; of more, the database itself is to blame
_WHOLE = ("jsonl", "parquet", "digest", "pack")  # with links and terms


@dataclass(slots=True)
class Report:
    """What was written, and what was held back."""

    articles: int = 0
    excerpts: int = 0  # of these, with an excerpt in place of the text
    without_text: int = 0  # of these, with no text
    held_back: int = 0  # raw pages and earlier texts that a source's rights card forbids, by articles
    damaged: list[int] = field(default_factory=list)  # articles left out, because their rows cannot be read
    notes: list[str] = field(default_factory=list)

    def count(self, article: Outgoing) -> None:
        """One more."""
        self.articles += 1
        self.excerpts += cut_label("excerpt") in article.labels
        self.without_text += cut_label("metadata") in article.labels

    def sentences(self) -> Iterator[str]:
        """What was held back, and notes."""
        if self.excerpts:
            yield f"{self.excerpts:,} of them as an excerpt: their source's `keep` or [[retention]] says so"
        if self.without_text:
            yield f"{self.without_text:,} of them without text: their source's `keep` or [[retention]] says so"
        if self.held_back:
            yield f"{self.held_back:,} of them without raw pages and earlier texts: their source's `keep` says so"
        if self.damaged:
            some = ", ".join(map(str, self.damaged[:10]))
            yield f"{len(self.damaged):,} left out, their rows cannot be read: article {some}"
        yield from self.notes


@dataclass(frozen=True, slots=True)
class Errand:
    """What one export is asked for, and how it is stopped and watched."""

    database: Database
    wanted: Wanted
    format: str  # csv, jsonl, parquet, atom, rss, digest, pack
    file: Path
    rights: Mapping[str, str]  # sources.id -> excerpt or metadata
    now: datetime
    stop: Event
    watch: Callable[[int, int], None]
    raw: bool = False  # CSV: cells as they are
    replace: bool = False  # a file that is there


def export_articles(errand: Errand) -> Report:
    """Write the articles that are wanted into a new file, whole or not at all, or to the standard output.

    Raises:
        Mistake: the query cannot be read, the file is there already or cannot be written, a library is missing,
            or a person said stop.
    """
    if errand.file == OUTPUT and errand.format not in TEXTS:
        raise Mistake(f"--{errand.format} wants a file: what it writes is no text for the standard output")
    wanted, report = errand.wanted, Report()
    write = _writer(errand, report)
    with reading(errand.database) as session:
        if errand.format in NEWEST:
            limit = wanted.limit or NEWEST[errand.format]
            numbers = outgoing.newest(session, wanted, errand.now, limit)
        else:
            numbers = outgoing.numbers(session, wanted, errand.now)
    about = About(wanted.query, errand.now, wanted.source, wanted.since, errand.raw)

    def stream() -> Iterator[Outgoing]:
        for start in range(0, len(numbers), AT_ONCE):
            if errand.stop.is_set():
                raise Mistake(f"stopped; {errand.file} is not written")
            for article in _read(errand, numbers[start : start + AT_ONCE], report):
                report.count(article)
                yield article
            errand.watch(min(start + AT_ONCE, len(numbers)), len(numbers))

    with fresh(errand.file, replace=errand.replace) as opened:
        write(opened, stream(), about)
    return report


def _read(errand: Errand, numbers: Sequence[int], report: Report) -> list[Outgoing]:
    """The articles of some numbers; one whose row is damaged is noted and left out, the others are not."""

    def of(some: Sequence[int]) -> list[Outgoing]:
        with reading(errand.database) as session:
            return outgoing.read(session, some, errand.rights, whole=errand.format in _WHOLE)

    try:
        return of(numbers)
    except (StoreFailed, ValueError, TypeError) as error:
        if isinstance(error, StoreFailed) and (error.retryable or len(numbers) == 1):
            raise  # it is the database, not a row of it
        found: list[Outgoing] = []
        for number in numbers:
            try:
                found += of([number])
            except (StoreFailed, ValueError, TypeError):
                report.damaged.append(number)
                if len(report.damaged) > MOST_DAMAGED:
                    raise
        return found


def _writer(errand: Errand, report: Report) -> Write:
    """The writer of a format, imported when it is used."""
    match errand.format:
        case "csv" | "jsonl":
            from monitor.exporting import rows  # noqa: PLC0415

            return rows.write_csv if errand.format == "csv" else rows.write_jsonl
        case "atom" | "rss":
            from monitor.exporting import feeds  # noqa: PLC0415

            return feeds.write_atom if errand.format == "atom" else feeds.write_rss
        case "digest":
            from monitor.exporting.digest import write_digest  # noqa: PLC0415

            return write_digest
        case "pack":
            return _packer(errand, report)
        case _:
            from monitor.exporting.parquet import write_parquet  # noqa: PLC0415

            return write_parquet


def _packer(errand: Errand, report: Report) -> Write:
    from monitor.exporting.pack import Sources, write_pack  # noqa: PLC0415
    from monitor.query import evidence  # noqa: PLC0415

    def past(article: int) -> "evidence.Past | None":
        with reading(errand.database) as session:
            return evidence.past(session, article)

    def page(number: int) -> Page | None:
        try:
            with reading(errand.database) as session:
                return evidence.page(session, number)
        except PageDamaged as damaged:
            report.notes.append(f"{damaged}: left out")
            return None

    def write(file: IO[bytes], articles: Iterable[Outgoing], about: About) -> None:
        packed = write_pack(file, articles, about, Sources(past, page))
        report.held_back = packed.held_back
        report.notes += [
            f"{packed.files:,} files, {packed.pages:,} raw pages; `straitwatch verify` checks them",
            f"note this down, it vouches for the whole: SHA-256 of manifest.json {packed.manifest}",
        ]

    return write
