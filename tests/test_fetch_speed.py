"""What keeps fetching quick, told by what the other side sees; and the bench that measures it, on a small site."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench import fetch as bench
from monitor.fetch import Fetcher, FetchLimits


@contextmanager
def patient() -> Iterator[tuple[int, dict[str, set[int]]]]:
    """A server that keeps connections open: its port, and which of our ports asked for each host."""
    seen: dict[str, set[int]] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            seen.setdefault(self.headers["Host"], set()).add(self.client_address[1])
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], seen
        server.shutdown()


def test_a_host_is_asked_over_one_connection_though_thirty_others_are_asked_between() -> None:
    hosts = [f"paper{number}.example" for number in range(30)]
    with patient() as (port, seen):
        resolve = dict.fromkeys(hosts, f"127.0.0.1:{port}")
        with Fetcher(FetchLimits(gap_seconds=0, resolve=resolve)) as fetcher:
            for path in ("a", "b", "c"):
                for host in hosts:
                    assert fetcher.get(f"http://{host}/{path}").body == b"ok"
        assert {host: len(ports) for host, ports in seen.items()} == dict.fromkeys(hosts, 1)


def test_no_more_connections_stay_open_than_the_settings_allow_twice_over() -> None:
    hosts = [f"paper{number}.example" for number in range(60)]
    with patient() as (port, seen):
        resolve = dict.fromkeys(hosts, f"127.0.0.1:{port}")
        limits = FetchLimits(gap_seconds=0, resolve=resolve, connections=16)
        with Fetcher(limits) as fetcher:
            for path in ("a", "b"):
                for host in hosts:
                    fetcher.get(f"http://{host}/{path}")
        assert sum(len(ports) == 1 for ports in seen.values()) <= 32


def test_the_bench_of_fetching_measures_both_sides(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["pages", "--pages", "12", "--kb", "5", "--hosts", "3", "--json"]) == 0
    facts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["who"], each["pages"]) for each in facts if each["measure"] == "pages"] == [
        ("straitwatch", 12),
        ("bare httpx", 12),
    ]
    assert next(each["ratio"] for each in facts if each["measure"] == "pages ratio") > 0
