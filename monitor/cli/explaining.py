"""`straitwatch try --explain`: every line of a page in its order, and why it is in the article or not."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from rich.cells import set_cell_size
from rich.text import Text

from monitor.clean.explain import Fate, FateKind, counts, why_no_article
from monitor.cli.showing import out, safe, table
from monitor.cli.trying import Tried, fields
from monitor.cli.trying import facts as facts_of
from monitor.model import Article, PageKind

OUTSIDE = "outside the article"
FROM_DATA = "from the page's data"
MOST_OF_FRAME = 5  # lines outside the article in a row that are shown
MOST_OF_RULE = 6  # lines in a row that one rule cut
SHOWN_OF_RULE = 3  # of more than that
SHORT = 200  # characters of a line that is not in the article
LONGEST = 100_000

_STYLES = {
    FateKind.KEPT: ("green", "", " "),  # of the reason, of the line; a sign, where there is no colour
    FateKind.LINK: ("cyan", "cyan", ">"),
    FateKind.CUT: ("red", "dim red", "-"),
    FateKind.FIELD: ("bold", "bold", "="),
    FateKind.OUTSIDE: ("dim", "dim", "."),
}
_REASON = 20  # cells for a reason


def facts(tried: Tried) -> dict[str, Any]:
    """The article and the fates of the page's lines, for a program."""
    return {
        **facts_of(tried.article),
        "kind_why": why_no_article(tried.article),
        "lines": [
            {
                "line": fate.line,
                "fate": fate.fate.value,
                "rule": fate.rule,
                "position": fate.position,
                "block": fate.block,
                "links": [
                    {"kind": link.kind.value, "url": link.url, "title": link.title} for link in fate.links
                ],
            }
            for fate in tried.fates
        ],
    }


def show(tried: Tried, *, whole: bool) -> None:
    """Tell a person: fields with their places, the page line by line, what its signs mean.

    whole: fold and shorten nothing.
    """
    origins = [
        (name, value, f"from {place}" if place else "") for name, value, place in fields(tried.article)
    ]
    out.print(table(("", "", ""), [*origins, *((n, v, "") for n, v in summary(tried))]), soft_wrap=False)
    out.print()
    for fate, more in folded(tried.fates, whole=whole):
        if fate is None:
            _print("", "dim", Text(more, style="dim"))
        else:
            _line(fate, whole=whole)
    out.print(Text("\n= field   > link   - cut   . outside   unmarked: the article", style="dim"))


def summary(tried: Tried) -> list[tuple[str, str]]:
    """What the cleaner made of the page as a whole: its kind, the container, the lines by fate."""
    article, found = tried.article, counts(tried.fates)
    why = why_no_article(article)
    names = ("kept", "links", "cut", "fields", "outside")
    told = ", ".join(f"{name} {found[kind]:,}" for name, kind in zip(names, FateKind, strict=True))
    rows = [("kind", f"{article.kind.value}: {safe(why)}" if why else PageKind.ARTICLE.value)]
    if place := text_from(article):
        rows.append(("text from", place))
    return [*rows, ("lines", f"{sum(found.values()):,} on the page: {told}")]


def text_from(article: Article) -> str:
    """The container, or what else gave the text."""
    return safe(article.provenance.get("text", ""))


def folded(fates: Sequence[Fate], *, whole: bool) -> Iterator[tuple[Fate | None, str]]:
    """The fates that are shown, and None with words for those that are not."""
    for (kind, rule), run in groupby(fates, lambda fate: (fate.fate, fate.rule)):
        lines = list(run)
        if whole or kind not in (FateKind.OUTSIDE, FateKind.CUT):
            yield from ((fate, "") for fate in lines)
        elif kind is FateKind.OUTSIDE:
            if len(lines) > MOST_OF_FRAME:
                yield None, f"… {len(lines):,} lines of the page's frame …"
            else:
                yield from ((fate, "") for fate in lines)
        else:
            some = lines if len(lines) <= MOST_OF_RULE else lines[:SHOWN_OF_RULE]
            yield from ((fate, "") for fate in some)
            if len(some) < len(lines):
                yield None, f"… {len(lines) - len(some):,} more lines: {rule} …"


def reason(fate: Fate) -> str:
    """Why a line has its fate, in a few words."""
    return OUTSIDE if fate.fate is FateKind.OUTSIDE else safe(fate.rule)


def _line(fate: Fate, *, whole: bool) -> None:
    of_reason, of_line, sign = _STYLES[fate.fate]
    in_full = whole or fate.fate is FateKind.KEPT
    for n, line in enumerate(fate.line.splitlines() or [""]):  # a table from data has several
        words = Text(safe(line, LONGEST if in_full else SHORT), style=of_line)
        _print("" if n else reason(fate), of_reason, words, sign)
    if fate.position is None:
        _print("", of_reason, Text(f"({FROM_DATA})", style="dim"))
    if fate.fate is FateKind.LINK:
        for link in fate.links:
            _print("", "", Text(safe(link.url or "(no URL given)", 2_000), style="dim"))


def _print(why: str, style: str, words: Text, sign: str = " ") -> None:
    """Print words wrapped behind the reason and the sign."""
    narrow = min(_REASON, max(8, out.width // 4))
    head = Text(set_cell_size(why, narrow), style=style) + Text(f" {sign} ", style=style)
    for line in _wrapped(words, max(10, out.width - narrow - 3)):
        line.rstrip()
        shown = head + line
        shown.rstrip()
        out.print(shown, no_wrap=True, overflow="ignore", crop=False)
        head = Text(" " * (narrow + 3))


def _wrapped(words: Text, width: int) -> Iterable[Text]:
    return words.wrap(out, width) if words.plain else [words]
