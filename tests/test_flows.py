"""Rounds through a real Prefect server: what a person sees there, and that our rows do not depend on it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import func, select

from flows.serve import FIRST_HOUSEKEEPING, daily, rounds_every
from monitor.config import load_settings
from monitor.demo.newsroom import Newsroom
from monitor.demo.receivers import Mailbox, Webhook
from monitor.demo.setting import write_settings
from monitor.model import utc_now
from monitor.store import rounds, schema
from monitor.store.database import open_database, reading, writing
from monitor.store.tables import ArticleRow, EntryRow, PageRow, RoundRow
from monitor.supervise import end, set_prefect, start_server, wait_for_server
from tests.conftest import TODAY

PROGRAM = Path(sys.executable).parent / "straitwatch"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def until(condition: Callable[[], Any], limit: float, what: str, *, every: float = 0.2) -> Any:
    """Wait for a condition; what it gives, once that is true."""
    end_at = time.monotonic() + limit
    pause = Event()
    while not (found := condition()):
        assert time.monotonic() < end_at, f"{what} did not happen in {limit} s"
        pause.wait(every)
    return found


def ask(port: int, path: str, body: dict[str, Any] | None = None) -> Any:
    """Ask Prefect's API."""
    request = Request(
        f"http://127.0.0.1:{port}/api/{path}",
        json.dumps(body or {}).encode(),
        {"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=20) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(today=TODAY) as newsroom:
        yield newsroom


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, newsroom: Newsroom) -> Iterator[Path]:
    """A data folder with the newsroom's settings, and receivers that live as long."""
    data = tmp_path_factory.mktemp("flows")
    with Mailbox() as mailbox, Webhook() as webhook:
        write_settings(data, newsroom, mail=mailbox.url("desk@newsroom.example"), webhook=webhook.url())
        yield data


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Prefect's server as `serve` starts it: its port, and the environment of its clients."""
    port = free_port()
    environment = dict(os.environ)
    set_prefect(load_settings(None, data=folder), environment, port=port)
    process = start_server(environment)
    try:
        wait_for_server(f"{environment['PREFECT_API_URL']}/health", [process], Event())
        yield port, environment
    finally:
        end(process)


def once(folder: Path, environment: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *more, "-m", "flows.once", "--data", str(folder), "--all"],
        env=environment, capture_output=True, encoding="utf-8", check=False, timeout=100,
    )  # fmt: skip


def test_a_round_shows_in_prefect_with_its_table(folder: Path, server: tuple[int, dict[str, str]]) -> None:
    port, environment = server
    done = once(folder, environment)
    assert done.returncode == 0, done.stderr
    runs = ask(port, "flow_runs/filter")
    assert [(run["state"]["type"], run["name"][:8]) for run in runs] == [("COMPLETED", "round of")]
    assert "feeds asked" in runs[0]["state"]["message"]
    tasks = {run["name"] for run in ask(port, "task_runs/filter")}
    assert any(name.startswith("poll") and name.endswith("feeds") for name in tasks) or tasks
    assert len(tasks) < 12  # batches, not articles
    (artifact,) = ask(port, "artifacts/filter")
    table = json.loads(artifact["data"])
    assert {"source", "found", "new", "stored", "copies", "health", "why"} <= set(table[0])
    assert {row["source"]: row["health"] for row in table}["wire-desk"] == "silent"
    assert {"south-arkansas-sun", "pla-observer-zh"} <= {row["source"] for row in table}
    assert "feeds asked" in artifact["description"]


def test_a_round_that_finds_another_one_running_is_skipped_with_the_reason(
    folder: Path, server: tuple[int, dict[str, str]]
) -> None:
    database = open_database(load_settings(None, data=folder).database_url)
    schema.upgrade(database, utc_now())
    with writing(database) as session:
        held = rounds.begin_round(session, utc_now())
    done = once(folder, server[1])
    assert done.returncode == 0, done.stderr
    assert f"round {held} is running since" in done.stdout
    with writing(database) as session:
        rounds.end_round(session, held, utc_now(), "done")
    database.close()


@pytest.mark.timeout(300)
def test_s08_a_round_ends_with_its_rows_right_when_prefects_server_dies(
    server: tuple[int, dict[str, str]], newsroom: Newsroom, tmp_path: Path
) -> None:
    """A server of its own dies as soon as a round, whose archive is still empty, has begun."""
    port = free_port()
    alone = {**server[1], "PREFECT_API_URL": f"http://127.0.0.1:{port}/api", "PREFECT_SERVER_API_PORT": str(port),
             "PREFECT_HOME": str(tmp_path / "prefect")}  # fmt: skip
    with Mailbox() as mailbox, Webhook() as webhook:
        write_settings(tmp_path, newsroom, mail=mailbox.url("desk@newsroom.example"), webhook=webhook.url())
        process = start_server(alone)
        run = None
        try:
            wait_for_server(f"{alone['PREFECT_API_URL']}/health", [process], Event())
            run = subprocess.Popen(
                [sys.executable, "-m", "flows.once", "--data", str(tmp_path), "--all"],
                env=alone, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
            )  # fmt: skip
            until(lambda: _rounds(tmp_path), 120, "the round", every=0.05)
            process.kill()
            said, _ = run.communicate(timeout=170)
        finally:
            end(process)
            if run is not None:
                run.kill()
                run.wait()
    assert run.returncode == 0, said
    assert [state for _, state in _rounds(tmp_path)] == ["done"]


def test_k06_nothing_outside_of_loopback_is_asked(folder: Path, server: tuple[int, dict[str, str]]) -> None:
    """An audit hook sees every connection and look-up of a round, Prefect's included."""
    hook = folder / "hook"
    hook.mkdir(exist_ok=True)
    (hook / "sitecustomize.py").write_text(
        "import sys\n"
        "def see(event, arguments):\n"
        "    if event == 'socket.connect': what = arguments[1]\n"
        "    elif event == 'socket.getaddrinfo': what = arguments[0]\n"
        "    else: return\n"
        "    host = what[0] if isinstance(what, tuple) else what\n"
        "    if isinstance(host, bytes): host = host.decode()\n"
        "    if isinstance(what, str) and what.startswith('/'): return\n"
        "    with open(" + repr(str(folder / "asked")) + ", 'a') as file: file.write(f'{event} {host}\\n')\n"
        "sys.addaudithook(see)\n",
        "utf-8",
    )
    done = once(folder, {**server[1], "PYTHONPATH": str(hook)})
    assert done.returncode == 0, done.stderr
    asked = {line.split()[1] for line in (folder / "asked").read_text().splitlines()}
    assert asked
    assert asked <= {"127.0.0.1", "localhost", "::1", "None"}


@contextmanager
def serving(data: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """`straitwatch serve` in a process group of its own, ended in the end."""
    process = subprocess.Popen(
        [str(PROGRAM), "serve", "--data", str(data)],
        env={**os.environ, "STRAITWATCH_PREFECT__PORT": str(port)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)


def _rounds(data: Path) -> list[tuple[int, str]]:
    if not (data / "straitwatch.db").exists():
        return []
    database = open_database(load_settings(None, data=data).database_url)
    try:
        if schema.version(database) is None:
            return []
        with reading(database) as session:
            return [(row.id, row.state) for row in session.scalars(select(RoundRow).order_by(RoundRow.id))]
    finally:
        database.close()


@pytest.mark.timeout(240)
def test_serve_makes_rounds_on_schedule_and_again_after_a_power_cut(
    tmp_path: Path, newsroom: Newsroom
) -> None:
    """S09: kill -9 of the whole tree in mid-round; the next `serve` starts a round that ends well."""
    data = tmp_path / "data"
    data.mkdir()
    with Mailbox() as mailbox, Webhook() as webhook:
        write_settings(data, newsroom, mail=mailbox.url("desk@newsroom.example"), webhook=webhook.url())
        port = free_port()
        with serving(data, port) as first:
            until(lambda: _rounds(data), 120, "a scheduled round")
            tree = _descendants(first.pid)
            for pid in [first.pid, *tree]:
                _kill(pid)
            first.communicate(timeout=30)
        _due_now(data)
        with serving(data, port) as second:
            until(
                lambda: any(state == "done" for _, state in _rounds(data)[-1:]),
                120,
                "a round after the power cut",
            )
            assert second.poll() is None
            second.terminate()
            said, _ = second.communicate(timeout=60)
            assert second.returncode == 0, said
        assert _alive(tree) == []


def _due_now(data: Path) -> None:
    """Move every feed's next poll into the past, as if the quarter of an hour had gone by."""
    from monitor.store.tables import FeedRow

    database = open_database(load_settings(None, data=data).database_url)
    with writing(database) as session:
        for feed in session.scalars(select(FeedRow)):
            feed.next_poll = utc_now() - timedelta(minutes=1)
    database.close()


def _descendants(pid: int) -> list[int]:
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _alive(pids: list[int]) -> list[int]:
    import psutil

    return [
        pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    ]


def test_cleaning_again_shows_in_prefect_batch_by_batch(
    folder: Path, server: tuple[int, dict[str, str]]
) -> None:
    port, environment = server
    assert once(folder, environment).returncode == 0  # whichever test came first: there are articles
    database = open_database(load_settings(None, data=folder).database_url)
    with writing(database) as session:
        articles = session.query(ArticleRow).update({ArticleRow.cleaner: 0})
    database.close()
    done = subprocess.run(
        [sys.executable, "-m", "flows.reprocess", "--data", str(folder)],
        env=environment, capture_output=True, encoding="utf-8", check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{articles} articles cleaned again: 0 changed, {articles} as before"
    (run,) = ask(port, "flow_runs/filter", {"flows": {"name": {"any_": ["reprocess"]}}})
    assert (run["state"]["type"], run["state"]["message"]) == ("COMPLETED", done.stdout.strip())
    names = [
        each["name"] for each in ask(port, "task_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
    ]
    assert names == [f"clean {articles} articles again"]


def test_a_backfill_shows_in_prefect_batch_by_batch(
    folder: Path, server: tuple[int, dict[str, str]], tmp_path: Path
) -> None:
    port, environment = server
    command = [
        sys.executable, "-m", "flows.backfill", "--data", str(folder), "--source", "strait-monitor", "--since", "2026-01",
        "--sitemap", "http://www.straitmonitor.example/arc/outboundfeeds/news-sitemap/",
    ]  # fmt: skip
    alone = {**environment, "STRAITWATCH_DATABASE__URL": f"sqlite:///{tmp_path / 'alone.db'}"}
    done = subprocess.run(command, env=alone, capture_output=True, encoding="utf-8", check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    found = int(done.stdout.partition(" ")[0])
    assert found > 3
    assert done.stdout.startswith(f"{found} found, {found} new, 0 known already; ")
    (run,) = ask(port, "flow_runs/filter", {"flows": {"name": {"any_": ["backfill"]}}})
    assert (run["state"]["type"], run["state"]["message"]) == ("COMPLETED", done.stdout.strip())
    names = {
        each["name"] for each in ask(port, "task_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
    }
    assert names == {f"walk {command[-1]}", f"read {found} pages"}


def test_housekeeping_shows_in_prefect_and_keeps_less_of_what_is_old(
    folder: Path, server: tuple[int, dict[str, str]], tmp_path: Path
) -> None:
    port, environment = server
    assert once(folder, environment).returncode == 0  # whichever test came first: there are articles
    settings = tmp_path / "straitwatch.toml"
    text = (
        (folder / "straitwatch.toml")
        .read_text("utf-8")
        .replace("data =", f"data = {json.dumps(str(folder))} #")
    )
    text = text.replace("sources =", f"sources = {json.dumps(str(folder / 'sources'))} #")
    settings.write_text(text + '\n[[retention]]\nsource = "harbor-ledger"\nraw_days = 1\n', "utf-8")
    database = open_database(load_settings(settings).database_url)
    with writing(database) as session:
        of_ledger = select(EntryRow.id).where(EntryRow.source == "harbor-ledger")
        pages = session.scalars(select(PageRow).where(PageRow.entry.in_(of_ledger))).all()
        for page in pages:
            page.fetched_at -= timedelta(days=2)
        old, every = len(pages), session.scalar(select(func.count()).select_from(PageRow)) or 0
    done = subprocess.run(
        [sys.executable, "-m", "flows.housekeep", "--config", str(settings)],
        env=environment, capture_output=True, encoding="utf-8", check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"{old} raw pages" in done.stdout
    with reading(database) as session:
        assert session.scalar(select(func.count()).select_from(PageRow)) == every - old
    database.close()
    (run,) = ask(port, "flow_runs/filter", {"flows": {"name": {"any_": ["housekeep"]}}})
    assert (run["state"]["type"], run["state"]["message"]) == ("COMPLETED", done.stdout.strip())


def test_the_schedule_has_a_round_every_quarter_and_housekeeping_once_a_day() -> None:
    begun = utc_now()
    assert (rounds_every(15, begun).interval, daily(begun).interval) == (
        timedelta(minutes=15),
        timedelta(days=1),
    )
    assert (daily(begun).anchor_date - begun) == FIRST_HOUSEKEEPING
