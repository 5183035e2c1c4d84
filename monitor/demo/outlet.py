"""An outlet of the demo newsroom: its folder, read and rendered. `newsroom/README.md` is the format.

    newsroom/<outlet>/ -> Outlet -> listings, pages, articles -> Document (status 200, bytes)

The server in `newsroom.py` adds what HTTP and the faults do to a Document.
"""

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from lxml import html
from markdown_it import MarkdownIt
from markupsafe import Markup

from monitor.demo.sheet import Fault, FrontMatter, Listing, Sheet, checked, parse_toml, read_toml
from monitor.errors import Mistake

FENCE = "+++\n"
LATEST = 6  # articles in a sidebar
RELATED = 4
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_markdown = MarkdownIt("commonmark", {"html": True}).enable("table")


@dataclass(frozen=True)
class Article:
    """One article in one edition, as templates see it. Times are aware, in the outlet's zone."""

    slug: str
    front: FrontMatter
    edition: int  # the first in which it reads like this
    path: str
    url: str
    published: datetime
    updated: datetime
    markdown: str = field(repr=False)
    render: Callable[["Article"], str] = field(repr=False, compare=False)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.front, name)

    @property
    def section_slug(self) -> str:
        """The section as it stands in addresses."""
        return slug_of(self.front.section)

    @property
    def number(self) -> int:
        """A stable number for post ids."""
        return self.front.number or zlib.crc32(self.slug.encode()) % 90_000 + 10_000

    @property
    def extra(self) -> Mapping[str, Any]:
        """Keys of the front matter that only the template knows."""
        return self.front.model_extra or {}

    @cached_property
    def body(self) -> Markup:
        """The text as HTML, links resolved."""
        return _safe(self.render(self))

    @cached_property
    def blocks(self) -> list[Markup]:
        """The body's top-level elements, each as HTML."""
        parts = [part for part in html.fragments_fromstring(str(self.body)) if not isinstance(part, str)]
        return [_safe(html.tostring(part, encoding="unicode", with_tail=False)) for part in parts]

    @property
    def text(self) -> str:
        """The body without markup, an empty line between blocks."""
        return "\n\n".join(filter(None, (block.striptags() for block in self.blocks)))

    @property
    def words(self) -> int:
        """About how many words; a Chinese character counts as half a word."""
        chinese = len(re.findall(r"[\u4e00-\u9fff]", self.text))
        return len(re.findall(r"[A-Za-z0-9’'-]+", self.text)) + chinese // 2


@dataclass(frozen=True, slots=True)
class Document:
    """What an address holds in one edition, before HTTP: bytes in the outlet's encoding."""

    body: bytes
    content_type: str  # whole header value
    modified: datetime
    slug: str = ""  # of the article, if it is one


class Desk:
    """Every outlet under a folder, on one day.

    Raises:
        Mistake: a file breaks the format; the message names it.
    """

    def __init__(self, folder: Path, today: date) -> None:
        self.folder = folder
        self.today = today
        sheets = sorted(folder.glob("*/outlet.toml"))
        self.outlets = {sheet.parent.name: Outlet(sheet.parent, self) for sheet in sheets}
        self.hosts = {outlet.sheet.host: outlet for outlet in self.outlets.values()}
        if len(self.hosts) != len(self.outlets):
            raise Mistake(f"{folder}: two outlets have the same host")

    def find(self, reference: str, home: "Outlet") -> Article:
        """The article that "slug" (of home) or "outlet/slug" names, in its first form."""
        outlet_name, _, slug = reference.rpartition("/")
        outlet = self.outlets.get(outlet_name) if outlet_name else home
        if outlet is None or slug not in outlet.forms:
            raise Mistake(f"{home.folder.name}: there is no article {reference!r}")
        return outlet.forms[slug][0]


class Outlet:
    """One folder: what is served under its host name."""

    def __init__(self, folder: Path, desk: Desk) -> None:
        self.folder = folder
        self.desk = desk
        self.sheet = checked(Sheet, read_toml(folder / "outlet.toml"), folder / "outlet.toml")
        self.zone = ZoneInfo(self.sheet.zone)
        self.url = f"http://{self.sheet.host}"
        self.host, self.name, self.language = self.sheet.host, self.sheet.name, self.sheet.language
        self.extra = self.sheet.extra
        self.forms: dict[str, list[Article]] = {}  # by slug, first edition first
        for file in sorted(
            (folder / "articles").glob("*.md"), key=lambda path: (path.name.count("."), path.name)
        ):
            article = self._article(file)
            self.forms.setdefault(article.slug, []).append(article)
        self._jinja = _environment(folder)

    def articles(self, edition: int, section: str = "", tag: str = "") -> list[Article]:
        """The listed articles that exist in edition, as they read in it, newest first."""
        present = [article for article in self._present(edition).values() if article.front.listed]
        if section:
            present = [article for article in present if article.front.section == section]
        if tag:
            present = [article for article in present if tag in article.front.tags]
        return sorted(present, key=lambda article: (article.published, article.slug), reverse=True)

    def addresses(self, edition: int) -> dict[str, Listing | Article]:
        """Everything that answers 200 in edition, by path (with the query where it has one)."""
        pages = (*self.sheet.listing, *self.sheet.page)
        found: dict[str, Listing | Article] = {page.path: page for page in pages if page.edition <= edition}
        found.update({article.path: article for article in self._present(edition).values()})
        return found

    def faults(self, edition: int) -> dict[str, Fault]:
        """What goes wrong in edition, by path."""
        return {
            fault.path or self.desk.find(fault.article, self).path: fault
            for fault in self.sheet.fault
            if fault.edition <= edition
        }

    def document(self, path: str, edition: int) -> Document | None:
        """What lies at path (percent-decoded, may hold a query); None if nothing does."""
        if path == "/robots.txt":
            return self._robots(edition)
        thing = self.addresses(edition).get(path)
        if thing is None:
            return None
        if isinstance(thing, Article):
            text = self._print(thing.front.template or self.sheet.template, edition, article=thing)
            return self._document(text, "text/html", thing.updated.astimezone(UTC), thing.slug)
        shown = self.articles(edition, thing.section, thing.tag)[: thing.count]
        text = self._print(thing.template, edition, page=PageOf(thing, self), articles=shown)
        newest = max((article.updated.astimezone(UTC) for article in shown), default=self._midnight())
        # A second later in each edition: a newcomer may be older than what is listed already.
        return self._document(text, thing.content_type, newest + timedelta(seconds=edition - 1))

    def path(self, reference: str) -> str:
        """The path of an article, by "slug" or "outlet/slug"."""
        return self.desk.find(reference, self).path

    def link(self, reference: str) -> str:
        """The whole URL of an article, by "slug" or "outlet/slug"."""
        return self.desk.find(reference, self).url

    def day(self, days_ago: int, pattern: str) -> str:
        """The date days_ago before today, by strftime pattern, in English."""
        return english_date(self.desk.today - timedelta(days=days_ago), pattern)

    def _present(self, edition: int) -> dict[str, Article]:
        latest: dict[str, Article] = {}
        for slug, forms in self.forms.items():
            for article in forms:
                if article.edition <= edition:
                    latest[slug] = article
        return latest

    def _article(self, file: Path) -> Article:
        head, _, markdown = file.read_text(encoding="utf-8").removeprefix(FENCE).partition(FENCE)
        slug, _, form = file.stem.partition(".")
        front = checked(FrontMatter, parse_toml(head, file), file)
        published = self._moment(front.days_ago, front.at)
        updated = published
        if front.updated_days_ago is not None:
            updated = self._moment(front.updated_days_ago, front.updated_at or front.at)
        path, title = (text.format(published=published) for text in (front.path, front.title))
        front = front.model_copy(update={"title": title})
        edition = int(form or front.edition)
        return Article(slug, front, edition, path, self.url + path, published, updated, markdown, self._body)

    def _moment(self, days_ago: int, at: time) -> datetime:
        return datetime.combine(self.desk.today - timedelta(days=days_ago), at, self.zone)

    def _midnight(self) -> datetime:
        return datetime.combine(self.desk.today - timedelta(days=1), time(), UTC)

    def _body(self, article: Article) -> str:
        names = self._names(article.edition) | {"article": article}
        return str(_markdown.render(self._jinja.from_string(article.markdown).render(names)))

    def _names(self, edition: int) -> dict[str, Any]:
        sections = sorted({article.front.section for article in self.articles(edition)})
        present = self._present(edition)

        def title(reference: str) -> str:
            known = self.desk.find(reference, self)
            same = known.slug in present and known.url.startswith(self.url)
            return present[known.slug].front.title if same else known.front.title

        return {
            "outlet": self,
            "encoding": self.sheet.encoding_name or self.sheet.encoding,
            "today": self.desk.today,
            "edition": edition,
            "latest": self.articles(edition)[:LATEST],
            "sections": [{"name": name, "slug": slug_of(name)} for name in sections],
            "path": self.path,
            "link": self.link,
            "title": title,
            "day": self.day,
        }

    def _print(self, template: str, edition: int, **names: Any) -> str:
        if "article" in names:
            names["related"] = self._related(names["article"], edition)
        return self._jinja.get_template(template).render(self._names(edition) | names)

    def _related(self, article: Article, edition: int) -> Sequence[Article]:
        others = [other for other in self.articles(edition) if other.slug != article.slug]
        if article.front.related:
            return [other for other in others if other.slug in article.front.related]
        return sorted(others, key=lambda other: other.front.section != article.front.section)[:RELATED]

    def _document(self, text: str, content_type: str, modified: datetime, slug: str = "") -> Document:
        # A character that the outlet's encoding lacks becomes a reference, as publishing systems do.
        body = text.encode(self.sheet.encoding, "xmlcharrefreplace")
        if self.sheet.charset_in_header:
            content_type = f"{content_type}; charset={self.sheet.encoding_name or self.sheet.encoding}"
        return Document(body, content_type, modified, slug)

    def _robots(self, edition: int) -> Document | None:
        if not (self.folder / "robots.txt").is_file():
            return None
        text = self._print("robots.txt", edition)
        return Document(text.encode(), "text/plain; charset=utf-8", self._midnight())


class PageOf:
    """A listing as its template sees it."""

    def __init__(self, listing: Listing, outlet: Outlet) -> None:
        self.path = listing.path
        self.url = outlet.url + listing.path
        self.title = listing.title or listing.section or outlet.name
        self.section, self.tag, self.extra = listing.section, listing.tag, listing.extra


def slug_of(text: str) -> str:
    """The text as it stands in an address: lower case, a dash between words; Chinese is kept."""
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-")


def english_date(when: date, pattern: str) -> str:
    """strftime with English names in any locale, and with %-d, %-m, %-I on every system."""
    names = {
        "%B": MONTHS[when.month - 1],
        "%b": MONTHS[when.month - 1][:3],
        "%A": DAYS[when.weekday()],
        "%a": DAYS[when.weekday()][:3],
        "%-d": str(when.day),
        "%-m": str(when.month),
    }
    if isinstance(when, datetime):
        names |= {"%-I": str((when.hour - 1) % 12 + 1), "%p": "AM" if when.hour < 12 else "PM"}
    for code, text in names.items():
        pattern = pattern.replace(code, text)
    return when.strftime(pattern)


def _safe(own: str) -> Markup:
    """Markup that lies in this package, so not to be escaped again."""
    return Markup(own)  # noqa: S704


def _environment(folder: Path) -> Environment:
    jinja = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder), FileSystemLoader(folder.parent)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters["date"] = english_date
    jinja.filters["slug"] = slug_of
    jinja.filters["iso"] = lambda when: when.isoformat()
    jinja.filters["rfc822"] = format_datetime
    return jinja
