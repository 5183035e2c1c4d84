"""Which process is this, and is that one still alive? psutil's one place, imported when asked: not all ask."""

import os
from collections.abc import Sequence
from pathlib import Path


def this_process() -> str:
    """This process as "PID@START": the start time tells it from a later process with the same PID."""
    import psutil  # noqa: PLC0415

    process = psutil.Process()
    return f"{process.pid}@{process.create_time():.2f}"


def is_alive(written: str) -> bool:
    """Whether the process that this_process() described still runs on this machine."""
    import psutil  # noqa: PLC0415

    pid, _, started = written.partition("@")
    try:
        process = psutil.Process(int(pid))
        return bool(f"{process.create_time():.2f}" == started and process.status() != psutil.STATUS_ZOMBIE)
    except (ValueError, psutil.Error):
        return False


def holders(files: Sequence[str]) -> list[str]:
    """Other processes on this machine that have one of these files open, as "NAME (process PID)".

    As far as they may be looked into: those of other users only where we are root.
    """
    import psutil  # noqa: PLC0415

    wanted = {str(Path(file).resolve()) for file in files}
    found = []
    for process in psutil.process_iter(["pid", "name"]):
        try:
            if process.pid != os.getpid() and any(one.path in wanted for one in process.open_files()):
                found.append(f"{process.info['name']} (process {process.pid})")
        except (psutil.Error, OSError):
            continue
    return sorted(found)
