"""Learnt boilerplate in the main job and at the command: counted, proposed, approved, cut, on both databases."""

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from monitor import pipeline, reprocessing
from monitor.desk import Desk, round_of_work
from monitor.learnt import Line, Place
from monitor.query import boilerplate
from monitor.query.boilerplate import LineTold
from monitor.query.search import search
from monitor.store import feeds, learnt
from monitor.store.database import Database, reading, writing
from monitor.store.tables import AlertRow, ArticleRow, RecurringRow
from tests.archive import NOW, SOURCES
from tests.newsroom import FOOTER, LAST, WORD, paper, story
from tests.site import Answer
from tests.test_cli_reading import straitwatch
from tests.test_pipeline import collect, feed, outcomes


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


def printed(*arguments: str) -> list[str]:
    """What a command that ends well prints."""
    done = straitwatch(*arguments, cwd=Path.cwd())
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def told(desk: Desk, source: str = "a") -> list[LineTold]:
    with reading(desk.database) as session:
        return boilerplate.lines_told(session, source, desk.vocabulary)


def proposed(desk: Desk, source: str = "a") -> list[LineTold]:
    return [line for line in told(desk, source) if line.state == "proposed"]


def texts(desk: Desk) -> list[str]:
    with reading(desk.database) as session:
        return list(session.scalars(select(ArticleRow.text).order_by(ArticleRow.id)))


def test_a_line_at_the_end_of_every_article_is_proposed_and_no_other(tmp_path: Path) -> None:
    with paper(tmp_path) as (site, desk):
        collect(desk)
        (line,) = proposed(desk)
        assert (line.text, line.articles, line.of, line.days, line.stands) == (LAST, 6, 6, 6, "tail")
        assert line.examples == (site.url("/story-0"), site.url("/story-1"))  # fmt: skip


def test_rounds_that_read_the_same_again_count_nothing_twice(tmp_path: Path) -> None:
    with paper(tmp_path) as (site, desk):
        collect(desk)
        before = told(desk)
        titles = {f"/story-{number}": f"Reworded {number}" for number in range(6)}
        site.routes["/a/feed"] = feed(*titles, titles=titles)  # each page is asked for again
        site.routes["/story-3"] = Answer(200, story(3, "This was added by an editor on the PLA."))
        collect(desk)
        with reading(desk.database) as session:
            assert sorted(session.scalars(select(ArticleRow.revision))) == [1, 1, 1, 1, 1, 2]
        assert told(desk) == before


def test_an_article_republished_by_its_own_paper_counts_once(tmp_path: Path) -> None:
    with paper(tmp_path, stories=3) as (site, desk):
        collect(desk)
        again = {
            f"/again-{number}": story(1, f"A second ship of the US Navy came near at hour {number}.")
            for number in range(4)
        }
        site.routes |= {path: Answer(200, body) for path, body in again.items()}
        site.routes["/a/feed"] = feed(*again)
        collect(desk)
        with reading(desk.database) as session:
            assert session.scalar(select(func.count(ArticleRow.id))) == 7
            assert learnt.articles_counted(session) == {"a": 3}


def test_lines_are_counted_in_the_transaction_of_their_article(db: Database) -> None:
    lines = [Line(1, "A line of one.", Place.TAIL, heading=False)]
    with writing(db) as session:
        feeds.keep_sources(session, SOURCES.values(), NOW)

    def count_and_fail() -> None:
        with writing(db) as session:
            learnt.count(session, "ledger", 1, lines, date(2026, 11, 24))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        count_and_fail()
    with reading(db) as session:
        assert learnt.articles_counted(session) == {}
        assert learnt.size(session, "ledger") == 0


def test_a_text_is_kept_only_of_a_line_that_came_twice(db: Database) -> None:
    with writing(db) as session:
        feeds.keep_sources(session, SOURCES.values(), NOW)
        for number in (1, 2):
            lines = [
                Line(7, "Both 1.", Place.TAIL, heading=False),
                Line(number, "Once.", Place.HEAD, heading=True),
            ]
            learnt.count(session, "ledger", number, lines, date(2026, 11, number))
    with reading(db) as session:
        kept = {row.key: (row.text, row.articles) for row in session.scalars(select(RecurringRow))}
    assert kept == {7: ("Both 1.", 2), 1: ("", 1), 2: ("", 1)}


def test_rows_stay_bounded_and_what_recurs_or_was_decided_is_not_forgotten(db: Database) -> None:
    """However many articles come: here each brings 400 lines that never come again."""
    with writing(db) as session:
        feeds.keep_sources(session, SOURCES.values(), NOW)
        decided = [Line(key, f"Decided {key}.", Place.TAIL, heading=False) for key in (1, 2)]
        for number in (1, 2):
            learnt.count(session, "ledger", number, decided, date(2026, 11, 1))
        first, second = learnt.of_source(session, "ledger")
        learnt.decide(session, "ledger", [first.id], "approved", NOW)
        learnt.decide(session, "ledger", [second.id], "rejected", NOW)
        for number in range(3, 53):
            lines = [Line(number * 1000 + n, "Once.", Place.MIDDLE, heading=False) for n in range(400)]
            if number % 5 == 0:
                lines.append(Line(3, "In each fifth.", Place.TAIL, heading=False))
            learnt.count(session, "ledger", number, lines, date(2026, 11, 1 + number % 28))
    with reading(db) as session:
        assert learnt.size(session, "ledger") <= learnt.KEPT + 400 * learnt.PRUNE_EVERY
        assert [line.counted.articles for line in learnt.of_source(session, "ledger")] == [10, 2, 2]


def test_nothing_is_counted_where_texts_may_not_be_kept(tmp_path: Path) -> None:
    with paper(tmp_path) as (_, desk):
        pass
    file = tmp_path / "sources" / "a.toml"
    with paper(tmp_path) as (_, desk):
        source = desk.sources["a"].model_copy(update={"keep": "excerpt"})
        desk.sources["a"] = source  # type: ignore[index]
        collect(desk)
        with reading(desk.database) as session:
            assert session.scalar(select(func.count(ArticleRow.id))) == 6
            assert learnt.size(session, "a") == 0
    assert file.exists()


RULES = '[channels.hook]\nurl = "json://127.0.0.1:9/x"\n[[rules]]\nname = "r"\nquery = "pla"\nchannels = ["hook"]\nfirst_poll = true\n'


def test_an_approved_line_leaves_stored_and_new_articles_and_nobody_is_alerted(tmp_path: Path) -> None:
    with paper(tmp_path, rules=RULES) as (site, desk):
        collect(desk)
        with reading(desk.database) as session:
            before = list(
                session.execute(select(ArticleRow.id, ArticleRow.url, ArticleRow.indexed_at)).tuples()
            )
            alerts = session.scalar(select(func.count(AlertRow.article)))
            assert len(search(session, WORD).hits) == 6
        printed("boilerplate", "approve", "a", "--all", "--data", str(tmp_path))
        site.routes["/story-6"] = Answer(200, story(6))
        site.routes["/a/feed"] = feed("/story-6")
        collect(desk)
        assert not any(FOOTER in text for text in texts(desk))
        with reading(desk.database) as session:
            after = list(
                session.execute(select(ArticleRow.id, ArticleRow.url, ArticleRow.indexed_at)).tuples()
            )
            assert set(before) < set(after)
            assert set(session.scalars(select(ArticleRow.revision))) == {1}
            assert search(session, WORD).hits == ()
            assert (
                session.scalar(select(func.count(AlertRow.article))) == (alerts or 0) + 1
            )  # the new article's
            removed = session.scalars(select(ArticleRow.removed)).all()
        assert all(["learnt boilerplate", LAST] in each for each in removed)


def test_a_draft_that_was_read_before_a_line_was_approved_is_cut_when_it_settles(tmp_path: Path) -> None:
    with paper(tmp_path) as (site, desk):
        collect(desk)
        site.routes["/story-6"] = Answer(200, story(6))
        site.routes["/a/feed"] = feed("/story-6")
        with round_of_work(desk) as work:
            pipeline.poll(desk, work, pipeline.due_feeds(desk, every_feed=True))
            pipeline.read(desk, work, pipeline.due_entries(desk))
            printed("boilerplate", "approve", "a", "--all", "--data", str(tmp_path))
            pipeline.settle(desk, work)
        assert outcomes_of(desk)["story-6"] == "stored"
        assert not any(FOOTER in text for text in texts(desk))
        assert reprocessing.due(desk) == []


def outcomes_of(desk: Desk) -> dict[str, str]:
    with reading(desk.database) as session:
        return outcomes(session)


def test_a_rejected_line_is_not_proposed_again_and_comes_back(tmp_path: Path) -> None:
    with paper(tmp_path) as (site, desk):
        collect(desk)
        (line,) = proposed(desk)
        for decision in ("approve", "reject"):
            printed("boilerplate", decision, "a", str(line.id), "--data", str(tmp_path))
        site.routes["/story-6"] = Answer(200, story(6))
        site.routes["/a/feed"] = feed("/story-6")
        collect(desk)
        assert all(text.endswith(LAST) for text in texts(desk))
        assert [(each.id, each.state, each.articles) for each in told(desk)] == [(line.id, "rejected", 7)]


# --- as printed ---------------------------------------------------------------------------------------------


def test_the_commands_say_what_was_found_and_what_they_did(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    with paper(tmp_path) as (_, desk):
        collect(desk)
        (line,) = proposed(desk)
    assert printed("boilerplate", "list", *data) == [
        "source  articles  proposed  approved  rejected",
        "a              6         1                    ",
        "",
        "1 line proposed; straitwatch boilerplate show SOURCE",
    ]
    assert printed("boilerplate", "show", "a", *data) == [
        f"line {line.id}  proposed; in 6 of 6 articles (100%) on 6 days, at the tail",
        "    A doughnut with each visit. The tide clock in our lobby is wound at 6 every morning; visitors",
        "    may watch.",
        *(f"    {url}" for url in line.examples),
        "",
        "straitwatch boilerplate approve a LINE ... | --all, or reject",
    ]
    assert printed("boilerplate", "approve", "a", str(line.id), "--later", *data) == [
        "1 line of a approved; 6 stored articles hold it",
        "straitwatch reprocess --source a cleans them again; new ones are clean from now on",
    ]
    assert printed("reprocess", "--source", "a", *data) == ["6 articles cleaned again: 6 changed"]
    assert printed("reprocess", *data) == ["nothing to do: 6 articles, each as today's cleaner makes it"]
    assert printed("boilerplate", "approve", "a", str(line.id), *data) == [
        "1 line of a approved, 1 of them before; 0 stored articles hold it"
    ]
    assert "cleaned again, 89 words, 1 line of learnt boilerplate cut" in "\n".join(
        printed("why", line.examples[0], *data)
    )
    assert [json.loads(row) for row in printed("boilerplate", "list", "--json", *data)] == [
        {"source": "a", "articles": 6, "proposed": 0, "approved": 1, "rejected": 0}
    ]
    (shown,) = [json.loads(row) for row in printed("boilerplate", "show", "a", "--json", *data)]
    assert (shown["id"], shown["state"], shown["share"], shown["examples"]) == (
        line.id, "approved", 1.0, list(line.examples),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ("show", "b"),
            "no article of b was counted; `straitwatch boilerplate list` names the sources that were",
        ),
        (
            ("approve", "a"),
            "name lines by their numbers, or --all: `straitwatch boilerplate show a` lists them",
        ),
        (("approve", "a", "1", "--all"), "name lines by their numbers, or --all"),
        (
            ("reject", "a", "99999"),
            "there is no line 99999 of a; `straitwatch boilerplate show a --all` lists them",
        ),
        (("reject", "a", "x"), "is not a valid int"),
    ],
)
def test_a_users_mistake_is_named(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    with paper(tmp_path, stories=1) as (_, desk):
        collect(desk)
    done = straitwatch("boilerplate", *arguments, "--data", str(tmp_path), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in " ".join(done.stderr.split())
