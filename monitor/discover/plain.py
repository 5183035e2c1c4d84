"""Markup to plain text, for titles and summaries of listings. Nothing of a listing is kept as HTML."""

import re

from lxml import etree

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SPACES = re.compile(r"[\s\u200b\u2060\ufeff]+")
_SKIPPED = frozenset({"script", "style", "noscript", "template", "iframe", "object", "svg", "head"})
# They hold only what is shown in their stead; left open, they would take the rest along.
_FRAMES = {tag: re.compile(rf"<{tag}\b[^<>]{{0,2000}}>", re.IGNORECASE) for tag in ("iframe", "object")}
_OWN_LINE = frozenset(
    {"p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "tr", "table", "section",
     "article", "header", "footer", "figure", "figcaption", "pre", "hr", "dd", "dt"}
)  # fmt: skip


def one_line(text: str) -> str:
    """Text without control characters, white space squeezed."""
    return _SPACES.sub(" ", _CONTROL.sub("", text)).strip()


def plain(markup: str, *, lines: bool = False) -> str:
    """Return the text of a piece of HTML, or of text that is none.

    On one line; with lines, one line for each block.
    """
    if "<" not in markup and "&" not in markup:
        return _lines(markup) if lines else one_line(markup)
    clean = _CONTROL.sub("", markup)
    lower = clean.lower()
    for tag, opening in _FRAMES.items():
        if f"<{tag}" in lower and f"</{tag}" not in lower:
            clean = opening.sub("", clean)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(b"<div>" + clean.encode("utf-8", "replace") + b"</div>", parser)
    except (etree.LxmlError, ValueError):
        return one_line(clean)
    if root is None:
        return ""
    text = "".join(_pieces(root))
    return _lines(text) if lines else one_line(text)


def _lines(text: str) -> str:
    squeezed = (one_line(line) for line in text.split("\n"))
    return "\n".join(line for line in squeezed if line)


def _pieces(root: etree._Element) -> list[str]:
    pieces: list[str] = []
    skipping = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            skipping += tag in _SKIPPED
            if not skipping:
                pieces += ["\n" if tag in _OWN_LINE else "", element.text or ""]
        else:
            skipping -= tag in _SKIPPED
            if not skipping:
                pieces += ["\n" if tag in _OWN_LINE else "", element.tail or ""]
    return pieces
