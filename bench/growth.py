"""Whether work grows with the page and no faster, and how fast a page that is too much is refused."""

import time
from collections.abc import Callable
from itertools import cycle, islice
from random import Random

from bench.say import Say
from monitor.clean import clean_html
from monitor.errors import StraitwatchError

SIZES_KB = (10, 100, 500, 1_000, 5_000)
SOME_WORDS = """harbour pier tide captain the of a cargo crane lantern fog signal north channel pilot dredger and then
with buoy night crew anchor rope weather to report map sailor in that wind light morning ship depth wave quay"""
WORDS = SOME_WORDS.split()
URL = "https://news.example/a/harbour-1.html"
MILLION = 1_000_000


def sentence(chance: Random, words: int = 18) -> str:
    """A sentence of words by chance, no two alike: equal ones would be taken for repeats."""
    return " ".join(chance.choices(WORDS, k=words)).capitalize() + "."


def paragraph(chance: Random) -> str:
    """Four sentences."""
    return " ".join(sentence(chance) for _ in range(4))


def article(size: int) -> bytes:
    """Plain paragraphs of about size bytes."""
    return _filled(size, lambda chance: f"<p>{paragraph(chance)}</p>\n")


def nested(size: int) -> bytes:
    """Paragraphs forty levels deep, again and again."""
    return _filled(size, lambda chance: f"{'<div>' * 40}<p>{paragraph(chance)}</p>{'</div>' * 40}\n")


def links(size: int) -> bytes:
    """A short article and then nothing but links, each to another page."""
    head = "".join(f"<p>{paragraph(Random(n))}</p>" for n in range(5))
    return _filled(size, lambda c: f"<li><a href='/a/{c.random()}'>{sentence(c, 8)}</a></li>\n", head)


def long_line(size: int) -> bytes:
    """One paragraph without a line break or a tag in it."""
    return _page(f"<p>{' '.join(_until(size, paragraph))}</p>")


def attributes(size: int) -> bytes:
    """Paragraphs that carry sixty attributes each."""
    names = " ".join(f'data-n{n}="{n * 7919}"' for n in range(60))
    return _filled(size, lambda chance: f"<p {names}>{paragraph(chance)}</p>\n")


def one_tag(size: int) -> bytes:
    """A short article with one tag that carries attributes up to the size."""
    named = "".join(f' data-n{n}="{n}"' for n in range(size // 18))
    return _page(f"<div{named}></div>" + "".join(f"<p>{paragraph(Random(n))}</p>" for n in range(5)))


SHAPES: dict[str, Callable[[int], bytes]] = {
    "article text": article,
    "nested tags": nested,
    "many links": links,
    "one long line": long_line,
    "many attributes": attributes,
    "attributes in one tag": one_tag,
}
TOO_MUCH: dict[str, Callable[[], bytes]] = {
    "page of 50 MB": lambda: _page(f"<p>{paragraph(Random(1))}</p>\n" * (50 * MILLION // 400)),
    "a million nested tags": lambda: _page("<b>" * MILLION + paragraph(Random(1)) + "</b>" * MILLION),
    "a million open tags": lambda: _page("<i>" * MILLION + paragraph(Random(1))),
    "endless line": lambda: _page("word " * (4 * MILLION)),
    "endless word": lambda: _page("x" * (20 * MILLION)),
}


def growth(say: Say, sizes_kb: tuple[int, ...] = SIZES_KB) -> None:
    """Print CPU per kB for each shape and size, then what is refused, how soon and in which words."""
    say("growth: CPU microseconds per kB of page; a row that stays level is linear")
    say(f"  {'shape':24}" + "".join(f"{kb:>9,} kB" for kb in sizes_kb) + f"{'last/least':>13}")
    for shape, make in SHAPES.items():
        costs = [_per_kb(make(kb * 1_000)) for kb in sizes_kb]
        measured = [cost for cost in costs if cost is not None]
        rise = measured[-1] / min(measured) if measured else None
        cells = "".join(f"{'refused' if c is None else f'{1e6 * c:.1f}':>12}" for c in costs)
        say(
            f"  {shape:24}{cells}{'-' if rise is None else f'{rise:.1f}':>13}",
            measure="growth",
            shape=shape,
            seconds_per_kb=dict(zip(sizes_kb, costs, strict=True)),
            last_by_least=rise,
        )
    say("refused: CPU seconds until the answer, and its words")
    for name, build in TOO_MUCH.items():
        seconds, words = _answer(build())
        say(
            f"  {name:24}{seconds:8.3f} s  {words}",
            measure="refused",
            page=name,
            seconds=seconds,
            words=words,
        )


def _per_kb(html: bytes) -> float | None:
    """CPU seconds per kB, the least of some tries; None where the page is refused."""
    tries = max(1, min(5, 2 * MILLION // len(html)))
    least = None
    for _ in range(tries):
        started = time.process_time()
        try:
            clean_html(html, URL)
        except StraitwatchError:
            return None
        spent = time.process_time() - started
        least = spent if least is None else min(least, spent)
    return least * 1_000 / len(html) if least is not None else None


def _answer(html: bytes) -> tuple[float, str]:
    started = time.process_time()
    try:
        found = clean_html(html, URL)
        words = f"NOT refused: {found.kind}, {found.words:,} words"
    except StraitwatchError as error:
        words = f"{type(error).__name__}: {error}"
    return time.process_time() - started, words


def _filled(size: int, part: Callable[[Random], str], head: str = "") -> bytes:
    return _page(head + "".join(_until(size, part)))


def _until(size: int, part: Callable[[Random], str]) -> list[str]:
    """Parts whose length comes to about size; the same ones in every run."""
    chance = Random(size)
    each = len(part(Random(size)))
    return [part(chance) for _ in range(max(1, size // each))]


def _page(body: str) -> bytes:
    head = "<title>Harbour at night</title><meta charset=utf-8>"
    return f"<html lang=en><head>{head}</head><body><article><h1>Harbour at night</h1>{body}</article></body></html>".encode()


def generated(count: int) -> list[tuple[bytes, str | None]]:
    """Articles of many sizes for a run without corpora."""
    sizes = cycle((4_000, 12_000, 30_000, 80_000, 200_000))
    shapes = cycle((article, nested, links, attributes))
    return [(make(size + n), f"{URL}?n={n}") for n, size, make in zip(range(count), islice(sizes, count), shapes, strict=False)]  # fmt: skip
