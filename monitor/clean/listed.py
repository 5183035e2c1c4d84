"""A fetched page and what the listing said of it: an article, or a sentence that says why there is none."""

from dataclasses import replace

from monitor.clean import kinds
from monitor.clean.fromfeed import said
from monitor.clean.page import clean_html
from monitor.clean.plaintext import clean_text
from monitor.clean.sniff import looks_like_markup
from monitor.errors import Refused, Unreadable
from monitor.model import Article, DateQuality, Listed, Page, PageKind
from monitor.sources import Source
from monitor.text import count_words, one_line
from monitor.urls import canonical

FEED_HAS_IT_ALL = 60  # words; a shorter text of a feed is its summary


def clean(page: Page, listed: Listed | None = None, source: Source | None = None) -> Article:
    """Return the article of a page; what the page does not say is taken from the listing.

    Raises:
        Refused: a list page or a block page.
        Gone: it says that there is no such page.
        Unreadable: no HTML, no text, nested too deep, only a shell that needs JavaScript.
    """
    try:
        article = _by_content(page, source)
    except Unreadable:
        if listed and count_words(listed.text) >= FEED_HAS_IT_ALL and not page.body.strip():
            return _from_feed(page, listed, source, None)
        raise
    if page.headers.get("cf-mitigated") or article.kind is PageKind.BLOCK:
        raise Refused(f"block page: {article.title or 'it asks who we are'}")
    if article.kind is PageKind.LIST:
        raise Refused("list page: it lists articles and is none")
    if article.kind is PageKind.SHELL:
        kinds.is_missing(article.title, article.words)  # raises: a headline may be all that such a page has
        if listed and count_words(listed.text) >= FEED_HAS_IT_ALL:
            return _from_feed(page, listed, source, article)
        raise Unreadable("no text: the page is an empty shell and needs JavaScript")
    return _merged(article, listed)


def _by_content(page: Page, source: Source | None) -> Article:
    if page.content_type.lower().startswith("text/plain") and not looks_like_markup(page.body):
        return clean_text(page.body.decode("utf-8", "replace"), url=page.final_url, source=source)
    return clean_html(page.body, page.final_url, source=source, content_type=page.content_type or None)


def _merged(article: Article, listed: Listed | None) -> Article:
    if listed is None:
        return article
    places = dict(article.provenance)
    if (not article.title or places.get("title") == "first words") and listed.title:
        places["title"] = "feed"
        labels = tuple(label for label in article.labels if label != "title from first words")
        article = replace(article, title=one_line(listed.title, 1_000), labels=labels)
    poor = article.published_quality in (DateQuality.MISSING, DateQuality.URL)
    if poor and listed.published.at is not None:
        places["published"] = "feed"
        quality = listed.published.quality
        article = replace(
            article,
            published=listed.published.at,
            published_quality=DateQuality.FEED
            if quality in (DateQuality.PAGE, DateQuality.FEED)
            else quality,
            published_printed=listed.published.printed,
        )
    return replace(article, provenance=places)


def _from_feed(page: Page, listed: Listed, source: Source | None, shell: Article | None) -> Article:
    body = said(listed.text, source)
    empty = shell or Article(url=canonical(page.final_url), title="", blocks=())
    article = replace(
        empty,
        blocks=body.blocks,
        title=one_line(listed.title, 1_000) or empty.title,
        words=body.words,
        language=body.language,
        kind=PageKind.ARTICLE,
        labels=(*empty.labels, "text from feed"),
        provenance={**empty.provenance, "text": "feed", "title": "feed"},
    )
    return _merged(article, listed)
