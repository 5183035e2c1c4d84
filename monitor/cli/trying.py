"""`straitwatch try`: one page made clean and shown, nothing stored."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.text import Text

from monitor import clean
from monitor.clean.explain import Fate, explain, explain_text
from monitor.cli.showing import out, safe, table
from monitor.config import Settings
from monitor.errors import Mistake
from monitor.model import Article, BlockKind, Page
from monitor.sources import Source
from monitor.sources.loading import load

LARGEST_FILE = 20_000_000  # bytes, as the bound of a fetched page


@dataclass(frozen=True, slots=True)
class Tried:
    """A page made clean, whatever it turned out to be, and what became of each of its lines."""

    article: Article
    fates: list[Fate]


@dataclass(frozen=True, slots=True)
class _Content:
    """What is to be cleaned: a file, or a page as fetched."""

    body: bytes
    url: str
    content_type: str = ""
    fetched: Page | None = None

    @property
    def is_text(self) -> bool:
        plain = self.fetched is None or self.content_type.lower().startswith("text/plain")
        return plain and not clean.looks_like_markup(self.body)


def cleaned(page: str, settings: Settings, *, source: str | None, url: str | None) -> Article:
    """Clean a URL's page, an HTML file, or a file of text from which the markup is gone.

    Raises:
        Mistake: there is no such file or source.
        Refused, Unreadable, SiteDown: as in a round.
    """
    known = _source(settings, source)
    content = _content(page, settings, url)
    return clean.clean(content.fetched, None, known) if content.fetched else _article(content, known, url)


def tried(page: str, settings: Settings, *, source: str | None, url: str | None) -> Tried:
    """Clean a page as `cleaned` does and tell what became of its lines; a list page is told, not refused.

    Raises:
        Mistake, Refused, Unreadable, SiteDown: as `cleaned`, but for pages that are no article.
    """
    content = _content(page, settings, url)
    article = _article(content, _source(settings, source), url)
    if content.is_text:
        return Tried(article, explain_text(clean.decoded(content.body), article))
    return Tried(
        article, explain(content.body, content.url, article, content_type=content.content_type or None)
    )


def _content(page: str, settings: Settings, url: str | None) -> _Content:
    if page.startswith(("http://", "https://")):
        from monitor.desk import fetcher_of  # noqa: PLC0415  (httpx)

        with fetcher_of(settings) as fetcher:
            fetched = fetcher.get(page, robots=True)
        return _Content(fetched.body, fetched.final_url, fetched.content_type, fetched)
    file = Path(page)
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise Mistake(f"{page} is larger than {LARGEST_FILE:,} bytes")
        return _Content(file.read_bytes(), url or file.absolute().as_uri())
    except OSError as error:
        raise Mistake(
            f"{page} is no file that can be read ({error.strerror}), and no http(s) address"
        ) from error


def _article(content: _Content, source: Source | None, url: str | None) -> Article:
    if content.is_text:
        address = content.url if content.fetched else url or ""
        return clean.clean_text(clean.decoded(content.body), url=address, source=source)
    return clean.clean_html(
        content.body, content.url, source=source, content_type=content.content_type or None
    )


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


def fields(article: Article) -> list[tuple[str, str, str]]:
    """What is known of an article: name, value, where on the page it comes from."""
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
    return [(name, safe(value), safe(article.provenance.get(name, ""))) for name, value in rows if value]


def show(article: Article) -> None:
    """The article for a person: facts, text, links."""
    out.print(table(("", ""), [(name, value) for name, value, _ in fields(article)]), soft_wrap=False)
    out.print()
    for block in article.blocks:
        style = "bold" if block.kind is BlockKind.HEADING else ""
        mark = {BlockKind.QUOTATION: "> ", BlockKind.ITEM: "- "}.get(block.kind, "")
        out.print(Text(mark + "\n".join(safe(line, 20_000) for line in block.text.splitlines()), style=style))
        out.print()
    for link in article.links:
        told = f"{link.kind.value}: {safe(link.title, 200)}\n    {safe(link.url or 'no URL given', 300)}"
        out.print(Text(told), soft_wrap=True)


def _published(article: Article) -> str:
    if article.published is None:
        return f"not known (printed: {article.published_printed})" if article.published_printed else ""
    return f"{article.published:%Y-%m-%d %H:%M %z} ({article.published_quality.value})"
