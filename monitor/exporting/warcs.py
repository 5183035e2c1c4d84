"""Raw pages as a WARC file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

from monitor import __version__
from monitor.errors import Mistake
from monitor.exporting.files import fresh
from monitor.store import pages
from monitor.store.database import Database, reading
from monitor.store.pages import PageDamaged
from monitor.warc import Writer


def export_warc(
    database: Database, numbers: Sequence[int], file: Path, stop: Event, watch: Callable[[int, int], None],
    *, replace: bool = False,
) -> tuple[int, list[int]]:  # fmt: skip
    """Write pages into a new file, or one that replaces another, whole or not at all.

    Returns:
        How many were written, and the numbers of those that cannot be read and were left out.

    Raises:
        Mistake: the file is there already or cannot be written, or a person said stop.
    """
    written = 0
    damaged: list[int] = []
    with fresh(file, replace=replace) as opened:
        writer = Writer(opened, file.name, f"Straitwatch/{__version__}")
        for done, number in enumerate(numbers, 1):
            if stop.is_set():
                raise Mistake(f"stopped; {file} is not written")
            try:
                with reading(database) as session:
                    kept = pages.kept(session, number)
            except PageDamaged:
                damaged.append(number)
                continue
            if kept is not None:
                writer.write(kept.page, {"source": kept.source, "title": kept.title})
                written += 1
            watch(done, len(numbers))
    return written, damaged
