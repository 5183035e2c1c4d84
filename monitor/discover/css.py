"""The part of CSS that a person needs to name a part of a page: tag, #id, .class, [attribute=value], space, > and commas."""

import re

from lxml import etree

from monitor.errors import Unreadable

_STEP = re.compile(
    r"(?P<tag>[A-Za-z][\w-]*|\*)?(?P<rest>(?:[#.][\w\u0080-\uffff-]+|\[[\w-]+(?:=[\"']?[^\"'\]]*[\"']?)?\])*)"
)
_PIECE = re.compile(r"[#.][\w\u0080-\uffff-]+|\[([\w-]+)(?:=[\"']?([^\"'\]]*)[\"']?)?\]")


def matching(root: etree._Element, selector: str) -> list[etree._Element]:
    """Return the elements under root that selector names, none of them within another of them.

    Raises:
        Unreadable: the selector is not understood.
    """
    found: list[etree._Element] = []
    for alternative in selector.split(","):
        found += _matching_one(root, alternative)
    chosen = set(found)
    return [
        element
        for element in dict.fromkeys(found)
        if not any(above in chosen for above in element.iterancestors())
    ]


def _matching_one(root: etree._Element, selector: str) -> list[etree._Element]:
    current: list[etree._Element] = [root]
    direct = False
    for word in selector.replace(">", " > ").split():
        if word == ">":
            direct = True
            continue
        step = _STEP.fullmatch(word)
        if step is None or not word:
            raise Unreadable(f'the selector "{selector.strip()[:100]}" is not understood')
        reached: dict[etree._Element, None] = {}
        for element in current:
            for below in element if direct else element.iterdescendants():
                if isinstance(below.tag, str) and _fits(below, step):
                    reached[below] = None
        current, direct = list(reached), False
    return [] if current == [root] else current


def _fits(element: etree._Element, step: re.Match[str]) -> bool:
    tag = step.group("tag")
    if tag and tag not in ("*", element.tag):
        return False
    for piece in _PIECE.finditer(step.group("rest")):
        spelled = piece.group()
        if spelled[0] == "#":
            fits = element.get("id") == spelled[1:]
        elif spelled[0] == ".":
            fits = spelled[1:] in element.get("class", "").split()
        else:
            fits = piece[1] in element.attrib and (piece[2] is None or element.get(piece[1]) == piece[2])
        if not fits:
            return False
    return True
