"""The process that cleans: `python -m monitor.apart.worker MODULE:FUNCTION SECONDS MEGABYTES`, its line as stdin.

It bounds itself, so that it ends also when nobody is left to end it: an alarm of the kernel's for the time, whatever
the code is busy with, and a limit on its address space for the memory.
"""

import importlib
import os
import resource
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from monitor.apart import frames
from monitor.apart.frames import Reply, Request, Work
from monitor.errors import Refused, Unreadable, a_bug
from monitor.model import Article

MB = 1_000_000
GROWN = 0.5  # share of the memory allowed after which the next page gets a fresh process
FULL = 0.8  # from here on a refusal is not believed: libxml2 calls a page no HTML when it finds no memory


@dataclass(frozen=True, slots=True)
class Memory:
    """What this process may use beyond what it had when it was ready."""

    base: int  # bytes
    allowed: int  # bytes

    @property
    def used(self) -> float:
        """The most that was ever used, as a share of what is allowed; 0 where the platform does not say."""
        return (_peak() - self.base) / self.allowed


def main() -> None:
    """Answer pages until the line closes."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # whoever holds the line decides
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # it may have been ignored or held back where we come from
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])
    name, seconds, megabytes = sys.argv[1:]
    line = socket.socket(fileno=0)
    try:
        module, _, function = name.partition(":")
        work: Work = getattr(importlib.import_module(module), function)
        memory = _bounded(int(float(megabytes) * MB))
    except Exception as error:  # noqa: BLE001  told to whoever holds the line
        frames.send(line, frames.packed(a_bug(error)))
        return
    try:
        frames.send(line, frames.packed(""))
        while True:
            request = frames.receive(line)
            frames.send(line, _answered(work, request, float(seconds), memory))
    except (EOFError, OSError):
        os._exit(0)  # nobody is there any more, and nothing is to be kept


def _answered(work: Work, request: Request, seconds: float, memory: Memory) -> bytes:
    signal.setitimer(signal.ITIMER_REAL, seconds)  # SIGALRM, unhandled, ends a process even within a library
    try:
        return frames.packed(_reply(work, request, memory))
    except MemoryError:  # the article is larger than what is left
        return frames.packed(Reply(_over(memory), last=True))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _reply(work: Work, request: Request, memory: Memory) -> Reply:
    value: Article | Refused | Unreadable | str
    try:
        value = work(request.page, request.listed, request.source)
    except (Refused, Unreadable) as error:
        value = error
    except MemoryError:
        value = _over(memory)
    except Exception as error:  # noqa: BLE001  a bug of ours over one page, in words
        value = a_bug(error)
    used = memory.used
    if used > FULL and not isinstance(value, Article):
        value = _over(memory)
    return Reply(value, last=used > GROWN)


def _over(memory: Memory) -> str:
    return f"cleaning took over {memory.allowed / MB:g} MB"


def _bounded(allowed: int) -> Memory:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves no file of hundreds of megabytes
    base = _peak()
    if base:
        resource.setrlimit(resource.RLIMIT_AS, (base + allowed, base + allowed))
    return Memory(base, allowed)


def _peak() -> int:
    """The most address space that this process has used, in bytes (Linux; else 0)."""
    if sys.platform != "linux":
        return 0
    for fact in Path("/proc/self/status").read_bytes().splitlines():
        if fact.startswith(b"VmPeak:"):
            return int(fact.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
