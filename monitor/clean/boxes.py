"""Parts of a body that are known by what they hold, not by their names: what is printed under a picture, and
the box around a button that asks for something.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache

from lxml import etree

from monitor.clean.container import names
from monitor.text import clean_text, count_words, squeeze

MOST_OF_CAPTION = 80  # words in a <figure>
MOST_BESIDE = 50  # words beside a picture in another part
MOST_OF_BODY = 0.3  # of the words around it that such a part may hold
MOST_OF_CALL = 70  # words of a box around a button
MOST_OF_BRIEF = 0.5  # of all the words that such a box may hold: a brief is short, too
SHORT_CAPTION = 30  # characters of Chinese, or words, of a line under a picture that is no sentence

_PICTURES = ("img", "picture", "video", "amp-img")
_PROSE = ("p", "li", "blockquote", "table", "pre", "h1", "h2", "h3", "h4")
_BOXES = frozenset(["div", "section", "aside", "figure", "form", "p", "center", "ul"])
_ASKS = re.compile(
    r"subscribe|sign[ -]?up|donate|join(?: us| now| today)?\b|become a|contribute|support us|get started|register|start (?:your|my) |give now|try (?:it )?free"
    r"|abonnieren|anmelden|jetzt testen|s.abonner|s.inscrire|suscr[ií]b|iscriviti|assine|订阅|訂閱|关注|關注|注册|註冊|立即下载|立即下載|加入会员|加入會員|捐款|贊助|赞助",
    re.IGNORECASE,
)
LONGEST_TITLE = 30  # characters of the words above a fact box
_FACTS = re.compile(
    r"(?:in brief|at a glance|fact ?box|(?:key|fast|quick) facts|the facts|by the numbers|fakten|auf einen blick|en bref|en breve"
    r"|小资料|小資料|小档案|名词解释|名詞解釋|新闻背景|资料链接) ?[:：]?",
    re.IGNORECASE,
)
_BUTTON = re.compile(r"\b(?:btn|button)|(?<![a-z])cta(?![a-z])", re.IGNORECASE)
_ENDS = frozenset(".!?。！？")


def find(element: etree._Element) -> dict[etree._Element, str]:
    """Return the parts of element that are no text of the article, each with the rule that says so."""
    found: dict[etree._Element, str] = {}
    read = _Read(element)
    for picture in element.iter("figure", *_PICTURES):
        part = picture if picture.tag == "figure" else _with_words(picture, element, read)
        if part is not None and part not in found and read.is_caption(part):
            found[part] = "caption"
        if picture.tag != "figure" and (line := _line_under(picture, element, read)) is not None:
            found[line] = "caption"
    for title in element.iter("b", "strong", "h2", "h3", "h4", "h5", "p", "span", "div"):
        said = (title.text or "")[: LONGEST_TITLE + 1].strip()
        box = _box(title, element, read) if said and _FACTS.fullmatch(said) else None
        if box is not None and box.tag not in ("p", "center"):
            found[box] = "fact box"
    for button in _buttons(element, read):
        if (box := _box(button, element, read)) is not None:
            found[box] = "call to action"
    return found


def gallery(root: etree._Element) -> list[str]:
    """What is printed under the pictures of a page, without credits; of a photo gallery it is the text."""
    said: dict[str, None] = {}
    for caption in root.iter("figcaption"):
        if next(caption.iterancestors("figcaption"), None) is not None:
            continue  # never closed: each would say again what those in it say
        credited = {part for part in caption.iter() if part is not caption and _CREDIT.search(names(part))}
        text = squeeze(
            clean_text(" ".join(t for part in caption.iter() for t in _own_words(part, caption, credited)))
        )
        if count_words(text) >= LEAST_OF_CAPTION:
            said[text] = None
    return list(said) if len(said) >= LEAST_CAPTIONS else []


LEAST_OF_CAPTION = 8  # words of a caption that tells something
LEAST_CAPTIONS = 3  # of a gallery
_CREDIT = re.compile(r"credit|copyright|source|photographer|counter", re.IGNORECASE)


def _own_words(part: etree._Element, caption: etree._Element, credited: set[etree._Element]) -> Iterator[str]:
    if part.text and (not credited or credited.isdisjoint((part, *part.iterancestors()))):
        yield part.text
    if part.tail and part is not caption:
        yield part.tail


class _Read:
    """What the rules ask of parts, answered once for each: thousands of pictures may stand in one part."""

    def __init__(self, whole: etree._Element) -> None:
        words, stands = cache(_start), cache(_stands)  # not methods: a circle would keep the tree alive
        count = cache(lambda part: count_words(words(part)))
        every = cache(lambda: count_words(squeeze("".join(whole.itertext()))))
        self.words: Callable[[etree._Element], str] = words
        self.count: Callable[[etree._Element], int] = count
        self.stands: Callable[[etree._Element], str] = stands
        self.every: Callable[[], int] = every
        self.is_caption: Callable[[etree._Element], bool] = cache(
            lambda part: _is_caption(part, count(part), every)
        )


def _is_caption(part: etree._Element, count: int, every: Callable[[], int]) -> bool:
    if part.tag == "figure":
        if count > MOST_OF_CAPTION or next(part.iter("blockquote", "table", "pre"), None) is not None:
            return False
        return not any(_is_card(link) and _start(link) == _start(part) for link in part.iter("a"))
    if count > MOST_BESIDE or next(part.iter(*_PROSE), None) is not None:
        return False
    return count <= MOST_OF_BODY * every()


def _is_card(link: etree._Element) -> bool:
    """Whether a link shows another article: what is in it is called a title."""
    return any("title" in (part.get("class") or "").lower() for part in link.iterdescendants())


def _start(part: etree._Element) -> str:
    """The words of part, or as many of them as are too many for every rule."""
    pieces, length = [], 0
    for piece in part.itertext():
        pieces.append(piece)
        length += len(piece.strip())
        if length > LONGEST_START:
            break
    return squeeze("".join(pieces))


LONGEST_START = 6_000  # characters


def _stands(part: etree._Element) -> str:
    """How pictures stand in part: in a "line" of text, beside "words", or "alone"."""
    if part.text and not part.text.isspace():
        return "line"
    if any(child.tail and not child.tail.isspace() for child in part):
        return "line"
    return "words" if any(not text.isspace() for text in part.itertext()) else "alone"


def _with_words(picture: etree._Element, top: etree._Element, read: _Read) -> etree._Element | None:
    """The nearest part around picture that holds words, unless that is a run of text or the whole."""
    at = picture
    while (parent := at.getparent()) is not None and at is not top:
        if at.tail and not at.tail.isspace():
            return None  # the picture stands in a line of text
        at = parent
        if at is top or read.stands(at) == "line":
            return None
        if read.stands(at) == "words":
            return at if at.tag in _BOXES and at.tag != "p" else None
    return None


def _line_under(picture: etree._Element, top: etree._Element, read: _Read) -> etree._Element | None:
    """The short paragraph, set apart by its looks, right under one that holds picture alone."""
    at = picture
    while (parent := at.getparent()) is not None and parent is not top and not read.words(parent):
        at = parent
    behind = at.getnext()
    if (
        at.tag not in ("p", "div", "center", "figure")
        or behind is None
        or behind.tag not in ("p", "div", "center")
    ):
        return None
    text = read.words(behind)
    if (
        not text
        or len(text) > 6 * SHORT_CAPTION
        or text[-1] in _ENDS
        or next(behind.iter("a"), None) is not None
    ):
        return None
    return behind if count_words(text) <= SHORT_CAPTION and _is_set_apart(behind, text) else None


def _is_set_apart(line: etree._Element, text: str) -> bool:
    if text[0] in "▲△◀▼":
        return True
    looks = f"{line.get('style') or ''} {line.get('align') or ''}".replace(" ", "").lower()
    dressed = [child for child in line if child.tag in ("em", "i", "small", "font", "strong", "b", "span")]
    whole = len(dressed) == 1 and squeeze("".join(dressed[0].itertext())) == text
    if "center" in looks:
        return True
    return whole and dressed[0].tag in ("em", "i", "small")


def _buttons(element: etree._Element, read: _Read) -> Iterator[etree._Element]:
    for part in element.iter("form", "button", "a", "input"):
        if part.tag == "input":
            if (part.get("type") or "").lower() == "email":
                yield part
        elif part.tag in ("form", "button") or _BUTTON.search(names(part)):
            text = read.words(part)
            if len(text) <= 200 and _ASKS.search(text):
                yield part


def _box(button: etree._Element, top: etree._Element, read: _Read) -> etree._Element | None:
    """The widest part around button that holds little more than what it asks for."""
    box = None
    at: etree._Element | None = button
    while at is not None and at is not top:
        if read.count(at) > MOST_OF_CALL or read.count(at) > MOST_OF_BRIEF * read.every():
            break
        if at.tag in _BOXES and (at.tag != "p" or read.words(at) == read.words(button)):
            box = at
        at = at.getparent()
    return box
