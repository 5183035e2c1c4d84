"""`straitwatch diff`: the texts that an article had, and what changed from one to the next."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from monitor.cli.options import Config, Data, Json, database_of, reading
from monitor.cli.showing import moment, out, print_json, print_wrapped, safe
from monitor.errors import Mistake

if TYPE_CHECKING:
    from monitor.edits import Piece
    from monitor.query.revisions import Difference, Edited, Version

LONGEST = 100_000  # characters of a sentence that are shown
AROUND = 1  # sentences that stayed the same, shown on either side of a change
_STYLES = {"-": "red", "+": "green", " ": ""}
_MARKS = {"-": ("[-", "-]"), "+": ("{+", "+}"), " ": ("", "")}
_SIGNS = {"same": " ", "removed": "-", "added": "+", "changed": "~"}


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(diff)


def diff(
    article: Annotated[str, typer.Argument(metavar="URL|NUMBER", help="An article's address or number.")],
    since: Annotated[
        int | None, typer.Option("--from", metavar="N", min=1, help="An earlier revision.")
    ] = None,
    to: Annotated[
        int | None, typer.Option("--to", metavar="M", min=1, help="A later one; else the newest.")
    ] = None,
    whole: Annotated[bool, typer.Option("--all", help="Also what stayed the same.")] = False,
    json: Json = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Show how an article was edited: every revision with its time, and what each of them changed."""
    from monitor.query import revisions  # noqa: PLC0415

    with reading(database_of(config, data)) as session:
        try:
            found = revisions.edited(session, article)
        except ValueError as error:
            raise Mistake(
                f"{safe(article, 100)} is neither an article's number nor a web address: {error}"
            ) from error
    if found is None:
        raise Mistake(
            f"there is no article {safe(article, 200)}; `straitwatch why` tells of an address that was seen"
        )
    pairs = [revisions.difference(*pair) for pair in _pairs(found, since, to)]
    if json:
        print_json(_facts(found, pair) for pair in pairs)
        return
    _head(found)
    for pair in pairs:
        _show(pair, whole=whole)


def _pairs(found: "Edited", since: int | None, to: int | None) -> "list[tuple[Version, Version]]":
    """The versions to be compared: each with the one before it, or the two that were named."""
    kept = {version.number: version for version in found.versions}
    for number in (since, to):
        if number is not None and number not in kept:
            raise Mistake(
                f"there is no revision {number} of article {found.article}; kept: {', '.join(map(str, kept))}"
            )
    if since is None and to is None:
        return list(zip(found.versions, found.versions[1:], strict=False))
    newest = found.versions[-1].number if to is None else to
    before = since if since is not None else max((each for each in kept if each < newest), default=newest)
    return [(kept[before], kept[newest])]


def _head(found: "Edited") -> None:
    newest = found.versions[-1]
    print_wrapped(safe(newest.title), style="bold")
    out.print(Text(safe(found.url, 2000), style="dim"), soft_wrap=True)
    for version in found.versions:
        what = "as first seen" if version.number == 1 else "the newest" if version is newest else ""
        out.print(f"{moment(version.at)}  revision {version.number}" + (f", {what}" if what else ""))
    for label in found.labels:
        out.print(f"{'':<16}  {safe(label, 100)}")
    if found.next_reading:
        out.print(f"{moment(found.next_reading)}  asked for again then")
    if len(found.versions) == 1:
        out.print("never seen edited")


def _show(pair: "Difference", *, whole: bool) -> None:
    out.print()
    head = f"{pair.before.number} -> {pair.after.number}  {moment(pair.after.at).strip()}  {pair.summary}"
    print_wrapped(head, style="bold")
    if pair.retitled:
        from monitor.edits import Piece, marked  # noqa: PLC0415

        before, after = safe(pair.before.title), safe(pair.after.title)
        _line("~", Text("title: ") + _words(Piece("changed", before, after, marked(before, after))))
    for piece, skipped in _folded(pair.pieces, whole=whole):
        if piece is None:
            _line(
                " ",
                Text(f"… {skipped:,} {'sentence' if skipped == 1 else 'sentences'} unchanged …", style="dim"),
            )
        else:
            _line(_SIGNS[piece.kind], _words(piece))


def _folded(pieces: "tuple[Piece, ...]", *, whole: bool) -> "Iterator[tuple[Piece | None, int]]":
    """The sentences that are shown, and None with a number for those that are not."""
    changed = [place for place, piece in enumerate(pieces) if piece.kind != "same"]
    near = {place + step for place in changed for step in range(-AROUND, AROUND + 1)}
    skipped = 0
    for place, piece in enumerate(pieces):
        if not whole and place not in near:
            skipped += 1
            continue
        if skipped:
            yield None, skipped
        skipped = 0
        yield piece, 0
    if skipped:
        yield None, skipped


def _words(piece: "Piece") -> Text:
    """A sentence, what went and what came marked by colour and by signs, which a pipe keeps."""
    line = Text(style="dim" if piece.kind == "same" else "")
    for sign, words in piece.told:
        begin, end = _MARKS[sign] if piece.kind == "changed" else ("", "")
        line.append(f"{begin}{_safe(words)}{end}", style=_STYLES[sign])
    return line


def _safe(words: str) -> str:
    """As `safe`, the spaces at either end kept: a sentence is put together again from such pieces."""
    line = safe(words, LONGEST)
    before = " " if words[:1].isspace() and line else ""
    return f"{before}{line}{' ' if words[-1:].isspace() else ''}"


def _line(sign: str, words: Text) -> None:
    for number, line in enumerate(words.wrap(out, max(30, out.width - 2)) if words.plain else [words]):
        line.rstrip()
        out.print(
            Text(f"{sign if number == 0 else ' '} ") + line, no_wrap=True, overflow="ignore", crop=False
        )


def _facts(found: "Edited", pair: "Difference") -> dict[str, Any]:
    return {
        "article": found.article, "url": found.url, "from": pair.before.number, "to": pair.after.number,
        "from_at": pair.before.at, "to_at": pair.after.at, "title_before": pair.before.title,
        "title_after": pair.after.title, "summary": pair.summary, "labels": found.labels,
        "changes": [
            {"kind": piece.kind, "before": piece.before, "after": piece.after, "marks": piece.marks}
            for piece in pair.pieces
            if piece.kind != "same"
        ],
    }  # fmt: skip
