"""Golden pages: each page beside the article that must come out of it, in our own words.

`python -m tests.test_clean_pages` writes the expected files anew; read the diff before you keep it.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from monitor.clean import clean_html
from monitor.model import Article
from monitor.sources import Source

PAGES = Path(__file__).parent / "pages"
ZONES = {
    "strait-daily-cn": "Asia/Shanghai",
    "wechat-account": "Asia/Shanghai",
    "old-portal-cn": "Asia/Shanghai",
    "island-news-tw": "Asia/Taipei",
    "harbour-times-hk": "Asia/Hong_Kong",
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
    source = Source.model_validate(
        {"id": outlet, "name": outlet, "home": f"https://{outlet}.example/", "side": "other", "kind": "press"}
        | {"zone": ZONES.get(outlet, "UTC")}
    )
    html = page.read_bytes()
    own = re.search(rb'rel="canonical" href="([^"]+)"', html)
    url = own[1].decode() if own else f"https://{outlet}.example/news/{page.stem}.html"
    return as_written(clean_html(html, url, source=source))


def golden() -> list[Path]:
    return sorted(PAGES.rglob("*.html"))


@pytest.mark.parametrize("page", golden(), ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_a_page_gives_the_article_beside_it(page: Path) -> None:
    expected = json.loads(page.with_suffix(".json").read_text("utf-8"))
    assert cleaned(page) == expected  # both are one line per fact: pytest's diff reads like the article


def test_the_pages_show_at_least_twelve_shapes_four_of_them_chinese() -> None:
    languages = [json.loads(page.with_suffix(".json").read_text("utf-8"))["language"] for page in golden()]
    assert len(languages) >= 12
    assert sum(language.startswith("zh") for language in languages) >= 4


def write() -> None:
    for page in golden():
        text = json.dumps(cleaned(page), ensure_ascii=False, indent=1)
        page.with_suffix(".json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    write()
