"""Synthetic articles: 2 kB on average, 15 % Chinese, 4 links each, words by Zipf's law; the same on every run."""

import gc
import itertools
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.dedup import Fingerprint, text_hash
from monitor.model import (
    Article,
    Block,
    BlockKind,
    DateQuality,
    Judgement,
    Link,
    LinkKind,
    Mention,
    Removed,
    Tier,
)
from monitor.sources import Kind, Side, Source
from monitor.store.articles import Settled

CHINESE = 0.15  # of the articles
LINKS = 4
END = datetime(2026, 11, 24, 12, tzinfo=UTC)  # when the last article is stored
SPAN = timedelta(days=365)  # from the first to the last, whatever their number
RARE = "quillwort"  # one article in 1,250
RARE_HAN = "鳐鲼"  # one article in 1,250, in a Chinese one
_POOL = 1 << 19  # words drawn beforehand: choosing among them is choosing by Zipf's law
_SIDES = (Side.US, Side.PRC, Side.TW, Side.ALLY, Side.OTHER)
_KINDS = tuple(Kind)
_VIA = {"title": "json-ld", "authors": "byline", "section": "breadcrumb", "published": "meta article:published_time",
        "text": "container entry-content", "encoding": "utf-8"}  # fmt: skip
_TERMS = tuple(f"term-{number}" for number in range(240))

SOURCES = tuple(
    Source(
        id=f"outlet{number:02}", name=f"Outlet {number}", home=f"https://outlet{number:02}.example/",
        language="zh-Hans" if number < 6 else "en", side=_SIDES[number % 5], kind=_KINDS[number % len(_KINDS)],
        tier=number % 4 + 1, feeds=(f"http://outlet{number:02}.example/feed",),
    )
    for number in range(40)
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """One article as `settle` gets it, apart from its entry's number."""

    settled: Settled
    at: datetime  # when it is stored


def articles(total: int, seed: int = 1) -> Iterator[Made]:
    """Total articles in order of their storing, evenly over SPAN."""
    rng = random.Random(seed)
    english, han = _english(rng), _han(rng)
    gc.freeze()  # a million words that stay: the collector need not walk them while we measure
    for number in range(total):
        at = END - SPAN + SPAN * (number + 1) / total
        yield Made(_settled(rng, number, at, english, han), at)


def _english(rng: random.Random) -> list[str]:
    syllables = [
        a + b
        for a in [
            "b",
            "c",
            "d",
            "f",
            "g",
            "h",
            "l",
            "m",
            "n",
            "p",
            "r",
            "s",
            "t",
            "v",
            "w",
            "st",
            "tr",
            "ch",
            "sh",
            "pl",
        ]
        for b in ["a", "e", "i", "o", "u", "ea", "ou", "ai"]
    ]
    ends = ["", "n", "r", "s", "t", "ng", "l", "d"]
    words, seen = [], set[str]()
    while len(words) < 40_000:
        length = 1 if len(words) < 150 else 2 if len(words) < 5_000 else rng.choice((2, 3, 3, 4))
        word = "".join(rng.choices(syllables, k=length)) + rng.choice(ends)
        if word not in seen:
            seen.add(word)
            words.append(word)
    return _pool(rng, words)


def _han(rng: random.Random) -> list[str]:
    # characters by Zipf as well, else no two words would share one
    chars = rng.sample([chr(code) for code in range(0x4E00, 0x9FA5)], 3_000)
    weights = [1 / (rank + 10) for rank in range(len(chars))]
    words = {
        "".join(rng.choices(chars, weights, k=rng.choice((1, 2, 2, 2, 2, 3, 4)))): None for _ in range(30_000)
    }
    return _pool(rng, list(words))


def _pool(rng: random.Random, words: list[str]) -> list[str]:
    weights = list(itertools.accumulate(1 / (rank + 2.7) ** 1.02 for rank in range(len(words))))
    return rng.choices(words, cum_weights=weights, k=_POOL)


def _settled(rng: random.Random, number: int, at: datetime, english: list[str], han: list[str]) -> Settled:
    chinese = rng.random() < CHINESE
    source = SOURCES[rng.randrange(6) if chinese else rng.randrange(6, len(SOURCES))]
    blocks = _chinese(rng, han) if chinese else _plain(rng, english)
    title = "".join(rng.choices(han, k=9)) if chinese else " ".join(rng.choices(english, k=9)).capitalize()
    article = Article(
        url=f"{source.home}news/2026/{number:07}-{'-'.join(rng.choices(english, k=4))}",
        title=title, blocks=blocks, authors=(" ".join(rng.choices(english, k=2)).title(),),
        published=at - timedelta(seconds=rng.expovariate(1 / 7200)), published_quality=DateQuality.PAGE,
        published_printed=f"{at:%Y-%m-%dT%H:%M:%S}+08:00", section="World", language=source.language,
        words=sum(len(block.text) if chinese else block.text.count(" ") + 1 for block in blocks),
        links=_links(rng, number, source, english), provenance=_VIA,
        removed=tuple(Removed("read also", " ".join(rng.choices(english, k=9))) for _ in range(2)),
    )  # fmt: skip
    mentions = tuple(Mention(term, term, 0, 2, 3) for term in rng.sample(_TERMS, 4))
    return Settled(
        entry=0, page=None, cleaner=1, source=source.id, first_seen=at, article=article,
        judgement=Judgement(Tier.CORE, 9, ("direct",), mentions),
        text_hash=text_hash(title, article.text), fingerprint=_fingerprint(rng, article.words), learnt=1,
    )  # fmt: skip


def _plain(rng: random.Random, pool: list[str]) -> tuple[Block, ...]:
    lines, left = [], int(rng.gauss(265, 60))
    while left > 0:
        sentences = []
        for _ in range(rng.randrange(1, 5)):
            length = rng.randrange(8, 26)
            left -= length
            sentences.append(" ".join(rng.choices(pool, k=length)).capitalize() + ".")
        lines.append(" ".join(sentences))
    if rng.random() < 1 / 1250 / (1 - CHINESE):
        lines[-1] += f" The {RARE} was named."
    return tuple(Block(BlockKind.PARAGRAPH, line) for line in lines)


def _chinese(rng: random.Random, pool: list[str]) -> tuple[Block, ...]:
    lines = []
    for _ in range(rng.randrange(5, 9)):
        parts = ["".join(rng.choices(pool, k=rng.randrange(4, 12))) for _ in range(rng.randrange(5, 10))]
        lines.append("，".join(parts) + "。")
    if rng.random() < 1 / 1250 / CHINESE:
        lines[-1] += f"{RARE_HAN}出现了。"
    return tuple(Block(BlockKind.PARAGRAPH, line) for line in lines)


def _links(rng: random.Random, number: int, source: Source, pool: list[str]) -> tuple[Link, ...]:
    words = [rng.choices(pool, k=6) for _ in range(LINKS)]
    inside = f"{source.home}news/2026/{rng.randrange(max(1, number)):07}-"
    kinds = (LinkKind.READ_ALSO, LinkKind.RELATED, LinkKind.IN_TEXT, LinkKind.IN_TEXT)
    made = [f"{inside}{'-'.join(words[0][:4])}", f"{inside}{'-'.join(words[1][:4])}",
            f"https://www.{words[2][0]}.example/{'/'.join(words[2][1:4])}",
            f"https://www.{words[3][0]}.example/{'-'.join(words[3][1:])}"]  # fmt: skip
    return tuple(
        Link(kind, url, " ".join(w), at)
        for at, (kind, url, w) in enumerate(zip(kinds, made, words, strict=True))
    )


def _fingerprint(rng: random.Random, words: int) -> Fingerprint:
    """As many hashes as a text of this length has; making them of the text is measured elsewhere."""
    shingles = max(1, words - 3)
    hashes = sorted(number >> 1 for number in struct.unpack(f"<{shingles}Q", rng.randbytes(8 * shingles)))
    return Fingerprint(tuple(hashes[:128]), tuple(hashes[:: max(1, shingles // 77)][:32]), shingles, words)


def size_of_text(made: Made) -> int:
    """Bytes of title and text."""
    return len(made.settled.article.title.encode()) + len(made.settled.article.text.encode())
