"""The flow `housekeep`: once a day less is kept of what is old, as `straitwatch db purge` does it.

    python -m flows.housekeep [--config FILE] [--data DIR]

It works in slices beside running rounds; whoever stops it begins it again. Without [[retention]] in the settings it goes
only by what each source allows.
"""

import argparse
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.ending import ended
from monitor import purging
from monitor.config import load_settings
from monitor.model import utc_now
from monitor.sources.loading import load
from monitor.store import schema
from monitor.store.database import open_database


def _name() -> str:
    return f"housekeeping of {datetime.now(UTC):%Y-%m-%d}"


@flow(name="housekeep", flow_run_name=_name, validate_parameters=False)
def housekeep(config: str | None = None, data: str | None = None) -> State[Any]:
    """Keep less of what is old.

    Args:
        config: path of the settings file; None = as the command line finds it.
        data: the data folder, which overrides the settings'.
    """
    settings = load_settings(Path(config) if config else None, data=Path(data) if data else None)
    known = {source.id: source for source in load(settings)}
    database = open_database(settings.database_url)
    try:
        if schema.version(database) != schema.HEAD:
            return Completed(name="Skipped", message="no round has made or upgraded the database yet")
        report = purging.purge(database, known, settings.retention, utc_now(), Event())
    finally:
        database.close()
    return Completed(message=report.sentence())


def main() -> int:
    """Run the flow once, by hand."""
    reader = argparse.ArgumentParser(prog="flows.housekeep")
    reader.add_argument("--config")
    reader.add_argument("--data")
    given = reader.parse_args()
    return ended(partial(housekeep, given.config, given.data, return_state=True))


if __name__ == "__main__":
    sys.exit(main())
