"""One run of the flow `collect`, by hand: `python -m flows.once [--config FILE] [--data DIR] [--all]`.

Exit status 0 when the round's rows are closed, whatever became of Prefect's server meanwhile.
"""

import argparse
import os
import sys
from datetime import datetime
from functools import partial
from pathlib import Path

from flows.ending import ended
from monitor.config import load_settings
from monitor.model import utc_now
from monitor.store import rounds
from monitor.store.database import open_database, reading


def main() -> int:
    """Run the flow once."""
    reader = argparse.ArgumentParser(prog="flows.once")
    reader.add_argument("--config")
    reader.add_argument("--data")
    reader.add_argument("--all", action="store_true")
    given = reader.parse_args()
    from flows.collect import SERVED, collect  # noqa: PLC0415  (after the environment was given)

    os.environ[SERVED] = (
        "1"  # this process ends a minute after its rows are right, whatever Prefect waits for
    )
    begun = utc_now()
    try:
        return ended(partial(collect, given.config, given.data, every_feed=given.all, return_state=True))
    except Exception as error:
        if not _closed_since(begun, given.config, given.data):
            raise
        sys.stdout.write(f"the round is done; Prefect's server is away: {type(error).__name__}\n")
        sys.stdout.flush()
        os._exit(0)  # Prefect would offer its events to the dead server first, some seconds for each


def _closed_since(begun: datetime, config: str | None, data: str | None) -> bool:
    settings = load_settings(Path(config) if config else None, data=Path(data) if data else None)
    database = open_database(settings.database_url)
    with reading(database) as session:
        newest = rounds.latest_rounds(session, 1)
        return bool(newest and newest[0].started_at >= begun and newest[0].ended_at)


if __name__ == "__main__":
    sys.exit(main())
