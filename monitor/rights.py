"""What may be kept and passed on of a text, by its source's `keep`: full, excerpt, metadata. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from monitor.model import Article, Block
from monitor.text import count_words

KEEPS = ("full", "excerpt", "metadata")  # each less than the one before
EXCERPT_WORDS = 100  # whole blocks, at least one


def allowed(article: Article, keep: str) -> Article:
    """What may be stored of an article by its source's `keep`; it was judged and compared as a whole."""
    if keep == "full" or cut_label("metadata") in article.labels:
        return article
    kept: list[Block] = []
    words = 0
    for block in article.blocks if keep == "excerpt" else ():
        words += count_words(block.text)
        if kept and words > EXCERPT_WORDS:
            break
        kept.append(block)
    labels = [label for label in article.labels if label != cut_label("excerpt")]  # one that is cut further
    return replace(article, blocks=tuple(kept), labels=(*labels, cut_label(keep)))


def kept_of(labels: Iterable[str]) -> str:
    """How much of an article its labels say is kept."""
    given = set(labels)
    return next((keep for keep in reversed(KEEPS[1:]) if cut_label(keep) in given), KEEPS[0])


def cut_label(keep: str) -> str:
    """The label of an article that is not kept whole."""
    return f"{keep} only"
