"""How a preview of a listing looks."""

from dataclasses import asdict
from typing import Any

from rich.text import Text

from monitor.cli.showing import moment, out, print_wrapped, safe
from monitor.previewing import Newest, Preview


def print_preview(told: Preview) -> None:
    """One listing for a person: the newest lines, traps, what the cleaner makes of the newest page."""
    out.print(Text.assemble((told.kind.value, "bold"), "  ", safe(told.url, 2_000)), soft_wrap=True)
    if told.why:
        out.print(Text(f"  nothing to show: {safe(told.why, 500)}"), soft_wrap=True)
        return
    if told.title:
        out.print(Text(f"  {safe(told.title, 150)}"), soft_wrap=True)
    new = told.found - told.known
    out.print(f"  {told.found:,} lines now: {new:,} new, {told.known:,} known already")
    for line in told.lines:
        day = "date-only" in line.quality
        when = f"{line.published:%Y-%m-%d}      " if line.published and day else moment(line.published)
        mark = Text("known ", style="dim") if line.known else Text("new   ")
        out.print(
            Text.assemble(f"  {when}  ", mark, safe(line.title, 200) or "(no title)"),
            no_wrap=True,
            overflow="ellipsis",
        )
        out.print(Text(f"{'':26}{safe(line.url, 2_000)}", style="dim"), soft_wrap=True)
    for trap in told.traps:
        print_wrapped(f"trap: {safe(trap, 400)}" if not _is_fact(trap) else safe(trap, 400), indent=2)
    if told.newest is not None:
        _print_newest(told.newest)


def _is_fact(trap: str) -> bool:
    """Whether it only says what the lines carry."""
    return trap.startswith(("full text", "summaries", "headlines"))


def _print_newest(newest: Newest) -> None:
    if newest.why:
        print_wrapped(f"newest: {safe(newest.url, 500)}: {safe(newest.why, 400)}", indent=2)
        return
    facts = [f"{newest.words:,} words", newest.language, moment(newest.published).strip(), *newest.labels]
    print_wrapped(f"newest, cleaned: {safe(newest.title, 200)}", indent=2)
    print_wrapped(", ".join(fact for fact in facts if fact), indent=4)
    print_wrapped(f"{safe(newest.opening, 200)} ...", indent=4, style="dim")


def facts(told: Preview) -> dict[str, Any]:
    """One listing for a program."""
    return asdict(told)
