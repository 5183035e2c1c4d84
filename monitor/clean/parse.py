"""Text to a tree, within bounds.

libxml2 without huge_tree silently drops what lies below level 254, and turns a text node over 10 MB into
nothing. With it, it still stops at its own depth, which only its error log tells; size and attributes are
ours to bound before it sees the text.
"""

import re

from lxml import etree

from monitor.errors import Unreadable

MOST_CHARACTERS = 10_000_000
DEEPEST = 2_048  # levels; libxml2's own bound with huge_tree, told only in its error log
MOST_ATTRIBUTES = 1_000  # of one tag; libxml2 compares each with all before it
LONG_TAG = 20_000  # characters; a shorter tag cannot hold that many attributes of news pages

# Elements that hold no text for a reader.
MACHINE = ("script", "style", "svg", "noscript", "template", "iframe")

_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)")
# Never nest (no content), or are closed by their next sibling.
_FLAT = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "option",
        "td",
        "th",
        "tr",
        "dt",
        "dd",
        "thead",
        "tbody",
        "tfoot",
    ]
)
_ATTRIBUTE = re.compile(r"[^\s\"'>/=]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")


def parse(text: str, utf8: bytes | None = None) -> etree._Element:
    """Return the root element of an HTML text, comments and processing instructions left out.

    utf8: the bytes of text, where they are at hand.

    Raises:
        Unreadable: too large, nested too deep, or nothing in it.
    """
    if len(text) > MOST_CHARACTERS:
        raise Unreadable(f"page over {MOST_CHARACTERS // 1_000_000} MB: {len(text):,} characters")
    if not text.strip():
        raise Unreadable("no text: the page is empty")
    fewer = with_fewer_attributes(text)
    if utf8 is None or fewer is not text:
        utf8 = fewer.encode("utf-8", "replace")
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False
    )
    try:
        root = etree.fromstring(utf8, parser)
    except etree.LxmlError as error:
        raise Unreadable("not HTML") from error
    last = parser.error_log.last_error
    if last is not None and last.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        deep = nested(text)
        counted = f"nested {deep:,} deep" if deep > DEEPEST else "nested too deep"
        raise Unreadable(f"{counted}, over {DEEPEST:,} levels")
    if root is None:  # only comments
        raise Unreadable("no text: the page is empty")
    return root


def drop_machine_parts(root: etree._Element) -> None:
    """Take scripts, styles and the like out of the tree; structured data has been read by then."""
    etree.strip_elements(root, *MACHINE, with_tail=False)


def nested(text: str) -> int:
    """About how deep the elements of text nest, paragraphs, rows and the like not counted."""
    depth = deepest = script_end = 0
    for match in _TAG.finditer(text):
        name = match[2].lower()
        if match.start() < script_end or name in _FLAT:
            continue
        if name in ("script", "style") and not match[1]:  # what stands in them are no elements
            end = text.find(f"</{match[2]}", match.end())
            script_end = end if end >= 0 else len(text)
            continue
        if match[1]:
            depth = depth if name in ("script", "style") else max(0, depth - 1)
        else:
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def with_fewer_attributes(text: str) -> str:
    """Text with each tag's attributes after the first MOST_ATTRIBUTES cut off."""
    if not any(_in_long_tag(text, start) for start in range(0, len(text), LONG_TAG // 2)):
        return text
    return re.sub(rf"<[a-zA-Z][^<>]{{{LONG_TAG},}}", _cut_attributes, text)


def _in_long_tag(text: str, start: int) -> bool:
    """Whether a tag of LONG_TAG characters and more covers the half of that which begins at start."""
    end = start + LONG_TAG // 2
    if text.find(">", start, end) >= 0 or text.find("<", start + 1, end) >= 0:
        return False
    opened = text.rfind("<", 0, start + 1)
    return opened >= 0 and text[opened + 1 : opened + 2].isalpha() and text.find(">", opened, start) < 0


def _cut_attributes(tag: re.Match[str]) -> str:
    for count, attribute in enumerate(_ATTRIBUTE.finditer(tag[0], 1)):
        if count > MOST_ATTRIBUTES:
            return tag[0][: attribute.start()]
    return tag[0]
