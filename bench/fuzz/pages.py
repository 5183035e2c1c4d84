"""Pages by chance: trees of every element, names from rules.toml, words from the tables, odd encodings.

Whatever chooses is a `random.Random`: seeded for the fuzzer, hypothesis's own for tests that shrink.
"""

import re
from collections.abc import Callable
from functools import cache
from random import Random

from bench.fuzz import data
from monitor.clean.rules import table

ELEMENTS = (
    "div", "p", "span", "a", "b", "strong", "em", "i", "h1", "h2", "h3", "h6", "ul", "ol", "li", "table", "tr", "td", "th", "blockquote",
    "figure", "figcaption", "img", "picture", "br", "hr", "section", "article", "main", "header", "footer", "nav", "aside", "form", "input",
    "button", "label", "time", "sup", "sub", "ins", "del", "pre", "code", "dl", "dt", "dd", "details", "summary", "address", "center", "font",
    "iframe", "noscript", "template", "svg", "video", "object", "select", "option", "textarea", "dialog", "menu", "place-of-links", "x-y",
    "html", "body", "head", "title", "frameset", "base", "link", "style", "math", "marquee",
)  # fmt: skip
VOID = frozenset(["img", "br", "hr", "input", "base", "link"])
SENTENCES = (
    "The pier opened on Monday after four years of work, and the first ship came in before the speeches had ended.",
    "Engineers said that the harbor can now take vessels of twice the draft, which changes the plans of two fleets.",
    "(Reuters) - The cost was never published in full. Members of the council said they would ask for it in spring.",
    "东部海域举行年度救援演练，来自五个单位的十二艘舰船和六架飞机参加，这是该项演练连续第九年组织。",
    "港口新例將於下月一日實施，所有入港船隻須在四十八小時之前申報貨物，違者可被罰款。（記者王小明／台北報導）",
    "Die Hafenarbeiter sagten, dass der neue Pier für die Flotte nicht tief genug ist und noch ein Jahr gebaut wird.",
)
LINES = (
    "READ ALSO: The first pier of the town", "Read more", "Related", "You May Also Like", "相关阅读", "延伸閱讀：港口新例實施", "ICYMI",
    "By Ann Example", "By ANN EXAMPLE and Bob Sample, Staff Writer", "记者 王小明", "责任编辑：李四", "来源：新华社", "Photo: Reuters",
    "Subscribe to our newsletter", "Click to comment", "Leave a Reply", "© 2026 Harbour News. All rights reserved.", "Sign up", "扫码关注",
    "Published on 24 November 2026", "Nov. 24, 2026, 9:30 a.m. ET", "2026年11月24日 09:30", "民國115年11月24日", "24/11/2026", "12 Aprıl 2026",
    "11-24 09:30", "Just a moment...", "Page not found", "To continue reading, subscribe", "About Example Corp.", "At a glance",
)  # fmt: skip
MARKS = (
    "&amp;", "&nbsp;", "&#0;", "&#27;[31m", "&#x9b;", "&#xd800;", "&#1114112;", "&#8238;", "&lt;script&gt;", "&notanentity;", "&#", "\x0b",
    "\x1b]0;x\x07", "\x85", "\u2028", "\u00ad", "\u200b", "\ufeff", "\ufffd", "\ufffe", "e\u0301" * 12, "👩‍🚀", "\U0010ffff", "]]>", "<!--", "-->",
    "<![CDATA[", "<?php", "<", "</", "'", '"', "\t", "\r\n", "\u3000", "ſ", "İ", "ß", "㋿", "\ud800",
)  # fmt: skip
HREFS = (
    "/a/1", "a?utm_source=x&b=2", "//evil.example", "https://news.example/defence/2", "javascript:alert(1)", "#note", "", "http://[", "mailto:x",
    "http://xn--a/", "https://例え.example/路", "/../..//x", "https://news.example:99999/", "\\\\x", "/x y", "https://u:p@h.example/", "data:x,y",
    "https://news.example/redirect?url=https%3A%2F%2Fb.example%2F", "/%zz%ff", "?", "https://web.archive.org/web/2020/https://c.example/d",
)  # fmt: skip
STYLES = (
    "display:none",
    "visibility: hidden",
    "left:-9999px",
    "font-size:0",
    "text-align:center",
    "display   :  NONE",
    "x",
)
LABELS = (
    "utf-8",
    "gb2312",
    "gbk",
    "big5",
    "iso-8859-1",
    "utf-16",
    "shift_jis",
    "windows-1252",
    "undefined",
    "x" * 50,
)
CODECS = ("utf-8", "utf-8", "utf-8", "utf-8", "gb18030", "big5hkscs", "cp1252", "utf-16", "shift_jis")
MOST_NODES = 120  # of one page
METAS = (
    "og:title", "og:description", "og:image", "og:site_name", "article:published_time", "author", "article:section", "description", "date",
    "parsely-author", "pubdate", "twitter:title",
)  # fmt: skip


@cache
def names() -> tuple[str, ...]:
    """Classes that the tables know, and some that only look like them."""
    page = table("rules.toml")
    found = [*page["containers"]["names"], *page["standfirst"]["names"]]
    for rule in page["regions"]["rule"]:
        found += rule["words"]
        for run in rule["runs"]:
            found += [run.replace(" ", "-"), run.title().replace(" ", ""), run.replace(" ", "_")]
    return (
        *found,
        "a_a_a_a",
        "x" * 300,
        "expand",
        "content-text",
        "S:1",
        "has-ads",
        "share" * 8,
        "btn cta",
        "byline date",
    )


@cache
def phrases() -> tuple[str, ...]:
    """Words that the patterns of the tables look for."""
    patterns: list[str] = [p for rule in table("lines.toml")["rule"] for p in rule["patterns"]]
    for kind in table("readalso.toml")["kind"]:
        patterns += [*kind["leads"], *kind["headings"]]
    for words in table("words.toml").values():
        for some in words.values():
            patterns += (
                some if isinstance(some, list) else [form for forms in some.values() for form in forms]
            )
    plain = (re.sub(r"\\.|\(\?[:=!<]+|[()?*+\[\]|]|\{[^}]*\}", " ", pattern) for pattern in patterns)
    return tuple(sorted({" ".join(text.split())[:120] for text in plain} - {""}))


def words(chance: Random) -> str:
    """A run of text by chance."""
    kind = chance.randrange(12)
    if kind < 5:
        return " ".join(chance.choice(SENTENCES) for _ in range(chance.randrange(1, 4)))
    if kind < 8:
        return chance.choice(LINES)
    if kind == 8:
        return chance.choice(phrases())
    if kind == 9:
        return chance.choice(MARKS) * chance.choice((1, 1, 2, 9))
    return chance.choice(SENTENCES) + chance.choice(MARKS) + chance.choice((*LINES, *MARKS))


def attributes(chance: Random, name: str) -> str:
    """Attributes by chance; links have their address mostly."""
    said = ""
    if name == "a" and chance.random() < 0.9:
        said += f" href='{chance.choice(HREFS)}{chance.randrange(30)}'"
    if chance.random() < 0.4:
        said += f' class="{" ".join(chance.choice(names()) for _ in range(chance.randrange(1, 3)))}"'
    if chance.random() < 0.12:
        said += chance.choice((
            f' style="{chance.choice(STYLES)}"', " hidden", f" id={chance.choice(names())}", ' itemprop="articleBody"', ' role="dialog"',
            ' itemscope itemtype="http://schema.org/NewsArticle"', ' itemprop="headline"', ' itemprop=author itemscope', ' rel="author"',
            ' datetime="2026-11-24T09:30"', " datetime='\x9b\x01 2026'", " itemprop=datePublished content='24 Nov 2026'", " align=right", ' lang="ZH_tw"',
            " a=b" * 40, ' "', "='", " class",
        ))  # fmt: skip
    return said


def tree(chance: Random, left: list[int], depth: int = 0) -> str:
    """Elements within elements; some are never closed, some closed too early."""
    left[0] -= 1
    if left[0] < 0 or depth > 12:
        return words(chance)
    name = chance.choice(ELEMENTS[:30] if chance.random() < 0.7 else ELEMENTS)
    opened = f"<{name}{attributes(chance, name)}>"
    if name in VOID:
        return opened
    inner = "".join(
        words(chance) if chance.random() < 0.5 else tree(chance, left, depth + 1)
        for _ in range(chance.randrange(5))
    )
    closed = (
        "" if chance.random() < 0.06 else f"</{name if chance.random() < 0.97 else chance.choice(ELEMENTS)}>"
    )
    return opened + inner + closed


def head(chance: Random, title: str, text: str) -> str:
    """The head of a page by chance: labels, meta tags, structured data."""
    said = f"<title>{title}{chance.choice(('', ' | Harbour News', ' - News', chance.choice(MARKS)))}</title>"
    for _ in range(chance.randrange(4)):
        content = chance.choice((title, chance.choice(LINES), chance.choice(HREFS), words(chance)))
        said += f'<meta property="{chance.choice(METAS)}" content="{content}">'
    if chance.random() < 0.3:
        said += f'<link rel="canonical" href="{chance.choice(HREFS)}">'
    if chance.random() < 0.1:
        said += f"<base href='{chance.choice(HREFS)}'>"
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        what = chance.choice(
            (data.article(chance, title, text), data.node(chance), data.deep(chance), [data.node(chance)])
        )
        said += f'<script type="application/ld+json">{data.written(chance, what)}</script>'
    return said


SCRIPTS: tuple[Callable[[Random, str, str], str], ...] = (data.state, data.stream)


def markup(chance: Random) -> str:
    """A whole page as text."""
    title = chance.choice((chance.choice(SENTENCES)[:60], chance.choice(LINES), words(chance)[:90]))
    text = "\n".join(chance.choice(SENTENCES) for _ in range(chance.randrange(1, 6)))
    left = [chance.choice((3, 15, 40, MOST_NODES))]
    body = (
        "" if chance.random() < 0.25 else "".join(tree(chance, left) for _ in range(chance.randrange(1, 6)))
    )
    if chance.random() < 0.6:
        name = chance.choice(names())
        body = f"<h1>{title}</h1><div class='{name}'>{''.join(f'<p>{line}</p>' for line in text.split(chr(10)))}{body}</div>"
    if chance.random() < 0.35:
        body += chance.choice(SCRIPTS)(chance, title, text)
    label = chance.choice(("", "", f"<meta charset={chance.choice(LABELS)}>"))
    start = chance.choice(
        ("<!DOCTYPE html><html lang=en>", "<html lang='zh-Hant-TW'>", "", "<?xml version='1.0'?><html>")
    )
    return f"{start}<head>{label}{head(chance, title, text)}</head><body>{body}{chance.choice(('</body></html>', ''))}"


def encoded(chance: Random, text: str) -> bytes:
    """Text as bytes: mostly in the encoding it says, with raw bytes spliced in now and then, cut now and then."""
    codec = chance.choice(CODECS)
    html = text.encode(codec, "surrogatepass" if codec == "utf-8" else "ignore")
    if chance.random() < 0.15:
        at = chance.randrange(len(html) + 1)
        raw = bytes(chance.randrange(256) for _ in range(chance.choice((1, 3, 40))))
        html = html[:at] + raw + html[at:]
    return html[: chance.randrange(len(html) + 1)] if chance.random() < 0.1 else html


def page(chance: Random) -> bytes:
    """A page, or a text without markup, as bytes."""
    if chance.random() < 0.06:
        return encoded(chance, "\n".join(words(chance) for _ in range(chance.randrange(1, 12))))
    return encoded(chance, markup(chance))
