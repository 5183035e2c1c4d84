"""Where an export goes: a file, new unless a person says otherwise, whole or not at all; or the standard output."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from monitor.errors import Mistake

OUTPUT = Path("-")  # the standard output


def refuse_existing(file: Path) -> None:
    """Say at once, before anything is read, that a file is there already.

    Raises:
        Mistake: it is, also as a link that leads nowhere; or its folder may not be looked into.
    """
    try:
        there = file != OUTPUT and os.path.lexists(file)
    except (OSError, ValueError) as error:
        raise Mistake(f"{str(file)!r} cannot be looked for: {error}") from error
    if there:
        raise Mistake(f"{file} is there already; name another file")


@contextmanager
def fresh(file: Path, *, replace: bool = False) -> Iterator[IO[bytes]]:
    """Open a file that is not there yet; it appears once everything is written, and not at all after an error.

    What is written beside it meanwhile begins with a point, has a name nobody can foresee, and follows no link.
    replace: it takes the place of one that is there, which is whole until then.

    Raises:
        Mistake: the file is there already or cannot be written.
    """
    if file == OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = file.with_name(f".{file.name}.{secrets.token_hex(8)}") if file.name else file
    try:
        with part.open("xb") as opened:
            yield opened
        if replace:
            part.replace(file)
        else:
            os.link(part, file)
    except FileExistsError as error:
        raise Mistake(f"{file} is there already; name another file") from error
    except OSError as error:
        raise Mistake(f"{file} cannot be written: {error.strerror or error}") from error
    finally:
        if part != file:
            part.unlink(missing_ok=True)
