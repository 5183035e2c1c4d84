"""Which process is this, and is that one still alive? psutil's one place."""

import psutil


def this_process() -> str:
    """This process as "PID@START": the start time tells it from a later process with the same PID."""
    process = psutil.Process()
    return f"{process.pid}@{process.create_time():.2f}"


def is_alive(written: str) -> bool:
    """Whether the process that this_process() described still runs on this machine."""
    pid, _, started = written.partition("@")
    try:
        process = psutil.Process(int(pid))
        return bool(f"{process.create_time():.2f}" == started and process.status() != psutil.STATUS_ZOMBIE)
    except (ValueError, psutil.Error):
        return False
