"""How things look on a terminal: one fact per line, times first, made for 100 columns and for pipes."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.text import one_line

if TYPE_CHECKING:
    from monitor.query.snippet import Snippet

SIDES = {"us": "US", "prc": "PRC", "tw": "Taiwan", "ally": "Ally", "other": "Other"}
_STYLES = {"us": "blue", "prc": "red", "tw": "green", "ally": "magenta", "other": "dim"}


class ReaderLeft(Exception):
    """Whoever read our output has gone: `straitwatch search ... | head`. No mistake of the user's."""


class _Pipe(Console):
    """A console whose reader may leave."""

    def on_broken_pipe(self) -> None:
        raise ReaderLeft  # Typer would end with 1 on a BrokenPipeError


out = _Pipe(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(words: str) -> None:
    """Say on stderr what went wrong."""
    for line in words.splitlines():
        err.print(Text(line))


def moment(at: datetime | None) -> str:
    """A time in UTC, to the minute."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if at else " " * 16


def safe(text: str, limit: int = 300) -> str:
    """Text of others as one harmless line."""
    return one_line(text, limit)


def print_wrapped(words: str | Text, *, indent: int = 0, style: str = "") -> None:
    """Print words, wrapped to the terminal behind an indent, without blanks at the lines' ends."""
    text = words if isinstance(words, Text) else Text(words, style=style)
    for line in text.wrap(out, max(30, out.width - indent)):
        line.rstrip()
        out.print(Text(" " * indent) + line, no_wrap=True, overflow="ignore", crop=False)


def side(name: str, words: str) -> Text:
    """Words in the colour of a side, which also stands in the words."""
    return Text(words, style=_STYLES.get(name, ""))


def marked(snippet: "Snippet") -> Text:
    """The hit sentence with its hits in bold."""
    text = Text(safe(snippet.text) if not snippet.marks else snippet.text)
    for start, end in snippet.marks:
        text.stylize("bold", start, end)
    return text


def print_json(values: Iterable[dict[str, Any]]) -> None:
    """One JSON object a line."""
    try:
        for value in values:
            sys.stdout.write(json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain) + "\n")
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise ReaderLeft from error


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]], right: Sequence[str] = ()) -> Table:
    """A table with a rule under its head, numbers right-aligned."""
    made = Table(
        box=None,
        show_header=any(columns),
        pad_edge=False,
        header_style="bold",
        padding=(0, 2 if len(columns) < 6 else 1, 0, 0),
    )
    for number, column in enumerate(columns):
        fixed = number == 0 or column in right
        made.add_column(
            column, justify="right" if column in right else "left", overflow="fold", no_wrap=fixed
        )
    for row in rows:
        made.add_row(*row)
    return made


@contextmanager
def watching(*, quiet: bool = False) -> Iterator[Callable[[Any], None]]:
    """Progress bars of a round for a person who waits; nothing when nobody watches."""
    if quiet or not err.is_terminal:
        yield lambda _: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    with Progress(
        TextColumn("{task.description:<8}"), BarColumn(40), MofNCompleteColumn(), console=err, transient=True
    ) as bars:
        tasks: dict[str, Any] = {}

        def watch(progress: Any) -> None:
            if progress.step not in tasks:
                tasks[progress.step] = bars.add_task(progress.step, total=progress.of)
            bars.update(tasks[progress.step], completed=progress.done, total=progress.of)

        yield watch
