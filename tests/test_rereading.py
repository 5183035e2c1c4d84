"""Pages read again: what is no edit of the site's, what is evidence of one, and what is back. On both databases."""

from pathlib import Path

import pytest

from monitor.store.database import reading
from monitor.store.tables import PageRow
from tests.site import Answer, Site
from tests.test_pipeline import LINES, collect, desk_of
from tests.test_revisions import STORY, WATCHED, count, only, read_again


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


def summarised(*lines: str) -> Answer:
    """A feed whose one line carries a summary."""
    line = f"<title>Destroyer in the strait</title><link>/one</link><description>{' '.join(lines)}</description>"
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title><item>{line}</item></channel></rss>'
    return Answer(200, body.encode(), {"Content-Type": "application/rss+xml", "ETag": '"1"'})


# --- refused --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 406])
def test_a_page_that_is_refused_now_is_told_so_although_its_listing_has_a_summary(
    tmp_path: Path, status: int
) -> None:
    with (
        Site({"/a/feed": summarised(*LINES[:2]), "/one": STORY}) as site,
        desk_of(tmp_path, site, {"a": 2}, more=WATCHED) as desk,
    ):
        collect(desk, hurry=False)
        site.routes["/a/feed"] = Answer(304)
        told = read_again(desk, Answer(status, b"no"), site)
        assert told == [("refused", f"HTTP {status}: the site refuses us")]
        with reading(desk.database) as session:
            assert (only(session).revision, only(session).labels, count(session, PageRow)) == (1, [], 1)
