"""An article made of its listing alone, where the site keeps its page from us."""

from dataclasses import dataclass

from monitor.errors import Refused
from monitor.model import Article, Block, BlockKind, DateQuality, Listed
from monitor.sources import Source
from monitor.text import clean_text, count_words, language, one_line, squeeze
from monitor.urls import canonical

OPENING = 4_000  # characters that tell the language
LEAST_WORDS = 8  # fewer are no text: a "Read more", a date


@dataclass(frozen=True, slots=True)
class Said:
    """A feed's text of an article as blocks, counted and named."""

    blocks: tuple[Block, ...]
    words: int
    language: str


def said(text: str, source: Source | None) -> Said:
    """Return the text of a feed, a paragraph per line."""
    lines = [line for line in map(squeeze, clean_text(text).split("\n")) if line]
    whole = "\n".join(lines)
    return Said(
        tuple(Block(BlockKind.PARAGRAPH, line) for line in lines),
        count_words(whole),
        language(whole[:OPENING], source.language if source else ""),
    )


def from_listing(listed: Listed, source: Source | None, *, why: str) -> Article:
    """Return what the feed itself said of an article, labelled "text from feed".

    Raises:
        Refused: the feed says nothing but a headline; the text is `why` the page cannot be had.
    """
    body = said(listed.text or listed.summary, source)
    if body.words < LEAST_WORDS:
        raise Refused(f"{why}, and its feed carries no text")
    known = (
        listed.published.quality in (DateQuality.PAGE, DateQuality.FEED) and listed.published.at is not None
    )
    return Article(
        url=canonical(listed.url),
        title=one_line(listed.title, 1_000) or one_line(" ".join(block.text for block in body.blocks), 80),
        blocks=body.blocks,
        words=body.words,
        published=listed.published.at,
        published_quality=DateQuality.FEED if known else listed.published.quality,
        published_printed=listed.published.printed,
        language=body.language,
        labels=("text from feed", why),
        provenance=dict.fromkeys(("title", "text", "published"), "feed"),
    )
