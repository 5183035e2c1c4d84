"""The project and its peers, each as a function from a page to what it makes of it.

Peers are shown at their best. Trafilatura finds encodings well and is given the bytes, as its documentation
says; the others are given text that we decoded (readability fails on some pages' bytes), and for Chinese pages
those that have a setting for Chinese are set so. Which peers are here is decided by what is installed:
`make bench-setup` installs all of them, in .venv-bench.
"""

import importlib
import importlib.util
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from monitor.clean import clean_html, decoded
from monitor.errors import StraitwatchError

Prediction = dict[
    str, Any
]  # title, authors, date, text; a field that the extractor does not offer is missing
OURS = "straitwatch"
NO_ADDRESS = "https://news.example/a/article-1.html"
NOTHING: Prediction = {"text": ""}
MANY_IDEOGRAPHS = 200  # a page with more, and without kana, is Chinese


@dataclass(frozen=True)
class Extractor:
    """One way to read a page; peers lose nothing but the page when they raise."""

    name: str
    module: str
    read: Callable[[bytes, str], Prediction]

    @property
    def installed(self) -> bool:
        """Whether its library is here."""
        return importlib.util.find_spec(self.module) is not None

    @property
    def folder(self) -> str:
        """Its name as a folder's."""
        return self.name.replace(". ", "-")

    def predict(self, html: bytes, url: str | None) -> Prediction:
        """What it makes of a page; nothing where it finds nothing or fails."""
        try:
            return self.read(html, url or NO_ADDRESS)
        except Exception as error:
            if self.name == OURS and not isinstance(error, StraitwatchError):
                raise
            return NOTHING


def straitwatch(html: bytes, url: str) -> Prediction:
    """Our own cleaner, with no source's knowledge."""
    article = clean_html(html, url)
    date = article.published.isoformat() if article.published else None
    return {"title": article.title, "authors": list(article.authors), "date": date, "text": article.text}


def trafilatura_with_metadata(html: bytes, url: str) -> Prediction:
    """Its defaults, with title, authors and date."""
    found = _library("trafilatura").bare_extraction(html, url=url, with_metadata=True)
    if found is None:
        return NOTHING
    authors = (found.author or "").split("; ")
    return {"title": found.title, "authors": authors, "date": found.date, "text": found.text or ""}


def trafilatura_precise(html: bytes, url: str) -> Prediction:
    """The text alone, less of it and surer."""
    found = _library("trafilatura").bare_extraction(html, url=url, favor_precision=True)
    return {"text": found.text or ""} if found else NOTHING


def trafilatura_fast(html: bytes, url: str) -> Prediction:
    """The text alone, without the other algorithms that it falls back to."""
    found = _library("trafilatura").bare_extraction(html, url=url, fast=True)
    return {"text": found.text or ""} if found else NOTHING


def newspaper4k(html: bytes, url: str) -> Prediction:
    """An article made of the page, its language told by the page."""
    text = decoded(html)
    language = "zh" if _is_chinese(text) else None
    if language:
        _library("jieba").setLogLevel(logging.CRITICAL)
    article = _library("newspaper").article(url, language=language, input_html=text, fetch_images=False)
    date = article.publish_date.isoformat() if article.publish_date else None
    return {"title": article.title, "authors": article.authors, "date": date, "text": article.text}


def readability_lxml(html: bytes, url: str) -> Prediction:
    """Its summary, one line per block, with its short title and its author."""
    document = _library("readability").Document(decoded(html), url=url)
    summary = _library("lxml.html").fromstring(document.summary())
    author = document.author()
    authors = [author] if author and author != "[no-author]" else []
    return {"title": document.short_title(), "authors": authors, "text": _lines(summary)}


def goose(html: bytes, _url: str) -> Prediction:
    """Its cleaned text and fields; no pictures are fetched."""
    text = decoded(html)
    settings: dict[str, Any] = {"enable_image_fetching": False}
    if _is_chinese(text):
        _library("jieba").setLogLevel(logging.CRITICAL)
        settings["stopwords_class"] = _library("goose3.text").StopWordsChinese
    article = _library("goose3").Goose(settings).extract(raw_html=text)
    authors, date = article.authors, article.publish_date
    return {"title": article.title, "authors": authors, "date": date, "text": article.cleaned_text}


EXTRACTORS = (
    Extractor(OURS, "monitor", straitwatch),
    Extractor("trafilatura", "trafilatura", trafilatura_with_metadata),
    Extractor("traf. precise", "trafilatura", trafilatura_precise),
    Extractor("traf. fast", "trafilatura", trafilatura_fast),
    Extractor("newspaper4k", "newspaper", newspaper4k),
    Extractor("readability", "readability", readability_lxml),
    Extractor("goose3", "goose3", goose),
)

_BLOCK_NAMES = "p div li h1 h2 h3 h4 h5 h6 br tr blockquote pre section article ul ol table dd dt"
_BLOCKS = frozenset(_BLOCK_NAMES.split())


def _is_chinese(text: str) -> bool:
    return len(re.findall("[\u4e00-\u9fff]", text)) > MANY_IDEOGRAPHS and not re.search(
        "[\u3040-\u30ff]{3}", text
    )


def _library(name: str) -> Any:
    """A peer's module; its complaints about pages are no news here."""
    for noisy in ("trafilatura", "htmldate", "readability", "newspaper", "goose3"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    return importlib.import_module(name)


def _lines(element: Any) -> str:
    """The text below an element, a line per block."""
    parts = []
    for event, node in _library("lxml.etree").iterwalk(element, events=("start", "end")):
        block = node.tag in _BLOCKS
        if event == "start":
            parts += ["\n" if block else "", node.text or ""]
        else:
            parts += ["\n" if block else "", node.tail or ""]
    lines = (re.sub(r"\s+", " ", line).strip() for line in re.split(r"\n", "".join(parts)))
    return "\n".join(line for line in lines if line)
