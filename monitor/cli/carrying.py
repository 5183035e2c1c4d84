"""The command `backfill`: pages of the past, carried in."""

from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from monitor.cli.options import Config, Data, Json, settings_of
from monitor.cli.showing import out, print_json, safe, watching
from monitor.errors import Mistake

if TYPE_CHECKING:
    from monitor.backfilling import Report


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(backfill)


def backfill(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A WARC file, also one of CC-NEWS.")
    ] = None,
    *,
    sitemap: Annotated[str | None, typer.Option("--sitemap", help="A sitemap, or an index of them.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="The first month or day: 2026-08.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Only this source's pages.")] = None,
    json: Json = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Take in pages of the past, from a WARC file or a sitemap; with neither, go on with what was left.

    Nobody is alerted, what is known is not taken again, rounds go on beside it.
    """
    from monitor import backfilling  # noqa: PLC0415
    from monitor.cli.working import stopping  # noqa: PLC0415
    from monitor.desk import open_desk  # noqa: PLC0415
    from monitor.pipeline import Progress  # noqa: PLC0415

    if sitemap and (file or not source or not since):
        raise Mistake("--sitemap needs --source and --since, and no file: whose pages, and from when on")
    if since and not sitemap:
        raise Mistake("--since goes with --sitemap; a WARC file is taken whole")
    begins = backfilling.month(since) if since else None
    report, stop = backfilling.Report(), Event()
    with open_desk(settings_of(config, data)) as desk, stopping(stop), watching(quiet=json) as watch:
        if source and source not in desk.sources:
            raise Mistake(f"no source {safe(source, 60)} is switched on; `straitwatch sources` lists them")

        def told(done: int, of: int) -> None:
            watch(Progress("backfill", done, of))

        if file:
            backfilling.from_warc(desk, file, report, stop, source=source, watch=told)
        if sitemap and source and begins:
            backfilling.from_sitemap(desk, desk.sources[source], sitemap, begins, report, stop)
        if not file:
            backfilling.go_on(desk, report, stop, source=source, watch=told)
    _say(report, json=json)


def _say(report: "Report", *, json: bool) -> None:
    if json:
        print_json([report.facts()])
        return
    for note in report.notes:
        out.print(Text(safe(note, 500)), soft_wrap=True)
    out.print(report.sentence(), soft_wrap=True)
    if report.waiting:
        out.print(
            f"{report.waiting:,} wait to be read: `straitwatch backfill` goes on, nothing is done twice"
        )
