"""`straitwatch diff`, as a person runs it: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest

from monitor.store import schema, watches
from monitor.store.articles import by_id, label
from monitor.store.database import open_database, writing
from monitor.store.tables import RevisionRow
from tests.archive import NOW, article, store
from tests.test_cli_reading import straitwatch

SAID = "我方坚决反对。The Navy sent 12 ships.\nIt was routine.\n\x1b[31mRed\x1b[0m words were said. One more. Another. The end."
SAYS = "我方强烈反对。The Navy sent 21 ships.\nIt was routine.\n\x1b[31mRed\x1b[0m words were not said. One more. Another. The end. An addition."
LONGER = SAYS + " And a third text."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an article of three texts, and one that was never edited."""
    data = tmp_path_factory.mktemp("data")
    db = open_database(f"sqlite:///{data / 'straitwatch.db'}")
    schema.upgrade(db, NOW)
    store(db, article("a", "Patrol in the strait, twice", LONGER))
    store(db, article("b", "Quiet", "Nothing happened."))
    with writing(db) as session:
        for number, text in ((1, SAID), (2, SAYS)):
            session.add(
                RevisionRow(
                    article=1, number=number, replaced_at=NOW.replace(minute=number), title="Patrol in the strait",
                    text=text, text_hash="x", page=None,
                )
            )  # fmt: skip
        row = by_id(session, 1)
        row.revision = 3
        label(row, "withdrawn")
        watches.begin(session, 1, NOW.replace(minute=50))
    db.close()
    return data


def lines(folder: Path, *arguments: str) -> list[str]:
    done = straitwatch("diff", "--data", str(folder), *arguments, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert max(len(line) for line in done.stdout.splitlines()) <= 100
    return done.stdout.splitlines()


def test_every_revision_is_shown_with_its_time_and_what_it_changed(folder: Path) -> None:
    shown = lines(folder, "1")
    head = shown.index("")
    assert shown[0] == "Patrol in the strait, twice"
    assert [line[18:] for line in shown[2:head]] == [
        "revision 1, as first seen", "revision 2", "revision 3, the newest", "withdrawn", "asked for again then",
    ]  # fmt: skip
    hour = f"{NOW:%Y-%m-%d %H}"
    assert shown[head + 1 :] == [
        f"1 -> 2  {hour}:01  4 sentences: 3 reworded, 1 added",
        "~ 我方[-坚决-]{+强烈+}反对。",
        "~ The Navy sent [-12-]{+21+} ships.",
        "  It was routine.",
        "~ Red words were {+not +}said.",
        "  One more.",
        "  … 1 sentence unchanged …",
        "  The end.",
        "+ An addition.",
        "",
        f"2 -> 3  {hour}:02  title changed; 1 sentence added",
        "~ title: Patrol in the strait{+, twice+}",
        "  … 7 sentences unchanged …",
        "  An addition.",
        "+ And a third text.",
    ]


def test_two_revisions_are_compared_by_their_numbers_and_all_is_shown_on_demand(folder: Path) -> None:
    assert any(line.startswith("1 -> 3") for line in lines(folder, "1", "--from", "1"))
    shown = lines(folder, "https://ledger.example/a", "--to", "2", "--all")
    assert [line.startswith("1 -> 2") for line in shown].count(True) == 1
    assert "  Another." in shown
    assert not any("unchanged" in line for line in shown)


def test_an_article_that_was_never_edited_says_so(folder: Path) -> None:
    assert lines(folder, "2")[-1] == "never seen edited"


def test_a_program_gets_every_change_in_json(folder: Path) -> None:
    done = straitwatch("diff", "--data", str(folder), "--json", "1", cwd=folder)
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["from"], first["to"], second["to"]) == (1, 2, 3)
    assert first["changes"][1] == {
        "kind": "changed", "before": "The Navy sent 12 ships.", "after": "The Navy sent 21 ships.",
        "marks": [[" ", "The Navy sent "], ["-", "12"], ["+", "21"], [" ", " ships."]],
    }  # fmt: skip
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["99"], "there is no article 99"),
        (["https://ledger.example/never"], "there is no article https://ledger.example/never"),
        (["nonsense"], "is neither an article's number nor a web address"),
        (["1", "--from", "7"], "there is no revision 7 of article 1; kept: 1, 2, 3"),
    ],
)
def test_a_mistake_is_told(folder: Path, arguments: list[str], words: str) -> None:
    done = straitwatch("diff", "--data", str(folder), *arguments, cwd=folder)
    assert (done.returncode, words in done.stderr) == (1, True), done.stderr


def test_why_tells_of_revisions_and_of_the_next_reading(folder: Path) -> None:
    done = straitwatch("why", "--data", str(folder), "https://ledger.example/a", cwd=folder)
    assert "edited: revision 3 replaces 2" in done.stdout
    assert "watched for edits: its page is asked for again then" in done.stdout
