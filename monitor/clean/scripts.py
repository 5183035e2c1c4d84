"""The text of pages that hold it only for their own scripts: state as JSON, and streams of React elements.

Looked at only where a page shows next to nothing. What is found there is evidence like any other: it must
carry the page's headline beside it, or go on from the words that the page shows.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from monitor.clean.blocks import Line
from monitor.clean.evidence import key
from monitor.clean.survey import Survey
from monitor.model import BlockKind
from monitor.text import squeeze

MOST_CHARACTERS = 4_000_000  # of all scripts together
MOST_NODES = 60_000  # values looked at
DEEPEST = 60
LEAST_SENTENCE = 60  # characters of a bare string in a list of paragraphs
MOST_STATES = 6  # assignments in one script
LEAST = 250  # characters of a string that may be a text
LONGEST_HEADLINE = 400  # characters
MOST_BRACES = 4  # in a text; styles and programs have more
LEAST_LINE = 2  # characters
NEAR = 4  # levels around a text in which its headline may stand
MOST_OF_IT = 0.9  # of the longest text that a narrower one must hold to be taken instead

_TEXTS = (
    "text",
    "value",
    "html",
    "content",
    "children",
    "contents",
    "blocks",
    "paragraphs",
    "body",
    "model",
    "data",
    "items",
    "elements",
    "components",
    "props",
)
_KINDS = ("type", "_type", "kind", "blockType", "nodeType", "__typename", "component", "tag", "name")
_PARAGRAPH = re.compile(
    r"paragraph|^p$|^text$|^rich-?text$|^h[1-6]$|head|quote|^li$|list-?item|^lead$", re.IGNORECASE
)
_NEVER = re.compile(
    r"^ad$|advert|^ads?[-_]|image|picture|photo|video|audio|galler|carousel|embed|related|recirc|recommend|newsletter|promo|teaser|author|byline"
    r"|comment|share|social|caption|figure|aside|nav|footer|button|script|style|form|script|link-?list|interstitial",
    re.IGNORECASE,
)
_STREAM = re.compile(r"self\.__next_f\.push\(\[1,\s*(\"(?:[^\"\\]|\\.)*\")\]\)")
_ROW = re.compile(rb"([0-9a-f]+):(T[0-9a-f]+,)?")
_REFERENCE = re.compile(r"\$[L@]?([0-9a-f]+)")
_STATE = re.compile(r"[\w$.\]\[\"']+\s*=\s*(?:JSON\.parse\(\s*(?=[\"'])|(?=[{\[]))")
_TAGS = re.compile(r"</(?:p|div|h[1-6]|li)>|<br", re.IGNORECASE)

Found = list[Line] | str  # lines, or HTML


def body(seen: Survey, headline: str, shown: Sequence[str]) -> Found | None:
    """Return the longest text that the scripts of a page hold of its article; None for none.

    headline: the page's title. shown: paragraphs that the page shows; the text must hold one of them.
    """
    sure: list[tuple[int, Found]] = []
    likely: list[tuple[int, Found]] = []
    budget = [MOST_NODES]
    wanted, starts = key(headline), [key(paragraph)[:40] for paragraph in shown]
    for state in _states(seen):
        named = not starts and bool(wanted) and _says(state, wanted, [MOST_NODES])
        for near, found in _texts(state, (), budget, 0):
            whole = found if isinstance(found, str) else "".join(line.text for line in found)
            if len(whole) < LEAST or whole.count("{") > MOST_BRACES:
                continue
            said = key(whole)
            if any(start in said for start in starts) if starts else wanted in near:
                sure.append((len(whole), found))
            elif named:
                likely.append((len(whole), found))
    best = sure or likely
    if not best:
        return None
    longest = max(length for length, _ in best)
    return min((b for b in best if b[0] >= MOST_OF_IT * longest), key=lambda b: b[0])[1]


def _says(value: Any, wanted: str, budget: list[int]) -> bool:
    """Whether a string in value, at any depth, says what is wanted and nothing else."""
    parts: list[Any] = [value]
    while parts and budget[0] > 0:
        budget[0] -= 1
        part = parts.pop()
        if isinstance(part, str):
            if len(part) < LONGEST_HEADLINE and key(part) == wanted:
                return True
        elif isinstance(part, dict):
            parts += part.values()
        elif isinstance(part, list):
            parts += part
    return False


# ---------------------------------------------------------------- scripts to values


def _states(seen: Survey) -> Iterator[Any]:
    """The JSON values in the scripts of a page, the rows of a React stream, and what stands in text areas."""
    left = MOST_CHARACTERS
    stream: list[str] = []
    for script in seen.scripts:
        text = script.text or ""
        if script.get("src") is not None or "ld+json" in (script.get("type") or "").lower():
            continue
        left -= len(text)
        if left < 0:
            return
        if "__next_f" in text:
            stream += (_loaded(match[1]) or "" for match in _STREAM.finditer(text))
        elif text.lstrip()[:1] in ("{", "["):
            yield _loaded(text)
        else:
            yield from _assigned(text)
    if seen.areas:
        yield {
            area.get("class") or area.get("id") or str(n): area.text or ""
            for n, area in enumerate(seen.areas)
        }
    if stream:
        yield _resolved(_rows("".join(stream).encode("utf-8", "replace")))


def _loaded(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _assigned(text: str) -> Iterator[Any]:
    """Values that a script gives to a name: `window.STATE = {...}`, or the same in JSON.parse("...")."""
    decoder = json.JSONDecoder(strict=False)
    at = 0
    for _ in range(MOST_STATES):
        match = _STATE.search(text, at)
        if match is None:
            return
        try:
            value, at = decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            at = match.end() + 1
            continue
        yield _loaded(value) if isinstance(value, str) else value


def _rows(stream: bytes) -> dict[str, Any]:
    """The rows of a React stream: `id:json`, or `id:T<length in hex>,<text>`."""
    rows: dict[str, Any] = {}
    at = 0
    while at < len(stream) and len(rows) < MOST_NODES and (match := _ROW.match(stream, at)):
        name = match[1].decode()
        if match[2]:
            end = match.end() + int(match[2][1:-1], 16)
            rows[name] = stream[match.end() : end].decode("utf-8", "replace")
        else:
            newline = stream.find(b"\n", match.end())
            end = newline + 1 if newline >= 0 else len(stream)
            rows[name] = _loaded(stream[match.end() : end].decode("utf-8", "replace"))
        at = end
    return rows


def _resolved(rows: dict[str, Any]) -> list[Any]:
    """The rows with references to rows of text put in."""

    def put(value: Any, depth: int) -> Any:
        if isinstance(value, str):
            match = _REFERENCE.fullmatch(value)
            return rows.get(match[1], value) if match and isinstance(rows.get(match[1]), str) else value
        if depth > DEEPEST:
            return None
        if isinstance(value, list):
            return [put(part, depth + 1) for part in value]
        if isinstance(value, dict):
            return {name: put(part, depth + 1) for name, part in value.items()}
        return value

    return [put(row, 0) for row in rows.values()]


# ---------------------------------------------------------------- values to texts


def _texts(
    value: Any, around: tuple[dict[str, Any], ...], budget: list[int], depth: int
) -> Iterator[tuple[set[str], Found]]:
    """Every text in value, with the short strings near it, folded."""
    budget[0] -= 1
    if budget[0] < 0 or depth > DEEPEST:
        return
    if isinstance(value, str) and len(value) >= LEAST:
        plain = [Line(BlockKind.PARAGRAPH, squeeze(part)) for part in value.split("\n") if part.strip()]
        yield _near(around), value if _TAGS.search(value) else plain
    if isinstance(value, list) and len(value) > 1 and (found := list(_lines(value, 0))):
        yield _near(around), found
    if isinstance(value, dict):
        around = (*around[-NEAR + 1 :], value)
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(part, dict | list) or (isinstance(part, str) and len(part) >= LEAST):
            yield from _texts(part, around, budget, depth + 1)


def _near(around: tuple[dict[str, Any], ...]) -> set[str]:
    return {
        key(v)
        for node in around
        for v in node.values()
        if isinstance(v, str) and 8 < len(v) < LONGEST_HEADLINE
    }


def _lines(value: Any, depth: int) -> Iterator[Line]:
    """The blocks that value describes, in order; nothing for what does not describe blocks."""
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        yield from _node_lines(value, depth)
    elif _is_element(value):
        yield from _element_lines(value, depth)
    elif isinstance(value, list):
        for part in value:
            if isinstance(part, dict | list):
                yield from _lines(part, depth + 1)
            elif isinstance(part, str) and len(part) > LEAST_SENTENCE and not part.startswith("$"):
                yield Line(BlockKind.PARAGRAPH, squeeze(_without_tags(part)))


def _node_lines(node: dict[str, Any], depth: int) -> Iterator[Line]:
    kind = _kind(node)
    if _NEVER.search(kind):
        return
    if not _PARAGRAPH.search(kind) or any(_holds_paragraphs(node.get(name)) for name in _TEXTS):
        for name in _TEXTS:
            if isinstance(part := node.get(name), dict | list):
                yield from _lines(part, depth + 1)
        return
    text = squeeze(_without_tags(_inline(node, 0)))
    if len(text) >= LEAST_LINE:
        yield Line(_block_kind(kind), text)


def _is_element(value: Any) -> bool:
    """Whether value is a React element: "$", its tag, a key, its properties."""
    if not isinstance(value, list) or len(value) < 4:
        return False
    return bool(
        value[0] == "$" and value[0] == "$" and isinstance(value[1], str) and isinstance(value[3], dict)
    )


def _element_lines(value: list[Any], depth: int) -> Iterator[Line]:
    tag, children = value[1], value[3].get("children")
    if _NEVER.search(tag):
        return
    if tag in ("p", "h2", "h3", "h4", "li", "blockquote"):
        text = squeeze(_inline(children, 0))
        if len(text) >= LEAST_LINE:
            yield Line(_block_kind(tag), text)
    elif isinstance(children, list | dict):
        yield from _lines(children, depth + 1)


def _holds_paragraphs(value: Any) -> bool:
    parts = value if isinstance(value, list) else [value]
    return any(
        isinstance(part, dict) and _kind(part) != "text" and _PARAGRAPH.search(_kind(part)) for part in parts
    )


def _kind(node: dict[str, Any]) -> str:
    return next((node[name] for name in _KINDS if isinstance(node.get(name), str)), "")


def _block_kind(kind: str) -> BlockKind:
    if re.search(r"^h[1-6]$|head", kind, re.IGNORECASE):
        return BlockKind.HEADING
    if "quote" in kind.lower():
        return BlockKind.QUOTATION
    return BlockKind.ITEM if re.search(r"^li$|list-?item", kind, re.IGNORECASE) else BlockKind.PARAGRAPH


def _inline(value: Any, depth: int) -> str:
    """All the words in value, as they run."""
    if isinstance(value, str):
        return "" if _REFERENCE.fullmatch(value) else value
    if depth > DEEPEST:
        return ""
    if isinstance(value, list):
        if _is_element(value):
            return _inline(value[3].get("children"), depth + 1)
        return "".join(_inline(part, depth + 1) for part in value)
    if isinstance(value, dict):
        for name in _TEXTS:
            if value.get(name) and (text := _inline(value[name], depth + 1)):
                return text
    return ""


def _without_tags(text: str) -> str:
    return re.sub(r"<[^<>]{1,500}>", "", text) if "<" in text else text
