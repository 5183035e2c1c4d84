"""WARC files: what is exported is read back by warcio, and what is odd in a file of others is survived."""

import gzip
import io
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from warcio.archiveiterator import ArchiveIterator

from monitor.errors import Mistake
from monitor.model import Page
from monitor.warc import Bounds, Told, Writer, read_pages
from tests.newsroom import paper
from tests.test_cli_reading import straitwatch
from tests.test_pipeline import collect

WHEN = datetime(2026, 8, 3, 9, 0, 0, 123456, tzinfo=UTC)
BODY = "<html><p>海警船 in the strait</p></html>".encode()


def test_what_is_exported_is_a_valid_file_with_requests_answers_and_facts(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)
    with paper(tmp_path, stories=3) as (site, desk):
        collect(desk)
    done = straitwatch("export", "--warc", "pages.warc.gz", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "3 pages" in done.stdout
    records = []
    with (tmp_path / "pages.warc.gz").open("rb") as opened:
        reader = ArchiveIterator(opened, check_digests=True)
        for record in reader:
            body = record.content_stream().read()
            assert record.digest_checker.passed is not False, record.digest_checker.problems
            records.append((record.rec_type, record.rec_headers, record.http_headers, body))
        assert reader.err_count == 0
    assert [kind for kind, *_ in records] == ["warcinfo", *["response", "request", "metadata"] * 3]
    assert {head.protocol for _, head, _, _ in records} == {"WARC/1.1"}
    identities = [head.get_header("WARC-Record-ID") for _, head, _, _ in records]
    assert len(set(identities)) == len(identities)
    _, response, request, metadata, *_ = records
    assert response[1].get_header("WARC-Target-URI") == site.url("/story-0")
    assert response[3] == site.routes["/story-0"].body  # type: ignore[union-attr]
    assert response[2].get_statuscode() == "200"
    assert request[2].get_header("user-agent").startswith("Straitwatch/")
    assert request[1].get_header("WARC-Concurrent-To") == response[1].get_header("WARC-Record-ID")
    assert metadata[3].decode().splitlines()[0] == "source: a"
    again = straitwatch("export", "--warc", "pages.warc.gz", cwd=tmp_path)
    assert (again.returncode, "is there already" in again.stderr) == (1, True)
    none = straitwatch("export", "--warc", "x.warc.gz", "--since", "2031-01-01", cwd=tmp_path)
    assert (none.returncode, "no page that is stored fits" in none.stderr) == (1, True)
    assert [file.name for file in tmp_path.glob("*.warc*")] == ["pages.warc.gz"]


def written(file: Path, *pages: Page) -> Path:
    with file.open("wb") as opened:
        writer = Writer(opened, file.name, "test")
        for page in pages:
            writer.write(page, {"source": "a", "title": "two\r\nlines"})
    return file


def a_page(number: int, body: bytes = BODY, headers: dict[str, str] | None = None) -> Page:
    url = f"https://paper.example/{number}"
    return Page(
        url,
        url,
        200,
        body,
        WHEN,
        {"content-type": "text/html; charset=utf-8", **(headers or {})},
        {"user-agent": "x"},
    )


def read(file: Path, bounds: Bounds | None = None, stop: Event | None = None) -> tuple[list[Page], Told]:
    told = Told()
    return list(read_pages(file, bounds or Bounds(), stop or Event(), told)), told


def test_what_is_written_is_read_back_with_its_time_and_without_the_coding_it_came_in(tmp_path: Path) -> None:
    coded = {
        "content-encoding": "gzip",
        "transfer-encoding": "chunked",
        "content-length": "7",
        "etag": '"é\r\n"',
    }
    moved = Page(
        "https://paper.example/old",
        "https://paper.example/new",
        200,
        BODY,
        WHEN,
        {"content-type": "text/html"},
    )
    (first, second), told = read(written(tmp_path / "a.warc.gz", a_page(1, headers=coded), moved))
    assert (first.url, first.body, first.fetched_at, first.status) == (
        "https://paper.example/1",
        BODY,
        WHEN,
        200,
    )
    assert "content-encoding" not in first.headers
    assert second.url == "https://paper.example/new"
    assert (told.records, told.pages, told.why_ended) == (7, 2, "")


def record(kind: str, url: str, block: bytes, **more: str) -> bytes:
    head = {"WARC-Type": kind, "WARC-Record-ID": "<urn:uuid:1>", "WARC-Date": "2026-08-03T09:00:00Z",
            "WARC-Target-URI": url, "Content-Type": "application/http; msgtype=response",
            "Content-Length": str(len(block)), **{name.replace("_", "-"): value for name, value in more.items()}}  # fmt: skip
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"WARC/1.0\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def answer(body: bytes, *headers: str, status: str = "200 OK", kind: str = "text/html") -> bytes:
    head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Type: {kind}", *headers))
    return f"{head}\r\n\r\n".encode() + body


def of_others(*records: bytes, zipped: bool = True) -> bytes:
    return b"".join(gzip.compress(each) if zipped else each for each in records)


CHUNKED = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:10], BODY[10:])) + b"0\r\n\r\n"
URL = "https://paper.example/a"


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    "block",
    [
        answer(BODY),
        answer(gzip.compress(BODY, mtime=0), "Content-Encoding: gzip"),
        answer(BODY, "Content-Encoding: gzip"),  # undone by the crawler, as CC-NEWS has it
        answer(CHUNKED, "Transfer-Encoding: chunked"),
        answer(BODY, "X-Crawler-Transfer-Encoding: chunked", "X-Crawler-Content-Encoding: br"),
    ],
)
def test_answers_are_read_in_the_forms_that_crawlers_write(
    tmp_path: Path, block: bytes, zipped: bool
) -> None:
    file = tmp_path / "x.warc"
    file.write_bytes(
        of_others(record("warcinfo", URL, b"a: b\r\n"), record("response", URL, block), zipped=zipped)
    )
    pages, _ = read(file)
    assert [page.body for page in pages] == [BODY]


def test_what_is_no_page_is_counted_and_left(tmp_path: Path) -> None:
    file = tmp_path / "x.warc.gz"
    file.write_bytes(of_others(
        record("response", URL, answer(b"gone", status="404 Not Found")),
        record("response", URL, answer(b"GIF89a", kind="image/gif")),
        record("response", "dns:paper.example", b"127.0.0.1"),
        record("response", "ftp://paper.example/x", answer(BODY)),
        record("response", URL, answer(BODY), WARC_Date="yesterday"),
        record("response", URL, answer(gzip.compress(bytes(30_000_000)), "Content-Encoding: gzip")),
        record("response", URL, answer(bytes(25_000_000))),
        record("response", URL, answer(gzip.compress(BODY)[:-9], "Content-Encoding: gzip")),
        record("request", URL, b"GET / HTTP/1.1\r\n\r\n"),
        record("response", URL, answer(BODY)),
    ))  # fmt: skip
    pages, told = read(file)
    assert [page.body for page in pages] == [BODY]
    assert (told.records, told.pages, told.too_large, told.broken, told.why_ended) == (10, 1, 2, 2, "")


def test_a_file_that_is_cut_off_gives_its_whole_records_and_says_so(tmp_path: Path) -> None:
    file = written(
        tmp_path / "a.warc.gz", *(a_page(n, BODY + bytes(f"{n}" * 3_000, "ascii")) for n in range(4))
    )
    whole = file.read_bytes()
    for cut in range(len(whole) - 700, len(whole), 37):
        file.write_bytes(whole[:cut])
        pages, _ = read(file)
        assert len(pages) in (3, 4)
        assert all(page.body.startswith(BODY) and len(page.body) == len(BODY) + 3_000 for page in pages)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"words\n" * 999,
        gzip.compress(b"words\n" * 999, mtime=0),
        b"\x00" * 9_999,
        b"<html></html>",
        b"WARC/1.0\r\nbroken\r\n\r\n",
    ],
)
def test_what_is_no_warc_file_is_told_in_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.warc"
    file.write_bytes(content)
    try:
        pages, told = read(file)
    except Mistake as mistake:
        assert "x.warc" in str(mistake)  # noqa: PT017
    else:
        assert (pages, told.pages) == ([], 0)
    with pytest.raises(Mistake, match="cannot be read"):
        read(tmp_path / "none.warc")


def test_bombs_and_endless_heads_end_in_time(tmp_path: Path) -> None:
    begun = time.process_time()
    many = io.BytesIO()
    with gzip.GzipFile(fileobj=many, mode="wb", compresslevel=1) as packed:
        for _ in range(300):
            packed.write(b"A" * 1_000_000)
    file = tmp_path / "x.warc.gz"
    for before in (b"", gzip.compress(record("response", URL, answer(BODY)))):
        file.write_bytes(before + many.getvalue())
        try:
            pages, told = read(file)
            assert len(pages) <= 1
            assert told.why_ended or not before
        except Mistake:
            assert not before
    assert time.process_time() - begun < 20


def test_reading_ends_at_its_bounds_and_when_told_to_stop(tmp_path: Path) -> None:
    file = written(tmp_path / "a.warc.gz", *(a_page(n) for n in range(50)))
    pages, told = read(file, Bounds(records=10))
    assert (len(pages), told.why_ended) == (3, "10 records read")
    stop = Event()
    stop.set()
    assert read(file, stop=stop)[1].why_ended == "stopped"
    assert read(file, Bounds(seconds=-1))[1].why_ended == "time is over"
