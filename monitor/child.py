"""Start a program that must not outlive its parent: `python -m monitor.child PARENT PROGRAM ...` (Linux)."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2): the signal this process gets when its parent dies


def main() -> None:
    """Tie this process to its parent, then become the program."""
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it died before we asked
        sys.exit(0)
    os.execv(command[0], command)  # noqa: S606  our own interpreter


if __name__ == "__main__":
    main()
