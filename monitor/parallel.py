"""Work over many hosts at once and over each host one thing at a time."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def over_hosts(
    items: Iterable[T], host_of: Callable[[T], str], work: Callable[[T], R], workers: int, stop: Event
) -> Iterator[tuple[T, R]]:
    """Yield (item, work(item)) as they are done: hosts side by side, the items of one host in order.

    A host that hangs holds up only itself. When `stop` is set, or the caller leaves, no new item is begun.
    `work` must not raise: an exception in it ends the whole loop.
    """
    hosts: dict[str, list[T]] = {}
    for item in items:
        hosts.setdefault(host_of(item), []).append(item)
    done: SimpleQueue[tuple[T, R] | Future[None]] = SimpleQueue()
    left = Event()

    def one_host(queue: list[T]) -> None:
        for item in queue:
            if stop.is_set() or left.is_set():
                return
            done.put((item, work(item)))

    with ThreadPoolExecutor(max_workers=max(1, min(workers, len(hosts))), thread_name_prefix="host") as pool:
        running = len(hosts)
        for queue in hosts.values():
            pool.submit(one_host, queue).add_done_callback(done.put)
        try:
            while running:
                arrived = done.get()
                if isinstance(arrived, Future):
                    running -= 1
                    arrived.result()  # a bug in work surfaces here
                else:
                    yield arrived
        finally:
            left.set()
