"""JSON-LD, script state and React streams by chance: valid, broken, nested, cut anywhere."""

import json
from random import Random
from typing import Any

KEYS = (
    "@type", "@id", "@graph", "headline", "name", "author", "creator", "datePublished", "dateCreated", "articleBody", "articleSection",
    "description", "publisher", "isAccessibleForFree", "itemListElement", "item", "type", "text", "value", "html", "content", "children",
    "blocks", "body", "items", "props", "kind", "tag", "url", "title", "publishedAt", "ctime", "byline", "section", "by",
)  # fmt: skip
TYPES = (
    "NewsArticle", "Article", "Person", "Organization", "WebPage", "BreadcrumbList", "VideoObject", "ItemList", "paragraph", "p", "h2",
    "heading", "list", "interstitial_link", "blockquote", "image", "text", "LiveBlogPosting", "http://schema.org/NewsArticle",
)  # fmt: skip
ODD = (
    None, True, False, 0, -1, 1.5, 1e308, float("nan"), float("inf"), 10**30, 1_795_000_000, 1_795_000_000_000, "", " ", [], {}, [[]],
    "\ud800", "\udfff\ud800", "a\x00b", "\x1b[31m", "\u202e", "\ufffe", "&amp;amp;lt;p&gt;", "<p>", "</script>", "$1", "$L2", "$",
)  # fmt: skip
LONG = "The first ship came in before the speeches had ended, and the crew said that the tide had been kind to them. "


def value(chance: Random, depth: int = 0) -> Any:
    """A JSON value by chance, of the keys and types that pages use."""
    kind = chance.randrange(10)
    if depth > 4 or kind < 3:
        return chance.choice((*ODD, *TYPES))
    if kind == 3:
        return LONG * chance.randrange(1, 8)
    if kind == 4:
        return [value(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind == 5:
        return chance.choice(
            ("2026-11-24T09:30:00Z", "2026年11月24日", "24 Nov 2026", "0001-01-01", "12 Aprıl 2026")
        )
    return node(chance, depth + 1)


def node(chance: Random, depth: int = 0) -> dict[str, Any]:
    """A JSON object by chance."""
    made = {chance.choice(KEYS): value(chance, depth) for _ in range(chance.randrange(7))}
    if chance.random() < 0.7:
        made["@type" if chance.random() < 0.6 else "type"] = chance.choice(TYPES)
    return made


def deep(chance: Random) -> Any:
    """A value within many lists or objects."""
    inner: Any = value(chance)
    for _ in range(chance.choice((3, 30, 300))):
        inner = [inner] if chance.random() < 0.5 else {chance.choice(KEYS): inner}
    return inner


def article(chance: Random, title: str, text: str) -> dict[str, Any]:
    """What an honest page says of its article, with one thing by chance."""
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title,
        "articleBody": text,
        "datePublished": "2026-11-24T09:30:00+08:00",
        "author": [{"@type": "Person", "name": "Ann Example"}],
        "publisher": {"name": "Harbour News"},
    }
    for _ in range(chance.randrange(4)):
        said[chance.choice(tuple(said) + KEYS)] = value(chance)
    return said


def written(chance: Random, what: Any) -> str:
    """JSON as text: whole, or cut, or with a slip in it."""
    text = json.dumps(what, ensure_ascii=chance.random() < 0.5)
    slip = chance.randrange(8)
    if slip == 0:
        return text[: chance.randrange(len(text) + 1)]
    if slip == 1:
        return text.replace("}", ",}", 1)
    if slip == 2:
        at = chance.randrange(len(text) + 1)
        return text[:at] + chance.choice(('"', "\\", "{", "]", ",", "\t", "\n", "<!--")) + text[at:]
    return text


def state(chance: Random, title: str, text: str) -> str:
    """A script that holds the article as its own state."""
    kept = {
        "props": {"pageProps": {"story": {"headline": title, "body": _blocks(chance, text), **node(chance)}}}
    }
    said = written(chance, kept if chance.random() < 0.8 else deep(chance))
    way = chance.randrange(4)
    if way == 0:
        return f'<script id="__NEXT_DATA__" type="application/json">{said}</script>'
    if way == 1:
        return f"<script>window.__STATE__ = {said};</script>"
    if way == 2:
        return f"<script>var a={{}}; window['x'] = JSON.parse({json.dumps(said)});</script>"
    return f"<textarea>{said}</textarea>"


def _blocks(chance: Random, text: str) -> Any:
    if chance.random() < 0.3:
        return text
    return [{"type": chance.choice(TYPES), "text": line, **(node(chance, 3) if chance.random() < 0.2 else {})} for line in text.split("\n")]  # fmt: skip


def stream(chance: Random, title: str, text: str) -> str:
    """The scripts of a page that Next.js streams, cut anywhere."""
    rows = [
        f'{n:x}:["$","p",null,{{"children":{json.dumps(line)}}}]'
        for n, line in enumerate(text.split("\n"), 1)
    ]
    rows += [
        f"{chance.randrange(40):x}:{written(chance, _element(chance, 0))}" for _ in range(chance.randrange(6))
    ]
    rows.append(f"{chance.randrange(40):x}:T{chance.choice((0, 5, 64, 10**6)):x},{text}")
    children = ", ".join(f'"${chance.choice("L@")}{n:x}"' for n in range(1, len(rows) + 1))
    rows.append(
        f'0:["$","article",null,{{"children":[["$","h1",null,{{"children":{json.dumps(title)}}}],{children}]}}]'
    )
    chance.shuffle(rows)
    whole = "\n".join(rows) + "\n"
    cuts = sorted(chance.randrange(len(whole)) for _ in range(chance.randrange(4)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    return "".join(f"<script>self.__next_f.push([1,{json.dumps(piece)}])</script>" for piece in pieces)


def _element(chance: Random, depth: int) -> Any:
    if depth > 4 or chance.random() < 0.3:
        return chance.choice(("$1", "$L2", "$3", "$a", LONG, None, 7, "<b>"))
    properties = {
        "children": [_element(chance, depth + 1) for _ in range(chance.randrange(4))],
        chance.choice(("className", "href", "id", "content", "dangerouslySetInnerHTML")): chance.choice(
            ("related", "javascript:x", '"><script>', {"__html": "<p>" + LONG}, {"__html": "$1"}, None)
        ),
    }
    return ["$", chance.choice(("p", "div", "$L1", "h2", "a", "article", "x y")), None, properties]
