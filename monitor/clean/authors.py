"""Who wrote an article: names from structured data, meta tags and the byline, cleaned."""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from itertools import islice
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
        if found and not (place.startswith("meta") and _are_editors(found, root)):
            return found, place
    for line in visible:
        if (match := _CHINESE_BYLINE.search(line)) and line[-1] not in "。？！":
            if found := people([match[1]], own):
                return found, "byline"
        elif match := re.match(
            r"^(?:(?:written |story |reporting )?by |作者 ?[:：]|记者 ?[:：]?|記者|文[:：/])",
            line,
            re.IGNORECASE,
        ):
            if _SPEECH.search(rest := line[match.end() :]):
                continue
            found = people([re.split(r"[|•·(（]|\s{2,}|\d{4}", rest)[0]], own)
            if found and all(len(name) < 40 for name in found):
                return found, "byline"
    if found := _in_text(root, own):
        return found, "text"
    organisations = [name for value in data.ld("author") for name in _names(value, data, people_only=False)]
    found = people(organisations, own)[:1]
    return (found, "json-ld author") if found else ((), "")


_CHINESE_BYLINE = re.compile(
    r"(?:作者|记者|記者|撰文|撰稿|文字|^文)\s?[:：/|｜丨 ]\s?([\u3400-\u9fff·]{2,4}(?:[、,，][\u3400-\u9fff·]{2,4}){0,3})(?![\u3400-\u9fff])"
)
_CHINESE_NAME = re.compile(r"[\u3400-\u9fff·]{2,4}")
_EDITORS = re.compile(
    r"(?:责任编辑|責任編輯|责编|責編|编辑|編輯)\s?[:：]\s?((?:[\u3400-\u9fff·]{2,4}[、,，\s]?){1,3})"
)
# How a dispatch begins in Taiwan and on the mainland: "〔記者王小明／台北報導〕", "（记者王小明）".
_DISPATCH = re.compile(
    r"[〔［\[（(【](?:本報|本报|特約|特约|駐地|实习)?(?:記者|记者)(?![會会])\s?([\u3400-\u9fff·]{2,4}(?:[、,，\s][\u3400-\u9fff·]{2,4}){0,3})(?<![攝摄])"
    r"(?:\s?[／/╱]\s?[\u3400-\u9fff]{2,6}?(?:報導|报道|報道|電|电)|报道|報導)?[〕］\]）)】]"
)
OPENING = 300  # characters of a paragraph in which a dispatch says who wrote it


def _are_editors(names: Collection[str], root: etree._Element) -> bool:
    """Whether the page says of all these (Chinese) names that they edited it: systems file editors as authors."""
    if not all(_CHINESE_NAME.fullmatch(name) for name in names):
        return False
    text = "\n".join(root.itertext())
    editors = {name for match in _EDITORS.finditer(text) for name in _CHINESE_NAME.findall(match[1])}
    return editors.issuperset(names)


def _in_text(root: etree._Element, own: Collection[str]) -> tuple[str, ...]:
    """The reporters whom a dispatch names where its text begins."""
    for paragraph in root.iter("p"):
        if match := _DISPATCH.search("".join(islice(paragraph.itertext(), 8))[:OPENING]):
            return people([re.sub(r"\s", "、", match[1])], own)
    return ()


_SPEECH = re.compile("[，。？！]")  # 记者 is followed by a question, not by a name


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
            text = _spaced(spot)
            if marked is exact and 2 < len(text) < 80:
                names.append(re.split(r"\d|[|•·]", text)[0])
            if len(names) >= 3:
                break
        if exact:
            yield names, "byline"
        else:
            yield from (([name], "byline") for name in names)


def _spaced(spot: etree._Element) -> str:
    """The words of a short byline; the blocks in it hold one name each ("By", "Ann Example")."""
    line = short(spot, 80)
    if not line or spot.find(".//div") is None:
        return line
    return ", ".join(piece for piece in map(squeeze, spot.itertext()) if piece)


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
