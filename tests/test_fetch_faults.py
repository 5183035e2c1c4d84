"""Sites that fail: every failure is a sentence, none is a crash or an endless wait."""

import datetime
import socket
import ssl
import struct
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import httpx
import pytest

from monitor.errors import Refused, SiteDown
from monitor.fetch import Fetcher, FetchLimits
from monitor.fetch.faults import translated
from tests.site import Answer, Request, Route, Site, redirect


def limits(site: Site, **more: object) -> FetchLimits:
    values: dict[str, object] = {"gap_seconds": 0.0, "allow_private": frozenset({site.host}), **more}
    return FetchLimits(**values)  # type: ignore[arg-type]


def fails(route: Route, words: str, error: type[Exception] = SiteDown, **more: object) -> float:
    begun = monotonic()
    with Site({"/x": route}) as site, Fetcher(limits(site, **more)) as fetcher:
        with pytest.raises(error, match=words):
            fetcher.get(site.url("/x"), robots=False)
        return monotonic() - begun


HEADER_DRIP = b"HTTP/1.1 200 OK\r\nX-Slow: "
BODY_DRIP = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
INFORMATION = b"HTTP/1.1 103 Early Hints\r\n\r\n"


@pytest.mark.parametrize(
    ("first", "piece", "pause"),
    [(HEADER_DRIP, b"x", 0.05), (BODY_DRIP, b"1\r\nx\r\n", 0.05), (INFORMATION, INFORMATION, 0.05)],
)
def test_f09_f10_a_site_that_dribbles_ends_in_the_total_time(
    first: bytes, piece: bytes, pause: float
) -> None:
    took = fails(
        lambda request: request.trickle(first, piece, pause), r"slower than 0\.5 s", total_seconds=0.5
    )
    assert took < 3


def test_f09_the_slot_of_a_slow_host_is_free_again() -> None:
    with (
        Site(
            {"/slow": lambda request: request.trickle(BODY_DRIP, b"1\r\nx\r\n", 0.05), "/ok": b"ok"}
        ) as site,
        Fetcher(limits(site, total_seconds=0.3)) as fetcher,
    ):
        with pytest.raises(SiteDown, match="slower than"):
            fetcher.get(site.url("/slow"), robots=False)
        assert fetcher.get(site.url("/ok"), robots=False).body == b"ok"


def test_silence_ends_before_the_total_time() -> None:
    fails(lambda request: request.trickle(HEADER_DRIP, b"", 0.1), r"no byte for 0\.3 s", silence_seconds=0.3)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: y\r\n" * 100_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 3_000_000,
        b"HTTP/1.1 200 OK\r\nX-Nul: a\x00b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        b"HTTP/1.1 000 OK\r\n\r\n",
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x00\x00\r\n\r\n",
    ],
)
def test_f11_what_is_no_http_is_pending(raw: bytes) -> None:
    fails(Answer(raw=raw), "not valid HTTP")


def test_f11_a_length_beyond_reason_is_refused_or_pending() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 23 + b"\r\n\r\nx"
    fails(Answer(raw=raw), "body over|not valid HTTP", Exception)


@pytest.mark.parametrize("status", [202, 204, 404, 410, 418, 451, 500, 999])
def test_f12_any_final_status_is_the_callers_to_judge(status: int) -> None:
    with Site({"/x": Answer(status, b"")}) as site, Fetcher(limits(site)) as fetcher:
        assert fetcher.get(site.url("/x")).status == status


def test_f16_a_500_once_is_asked_again_in_the_same_call() -> None:
    answers = iter([Answer(500, b"oops"), Answer(200, b"there")])
    with Site({"/x": lambda request: next(answers)}) as site, Fetcher(limits(site)) as fetcher:
        assert fetcher.get(site.url("/x"), retry=True).body == b"there"
    assert site.paths == ["/robots.txt", "/x", "/x"]


def test_f16_a_500_for_ever_is_asked_twice() -> None:
    with Site({"/x": Answer(500, b"oops")}) as site, Fetcher(limits(site)) as fetcher:
        assert fetcher.get(site.url("/x"), retry=True).status == 500
    assert site.paths.count("/x") == 2


def test_f17_loops_and_chains_are_refused_with_the_chain() -> None:
    fails(redirect("/x"), r"redirect loop: \S+/x -> \S+/x", Refused)
    routes: dict[str, Route] = {f"/{step}": redirect(f"/{step + 1}") for step in range(22)}
    with (
        Site({**routes, "/a": redirect("/b"), "/b": redirect("/a")}) as site,
        Fetcher(limits(site)) as fetcher,
    ):
        with pytest.raises(Refused, match=r"more than 5 redirects: \S+/0 -> .*/6"):
            fetcher.get(site.url("/0"))
        with pytest.raises(Refused, match="redirect loop"):
            fetcher.get(site.url("/a"))
        assert fetcher.get(site.url("/17"), robots=False).status == 404


def test_f17_an_odd_location_is_refused_or_followed() -> None:
    with (
        Site({"/x": redirect(""), "/y": redirect("/\xff"), "/%C3%BF": b"", "/%FF": b""}) as site,
        Fetcher(limits(site)) as fetcher,
    ):
        assert fetcher.get(site.url("/x")).status == 302
        assert fetcher.get(site.url("/y")).status in (200, 404)
    fails(redirect("http://example.org/" + "x" * 200_000), "headers over 64 KB")


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "data:text/html,x", "javascript:alert(1)",
     "http://[", "http://xn--a/", "http://a..b/", f"http://{'a' * 70}.org/"],
)  # fmt: skip
def test_f18_a_redirect_to_no_url_is_refused(location: str) -> None:
    fails(redirect(location), "redirect to no URL", Refused)


def test_f08_the_body_of_a_redirect_is_not_read() -> None:
    def endless(request: Request) -> None:
        head = b"HTTP/1.1 302 Found\r\nLocation: /y\r\nTransfer-Encoding: chunked\r\n\r\n"
        request.trickle(head, b"5\r\nhello\r\n", 0.001)

    with Site({"/x": endless, "/y": b"there"}) as site, Fetcher(limits(site)) as fetcher:
        page = fetcher.get(site.url("/x"))
    assert (page.body, page.final_url) == (b"there", site.url("/y"))


def test_f27_refused_reset_and_closed_connections_are_pending() -> None:
    def reset(request: Request) -> None:
        request.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.socket.close()

    fails(lambda request: None, "closed the connection without an answer")
    fails(reset, "connection broken off|closed the connection")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with (
        Fetcher(FetchLimits(gap_seconds=0, allow_private=frozenset({"127.0.0.1"}))) as fetcher,
        pytest.raises(SiteDown, match=r"127\.0\.0\.1:\d+: no connection: .*refused"),
    ):
        fetcher.get(f"http://127.0.0.1:{port}/")


def test_s18_a_host_that_hangs_does_not_cost_each_of_its_entries_the_wait() -> None:
    with Site({"/x": lambda request: None}) as site, Fetcher(limits(site, host_failures=2)) as fetcher:
        for words in ("without an answer", "without an answer", "left alone", "left alone"):
            with pytest.raises(SiteDown, match=words):
                fetcher.get(site.url("/x"), robots=False)
        assert site.host in fetcher.held()
    assert len(site.requests) == 2


def test_f42_a_304_without_a_condition_is_no_answer() -> None:
    with Site({"/x": Answer(304)}) as site, Fetcher(limits(site)) as fetcher:
        with pytest.raises(SiteDown, match="304"):
            fetcher.get(site.url("/x"))
        assert fetcher.get(site.url("/x"), etag='"v1"').status == 304


@pytest.mark.parametrize("etag", ['W/"v1"', "unquoted", '"\xe9\xff"', '"' + "x" * 900 + '"'])
def test_f43_validators_go_back_byte_for_byte(etag: str) -> None:
    later = "Sat, 01 Jan 2099 00:00:00 GMT"
    answer = Answer(200, b"x", {"ETag": etag, "Last-Modified": later})
    with Site({"/x": answer}) as site, Fetcher(limits(site)) as fetcher:
        page = fetcher.get(site.url("/x"))
        fetcher.get(site.url("/x"), etag=page.headers["etag"], last_modified=page.headers["last-modified"])
    assert site.requests[-1].headers["if-none-match"] == etag
    assert site.requests[-1].headers["if-modified-since"] == later


def test_f43_a_validator_over_1_kb_or_not_sendable_is_dropped() -> None:
    with Site({"/x": b"x"}) as site, Fetcher(limits(site)) as fetcher:
        for etag in ("x" * 10_000, "a\r\nX-Evil: 1", "台"):
            fetcher.get(site.url("/x"), etag=etag)
    assert all("if-none-match" not in request.headers for request in site.requests)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    x509 = pytest.importorskip("cryptography.x509", reason="needs the cryptography package")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "news.example")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "site.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(built.public_bytes(pem) + secret)
    return file


def test_f26_a_certificate_that_nobody_vouches_for_is_pending(certificate: Path) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    with Site({"/": b"secure"}, tls=server) as site:
        allowed = frozenset({"localhost", "127.0.0.1"})
        with (
            Fetcher(FetchLimits(gap_seconds=0, allow_private=allowed)) as fetcher,
            pytest.raises(SiteDown, match=r"certificate not accepted: self.signed"),
        ):
            fetcher.get(site.url("/", "localhost"), robots=False)
        with Fetcher(FetchLimits(gap_seconds=0, allow_private=allowed, ca_file=str(certificate))) as fetcher:
            assert fetcher.get(site.url("/", "localhost"), robots=False).body == b"secure"
            with pytest.raises(SiteDown, match=r"certificate not accepted: .*127\.0\.0\.1"):
                fetcher.get(site.url("/"), robots=False)


def test_f19_a_redirect_from_https_to_http_is_refused(certificate: Path) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    with Site({"/": b"plain"}) as plain, Site({"/": redirect(plain.url())}, tls=server) as secure:
        allowed = frozenset({"localhost", "127.0.0.1"})
        with (
            Fetcher(FetchLimits(gap_seconds=0, allow_private=allowed, ca_file=str(certificate))) as fetcher,
            pytest.raises(Refused, match="redirect from https to http"),
        ):
            fetcher.get(secure.url("/", "localhost"), robots=False)


def test_every_error_of_the_library_is_translated() -> None:
    def all_of(kind: type[Exception]) -> Iterator[type[Exception]]:
        yield kind
        for below in kind.__subclasses__():
            yield from all_of(below)

    for kind in [*all_of(httpx.TransportError), httpx.InvalidURL, httpx.DecodingError, OSError, UnicodeError]:
        with (
            pytest.raises((SiteDown, Refused)),
            translated("example.org", connect_seconds=1, silence_seconds=1),
        ):
            raise kind("words")
