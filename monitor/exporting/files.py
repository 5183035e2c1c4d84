"""Where an export goes: a file, new unless a person says otherwise, whole or not at all; or the standard output."""

import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from monitor.errors import Mistake

OUTPUT = Path("-")  # the standard output
_SQLITE = b"SQLite format 3\0"


def refuse(file: Path, *, replace: bool) -> None:
    """Say at once, before anything is read, that a file may not be written.

    Raises:
        Mistake: it is there already, also as a link that leads nowhere; or it may be replaced, and is none of ours:
            no plain file, or a database; or its folder may not be looked into.
    """
    if file == OUTPUT:
        return
    try:
        there = file.lstat() if os.path.lexists(file) else None
        if there is not None and not replace:
            raise Mistake(f"{file} is there already; name another file, or say --replace")
        if there is not None and not stat.S_ISREG(there.st_mode):
            raise Mistake(f"{file} is no plain file: it is not replaced")
        if there is not None and _of_database(file):
            raise Mistake(f"{file} belongs to a database: it is not replaced")
    except (OSError, ValueError) as error:
        raise Mistake(f"{str(file)!r} cannot be looked at: {error}") from error


def _of_database(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(_SQLITE)) == _SQLITE or file.name.endswith(("-wal", "-shm", "-journal"))


@contextmanager
def fresh(file: Path, *, replace: bool = False) -> Iterator[IO[bytes]]:
    """Open a file that is not there yet; it appears once everything is written, and not at all after an error.

    What is written beside it meanwhile begins with a point, has a name nobody can foresee, and follows no link.
    replace: it takes the place of one that is there, which is whole until then, and has its permissions.

    Raises:
        Mistake: the file is there already or cannot be written.
    """
    refuse(file, replace=replace)
    try:
        if file == OUTPUT:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
            return
        part = file.with_name(f".straitwatch-{secrets.token_hex(8)}") if file.name else file
        try:
            with part.open("xb") as opened:
                yield opened
                opened.flush()
                os.fsync(opened.fileno())  # or a power cut leaves the name of a file without its content
            refuse(file, replace=replace)  # it may have come meanwhile
            _put(part, file, replace=replace)
        finally:
            with suppress(OSError):
                if part != file:
                    part.unlink(missing_ok=True)
    except BrokenPipeError:
        raise  # the reader left, which is no mistake
    except FileExistsError as error:
        raise Mistake(f"{file} is there already; name another file, or say --replace") from error
    except OSError as error:
        raise Mistake(f"{_named(file)} cannot be written: {error.strerror or error}") from error


def _put(part: Path, file: Path, *, replace: bool) -> None:
    if replace:
        if file.exists():
            part.chmod(stat.S_IMODE(file.stat().st_mode))
        part.replace(file)
        return
    try:
        os.link(part, file)  # fails where a file has come meanwhile
    except FileExistsError:
        raise
    except OSError:  # a disk without links, such as a stick
        part.rename(file)


def _named(file: Path) -> str:
    return "the standard output" if file == OUTPUT else str(file)
