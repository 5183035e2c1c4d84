"""`straitwatch try`: one page made clean and shown, nothing stored."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.text import Text

from monitor import clean
from monitor.cli.showing import out, safe, table
from monitor.config import Settings
from monitor.errors import Mistake
from monitor.model import Article, BlockKind
from monitor.sources import Source
from monitor.sources.loading import load

LARGEST_FILE = 20_000_000  # bytes, as the bound of a fetched page


def cleaned(page: str, settings: Settings, *, source: str | None, url: str | None) -> Article:
    """Clean a URL's page, an HTML file, or a file of text from which the markup is gone.

    Raises:
        Mistake: there is no such file or source.
        Refused, Unreadable, SiteDown: as in a round.
    """
    known = _source(settings, source)
    if page.startswith(("http://", "https://")):
        from monitor.desk import fetcher_of  # noqa: PLC0415  (httpx)

        with fetcher_of(settings) as fetcher:
            return clean.clean(fetcher.get(page, robots=True), None, known)
    file = Path(page)
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise Mistake(f"{page} is larger than {LARGEST_FILE:,} bytes")
        content = file.read_bytes()
    except OSError as error:
        raise Mistake(
            f"{page} is no file that can be read ({error.strerror}), and no http(s) address"
        ) from error
    if clean.looks_like_markup(content):
        return clean.clean_html(content, url or file.absolute().as_uri(), source=known)
    return clean.clean_text(clean.decoded(content), url=url or "", source=known)


def _source(settings: Settings, name: str | None) -> Source | None:
    if name is None:
        return None
    found = {source.id: source for source in load(settings)}
    if name not in found:
        raise Mistake(f"there is no source {name}; `straitwatch sources` lists them")
    return found[name]


def facts(article: Article) -> dict[str, Any]:
    """The article for a program."""
    return {**asdict(article), "text": article.text}


def show(article: Article, *, explain: bool) -> None:
    """The article for a person: facts, text, links; with reasons when asked."""
    rows = [
        ("title", article.title),
        ("section", article.section),
        ("authors", ", ".join(article.authors)),
        ("published", _published(article)),
        ("language", article.language),
        ("wire", article.wire),
        ("labels", ", ".join(article.labels)),
        ("size", f"{article.words:,} words in {len(article.blocks)} blocks"),
    ]
    shown = [(name, safe(value), _origin(article, name, explain=explain)) for name, value in rows if value]
    out.print(table(("", "", ""), shown), soft_wrap=False)
    out.print()
    for block in article.blocks:
        style = "bold" if block.kind is BlockKind.HEADING else ""
        mark = {BlockKind.QUOTATION: "> ", BlockKind.ITEM: "- "}.get(block.kind, "")
        out.print(Text(mark + "\n".join(safe(line, 20_000) for line in block.text.splitlines()), style=style))
        out.print()
    for link in article.links:
        told = f"{link.kind.value}: {safe(link.title, 200)}\n    {safe(link.url or 'no URL given', 300)}"
        out.print(Text(told), soft_wrap=True)
    if explain:
        out.print(Text(f"\ncut: {len(article.removed)} parts", style="bold"))
        for removed in article.removed:
            out.print(
                Text.assemble((f"{removed.rule}: ", "bold"), Text(safe(removed.text, 200), style="strike"))
            )


def _published(article: Article) -> str:
    if article.published is None:
        return f"not known (printed: {article.published_printed})" if article.published_printed else ""
    return f"{article.published:%Y-%m-%d %H:%M %z} ({article.published_quality.value})"


def _origin(article: Article, name: str, *, explain: bool) -> str:
    return f"from {article.provenance[name]}" if explain and name in article.provenance else ""
