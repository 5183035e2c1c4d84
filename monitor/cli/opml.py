"""`straitwatch sources import` and `export`: OPML in and out."""

from itertools import count
from pathlib import Path

from rich.text import Text

from monitor.cli.adding import confirmed
from monitor.cli.showing import fail, out, safe, table
from monitor.config import Settings
from monitor.discover.opml import as_sources, read_opml, write_opml
from monitor.errors import Mistake, Mistakes
from monitor.model import utc_now
from monitor.sources import Source
from monitor.sources.loading import load, made
from monitor.sources.writing import toml_of, write_new

SHOWN = 30  # sources in the preview
MOST_TOLD = 1_000  # mistakes
FILE_HOLDS = 500  # sources of one file: a settings file is at most 1 MB


def import_opml(file: Path, settings: Settings, *, yes: bool) -> None:
    """Show what a file would bring and what is wrong in it, ask, write.

    Raises:
        Mistake: it is no OPML file, or holds nothing to import.
    """
    others = load(settings)
    try:
        read = read_opml(file.read_bytes())
    except OSError as error:
        raise Mistake(f"{file} cannot be read: {error.strerror}") from error
    except Mistake as error:
        raise Mistake(f"{file}: {error}") from error
    polled = {url: source.id for source in others for _, url in source.listings()}
    known = [feed for feed in read.feeds if feed.url in polled]
    new = [feed for feed in read.feeds if feed.url not in polled]
    mistakes = [f"{file.name}: {line}" for line in read.mistakes]
    sources: list[Source] = []
    for values in as_sources(new, [source.id for source in others]):
        try:
            sources.append(made(values, f"{file.name}: {values['name']}"))
        except Mistakes as error:
            mistakes += error.lines
    if mistakes:
        more = [f"... and {len(mistakes) - MOST_TOLD:,} more"] if len(mistakes) > MOST_TOLD else []
        fail("\n".join(safe(line, 600) for line in [*mistakes[:MOST_TOLD], *more]))
    _show(sources, known=len(known), wrong=len(mistakes))
    if not sources:
        raise Mistake("nothing to import")
    if not confirmed(f"Write {len(sources):,} sources into {settings.sources}?", yes=yes):
        out.print("nothing written")
        return
    _write(sources, settings.sources, file)


def _show(sources: list[Source], *, known: int, wrong: int) -> None:
    rows = [
        (source.id, safe(source.name, 40), source.side.value, source.kind.value, "\n".join(safe(url, 200) for url in source.feeds[:3]))
        for source in sources[:SHOWN]
    ]  # fmt: skip
    if rows:
        out.print(table(("id", "name", "side", "kind", "feeds"), rows))
    if len(sources) > SHOWN:
        out.print(f"... and {len(sources) - SHOWN:,} more")
    feeds = sum(len(source.feeds) for source in sources)
    out.print(
        f"{len(sources):,} sources with {feeds:,} feeds to import,"
        f" {known:,} feeds watched already, {wrong:,} mistakes left out"
    )


def _write(sources: list[Source], folder: Path, origin: Path) -> None:
    comment = [f"Imported from {origin.name}. Side, kind, tier and zone may be first guesses: look at them."]
    stem = "".join(each if each.isascii() and each.isalnum() else "-" for each in origin.stem)[:40]
    numbers = count(1)
    for start in range(0, len(sources), FILE_HOLDS):
        target = next(
            file
            for file in (folder / f"imported-{stem}-{number}.toml" for number in numbers)
            if not file.exists()
        )
        part = sources[start : start + FILE_HOLDS]
        head = "".join(f"# {line}\n" for line in comment)
        write_new(target, head + "\n" + "\n".join(toml_of(source, table=True) for source in part))
        out.print(f"wrote {target}: {len(part):,} sources", soft_wrap=True)
    out.print("`straitwatch sources preview ID` shows what one of them would bring", style="dim")


def export_opml(file: Path, settings: Settings) -> None:
    """Write the feeds of every source that is switched on.

    Raises:
        Mistake: the file is there already, or cannot be written.
    """
    sources = [source for source in load(settings) if source.enabled]
    if file.exists():
        raise Mistake(f"{file} is there already; name another file")
    write_new(file, write_opml(sources, utc_now()))
    feeds = sum(len(source.feeds) for source in sources)
    out.print(
        f"wrote {file}: {feeds:,} feeds of {sum(bool(s.feeds) for s in sources):,} sources", soft_wrap=True
    )
    without = [source.id for source in sources if source.listings() and not source.feeds]
    if without:
        told = ", ".join(without[:10]) + (f" and {len(without) - 10} more" if len(without) > 10 else "")
        out.print(
            Text(f"left out, as OPML knows feeds only: {told} (sitemaps, section pages)"), soft_wrap=True
        )
