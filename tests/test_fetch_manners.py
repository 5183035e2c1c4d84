"""Manners: robots.txt, one request at a time with a gap, and hosts that want to be left alone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise
from time import monotonic, thread_time

import pytest

from monitor.errors import Refused, SiteDown
from monitor.fetch import Fetcher, FetchLimits, retry_after
from monitor.fetch.robots import read_robots
from tests.site import Answer, Request, Route, Site, redirect

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
BLOCK = b"<!doctype html><html><head><title>Just a moment...</title></head></html>"


def limits(site: Site, **more: object) -> FetchLimits:
    values: dict[str, object] = {"gap_seconds": 0.0, "allow_private": frozenset({site.host}), **more}
    return FetchLimits(**values)  # type: ignore[arg-type]


def robots(route: Route, path: str = "/x", **more: object) -> tuple[str, list[str]]:
    """What comes of asking for path under such a robots.txt, and what was asked."""
    with Site({"/robots.txt": route, path: b"ok"}) as site, Fetcher(limits(site, **more)) as fetcher:
        try:
            return fetcher.get(site.url(path)).body.decode(), site.paths
        except (Refused, SiteDown) as error:
            return f"{type(error).__name__}: {error}", site.paths


@pytest.mark.parametrize("status", [404, 410, 400, 418])
def test_f35_without_robots_everything_is_allowed(status: int) -> None:
    assert robots(Answer(status, b"User-agent: *\nDisallow: /"))[0] == "ok"


@pytest.mark.parametrize("status", [401, 403])
def test_f35_a_robots_that_is_forbidden_means_no(status: int) -> None:
    said, asked = robots(Answer(status))
    assert said.startswith("Refused")
    assert f"robots.txt answers {status}" in said
    assert asked == ["/robots.txt"]


@pytest.mark.parametrize("status", [429, 500, 503, 302])
def test_f35_while_robots_fails_nothing_is_asked(status: int) -> None:
    said, asked = robots(Answer(status))
    assert said.startswith("SiteDown")
    assert asked == ["/robots.txt"]


def test_f35_a_robots_that_never_ends_means_nothing_is_asked() -> None:
    said, asked = robots(
        lambda request: request.trickle(b"HTTP/1.1 200 OK\r\n\r\n", b"#", 0.05), total_seconds=0.3
    )
    assert said.startswith("SiteDown")
    assert "slower than" in said
    assert asked == ["/robots.txt"]


def test_f35_robots_is_asked_once_an_hour_and_a_failure_rests() -> None:
    with Site({"/x": b"ok"}) as site, Fetcher(limits(site)) as fetcher:
        for _ in range(3):
            fetcher.get(site.url("/x"))
    assert site.paths == ["/robots.txt", "/x", "/x", "/x"]
    with Site({"/x": b"ok", "/robots.txt": Answer(500)}) as site, Fetcher(limits(site)) as fetcher:
        for _ in range(3):
            with pytest.raises(SiteDown, match=r"robots\.txt answers 500"):
                fetcher.get(site.url("/x"))
    assert site.paths == ["/robots.txt"]


def test_f36_an_html_robots_allows_and_a_block_page_forbids() -> None:
    assert robots(b"<!DOCTYPE html><html><body>Not found. Disallow: /</body></html>")[0] == "ok"
    assert "robots.txt is a block page" in robots(BLOCK)[0]


def test_a_byte_order_mark_hides_no_rule() -> None:
    assert "Disallow: /" in robots(b"\xef\xbb\xbfUser-agent: *\nDisallow: /")[0]


def test_our_own_group_beats_the_common_one() -> None:
    both = b"User-agent: *\nDisallow: /\n\nUser-agent: straitwatch\nAllow: /\n"
    assert robots(both)[0] == "ok"


def test_f37_of_a_huge_robots_the_first_512_kb_are_read() -> None:
    begun = thread_time()
    groups = b"".join(b"User-agent: a%d\nDisallow: /%d\n" % (number, number) for number in range(50_000))
    assert robots(groups)[0] == "ok"
    assert robots(b"User-agent: *\nDisallow: /x\n" + groups)[0].startswith("Refused")
    assert robots(b"User-agent: *\nDisallow: /" + b"y" * 2_000_000)[0] == "ok"
    assert thread_time() - begun < 5


def test_f38_rules_that_take_long_refuse_the_host() -> None:
    rules = b"".join(b"Disallow: /*a*%d*b$\n" % number for number in range(25_000))
    kept = read_robots("example.org", 200, b"User-agent: *\n" + rules, "Straitwatch", slowest=120)
    begun = thread_time()
    said = [
        kept.refusal(f"http://example.org/{'a' * 1_500}{number}", "Straitwatch") for number in range(1_000)
    ]
    assert thread_time() - begun < 5
    assert "takes over 50 ms" in said[-1]


@pytest.mark.parametrize(
    ("delay", "said"),
    [("1e308", "too slow to follow"), ("86400", "Crawl-delay of 86,400 s is too slow to follow"), ("nan", "ok"), ("-5", "ok"), ("0.01", "ok")],
)  # fmt: skip
def test_f39_a_crawl_delay_is_followed_or_called_too_slow(delay: str, said: str) -> None:
    assert said in robots(f"User-agent: *\nCrawl-delay: {delay}".encode())[0]


def test_f39_a_crawl_delay_widens_the_gap() -> None:
    with (
        Site({"/robots.txt": b"User-agent: *\nCrawl-delay: 0.4", "/x": b"x"}) as site,
        Fetcher(limits(site)) as fetcher,
    ):
        fetcher.get(site.url("/x"))
        begun = monotonic()
        fetcher.get(site.url("/x"))
    assert monotonic() - begun >= 0.39


def test_f40_a_redirect_into_a_forbidden_path_is_refused_and_the_line_told() -> None:
    rules = b"User-agent: *\nDisallow: /priv\nDisallow: /private/ # ours\nAllow: /"
    with (
        Site({"/robots.txt": rules, "/x": redirect("/private/y")}) as site,
        Fetcher(limits(site)) as fetcher,
        pytest.raises(Refused, match=r"robots\.txt: Disallow: /private/"),
    ):
        fetcher.get(site.url("/x"))
    assert site.paths == ["/robots.txt", "/x"]


def test_f40_robots_is_asked_again_when_its_hour_is_over() -> None:
    with Site({"/x": b"ok"}) as site, Fetcher(limits(site, robots_seconds=0)) as fetcher:
        fetcher.get(site.url("/x"))
        site.routes["/robots.txt"] = b"User-agent: *\nDisallow: /x"
        with pytest.raises(Refused, match="Disallow: /x"):
            fetcher.get(site.url("/x"))


def test_f41_one_request_at_a_time_with_a_gap_whatever_the_threads() -> None:
    started: list[float] = []
    lock = threading.Lock()

    def note(request: Request) -> bytes:
        with lock:
            started.append(monotonic())
        return b"x"

    with (
        Site({"/x": note}) as site,
        Fetcher(limits(site, gap_seconds=0.1)) as fetcher,
        ThreadPoolExecutor(8) as pool,
    ):
        list(pool.map(lambda number: fetcher.get(site.url(f"/x?{number}")), range(8)))
    assert site.most_at_once == 1
    assert min(later - earlier for earlier, later in pairwise(started)) >= 0.095


def test_f41_other_hosts_do_not_wait() -> None:
    with Site({"/x": b"x"}) as one, Site({"/x": b"x"}) as two:
        allowed = FetchLimits(gap_seconds=30, allow_private=frozenset({one.host, two.host}))
        with Fetcher(allowed) as fetcher:
            begun = monotonic()
            fetcher.get(one.url("/x"))
            fetcher.get(two.url("/x"))
    assert monotonic() - begun < 5


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120), (" 120 ", 120), ("0", 0), ("-5", None), ("1e9", None), ("９", None), ("9" * 400, None), ("inf", None),
        ("", None), ("9999999999", 86_400), ("Tue, 24 Nov 2026 08:05:00 GMT", 300), ("Tue, 24 Nov 2026 07:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400), ("Fri, 31 Dec 99999 23:59:59 GMT", None), ("soon", None),
    ],
)  # fmt: skip
def test_f15_retry_after_is_honoured_or_nonsense(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize("status", [429, 503])
def test_f15_the_whole_host_waits(status: int) -> None:
    with Site({"/x": Answer(status, b"", {"Retry-After": "3600"}), "/y": b"y"}) as site:
        with Fetcher(limits(site)) as fetcher:
            assert fetcher.get(site.url("/x"), retry=True).status == status
            with pytest.raises(SiteDown, match=f"left alone.*answered {status}") as waits:
                fetcher.get(site.url("/y"))
            assert fetcher.held()[site.host] == pytest.approx(3_600, abs=5)
        with Fetcher(limits(site)) as later:
            later.hold(site.host, 3_000)
            with pytest.raises(SiteDown, match="left alone"):
                later.get(site.url("/y"))
    assert waits.value.retry_after == pytest.approx(3_600, abs=5)
    assert site.paths == ["/robots.txt", "/x"]


def test_closing_wakes_whoever_waits_for_a_gap() -> None:
    with Site({"/x": b"x"}) as site:
        fetcher = Fetcher(limits(site, gap_seconds=60))
        fetcher.get(site.url("/x"), robots=False)
        said: list[str] = []

        def wait() -> None:
            with pytest.raises(SiteDown) as closed:
                fetcher.get(site.url("/x"), robots=False)
            said.append(str(closed.value))

        waiting = threading.Thread(target=wait)
        waiting.start()
        fetcher.close()
        waiting.join(5)
    assert said
    assert "closing" in said[0]
