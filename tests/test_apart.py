"""P08: a page that hangs, crashes or fills the memory of its cleaner harms itself alone."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import psutil
import pytest

from monitor import clean
from monitor.apart import Bounds, Cleaners
from monitor.errors import CleaningFailed, Gone, Refused, Unreadable
from monitor.model import Article, Listed, Page
from monitor.sources import Source
from tests import unruly

ROOT = Path(__file__).parents[1]
URL = "http://paper.example/story"
QUICK = Bounds(seconds=1, memory_mb=100)
PATIENT = Bounds(seconds=30, memory_mb=100)


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # where a cleaner finds tests.unruly


@pytest.fixture
def quick() -> Iterator[Cleaners]:
    with Cleaners(QUICK, unruly.obey) as cleaners:
        yield cleaners


@pytest.fixture
def patient() -> Iterator[Cleaners]:
    with Cleaners(PATIENT, unruly.obey) as cleaners:
        yield cleaners


def page(body: str | bytes) -> Page:
    content = body if isinstance(body, bytes) else body.encode()
    return Page(URL, URL, 200, content, datetime.now(UTC), {"content-type": "text/html; charset=utf-8"})


def pid(cleaners: Cleaners) -> int:
    return int(cleaners.clean(page("")).title)


def fault(cleaners: Cleaners, body: str | bytes) -> str:
    with pytest.raises(CleaningFailed) as told:
        cleaners.clean(page(body))
    assert told.value.of_page
    assert URL in str(told.value)
    return str(told.value)


def children() -> list[int]:
    return [child.pid for child in psutil.Process().children()]


@pytest.mark.parametrize("order", ["spin", "spin-in-a-library", "sleep 100"])
def test_p08_a_page_that_hangs_is_given_up_at_its_time(quick: Cleaners, order: str) -> None:
    before = pid(quick)
    begun = monotonic()
    assert fault(quick, order) == f"cleaning took over 1 s: {URL} ({len(order)} bytes)"
    assert monotonic() - begun < 1 + 3
    assert not psutil.pid_exists(before)
    assert pid(quick) != before


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ("abort", "the cleaner ended with signal 6"),
        ("null", "the cleaner ended with signal 11"),
        ("signal SIGKILL", "the cleaner ended with signal 9"),
        ("exit 3", "the cleaner ended with status 3"),
        ("bug", "a fault of ours: ValueError: no such month at unruly.py:"),
        ("recurse", "a fault of ours: RecursionError"),
        ("hoard 120", "cleaning took over 100 MB"),
        ("hoard-at-once 5000", "cleaning took over 100 MB"),
    ],
)
def test_p08_a_page_that_breaks_its_cleaner_is_told_by_name_and_the_next_is_cleaned(
    patient: Cleaners, order: str, why: str
) -> None:
    assert fault(patient, order).startswith(why)
    assert pid(patient) in children()


def test_p08_a_page_for_which_the_memory_does_not_last_is_not_called_unreadable() -> None:
    html = b"<html><body><article>" + b"<p>Some words of the paper here.</p>" * 200_000
    with Cleaners(Bounds(seconds=30, memory_mb=60)) as cleaners:
        assert fault(cleaners, html).startswith("cleaning took over 60 MB")


@pytest.mark.parametrize(
    ("order", "error"), [("refuse", Refused), ("unreadable", Unreadable), ("gone", Gone)]
)
def test_what_is_no_article_is_told_as_by_the_cleaner_itself(
    patient: Cleaners, order: str, error: type[Exception]
) -> None:
    before = pid(patient)
    with pytest.raises(error) as told:
        patient.clean(page(order))
    assert type(told.value) is error
    assert pid(patient) == before


def test_an_article_comes_back_as_the_cleaner_made_it() -> None:
    file = next((ROOT / "tests" / "pages").glob("*-cn/*.html"))
    listed = Listed(url=URL, title="A title", summary="A summary")
    source = Source(id="a", name="A", home="http://paper.example/", side="prc", kind="press", tier=2)
    with Cleaners(Bounds()) as cleaners:
        got = cleaners.clean(page(file.read_bytes()), listed, source)
    assert got == clean.clean(page(file.read_bytes()), listed, source)
    assert got.words > 50


def test_what_a_library_prints_does_not_get_into_the_answer(patient: Cleaners) -> None:
    assert patient.clean(page("print")).url == URL


def test_p08_pages_beside_one_that_hangs_are_cleaned(quick: Cleaners) -> None:
    def outcome(order: str) -> str:
        try:
            return quick.clean(page(order)).url
        except CleaningFailed as error:
            return str(error)

    orders = ["", "spin", "", "", "abort", "", "spin", ""]
    with ThreadPoolExecutor(len(orders)) as threads:
        outcomes = list(threads.map(outcome, orders))
    assert [each == URL for each in outcomes] == [order == "" for order in orders]


def test_a_cleaner_that_has_grown_is_replaced(patient: Cleaners) -> None:
    before = pid(patient)
    assert int(patient.clean(page("hoard 30")).title) == before
    assert int(patient.clean(page("hoard 70")).title) == before
    assert pid(patient) != before


def test_cleaners_are_started_when_needed_and_end_with_their_pool() -> None:
    before = children()
    with Cleaners(PATIENT, unruly.obey) as cleaners:
        assert children() == before
        cleaners.make_ready()
        cleaners.make_ready()
        (started,) = set(children()) - set(before)
        assert pid(cleaners) == started
    assert children() == before


def test_a_thousand_pages_leave_no_descriptor_and_no_process_behind(patient: Cleaners) -> None:
    first = pid(patient)
    me = psutil.Process()
    files, processes = me.num_fds(), children()
    assert {int(patient.clean(page(b" " * 50_000)).title) for _ in range(1_000)} == {first}
    for order in ("abort", "exit 1", "signal SIGKILL") * 3:
        fault(patient, order)
    pid(patient)
    assert me.num_fds() == files
    assert len(children()) == len(processes)


def test_a_cleaner_that_ended_while_idle_is_no_fault_of_the_next_page(patient: Cleaners) -> None:
    before = pid(patient)
    os.kill(before, signal.SIGKILL)
    psutil.Process(before).wait(10)
    assert pid(patient) != before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_for_the_whole_job_takes_no_page_from_a_cleaner(patient: Cleaners, number: int) -> None:
    before = pid(patient)
    os.kill(before, number)
    assert pid(patient) == before


def test_a_pool_that_closes_gives_up_the_page_under_way(patient: Cleaners, tmp_path: Path) -> None:
    worker = pid(patient)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    told: list[BaseException] = []

    def wait() -> None:
        try:
            patient.clean(page(f"announce-and-wait {pipe}"))
        except CleaningFailed as error:
            told.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    pipe.read_bytes()
    patient.close()
    waiting.join(10)
    assert not psutil.pid_exists(worker)
    assert len(told) == 1
    with pytest.raises(CleaningFailed, match="stopped"):
        patient.clean(page(""))


def test_a_cleaner_that_cannot_start_is_no_fault_of_the_page() -> None:
    def work(_page: Page, _listed: Listed | None, _source: Source | None) -> Article:
        raise NotImplementedError

    work.__module__ = "no_such_module"
    with (
        Cleaners(PATIENT, work) as cleaners,
        pytest.raises(CleaningFailed, match=r"no cleaner can be started: .*no_such_module") as told,
    ):
        cleaners.clean(page(""))
    assert not told.value.of_page


@pytest.mark.parametrize("order", ["", "spin-in-a-library"])
def test_p08_cleaners_end_when_their_parent_is_killed(order: str) -> None:
    code = (
        "import sys\nfrom monitor.apart import Bounds, Cleaners\nfrom tests import test_apart, unruly\n"
        "cleaners = Cleaners(Bounds(seconds=1), unruly.obey)\n"
        "print(test_apart.pid(cleaners), flush=True)\ncleaners.clean(test_apart.page(sys.argv[1]))\n"
        "sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, order], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate(timeout=10)
    worker.wait(10)


def test_a_module_in_the_folder_of_work_is_not_taken_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "monitor").mkdir()
    (tmp_path / "monitor" / "__init__.py").write_text("raise SystemExit('not ours')\n")
    monkeypatch.chdir(tmp_path)
    with Cleaners(PATIENT, unruly.obey) as cleaners:
        assert pid(cleaners)
