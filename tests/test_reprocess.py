"""Cleaning the archive again: what changes, what stays, and what a kill -9 or a running round does to it."""

import json
import os
import subprocess
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard
from sqlalchemy import func, select, update

from monitor import clean, reprocessing
from monitor.desk import Desk, round_of_work
from monitor.model import Outcome
from monitor.query.search import search
from monitor.reprocessing import Manner
from monitor.store import entries, learnt, search_index
from monitor.store.database import Database, open_database, reading, writing
from monitor.store.tables import (
    AlertRow,
    ArticleRow,
    EntryRow,
    LearningRow,
    PageRow,
    RecurringRow,
    RevisionRow,
)
from tests.endstate import end_state
from tests.newsroom import FIRST, LAST, paper, story
from tests.site import Answer
from tests.test_boilerplate import RULES, printed
from tests.test_cli_reading import PROGRAM, straitwatch
from tests.test_pipeline import collect, feed, page
from tests.test_pipeline_hostile import HEAVY

OLD = "Connect with us on the quay."  # what an older cleaner left in every article


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


def made_by_an_older_cleaner(database: Database) -> None:
    """Make the archive as if a cleaner before today's had left a line in each article, and counted none."""
    with writing(database) as session:
        for row in session.scalars(select(ArticleRow)):
            search_index.remove(session, row.id, row.title, row.text)
            row.blocks = [["paragraph", 0, 1], *row.blocks]
            row.text = f"{OLD}\n{row.text}"
            row.words += 6
            row.cleaner, row.learnt = clean.VERSION - 1, None
            search_index.add(session, row.id, row.title, row.text)
        for table in (RecurringRow, LearningRow):
            for counted in session.scalars(select(table)):
                session.delete(counted)


def state(database: Database) -> dict[str, Any]:
    """What must be the same whatever happened: with the articles' numbers and times."""
    with reading(database) as session:
        columns = (
            ArticleRow.id, ArticleRow.url, ArticleRow.indexed_at, ArticleRow.first_seen, ArticleRow.text,
            ArticleRow.cleaner, ArticleRow.learnt, ArticleRow.page,
        )  # fmt: skip
        rows = [tuple(row) for row in session.execute(select(*columns).order_by(ArticleRow.id))]
        alerts = [tuple(row) for row in session.execute(select(AlertRow.id, AlertRow.state, AlertRow.token))]
        return {**end_state(session), "rows": rows, "alerts in full": sorted(alerts)}


def again(desk: Desk, **manner: bool) -> reprocessing.Report:
    return reprocessing.reprocess(desk, reprocessing.due(desk), threading.Event(), Manner(**manner))


def test_k04_a_better_cleaner_gives_new_texts_and_changes_no_number_and_alerts_nobody(tmp_path: Path) -> None:
    with paper(tmp_path, rules=RULES) as (_, desk):
        collect(desk)
        before = state(desk.database)
        made_by_an_older_cleaner(desk.database)
        with reading(desk.database) as session:
            assert len(search(session, "quay").hits) == 6
        report = again(desk)
        assert (report.cleaned, report.changed, report.kept) == (6, 6, [])
        assert state(desk.database) == before
        with reading(desk.database) as session:
            assert search(session, "quay").hits == ()
            assert session.scalar(select(func.count(RevisionRow.id))) == 0
        assert reprocessing.due(desk) == []


def test_articles_stored_before_lines_were_counted_are_counted_once(tmp_path: Path) -> None:
    with paper(tmp_path) as (_, desk):
        collect(desk)
        with reading(desk.database) as session:
            before = end_state(session)["recurring"]
        made_by_an_older_cleaner(desk.database)
        for _ in range(2):
            again(desk)
        with reading(desk.database) as session:
            assert end_state(session)["recurring"] == before
            assert learnt.articles_counted(session) == {"a": 6}


def test_a_dry_run_says_what_would_change_and_writes_nothing(tmp_path: Path) -> None:
    with paper(tmp_path) as (_, desk):
        collect(desk)
        made_by_an_older_cleaner(desk.database)
        before = state(desk.database)
        report = again(desk, dry_run=True)
        assert (report.cleaned, report.changed) == (6, 6)
        assert [told.words - told.words_now for told in report.changes] == [6] * 6
        assert state(desk.database) == before


def _replace_page(desk: Desk, path: str, body: bytes) -> None:
    with writing(desk.database) as session:
        entry = session.scalars(select(EntryRow.id).where(EntryRow.address.endswith(path))).one()
        stored = update(PageRow).where(PageRow.entry == entry)
        session.execute(stored.values(body=zstandard.compress(body), size=len(body), base=None))


def test_p23_what_comes_out_worse_is_kept_as_it_was_with_the_reason(tmp_path: Path) -> None:
    with paper(tmp_path) as (site, desk):
        long = (
            f"Ship {number} of the US Navy was seen from the pier by {number + 9} people."
            for number in range(40)
        )
        site.routes["/story-3"] = Answer(200, story(3, *long))
        collect(desk)
        made_by_an_older_cleaner(desk.database)
        _replace_page(desk, "/story-1", b"")
        _replace_page(
            desk, "/story-2", page("Just a moment...", "Verify you are human. Enable JavaScript and cookies.")
        )
        _replace_page(
            desk,
            "/story-3",
            page("The PLA", " ".join(["The PLA was there and so were we, once upon a time."] * 3)),
        )
        report = again(desk)
        assert (report.cleaned, report.changed, report.unreadable, report.shrunk) == (6, 3, 2, 1)
        why = {told.url.rpartition("/")[2]: told.why for told in report.kept}
        assert set(why) == {"story-1", "story-2", "story-3"}
        assert why["story-2"].startswith("block page")
        assert why["story-3"] == "would shrink from 660 to 36 words"
        with reading(desk.database) as session:
            kept = session.scalars(select(ArticleRow.text).where(ArticleRow.text.startswith(OLD))).all()
        assert len(kept) == 3
        assert again(desk, accept_shrunk=True).changed == 1
        assert len(reprocessing.due(desk)) == 2  # told again each time, until a cleaner reads them


def test_p08_a_page_that_takes_too_long_is_kept_as_it_was_and_the_others_are_cleaned(tmp_path: Path) -> None:
    with paper(tmp_path, rules="[cleaning]\nseconds = 1\n") as (site, desk):
        collect(desk)
        made_by_an_older_cleaner(desk.database)
        _replace_page(desk, "/story-1", HEAVY)
        report = again(desk)
        assert (report.cleaned, report.changed, report.failed) == (6, 5, 1)
        assert [told.why for told in report.kept] == [
            f"cleaning took over 1 s: {site.url('/story-1')} ({len(HEAVY):,} bytes)"
        ]


def test_an_article_that_its_source_no_longer_names_is_kept(tmp_path: Path) -> None:
    with paper(tmp_path) as (_, desk):
        collect(desk)
        made_by_an_older_cleaner(desk.database)
        (tmp_path / "sources" / "a.toml").unlink()
        report = again(desk)
        assert (report.changed, report.unreadable) == (0, 6)
        assert report.kept[0].why.startswith("a is in no settings file any more")


def test_what_is_read_again_with_todays_cleaner_is_no_edit(tmp_path: Path) -> None:
    """K04: the same page, cleaned otherwise, is no revision and no reason for an alert."""
    with paper(tmp_path, rules=RULES) as (site, desk):
        collect(desk)
        before = state(desk.database)
        made_by_an_older_cleaner(desk.database)
        titles = {f"/story-{number}": f"Reworded {number}" for number in range(6)}
        site.routes["/a/feed"] = feed(*titles, titles=titles)
        collect(desk)
        after = state(desk.database)
        assert (after["articles"], after["revisions"], after["alerts"]) == (
            before["articles"], [], before["alerts"],
        )  # fmt: skip


def test_s21_it_takes_turns_with_a_running_round(tmp_path: Path) -> None:
    with paper(tmp_path) as (_, desk):
        collect(desk)
        made_by_an_older_cleaner(desk.database)
        reports: list[reprocessing.Report] = []
        beside = threading.Thread(target=lambda: reports.append(again(desk)))
        with round_of_work(desk) as work:
            with desk.writing(work) as session:
                beside.start()
                entry = session.scalars(select(EntryRow.id).limit(1)).one()
                entries.decide(session, entry, Outcome.STORED, "", round_id=work.id, now=FIRST)
            beside.join(timeout=60)
            with desk.writing(work) as session:  # the round holds its lease as before
                entries.decide(session, entry, Outcome.STORED, "", round_id=work.id, now=FIRST)
        assert [(report.changed, report.busy) for report in reports] == [(6, 0)]


def test_a_text_that_a_round_wrote_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    with paper(tmp_path, stories=1) as (site, desk):
        collect(desk)
        made_by_an_older_cleaner(desk.database)
        with reading(desk.database) as session:
            from monitor.store import archive

            stored = archive.stored(session, session.scalars(select(ArticleRow.id)).one())
        assert stored is not None
        site.routes["/story-0"] = Answer(200, story(0, "This was added about the PLA."))
        site.routes["/a/feed"] = feed("/story-0", titles={"/story-0": "Reworded"})
        collect(desk)
        with writing(desk.database) as session:
            row = session.scalars(select(ArticleRow)).one()
            assert not stored.is_still(row)
            assert (row.revision, "This was added" in row.text) == (2, True)


def test_since_and_source_choose_the_articles(tmp_path: Path) -> None:
    with paper(tmp_path) as (_, desk):
        collect(desk)
        made_by_an_older_cleaner(desk.database)
        with writing(desk.database) as session:
            for row in session.scalars(select(ArticleRow).where(ArticleRow.id <= 2)):
                row.first_seen = FIRST
        assert len(reprocessing.due(desk, since=FIRST + timedelta(days=1))) == 4
        assert len(reprocessing.due(desk, source="a")) == 6
        assert reprocessing.due(desk, source="b") == []


def test_s21_killed_at_any_moment_it_resumes_and_ends_the_same(tmp_path: Path, database_url: str) -> None:
    """kill -9 as soon as one article more is done, again and again, until the rest is let through."""
    with paper(tmp_path, stories=30, rules=RULES) as (_, desk):
        collect(desk)
        before = state(desk.database)
        made_by_an_older_cleaner(desk.database)
        kills = 0
        while kills < 3:
            left = len(reprocessing.due(desk))
            run = subprocess.Popen(
                [str(PROGRAM), "reprocess", "--data", str(tmp_path)], env=os.environ.copy(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            while run.poll() is None and len(reprocessing.due(desk)) == left:
                pass
            run.kill()
            run.wait()
            if len(reprocessing.due(desk)) == 0:
                break
            kills += 1
        assert kills
        left = len(reprocessing.due(desk))
        assert 0 < left < 30
        assert printed("reprocess", "--data", str(tmp_path)) == [
            f"{left} articles cleaned again: {left} changed"
        ]
        assert state(desk.database) == before


def test_the_command_says_what_it_did_to_a_person_and_to_a_program(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    with paper(tmp_path) as (site, desk):
        collect(desk)
        made_by_an_older_cleaner(desk.database)
        _replace_page(desk, "/story-1", b"")
        url = site.url("/story-0")
    dry = printed("reprocess", "--dry-run", *data)
    assert dry[0] == f"article 1: 115 -> 109 words  {url}"
    assert dry[-1] == "6 articles would be cleaned again: 5 changed, 1 unreadable now"
    facts = json.loads(printed("reprocess", "--dry-run", "--json", *data)[0])
    assert (facts["due"], facts["cleaned"], facts["changed"], facts["unreadable"], facts["left"]) == (
        6,
        6,
        5,
        1,
        0,
    )
    assert facts["kept"][0]["why"]
    done = straitwatch("reprocess", *data, cwd=tmp_path)
    assert done.stdout.splitlines() == ["6 articles cleaned again: 5 changed, 1 unreadable now"]
    assert done.stderr.startswith("article 2 kept as it was: ")
    wrong = straitwatch("reprocess", "--source", "b", *data, cwd=tmp_path)
    assert (wrong.returncode, wrong.stderr.strip()) == (
        1, "there is no article of b; `straitwatch sources` lists the sources",
    )  # fmt: skip


def test_the_schema_before_this_one_comes_up_with_its_articles_and_goes_down_again(
    tmp_path: Path, database_url: str
) -> None:
    from monitor.store import schema

    with paper(tmp_path) as (_, desk):
        collect(desk)
    database = open_database(database_url)
    schema.downgrade(database, "2026_11_24_first")
    schema.upgrade(database, FIRST)
    with reading(database) as session:
        assert session.scalars(select(ArticleRow.learnt)).all() == [None] * 6
        assert all(text.endswith(LAST) for text in session.scalars(select(ArticleRow.text)))
    assert schema.check(database) == []
    database.close()
    assert printed("reprocess", "--data", str(tmp_path)) == [
        "6 articles cleaned again: 0 changed, 6 as before"
    ]
