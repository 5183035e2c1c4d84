"""Work over many hosts at once and over each host one thing at a time."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

GRACE_SECONDS = 5.0  # for what is under way when a person says stop; it is left behind after that
_LOOK_SECONDS = 0.2


def over_hosts(
    items: Iterable[T], host_of: Callable[[T], str], work: Callable[[T], R], workers: int, stop: Event
) -> Generator[tuple[T, R], None, None]:
    """Yield (item, work(item)) as they are done: hosts side by side, the items of one host in order.

    A host that hangs holds up only itself. When `stop` is set, or the caller leaves, no new item is begun, and
    what is still under way after GRACE_SECONDS is left to end by itself. An exception in `work` is raised here.
    """
    with closing(together_over_hosts(items, host_of, work, workers, stop, 1)) as arriving:
        for batch in arriving:
            yield from batch


def together_over_hosts(
    items: Iterable[T],
    host_of: Callable[[T], str],
    work: Callable[[T], R],
    workers: int,
    stop: Event,
    most: int,
) -> Generator[list[tuple[T, R]], None, None]:
    """As over_hosts, but yield what has arrived meanwhile as one batch of at most so many; nothing is waited for."""
    hosts: dict[str, list[T]] = {}
    for item in items:
        hosts.setdefault(host_of(item), []).append(item)
    waiting: SimpleQueue[list[T]] = SimpleQueue()
    for queue in hosts.values():
        waiting.put(queue)
    done: SimpleQueue[tuple[T, R] | Exception | None] = SimpleQueue()
    left = Event()

    def run() -> None:
        try:
            while True:
                for item in waiting.get_nowait():
                    if stop.is_set() or left.is_set():
                        return
                    done.put((item, work(item)))
        except Empty:
            return
        except Exception as error:  # noqa: BLE001  handed to the caller, whichever it is
            done.put(error)
        finally:
            done.put(None)

    threads = [
        Thread(target=run, daemon=True, name=f"host {number}") for number in range(min(workers, len(hosts)))
    ]
    for thread in threads:
        thread.start()
    try:
        yield from _arriving(done, len(threads), stop, most)
    finally:
        left.set()


def _arriving(
    done: "SimpleQueue[tuple[T, R] | Exception | None]", running: int, stop: Event, most: int
) -> Generator[list[tuple[T, R]], None, None]:
    told_at: float | None = None
    while running:
        if stop.is_set():
            told_at = told_at or monotonic()
            if monotonic() - told_at > GRACE_SECONDS:
                return
        batch: list[tuple[T, R]] = []
        failed: Exception | None = None
        for arrived in _there(done, most):
            if arrived is None:
                running -= 1
            elif isinstance(arrived, Exception):
                failed = failed or arrived
            else:
                batch.append(arrived)
        if batch:
            yield batch
        if failed is not None:
            raise failed


def _there(done: "SimpleQueue[R]", most: int) -> Iterator[R]:
    """What is there: after a short wait nothing, or something and whatever lies behind it."""
    try:
        yield done.get(timeout=_LOOK_SECONDS)
        for _ in range(most - 1):
            yield done.get_nowait()
    except Empty:
        return
