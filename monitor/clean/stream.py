"""A page that Next.js sends as a stream of React elements, for a script to build: built here instead.

The stream is cut into strings anywhere; joined, it is rows of `id:json` or of `id:T<length in hex>,<text>`. An
element is a list: "$", its tag, a key, its properties; "$" and an id stand for another row.
"""

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from monitor.clean.survey import Survey

MOST_CHARACTERS = 4_000_000
MOST_ROWS = 20_000
MOST_NODES = 50_000  # written; rows that stand for two others each would double without end
DEEPEST = 200

# Possessive: the engine would keep a place to return to for each character of a string of megabytes.
_PIECE = re.compile(r"self\.__next_f\.push\(\[1,\s*(\"[^\"\\]*+(?:\\.[^\"\\]*+)*+\")\]\)")
_ROW = re.compile(rb"([0-9a-f]+):(T[0-9a-f]+,)?")
_REFERENCE = re.compile(r"\$[L@]?([0-9a-f]+)")
_TAG = re.compile(r"[a-z][a-z0-9]{0,12}")
_ATTRIBUTES = {
    "className": "class",
    "id": "id",
    "href": "href",
    "dateTime": "datetime",
    "datetime": "datetime",
    "rel": "rel",
    "itemProp": "itemprop",
    "content": "content",
    "name": "name",
    "property": "property",
    "src": "src",
}


def html(seen: Survey) -> str:
    """Return the HTML of the elements that the scripts of a page stream, "" for none."""
    pieces: list[str] = []
    left = MOST_CHARACTERS
    for script in seen.scripts:
        text = script.text or ""
        if "__next_f" in text and (left := left - len(text)) > 0:
            pieces += filter(None, (_string(match[1]) for match in _PIECE.finditer(text)))
    rows = _rows("".join(pieces).encode("utf-8", "replace"))
    nodes = [MOST_NODES]
    named = {name for row in rows.values() for name in _references(row)}
    return "".join(
        _at_most(
            MOST_CHARACTERS,
            (
                piece
                for name, row in rows.items()
                if name not in named
                for piece in _written(row, rows, nodes, 0)
            ),
        )
    )


def _at_most(characters: int, pieces: Iterator[str]) -> Iterator[str]:
    for piece in pieces:
        characters -= len(piece)
        if characters < 0:
            return
        yield piece


def _string(quoted: str) -> str:
    try:
        return str(json.loads(quoted))
    except ValueError:
        return ""


def _rows(stream: bytes) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    at = 0
    while at < len(stream) and len(rows) < MOST_ROWS and (match := _ROW.match(stream, at)):
        name = match[1].decode()
        if match[2]:
            end = match.end() + int(match[2][1:-1], 16)
            rows[name] = stream[match.end() : end].decode("utf-8", "replace")
        else:
            newline = stream.find(b"\n", match.end())
            end = newline + 1 if newline >= 0 else len(stream)
            rows[name] = _value(stream[match.end() : end])
        at = end
    return rows


def _value(text: bytes) -> Any:
    """The JSON of a row; None for the rows that say what to load."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _references(value: Any) -> Iterator[str]:
    """The rows that value takes in."""
    parts = [value]
    while parts:
        part = parts.pop()
        if isinstance(part, str):
            if match := _REFERENCE.fullmatch(part):
                yield match[1]
        elif isinstance(part, list):
            parts += part
        elif isinstance(part, dict):
            parts += part.values()


def _written(value: Any, rows: dict[str, Any], nodes: list[int], depth: int) -> Iterator[str]:
    nodes[0] -= 1
    if depth > DEEPEST or nodes[0] < 0:
        return
    if isinstance(value, str):
        yield from _text(value, rows, nodes, depth)
    elif _is_element(value):
        yield from _element(value[1], value[3], rows, nodes, depth)
    elif isinstance(value, list):
        for part in value:
            yield from _written(part, rows, nodes, depth + 1)
    elif isinstance(value, dict):  # of a row or a component: what it is handed may hold elements
        for part in value.values():
            if isinstance(part, list | dict):
                yield from _written(part, rows, nodes, depth + 1)


def _text(value: str, rows: dict[str, Any], nodes: list[int], depth: int) -> Iterator[str]:
    match = _REFERENCE.fullmatch(value)
    if match is None:
        yield escape(value, quote=False)
    elif match[1] in rows:
        yield from _written(rows[match[1]], rows, nodes, depth + 1)


def _is_element(value: Any) -> bool:
    if not isinstance(value, list) or len(value) < 4:
        return False
    return bool(value[0] == "$") and isinstance(value[1], str) and isinstance(value[3], dict)


def _element(
    tag: str, properties: dict[str, Any], rows: dict[str, Any], nodes: list[int], depth: int
) -> Iterator[str]:
    if not _TAG.fullmatch(tag):  # a component: only what is in it is known
        yield from _written(properties.get("children") or properties, rows, nodes, depth + 1)
        return
    said = "".join(
        f' {name}="{escape(properties[given])}"'
        for given, name in _ATTRIBUTES.items()
        if isinstance(properties.get(given), str)
    )
    yield f"<{tag}{said}>"
    inner = properties.get("dangerouslySetInnerHTML")
    if isinstance(inner, dict) and isinstance(markup := inner.get("__html"), str):
        match = _REFERENCE.fullmatch(markup)
        row = rows.get(match[1]) if match else None
        yield row if isinstance(row, str) else markup
    else:
        yield from _written(properties.get("children"), rows, nodes, depth + 1)
    yield f"</{tag}>"
