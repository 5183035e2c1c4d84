"""Who wrote an article: names from structured data, meta tags, the byline and the text, the surest first."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from lxml import etree

from monitor.clean.jsonld import Data
from monitor.clean.people import agencies, organisation, people
from monitor.clean.survey import short
from monitor.text import is_han, squeeze

OPENING = 300  # characters of a paragraph in which a dispatch says who wrote it
CLOSING = 40  # characters at the end of a paragraph in which it is signed
LONGEST_SIGNATURE = 40  # characters
LINKS_BELOW_HEADLINE = 12  # among which one to the author's page is looked for
MOST_BYLINES = 60

_META = (
    "author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl", "cxenseparse:author", "article.author",
    "dcterms.creator", "og:author", "twitter:creator:name", "authors", "dcsext.author", "weibo:article:author", "byline",
)  # fmt: skip
_COMMENTS = re.compile(r"comment(?!ary|ator)", re.IGNORECASE)
LABEL = re.compile(
    r"(?:(?:written |story |reporting |interview )?by|作者|记者|記者|文|撰文|撰稿|von|par|por|di)\s?[:：/]?",
    re.IGNORECASE,
)
_BY = re.compile(
    r"(?:(?:[\w ]{2,20}(?: and | & ))?(?:written|story|reporting|words|text|review|analysis|opinion|interview|photographs) by |by |by:\s?|作者 ?[:：]|记者 ?[:：]?|記者|文[:：/])",
    re.IGNORECASE,
)
_OF = re.compile(  # "von Ann Example": a short word of many meanings, so that a name must follow
    r"(?:[Vv]on|[Pp]ar|[Pp]or|[Dd]oor|[Aa]f|[Aa]v|[Tt]ekst|Text|Texte)[:\s]\s?([A-ZÀ-ÞŁŚŽ][\w.’'-]+(?:\s(?:und |et |y |og |och |en )?[A-ZÀ-ÞŁŚŽ][\w.’'-]+){1,7})"
)
_SPEECH = re.compile("[，。？！]")  # 记者 is followed by a question, not by a name
_AFTER_NAMES = re.compile(r"[|•·(（]|\s{2,}|\d{4}")
_PAGE_OF_AUTHOR = re.compile(
    r"/(?:authors?|autor(?:en|in|es)?|auteurs?|autori|staff|reporters?|journalists?|contributors?|columnists?|writers?|byline)/[^/?#]{3,}"
)

# The commonest family names; what stands in brackets at the end of a text is a name when it begins with one.
_FAMILY = (
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖蕭萧田董袁潘于蒋蔣蔡余杜叶葉"
    "程苏蘇魏吕呂丁任沈姚卢盧姜崔钟鍾谭譚陆陸汪范金石廖贾賈夏韦韋付傅方白邹鄒孟熊秦邱江尹薛闫阎段雷侯龙龍史陶黎贺賀顾顧毛郝龚龔邵万萬"
    "钱錢严嚴覃武戴莫孔向汤湯温溫康施文牛樊葛邢安齐齊易乔喬伍庞龐颜顏倪庄莊聂聶章鲁魯岳翟殷詹申欧歐耿关關兰蘭焦俞左柳甘祝包宁寧尚符舒"
    "阮柯纪紀梅童凌毕畢单單季裴霍涂苗谷曲盛冉翁蓝藍骆駱路游辛靳管柴蒙鲍鮑华華喻祁蒲房滕屈饶饒解牟艾尤阳陽穆农農司卓古吉缪繆简簡车車项項连連"
)
_NAME = r"[\u3400-\u9fff·]{2,4}"
_NAME_FIRST = r"(?:[\u3400-\u9fff·]{3}|[\u3400-\u9fff·]{2}|[\u3400-\u9fff·]{4})"  # a place may follow at once
_CHINESE_BYLINE = re.compile(
    rf"(?:作者|记者|記者|撰文|撰稿|编译|編譯|文字|^文)\s?[:：/|｜丨 ]\s?({_NAME}(?:[、,，]{_NAME}| [{_FAMILY}][\u3400-\u9fff]{{1,2}}(?![:：])| ?(?:实习生|實習生|实习记者|通讯员|通訊員) ?{_NAME}){{0,3}})(?![\u3400-\u9fff])(?!\s?(?:[摄攝]|[图圖](?![/／:：])))"
)
_NAME_AND_OUTLET = re.compile(
    rf"({_NAME})\s?[/／|｜]\s?[\u3400-\u9fff]{{1,12}}(?:报|報|网|網|社|台|臺|新闻|新聞|周刊|週刊|杂志|雜誌|中心)"
)
_NAME_AND_PLACE = re.compile(  # "記者王小明／台北報導"
    rf"(?:[\u3400-\u9fff]{{0,6}}(?:記者|记者|編譯|编译|特派員|特派员))\s?({_NAME_FIRST}(?:[、,，\s]{_NAME_FIRST}){{0,3}})\s?[／/╱]\s?[\u3400-\u9fff]{{2,8}}(?:報導|报道|電|电)"
)
_CHINESE_NAME = re.compile(_NAME)
_EDITORS = re.compile(rf"(?:责任编辑|責任編輯|责编|責編|编辑|編輯)\s?[:：]\s?((?:{_NAME}[、,，\s]?){{1,3}})")
# How a dispatch begins in Taiwan and on the mainland: "〔記者王小明／台北報導〕", "（记者王小明）".
_DISPATCH = re.compile(
    rf"[〔［\[（(【][\u3400-\u9fff]{{0,12}}?(?:記者|记者)(?![會会])\s?({_NAME_FIRST}(?:[、,，\s]{{1,2}}(?:[\u3400-\u9fff]{{0,12}}?(?:记者|記者|通讯员|通訊員|实习生|實習生)\s?)?{_NAME_FIRST}){{0,3}})(?<![攝摄])"
    r"(\s?[／/╱]?\s?[\u3400-\u9fff]{2,6}?\d{0,2}日?[專专]?(?:報導|报道|報道|電|电)|报道|報導)?[〕］\]）)】]"
)
_SIGNED = re.compile(
    rf"[。！？”」]\s?[（(]([{_FAMILY}][\u3400-\u9fff]{{1,2}}(?:[、 ][{_FAMILY}][\u3400-\u9fff]{{1,2}}){{0,2}})[)）]$"
)
_SIGNED_LINE = re.compile(
    rf"(?:[\u3400-\u9fffA-Za-z]{{0,12}}(?:记者|記者|通讯员|通訊員))\s?[:：]?\s?([{_FAMILY}][\u3400-\u9fff]{{1,2}}(?:[、 ][{_FAMILY}][\u3400-\u9fff]{{1,2}}){{0,3}})(?:\s?(?:报道|報導|文))?"
)

Lines = Callable[[], list[str]]


def authors(
    root: etree._Element,
    data: Data,
    visible: Lines,
    heading: etree._Element | None = None,
    own: Collection[str] = frozenset(),
) -> tuple[tuple[str, ...], str]:
    """Return the people who wrote it, and the place that names them.

    visible: gives the lines where a page prints its byline. own: names of the outlet, folded by key().
    """
    stated = [name for value in data.ld("author") for name in _names(value, data, people_only=False)]
    for names, place in _places(data, visible, heading):
        if place == "byline" and (found := agencies(stated)):
            return found, "json-ld author"
        found = people(names, own)
        if found and not (place.startswith("meta") and _are_editors(found, root)):
            return (_byline_of(found, data, own) if place == "json-ld author" else found), place
    if found := _in_text(root, data, own):
        return found, "text"
    stated += [name for value in data.micro("author") for name in _names(value, data, people_only=False)]
    found = organisation(stated)
    return (found, "json-ld author") if found else ((), "")


def _places(data: Data, visible: Lines, heading: etree._Element | None) -> Iterator[tuple[list[str], str]]:
    yield [name for v in data.ld("author") for name in _names(v, data)], "json-ld author"
    yield [name for v in data.ld("creator") for name in _names(v, data)], "json-ld creator"
    for name in _META:
        yield [v for v in data.meta.get(name, []) if not v.startswith(("http", "/", "@"))], f"meta {name}"
    yield [name for v in data.micro("author") for name in _names(v, data)], "microdata author"
    for line in visible():
        if names := _printed_in_chinese(line):
            yield [names], "byline"
    spots = data.seen.bylines[:MOST_BYLINES]
    marked = [s for s in spots if "author" in (s.get("rel") or "") or "author" in (s.get("itemprop") or "")]
    yield list(islice((name for spot in marked if (name := _of_spot(spot))), 3)), "byline"
    for spot in spots:
        if spot not in marked and (name := _of_spot(spot)) and not _in_comments(spot):
            yield [name], "byline"
    for line in visible():
        if names := _printed(line):
            yield [names], "byline"
    yield _linked(data, heading), "link to the author's page"


def _byline_of(found: tuple[str, ...], data: Data, own: Collection[str]) -> tuple[str, ...]:
    """Those of the stated people who are in the byline, where a tag made of the byline names fewer."""
    byline = people(data.meta.get("parsely-author", []), own)
    return byline if byline and set(byline) < set(found) else found


def _printed_in_chinese(line: str) -> str:
    if line.isascii():
        return ""
    if (match := _CHINESE_BYLINE.search(line)) and line[-1] not in "。？！":
        return match[1]
    match = _NAME_AND_OUTLET.fullmatch(line) or _NAME_AND_PLACE.fullmatch(line)
    return match[1] if match else ""


def _printed(line: str) -> str:
    """The names of a line that is a byline: "By Ann Example | 12 May", "Von Ann Example"."""
    if match := _BY.match(line):
        if _SPEECH.search(rest := line[match.end() :]):
            return ""
        names = _AFTER_NAMES.split(rest)[0]
        return names if all(len(name) < 40 for name in people([names])) else ""
    match = _OF.fullmatch(line)
    return match[1] if match else ""


def _of_spot(spot: etree._Element) -> str:
    text = _spaced(spot)
    return re.split(r"\d|[|•·]", text)[0] if 2 < len(text) < 80 else ""


def _in_comments(spot: etree._Element) -> bool:
    return any(
        _COMMENTS.search(f"{part.get('class') or ''} {part.get('id') or ''}")
        for part in (spot, *islice(spot.iterancestors(), 6))
    )


def _spaced(spot: etree._Element) -> str:
    """The words of a short byline; the blocks in it hold one name each ("By", "Ann Example")."""
    line = short(spot, 80)
    if not line or spot.find(".//div") is None:
        return line
    return ", ".join(piece for piece in map(squeeze, spot.itertext()) if piece)


def _linked(data: Data, heading: etree._Element | None) -> list[str]:
    """The words of the links to authors' pages that stand nearest below the headline, side by side."""
    at = next((links for h, links in data.seen.headings if h is heading), None)
    if at is None:
        return []
    names: list[str] = []
    parent = None
    for link in data.seen.links[at : at + LINKS_BELOW_HEADLINE]:
        if _PAGE_OF_AUTHOR.search(link.get("href") or "") and (name := short(link, 60)):
            if parent is not None and link.getparent() is not parent:
                break
            parent = link.getparent()
            names.append(name)
    return names


def _are_editors(names: Collection[str], root: etree._Element) -> bool:
    """Whether the page says of all these (Chinese) names that they edited it: systems file editors as authors."""
    if not all(_CHINESE_NAME.fullmatch(name) for name in names):
        return False
    text = "\n".join(root.itertext())
    editors = {name for match in _EDITORS.finditer(text) for name in _CHINESE_NAME.findall(match[1])}
    return editors.issuperset(names)


def _in_text(root: etree._Element, data: Data, own: Collection[str]) -> tuple[str, ...]:
    """The reporters whom a dispatch names where its text begins, or who signed where it ends."""
    if not any(is_han(letter) for title in data.seen.titles[:1] for letter in short(title, 300)):
        return _signature(root, own)
    signed: tuple[str, ...] = ()
    for paragraph in root.iter("p", "div"):
        if paragraph.tag == "div" and len(paragraph) > 2:
            continue
        text = "".join(islice(paragraph.itertext(), 60)).strip()
        if paragraph.tag == "p" and (names := _dispatched(text)):
            return people([names], own)
        if (match := _SIGNED.search(text[-CLOSING:])) or (
            len(text) <= LONGEST_SIGNATURE and (match := _SIGNED_LINE.fullmatch(text))
        ):
            signed = people([match[1].replace(" ", "、")], own)
    return signed


def _dispatched(text: str) -> str:
    """The names in the dateline of a text; a bare "记者" is followed by other words, too: "（记者提问）"."""
    match = _DISPATCH.search(text[:OPENING])
    if match is None or not (match[2] or match[1][0] in _FAMILY):
        return ""
    names, place = match[1], match[2] or ""
    if len(names) > 2 and (names[-1] + place).startswith(_PLACES):  # "王明華盛頓21日電"
        names = names[:-1]
    return re.sub(r"\s", "、", names)


_PLACES = (
    "華盛頓",
    "华盛顿",
    "莫斯科",
    "新加坡",
    "馬尼拉",
    "马尼拉",
    "吉隆坡",
    "洛杉磯",
    "洛杉矶",
    "舊金山",
    "旧金山",
    "布魯塞爾",
    "布鲁塞尔",
    "日內瓦",
    "日内瓦",
    "檀香山",
)


def in_lines(opening: Iterable[str], cut: Iterable[str]) -> tuple[str, ...]:
    """The reporters whom a text names itself: in its first lines, or in a credit that was cut from it."""
    for line in opening:
        if names := _dispatched(line):
            return people([names])
    for line in cut:
        if match := _REPORTED_BY.match(line):
            return people([match[1]])
    return ()


_REPORTED_BY = re.compile(r"\(?Reporting by ([^;.()]{3,120})")


def _signature(root: etree._Element, own: Collection[str]) -> tuple[str, ...]:
    """The name that stands alone on the right below a text."""
    for paragraph in root.iter("p"):
        if "right" not in (paragraph.get("style") or paragraph.get("align") or ""):
            continue
        text = short(paragraph, LONGEST_SIGNATURE)
        parts = text.split()
        named = 2 <= len(parts) <= 5 and all(part[0].isupper() for part in parts) and text[-1].isalpha()
        if named and (found := people([text], own)):
            return found
    return ()


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
            elif isinstance(author.get("@id"), str) and author["@id"] in data.persons:
                yield data.persons[author["@id"]]
