"""The settings file before it is judged: where it is, what stands in it, and where it says the archive is.

`config` reads it with every check. A command that only asks the archive need not: it takes the one address it wants,
which costs a fifth of a second of CPU less.
"""

import os
import tomllib
from pathlib import Path
from typing import Any

from monitor.errors import Mistake, Mistakes

FILE = "straitwatch.toml"
PREFIX = "STRAITWATCH_"
LARGEST_FILE = 1_000_000  # bytes; a settings file is written by hand
KEYS = frozenset(
    [
        "data",
        "contact",
        "packs",
        "sources",
        "round_minutes",
        "database",
        "fetch",
        "cleaning",
        "prefect",
        "channels",
        "rules",
        "demo",
        "health",
        "least_free_mb",
        "retention",
        "revisions",
    ]
)


def database_url(file: Path | None, data: Path | None) -> str | None:
    """The address of the archive; None where only `config` can tell it, or what is wrong with the file.

    Raises:
        Mistakes: the file cannot be read.
    """
    file = settings_file(file, data)
    values = read_toml(file) if file else {}
    table, folder = values.get("database", {}), values.get("data", "data")
    said = {name.upper(): value for name, value in os.environ.items() if name.upper().startswith(PREFIX)}
    plain = (
        isinstance(folder, str) and isinstance(table, dict) and set(table) <= {"url"} and set(values) <= KEYS
    )
    elsewhere = {
        f"{PREFIX}DATA",
        f"{PREFIX}DATABASE",
        f"{PREFIX}DATABASE__URL_ENV",
        f"{PREFIX}DATABASE__URL_FILE",
    }
    if not plain or elsewhere & set(said):
        return None
    url = said.get(f"{PREFIX}DATABASE__URL", table.get("url", ""))
    place = data if data is not None else (file.parent if file else Path()) / folder
    return (url or f"sqlite:///{place / 'straitwatch.db'}") if isinstance(url, str) else None


def settings_file(file: Path | None, data: Path | None) -> Path | None:
    """The settings file that is used: the one named, else DATA/straitwatch.toml, else ./straitwatch.toml.

    Raises:
        Mistake: a folder may not be looked into.
    """
    if file is not None:
        return file
    places = ([data / FILE] if data else []) + [Path(FILE)]
    try:
        return next((place for place in places if place.exists()), None)
    except OSError as error:
        raise Mistake(f"{data or Path.cwd()} cannot be looked into: {error.strerror}") from error


def read_toml(file: Path) -> dict[str, Any]:
    """The tables of a TOML file; a byte order mark is accepted.

    Raises:
        Mistakes: it cannot be read, is too large, or is not TOML; file, line and reason are named.
    """
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise Mistakes([f"{file}: over {LARGEST_FILE:,} bytes; that is no settings file"])
        return tomllib.loads(file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except FileNotFoundError as error:
        raise Mistakes([f"{file}: there is no such file"]) from error
    except OSError as error:
        raise Mistakes([f"{file}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise Mistakes([f"{file}: line {line}: not UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise Mistakes([f"{file}: not TOML: {error}"]) from error
    except RecursionError as error:
        raise Mistakes([f"{file}: nested too deep"]) from error
