"""Commands about how the sources do: sources health, ledger, accept."""

from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.text import Text

from monitor.cli.options import Config, Data, Json, database_of, settings_of
from monitor.cli.showing import moment, out, print_json, print_wrapped, safe, side, table
from monitor.errors import Mistake
from monitor.model import Outcome, utc_now
from monitor.query.health import SourceHealth, WeekLine, health_told, weeks_told
from monitor.sources import Source
from monitor.store import health as states
from monitor.store import rounds
from monitor.store.database import reading, writing

_COLUMNS = ("source", "found", "stored", "copies", "dupl.", "off", "refused", "gone", "pending")


def add_to(app: typer.Typer) -> None:
    """Add these commands to the group `sources`."""
    for command in (health, ledger, accept):
        app.command()(command)


One = Annotated[str | None, typer.Argument(help="One source's id; else all of them.")]


def _watched(config: Config, data: Data, only: str | None) -> dict[str, Source]:
    from monitor.sources.loading import load  # noqa: PLC0415

    known = {source.id: source for source in load(settings_of(config, data)) if source.enabled}
    if only is not None and only not in known:
        raise Mistake(f"there is no source {safe(only, 60)} switched on; `straitwatch sources` lists them")
    return known


def health(source: One = None, json: Json = False, config: Config = None, data: Data = None) -> None:
    """Show how each source does, worst first: state, since when, why, last good poll, last news, lag."""
    known = _watched(config, data, source)
    now = utc_now()
    silences = {each.id: each.silence for each in known.values()}
    with reading(database_of(config, data)) as session:
        told = health_told(session, silences, now, source)
    if json:
        print_json(each.facts() for each in told)
        return
    if source is not None:
        for each in told:
            _print_one(each, now)
        if not told:
            out.print(f"{source} was not yet asked: `straitwatch run` does")
        return
    rows: list[tuple[str | Text, ...]] = [
        (
            side(each.side, each.source),
            Text(each.state.value, style="" if not each.state.bad else "bold"),
            *(_ago(at, now) for at in (each.since, each.answered_at, each.brought_at)),
            _span(each.lag),
        )
        for each in told
    ]
    columns = ("source", "state", "for", "good poll", "last news", "lag")
    out.print(table(columns, rows, right=columns[2:]))
    reasons = [each for each in told if each.why]
    if reasons:
        out.print()
    for each in reasons:
        print_wrapped(Text(f"{each.source}: {safe(each.why, 500)}"))
    bad = sum(each.state.bad for each in told)
    late = max((each.overdue for each in told), default=timedelta(0))
    words = [f"{len(told)} sources asked so far", f"{bad} not well"]
    words += [f"the longest due waits for {_span(late)}"] if late > timedelta(hours=1) else []
    out.print(Text("\n" + ", ".join(words), style="dim"))


def _print_one(told: SourceHealth, now: datetime) -> None:
    out.print(Text.assemble(side(told.side, told.source), f"  {safe(told.name, 80)}: {told.state.value}"))
    facts = [
        ("since", moment(told.since)), ("why", safe(told.why, 500)), ("last good poll", moment(told.answered_at)),
        ("last news", moment(told.brought_at)), ("lag", _span(told.lag)),
    ]  # fmt: skip
    for name, value in facts:
        if value.strip():
            print_wrapped(Text(f"{name}: {value}"), indent=2)
    for feed in told.feeds:
        out.print(Text(f"  {feed.state.value:<15} {safe(feed.url, 200)}"), soft_wrap=True)
        habit = "learnt from its history" if feed.learnt else "as its source says"
        waits = (
            f"due since {_span(now - feed.next_poll)}"
            if feed.next_poll < now
            else f"due {moment(feed.next_poll)}"
        )
        lines = [safe(feed.why, 500), f"{_span(feed.silence)} of silence are normal, {habit}", waits]
        if feed.gap_from and feed.gap_to:
            lines.append(f"a backfill from {moment(feed.gap_from)} to {moment(feed.gap_to)} closes the gap")
        for line in filter(None, lines):
            print_wrapped(Text(line), indent=18)
    for change in told.changes:
        before = f" (was {change.before})" if change.before else ""
        reason = f": {safe(change.why, 200)}" if change.why else ""
        print_wrapped(Text(f"{moment(change.at)}  {change.after}{before}{reason}"), indent=2)


def ledger(
    source: One = None,
    weeks: Annotated[int, typer.Option(min=1, max=520, help="How many weeks, this one included.")] = 4,
    json: Json = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Show what each source listed week by week, and what became of it; it must add up."""
    _watched(config, data, source)
    with reading(database_of(config, data)) as session:
        told = weeks_told(session, utc_now(), weeks, source)
    if json:
        print_json(line.facts() for line in told)
        return
    for week in dict.fromkeys(line.week for line in told):
        out.print(Text(f"week of {week:%Y-%m-%d}", style="bold"))
        rows = [_cells(line) for line in told if line.week == week]
        out.print(table(_COLUMNS, rows, right=_COLUMNS[1:]))
        out.print()
    wrong = [line for line in told if not line.adds_up]
    for line in wrong:
        out.print(
            f"{line.source}, week of {line.week:%Y-%m-%d}: {line.found} found and {line.entries} entries"
        )
    found = sum(line.found for line in told)
    verdict = f"{len(wrong)} lines do not add up" if wrong else "it adds up: each has its outcome"
    out.print(Text(f"{found:,} addresses found; {verdict} (straitwatch why URL)", style="dim"))
    if wrong:
        raise typer.Exit(2)


def _cells(line: WeekLine) -> list[str]:
    def count(*outcomes: Outcome) -> int:
        return sum(line.outcomes.get(outcome, 0) for outcome in outcomes)

    numbers = (
        line.found, count(Outcome.STORED), count(Outcome.COPY), count(Outcome.DUPLICATE), count(Outcome.OFF_TOPIC),
        count(Outcome.REFUSED, Outcome.UNREADABLE), count(Outcome.GONE), count(Outcome.PENDING),
    )  # fmt: skip
    return [line.source, *(f"{number:,}" if number else "" for number in numbers)]


def accept(
    source: Annotated[str, typer.Argument(help="The source's id.")], config: Config = None, data: Data = None
) -> None:
    """Take a source as it is now: who it answers as, and its gaps as closed."""
    _watched(config, data, source)
    with writing(database_of(config, data)) as session:
        rounds.take_turn(session, utc_now())
        told = states.accept(session, source)
    for line in told:
        out.print(Text(safe(line, 500)), soft_wrap=True)
    out.print("its state follows with the next poll" if told else f"{source}: there is nothing to accept")


def _ago(at: datetime | None, now: datetime) -> str:
    return _span(now - at) if at else "never"


def _span(span: timedelta | None) -> str:
    if span is None:
        return ""
    minutes = span.total_seconds() / 60
    if minutes < 90:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 1440:.0f} d"
