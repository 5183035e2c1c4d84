"""`straitwatch serve`: Prefect's server and our runner as children of one process, started and stopped in order.

This process never imports Prefect. The server is stopped last: a runner whose server is gone hangs for minutes.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from threading import Event

from monitor.config import Settings
from monitor.errors import StraitwatchError

START_SECONDS = 180  # a first start makes Prefect's database; on a busy machine that takes most of a minute
STOP_SECONDS = 15
LOOK_SECONDS = 1.0
HOST = "127.0.0.1"


def prefect_environment(settings: Settings, *, port: int | None = None) -> dict[str, str]:
    """Variables for a Prefect server, runner or flow of ours; port overrides the settings' port."""
    port = port or settings.prefect.port
    return {
        "PREFECT_HOME": str(settings.prefect_home.resolve()),
        "PREFECT_API_URL": f"http://{HOST}:{port}/api",
        "PREFECT_SERVER_API_HOST": HOST,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_CLIENT_MAX_RETRIES": "1",  # when its server is away, the round must still end
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    }


def set_prefect(
    settings: Settings, environment: MutableMapping[str, str], *, port: int | None = None
) -> None:
    """Put the variables into an environment; a Prefect server that the user names himself wins."""
    named = environment.get("STRAITWATCH_PREFECT_API_URL")
    environment.update(prefect_environment(settings, port=port))
    if named:
        environment["PREFECT_API_URL"] = named


def supervise(settings: Settings, config: Path | None, say: Callable[[str], None]) -> int:
    """Run until a signal comes or a child ends; returns the exit status. `say` tells a person what runs where."""
    environment = dict(os.environ)
    set_prefect(settings, environment)
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    page = environment["PREFECT_API_URL"].removesuffix("/api")
    children: list[subprocess.Popen[bytes]] = []
    try:
        if not environment.get("STRAITWATCH_PREFECT_API_URL"):
            children.append(start_server(environment))
        wait_for_server(f"{page}/api/health", children, stop)
        if not stop.is_set():
            children.append(_start(_runner(settings, config), environment))
            say(f"a round every {settings.round_minutes} minutes; Prefect's page: {page}")
        while not stop.wait(LOOK_SECONDS):
            for child in children:
                if child.poll() is not None:
                    raise StraitwatchError(f"{_name(child)} ended with status {child.returncode}")
        return 0
    finally:
        for child in reversed(children):
            end(child)


def start_server(environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start Prefect's server with our settings, tied to this process."""
    Path(environment["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)
    return _start(["-m", "prefect", "server", "start"], environment, quiet=True)


def wait_for_server(health: str, children: Sequence[subprocess.Popen[bytes]], stop: Event) -> None:
    """Wait until the server answers.

    Raises:
        StraitwatchError: it ended, or did not answer within START_SECONDS.
    """
    until = time.monotonic() + START_SECONDS
    while not stop.is_set():
        for child in children:
            if child.poll() is not None:
                raise StraitwatchError(
                    f"Prefect's server ended with status {child.returncode}; is its port in use?"
                    " Set another one as prefect.port"
                )
        try:
            with urllib.request.urlopen(health, timeout=5):  # noqa: S310  loopback, or what the user named
                return
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > until:
                raise StraitwatchError(f"no answer from {health} in {START_SECONDS} s") from error
        stop.wait(0.2)


def end(child: subprocess.Popen[bytes]) -> None:
    """Ask a child to stop, wait, and kill it if it does not."""
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _runner(settings: Settings, config: Path | None) -> list[str]:
    command = ["-m", "flows.serve", "--data", str(settings.data.resolve())]
    return [*command, "--config", str(config.resolve())] if config else command


def _start(
    arguments: Sequence[str], environment: Mapping[str, str], *, quiet: bool = False
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "monitor.child", str(os.getpid()), sys.executable, *arguments]
    output = subprocess.DEVNULL if quiet else None
    # Its own group: a Ctrl-C in the terminal reaches us alone, and we stop the children in order.
    return subprocess.Popen(  # noqa: S603  our own interpreter
        command, env=dict(environment), stdout=output, start_new_session=True
    )


def _name(child: subprocess.Popen[bytes]) -> str:
    words = child.args if isinstance(child.args, list) else []
    return "Prefect's server" if "prefect" in words else "the runner"
