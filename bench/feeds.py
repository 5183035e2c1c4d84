"""The reader of feeds against a collection of test feeds that state their own values.

    bench/feeds DIR                 DIR: the folder `tests` of feedparser's source distribution (not part of this project)
    bench/feeds DIR --wrong         also every value that came out otherwise
    bench/feeds DIR --wrong --group wellformed/rss

Each file says in a comment what feedparser must make of it (`Expect: entries[0]['title'] == '...'`). Of these values those
are compared that a listing of ours holds: the feed's title, the number of lines, and of a line its title, address,
published and updated time (as printed, and the moment), summary and whole text. Text is compared without markup, since nothing
of a listing is kept as HTML, and white space is squeezed. What else a file states (authors, tags, enclosures, the
tree of details) is not asked of us.

A line without an address is no entry of ours, and most of these files have none: where an item has neither link nor guid,
the bench gives it one. Where a file has several items, a value is right when one of the lines has it: ours come newest first.
"""

import argparse
import ast
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.say import Say
from monitor.discover import read_listing
from monitor.discover.plain import one_line, plain
from monitor.errors import Unreadable
from monitor.model import FeedKind, Listed, Listing, Page
from monitor.sources import Source

HOME = "http://127.0.0.1:8097/"  # where the collection's own test server stands
_EXPECT = re.compile(rb"^\s*Expect:\s*(.+?)\s*$", re.MULTILINE)
_HEADER = re.compile(rb"^Header:\s+([^:]+):(.+)$", re.MULTILINE)
_ITEM = re.compile(
    rb"(<(?:\w+:)?(item|entry)\b[^>]*(?<!/)>)(.*?)(?=</(?:\w+:)?\2\s*>)", re.DOTALL | re.IGNORECASE
)
_ADDRESS = re.compile(rb"<(?:\w+:)?(link|guid|id)\b(?![^>]*stylesheet)", re.IGNORECASE)
_FIELDS = {
    "title": "title", "link": "address", "summary": "summary", "description": "summary", "subtitle": "",
    "published": "published", "created": "published", "issued": "published", "updated": "updated",
    "modified": "updated", "published_parsed": "moment", "created_parsed": "moment", "updated_parsed": "moment",
}  # fmt: skip
_DETAILS = {"title_detail": "title", "summary_detail": "summary"}
SOURCE = Source.model_validate(
    {"id": "bench", "name": "Bench", "home": HOME, "side": "other", "kind": "press"}
)
Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """One value that a file states: which field of which line (None: of the feed)."""

    line: int | None
    field: str
    value: Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one value of a file."""

    file: str
    stated: Stated
    right: bool
    ours: str


def stated(expression: str) -> list[Stated]:
    """The values of an expectation that a listing of ours can hold."""
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError:
        return []
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    return [each for part in parts for each in _stated(part)]


def _stated(node: ast.expr) -> Iterator[Stated]:
    if not (isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq)):
        return
    try:
        value = ast.literal_eval(node.comparators[0])
    except ValueError:
        return
    left = node.left
    if isinstance(left, ast.Call) and isinstance(left.func, ast.Name) and left.func.id == "len":
        if _path(left.args[0]) == ("entries",):
            yield Stated(None, "lines", value)
        return
    match _path(left):
        case ("feed", "title") | ("feed", "title_detail", "value"):
            yield Stated(None, "feed title", value)
        case ("entries", int(line), str(name)) if _FIELDS.get(name):
            yield Stated(
                line, _FIELDS[name], tuple(value[:6]) if name.endswith("_parsed") and value else value
            )
        case ("entries", int(line), str(name), "value") if name in _DETAILS:
            yield Stated(line, _DETAILS[name], value)
        case ("entries", int(line), "content", 0, "value"):
            yield Stated(line, "text", value)
        case ("entries", int(line), "links", 0, "href"):
            yield Stated(line, "address", value)


def _path(node: ast.expr) -> Path_:
    """entries[0]['title'] as ("entries", 0, "title")."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        return (*_path(node.value), node.attr)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return (*_path(node.value), node.slice.value)
    return ("?",)


def with_addresses(body: bytes) -> bytes:
    """The feed with an address for each item that has none."""

    def added(match: re.Match[bytes]) -> bytes:
        opening, kind, inner = match.groups()
        if _ADDRESS.search(inner):
            return match.group()
        address = HOME.encode() + b"item-%d" % match.start()
        link = (
            b'<link rel="alternate" href="' + address + b'"/>'
            if kind.lower() == b"entry"
            else b"<link>" + address + b"</link>"
        )
        return opening + link + inner

    return _ITEM.sub(added, body)


def read(file: Path, body: bytes) -> Listing | str:
    """What our reader makes of a file, or its words."""
    sent = {
        name.strip().lower().decode(): value.strip().decode("latin-1")
        for name, value in _HEADER.findall(body)
    }
    headers = {"content-type": "application/xml", **sent}
    url = f"{HOME}{file.as_posix()}"
    page = Page(url, url, 200, with_addresses(body), datetime.now(UTC), headers)
    try:
        return read_listing(page, FeedKind.FEED, SOURCE)
    except Unreadable as error:
        return str(error)


def judged(file: str, each: Stated, listing: Listing | str) -> Verdict | None:
    """Whether ours is what the file states; None where a listing of ours does not hold it."""
    if isinstance(listing, str):
        return Verdict(file, each, right=False, ours=listing)
    if each.field == "lines":
        return Verdict(file, each, each.value == len(listing.lines), str(len(listing.lines)))
    if each.field == "feed title":
        return Verdict(file, each, same(each.value, listing.title), listing.title)
    if not isinstance(each.value, str | tuple):
        return None
    lines = listing.lines if len(listing.lines) > 1 else listing.lines[:1]
    ours = [value for line in lines for value in _ours(line, each)]
    right = any(same(each.value, value) for value in ours)
    return Verdict(file, each, right, " | ".join(map(str, ours[:3])))


def _ours(line: Listed, each: Stated) -> list[Any]:
    match each.field:
        case "title":
            return [line.title]
        case "address":
            return [line.url]
        case "summary":
            return [line.summary]
        case "text":  # one that is short is a summary
            return [line.text, line.summary]
        case "published":
            return [line.published.printed]
        case "updated":
            return [line.updated, line.published.printed]
        case _:
            at = line.published.at
            return [tuple(at.astimezone(UTC).timetuple()[:6])] if at else [line.published.printed]


def same(stated_value: Any, ours: Any) -> bool:
    """Whether two values say the same: text without markup, its white space squeezed."""
    if isinstance(stated_value, str) and isinstance(ours, str):
        return ours == stated_value or one_line(plain(stated_value)) == one_line(ours)
    return bool(stated_value == ours)


def measure(folder: Path, group: str, say: Say, *, wrong: bool) -> None:
    """Read every file below folder, and print the score by folder and by field."""
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    fields: dict[str, Counter[str]] = defaultdict(Counter)
    for path in sorted(folder.rglob("*.xml")):
        file = path.relative_to(folder)
        of = "/".join(file.parts[:-1][:2])
        body = path.read_bytes()
        expected = _EXPECT.search(body)
        values = stated(expected.group(1).decode("utf-8", "replace")) if expected else []
        if group and not of.startswith(group):
            continue
        listing = read(file, body) if values else ""
        verdicts = [judged(file.as_posix(), each, listing) for each in values]
        if not any(verdicts):
            groups[of]["not asked of us"] += 1
        for verdict in filter(None, verdicts):
            word = "right" if verdict.right else "wrong"
            groups[of][word] += 1
            fields[verdict.stated.field][word] += 1
            if wrong and not verdict.right:
                say(f"{verdict.file} {verdict.stated.field}: {verdict.stated.value!r}\n    ours: {verdict.ours!r}",
                    measure="wrong", file=verdict.file, field=verdict.stated.field, ours=verdict.ours)  # fmt: skip
    _table("folder", groups, say)
    _table("field", fields, say)


def _table(name: str, counted: dict[str, Counter[str]], say: Say) -> None:
    say(f"{name:28}{'right':>8}{'wrong':>8}{'files not asked of us':>24}")
    total: Counter[str] = Counter()
    for key, count in [*sorted(counted.items()), ("all", total)]:
        total.update(count if key != "all" else {})
        say(
            f"  {key:26}{count['right']:8}{count['wrong']:8}{count['not asked of us']:24}",
            measure=f"feeds by {name}", of=key, **{word.replace(" ", "_"): number for word, number in count.items()},
        )  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Score a collection."""
    parser = argparse.ArgumentParser(
        prog="bench/feeds", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--wrong", action="store_true", help="also every value that came out otherwise")
    parser.add_argument("--group", default="", metavar="FOLDER", help="only files of this folder below DIR")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    asked = parser.parse_args(argv)
    if not asked.folder.is_dir():
        print(f"there is no folder {asked.folder}", file=sys.stderr)
        return 1
    measure(asked.folder, asked.group, Say(asked.json), wrong=asked.wrong)
    return 0


if __name__ == "__main__":
    sys.exit(main())
