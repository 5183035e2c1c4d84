"""Commands for the database itself: db upgrade, backup, restore, check, vacuum, purge."""

import atexit
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from monitor.cli.options import Config, Data, Json, database_of, settings_of
from monitor.cli.showing import out, print_json, safe, watching
from monitor.errors import StraitwatchError

db_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(db_app, name="db", help="The database: upgrade, backup, restore, check, vacuum, purge.")


@db_app.command()
def upgrade(config: Config = None, data: Data = None) -> None:
    """Make the schema, or bring it up to date; SQLite is copied first."""
    from monitor.model import utc_now  # noqa: PLC0415
    from monitor.store import database, schema, standing  # noqa: PLC0415

    opened = database.open_database(settings_of(config, data).database_url)
    atexit.register(opened.close)
    backup = standing.ready(opened, utc_now())
    out.print(
        f"{opened.where} has the schema {schema.HEAD}" + (f"; copied before: {backup}" if backup else ""),
        soft_wrap=True,
    )


@db_app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="File to write.")], config: Config = None, data: Data = None
) -> None:
    """Copy a SQLite database to a file, also while it is used."""
    from monitor.store import backups  # noqa: PLC0415

    backups.back_up(database_of(config, data), target)
    out.print(f"wrote {target}", soft_wrap=True)


@db_app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A backup, as `db backup` or a migration wrote it.")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Put a backup of a SQLite database in its place; the one that was there is kept beside it."""
    from monitor.model import utc_now  # noqa: PLC0415
    from monitor.store import backups, database, schema  # noqa: PLC0415

    opened = database.open_database(settings_of(config, data).database_url)
    atexit.register(opened.close)
    kept = backups.restore(opened, source, utc_now())
    was = f"; the one before is kept as {kept}" if kept else ""
    out.print(f"{opened.where} is now {source}{was}", soft_wrap=True)
    if schema.version(opened) != schema.HEAD:
        out.print(
            "its schema is an older one: `straitwatch db upgrade`, or the next round, brings it up to date"
        )


@db_app.command(name="check")
def check_database(config: Config = None, data: Data = None) -> None:
    """Look for damage: integrity, references, schema."""
    from monitor.store import schema  # noqa: PLC0415

    opened = database_of(config, data)
    problems = schema.check(opened)
    if problems:
        lines = [safe(problem, 300) for problem in problems[:50]]
        raise StraitwatchError("\n".join([f"{opened.where}: {len(problems)} problems", *lines]))
    out.print(f"{opened.where} is well; schema {schema.HEAD}", soft_wrap=True)


@db_app.command()
def vacuum(
    full: Annotated[
        bool, typer.Option("--full", help="Write everything anew; everybody else waits meanwhile.")
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Give room that is no longer used back to the system, in slices, while rounds go on."""
    from monitor.model import utc_now  # noqa: PLC0415
    from monitor.pipeline import Progress  # noqa: PLC0415
    from monitor.store import backups  # noqa: PLC0415

    opened = database_of(config, data)
    with watching() as watch:
        before, after = backups.vacuum(
            opened, utc_now(), full=full, watch=lambda done, of: watch(Progress("vacuum", done, of))
        )
    out.print(f"{opened.where}: {before:,} bytes before, {after:,} now", soft_wrap=True)


@db_app.command()
def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would go.")] = False,
    json: Json = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Keep less of what is old, as [[retention]] in the settings says, and no more than each source allows."""
    from monitor import purging  # noqa: PLC0415
    from monitor.cli.working import stopping  # noqa: PLC0415
    from monitor.model import utc_now  # noqa: PLC0415
    from monitor.pipeline import Progress  # noqa: PLC0415
    from monitor.sources.loading import load  # noqa: PLC0415

    settings = settings_of(config, data)
    known = {source.id: source for source in load(settings)}
    stop = Event()
    with stopping(stop), watching(quiet=json) as watch:
        report = purging.purge(
            database_of(config, data), known, settings.retention, utc_now(), stop, dry_run=dry_run,
            watch=lambda done, of: watch(Progress("purge", done, of)),
        )  # fmt: skip
    if json:
        print_json([report.facts()])
        return
    out.print(report.sentence(dry_run=dry_run), soft_wrap=True)
    if not dry_run and (report.purged or report.pages):
        out.print("`straitwatch db vacuum` gives the room back to the system")
