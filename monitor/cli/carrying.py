"""Commands that carry pages out and in: export."""

from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from monitor.cli.options import Config, Data, database_of
from monitor.cli.showing import out, watching
from monitor.errors import Mistake


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(export)


def export(
    warc: Annotated[
        Path, typer.Option("--warc", metavar="FILE", help="The file to write, such as pages.warc.gz.")
    ],
    source: Annotated[str | None, typer.Option("--source", help="Only this source's pages.")] = None,
    since: Annotated[
        datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="Only those fetched since then.")
    ] = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Write the raw pages that are stored as a WARC/1.1 file, with what was asked and answered."""
    from monitor.cli.working import stopping  # noqa: PLC0415
    from monitor.exporting import export_warc  # noqa: PLC0415
    from monitor.pipeline import Progress  # noqa: PLC0415
    from monitor.store import pages  # noqa: PLC0415
    from monitor.store.database import reading  # noqa: PLC0415

    database = database_of(config, data)
    if warc.exists():
        raise Mistake(f"{warc} is there already; name another file")
    with reading(database) as session:
        numbers = pages.ids(session, source=source, since=since.replace(tzinfo=UTC) if since else None)
    if not numbers:
        raise Mistake("no page that is stored fits; `straitwatch sources` lists the sources")
    stop = Event()
    with stopping(stop), watching() as watch:
        written = export_warc(
            database, numbers, warc, stop, lambda done, of: watch(Progress("export", done, of))
        )
    out.print(f"wrote {warc}: {written:,} pages, {warc.stat().st_size:,} bytes", soft_wrap=True)
