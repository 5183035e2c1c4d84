"""`straitwatch sources add`: a site's listing found, shown, and written as a source of the user's own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import typer
from rich.text import Text

from monitor import finding, previewing, text
from monitor.cli.previews import print_preview
from monitor.cli.showing import out, safe
from monitor.config import Settings
from monitor.desk import fetcher_of
from monitor.errors import Mistake, Mistakes
from monitor.finding import Finding
from monitor.model import FeedKind
from monitor.previewing import Known
from monitor.sources import Kind, Side, Source, guessing
from monitor.sources.loading import load, made, read_file
from monitor.sources.writing import toml_of, write_new

_GUESSED = "side, kind, tier and zone are first guesses: look at them, docs/sources.md says what they mean"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user said of the source."""

    id: str | None
    name: str | None
    side: Side | None
    kind: Kind | None
    tier: int
    zone: str


def add_source(url: str, wishes: Wishes, settings: Settings, known: Known, *, yes: bool) -> None:
    """Find, show, ask, write.

    Raises:
        Mistake: nothing was found, the id or the address is taken, or nobody is there to be asked.
    """
    others = load(settings)
    if wishes.id is not None:
        _refuse_taken(wishes.id, others)
    with fetcher_of(settings) as fetcher:
        found = finding.find(fetcher, url)
        source = _source(found, wishes)
        _refuse_taken(source.id, others)
        _refuse_polled(found.url, others)
        told = previewing.of_listing(fetcher, source, found.kind, found.page, found.listing, known)
    for line in found.in_vain:
        out.print(Text(f"looked at in vain: {safe(line, 500)}", style="dim"), soft_wrap=True)
    print_preview(told)
    file = settings.sources / f"{source.id}.toml"
    written = toml_of(source, comments=_comments(found, wishes))
    out.print(Text(f"\n{file}\n", style="bold"), soft_wrap=True)
    out.print(Text("".join(f"    {line}\n" for line in written.splitlines())), soft_wrap=True)
    if not confirmed(f"Write {file}?", yes=yes):
        out.print("nothing written")
        return
    write_new(file, written)
    _assert_reads(file)
    out.print(f"wrote {file}; `straitwatch run` asks it from now on", soft_wrap=True)


def confirmed(question: str, *, yes: bool) -> bool:
    """Whether to go on; a person is asked unless --yes was given.

    Raises:
        Mistake: there is nobody to be asked.
    """
    if yes:
        return True
    try:
        return typer.confirm(question)
    except typer.Abort as error:
        raise Mistake("nothing written; --yes writes without asking") from error


def _source(found: Finding, wishes: Wishes) -> Source:
    root = urljoin(found.page.final_url, "/")
    titles = " ".join(line.title for line in found.listing.lines[:50])
    values: dict[str, Any] = {
        "id": wishes.id or guessing.id_of(found.url),
        "name": wishes.name or found.site.name or found.listing.title[:80] or guessing.id_of(found.url),
        "home": root,
        "language": text.language(titles, found.site.language) or "en",
        "side": (wishes.side or guessing.side_of(root)).value,
        "kind": (wishes.kind or guessing.kind_of(root)).value,
        "tier": wishes.tier,
        "zone": wishes.zone,
    }
    match found.kind:
        case FeedKind.FEED:
            values["feeds"] = [found.url]
        case FeedKind.SITEMAP:
            values["sitemaps"] = [found.url]
        case FeedKind.SECTION:
            assert found.section is not None
            values["sections"] = [found.section.model_dump()]
    return made(values, "sources add")


def _comments(found: Finding, wishes: Wishes) -> list[str]:
    day = found.page.fetched_at.date()
    said = [f"Found by `straitwatch sources add` on {day}."]
    return said if wishes.side and wishes.kind else [*said, f"{_GUESSED[0].upper()}{_GUESSED[1:]}."]


def _refuse_taken(wanted: str, others: list[Source]) -> None:
    if any(source.id == wanted for source in others):
        raise Mistake(f"there is a source {wanted} already; choose another id with --id")


def _refuse_polled(url: str, others: list[Source]) -> None:
    polled = next((each.id for each in others if url in (listed for _, listed in each.listings())), "")
    if polled:
        raise Mistake(f"{url} is polled by {polled} already")


def _assert_reads(file: Path) -> None:
    """What was written must be what a round reads."""
    _, wrong = read_file(file, file.name)
    if wrong:
        file.unlink()
        raise Mistakes(wrong)
