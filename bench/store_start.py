"""Short commands from a cold start, as a person at a terminal waits for them."""

import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import text

from bench.say import Say
from bench.store_articles import RARE
from bench.store_database import Bed
from monitor.store.database import reading

REPEATS = 7
BOUND = 0.5  # seconds of CPU
_COMMAND = "from monitor.cli import main; main()"
_LIBRARIES = "import sqlalchemy.orm, typer"  # what any of them needs, and nothing else


def starts(bed: Bed, folder: Path, say: Say) -> None:
    """Print the CPU of each command's process; a server's is not in it."""
    (folder / "straitwatch.toml").write_text(f'[database]\nurl = "{bed.url}"\n', "utf-8")
    with reading(bed.database) as session:
        url = session.scalar(text("SELECT url FROM articles ORDER BY id DESC LIMIT 1"))
    at = ["--data", str(folder)]
    asked = {"search": ["search", RARE, *at], "why": ["why", str(url), *at], "check": ["check", *at]}
    bare = _cpu(["-c", _LIBRARIES])
    for name, arguments in asked.items():
        spent = _cpu(["-c", _COMMAND, *arguments])
        say(
            f"  straitwatch {name:<6} from a cold start: {spent:.2f} s of CPU"
            f" (< {BOUND}{'' if spent < BOUND else ': MISSED'}), its libraries alone {bare:.2f}",
            measure="start", database=bed.kind, command=name, cpu_s=spent, libraries_s=bare,
        )  # fmt: skip


def _cpu(arguments: Sequence[str]) -> float:
    """Median seconds of CPU of a Python process, the first one left out."""
    spent: list[float] = []
    for _ in range(REPEATS + 1):
        before = _children()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, timeout=60)
        spent.append(_children() - before)
    return statistics.median(spent[1:])


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
