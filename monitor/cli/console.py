"""The command `sql`: a statement of a person's own, asked of the archive."""

import csv
import sys
from typing import Annotated, Any

import typer

from monitor.cli.options import Config, Data, Json, database_of
from monitor.cli.showing import ReaderLeft, err, out, print_json, safe, table
from monitor.errors import Mistake

TABLE_ROWS = 1_000  # what a person may still scroll through


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sql)


def sql(
    statement: Annotated[str, typer.Argument(help="One statement that reads; - reads it from the input.")],
    as_csv: Annotated[bool, typer.Option("--csv", help="Comma-separated values.")] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="With --csv: cells as they are, also what a spreadsheet would run.")
    ] = False,
    json: Json = False,
    seconds: Annotated[float, typer.Option(min=0.1, max=600, help="How long it may take.")] = 5,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, max=100_000, help="How many rows at most.")
    ] = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Ask the database in SQL, reading only; docs/schema.md explains its views and tables."""
    from monitor.query import console  # noqa: PLC0415

    if raw and not as_csv:
        raise Mistake("--raw goes with --csv")
    if json and as_csv:
        raise Mistake("--csv or --json, not both")
    most = limit or (console.ROWS if json or as_csv else TABLE_ROWS)
    query = sys.stdin.read() if statement == "-" else statement
    found = console.ask(database_of(config, data), query, seconds=seconds, rows=most)
    if json:
        print_json(dict(zip(found.columns, row, strict=True)) for row in found.rows)
    elif as_csv:
        _write_csv(found.columns, found.rows, raw=raw)
    else:
        _show(found.columns, found.rows)
    if found.cut:
        err.print(f"these are {found.cut}; there are more", style="dim")


def _write_csv(columns: tuple[str, ...], rows: list[list[Any]], *, raw: bool) -> None:
    from monitor.text.cells import guarded  # noqa: PLC0415

    # RFC 4180's line ends: with a bare \n the module would leave a \r inside a cell unquoted.
    writer = csv.writer(sys.stdout, lineterminator="\r\n")
    try:
        for row in ([*columns], *rows):
            writer.writerow(
                [guarded(value) if isinstance(value, str) and not raw else value for value in row]
            )
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise ReaderLeft from error


def _show(columns: tuple[str, ...], rows: list[list[Any]]) -> None:
    numbers = [
        name
        for number, name in enumerate(columns)
        if rows and all(isinstance(row[number], int | float) for row in rows)
    ]
    cells = ([safe("" if value is None else str(value), 300) for value in row] for row in rows)
    out.print(table([safe(name, 60) for name in columns], cells, right=numbers))
    out.print(f"{len(rows):,} row{'' if len(rows) == 1 else 's'}", style="dim")
