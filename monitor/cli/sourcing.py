"""Commands about sources: what is watched, what would come in, sources added, OPML."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import asking, health
from monitor.cli.options import Config, Data, Json, database_of, settings_of
from monitor.cli.showing import out, print_json
from monitor.errors import Mistake
from monitor.sources import Kind, Side, Source
from monitor.store.database import reading

if TYPE_CHECKING:
    from monitor.previewing import Known

sources_app = typer.Typer(rich_markup_mode=None)

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    health.add_to(sources_app)
    app.add_typer(
        sources_app, name="sources",
        help="What is watched, the state of each feed, how each source does; preview, add, import and export.",
    )  # fmt: skip


@sources_app.callback(invoke_without_command=True)
def sources(ctx: typer.Context, json: Json = False, config: Config = None, data: Data = None) -> None:
    """Show what is watched: each source with its feeds and their state."""
    if ctx.invoked_subcommand is None:
        asking.sources(json=json, config=config, data=data)


@sources_app.command()
def preview(
    source: Annotated[str, typer.Argument(metavar="ID", help="A source's id.")],
    json: Json = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Show what would come in now from each listing of a source, and its traps. Nothing is stored."""
    from monitor import previewing  # noqa: PLC0415
    from monitor.cli.previews import facts, print_preview  # noqa: PLC0415
    from monitor.desk import fetcher_of  # noqa: PLC0415
    from monitor.sources.loading import load  # noqa: PLC0415

    settings = settings_of(config, data)
    chosen = find_source(source, load(settings))
    if not chosen.listings():
        raise Mistake(f"{chosen.id} names no feed, sitemap or section, so nothing would come in")
    known = known_in(config, data)
    with fetcher_of(settings) as fetcher:
        for number, (kind, url) in enumerate(chosen.listings()):
            told = previewing.preview(fetcher, chosen, kind, url, known)
            if json:
                print_json([facts(told)])
                continue
            out.print("" if number else f"{chosen.id} as it would come in now; nothing is stored\n")
            print_preview(told)
    if not json and not chosen.enabled:
        out.print(f"\n{chosen.id} is switched off" + (f": {chosen.note}" if chosen.note else ""))


@sources_app.command()
def add(
    url: Annotated[str, typer.Argument(help="A site, one of its sections, a feed or a sitemap.")],
    *,
    source_id: Annotated[
        str | None, typer.Option("--id", help="Its id; else made of the host's name.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Its name; else as the site calls itself.")
    ] = None,
    side: Annotated[Side | None, typer.Option("--side", help="Whom it speaks for.")] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="What sort of outlet it is.")] = None,
    tier: Annotated[int, typer.Option("--tier", min=1, max=4, help="1 speaks for itself ... 4 repeats.")] = 3,
    zone: Annotated[str, typer.Option("--zone", help="Of printed times without one: Asia/Taipei.")] = "UTC",
    yes: Yes = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Find the feed, news sitemap or section page of a site, show what would come in, and write its TOML."""
    from monitor.cli.adding import Wishes, add_source  # noqa: PLC0415

    add_source(
        url, Wishes(source_id, name, side, kind, tier, zone), settings_of(config, data),
        known_in(config, data), yes=yes,
    )  # fmt: skip


@sources_app.command(name="import")
def import_sources(
    file: Annotated[Path, typer.Argument(metavar="FILE.opml", help="A list of feeds from another reader.")],
    yes: Yes = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Show what an OPML file would bring, with every mistake in it; write it once you say yes."""
    from monitor.cli.opml import import_opml  # noqa: PLC0415

    import_opml(file, settings_of(config, data), yes=yes)


@sources_app.command(name="export")
def export_sources(
    opml: Annotated[Path, typer.Option("--opml", metavar="FILE", help="The OPML file to write.")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Write the feeds of all sources that are switched on as OPML, for another reader."""
    from monitor.cli.opml import export_opml  # noqa: PLC0415

    export_opml(opml, settings_of(config, data))


def find_source(wanted: str, known: list[Source]) -> Source:
    """The source of an id.

    Raises:
        Mistake: there is none.
    """
    import difflib  # noqa: PLC0415

    found = {source.id: source for source in known}
    if wanted not in found:
        close = difflib.get_close_matches(wanted, found, 1, 0.6)
        hint = f"did you mean {close[0]}?" if close else "`straitwatch sources` lists them"
        raise Mistake(f"there is no source {wanted}; {hint}")
    return found[wanted]


def known_in(config: Config, data: Data) -> "Known":
    """Which URL keys the database knows; none where there is no database yet."""
    from monitor.store import backlog  # noqa: PLC0415

    try:
        database = database_of(config, data)
    except Mistake:
        return lambda _: ()

    def ask(keys: list[str]) -> Collection[str]:
        with reading(database) as session:
            return backlog.known(session, keys)

    return ask
