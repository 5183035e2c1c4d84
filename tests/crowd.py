"""Processes and sessions that get in the database's way: for tests of section B of the hostile list."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

# A child that stores articles as `settle` does, each with an alert, and says the number of each that is kept.
STORE = """
import sys
from monitor.store import outbox, schema
from monitor.store.database import open_database, writing
from tests.archive import NOW, article, store
from tests import archive
db = open_database(sys.argv[1])
number = int(sys.argv[2])
while True:
    number += 1
    made = article(f"story-{number}", f"Story {number}", f"The tide was at {number} feet.")
    with writing(db) as session:
        kept = archive.store_in(session, made)
        outbox.owe(session, rule="r", channel="c", article=kept, about=kept, why="w", now=NOW)
    print(number, flush=True)
"""


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python process of its own, from the repository's folder."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", cwd=Path(__file__).parents[1],
    )  # fmt: skip


class Gate:
    """A way to a PostgreSQL server that can lose the answer to a COMMIT: the server has it, the client never hears."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder, self.server = folder, server
        self.losing = False  # of the next COMMIT
        self.lost = 0
        self._listener = socket.socket(socket.AF_UNIX)

    def __enter__(self) -> "Gate":
        self._listener.bind(str(self.folder / ".s.PGSQL.5432"))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.server)
        muted, answered = threading.Event(), threading.Event()

        def back() -> None:
            with suppress(OSError):
                while answer := server.recv(65_536):
                    if muted.is_set():  # the server has done it; that is all we know
                        self.lost += 1
                        client.shutdown(socket.SHUT_RDWR)
                        answered.set()
                        return
                    client.sendall(answer)

        threading.Thread(target=back, daemon=True).start()
        with suppress(OSError), closing(client), closing(server):
            while asked := client.recv(65_536):
                if self.losing and b"COMMIT" in asked:
                    self.losing = False
                    muted.set()
                server.sendall(asked)
                if muted.is_set():
                    answered.wait(30)  # closed before, the server's answer would be lost on us too
                    return


@contextmanager
def without_roots_rights() -> Iterator[list[str]]:
    """Words before a command that make it meet the rights of files also as root."""
    yield [sys.executable, "-c", _LAY_DOWN]


_LAY_DOWN = """
import ctypes, os, sys
if os.geteuid() == 0:
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        if libc.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
            sys.exit(99)
os.execv(sys.argv[1], sys.argv[1:])
"""

NO_RIGHTS_TO_LOSE = 99
ROOT = os.geteuid() == 0
