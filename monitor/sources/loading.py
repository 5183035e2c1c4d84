"""Read sources from packs of ours and from files of the user's, all mistakes at once."""

import difflib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from monitor.config import Settings, read_toml, worded
from monitor.errors import Mistakes
from monitor.sources import PACKS, Source


def pack_names() -> list[str]:
    """The packs that come with Straitwatch."""
    return sorted(file.stem for file in PACKS.glob("*.toml"))


def load(settings: Settings) -> list[Source]:
    """Every source that the settings name, enabled or not, in the order of files and tables.

    Raises:
        Mistakes: everything that is wrong in any of the files.
    """
    files, lines = _files(settings)
    sources: list[Source] = []
    first: dict[str, str] = {}
    for file in files:
        label = str(Path(file.parent.name) / file.name)
        found, wrong = read_file(file, label)
        lines += wrong
        for source in found:
            if source.id in first:
                lines.append(f"{label}: id = {source.id}: {first[source.id]} has a source of this id already")
            first.setdefault(source.id, label)
            sources.append(source)
    lines += _shared_addresses(sources)
    if lines:
        raise Mistakes(lines)
    return sources


def read_file(file: Path, label: str) -> tuple[list[Source], list[str]]:
    """The sources of one file, and what is wrong in it."""
    try:
        values = read_toml(file)
    except Mistakes as mistakes:
        return [], [line.replace(str(file), label) for line in mistakes.lines]
    tables: Any = values.pop("source", None)
    if tables is None:
        tables, values = [values], {}
    lines = [f"{label}: {key} stands outside of a [[source]] table" for key in values]
    if not isinstance(tables, list):
        return [], [*lines, f"{label}: write [[source]], with two brackets, for each source"]
    sources = []
    for number, table in enumerate(tables, 1):
        where = label if len(tables) == 1 else f"{label}: {table.get('id', f'source {number}')}"
        try:
            sources.append(Source.model_validate(table))
        except ValidationError as error:
            lines += worded(where, error, Source, table)
    return sources, lines


def made(values: dict[str, Any], label: str) -> Source:
    """A source of these values.

    Raises:
        Mistakes: everything that is wrong in them.
    """
    try:
        return Source.model_validate(values)
    except ValidationError as error:
        raise Mistakes(worded(label, error, Source, values)) from error


def _files(settings: Settings) -> tuple[list[Path], list[str]]:
    names, files, lines = pack_names(), [], []
    for pack in settings.packs:
        if pack in names:
            files.append(PACKS / f"{pack}.toml")
            continue
        close = difflib.get_close_matches(pack, names, 1, 0.5)
        hint = f"did you mean {close[0]}?" if close else f"packs: {', '.join(names)}"
        lines.append(f"packs: there is no pack {pack}; {hint}")
    if settings.sources.is_dir():
        files += sorted(settings.sources.glob("*.toml"))
    return files, lines


def _shared_addresses(sources: list[Source]) -> list[str]:
    lines: list[str] = []
    first: dict[str, str] = {}
    for source in sources:
        for _, url in source.listings():
            if first.setdefault(url, source.id) != source.id:
                lines.append(f"{source.id}: {url} is polled by {first[url]} already")
    return lines
