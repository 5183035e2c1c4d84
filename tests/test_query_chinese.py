"""Chinese words in real pages, where the corpora are present: recall and precision are 1 on both databases."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.query.language import parse
from monitor.query.matching import Places
from monitor.query.tree import Words
from monitor.store import schema
from monitor.store.database import open_database, reading
from monitor.text import fold, is_han
from tests.archive import NOW, article, store
from tests.chinese import words_of, wrong_words
from tests.conftest import MakeUrl

CORPORA = Path(__file__).parents[2] / "shared" / "corpora"


def _pages() -> Iterator[tuple[str, str]]:
    """Title and body of each page with Chinese in it, as a person found them."""
    for truth in sorted(CORPORA.glob("*/truth.jsonl")):
        for line in truth.read_text("utf-8").splitlines():
            page = json.loads(line)
            if sum(map(is_han, page["body"])) > 100:
                yield page.get("title") or "", page["body"]


@pytest.fixture(scope="module")
def pages() -> list[tuple[str, str]]:
    found = list(_pages())
    if not found:
        pytest.skip(f"no corpora in {CORPORA}: nothing to compare with")
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_chinese_words_are_found_exactly_where_they_stand_in_real_pages(
    kind: str, pages: list[tuple[str, str]], make_url: MakeUrl
) -> None:
    db = open_database(make_url(kind))
    schema.upgrade(db, NOW)
    texts = {}
    for number, (title, body) in enumerate(pages):
        made = article(f"p{number}", title, *body.split("\n"))
        store(db, made)
        texts[made.url] = f"{title}\n{made.text}"
    with reading(db) as session:
        assert wrong_words(session, texts, most=2000) == (2000, [])
    db.close()


def test_the_plain_matcher_finds_them_alike(pages: list[tuple[str, str]]) -> None:
    texts = [f"{title}\n{body}" for title, body in pages]
    places, folded = [Places(text) for text in texts], [fold(text) for text in texts]
    for word in words_of(folded):
        node = parse(f'"{word}"')
        assert isinstance(node, Words)
        assert [bool(each.starts(node)) for each in places] == [word in text for text in folded]
