"""`straitwatch try --open`: the page, its article and what was cut, side by side in one HTML file.

The page is hostile: of it the file holds words alone, each escaped here. The file asks nobody for anything,
holds no script, and says so to the browser.
"""

import re
import sys
import tempfile
import webbrowser
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from monitor.clean.explain import Fate, FateKind
from monitor.cli.explaining import FROM_DATA, MOST_OF_FRAME, summary
from monitor.cli.showing import safe
from monitor.cli.trying import Tried, fields
from monitor.errors import Mistake
from monitor.model import Article, Block, BlockKind, Link

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
WRITTEN = "<!doctype html>\n<!-- written by straitwatch try -->\n"
LONGEST = 100_000  # characters of a line
LONGEST_CUT = 300  # of a line in the list of what was cut
MOST_LIT = 400  # blocks that light up together with their lines

_CLASSES = {FateKind.CUT: "cut-line"}
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")


def made(tried: Tried) -> str:
    """The file's text."""
    article = tried.article
    title = _text(article.title) or "no title"
    style = (Path(__file__).parent / "sidebyside.css").read_text("utf-8") + _lighting(len(article.blocks))
    told = "".join(f"<span>{_text(name)}: {_text(value)}</span>\n" for name, value in summary(tried))
    return f"""{WRITTEN}<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · straitwatch try</title>
<style>
{style}</style>
</head>
<body>
<header>
<p class="brand">Straitwatch <small>{_text(article.url)}</small></p>
<div class="folio">
{told}<nav aria-label="Columns"><a href="#page">Page</a> · <a href="#article">Article</a> · <a href="#cut">Cut</a></nav>
</div>
</header>
<main>
<section id="page" tabindex="0" aria-labelledby="h-page">
<h2 class="sec" id="h-page">The page <small>{_count(_on_page(tried.fates), "line")} of text, as printed</small></h2>
{_page(tried.fates, _lang(article))}
</section>
<section id="article" tabindex="0" aria-labelledby="h-article">
<h2 class="sec" id="h-article">The article <small>as it will be stored</small></h2>
{_article(tried)}
</section>
<section id="cut" tabindex="0" aria-labelledby="h-cut">
<h2 class="sec" id="h-cut">What was cut <small>by rule</small></h2>
{_cut(tried.fates)}
</section>
</main>
</body>
</html>
"""


def write(text: str, output: Path | None) -> Path:
    """Write the file, to the temporary folder when no output is named.

    Raises:
        Mistake: output is there and was not written by us, or cannot be written.
    """
    if output is None:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="straitwatch-try-", suffix=".html", delete=False
        ) as file:
            file.write(text)
        return Path(file.name)
    try:
        if output.exists() and not output.read_bytes()[: len(WRITTEN)] == WRITTEN.encode():
            raise Mistake(f"{output} is there already and was not written by `try`; name another file")
        output.write_text(text, "utf-8")
    except OSError as error:
        raise Mistake(f"{output} cannot be written: {error.strerror}") from error
    return output.absolute()


def open_in_browser(file: Path) -> None:
    """Open the file where a person sits at a terminal and has a browser."""
    if not sys.stdout.isatty():
        return
    try:
        webbrowser.get().open(file.absolute().as_uri())
    except webbrowser.Error:  # none is installed: the path has been printed
        return


# ---------------------------------------------------------------- the columns


def _page(fates: Sequence[Fate], lang: str) -> str:
    """Every line in its order; long runs outside the article are folded."""
    html: list[str] = []
    for outside, run in groupby(enumerate(fates), lambda pair: pair[1].fate is FateKind.OUTSIDE):
        numbered = list(run)
        items = "\n".join(_line(n, fate) for n, fate in numbered)
        listed = f'<ol class="lines"{lang}>\n{items}\n</ol>'
        if outside and len(numbered) > MOST_OF_FRAME:
            listed = (
                f"<details><summary>{len(numbered):,} lines of the page's frame</summary>{listed}</details>"
            )
        html.append(listed)
    return "\n".join(html) or "<p>The page prints no text.</p>"


def _line(n: int, fate: Fate) -> str:
    words = f'<span class="said" dir="auto">{_text(fate.line, LONGEST)}</span>'
    known = f" b{fate.block}" if fate.block is not None else ""
    target = f"b{fate.block}" if fate.block is not None else _anchor_of_rule(fate)
    why = _text(fate.rule or "outside") + (f" ({FROM_DATA})" if fate.position is None else "")
    why = f'<a class="why" href="#{target}">{why}</a>' if target else f'<span class="why">{why}</span>'
    to = "".join(_to(link) for link in fate.links) if fate.fate is FateKind.LINK else ""
    kind = _CLASSES.get(fate.fate, fate.fate.value)
    return f'<li id="l{n}" class="{kind}{known}">{why}<span>{words}{to}</span></li>'


def _to(link: Link) -> str:
    return f'<span class="to">{_text(link.url or "no URL given", 2_000)}</span>'


def _article(tried: Tried) -> str:
    article, places = tried.article, tried.article.provenance
    known = fields(article)
    known += [("picture", article.lead_image or "", ""), ("encoding", places.get("encoding", ""), "")]
    rows = "\n".join(
        f"<dt>{_text(name)}</dt><dd dir='auto'>{_text(value)}{_place(place)}</dd>"
        for name, value, place in known
        if value
    )
    first: dict[int, int] = {}
    for n, fate in enumerate(tried.fates):
        if fate.block is not None:
            first.setdefault(fate.block, n)
    blocks = "\n".join(_block(n, block, first.get(n)) for n, block in enumerate(article.blocks))
    links = "\n".join(_link(link, len(article.blocks)) for link in article.links)
    return (
        f'<h1{_lang(article)} dir="auto">{_text(article.title, 1_000) or "no title"}</h1>\n<dl>\n{rows}\n</dl>\n'
        f'<div class="prose"{_lang(article)}>\n{blocks or "<p>no text</p>"}\n</div>\n'
        f'<h3 class="sub">{_count(len(article.links), "link")}</h3>\n<ul class="links">\n{links}\n</ul>'
    )


def _place(place: str) -> str:
    return f"<small>from {_text(place)}</small>" if place else ""


def _block(n: int, block: Block, line: int | None) -> str:
    text = "\n".join(_text(words, LONGEST) for words in block.text.splitlines())
    tag = "h2" if block.kind is BlockKind.HEADING else "p"
    kind = block.kind.value.split()[-1]
    back = (
        f' <a class="why" href="#l{line}" aria-label="its line on the page">¶</a>' if line is not None else ""
    )
    return f'<{tag} id="b{n}" class="{kind} b{n}" dir="auto">{text}{back}</{tag}>'


def _link(link: Link, blocks: int) -> str:
    title = _text(link.title) or "no title"
    web = link.url is not None and link.url.startswith(("http://", "https://"))
    to = (
        f'<a href="{_text(link.url or "", 2_000)}" rel="noopener noreferrer nofollow">{title}</a>'
        if web
        else title
    )
    at = f'<a href="#b{link.position}">¶ {link.position + 1}</a>' if link.position < blocks else "the end"
    return f'<li dir="auto"><b>{escape(link.kind.value)}</b> at {at}: {to}{_to(link)}</li>'


def _cut(fates: Sequence[Fate]) -> str:
    """What is not in the text, by rule, the rule that cut most first; the frame by its number alone."""
    groups: dict[tuple[FateKind, str], list[tuple[int, Fate]]] = defaultdict(list)
    for n, fate in enumerate(fates):
        if fate.fate in (FateKind.CUT, FateKind.LINK):
            groups[fate.fate, fate.rule].append((n, fate))
    html = [
        f'<h3 class="sub" id="{_anchor_of_rule(lines[0][1])}">{_text(rule)}'
        f"{', kept as links' if kind is FateKind.LINK else ''}: {_count(len(lines), 'line')}</h3>\n"
        f'<ul class="cut">\n{_quoted(lines)}\n</ul>'
        for (kind, rule), lines in sorted(groups.items(), key=lambda group: -len(group[1]))
    ]
    outside = sum(fate.fate is FateKind.OUTSIDE for fate in fates)
    html.append(
        f'<p class="note">{_count(outside, "line")} outside the article: no rule was needed for them.</p>'
    )
    return "\n".join(html)


def _quoted(lines: Iterable[tuple[int, Fate]]) -> str:
    return "\n".join(
        f'<li dir="auto"><a href="#l{n}">{_text(fate.line, LONGEST_CUT)}</a></li>' for n, fate in lines
    )


# ---------------------------------------------------------------- small parts


def _text(words: str, limit: int = 300) -> str:
    """Words of others, harmless: one line, no marks of direction, escaped for text and attributes."""
    return escape(safe(words, limit), quote=True)


def _lang(article: Article) -> str:
    return f' lang="{article.language}"' if _LANGUAGE.fullmatch(article.language) else ""


def _anchor_of_rule(fate: Fate) -> str:
    """The name of the group of a rule; "" for what is in no group."""
    if fate.fate not in (FateKind.CUT, FateKind.LINK):
        return ""
    return f"{fate.fate.value}-{re.sub('[^a-z]+', '-', fate.rule.lower())}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _on_page(fates: Iterable[Fate]) -> int:
    return len({fate.position for fate in fates if fate.position is not None})


def _lighting(blocks: int) -> str:
    """Rules by which a block and its lines light up together."""

    def lit() -> Iterator[str]:
        for n in range(min(blocks, MOST_LIT)):
            yield f"main:has(.b{n}:hover) .b{n} {{ background: var(--mark); }}\n"

    return "".join(lit())
