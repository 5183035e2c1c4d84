"""Text that was scraped with no markup left: the same rules, without the page."""

from monitor.clean import readalso, rules, tidy, wire
from monitor.clean.blocks import Line
from monitor.clean.links import tell_apart
from monitor.errors import Unreadable
from monitor.model import Article, Block, BlockKind, LinkKind, Removed
from monitor.sources import Source
from monitor.text import clean_text as storable
from monitor.text import count_words, is_han, language, one_line, squeeze
from monitor.urls import canonical

LONGEST_HEADING = 120  # characters
LONGEST_SECTION = 40
MOST_REMOVED = 200
_STOPS = ".!?。！？…:：;；,，"


def clean_text(text: str, *, url: str = "", source: Source | None = None) -> Article:
    """Return the article in plain text: one block per line, blank lines between or not.

    The first line that is neither boilerplate nor a section's name is the title; a short line without a
    full stop between paragraphs is a subheading.

    Raises:
        Unreadable: nothing but boilerplate.
    """
    raw = [squeeze(line) for line in storable(text).split("\n")]
    found = readalso.take_out([Line(BlockKind.PARAGRAPH, line) for line in raw if line])
    removed: list[Removed] = list(found.removed)
    title, section, before = _head(found.kept)
    removed += [Removed(_name(line), one_line(line.text, 200)) for line in before]
    start = found.kept.index(title) + 1 if title else 0
    kept, more, credited = tidy.tidy(
        found.kept[start:], title.text if title else "", (), source.drop if source else ()
    )
    if not kept:
        raise Unreadable("no text")
    at = {id(line): n for n, line in enumerate(kept)}
    blocks = tuple(_block(line, n, kept) for n, line in enumerate(kept))
    own = canonical(url) if url else ""
    links = [
        (kind, a.href, a.text, next((at[id(x)] for x in found.kept[n:] if id(x) in at), len(kept)))
        for kind, a, n in found.links
    ]
    body = "\n".join(block.text for block in blocks)
    return Article(
        url=own,
        title=title.text if title else "",
        blocks=blocks,
        section=section,
        language=language(body[:4000], source.language if source else ""),
        words=count_words(body),
        wire=wire.wire([block.text for block in blocks[:3]], credited),
        links=tell_apart([(LinkKind(k), *rest) for k, *rest in links], url, own),  # type: ignore[misc]
        provenance={
            "title": "first line",
            "text": "plain text",
            **({"section": "line above the title"} if section else {}),
        },
        removed=tuple(removed + more)[:MOST_REMOVED],
    )


def _head(lines: list[Line]) -> tuple[Line | None, str, list[Line]]:
    """The title, the section printed above it, and the boilerplate before both."""
    before: list[Line] = []
    section = ""
    for n, line in enumerate(lines):
        if rules.line(line.text) is not None:
            before.append(line)
        elif not section and _is_section(line.text, lines[n + 1 : n + 2]):
            section = line.text
        elif len(line.text) <= 300 and (line.text[-1] not in ".。" or len(line.text) < 100):
            return line, section, before
        else:
            return None, section, before
    return None, section, before


def _is_section(text: str, following: list[Line]) -> bool:
    """A short name above a longer headline."""
    length = _length(text)
    return (
        length <= LONGEST_SECTION
        and len(text.split()) <= 3
        and bool(following)
        and _length(following[0].text) > 1.5 * length
    )


def _length(text: str) -> int:
    return len(text) + sum(map(is_han, text))


def _block(line: Line, n: int, lines: list[Line]) -> Block:
    short = _length(line.text) <= LONGEST_HEADING and line.text[-1] not in _STOPS
    between = n + 1 < len(lines) and _length(lines[n + 1].text) > _length(line.text)
    return Block(BlockKind.HEADING, line.text, 2) if short and between and n else Block(line.kind, line.text)


def _name(line: Line) -> str:
    rule = rules.line(line.text)
    return rule.name if rule else "before the title"
