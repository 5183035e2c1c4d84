"""Golden pages: each page beside the article that a careful reader finds on it, in our own words.

A page fails with the difference between the two, one line per fact. An expected file may leave out what
does not matter: a list page states its kind, not its lines; an article states everything.
`python -m tests.test_clean_pages PAGE.html` prints what comes out of a page today. It writes nothing: the
expected file is the reader's word, not the program's (tests/pages/README.md).
"""

import difflib
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from monitor.clean import clean_html
from monitor.errors import Unreadable
from monitor.model import Article
from monitor.sources import Source

PAGES = Path(__file__).parent / "pages"
LEAST_SHAPES, LEAST_CHINESE = 40, 10
ZONES = {  # by the end of an outlet's name
    "cn": "Asia/Shanghai",
    "account": "Asia/Shanghai",
    "tw": "Asia/Taipei",
    "hk": "Asia/Hong_Kong",
}


def as_written(article: Article) -> dict[str, Any]:
    """An article as its expected file says it: what a reader would check, one line per block and link."""
    return {
        "url": article.url,
        "title": article.title,
        "authors": list(article.authors),
        "published": article.published.isoformat() if article.published else None,
        "published quality": article.published_quality.value,
        "section": article.section,
        "language": article.language,
        "wire": article.wire,
        "kind": article.kind.value,
        "labels": list(article.labels),
        "blocks": [f"{block.kind.value}: {block.text}" for block in article.blocks],
        "links": [f"{x.position} {x.kind.value}: {x.title} -> {x.url}" for x in article.links],
    }


def cleaned(page: Path) -> dict[str, Any]:
    outlet = page.parent.name
    zone = ZONES.get(outlet.rsplit("-", 1)[-1], "UTC")
    source = Source.model_validate(
        {"id": outlet, "name": outlet, "home": f"https://{outlet}.example/", "side": "other", "kind": "press"}
        | {"zone": zone}
    )
    html = page.read_bytes()
    own = re.search(rb'rel="canonical" href="([^"]+)"', html)
    url = own[1].decode() if own else f"https://{outlet}.example/news/{page.stem}.html"
    try:
        return as_written(clean_html(html, url, source=source))
    except Unreadable as error:
        return {"kind": "unreadable", "why": str(error)}


def golden() -> list[Path]:
    return sorted(PAGES.rglob("*.html"))


def expected(page: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.with_suffix(".json").read_text("utf-8"))
    return found


def facts(said: dict[str, Any]) -> list[str]:
    """One line per fact, in the order of the expected file."""
    lines = []
    for name, value in said.items():
        if isinstance(value, list):
            lines += [f"{name}: {line!r}" for line in value] or [f"{name}: none"]
        else:
            lines.append(f"{name}: {value!r}")
    return lines


def difference(page: Path) -> str:
    """How today's article of page differs from the expected one, "" for not at all."""
    asked = {name: value for name, value in expected(page).items() if name != "shape"}
    all_of_it = cleaned(page)
    found = {name: all_of_it.get(name) for name in asked}
    lines = difflib.unified_diff(
        facts(asked), facts(found), "the reader says", "the program says", n=1, lineterm=""
    )
    return "\n".join(lines)


@pytest.mark.parametrize("page", golden(), ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_a_page_gives_the_article_beside_it(page: Path) -> None:
    if differs := difference(page):
        where = page.relative_to(PAGES)
        pytest.fail(f"{where} ({expected(page)['shape']})\n{differs}", pytrace=False)


def test_the_pages_show_at_least_forty_shapes_ten_of_them_chinese() -> None:
    pages = [expected(page) for page in golden()]
    assert len({page["shape"] for page in pages}) >= LEAST_SHAPES
    chinese = {page["shape"] for page in pages if page.get("language", "").startswith("zh")}
    assert len(chinese) >= LEAST_CHINESE


def test_each_shape_is_named_once_and_each_page_has_its_reader() -> None:
    shapes = [expected(page)["shape"] for page in golden()]
    assert len(shapes) == len(set(shapes))
    assert {page.with_suffix(".json") for page in golden()} == set(PAGES.rglob("*.json"))


def test_an_expected_article_leaves_nothing_unsaid() -> None:
    every = {"shape", *as_written(Article("", "", ()))}
    for page in golden():
        if expected(page)["kind"] in ("article", "teaser"):
            assert set(expected(page)) == every, page


def test_a_difference_shows_the_line_that_leaked(tmp_path: Path) -> None:
    page = tmp_path / "outlet" / "page.html"
    page.parent.mkdir()
    page.write_text("<h1>A ship sails at dawn</h1><article><p>The ship sailed at dawn, in fog.</p></article>")
    page.with_suffix(".json").write_text('{"shape": "x", "title": "A ship sails at dusk"}')
    assert "-title: 'A ship sails at dusk'\n+title: 'A ship sails at dawn'" in difference(page)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        sys.stdout.write(json.dumps(cleaned(Path(name).resolve()), ensure_ascii=False, indent=1) + "\n")
