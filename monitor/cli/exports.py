"""The commands `export` and `verify`: what is stored, carried out, and an evidence pack checked."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from monitor.cli.asking import joined
from monitor.cli.options import Config, Data, Json, database_of, settings_of
from monitor.cli.showing import ReaderLeft, err, out, print_json, safe, watching
from monitor.errors import Mistake
from monitor.model import utc_now

if TYPE_CHECKING:
    from monitor.query.outgoing import Wanted
    from monitor.store.database import Database

FORMATS = ("csv", "jsonl", "parquet", "atom", "rss", "digest", "pack", "warc")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(export)
    app.command()(verify)


def _file(of: str) -> typer.models.OptionInfo:
    return typer.Option(metavar="FILE", help=of)  # type: ignore[no-any-return]


def export(
    query: Annotated[
        list[str] | None, typer.Argument(help="Which articles, as in `search`; @NAME too. Without it, all.")
    ] = None,
    *,
    csv: Annotated[Path | None, _file("Comma-separated values; - is the standard output.")] = None,
    jsonl: Annotated[Path | None, _file("A JSON object a line; - likewise.")] = None,
    parquet: Annotated[Path | None, _file("Parquet, for data tools.")] = None,
    atom: Annotated[Path | None, _file("An Atom feed of the newest 50; - likewise.")] = None,
    rss: Annotated[Path | None, _file("An RSS feed of the newest 50; - likewise.")] = None,
    digest: Annotated[Path | None, _file("The newest 100 by day, in Markdown; - likewise.")] = None,
    pack: Annotated[
        Path | None, _file("An evidence pack: articles, revisions, raw pages, hashes, times.")
    ] = None,
    warc: Annotated[Path | None, _file("Raw pages as a WARC/1.1 file, such as pages.warc.gz.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Only of this source.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since", formats=["%Y-%m-%d"], help="First seen (--warc: fetched) since that day, UTC."
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, max=10**9, help="The newest so many articles.")
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="With --csv: cells as they are, also what a spreadsheet would run.")
    ] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Take the place of a file that is there, once the new one is whole."),
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Write articles into a new file: CSV, JSON Lines, Parquet, a feed, a digest, an evidence pack; or raw pages.

    docs/export.md tells what is in each.
    """
    from monitor.exporting.files import refuse  # noqa: PLC0415
    from monitor.query.outgoing import Wanted  # noqa: PLC0415

    name, file = _asked((csv, jsonl, parquet, atom, rss, digest, pack, warc))
    if raw and name != "csv":
        raise Mistake("--raw goes with --csv")
    refuse(file, replace=replace)
    begins = since.replace(tzinfo=UTC) if since else None
    database = database_of(config, data)
    rights = _rights(database, config, data)
    if name == "warc":
        if query or limit:
            raise Mistake(
                "--warc takes whole pages by --source and --since; a query and --limit ask for articles"
            )
        _export_warc(database, rights, file, source, begins, replace=replace)
    else:
        wanted = Wanted(joined(query or []), source, begins, limit)
        _export(database, rights, name, file, wanted, raw=raw, replace=replace)


def _asked(files: Iterable[Path | None]) -> tuple[str, Path]:
    """The one format that was asked for, and its file."""
    asked = [(name, file) for name, file in zip(FORMATS, files, strict=True) if file is not None]
    if len(asked) != 1:
        names = " ".join(f"--{name}" for name in FORMATS)
        raise Mistake(f"export wants one format and its FILE, and only one: {names}")
    return asked[0]


def _rights(database: "Database", config: Path | None, data: Path | None) -> dict[str, str]:
    """What of a text may be passed on, by source: those that do not allow all of it.

    Of a source that the settings no longer name, what they said last: it may be gone because it complained.
    """
    from monitor.sources.loading import load  # noqa: PLC0415
    from monitor.store import retention  # noqa: PLC0415
    from monitor.store.database import reading  # noqa: PLC0415

    with reading(database) as session:
        keeps = {name: keep for name, _, keep in retention.sources(session)}
    keeps |= {each.id: each.keep for each in load(settings_of(config, data))}
    return {name: keep for name, keep in keeps.items() if keep != "full"}


def _export(
    database: "Database",
    rights: dict[str, str],
    name: str,
    file: Path,
    wanted: "Wanted",
    *,
    raw: bool,
    replace: bool,
) -> None:
    from monitor.cli.working import stopping  # noqa: PLC0415
    from monitor.exporting.articles import Errand, export_articles  # noqa: PLC0415
    from monitor.exporting.files import OUTPUT  # noqa: PLC0415

    stop = Event()
    with stopping(stop), watching() as watch:
        errand = Errand(
            database, wanted, name, file, rights, utc_now(), stop,
            lambda done, of: watch(_Progress("export", done, of)), raw=raw, replace=replace,
        )  # fmt: skip
        try:
            report = export_articles(errand)
        except BrokenPipeError as error:
            raise ReaderLeft from error
    say = err if file == OUTPUT else out
    counted = f"{report.articles:,} article{'' if report.articles == 1 else 's'}"
    size = "" if file == OUTPUT else f", {file.stat().st_size:,} bytes"
    where = "standard output" if file == OUTPUT else safe(str(file), 1000)
    say.print(Text(f"wrote {where}: {counted}{size}"), soft_wrap=True)
    for sentence in report.sentences():
        say.print(Text(sentence), soft_wrap=True)


def _export_warc(
    database: "Database", rights: dict[str, str], file: Path, source: str | None, since: datetime | None,
    *, replace: bool,
) -> None:  # fmt: skip
    from monitor.cli.working import stopping  # noqa: PLC0415
    from monitor.exporting.files import OUTPUT  # noqa: PLC0415
    from monitor.exporting.warcs import export_warc  # noqa: PLC0415
    from monitor.store import pages  # noqa: PLC0415
    from monitor.store.database import reading  # noqa: PLC0415

    if file == OUTPUT:
        raise Mistake("--warc wants a file: what it writes is no text for the standard output")
    with reading(database) as session:
        numbers = pages.ids(session, source=source, since=since, without=list(rights))
    if not numbers:
        raise Mistake("no page that is stored fits; `straitwatch sources` lists the sources")
    stop = Event()
    with stopping(stop), watching() as watch:
        written, damaged = export_warc(
            database,
            numbers,
            file,
            stop,
            lambda done, of: watch(_Progress("export", done, of)),
            replace=replace,
        )
    out.print(f"wrote {file}: {written:,} pages, {file.stat().st_size:,} bytes", soft_wrap=True)
    if damaged:
        some = ", ".join(map(str, damaged[:10]))
        out.print(f"{len(damaged):,} left out, they cannot be read: page {some}", soft_wrap=True)


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An evidence pack.")], json: Json = False
) -> int:
    """Check an evidence pack: all files there, none changed, none added; exit status 1 when not."""
    from monitor.exporting.verifying import verify as verified  # noqa: PLC0415

    found = verified(file)
    if json:
        print_json([asdict(found)])
        return 1 if found.wrong else 0
    for sentence in found.wrong:
        out.print(Text(safe(sentence, 500)), soft_wrap=True)
    out.print(Text(f"SHA-256 of manifest.json {found.manifest}"), soft_wrap=True)
    made = f"made {safe(found.made_at, 40)} by {safe(found.made_by, 80)}"
    what = f"{found.articles:,} articles, {found.files:,} files, {found.size:,} bytes"
    if found.wrong:
        out.print(Text(f"{safe(str(file), 1000)} is not as it was {made}"), soft_wrap=True)
        return 1
    out.print(Text(f"{safe(str(file), 1000)} is whole and unchanged: {what}, {made}"), soft_wrap=True)
    return 0


class _Progress:
    """As pipeline.Progress, without all that the pipeline imports."""

    def __init__(self, step: str, done: int, of: int) -> None:
        self.step, self.done, self.of = step, done, of
