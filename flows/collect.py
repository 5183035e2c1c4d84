"""The flow `collect`: one round, as `pipeline.collect` runs it, its steps shown as Prefect's tasks.

Batches of row numbers cross the boundary, never articles. Nothing here decides anything: our lease says whether
a round may run, our rows say what it did, and both are right when Prefect's server is away.
"""

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from prefect import flow, runtime, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from monitor import pipeline, rereading
from monitor.cli.reporting import COLUMNS, cells, sentence
from monitor.config import load_settings
from monitor.desk import Desk, Work, open_desk, round_of_work
from monitor.errors import RoundRunning
from monitor.query.ledger import RoundTold, round_told
from monitor.store.database import reading

BATCH = 500  # rows per task: hosts are asked side by side inside of one
END_SECONDS = 60  # after the rows are right; Prefect's own farewell can take minutes when its server is away
SERVED = "STRAITWATCH_SERVED"  # set by flows.serve: this process runs one round and ends

_open: dict[int, tuple[Desk, Work]] = {}  # round -> what its tasks work with, in this process


@task(name="poll", cache_policy=NO_CACHE, task_run_name="poll {feeds} feeds")
def poll(round_id: int, feed_ids: list[int], feeds: int) -> int:
    """Ask a batch of feeds."""
    pipeline.poll(*_open[round_id], feed_ids)
    return feeds


@task(name="read", cache_policy=NO_CACHE, task_run_name="read {pages} pages")
def read(round_id: int, entry_ids: list[int], pages: int) -> int:
    """Fetch and clean a batch of pages."""
    pipeline.read(*_open[round_id], entry_ids)
    return pages


@task(name="settle", cache_policy=NO_CACHE)
def settle(round_id: int) -> None:
    """Settle every draft, in order."""
    pipeline.settle(*_open[round_id])


@task(name="deliver", cache_policy=NO_CACHE)
def deliver(round_id: int) -> None:
    """Send what is owed."""
    pipeline.deliver(*_open[round_id])


@task(name="reread", cache_policy=NO_CACHE, task_run_name="reread {pages} pages")
def reread(round_id: int, article_ids: list[int], pages: int) -> int:
    """Ask again for a batch of stored articles' pages."""
    pipeline.reread(*_open[round_id], article_ids)
    return pages


def _name() -> str:
    return f"round of {datetime.now(UTC):%Y-%m-%d %H:%M}"


@flow(name="collect", flow_run_name=_name, validate_parameters=False)
def collect(config: str | None = None, data: str | None = None, *, every_feed: bool = False) -> State[Any]:
    """Run one round: poll, read, settle, deliver; then what is due is read again.

    Args:
        config: path of the settings file; None = as the command line finds it.
        data: the data folder, which overrides the settings'.
        every_feed: ask every feed, due or not.
    """
    settings = load_settings(Path(config) if config else None, data=Path(data) if data else None)
    late = _lateness()
    if late > timedelta(minutes=settings.round_minutes):
        return Completed(name="Skipped", message=f"due {late} ago; a newer round makes up for it")
    with open_desk(settings) as desk:
        try:
            with round_of_work(desk) as work:
                _steps(desk, work, every_feed=every_feed)
        except RoundRunning as error:
            return Completed(name="Skipped", message=str(error))
        _end_in_time()
        with reading(desk.database) as session:
            told = round_told(session, work.id)
    return _show(told)


def _steps(desk: Desk, work: Work, *, every_feed: bool) -> None:
    _open[work.id] = (desk, work)
    try:
        for batch in _batches(pipeline.due_feeds(desk, every_feed=every_feed)):
            poll(work.id, batch, len(batch))
        for batch in _batches(pipeline.due_entries(desk)):
            read(work.id, batch, len(batch))
        settle(work.id)
        deliver(work.id)
        again = _batches(rereading.due(desk))
        for batch in again:
            reread(work.id, batch, len(batch))
        if again:
            deliver(work.id)
    finally:
        del _open[work.id]


def _batches(numbers: list[int]) -> list[list[int]]:
    return [numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH)]


def _lateness() -> timedelta:
    scheduled = runtime.flow_run.scheduled_start_time
    return datetime.now(UTC) - scheduled if scheduled else timedelta()


def _show(told: RoundTold) -> State[Any]:
    """The round in Prefect's page: a table per source, and a line a note."""
    notes = [f"- {line.source}: {note}" for line in told.lines for note in line.notes]
    rows = [
        {
            **dict(zip(COLUMNS, [line.source, *cells(line)], strict=True)),
            "health": line.state,
            "why": "; ".join(line.notes)[:500],
        }
        for line in told.lines
    ]
    create_table_artifact(
        key="round", table=rows, description="\n".join([f"**{sentence(told)}**", "", *notes[:50]])
    )
    return Completed(message=sentence(told))


def _end_in_time() -> None:
    """In a process made for this round: end it a minute after its rows are right, whatever Prefect waits for."""
    if os.environ.get(SERVED):
        timer = threading.Timer(END_SECONDS, os._exit, (0,))
        timer.daemon = True
        timer.start()
