"""Commands that do the work: init, check, run, serve, try, demo."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Annotated

import typer
from rich.text import Text

from monitor import toml
from monitor.cli.options import Config, Data, Json, settings_of
from monitor.cli.showing import err, fail, out, print_json, watching
from monitor.errors import Mistake, Mistakes


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (init, check, run, serve):
        app.command()(command)
    app.command(name="try")(try_page)
    app.command()(demo)


def init(
    folder: Annotated[Path, typer.Argument(help="Where the settings and the data go.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Write over settings that are there.")] = False,
    packs: Annotated[
        str, typer.Option(help="Packs of sources, separated by commas.")
    ] = "us-official,taiwan,region,trade-press,think-tanks,wires",
) -> None:
    """Write straitwatch.toml with comments, ready to run."""
    from monitor.sources.loading import pack_names  # noqa: PLC0415

    chosen = [pack.strip() for pack in packs.split(",") if pack.strip()]
    unknown = [pack for pack in chosen if pack not in pack_names()]
    if unknown:
        raise Mistake(f"there is no pack {', '.join(unknown)}; packs: {', '.join(pack_names())}")
    file = folder / toml.FILE
    if toml.settings_file(None, folder) == file and not force:
        raise Mistake(f"{file} is there already; --force writes over it")
    template = (Path(__file__).parent / "straitwatch.toml").read_text("utf-8")
    lines = "\n".join(f'    "{pack}",' for pack in chosen)
    try:
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        file.write_text(template.replace("@packs@", lines), "utf-8")
    except OSError as error:
        raise Mistake(f"{file} cannot be written: {error.strerror}") from error
    off = [pack for pack in pack_names() if pack not in chosen]
    out.print(f"wrote {file} with the packs {', '.join(chosen)}", soft_wrap=True)
    if off:
        out.print(f"not switched on: {', '.join(off)}", soft_wrap=True)
    out.print(
        "next: set `contact` in it, then\n"
        "  straitwatch check    reads everything and lists every mistake\n"
        "  straitwatch run      one round\n"
        "  straitwatch serve    on schedule, with Prefect's page"
    )


def check(
    channels: Annotated[
        bool, typer.Option("--channels", help="Read the channels' addresses as sending does; takes a second.")
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Read settings, sources, rules and channels, and list every mistake at once."""
    from monitor import checking  # noqa: PLC0415

    settings, lines = checking.examine(config, data, channels=channels)
    if lines:
        out.print(Text(f"{len(lines)} mistake{'s' if len(lines) > 1 else ''}"))
        for line in lines:
            out.print(Text(line), soft_wrap=True)
        raise typer.Exit(1)
    assert settings is not None
    for line in checking.summary(settings):
        out.print(Text(line), soft_wrap=True)


def run(
    every_feed: Annotated[bool, typer.Option("--all", help="Ask every feed, due or not.")] = False,
    clock_is_right: Annotated[
        bool, typer.Option("--clock-is-right", help="Believe a clock that is behind the last round.")
    ] = False,
    json: Json = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Run one round now: poll, read, settle, deliver. Needs no server."""
    from monitor import pipeline  # noqa: PLC0415
    from monitor.cli.reporting import print_round  # noqa: PLC0415
    from monitor.desk import open_desk, round_of_work  # noqa: PLC0415
    from monitor.query.ledger import round_told  # noqa: PLC0415
    from monitor.store.database import reading  # noqa: PLC0415

    settings = settings_of(config, data)
    with open_desk(settings) as desk:
        if not desk.sources:
            raise Mistake("no source is switched on: name packs in the settings, or add files to sources/")
        turn = round_of_work(desk, clock_is_right=clock_is_right)
        with turn as work, stopping(work.stop), watching(quiet=json) as watch:
            pipeline.collect(desk, work, every_feed=every_feed, watch=watch)
        with reading(desk.database) as session:
            told = round_told(session, work.id)
    if json:
        print_json([told.facts()])
    else:
        print_round(told)


@contextmanager
def stopping(stop: Event) -> Iterator[None]:
    """SIGTERM, SIGHUP and Ctrl-C finish what is begun, then stop; a second Ctrl-C stops at once."""

    def on_signal(number: int, _frame: object) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, on_signal) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def serve(config: Config = None, data: Data = None) -> None:
    """Run rounds on schedule: Prefect's server and runner in one process tree, until stopped."""
    from monitor import checking  # noqa: PLC0415
    from monitor.supervise import supervise  # noqa: PLC0415

    settings, lines = checking.examine(config, data)
    if lines or settings is None:
        raise Mistakes([*lines, "`straitwatch check` lists these again"])
    used = toml.settings_file(config, data)
    raise typer.Exit(supervise(settings, used, fail))


def try_page(
    page: Annotated[str, typer.Argument(help="A URL, an HTML file, or a file of scraped text.")],
    *,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show each line of the page: kept, cut by which rule, or link.")
    ] = False,
    whole: Annotated[bool, typer.Option("--all", help="With --explain: fold and shorten nothing.")] = False,
    open_page: Annotated[
        bool, typer.Option("--open", help="Write page, article and cuts side by side as HTML, and open it.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="Where to write that HTML; else in the temporary folder.")
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Whether --open opens a browser.")
    ] = True,
    source: Annotated[str | None, typer.Option("--source", help="Clean it as this source's page.")] = None,
    url: Annotated[str | None, typer.Option("--url", help="The address that a file came from.")] = None,
    json: Json = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Preview the cleaning of one page without storing it."""
    from monitor.cli import explaining, sidebyside, trying  # noqa: PLC0415

    settings = settings_of(config, data)
    side_by_side = open_page or output is not None
    if not (explain or whole or side_by_side):
        article = trying.cleaned(page, settings, source=source, url=url)
        print_json([trying.facts(article)]) if json else trying.show(article)
        return
    tried = trying.tried(page, settings, source=source, url=url)
    if json:
        print_json([explaining.facts(tried)])
    elif explain or whole:
        explaining.show(tried, whole=whole)
    if side_by_side:
        file = sidebyside.write(sidebyside.made(tried), output)
        (err if json else out).print(Text(f"wrote {file}"), soft_wrap=True)
        if open_page and browser:
            sidebyside.open_in_browser(file)


def demo(
    data: Annotated[Path, typer.Option("--data", help="Folder for the demo's data.")] = Path("demo-data"),
    stay: Annotated[
        bool, typer.Option("--stay", help="Keep newsroom and Prefect's page until Ctrl-C.")
    ] = False,
) -> None:
    """Run the whole job twice against a newsroom of our own on this machine, and show the result."""
    from monitor.cli.demo import run_demo  # noqa: PLC0415

    run_demo(data, stay=stay)
