"""A round as a table: per source found, new, stored and the rest, and why."""

from collections.abc import Sequence

from rich.text import Text

from monitor.cli.showing import moment, out, safe, side, table
from monitor.model import Outcome
from monitor.query.ledger import RoundTold, SourceLine

# Short, so that the table fits 80 columns.
COLUMNS = ("source", "found", "new", "stored", "copies", "edited", "off", "refused", "failed")
MOST_NOTES = 12
_NAMED = 3  # sources in the sentence


def cells(line: SourceLine) -> list[str]:
    """One source's counts as words; nothing is an empty cell, so that what happened stands out."""
    refused = line.count(Outcome.REFUSED, Outcome.UNREADABLE, Outcome.GONE, Outcome.DUPLICATE)
    numbers = (
        line.found, line.new, line.count(Outcome.STORED), line.count(Outcome.COPY), line.revised,
        line.count(Outcome.OFF_TOPIC), refused, line.count(Outcome.PENDING),
    )  # fmt: skip
    return [f"{number:,}" if number else "" for number in numbers]


def totals(lines: Sequence[SourceLine]) -> list[str]:
    """The sums of the columns."""
    sums = SourceLine("", "", "")
    for line in lines:
        sums.found, sums.new, sums.revised = (
            sums.found + line.found, sums.new + line.new, sums.revised + line.revised,
        )  # fmt: skip
        for outcome, number in line.outcomes.items():
            sums.outcomes[outcome] = sums.outcomes.get(outcome, 0) + number
    return cells(sums)


def print_round(told: RoundTold, *, notes: int = MOST_NOTES) -> None:
    """Show one round."""
    if told.lines:
        rows: list[list[str | Text]] = [[side(line.side, line.source), *cells(line)] for line in told.lines]
        rows.append([Text("all", style="bold"), *totals(told.lines)])
        out.print(table(COLUMNS, rows, right=COLUMNS[1:]))
    said = [(line.source, note) for line in told.lines for note in line.notes]
    if said:
        out.print()
    for source, note in said[:notes]:
        out.print(Text(f"{source}: {safe(note, 400)}"), soft_wrap=True)
    if len(said) > notes:
        out.print(f"... and {len(said) - notes} more; --json shows all")
    out.print()
    out.print(Text(sentence(told)))


def sentence(told: RoundTold) -> str:
    """The round in one line."""
    if told.state == "offline":
        return f"round {told.id} ended early after {told.seconds:.1f} s: {told.note}; nothing is charged to any source"
    words = [
        f"round {told.id} {told.state} in {told.seconds:.1f} s: {told.feeds} feeds asked",
        f"{told.sent} alerts sent",
    ]
    words += [f"{told.owed} alerts wait for their next try"] if told.owed else []
    words += [f"{told.set_aside} alerts set aside (straitwatch alerts)"] if told.set_aside else []
    words += [f"{told.pending} entries pending"] if told.pending else []
    words += _health(told)
    words += [told.note] if told.note else []
    words += [f"no round for {told.pause.total_seconds() / 3600:,.0f} h before it"] if told.pause else []
    if not told.feeds and told.next_poll:
        words.append(f"no feed was due before {moment(told.next_poll)} UTC; --all asks them all the same")
    return ", ".join(words)


def _health(told: RoundTold) -> list[str]:
    """The sources that a person should look at, and those that are well again."""
    words = []
    if told.bad:
        more = f" and {len(told.bad) - _NAMED} more" if len(told.bad) > _NAMED else ""
        number = f"{len(told.bad)} source{'s' if len(told.bad) > 1 else ''} not well"
        words.append(f"{number} ({', '.join(told.bad[:_NAMED])}{more}: straitwatch sources health)")
    if told.recovered:
        more = f" and {len(told.recovered) - _NAMED} more" if len(told.recovered) > _NAMED else ""
        words.append(f"well again: {', '.join(told.recovered[:_NAMED])}{more}")
    return words
