"""The schedule: `python -m flows.serve` runs `collect` again and again, and `housekeep` once a day; `straitwatch serve`
supervises it.

There is no Prefect limit on rounds side by side: a slot held by a run that was killed would cancel every later
round. Our lease is the lock; a round that finds it held ends as Skipped, with the reason.
"""

import argparse
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

from monitor.config import load_settings

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment
    from prefect.schedules import Schedule

NAME = "straitwatch"  # of both deployments
FLOWS = ["collect", "housekeep"]
FIRST_ROUND = timedelta(seconds=15)  # from now: Prefect schedules only what is still to come when it looks
FIRST_HOUSEKEEPING = timedelta(minutes=10)  # when the first round has made the database


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
    from prefect import serve  # noqa: PLC0415  (after the environment is as it must be)

    from flows.collect import SERVED, collect  # noqa: PLC0415
    from flows.housekeep import housekeep  # noqa: PLC0415

    os.environ[SERVED] = "1"  # the rounds' processes inherit it
    parameters: dict[str, str | None] = {"config": given.config, "data": given.data}
    begun = datetime.now(UTC)
    made = (
        collect.to_deployment(
            NAME, schedule=rounds_every(settings.round_minutes, begun), parameters=parameters
        ),
        housekeep.to_deployment(NAME, schedule=daily(begun), parameters=parameters),
    )
    serve(
        *cast(
            "tuple[RunnerDeployment, RunnerDeployment]", made
        ),  # a coroutine each, were we in an event loop
        limit=3,  # a round, the next one that finds the lease held and says so, and the housekeeping
        pause_on_shutdown=False,
        print_starting_message=False,
    )


def daily(begun: datetime) -> "Schedule":
    """Once a day, the first time soon: whoever restarts every evening must not go without."""
    from prefect.schedules import Interval  # noqa: PLC0415

    return Interval(timedelta(days=1), anchor_date=begun.astimezone(UTC) + FIRST_HOUSEKEEPING, timezone="UTC")


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
            flow_filter=FlowFilter(name=FlowFilterName(any_=FLOWS)),
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
