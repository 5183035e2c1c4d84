"""The guard: what may be connected to, however it is spelled, wherever a redirect leads."""

import os
import socket
from collections.abc import Callable
from typing import Any

import pytest

from monitor.errors import Refused, SiteDown
from monitor.fetch import Fetcher, FetchLimits
from monitor.fetch.guard import is_public
from tests.site import Answer, Site, redirect

REFUSED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.254 169.254.0.1
169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1
198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1
::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::a00:1 64:ff9b::808:808 64:ff9b:1::1 100::1 2001::1 2001:2::1 2001:10::1
2001:20::1 2001:db8::1 2002:a00:1::1 2002:7f00:1::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1
fe80::1%eth0
""".split()  # noqa: SIM905
ODD_SPELLINGS = (
    "127.1", "0x7f.1", "2130706433", "017700000001", "0", "１２７.0.0.1", "127。0。0。1", "[::]", "[::ffff:127.0.0.1]",
    "localhost", "127.0.0.1", "LOCALHOST.",
)  # fmt: skip


@pytest.fixture
def fetcher() -> Any:
    with Fetcher(FetchLimits(gap_seconds=0)) as fetcher:
        yield fetcher


def answering(*addresses: str) -> Callable[..., list[Any]]:
    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return look_up


def test_f29_all_49_special_addresses_are_refused() -> None:
    assert len(REFUSED) == 49
    assert [address for address in REFUSED if is_public(address)] == []


def test_f29_public_addresses_are_allowed() -> None:
    allowed = [
        "8.8.8.8",
        "1.1.1.1",
        "100.128.0.1",
        "172.32.0.1",
        "2606:4700:4700::1111",
        "2001:4860:4860::8888",
    ]
    assert [address for address in allowed if not is_public(address)] == []


@pytest.mark.parametrize("spelling", ODD_SPELLINGS)
def test_f28_an_odd_spelling_of_loopback_is_refused(fetcher: Fetcher, spelling: str) -> None:
    with Site() as site:
        with pytest.raises(Refused, match=r"-> \S+: not a public address"):
            fetcher.get(f"http://{spelling}:{site.port}/", robots=False)
        assert site.requests == []


def test_f30_one_private_answer_among_public_ones_refuses(
    fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answering("8.8.8.8", "127.0.0.1"))
    with pytest.raises(Refused, match=r"news\.example -> 127\.0\.0\.1: not a public address"):
        fetcher.get("http://news.example/", robots=False)


def test_f30_a_name_is_looked_up_once_for_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = socket.getaddrinfo, []

    def look_up(host: str, port: int, *arguments: Any, **more: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if host == "news.example" else host, port, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with Site({"/": b"ok"}) as site:
        allowed = frozenset({f"news.example:{site.port}"})
        with Fetcher(FetchLimits(gap_seconds=0, allow_private=allowed)) as fetcher:
            fetcher.get(f"http://news.example:{site.port}/", robots=False)
    assert asked.count("news.example") == 1


def test_f31_a_redirect_and_robots_meet_the_same_guard(fetcher: Fetcher) -> None:
    with Site() as inner, Site({"/": redirect(inner.url("/admin"))}) as outer:
        with Fetcher(FetchLimits(gap_seconds=0, allow_private=frozenset({outer.host}))) as allowed:
            with pytest.raises(Refused, match="not a public address"):
                allowed.get(outer.url("/"))
            outer.routes["/robots.txt"] = redirect(inner.url("/robots.txt"))
        with (
            Fetcher(FetchLimits(gap_seconds=0, allow_private=frozenset({outer.host}))) as allowed,
            pytest.raises(Refused, match=r"robots\.txt.*not a public address"),
        ):
            allowed.get(outer.url("/"))
        assert inner.requests == []


def test_f31_names_that_the_settings_map_reach_loopback() -> None:
    with (
        Site({"/a": b"mapped"}) as site,
        Fetcher(FetchLimits(gap_seconds=0, resolve={"news.example": site.host})) as fetcher,
    ):
        page = fetcher.get("http://news.example/a")
        assert (page.body, page.final_url) == (b"mapped", "http://news.example/a")
        assert site.requests[-1].headers["host"] == "news.example"
        assert fetcher.get("https://news.example/a").body == b"mapped"
        with pytest.raises(Refused, match="not a public address"):
            fetcher.get(f"http://127.0.0.1:{site.port}/a")


def test_f32_the_environment_sends_nothing_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with Site() as proxy, Site({"/": b"direct"}) as site:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setitem(os.environ, name, proxy.url())
        monkeypatch.setitem(os.environ, "SSL_CERT_FILE", "/nowhere")
        with Fetcher(FetchLimits(gap_seconds=0, allow_private=frozenset({site.host}))) as fetcher:
            assert fetcher.get(site.url()).body == b"direct"
        assert proxy.requests == []


def test_f33_the_host_that_is_asked_is_the_host_that_is_shown(fetcher: Fetcher) -> None:
    with pytest.raises(Refused, match="backslash"):
        fetcher.get("http://good.example\\@evil.example/")
    with Site({"/": b"evil"}) as site:
        allowed = FetchLimits(gap_seconds=0, allow_private=frozenset({site.host}))
        with Fetcher(allowed) as careful:
            page = careful.get(f"http://good.example@127.0.0.1:{site.port}/")
    assert page.final_url == site.url("/")
    assert page.url == site.url("/")


@pytest.mark.parametrize("port", ["22", "25", "6379x", "99999", "-1", "a", "0"])
def test_f34_a_closed_or_impossible_port_is_refused(fetcher: Fetcher, port: str) -> None:
    with pytest.raises(Refused):
        fetcher.get(f"http://example.org:{port}/")


def test_f24_a_name_that_does_not_exist_is_pending(fetcher: Fetcher) -> None:
    with pytest.raises(SiteDown, match="name"):
        fetcher.get("http://no-such-host.invalid/")


def test_f21_credentials_stay_at_their_origin() -> None:
    with Site() as other, Site() as home:
        home.routes |= {"/a": redirect("/b"), "/b": redirect(other.url("/c"))}
        other.routes["/c"] = redirect(f"http://x:y@127.0.0.1:{other.port}/d")
        other.routes["/d"] = b"arrived"
        with Fetcher(FetchLimits(gap_seconds=0, allow_private=frozenset({home.host, other.host}))) as fetcher:
            page = fetcher.get(f"http://user:s%40cret@127.0.0.1:{home.port}/a", robots=False)
    assert page.body == b"arrived"
    assert [request.headers.get("authorization") for request in home.requests] == [
        "Basic dXNlcjpzQGNyZXQ="
    ] * 2
    assert [request.headers.get("authorization") for request in other.requests] == [None, None]
    assert "cret" not in page.url + page.final_url


def test_f22_nobody_sets_a_cookie() -> None:
    with (
        Site({"/": Answer(200, b"x", {"Set-Cookie": "a=" + "b" * 900})}) as site,
        Fetcher(FetchLimits(gap_seconds=0, allow_private=frozenset({site.host}))) as fetcher,
    ):
        fetcher.get(site.url())
        fetcher.get(site.url())
    assert all("cookie" not in request.headers for request in site.requests)


def test_f23_no_secret_is_logged_or_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with (
        Site({"/": redirect("//[?token=hunter2"), "/ok": b"fine"}) as site,
        Fetcher(FetchLimits(gap_seconds=0, allow_private=frozenset({site.host}))) as fetcher,
    ):
        fetcher.get(site.url("/ok?token=hunter2"), robots=False)
        with pytest.raises(Refused) as refused:
            fetcher.get(f"http://user:hunter2@127.0.0.1:{site.port}/?token=hunter2", robots=False)
    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in caplog.text
