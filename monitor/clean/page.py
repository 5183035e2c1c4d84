"""One page to one article: the order of the work, told once."""

import re
from typing import Any

from lxml import etree

from monitor.clean import body, head, jsonld, kinds, links, people, stream, wire
from monitor.clean.decode import Decoded, decode
from monitor.clean.jsonld import Data
from monitor.clean.parse import drop_machine_parts, parse
from monitor.errors import Gone, Unreadable
from monitor.model import Article, Block, LinkKind, PageKind
from monitor.sources import Source
from monitor.text import count_words, language, squeeze
from monitor.urls import masked

MOST_REMOVED = 200
MOST_QUOTED = 100  # characters of a headline
DOUBTFUL = 0.01  # share of U+FFFD in a text
OPENING = 4_000  # characters that tell the language
DATELINE_WITHIN = 3  # blocks


def clean_html(
    html: bytes, url: str, *, source: Source | None = None, content_type: str | None = None
) -> Article:
    """Return what a page holds: its article, or a page of another kind with that kind said.

    html: the body as fetched, content decoding done. url: the address after redirects.
    content_type: the header, for its charset.

    Raises:
        Unreadable: the bytes are no HTML text, too large, too deep, empty, or say that there is no page; the
            error names the page.
    """
    try:
        return _clean(html, url, source, content_type)
    except Unreadable as error:
        error.of(masked(url))
        raise


def _clean(html: bytes, url: str, source: Source | None, content_type: str | None) -> Article:
    decoded = decode(html, content_type)
    root = parse(decoded.text, decoded.utf8)
    data = jsonld.read(root)
    drop_machine_parts(root)
    above = head.read(root, data, url, source)
    links_on_page = len(data.seen.links)
    found = body.find(root, data, above, source)
    if found.facts:
        data.articles.append({"@type": "NewsArticle", **_missing(above, found.facts)})
        above = head.read(root, data, url, source)
    elif len(found) < body.LITTLE and (built := stream.html(data.seen)):
        above, found = _built(built, data, url, source) or (above, found)

    blocks = tuple(Block(line.kind, line.text, line.level) for line in found.lines)
    opening = [block.text for block in blocks[:DATELINE_WITHIN]]
    agencies = people.agencies(above.authors)
    above = head.with_text(above, opening, [part.text for part in found.removed])
    text = "\n".join(block.text for block in blocks)
    words = count_words(text)
    kind = _kind(root, decoded.text, data, above.title, found, words, url, links_on_page)
    places = dict(above.places) | {"text": found.place if blocks else "", "encoding": decoded.codec}
    labels = _labels(kind, decoded, text)
    title = above.title
    if not title and blocks:
        title, places["title"] = squeeze(blocks[0].text[:100]), "first words"
        labels.append("title from first words")
    claimed = root.get("lang") or (source.language if source else "")
    return Article(
        url=above.url,
        title=title,
        blocks=blocks,
        authors=above.authors,
        published=above.published.at,
        published_quality=above.published.quality,
        published_printed=above.published.printed,
        section=above.section,
        language=language(f"{title}\n{text[:OPENING]}", claimed),
        lead_image=above.picture,
        words=words,
        wire=wire.wire(opening, [*found.credited, *agencies]),
        links=links.tell_apart(_pointing(found, above), above.base, above.url),
        kind=kind,
        labels=tuple(labels),
        provenance={name: place for name, place in places.items() if place},
        removed=tuple(found.removed[:MOST_REMOVED]),
    )


def _missing(above: head.Head, facts: dict[str, Any]) -> dict[str, Any]:
    """The facts that the page itself does not print."""
    known = {
        "author": bool(above.authors),
        "datePublished": above.published.at is not None,
        "articleSection": bool(above.section),
    }
    return {name: fact for name, fact in facts.items() if not known[name]}


def _built(html: str, data: Data, url: str, source: Source | None) -> tuple[head.Head, body.Body] | None:
    """Head and body of a page as a script would build it; None when that holds no text."""
    root = parse(html)
    own = jsonld.read(root)
    own.articles = data.articles + own.articles
    own.meta = own.meta | data.meta
    above = head.read(root, own, url, source)
    found = body.find(root, own, above, source)
    found.place = f"React stream, {found.place}"
    return (above, found) if len(found) >= body.LEAST_HELD else None


def _pointing(found: body.Body, above: head.Head) -> list[links.Raw]:
    """Every link of the article: taken out of it, standing in it, listed below it."""
    raw: list[links.Raw] = [(kind, a.href, a.text, at) for kind, a, at in found.pointers]
    raw += [(kind, href, words, len(found.lines)) for kind, href, words in above.related]
    raw += [
        (LinkKind.IN_TEXT, a.href, a.text, at) for at, line in enumerate(found.lines) for a in line.anchors
    ]
    return raw


def _labels(kind: PageKind, decoded: Decoded, text: str) -> list[str]:
    labels = [PageKind.TEASER.value] if kind is PageKind.TEASER else []
    if decoded.broken or text.count("\ufffd") > DOUBTFUL * max(1, len(text)):
        labels.append("encoding doubtful")
    if _cut_off(decoded.text):
        labels.append("may be cut off")
    return labels


def _kind(
    root: etree._Element,
    text: str,
    data: Data,
    headline: str,
    found: body.Body,
    words: int,
    url: str,
    links_on_page: int,
) -> PageKind:
    if kinds.is_block_page(root, text, headline, words):
        return PageKind.BLOCK
    if kinds.is_missing(headline, words):
        raise Gone(f'soft 404: the page says that it does not exist: "{headline[:MOST_QUOTED]}"')
    if words == 0:
        return PageKind.LIST if kinds.is_all_headlines(root, data) else PageKind.SHELL
    if kinds.is_list_page(found.lines, found.removed, data, url, links_on_page):
        return PageKind.LIST
    if kinds.is_teaser(found.lines, found.removed, data, words):
        return PageKind.TEASER
    if words < 25 and not data.articles and links_on_page < 5:
        return PageKind.SHELL
    return PageKind.ARTICLE


def _cut_off(text: str) -> bool:
    if len(text) <= 2_000 or re.search("</(?:html|body)", text[-2_000:], re.IGNORECASE):
        return False
    return re.search("<body", text[:200_000], re.IGNORECASE) is not None
