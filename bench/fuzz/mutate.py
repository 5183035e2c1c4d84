"""A page changed at its tags and values rather than at its bits."""

import re
from collections.abc import Callable
from random import Random

from bench.fuzz import data, pages

_PARTS = re.compile(rb"<[^<>]{0,2000}>|[^<]{1,2000}|<")
_VALUE = re.compile(rb'"(?:[^"\\]|\\.){0,200}"|\d{1,20}|\btrue\b|\bnull\b')
MOST_PARTS = 4_000


def mutated(html: bytes, chance: Random, longest: int) -> bytes:
    """Return html with one or two changes of its structure, at most longest bytes of it."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        html = chance.choice(_CHANGES)(html, chance)
    return html[:longest]


def _parts(html: bytes) -> list[bytes]:
    found = _PARTS.findall(html[: 64 * MOST_PARTS])
    return found or [b""]


def _span(parts: list[bytes], chance: Random) -> tuple[int, int]:
    start = chance.randrange(len(parts))
    return start, min(len(parts), start + chance.choice((1, 1, 2, 5, 20)))


def _cut(html: bytes, chance: Random) -> bytes:
    parts = _parts(html)
    start, end = _span(parts, chance)
    return b"".join(parts[:start] + parts[end:])


def _repeat(html: bytes, chance: Random) -> bytes:
    parts = _parts(html)
    start, end = _span(parts, chance)
    return b"".join(parts[:end] + parts[start:end] * chance.choice((1, 2, 8, 60)) + parts[end:])


def _move(html: bytes, chance: Random) -> bytes:
    parts = _parts(html)
    start, end = _span(parts, chance)
    taken, rest = parts[start:end], parts[:start] + parts[end:]
    at = chance.randrange(len(rest) + 1)
    return b"".join(rest[:at] + taken + rest[at:])


def _nest(html: bytes, chance: Random) -> bytes:
    parts = _parts(html)
    start, end = _span(parts, chance)
    name = chance.choice(pages.ELEMENTS)
    opened = f"<{name}{pages.attributes(chance, name)}>".encode("utf-8", "ignore")
    times = chance.choice((1, 2, 9, 90))
    closed = f"</{name}>".encode() * chance.choice((times, times, 0, 1))
    return b"".join([*parts[:start], opened * times, *parts[start:end], closed, *parts[end:]])


def _put(html: bytes, chance: Random) -> bytes:
    parts = _parts(html)
    at = chance.randrange(len(parts) + 1)
    new = chance.choice((
        lambda: pages.tree(chance, [6]), lambda: pages.words(chance), lambda: data.state(chance, *_SOME), lambda: data.stream(chance, *_SOME),
        lambda: f"<script type=application/ld+json>{data.written(chance, data.node(chance))}</script>",
    ))()  # fmt: skip
    return b"".join([*parts[:at], new.encode("utf-8", "surrogatepass"), *parts[at:]])


_SOME = (pages.SENTENCES[0][:40], "\n".join(pages.SENTENCES[:3]))


def _name(html: bytes, chance: Random) -> bytes:
    """Another class for an element, or a first one."""
    name = b' class="' + chance.choice(pages.names()).encode() + b'"'
    found = list(
        re.finditer(rb" class=[\"'][^\"'<>]{0,300}[\"']|(?<=<[a-z])(?=[ >])|(?<=<div)|(?<=<span)", html)
    )
    if not found:
        return html
    match = chance.choice(found)
    return html[: match.start()] + name + html[match.end() :]


def _value(html: bytes, chance: Random) -> bytes:
    """Another value in JSON."""
    found = list(_VALUE.finditer(html))
    if not found:
        return html
    match = chance.choice(found)
    new = data.written(chance, data.value(chance, 3)).encode("utf-8", "surrogatepass")
    return html[: match.start()] + new + html[match.end() :]


_CHANGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    _cut,
    _repeat,
    _move,
    _nest,
    _put,
    _put,
    _name,
    _value,
)
