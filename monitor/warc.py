"""WARC/1.1 files (ISO 28500:2017) written and read. The only place for warcio.

Written: per page a response, the request that brought it, and a metadata record with what else we know of it. Bodies
are kept decoded, so the headers that told of their coding go by another name, as web archives do it. Read: responses of
200 with markup, each bounded, from files of ours, of crawlers, and of CC-NEWS.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from threading import Event
from time import monotonic
from typing import IO, Any
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataException, ChunkedDataReader
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from monitor.errors import Mistake, Refused, SiteDown, Unreadable
from monitor.fetch import SizeLimit
from monitor.fetch.body import read_body
from monitor.model import Page

_CODING = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_ORIGINAL = "x-archive-orig-"
_MARKUP = ("text/html", "application/xhtml+xml")
_CHUNK = 16_384
_WITHOUT_END = 1 << 62
_HEAD_READS = 8  # reads of 16 KB for the head of one record: more is no head
_REASONS = {
    200: "OK",
    204: "No Content",
    404: "Not Found",
    410: "Gone",
    403: "Forbidden",
    500: "Server Error",
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a file is read. Bytes, counts, seconds."""

    record_bytes: int = 20_000_000  # of one body, decoded
    records: int = 1_000_000
    seconds: float = 6 * 3_600.0


@dataclass(slots=True)
class Told:
    """What became of the records that are no page to be taken."""

    records: int = 0
    pages: int = 0  # responses of 200 with markup, handed out
    others: int = 0  # of another status or type
    too_large: int = 0
    broken: int = 0
    why_ended: str = ""  # "" = the file was read to its end
    notes: list[str] = field(default_factory=list)


# --------------------------------------------------------------------------------------------- write


class Writer:
    """Writes pages into an open file, gzip record by record."""

    def __init__(self, file: IO[bytes], name: str, software: str) -> None:
        self._writer = WARCWriter(file, gzip=True, warc_version="1.1")
        facts = {
            "software": software, "format": "WARC File Format 1.1",
            "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "description": "raw answers as stored; bodies decoded, see x-archive-orig-*",
        }  # fmt: skip
        self._writer.write_record(self._writer.create_warcinfo_record(name, facts))

    def write(self, page: Page, facts: Mapping[str, str]) -> None:
        """Write a page; facts are what we know of it beside: source, title."""
        when = page.fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        date = {"WARC-Date": when}
        response = self._writer.create_warc_record(
            page.final_url, "response", payload=io.BytesIO(page.body), length=len(page.body),
            http_headers=_answered(page), warc_headers_dict=dict(date),
        )  # fmt: skip
        identity = response.rec_headers.get_header("WARC-Record-ID")
        beside = {**date, "WARC-Concurrent-To": identity}
        request = self._writer.create_warc_record(
            page.final_url, "request", payload=io.BytesIO(), http_headers=_asked(page),
            warc_headers_dict=dict(beside),
        )  # fmt: skip
        told = {"via": page.url, **facts} if page.url != page.final_url else dict(facts)
        lines = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in told.items()).encode()
        metadata = self._writer.create_warc_record(
            page.final_url, "metadata", payload=io.BytesIO(lines), length=len(lines),
            warc_content_type="application/warc-fields", warc_headers_dict=dict(beside),
        )  # fmt: skip
        for record in (response, request, metadata):
            self._writer.write_record(record)
            record.raw_stream.close()  # warcio may have put a temporary file in its place


def _answered(page: Page) -> StatusAndHeaders:
    headers = []
    for name, value in page.headers.items():
        headers.append((_ORIGINAL + name if name in _CODING else name, _one_line(value)))
    headers.append(("content-length", str(len(page.body))))
    return StatusAndHeaders(
        f"{page.status} {_REASONS.get(page.status, 'Answer')}", headers, protocol="HTTP/1.1"
    )


def _asked(page: Page) -> StatusAndHeaders:
    parts = urlsplit(page.final_url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = [("host", parts.netloc), *((name, _one_line(value)) for name, value in page.asked.items())]
    return StatusAndHeaders(f"GET {target} HTTP/1.1", headers, is_http_request=True)


def _one_line(value: str) -> str:
    """A value without line breaks: what follows one would be another header."""
    return "".join(each for each in value if each not in "\r\n\x00")


# ---------------------------------------------------------------------------------------------- read


class _Over(Exception):
    """A bound of reading was met."""


class _Bounded(io.RawIOBase):
    """The file under the bounds: warcio asks for 16 KB at a time, also while it skips what nobody wants."""

    def __init__(self, file: IO[bytes], ends: float, stop: Event) -> None:
        self._file, self._ends, self._stop = file, ends, stop
        self.reads_left = _HEAD_READS

    def read(self, size: int = -1, /) -> bytes:
        """Read, unless time is over, a person said stop, or a head has no end."""
        if monotonic() > self._ends:
            raise _Over("time is over")
        if self._stop.is_set():
            raise _Over("stopped")
        self.reads_left -= 1
        if self.reads_left < 0:
            raise _Over("a record whose head has no end")
        return self._file.read(16_384 if size < 0 else min(size, 1_000_000))

    def readable(self) -> bool:
        """It is."""
        return True


def read_pages(file: Path, bounds: Bounds, stop: Event, told: Told) -> Iterator[Page]:
    """Yield the pages of a WARC or ARC file, in its order; told counts the rest and says why it ended early.

    Raises:
        Mistake: it cannot be opened, or is no such file.
    """
    try:
        opened = file.open("rb")
    except OSError as error:
        raise Mistake(f"{file} cannot be read: {error.strerror}") from error
    with opened:
        raw = _Bounded(opened, monotonic() + bounds.seconds, stop)
        try:
            yield from _pages(ArchiveIterator(raw, arc2warc=True), raw, bounds, told)
        except _Over as over:
            told.why_ended = str(over)
        except Exception as error:  # warcio raises whatever a broken file makes of its code
            if not told.records:
                raise Mistake(f"{file} is no WARC file: {_words(error)}") from error
            told.why_ended = f"broken after {told.records:,} records: {_words(error)}"
        if not told.records and not told.why_ended:
            raise Mistake(f"{file} holds no record")


def _pages(records: Any, raw: _Bounded, bounds: Bounds, told: Told) -> Iterator[Page]:
    while True:
        raw.reads_left = _HEAD_READS
        record = next(records, None)
        if record is None:
            return
        if told.records >= bounds.records:
            told.why_ended = f"{bounds.records:,} records read"
            return
        told.records += 1
        raw.reads_left = _WITHOUT_END
        page = _page(record, bounds, told)
        if page is not None:
            told.pages += 1
            yield page
        while record.raw_stream.read(_CHUNK):  # what nobody wants: bounded by time alone
            continue
        raw.reads_left = _HEAD_READS
        records.read_to_end(record)


def _page(record: ArcWarcRecord, bounds: Bounds, told: Told) -> Page | None:
    http = record.http_headers
    if record.rec_type != "response" or http is None:
        return None
    content_type = str(http.get_header("content-type") or "").lower()
    if http.get_statuscode() != "200" or not content_type.startswith(_MARKUP):
        told.others += 1
        return None
    url = str(record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")
    when = _moment(str(record.rec_headers.get_header("WARC-Date") or ""))
    try:
        body = _body(record, bounds.record_bytes)
    except Refused:
        told.too_large += 1
        return None
    except (Unreadable, SiteDown, ChunkedDataException):
        body = None
    if body is None or when is None or not url.startswith(("http://", "https://")):
        told.broken += 1
        return None
    headers: dict[str, str] = {}
    for name, value in http.headers:
        plain = str(name).lower()
        if not plain.startswith(_ORIGINAL) and plain not in _CODING:
            headers[plain] = str(value)[:8_000]
    return Page(url, url, 200, body, when, headers)


def _body(record: ArcWarcRecord, most: int) -> bytes | None:
    """A response's body, its codings undone within bounds; None where the record is cut off."""
    http = record.http_headers
    stream: Any = record.raw_stream
    if "chunked" in str(http.get_header("transfer-encoding") or "").lower():
        stream = ChunkedDataReader(stream)
    first = stream.read(_CHUNK)
    coding = str(http.get_header("content-encoding") or "")
    if "gzip" in coding.lower() and not first.startswith(b"\x1f\x8b"):
        coding = ""  # undone by whoever wrote the file, as CC-NEWS has it
    chunks = chain((first,), iter(lambda: stream.read(_CHUNK), b""))
    body = read_body(chunks, coding, SizeLimit(most, most))
    while record.raw_stream.read(_CHUNK):
        continue
    return body if not getattr(record.raw_stream, "limit", 0) else None


def _moment(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _words(error: Exception) -> str:
    """The first sentence of an error of the library's, which comes as a banner of several lines."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200]
