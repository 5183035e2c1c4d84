"""An article made of its listing alone, where the site keeps its page from us."""

from monitor.errors import Refused
from monitor.model import Article, Block, BlockKind, DateQuality, Listed
from monitor.sources import Source
from monitor.text import clean_text, count_words, language, one_line, squeeze
from monitor.urls import canonical

LEAST_WORDS = 8  # fewer are no text: a "Read more", a date


def from_listing(listed: Listed, source: Source | None, *, why: str) -> Article:
    """Return what the feed itself said of an article, labelled "text from feed".

    Raises:
        Refused: the feed says nothing but a headline; the text is `why` the page cannot be had.
    """
    lines = [squeeze(line) for line in clean_text(listed.text or listed.summary).split("\n")]
    blocks = tuple(Block(BlockKind.PARAGRAPH, line) for line in lines if line)
    text = "\n".join(block.text for block in blocks)
    words = count_words(text)
    if words < LEAST_WORDS:
        raise Refused(f"{why}, and its feed carries no text")
    known = (
        listed.published.quality in (DateQuality.PAGE, DateQuality.FEED) and listed.published.at is not None
    )
    return Article(
        url=canonical(listed.url),
        title=one_line(listed.title, 1_000) or one_line(text, 80),
        blocks=blocks,
        words=words,
        published=listed.published.at,
        published_quality=DateQuality.FEED if known else listed.published.quality,
        published_printed=listed.published.printed,
        language=language(text[:4000], source.language if source else ""),
        labels=("text from feed", why),
        provenance=dict.fromkeys(("title", "text", "published"), "feed"),
    )
