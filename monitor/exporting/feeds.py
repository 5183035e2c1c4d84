"""Feeds out: Atom 1.0 (RFC 4287) and RSS 2.0.

An article's id is its address, so that readers know it again in every export; a feed's own id is made of what was asked.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import format_datetime
from typing import IO
from uuid import NAMESPACE_URL, uuid5

from monitor.exporting.about import SOFTWARE, About, encodable, utc
from monitor.exporting.markup import element, html, link, xml
from monitor.query.outgoing import Outgoing

_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def write_atom(file: IO[bytes], articles: Iterable[Outgoing], about: About) -> None:
    """Write an Atom feed: titles as text, texts as HTML with every sign of theirs escaped."""
    _put(file, [
        f'{_HEAD}<feed xmlns="http://www.w3.org/2005/Atom">\n',
        element("title", f"Straitwatch: {about.title}"), element("id", _feed_id(about)),
        element("updated", _time(about.made_at)), element("generator", "Straitwatch", version=SOFTWARE.split("/")[1]),
    ])  # fmt: skip
    for article in articles:
        _put(file, ["\n<entry>", *_atom_entry(article), "</entry>"])
    _put(file, ["\n</feed>\n"])


def _atom_entry(article: Outgoing) -> Iterator[str]:
    address = link(article.url)
    yield element("title", _title(article), type="text")
    yield element("id", _id(article))
    if address:
        yield f'<link rel="alternate" href="{xml(address)}"/>'
    yield element("updated", _time(article.indexed_at))
    yield element("published", _time(article.published or article.first_seen))
    for name in article.authors or (article.source_name,):
        yield f"<author>{element('name', name or article.source)}</author>"
    for scheme, term in _categories(article):
        yield element("category", "", term=term, scheme=f"urn:straitwatch:{scheme}")
    yield element("content", html(article.text), type="html")


def write_rss(file: IO[bytes], articles: Iterable[Outgoing], about: About) -> None:
    """Write an RSS 2.0 feed with authors and outlet as Dublin Core; a description is HTML, likewise escaped."""
    _put(file, [
        f'{_HEAD}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>\n',
        element("title", f"Straitwatch: {about.title}"), element("link", _feed_id(about)),
        element("description", f"Articles found by Straitwatch: {about.title}"),
        element("lastBuildDate", format_datetime(about.made_at, usegmt=True)), element("generator", SOFTWARE),
    ])  # fmt: skip
    for article in articles:
        _put(file, ["\n<item>", *_rss_item(article), "</item>"])
    _put(file, ["\n</channel></rss>\n"])


def _rss_item(article: Outgoing) -> Iterator[str]:
    address = link(article.url)
    yield element("title", _title(article))
    if address:
        yield element("link", address)
    yield element("guid", _id(article), isPermaLink="true" if _id(article) == address else "false")
    yield element("pubDate", format_datetime(article.published or article.first_seen, usegmt=True))
    for name in article.authors:
        yield element("dc:creator", name)
    yield element("dc:publisher", article.source_name)
    for scheme, term in _categories(article):
        yield element("category", term, domain=f"urn:straitwatch:{scheme}")
    yield element("description", html(article.text))


def _categories(article: Outgoing) -> Iterator[tuple[str, str]]:
    yield from (("source", article.source), ("side", article.side), ("relevance", article.relevance))
    yield from (("label", label) for label in article.labels if label)


def _title(article: Outgoing) -> str:
    return article.title or article.url


def _id(article: Outgoing) -> str:
    """Its address, as RFC 4287 wants an IRI; where that is none, a UUID made of it."""
    return link(article.url) or f"urn:uuid:{uuid5(NAMESPACE_URL, encodable(article.url))}"


def _feed_id(about: About) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'straitwatch:export:{encodable(about.title)}')}"


def _time(at: datetime) -> str:
    return utc(at) or ""


def _put(file: IO[bytes], parts: Iterable[str]) -> None:
    file.write("".join(parts).encode())
