"""Commands about learnt boilerplate and the cleaning of stored pages: boilerplate, reprocess."""

from dataclasses import asdict
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from monitor.cli.options import Config, Data, Json, database_of, reading, settings_of, writing
from monitor.cli.showing import err, out, print_json, print_wrapped, safe, table, watching
from monitor.errors import Mistake

if TYPE_CHECKING:
    from monitor.desk import Desk
    from monitor.query.boilerplate import LineTold
    from monitor.reprocessing import Report

MOST_KEPT = 20  # articles named on a screen

boilerplate_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Source = Annotated[str, typer.Argument(metavar="SOURCE", help="A source's id.")]
Lines = Annotated[list[int] | None, typer.Argument(metavar="LINE...", help="Numbers of lines, from `show`.")]
Every = Annotated[bool, typer.Option("--all", help="Every line that is proposed.")]
Later = Annotated[
    bool, typer.Option("--later", help="Leave stored articles as they are, for `straitwatch reprocess`.")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(
        boilerplate_app,
        name="boilerplate",
        help="Lines that recur over a source's articles: list, show, approve, reject.",
    )
    app.command()(reprocess)


@boilerplate_app.command(name="list")
def list_sources(json: Json = False, config: Config = None, data: Data = None) -> None:
    """List the sources, with how many lines of each are proposed, approved and rejected."""
    from monitor import topic  # noqa: PLC0415
    from monitor.query import boilerplate  # noqa: PLC0415

    with reading(database_of(config, data)) as session:
        told = boilerplate.sources_told(session, topic.load())
    if json:
        print_json(asdict(source) for source in told)
        return
    if not told:
        out.print(
            "no articles counted yet: `straitwatch run` counts new ones, `straitwatch reprocess` old ones"
        )
        return
    columns = ("source", "articles", "proposed", "approved", "rejected")
    rows = [
        (each.source, f"{each.articles:,}", *(f"{n:,}" if n else "" for n in (each.proposed, each.approved, each.rejected)))
        for each in told
    ]  # fmt: skip
    out.print(table(columns, rows, right=columns[1:]))
    waiting = sum(each.proposed for each in told)
    if waiting:
        out.print(f"\n{_number(waiting, 'line')} proposed; straitwatch boilerplate show SOURCE", style="dim")


@boilerplate_app.command()
def show(
    source: Source,
    every: Annotated[
        bool, typer.Option("--all", help="Also lines that came twice and are not proposed, with the reason.")
    ] = False,
    json: Json = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Show a source's lines that are proposed, approved or rejected."""
    told = _lines(source, config, data)
    shown = [line for line in told if every or line.state != "counted"]
    if json:
        print_json({**asdict(line), "share": round(line.share, 3)} for line in shown)
        return
    for line in shown:
        _print_line(line)
    others = len(told) - len(shown)
    if not shown:
        out.print(f"no line of {source} is proposed or decided")
    if others:
        out.print(f"{others} more came twice or oftener and are not proposed; --all shows them", style="dim")
    if any(line.state == "proposed" for line in shown):
        out.print(f"straitwatch boilerplate approve {source} LINE ... | --all, or reject", style="dim")


def _print_line(line: "LineTold") -> None:
    where = {"head": "at the head", "tail": "at the tail", "middle": "in the middle"}.get(
        line.stands, line.stands
    )
    facts = f"in {line.articles:,} of {line.of:,} articles ({line.share:.0%}) on {_number(line.days, 'day')}, {where}"
    state = f"{line.state}: {line.why_not}" if line.why_not else line.state
    out.print(Text.assemble((f"line {line.id}", "bold"), f"  {state}; {facts}"), soft_wrap=True)
    print_wrapped(safe(line.text, 1000), indent=4)
    for url in line.examples:
        out.print(Text(f"    {safe(url, 2000)}", style="dim"), soft_wrap=True)
    out.print()


@boilerplate_app.command()
def approve(
    source: Source,
    lines: Lines = None,
    every: Every = False,
    later: Later = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Cut lines out of new articles, and out of those that are stored."""
    _decide(source, lines, "approved", every=every, later=later, config=config, data=data)


@boilerplate_app.command()
def reject(
    source: Source,
    lines: Lines = None,
    every: Every = False,
    later: Later = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Never propose lines again; those that were approved come back into the stored articles."""
    _decide(source, lines, "rejected", every=every, later=later, config=config, data=data)


def _decide(
    source: str, lines: list[int] | None, state: str, *, every: bool, later: bool, config: Config, data: Data
) -> None:
    from monitor import reprocessing  # noqa: PLC0415
    from monitor.desk import open_desk  # noqa: PLC0415
    from monitor.model import utc_now  # noqa: PLC0415
    from monitor.store import learnt  # noqa: PLC0415

    told = {line.id: line for line in _lines(source, config, data)}
    chosen = _chosen(source, lines, told, every=every)
    with open_desk(settings_of(config, data)) as desk:
        with writing(desk.database) as session:
            keys = {line.id: line.key for line in learnt.of_source(session, source)}
            changed = learnt.decide(session, source, chosen, state, utc_now())
        already = f", {len(chosen) - changed} of them before" if changed < len(chosen) else ""
        said = f"{_number(len(chosen), 'line')} of {source} {state}{already}"
        if state == "approved":
            holding = reprocessing.holding(desk, source, frozenset(keys[each] for each in chosen))
            hold = "holds" if holding == 1 else "hold"
            out.print(
                f"{said}; {_number(holding, 'stored article')} {hold} {'it' if len(chosen) == 1 else 'them'}"
            )
        else:
            out.print(said)
        _now_or_later(desk, source, later=later)


def _now_or_later(desk: "Desk", source: str, *, later: bool) -> None:
    """Clean a source's articles again where a decision concerns them."""
    from monitor import reprocessing  # noqa: PLC0415

    due = reprocessing.due(desk, source=source)
    if later and due:
        out.print(
            f"straitwatch reprocess --source {source} cleans them again; new ones are clean from now on",
            soft_wrap=True,
        )
    elif due:
        _print_report(_reprocess(desk, due, reprocessing.PLAIN, quiet=False))


def _chosen(source: str, lines: list[int] | None, told: "dict[int, LineTold]", *, every: bool) -> list[int]:
    if every == bool(lines):
        raise Mistake(
            f"name lines by their numbers, or --all: `straitwatch boilerplate show {source}` lists them"
        )
    if every:
        chosen = [line.id for line in told.values() if line.state == "proposed"]
        if not chosen:
            raise Mistake(f"no line of {source} is proposed")
        return chosen
    unknown = [str(number) for number in lines or () if number not in told]
    if unknown:
        raise Mistake(
            f"there is no line {', '.join(unknown)} of {source};"
            f" `straitwatch boilerplate show {source} --all` lists them"
        )
    return sorted(set(lines or ()))


def _lines(source: str, config: Config, data: Data) -> "list[LineTold]":
    from monitor import topic  # noqa: PLC0415
    from monitor.query import boilerplate  # noqa: PLC0415
    from monitor.store import learnt  # noqa: PLC0415

    with reading(database_of(config, data)) as session:
        known = learnt.articles_counted(session)
        if source not in known:
            raise Mistake(
                f"no article of {safe(source, 60)} was counted;"
                " `straitwatch boilerplate list` names the sources that were"
            )
        return boilerplate.lines_told(session, source, topic.load())


def reprocess(
    source: Annotated[str | None, typer.Option("--source", help="Only this source's articles.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], help="Only those first seen since then."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; say what would change.")] = False,
    accept_shrunk: Annotated[
        bool, typer.Option("--accept-shrunk", help="Also where less than a tenth of the text would be left.")
    ] = False,
    json: Json = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Clean stored pages again with today's cleaner and today's approved boilerplate."""
    from monitor import reprocessing  # noqa: PLC0415
    from monitor.desk import open_desk  # noqa: PLC0415
    from monitor.store import archive  # noqa: PLC0415

    after = since.replace(tzinfo=UTC) if since else None
    with open_desk(settings_of(config, data)) as desk:
        with reading(desk.database) as session:
            articles, without_page = archive.sizes(session, source, after)
        if source and not articles:
            raise Mistake(
                f"there is no article of {safe(source, 60)}; `straitwatch sources` lists the sources"
            )
        due = reprocessing.due(desk, source=source, since=after)
        manner = reprocessing.Manner(dry_run=dry_run, accept_shrunk=accept_shrunk)
        report = _reprocess(desk, due, manner, quiet=json)
        left = len(due) - report.looked_at
    if json:
        facts = {
            **report.facts(),
            "due": len(due),
            "left": left,
            "without_page": without_page,
            "dry_run": dry_run,
        }
        print_json(
            [
                {
                    **facts,
                    "changes": [asdict(t) for t in report.changes],
                    "kept": [asdict(t) for t in report.kept],
                }
            ]
        )
        return
    if not due:
        out.print(f"nothing to do: {_number(articles, 'article')}, each as today's cleaner makes it")
    else:
        _print_report(report, dry_run=dry_run)
    if left:
        out.print(f"stopped; {_number(left, 'article')} left: begin again, nothing is done twice")
    if without_page:
        out.print(
            f"{_number(without_page, 'article')} stay as they are: no page of theirs is stored", style="dim"
        )


def _reprocess(desk: "Desk", due: list[int], manner: object, *, quiet: bool) -> "Report":
    from monitor import reprocessing  # noqa: PLC0415
    from monitor.cli.working import stopping  # noqa: PLC0415
    from monitor.pipeline import Progress  # noqa: PLC0415

    assert isinstance(manner, reprocessing.Manner)
    stop = Event()
    with stopping(stop), watching(quiet=quiet) as watch:
        return reprocessing.reprocess(
            desk, due, stop, manner, lambda done, of: watch(Progress("clean", done, of))
        )


def _print_report(report: "Report", *, dry_run: bool = False) -> None:
    if dry_run:
        for told in report.changes[:MOST_KEPT]:
            out.print(
                Text(f"article {told.article}: {told.words:,} -> {told.words_now:,} words  {told.url}"),
                soft_wrap=True,
            )
    for told in report.kept[:MOST_KEPT]:
        err.print(
            Text(f"article {told.article} kept as it was: {safe(told.why, 300)}  {safe(told.url, 2000)}")
        )
    if len(report.kept) > MOST_KEPT:
        err.print(f"... and {len(report.kept) - MOST_KEPT} more; straitwatch reprocess --json names them")
    out.print(report.sentence(dry_run=dry_run), soft_wrap=True)


def _number(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
