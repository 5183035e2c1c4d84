"""The flow `backfill`: pages of the past, as `monitor.backfilling` takes them in, in batches that Prefect shows.

    python -m flows.backfill [FILE] [--sitemap URL --since 2026-08] [--source ID] [--config FILE] [--data DIR]

With neither a file nor a sitemap it goes on with what was left. Batches of entry numbers cross the boundary, never
pages; what a crash cut short is made good by the next run, because what waits is a row.
"""

import argparse
import os
import sys
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
from monitor import backfilling
from monitor.backfilling import Report
from monitor.config import load_settings
from monitor.desk import Desk, open_desk
from monitor.errors import Mistake
from monitor.store import backlog
from monitor.store.database import reading

BATCH = 200  # entries per task: several turns of the lease

_open: dict[int, tuple[Desk, Report]] = {}  # process -> what its tasks work with


@task(name="take a file", cache_policy=NO_CACHE, task_run_name="take {file}")
def take_file(file: str, source: str | None) -> str:
    """Take in the pages of a WARC file."""
    desk, report = _open[os.getpid()]
    backfilling.from_warc(desk, Path(file), report, Event(), source=source)
    return report.sentence()


@task(name="walk a sitemap", cache_policy=NO_CACHE, task_run_name="walk {sitemap}")
def walk(sitemap: str, source: str, since: str) -> str:
    """Find what a sitemap and all below it name."""
    desk, report = _open[os.getpid()]
    backfilling.from_sitemap(desk, desk.sources[source], sitemap, backfilling.month(since), report, Event())
    return report.sentence()


@task(name="read", cache_policy=NO_CACHE, task_run_name="read {pages} pages")
def read(ids: list[int], pages: int) -> int:
    """Read and settle a batch of what was found."""
    desk, report = _open[os.getpid()]
    backfilling.work_off(desk, ids, report, Event())
    return pages


@flow(name="backfill", validate_parameters=False)
def backfill(
    config: str | None = None,
    data: str | None = None,
    file: str | None = None,
    sitemap: str | None = None,
    since: str | None = None,
    source: str | None = None,
) -> State[Any]:
    """Take in pages of the past; nobody is alerted, what is known is not taken again.

    Args:
        config: path of the settings file; None = as the command line finds it.
        data: the data folder, which overrides the settings'.
        file: a WARC file.
        sitemap: a sitemap or an index of them; needs source and since.
        since: the first month or day, 2026-08 or 2026-08-15.
        source: only this source's pages.
    """
    settings = load_settings(Path(config) if config else None, data=Path(data) if data else None)
    report = Report()
    with open_desk(settings) as desk:
        if source and source not in desk.sources:
            raise Mistake(f"no source {source} is switched on")
        _open[os.getpid()] = (desk, report)
        try:
            if file:
                take_file(file, source)
            elif sitemap and source and since:
                walk(sitemap, source, since)
            with reading(desk.database) as session:
                ids = list(backlog.waiting(session, source=source).values())
            for start in range(0, len(ids), BATCH):
                batch = ids[start : start + BATCH]
                read(batch, len(batch))
        finally:
            del _open[os.getpid()]
    notes = [{"note": note} for note in report.notes]
    create_table_artifact(key="backfill", table=notes, description=f"**{report.sentence()}**")
    return Completed(message=report.sentence())


def main() -> int:
    """Run the flow once."""
    reader = argparse.ArgumentParser(prog="flows.backfill")
    reader.add_argument("file", nargs="?")
    for name in ("--sitemap", "--since", "--source", "--config", "--data"):
        reader.add_argument(name)
    given = reader.parse_args()
    if given.sitemap and not (given.since and given.source):
        reader.error("--sitemap needs --source and --since")
    asked = (given.config, given.data, given.file, given.sitemap, given.since, given.source)
    return ended(partial(backfill, *asked, return_state=True))


if __name__ == "__main__":
    sys.exit(main())
