"""The cleaners of one process: started when needed, handed to whichever thread has a page, ended with it."""

import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from threading import Condition
from time import monotonic
from types import TracebackType
from typing import Self

from monitor import clean
from monitor.apart import frames
from monitor.apart.frames import Reply, Request, Work
from monitor.errors import CleaningFailed
from monitor.model import Article, Listed, Page
from monitor.sources import Source

PATIENCE_SECONDS = (
    1.0  # wait so long for a busy cleaner before another is started, which takes most of a second
)
START_SECONDS = 60.0  # reading the code takes half a second; more on a busy machine
GRACE_SECONDS = 2.0  # a cleaner ends itself at its bound; after this it is ended
MOST_OF_URL = 200  # characters of it in a sentence


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one page may take, and how many are cleaned side by side."""

    seconds: float = 5.0
    memory_mb: float = 500.0  # beyond what the process has when it begins
    workers: int = 2


class _Cleaner:
    """One child process and the line to it; one thread at a time."""

    def __init__(self, bounds: Bounds, work: Work) -> None:
        self._seconds = bounds.seconds
        self._ready = False
        self._line, theirs = socket.socketpair()
        name = f"{work.__module__}:{work.__qualname__}"
        try:
            # -P: a module in the folder where a person works must not stand in for ours. A session of its own: a
            # Ctrl-C in the terminal reaches us alone. All of this is safe beside threads, and so no fork of ours.
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter
                [sys.executable, "-P", "-m", "monitor.apart.worker", name, f"{bounds.seconds}", f"{bounds.memory_mb}"],
                stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            self._line.close()
            raise CleaningFailed(f"no cleaner can be started: {error.strerror}", of_page=False) from error
        finally:
            theirs.close()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: bytes) -> Reply:
        """Hand over a packed request.

        Raises:
            CleaningFailed: the process ended, or had to be ended.
        """
        self._await_start()
        self._line.settimeout(self._seconds + GRACE_SECONDS)
        try:
            frames.send(self._line, request)
            reply: Reply = frames.receive(self._line)
        except TimeoutError as error:
            raise CleaningFailed(self._too_slow) from error
        except (OSError, EOFError) as error:
            raise CleaningFailed(self._ended()) from error
        return reply

    def kill(self) -> None:
        """End the process, whatever it is busy with; a thread that waits for its reply learns of it."""
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """End the process and the line to it, which no thread may be waiting at."""
        self.kill()
        self._line.close()

    def _await_start(self) -> None:
        if self._ready:
            return
        self._line.settimeout(START_SECONDS)
        try:
            wrong = frames.receive(self._line)
        except TimeoutError:
            wrong = f"not ready in {START_SECONDS:g} s"
        except (OSError, EOFError):
            wrong = self._ended()
        if wrong:
            raise CleaningFailed(f"no cleaner can be started: {wrong}", of_page=False)
        self._ready = True

    @property
    def _too_slow(self) -> str:
        return f"cleaning took over {self._seconds:g} s"

    def _ended(self) -> str:
        """Why the line is closed."""
        try:
            status = self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return "the cleaner closed its line"
        if status == -signal.SIGALRM:
            return self._too_slow
        return f"the cleaner ended with {'signal' if status < 0 else 'status'} {abs(status)}"


class Cleaners:
    """Cleans pages in child processes; any thread may ask."""

    def __init__(self, bounds: Bounds, work: Work = clean.clean) -> None:
        """Nothing is started yet. `work` is a function of a module, which a child process finds by its name."""
        self._bounds, self._work = bounds, work
        self._change = Condition()  # holds the three below; told whenever a cleaner is free or gone
        self._idle: list[_Cleaner] = []
        self._all: list[_Cleaner] = []
        self._closed = False

    def clean(self, page: Page, listed: Listed | None = None, source: Source | None = None) -> Article:
        """Return the article of a page, as `monitor.clean.clean` does.

        Raises:
            Refused, Unreadable: as there.
            CleaningFailed: a bound, a crash or a bug; the text names the page and which.
        """
        request = frames.packed(Request(page, listed, source))
        cleaner = self._taken()
        reply: Reply | None = None
        try:
            reply = cleaner.ask(request)
        except CleaningFailed as error:
            if error.of_page:
                raise CleaningFailed(_told(page, str(error))) from error
            raise
        finally:
            self._give_back(cleaner, fit=reply is not None and not reply.last)
        if isinstance(reply.value, str):
            raise CleaningFailed(_told(page, reply.value))
        if isinstance(reply.value, Exception):
            raise reply.value
        return reply.value

    def make_ready(self) -> None:
        """Begin to start a cleaner, so that it is there when the first page is; returns at once."""
        with self._change, suppress(CleaningFailed):  # the first page tells
            if not self._all and not self._closed:
                self._idle.append(self._started())

    def close(self) -> None:
        """End every cleaner; a page under way is given up."""
        with self._change:
            self._closed = True
            for cleaner in list(self._idle):
                self._drop(cleaner)
            self._idle.clear()
            for cleaner in self._all:  # the thread that waits for it drops it
                cleaner.kill()
            self._change.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _taken(self) -> _Cleaner:
        """A free cleaner; another one is started where all are busy for long and there may be more."""
        patient_until = monotonic() + PATIENCE_SECONDS
        with self._change:
            while True:
                if self._closed:
                    raise CleaningFailed("cleaning was stopped", of_page=False)
                while self._idle:
                    cleaner = self._idle.pop()
                    if cleaner.is_alive:
                        return cleaner
                    self._drop(cleaner)
                left = patient_until - monotonic()
                if not self._all or (len(self._all) < self._bounds.workers and left <= 0):
                    return self._started()
                self._change.wait(left if left > 0 else None)

    def _started(self) -> _Cleaner:
        cleaner = _Cleaner(self._bounds, self._work)
        self._all.append(cleaner)
        return cleaner

    def _give_back(self, cleaner: _Cleaner, *, fit: bool) -> None:
        with self._change:
            if fit and not self._closed:
                self._idle.append(cleaner)
            else:
                self._drop(cleaner)
            self._change.notify()

    def _drop(self, cleaner: _Cleaner) -> None:
        self._all.remove(cleaner)
        cleaner.end()


def _told(page: Page, why: str) -> str:
    return f"{why}: {page.final_url[:MOST_OF_URL]} ({len(page.body):,} bytes)"
