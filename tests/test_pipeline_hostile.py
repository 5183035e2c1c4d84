"""Rows of what must be survived, as a whole round meets them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.store import entries
from monitor.store.database import reading
from monitor.store.tables import EntryRow, PageRow
from tests.site import Answer, Site
from tests.test_pipeline import LINES, collect, desk_of, feed, outcomes, page, why

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

# Deep, and long at its deepest: a page of 6 MB that takes seconds, and more memory than a usual one by far.
HEAVY = b"<html><body>" + b"<div><p>a b c</p>" * 1_500 + b"<p>word word word</p>" * 300_000


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


@pytest.mark.parametrize(
    ("bounds", "told"),
    [
        ("seconds = 1", "cleaning took over 1 s: "),
        ("seconds = 60\nmemory_mb = 60", "cleaning took over 60 MB: "),
    ],
)
def test_p08_a_page_over_a_bound_is_set_aside_and_its_neighbours_are_stored(
    tmp_path: Path, bounds: str, told: str
) -> None:
    routes = {"/a/feed": feed("/one", "/heavy", "/two"), "/one": Answer(200, page("Destroyer")),
              "/heavy": Answer(200, HEAVY), "/two": Answer(200, page("Warship", *reversed(LINES)))}  # fmt: skip
    with Site(routes) as site, desk_of(tmp_path, site, {"a": 2}, f"[cleaning]\n{bounds}\n") as desk:
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"one": "stored", "heavy": "pending", "two": "stored"}
            assert why(session, "heavy") == f"{told}{site.url('/heavy')} ({len(HEAVY):,} bytes)"
            kept = select(PageRow.size).join(EntryRow, EntryRow.id == PageRow.entry)
            assert session.scalars(kept.where(EntryRow.address.endswith("heavy"))).all() == [len(HEAVY)]
        for _ in range(entries.CRASHES - 1):
            collect(desk)
        with reading(desk.database) as session:
            row = session.scalars(select(EntryRow).where(EntryRow.address.endswith("heavy"))).one()
            assert (row.outcome, row.next_try) == ("pending", None)
            assert row.why.startswith(f"set aside: {told}")
        asked = site.paths.count("/heavy")
        collect(desk)
        assert site.paths.count("/heavy") == asked  # it holds nothing up any more
