"""The commands that read, as a person runs them: what they print, and how they end."""

import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
import typer
from sqlalchemy import select

from monitor import cli, toml
from monitor.config import Settings, load_settings
from monitor.model import Link, LinkKind, utc_now
from monitor.store import health as states
from monitor.store import rounds, schema
from monitor.store.database import open_database, writing
from monitor.store.tables import FeedRow, PollRow
from tests.archive import NOW, SOURCES, article, store

PROGRAM = Path(sys.executable).parent / "straitwatch"


def straitwatch(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    return subprocess.run(
        [str(PROGRAM), *arguments], cwd=cwd, capture_output=True, encoding="utf-8", timeout=60, check=False,
        env={**os.environ, "COLUMNS": "100", "LC_ALL": "C", **environment},
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two articles."""
    data = tmp_path_factory.mktemp("data")
    db = open_database(f"sqlite:///{data / 'straitwatch.db'}")
    schema.upgrade(db, NOW)
    link = Link(LinkKind.READ_ALSO, "https://ledger.example/later", "Later, perhaps", 1)
    store(db, article("a", "Patrol in the strait", "The PLA Navy sailed by.", links=(link,)))
    store(
        db,
        article("b", "海警船在台海巡航", "海警船今日在台海巡航。", source="junwang", links=(link,)),
        source="junwang",
    )
    db.close()
    return data


def test_search_shows_time_side_headline_and_hit_sentence(folder: Path) -> None:
    done = straitwatch("search", "--data", str(folder), "台海", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "2026-11-24 07:30  PRC, state media, 军情观察网" in done.stdout
    assert "海警船在台海巡航" in done.stdout
    assert "1 shown of 1 articles" in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 100


def test_search_answers_a_program_in_json(folder: Path) -> None:
    done = straitwatch("search", "--data", str(folder), "--json", "pla OR 海警", cwd=folder)
    hits = [json.loads(line) for line in done.stdout.splitlines()]
    assert [hit["source"] for hit in hits] == ["junwang", "ledger"]
    assert hits[1]["snippet"] == "The PLA Navy sailed by."


def test_a_search_that_finds_nothing_explains_itself(folder: Path) -> None:
    done = straitwatch("search", "--data", str(folder), "台海 pla", cwd=folder)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "nothing matches; each part of the query alone finds", "       1  台海", "       1  pla",
        "no article has both 台海 and pla",
    ]  # fmt: skip


def test_a_misspelt_word_is_answered_with_one_that_is_there(folder: Path) -> None:
    done = straitwatch("search", "--data", str(folder), "patroll", cwd=folder)
    assert done.stdout.splitlines()[1] == "       0  patroll  did you mean patrol?"


def test_a_search_is_saved_asked_for_by_name_listed_and_forgotten(folder: Path) -> None:
    def search(*arguments: str) -> subprocess.CompletedProcess[str]:
        return straitwatch("search", "--data", str(folder), *arguments, cwd=folder)

    assert search("--save", "coast", "海警 OR pla").stdout == "saved: straitwatch search @coast\n"
    assert "2 shown of 2" in search("@coast").stdout
    assert "1 shown of 1" in search("@coast -lang:zh").stdout
    assert search("--save", "coast", "海警").stdout.splitlines()[1] == "in place of: 海警 OR pla"
    (row,) = [json.loads(line) for line in search("--list", "--json").stdout.splitlines()]
    assert (row["name"], row["query"]) == ("coast", "海警")
    assert "@coast" in search("--list").stdout
    for wrong, says in [
        (("--save", "coast", "sid:prc"), "did you mean side:?"),
        (("--save", "coast", "pla OR @coast"), "asks for itself"),
        (("--save", "two words", "pla"), "is no name for a search"),
        (("--save", "empty"), "--save wants a query"),
        (("--forget", "nothing"), "there is no saved search nothing"),
        ((), "search wants a query"),
    ]:
        done = search(*wrong)
        assert (done.returncode, says in done.stderr) == (1, True), done.stderr
    assert json.loads(search("--list", "--json").stdout)["query"] == row["query"]
    assert search("--forget", "COAST").stdout == "forgotten: @COAST\n"
    assert "no searches are saved yet" in search("--list").stdout


def test_why_tells_the_story_of_any_spelling_of_a_url(folder: Path) -> None:
    done = straitwatch("why", "--data", str(folder), "http://ledger.example/a?utm_source=x#top", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "2026-11-24 09:30  seen in a feed of ledger: Patrol in the strait",
        "2026-11-24 09:30  stored as article 1: 5 words, relevance 9, core",
    ]


def test_why_knows_a_url_that_was_only_linked_to(folder: Path) -> None:
    done = straitwatch("why", "--data", str(folder), "https://ledger.example/later", cwd=folder)
    assert "named as read-also by article 1: Patrol in the strait" in done.stdout


def test_links_are_shown_once_with_the_number_of_articles_that_name_them(folder: Path) -> None:
    done = straitwatch("links", "--data", str(folder), "--json", cwd=folder)
    (edge,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (edge["title"], edge["pointed_at"], edge["target"]) == ("Later, perhaps", 2, None)


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("search", "--data", "DATA", "side:prx"), 1, "did you mean side:prc?\n  side:prx\n       ^"),
        (("search", "--data", "DATA", "(a"), 1, "this bracket is never closed\n  (a\n  ^"),
        (
            ("search", "--data", "nowhere", "a"),
            1,
            "there is no database nowhere/straitwatch.db yet: `straitwatch run`",
        ),
        (("why", "--data", "DATA", "https://never.example/"), 1, "was never seen"),
        (("why", "--data", "DATA", "ftp://x"), 1, "is no web address"),
        (("links", "--data", "DATA", "--kind", "also"), 1, "there is no kind of link also"),
        (("serach",), 1, "No such command 'serach'"),
        (("search", "--limit", "0", "a"), 1, "--limit"),
        (("check", "--config", "missing.toml"), 1, "missing.toml: there is no such file"),
        (("try", "missing.html"), 1, "missing.html is no file that can be read"),
        (("db", "backup", "--data", "DATA", "DATA/straitwatch.db"), 1, "is there already"),
    ],
)
def test_a_users_mistake_names_the_thing_and_ends_with_1(
    folder: Path, arguments: tuple[str, ...], status: int, says: str
) -> None:
    done = straitwatch(*(part.replace("DATA", str(folder)) for part in arguments), cwd=folder)
    assert done.returncode == status
    assert says in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_check_lists_every_mistake_as_its_own_line(tmp_path: Path) -> None:
    (tmp_path / "straitwatch.toml").write_text("dorp = 1\nround_minutes = 1\n", "utf-8")
    done = straitwatch("check", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "2 mistakes"
    assert "straitwatch.toml: round_minutes = 1: must be 5 or more" in done.stdout


def test_init_writes_settings_that_check_accepts(tmp_path: Path) -> None:
    assert straitwatch("init", cwd=tmp_path).returncode == 0
    done = straitwatch("check", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "sources with" in done.stdout
    again = straitwatch("init", cwd=tmp_path)
    assert again.returncode == 1
    assert "--force" in again.stderr


def test_check_names_a_rule_that_cannot_be_read_and_a_channel_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "straitwatch.toml").write_text(
        '[channels.desk]\nurl = "file:///etc/passwd"\n[channels.chat]\nurl_env = "NO_SUCH_VARIABLE"\n'
        '[[rules]]\nname = "r"\nquery = "(a"\nchannels = ["desk"]\n',
        "utf-8",
    )
    done = straitwatch("check", cwd=tmp_path)
    assert done.returncode == 1
    assert "3 mistakes" in done.stdout
    assert "the variable NO_SUCH_VARIABLE is not set" in done.stdout
    assert "this bracket is never closed" in done.stdout
    assert "channels.desk" in done.stdout


def test_check_refuses_in_a_rule_what_cannot_be_known_when_an_article_comes(tmp_path: Path) -> None:
    rules = {
        "edited": "pla has:revision", "copied": "has:copies", "outlet": "source:nowhere pla", "story": "story:1",
        "shared": "@coast", "good": "~prc_pla NEAR/5 =US published:-7d has:link relevance:>=8 stem:patrol",
    }  # fmt: skip
    (tmp_path / "straitwatch.toml").write_text(
        '[channels.desk]\nurl = "json://127.0.0.1:9"\n'
        + "".join(
            f"[[rules]]\nname = '{name}'\nquery = '{query}'\nchannels = ['desk']\n"
            for name, query in rules.items()
        ),
        "utf-8",
    )
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "x.toml").write_text(
        'id = "nowhen"\nname = "N"\nhome = "https://n.example/"\nside = "us"\nkind = "press"\n'
        'feeds = ["https://n.example/feed"]\n',
        "utf-8",
    )
    done = straitwatch("check", cwd=tmp_path)
    assert done.returncode == 1
    assert "5 mistakes" in done.stdout
    for says in (
        'rule "edited": has:revision cannot stand in a rule: a rule looks at an article',
        'rule "copied": has:copies cannot stand in a rule: a rule looks at an article',
        'rule "outlet": there is no source nowhere; did you mean source:nowhen',
        'rule "story": there are no stories yet',
        'rule "shared": there is no saved search coast; here a query is written whole',
    ):
        assert says in done.stdout


HEAVY_LIBRARIES = [
    "prefect",
    "alembic",
    "fastapi",
    "apprise",
    "httpx",
    "bs4",
    "lxml",
    "feedparser",
    "psycopg",
    "sqlalchemy.dialects.postgresql",
]
HEAVIER = {
    # what else a command may do without, on SQLite
    "search": [*HEAVY_LIBRARIES, "pydantic", "yaml", "zstandard", "rich.progress"],
    "why": [*HEAVY_LIBRARIES, "pydantic", "rich.progress"],
    "check": [*HEAVY_LIBRARIES, "sqlalchemy.orm"],
    "sources": HEAVY_LIBRARIES,
}


@pytest.mark.parametrize(
    "command",
    [("search", "台海"), ("why", "http://ledger.example/a"), ("check",), ("sources",)],
    ids=" ".join,
)
def test_reading_commands_start_without_the_heavy_libraries(folder: Path, command: tuple[str, ...]) -> None:
    code = (
        "import sys; sys.argv = ['straitwatch', *sys.argv[2:]]; heavy = sys.orig_argv[3].split()\n"
        "from monitor.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted(set(heavy) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, " ".join(HEAVIER[command[0]]), *command, "--data", str(folder)],
        capture_output=True, encoding="utf-8", check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "command",
    [
        ("search", "台海"),
        ("search", "台海", "--save", "strait"),
        ("links",),
        ("db", "upgrade"),
        ("db", "check"),
    ],
    ids=" ".join,
)
def test_nothing_is_left_beside_the_database_when_a_command_ends(
    folder: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    data = shutil.copytree(folder, tmp_path / "data")
    done = straitwatch(*command, "--data", str(data), cwd=data)
    assert done.returncode == 0, done.stderr
    assert [file.name for file in data.glob("straitwatch.db-*")] == []


def test_each_command_is_found_in_the_module_that_is_said_to_have_it() -> None:
    for module, names in cli.COMMANDS.items():
        app = typer.Typer()
        import_module(f"monitor.cli.{module}").add_to(app)
        has = [each.name or each.callback.__name__ for each in app.registered_commands if each.callback]
        assert sorted([*has, *(str(each.name) for each in app.registered_groups)]) == sorted(names)


def test_check_has_the_channels_read_by_the_library_that_sends_when_asked(tmp_path: Path) -> None:
    channels = {"hook": "json://", "chat": "tgram://nonsense", "good": "json://127.0.0.1:9"}
    (tmp_path / "straitwatch.toml").write_text(
        "".join(f'[channels.{name}]\nurl = "{url}"\n' for name, url in channels.items()), "utf-8"
    )
    done = straitwatch("check", cwd=tmp_path)
    assert done.stdout.splitlines()[0] == "1 mistake"
    assert "channels.hook: names no host: json://***" in done.stdout
    done = straitwatch("check", "--channels", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "2 mistakes"
    assert "channels.chat: Apprise cannot use tgram://***" in done.stdout


@pytest.fixture(scope="module")
def watched(folder: Path) -> Path:
    """The data folder with its sources written down, one of them blocked, one with a gap, one asked never."""
    (folder / "sources").mkdir()
    (folder / "straitwatch.toml").write_text('data = "."\n', "utf-8")
    for source in SOURCES.values():
        (folder / "sources" / f"{source.id}.toml").write_text(
            f'id = "{source.id}"\nname = "{source.name}"\nhome = "{source.home}"\nside = "{source.side}"\n'
            f'kind = "{source.kind}"\nfeeds = ["{source.feeds[0]}"]\n',
            "utf-8",
        )
    db = open_database(f"sqlite:///{folder / 'straitwatch.db'}")
    with writing(db) as session:
        (number,) = [rounds.begin_round(session, NOW)]
        for feed in session.scalars(select(FeedRow)):
            if feed.source == "ledger":
                feed.answer, feed.problem, feed.answered_at = "refused", "HTTP 403", NOW
            if feed.source == "junwang":
                feed.answer, feed.answered_at, feed.lines, feed.fresh_at = "news", NOW, 3, utc_now()
                feed.gap_from, feed.gap_to = NOW, NOW + timedelta(hours=2)
                feed.title, feed.now_title, feed.host, feed.now_host = (
                    "军情",
                    "娱乐",
                    "j.example",
                    "k.example",
                )
            session.add(
                PollRow(
                    round=number, feed=feed.id, at=NOW, answer="news", found=1, new=feed.source != "fleet"
                )
            )
            session.flush()
            judged = states.judge_sources(session, {feed.source: timedelta(days=7)}, utc_now())
            states.change_states(session, judged, round_id=number, now=NOW)
    db.close()
    return folder


def test_sources_health_shows_the_worst_first_with_its_reason(watched: Path) -> None:
    done = straitwatch("sources", "health", "--data", str(watched), cwd=watched)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:4]] == [
        ["ledger", "blocked"], ["junwang", "zombie"], ["fleet", "not"],
    ]  # fmt: skip
    assert "ledger: says no to us: HTTP 403" in done.stdout
    assert "3 sources asked so far, 2 not well" in done.stdout
    assert max(len(line) for line in lines) <= 100


def test_sources_health_of_one_source_shows_its_feeds_and_offers_a_backfill(watched: Path) -> None:
    done = straitwatch("sources", "health", "junwang", "--data", str(watched), cwd=watched)
    assert done.returncode == 0, done.stderr
    assert 'answers as "娱乐" at k.example, known as "军情" at j.example' in " ".join(done.stdout.split())
    assert "a backfill from 2026-11-24 09:30 to 2026-11-24 11:30 closes the gap" in done.stdout
    done = straitwatch("sources", "health", "nobody", "--data", str(watched), cwd=watched)
    assert done.returncode == 1
    assert "there is no source nobody switched on" in done.stderr


def test_sources_health_and_ledger_answer_a_program(watched: Path) -> None:
    done = straitwatch("sources", "health", "--json", "--data", str(watched), cwd=watched)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["state"] for each in told] == ["blocked", "zombie", "not yet asked"]
    assert told[1]["feeds"][0]["gap_to"] == "2026-11-24T11:30:00+00:00"
    done = straitwatch("sources", "ledger", "--json", "--weeks", "520", "--data", str(watched), cwd=watched)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["source"], each["found"], each["stored"], each["adds_up"]) for each in told] == [
        ("junwang", 1, 1, True), ("ledger", 1, 1, True),
    ]  # fmt: skip


def test_sources_ledger_says_that_it_adds_up(watched: Path) -> None:
    done = straitwatch("sources", "ledger", "--weeks", "520", "--data", str(watched), cwd=watched)
    assert "week of 2026-11-23" in done.stdout
    assert "2 addresses found; it adds up" in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 100


def test_sources_accept_takes_a_source_as_it_is(watched: Path) -> None:
    done = straitwatch("sources", "accept", "junwang", "--data", str(watched), cwd=watched)
    assert 'is known as "娱乐" at k.example from now on' in done.stdout
    assert "the gap from 2026-11-24 09:30 is closed" in done.stdout
    done = straitwatch("sources", "accept", "junwang", "--data", str(watched), cwd=watched)
    assert "there is nothing to accept" in done.stdout


def test_sources_alone_still_lists_what_is_watched(watched: Path) -> None:
    done = straitwatch("sources", "--data", str(watched), cwd=watched)
    assert "3 sources, 3 switched on" in done.stdout


@pytest.mark.parametrize(
    ("text", "environment", "address"),
    [
        ("", {}, "sqlite:///{folder}/data/straitwatch.db"),
        ('data = "kept"\n', {}, "sqlite:///{folder}/kept/straitwatch.db"),
        ('[database]\nurl = "sqlite:///a.db"\n', {}, "sqlite:///a.db"),
        (
            '[database]\nurl = "sqlite:///a.db"\n',
            {"STRAITWATCH_DATABASE__URL": "sqlite:///b.db"},
            "sqlite:///b.db",
        ),
        ('[database]\nurl_env = "A"\n', {"A": "sqlite:///c.db"}, "sqlite:///c.db"),
        ("", {"straitwatch_data": "d"}, "sqlite:///{folder}/d/straitwatch.db"),
        ("", {"STRAITWATCH_DATABASE": '{"url": "sqlite:///e.db"}'}, "sqlite:///e.db"),
    ],
)
def test_a_command_that_only_asks_finds_the_archive_where_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, environment: dict[str, str], address: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "straitwatch.toml"
    file.write_text(text, "utf-8")
    full = load_settings(file).database_url
    assert (toml.database_url(file, None) or full) == full == address.format(folder=tmp_path)


def test_the_keys_that_a_quick_look_at_the_settings_knows_are_those_of_the_settings() -> None:
    assert set(Settings.model_fields) == toml.KEYS
