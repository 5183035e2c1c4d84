"""Options that many commands share."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.config import Settings, load_settings
from monitor.errors import Mistake
from monitor.store.database import Database, open_database

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


def settings_of(config: Path | None, data: Path | None) -> Settings:
    """The settings that a command works with."""
    return load_settings(config, data=data)


def database_of(config: Path | None, data: Path | None) -> Database:
    """The database that a reading command asks; it must be there and up to date.

    Raises:
        Mistake: it is not; the text says what to do.
    """
    from monitor.store import schema, standing  # noqa: PLC0415

    settings = load_settings(config, data=data)
    url = settings.database_url
    file = url.removeprefix("sqlite:///")
    if url != file and not is_there(Path(file)):
        raise Mistake(
            f"there is no database {file} yet: `straitwatch run` makes it, --data names another folder"
        )
    database = open_database(url)
    if database.kind == "sqlite":
        standing.not_emptied(Path(database.where))
    schema.require(database)
    return database
