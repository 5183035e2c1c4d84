"""Pages made of one construct many times over, each a test of one question: does the work grow as the page does?"""

import json
from collections.abc import Callable

S = "The pier opened on Monday after four years of work, and the first ship came in before the speeches had ended."
P = f"<p>{S}</p>"
STORY = (
    P
    + "<p>Engineers said that the harbor can now take vessels of twice the draft, which changes the plans.</p>"
    + P
)
HAN = "东部海域举行年度救援演练，来自五个单位的十二艘舰船和六架飞机参加，这是该项演练连续第九年组织。"


def _page(body: str, head: str = "", title: str = "Pier opens after four years") -> bytes:
    return (
        f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{body}</body></html>".encode()
    )


def _text(body: str, head: str = "") -> bytes:
    return _page(f"<div class='entry-content'>{body}</div>", head)


def _ld(said: str) -> str:
    return f'<script type="application/ld+json">{said}</script>'


def _lines(n: int, form: str) -> str:
    return "".join(form.replace("#", str(k)) for k in range(n))


def _wide(n: int, form: str) -> Callable[[int], bytes]:
    """Many times form in the text; n: how often more than asked."""
    return lambda size: _text(STORY + _lines(n * size, form) + STORY)


def _in(form: str, opened: str, closed: str = "") -> Callable[[int], bytes]:
    """Form many times in one element."""
    return lambda n: _text(f"{STORY}{opened}{_lines(n, form)}{closed}{STORY}")


def _nested(opened: str, closed: str, deep: int = 1_500) -> Callable[[int], bytes]:
    """An element within itself, and paragraphs in the innermost."""
    return lambda n: _text(opened * deep + _lines(n, f"<p>{S} #</p>") + closed * deep)


def _script(text: str) -> bytes:
    return _page("<div id=root></div>", f"<script>{text}</script>")


def _stream(rows: str) -> bytes:
    return _script(f"self.__next_f.push([1,{json.dumps(rows)}])")


def _state(value: object) -> bytes:
    return _page("<div id=root></div>", f"<script>window.STATE = {json.dumps(value)}</script>")


def _lists(n: int) -> object:
    """A long text within fifty lists of two."""
    inner: object = [{"type": "p", "text": f"{S} {k}"} for k in range(n)]
    for _ in range(50):
        inner = [inner, {"type": "p", "text": S}]
    return {"headline": "Pier opens after four years", "body": inner}


SHAPES: dict[str, Callable[[int], bytes]] = {
    # one element many times
    "paragraphs": _wide(4, f"<p>{S} #</p>"),
    "open paragraphs": _wide(4, f"<p>{S} #"),
    "line breaks": _in("words # of a line<br>", "<p>"),
    "bare line breaks": _in("<br>", "<p>"),
    "rules": _in("<hr>", ""),
    "first headings": lambda n: _page(_lines(n, "<h1>Pier opens again #</h1>") + STORY),
    "first headings with text": lambda n: _page(_lines(n, f"<div><h1>Pier opens #</h1><p>{S} #</p></div>") + STORY),
    "second headings": _wide(1, "<h2>Heading #</h2>"),
    "the same heading": _wide(1, "<h2>Heading</h2>"),
    "no first heading": lambda n: f"<title>Pier opens</title>{_lines(n, '<h2>Pier #</h2><div>Pier #</div><span>Pier #</span>')}{STORY}".encode(),
    "title elements": lambda n: _page(STORY, "<title>Pier opens</title>" * n),
    "list items": _wide(1, "<li>An item of the list, number #</li>"),
    "definitions": _wide(1, "<dt>Word #<dd>What it means"),
    "tables": _wide(1, "<table><tr><td>one #<td>two</table>"),
    "rows": lambda n: _text(STORY + f"<table>{_lines(n, '<tr><td>one #</td><td>two</td></tr>')}</table>"),
    "cells": lambda n: _text(STORY + f"<table><tr>{_lines(n, '<td>cell #</td>')}</tr></table>"),
    "quotations": _wide(1, "<blockquote>Words # that somebody said at the pier</blockquote>"),
    "bold words": _in("<b>word #</b> ", "<p>"),
    "empty elements": _in("<span></span>", "<p>"),
    "empty elements between words": _in("a<span></span>", "<p>"),
    # pictures, buttons, boxes
    "pictures in one element": _in("<img src=x>", "<div>", f"{S}</div>"),
    "pictures without words": _in("<img src=x>", "<div>", "</div>"),
    "pictures in paragraphs": _in("<p><img src=x></p>", "<div>", "</div>"),
    "pictures with captions": _in("<div><img src=x><span>A ship #</span></div>", ""),
    "pictures over centred lines": _in("<p><img src=x></p><p align=center>A ship #</p>", ""),
    "figures": _in("<figure><img src=x><figcaption>The ship # at the pier in the morning of that day</figcaption></figure>", ""),
    "only figures": lambda n: _page(_lines(n, "<figure><figcaption>The ship # at the pier in the morning of that day</figcaption></figure>")),
    "buttons": _in("<button>subscribe</button>", "<div>", f"{S}</div>"),
    "buttons beside text": _in("<button>subscribe #</button> words #", "<div>", "</div>"),
    "links that look like buttons": _in("<a class=btn href=/#>subscribe</a> ", "<p>", "</p>"),
    "forms": _in("<form>subscribe #</form>", "<div>", f"{S}</div>"),
    "inputs": _in("<input type=email>", "<div>", f"{S}</div>"),
    "fact boxes": _in("<div><b>At a glance</b> words</div>", ""),
    "fact titles": _in("<b>At a glance</b>", "<div>", f"{S}</div>"),
    # names
    "adverts between paragraphs": _wide(1, f"<p>{S} #</p><div class=ad>buy #</div>"),
    "related boxes between paragraphs": _wide(1, f"<p>{S} #</p><div class=related><a href=/a/#>A headline #</a></div>"),
    "hidden parts": _wide(1, f"<p>{S} #</p><div hidden>{S}</div>"),
    "named links in one paragraph": _in("words <a class=tag href=/#>topic #</a> ", "<p>", "</p>"),
    "different classes": _wide(1, "<p class='x# y#'>Words of a paragraph with a name of its own, number #</p>"),
    "long classes": lambda n: _text(f"<div class='{'related-post ' * n}'>{S}</div><p class='{'a_' * n}'>{S}</p>{STORY}"),
    "class of expands": lambda n: _text(f"<div hidden class='{'expand' * n}'>{S}</div>{STORY}"),
    "long style": lambda n: _text(f"<div style='{'display left:- font-size: ' * n}'>{S}</div>{STORY}"),
    "style of spaces": lambda n: _text(f"<div style='display{' ' * 20 * n}x'>{S}</div>{STORY}"),
    # links
    "links in one paragraph": _in("<a href='/a/#'>A headline of the site #</a> and ", "<p>", "</p>"),
    "read also lines": _wide(1, "<p>READ ALSO: <a href='/a/#'>The pier of the town #</a></p>"),
    "read also between paragraphs": _wide(1, f"<p>{S} #</p><p>READ ALSO: <a href='/a/#'>The pier of the town #</a></p>"),
    "leads in one line": _in("It ended. READ ALSO: no # ", "<p>"),
    "leads and links in one line": _in("It ended. READ ALSO: <a href=/#>no #</a> ", "<p>"),
    "related headings": _wide(1, "<h3>Related</h3>"),
    "related headings over links": lambda n: _page("<div>" + "<h3>Related</h3>" * 400 + _lines(n, f"<a href=/#>{S} #</a>") + "</div>" + STORY),
    "links of two words": lambda n: _page(STORY + _lines(4 * n, "<a href='/#'>two words</a>")),
    "headlines only": lambda n: f"<title>x</title>{_lines(n, '<a href=/#>A headline of the site number #</a>')}".encode(),
    "footnote marks": _in("word<a href='#n'>[#]</a><sup><a href='#m'>1</a></sup> ", "<p>"),
    "numbers raised": _in("x<sup>2</sup> ", "<p>"),
    "logos": lambda n: _page(_lines(n, "<a href=/><b>x</b></a>") + STORY),
    # the head
    "meta tags": lambda n: _page(STORY, _lines(n, "<meta name=author content='Ann Example #'><meta property='og:site_name' content='x #'>")),
    "structured articles": lambda n: _page(STORY, _lines(n, _ld('{"@type":"NewsArticle","headline":"Pier - opens - #","author":{"name":"Ann Example"},"publisher":{"name":"H #"}}'))),
    "structured authors": lambda n: _page(STORY, _ld('{"@type":"NewsArticle","headline":"x","author":[' + _lines(n, '{"name":"by Ann Example # and of"},') + "0]}")),
    "structured authors of brackets": lambda n: _page(STORY, _ld(json.dumps({"@type": "NewsArticle", "headline": "x", "author": ["()" * 250] * n}))),
    "authors by number": lambda n: _page(STORY, _ld('{"@type":"NewsArticle","headline":"x","author":[' + _lines(n, '{"@id":"#"},') + "0]}")),
    "broken structured data": lambda n: _page(STORY, _ld('{"headline":"x","author":{"name' * n)),
    "structured data of commas": lambda n: _page(STORY, _ld("{" + ",   \n" * n * 4)),
    "stated body": lambda n: _page(STORY, _ld(json.dumps({"@type": "NewsArticle", "headline": "x", "articleBody": (S + "\n") * n}))),
    "stated body as markup": lambda n: _page(STORY, _ld(json.dumps({"@type": "NewsArticle", "headline": "x", "articleBody": P * n}).replace("</", "<\\/"))),
    "stated body of ampersands": lambda n: _page(STORY, _ld(json.dumps({"@type": "NewsArticle", "headline": "x", "articleBody": "&amp;" * n * 9}))),
    "microdata": lambda n: _page(_lines(n, "<div itemscope itemtype='http://schema.org/Article'><b itemprop=headline>Pier #</b></div>") + STORY),
    "microdata authors over much": lambda n: _page("<div itemprop=author itemscope>" * 400 + _lines(n, "<b>x</b>") + "</div>" * 400 + STORY),
    "microdata articles over much": lambda n: _page("<div itemprop=author itemscope itemtype='x/Article'>" * 400 + _lines(n, "<b>x</b>") + "</div>" * 400 + STORY),
    "times": _wide(1, "<time>24 Nov 2026</time>"),
    "times in many parts": lambda n: _text("<div>" * 30 + "<time>soon</time>" * 300 + _lines(4 * n, "<b>x</b>") + "</div>" * 30 + STORY).replace(b"h1>", b"h2>"),
    "dates by name": lambda n: _page(_lines(n, "<b class=date>11-24</b>") + STORY, "<script>x='2026-11-24T09:00'</script>" * 9),
    "bylines": lambda n: _page(_lines(n, "<b class=byline>By Ann #</b>") + STORY),
    "breadcrumbs": lambda n: _page(f"<div class=crumbs>{_lines(n, '<a href=/#>Section #</a>')}</div>" + STORY),
    "spans beside the headline": lambda n: _page(f"<div><h1>Pier opens after four years</h1>{_lines(n, '<span> </span>')}</div>{STORY}"),
    "texts before the headline": lambda n: _page("").replace(b"<h1>", _lines(n, "x <b>y</b>").encode() + b"<h1>") + STORY.encode(),
    # long strings
    "one long line": lambda n: _text(f"<p>{(S + ' ') * n}</p>"),
    "one long word": lambda n: _text(f"<p>{'x' * 100 * n}</p>{STORY}"),
    "no tag at all": lambda n: (HAN * n).encode(),
    "no tag at all, later": lambda n: _text(STORY) + (HAN * 3 * n).encode(),
    "long title": lambda n: _page(STORY, title="a | b - c: d " * n),
    "long heading of dashes": lambda n: _page(f"<h1>{'— - | ' * n}</h1>{STORY}"),
    "entities": lambda n: _text(f"<p>{'&amp;&lt;&nbsp;&#27;' * n}</p>{STORY}"),
    "half markup": lambda n: _text(STORY + "<a href='" * n),
    "comments": lambda n: _text(STORY + "<!-- x -->" * n + STORY),
    "control characters": lambda n: _text(f"<p>{'&#x9b;&#x1b;[' * n}</p>{STORY}"),
    "combining marks": lambda n: _text(f"<p>{'e' + chr(0x301) * 9 * n}</p>{STORY}"),
    # attributes
    "attributes in one tag": lambda n: _text(f"<div {_lines(n, 'a#=# ')}>{STORY}</div>"),
    "900 attributes in many tags": lambda n: _text(_lines(n // 100, f"<p {_lines(900, 'a#=1 ')}>{S} #</p>")),
    "attributes without end": lambda n: _text(f"<div {'a ' * 20 * n}>{STORY}</div>"),
    # depth
    "deep: div": _nested("<div>", "</div>"),
    "deep: hidden": _nested("<div hidden>", "</div>"),
    "deep: hidden, stated": lambda n: _text("<div hidden>" * 1_500 + f"<p>{(S + ' ') * n}</p>", _ld(json.dumps({"@type": "NewsArticle", "headline": "x", "articleBody": S * 3}))),
    "deep: comments": _nested("<div class=comment>", "</div>"),
    "deep: related": _nested("<div class=related-posts>", "</div>"),
    "deep: figure": _nested("<figure>", "</figure>"),
    "deep: figure and picture": _nested("<figure><img src=x>", "</figure>", 900),
    "deep: picture and box": _nested("<div><img src=x><b>At a glance</b>", "</div>", 900),
    "deep: figcaption": lambda n: _page("".join(f"<figcaption>{S} {k}" for k in range(n // 2))),
    "deep: form": _nested("<form>", "</form>"),
    "deep: aside": _nested("<aside>", "</aside>"),
    "deep: button": _nested("<div><button>subscribe</button>", "</div>", 900),
    "deep: sup": _nested("<sup>", "</sup>"),
    "deep: link": _nested("<div><a href='#x'>", "</a></div>", 700),
    "deep: link and heading": _nested("<a href=/x class=btn><h3>", "</h3></a>", 700),
    "deep: table": _nested("<table><tr><td>", "</td></tr></table>", 450),
    "deep: list": _nested("<ul><li>", "</li></ul>", 700),
    "deep: quotation": _nested("<blockquote>", "</blockquote>"),
    "deep: span": _nested("<p><span>", "</span>", 700),
    "deep: article": _nested("<article><h1>Pier opens</h1>", "</article>", 700),
    "deep: byline": _nested("<div class='byline date title crumb'>", "</div>"),
    "deep: microdata": _nested("<div itemscope itemtype='x/Article' itemprop=author>", "</div>"),
    "deep: standfirst": _nested("<div class=standfirst>", "</div>"),
    "deep: Chinese": lambda n: _page("<div>" * 1_500 + f"<p>{HAN * n}</p>" + "</div>" * 1_500, title="港口新例"),
    # scripts
    "script of one word": lambda n: _script("a" * 40 * n),
    "script of words": lambda n: _script("word " * 20 * n),
    "script of spaces": lambda n: _script("a" + " " * 40 * n + "b"),
    "script of names": lambda n: _script("a={" * 10 * n),
    "many scripts": lambda n: _page("<div></div>", "<script>x={}</script>" * n),
    "state of long strings": lambda n: _state({"headline": "Pier opens after four years", **{f"k{k}": f"{k} {S * 3}" for k in range(n)}}),
    "state of lists": lambda n: _state(_lists(n)),
    "state of paragraphs": lambda n: _state({"headline": "x", "body": [{"type": "p", "text": f"{S} {k}"} for k in range(n)]}),
    "state of facts": lambda n: _state({"headline": "Pier opens after four years", "body": S * 9, **{f"author{k}": "x" for k in range(n)}}),
    "text areas": lambda n: _page(_lines(n, "<textarea>x</textarea>")),
    "stream of rows": lambda n: _stream(_lines(n, f'#:["$","p",null,{{"children":"{S}"}}]\n')),
    "stream of doubles": lambda n: _stream("".join(f'{k:x}:["${k + 1:x}","${k + 1:x}"]\n' for k in range(n // 50 + 9)) + f'{n // 50 + 9:x}:"{S}"\n'),
    "stream of one row": lambda n: _stream(f'0:["$","p",null,{{"children":"{S * n}"}}]\n'),
    "stream of pushes": lambda n: _page("<div></div>", "<script>" + 'self.__next_f.push([1,"x' * n + "</script>"),
    "stream of broken pushes": lambda n: _page("<div></div>", "<script>" + "self.__next_f.push([1,  " * n + "</script>"),
    "stream of lengths": lambda n: _stream("0:T" + "f" * 20 * n + ",x"),
}  # fmt: skip
