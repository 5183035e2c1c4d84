"""The schedule: `python -m flows.serve` runs `collect` again and again; `straitwatch serve` supervises it.

There is no Prefect limit on rounds side by side: a slot held by a run that was killed would cancel every later
round. Our lease is the lock; a round that finds it held ends as Skipped, with the reason.
"""

import argparse
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.config import load_settings

if TYPE_CHECKING:
    from prefect.schedules import Schedule

FIRST_ROUND = timedelta(seconds=15)  # from now: Prefect schedules only what is still to come when it looks


def main() -> None:
    """Serve until stopped."""
    reader = argparse.ArgumentParser(prog="flows.serve")
    reader.add_argument("--config")
    reader.add_argument("--data")
    given = reader.parse_args()
    settings = load_settings(
        Path(given.config) if given.config else None, data=Path(given.data) if given.data else None
    )
    _clear_stale()
    from flows.collect import SERVED, collect  # noqa: PLC0415

    os.environ[SERVED] = "1"  # the rounds' processes inherit it
    collect.serve(
        name="straitwatch",
        schedule=rounds_every(settings.round_minutes, datetime.now(UTC)),
        parameters={"config": given.config, "data": given.data},
        limit=2,  # a round, and the next one that finds the lease held and says so
        pause_on_shutdown=False,
        print_starting_message=False,
    )


def rounds_every(minutes: float, begun: datetime) -> "Schedule":
    """Rounds at an interval, in UTC: in local time Prefect skips an hour of them on the night in autumn."""
    from prefect.schedules import Interval  # noqa: PLC0415  (after the environment is as it must be)

    return Interval(
        timedelta(minutes=minutes), anchor_date=begun.astimezone(UTC) + FIRST_ROUND, timezone="UTC"
    )


def _clear_stale() -> None:
    """Mark runs crashed that a power cut or kill -9 left Running: we only start, so none of them lives."""
    from prefect import get_client  # noqa: PLC0415
    from prefect.client.schemas.filters import (  # noqa: PLC0415
        FlowFilter,
        FlowFilterName,
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType  # noqa: PLC0415
    from prefect.states import Crashed  # noqa: PLC0415

    begun = datetime.now(UTC)
    state = FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.PENDING, StateType.CANCELLING])
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=["collect"])),
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=state)),
        )
        for run in runs:
            client.set_flow_run_state(
                run.id,
                Crashed(message=f"its process was gone when serving began at {begun:%H:%M}"),
                force=True,
            )


if __name__ == "__main__":
    main()
