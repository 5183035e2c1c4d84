"""Bodies: bounded, whole, and decoded by us."""

import gzip
import resource
import zlib

import pytest

from monitor.errors import Refused, SiteDown, Unreadable
from monitor.fetch import Fetcher, FetchLimits, SizeLimit
from tests.site import Answer, Request, Route, Site

TEXT = b"<html><body><p>" + b"The strait was calm on Tuesday. " * 2_000 + b"</p></body></html>"


def limits(site: Site, **more: object) -> FetchLimits:
    values: dict[str, object] = {"gap_seconds": 0.0, "allow_private": frozenset({site.host}), **more}
    return FetchLimits(**values)  # type: ignore[arg-type]


def fetched(route: Route, kind: str = "page", **more: object) -> bytes:
    with Site({"/x": route}) as site, Fetcher(limits(site, **more)) as fetcher:
        return fetcher.get(site.url("/x"), kind=kind).body  # type: ignore[arg-type]


def compressed(body: bytes, coding: str = "gzip") -> Answer:
    return Answer(200, body, {"Content-Encoding": coding})


def test_a_page_arrives_as_it_is() -> None:
    with (
        Site({"/x?a=1": Answer(200, TEXT, {"ETag": '"v1"', "X-Two": "a"})}) as site,
        Fetcher(limits(site)) as fetcher,
    ):
        page = fetcher.get(site.url("/x?a=1#part"))
    assert (page.status, page.body, page.headers["etag"]) == (200, TEXT, '"v1"')
    assert (page.url, page.final_url) == (site.url("/x?a=1#part"), site.url("/x?a=1"))
    assert page.fetched_at.tzinfo is not None
    assert site.requests[-1].headers["user-agent"] == "Straitwatch/0.1"
    assert site.requests[-1].headers["accept-encoding"] == "gzip, deflate"


def test_f01_a_gzip_bomb_is_stopped_while_it_streams() -> None:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(squeeze.compress(bytes(10_000_000)) for _ in range(60)) + squeeze.flush()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refused, match="decoded body over 20 MB"):
        fetched(compressed(bomb))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # KB


def test_f02_brotli_and_zstd_are_not_decoded() -> None:
    for coding in ("br", "zstd"):
        with pytest.raises(Unreadable, match=f"Content-Encoding: {coding}"):
            fetched(compressed(b"\x00" * 1_630, coding))


def test_f03_more_than_one_coding_is_refused() -> None:
    with pytest.raises(Refused, match="Content-Encoding: gzip, gzip, gzip: more than one"):
        fetched(compressed(b"x", "gzip, gzip, gzip"))
    with pytest.raises(Refused, match="more than one coding"):
        fetched(compressed(b"x", ", ".join(["deflate"] * 1_000)))


def test_f04_a_known_coding_is_undone_and_an_unknown_one_named() -> None:
    assert fetched(compressed(gzip.compress(TEXT))) == TEXT
    assert fetched(compressed(gzip.compress(TEXT), "X-GZIP")) == TEXT
    assert fetched(compressed(zlib.compress(TEXT), "deflate")) == TEXT
    bare = zlib.compressobj(wbits=-15)
    assert fetched(compressed(bare.compress(TEXT) + bare.flush(), "deflate")) == TEXT
    assert fetched(compressed(gzip.compress(TEXT[:999]) + gzip.compress(TEXT[999:]))) == TEXT
    assert fetched(compressed(gzip.compress(TEXT) + b"\0" * 100)) == TEXT
    assert fetched(compressed(TEXT, "identity")) == TEXT
    with pytest.raises(Unreadable, match="Content-Encoding: foo"):
        fetched(compressed(TEXT, "foo"))


def test_f05_half_a_gzip_body_is_no_page() -> None:
    whole = gzip.compress(TEXT)
    for coding, body in (
        ("gzip", whole[: len(whole) // 2]),
        ("gzip", whole[:-1]),
        ("deflate", zlib.compress(TEXT)[:20]),
    ):
        with pytest.raises(SiteDown, match="compressed body incomplete"):
            fetched(compressed(body, coding))
    with pytest.raises(SiteDown, match="compressed body broken"):
        fetched(compressed(TEXT))


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ],
)
def test_f06_a_body_shorter_than_announced_is_no_page(raw: bytes) -> None:
    with pytest.raises(SiteDown, match="body incomplete"):
        fetched(Answer(raw=raw))


def test_f08_an_endless_body_ends_at_the_limit() -> None:
    def endless(request: Request) -> None:
        chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
        request.trickle(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk, 0)

    with pytest.raises(Refused, match="body over 1 MB"):
        fetched(endless, page=SizeLimit(1_000_000, 2_000_000))


def test_a_body_announced_over_the_limit_is_not_begun() -> None:
    with pytest.raises(Refused, match="body over 5 MB"):
        fetched(Answer(200, b"", {"Content-Length": "6000000"}), kind="feed")


def test_f14_of_a_page_of_error_the_beginning_is_kept() -> None:
    with (
        Site({"/x": Answer(403, b"<?xml version='1.0'?>" + b"x" * 900_000)}) as site,
        Fetcher(limits(site)) as fetcher,
    ):
        page = fetcher.get(site.url("/x"))
    assert page.status == 403
    assert page.body.startswith(b"<?xml")
    assert len(page.body) == 100_000


def test_f46_a_foolish_charset_changes_nothing_here() -> None:
    for charset in ("undefined", "idna", "zlib", "hex", "rot13", "utf-16", "x" * 5_000):
        assert fetched(Answer(200, TEXT, {"Content-Type": f"text/html; charset={charset}"})) == TEXT
