"""How a flow that was started by hand ends for whoever started it."""

import sys
from collections.abc import Callable
from typing import Any

from prefect.client.schemas.objects import State

from monitor.errors import StraitwatchError


def ended(run: Callable[[], State[Any]]) -> int:
    """Run a flow and say how it went; returns the exit status: 0 done, 2 something failed."""
    try:
        state = run()
    except StraitwatchError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{state.message}\n")
    return 0 if state.is_completed() else 2
