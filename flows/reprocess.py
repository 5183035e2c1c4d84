"""The flow `reprocess`: stored pages cleaned again, as `monitor.reprocessing` does it, in batches that Prefect shows.

    python -m flows.reprocess [--config FILE] [--data DIR] [--source ID] [--since DATE] [--dry-run]

Batches of article numbers cross the boundary, never articles. A batch that a crash cut short is made good by the
next run: an article itself says what made it.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.ending import ended
from monitor import reprocessing
from monitor.config import load_settings
from monitor.desk import Desk, open_desk
from monitor.errors import StoreBusy
from monitor.reprocessing import Manner, Report

BATCH = 200  # articles per task: some seconds of work

_open: dict[int, Desk] = {}  # process -> the desk that its tasks work with


def _busy(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Whether a batch is worth another try: somebody else held the database's lock."""
    return isinstance(state.data, StoreBusy) or "StoreBusy" in (state.message or "")


@task(
    name="clean again",
    cache_policy=NO_CACHE,
    task_run_name="clean {articles} articles again",
    retries=3,
    retry_delay_seconds=10,
    retry_condition_fn=_busy,
)
def clean_again(ids: list[int], articles: int, *, dry_run: bool) -> dict[str, Any]:  # noqa: ARG001  shown
    """Clean a batch of articles again; returns the counts, and those that were kept as they were."""
    report = reprocessing.reprocess(_open[os.getpid()], ids, Event(), Manner(dry_run=dry_run))
    kept = [{"article": told.article, "url": told.url, "why": told.why} for told in report.kept]
    return {"facts": report.facts(), "kept": kept}


@flow(name="reprocess", validate_parameters=False)
def reprocess(
    config: str | None = None,
    data: str | None = None,
    source: str | None = None,
    since: str | None = None,
    *,
    dry_run: bool = False,
) -> State[Any]:
    """Clean stored pages again with today's cleaner and today's approved boilerplate.

    Args:
        config: path of the settings file; None = as the command line finds it.
        data: the data folder, which overrides the settings'.
        source: only this source's articles.
        since: only articles first seen since this day, YYYY-MM-DD.
        dry_run: write nothing, say what would change.
    """
    settings = load_settings(Path(config) if config else None, data=Path(data) if data else None)
    after = datetime.fromisoformat(since).replace(tzinfo=UTC) if since else None
    total, kept = Report(), []
    with open_desk(settings) as desk:
        _open[os.getpid()] = desk
        try:
            due = reprocessing.due(desk, source=source, since=after)
            for start in range(0, len(due), BATCH):
                batch = due[start : start + BATCH]
                done = clean_again(batch, len(batch), dry_run=dry_run)
                total.add(Report(**done["facts"]))
                kept += done["kept"]
        finally:
            del _open[os.getpid()]
    create_table_artifact(
        key="reprocess", table=kept[:1000], description=f"**{total.sentence(dry_run=dry_run)}**"
    )
    return Completed(message=total.sentence(dry_run=dry_run))


def main() -> int:
    """Run the flow once."""
    reader = argparse.ArgumentParser(prog="flows.reprocess")
    for name in ("--config", "--data", "--source", "--since"):
        reader.add_argument(name)
    reader.add_argument("--dry-run", action="store_true")
    given = reader.parse_args()
    asked = (given.config, given.data, given.source, given.since)
    return ended(partial(reprocess, *asked, dry_run=given.dry_run, return_state=True))


if __name__ == "__main__":
    sys.exit(main())
