"""Options that many commands share."""

import atexit
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor import toml
from monitor.errors import Mistake

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.store.database import Database, Session

Config = Annotated[
    Path | None,
    typer.Option("--config", help="Settings file; else DATA/straitwatch.toml or ./straitwatch.toml."),
]
Data = Annotated[Path | None, typer.Option("--data", help="Data folder; overrides the settings.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many at most.")]


def is_there(file: Path) -> bool:
    """Whether a file is there.

    Raises:
        Mistake: its folder may not be looked into.
    """
    try:
        return file.exists()
    except OSError as error:
        raise Mistake(f"{file} cannot be looked for: {error.strerror}") from error


def settings_of(config: Path | None, data: Path | None) -> "Settings":
    """The settings that a command works with."""
    from monitor.config import load_settings  # noqa: PLC0415  (a fifth of a second of CPU)

    return load_settings(config, data=data)


def database_of(config: Path | None, data: Path | None) -> "Database":
    """The database that a reading command asks; it must be there and up to date.

    Raises:
        Mistake: it is not; the text says what to do.
    """
    from monitor.store import schema, standing  # noqa: PLC0415
    from monitor.store.database import open_database  # noqa: PLC0415

    url = toml.database_url(config, data) or settings_of(config, data).database_url
    file = url.removeprefix("sqlite:///")
    if url != file and not is_there(Path(file)):
        raise Mistake(
            f"there is no database {file} yet: `straitwatch run` makes it, --data names another folder"
        )
    database = open_database(url)
    atexit.register(database.close)  # or the last words of SQLite stay in its -wal
    if database.kind == "sqlite":
        standing.not_emptied(Path(database.where))
    schema.require(database)
    return database


def reading(database: "Database") -> AbstractContextManager["Session"]:
    """As `monitor.store.database.reading`, imported when it is used: half the time of a short command."""
    from monitor.store import database as store  # noqa: PLC0415

    return store.reading(database)


def writing(database: "Database") -> AbstractContextManager["Session"]:
    """As `monitor.store.database.writing`, likewise."""
    from monitor.store import database as store  # noqa: PLC0415

    return store.writing(database)
