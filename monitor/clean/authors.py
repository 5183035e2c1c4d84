"""Who wrote an article: names from structured data, meta tags and the byline, cleaned."""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any

from lxml import etree

from monitor.clean.evidence import key, outlets, short
from monitor.clean.jsonld import Data, words
from monitor.clean.rules import table
from monitor.text import squeeze

MOST_AUTHORS = 12
LONGEST_BYLINE = 500  # characters


@cache
def _word_table() -> dict[str, re.Pattern[str]]:
    tables = table("words.toml")
    a = tables["authors"]

    def one(patterns: Iterable[str]) -> re.Pattern[str]:
        return re.compile(f"(?:{'|'.join(patterns)})", re.IGNORECASE)

    return {
        "before": re.compile(
            rf"^\s*(?:(?:{'|'.join(a['before'])})(?:\s*[:：/]\s*|\s+|(?<=[\u3400-\u9fff])))+", re.IGNORECASE
        ),
        "role": one([*a["roles"]]),
        "rank": re.compile(rf"^(?:(?:{'|'.join(a['titles'])})\.?\s+)+", re.IGNORECASE),
        "nobody": one(a["never"]),
    }


_BETWEEN = re.compile(
    r"\s*(?:\s(?:The )?(?:Associated Press|USA TODAY NETWORK|NYT News Service)$|,|;|、|，|；|\||/|\band\b|\bund\b|\bet\b|\by\b|&|\bwith\b|\n|•|·(?=\s)|＊)\s*"
)
_BYLINES = etree.XPath(
    "//*[contains(@rel,'author') or contains(@itemprop,'author') or contains(@class,'byline') or contains(@class,'author') or contains(@class,'Byline') or contains(@class,'Author')]"
)


def authors(root: etree._Element, data: Data, visible: list[str]) -> tuple[tuple[str, ...], str]:
    """Return the people who wrote it, and the place that names them."""
    own = outlets(data)
    for names, place in _author_places(root, data):
        found = people(names, own)
        if found:
            return found, place
    for line in visible:
        if match := _CHINESE_BYLINE.search(line):
            if found := people([match[1]], own):
                return found, "byline"
        elif match := re.match(
            r"^(?:(?:written |story |reporting )?by |作者 ?[:：]|记者 ?[:：]?|記者|文[:：/])",
            line,
            re.IGNORECASE,
        ):
            found = people([re.split(r"[|•·(（]|\s{2,}|\d{4}", line[match.end() :])[0]], own)
            if found and all(len(name) < 40 for name in found):
                return found, "byline"
    organisations = [name for value in data.ld("author") for name in _names(value, data, people_only=False)]
    found = people(organisations, own)[:1]
    return (found, "json-ld author") if found else ((), "")


_CHINESE_BYLINE = re.compile(
    r"(?:作者|记者|記者|撰文|撰稿|文字|^文)\s?[:：/|｜丨 ]\s?([\u4e00-\u9fff·]{2,4}(?:[、,，][\u4e00-\u9fff·]{2,4}){0,3})(?![\u4e00-\u9fff])"
)


def _author_places(root: etree._Element, data: Data) -> Iterator[tuple[list[str], str]]:
    yield [name for v in data.ld("author") for name in _names(v, data)], "json-ld author"
    yield [name for v in data.ld("creator") for name in _names(v, data)], "json-ld creator"
    for name in (
        "author",
        "article:author",
        "parsely-author",
        "sailthru.author",
        "dc.creator",
        "byl",
        "cxenseparse:author",
        "article.author",
        "dcterms.creator",
        "og:author",
        "twitter:creator:name",
    ):
        yield [v for v in data.meta.get(name, []) if not v.startswith(("http", "/", "@"))], f"meta {name}"
    spots = _BYLINES(root)[:60]
    for exact in (True, False):
        names = []
        for spot in spots:
            marked = "author" in (spot.get("rel") or "") or "author" in (spot.get("itemprop") or "")
            text = short(spot, 80)
            if marked is exact and 2 < len(text) < 80:
                names.append(text)
            if len(names) >= 3:
                break
        yield [re.split(r"\d|[|•·]", name)[0] for name in (names if exact else names[:1])], "byline"


def _names(value: Any, data: Data, *, people_only: bool = True) -> Iterator[str]:
    for author in value if isinstance(value, list) else [value]:
        if isinstance(author, str):
            yield author
        elif isinstance(author, dict):
            kind = author.get("@type")
            if isinstance(author.get("name"), str):
                if kind not in ("Organization", "NewsMediaOrganization") or not people_only:
                    yield author["name"]
            elif isinstance(author.get("name"), list):
                yield from (name for name in author["name"] if isinstance(name, str))
            elif author.get("@id") in data.persons:
                yield data.persons[author["@id"]]


def people(names: Iterable[str], own: Collection[str] = frozenset()) -> tuple[str, ...]:
    """Clean bylines into names: no "By", titles, roles, outlets, duplicates."""
    found: dict[str, str] = {}
    known = _word_table()
    for name in names:
        line = known["before"].sub("", words(re.sub(r"<[^>]{0,200}>", " ", name[:LONGEST_BYLINE])))
        for part in _BETWEEN.split(re.sub(r"\([^)]{0,80}\)|（[^）]{0,40}）", " ", line)):
            person = squeeze(known["before"].sub("", part)).strip(" .:：,-–—|*@")
            person = known["rank"].sub(
                "", re.split(r"\s+(?:of|for|from|in)\s+(?:the\s+)?[A-Z]|\s[-–—|]\s", person)[0]
            )
            if any(c.isdigit() or c in "{}#:;=" for c in person):
                continue
            if not 2 <= len(person) <= 60 or len(person.split()) > 6 or known["nobody"].fullmatch(person):
                continue
            if known["role"].fullmatch(person) or key(person) in own or not any(c.isalpha() for c in person):
                continue
            found.setdefault(key(person), person.title() if person.isupper() and len(person) > 5 else person)
    return tuple(found.values())[:MOST_AUTHORS]
