"""What is stored, carried out: raw pages as a WARC file."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

from monitor import __version__
from monitor.errors import Mistake
from monitor.store import pages
from monitor.store.database import Database, reading
from monitor.warc import Writer


def export_warc(
    database: Database, numbers: Sequence[int], file: Path, stop: Event, watch: Callable[[int, int], None]
) -> int:
    """Write pages into a new file, whole or not at all; returns how many.

    Raises:
        Mistake: the file is there already or cannot be written, or a person said stop.
    """
    part = file.with_name(f".{file.name}.{os.getpid()}")
    written = 0
    try:
        with part.open("wb") as opened:
            writer = Writer(opened, file.name, f"Straitwatch/{__version__}")
            for done, number in enumerate(numbers, 1):
                if stop.is_set():
                    raise Mistake(f"stopped; {file} is not written")
                with reading(database) as session:
                    kept = pages.kept(session, number)
                if kept is not None:
                    writer.write(kept.page, {"source": kept.source, "title": kept.title})
                    written += 1
                watch(done, len(numbers))
        os.link(part, file)
    except FileExistsError as error:
        raise Mistake(f"{file} is there already; name another file") from error
    except OSError as error:
        raise Mistake(f"{file} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return written
