"""Articles carried out: each format read back by a reader that is not ours, on both databases."""

import csv
import errno
import io
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Event
from typing import Any

import feedparser
import pytest
from lxml import etree
from markdown_it import MarkdownIt

from monitor.errors import Mistake
from monitor.exporting.articles import Errand, Report, export_articles
from monitor.model import DateQuality, Link, LinkKind, Mention
from monitor.query.outgoing import AT_ONCE, Wanted
from monitor.query.pieces import QueryMistake
from monitor.store import saved, schema
from monitor.store.database import Database, open_database, writing
from monitor.store.tables import ArticleRow
from tests.archive import NOW, article, store
from tests.test_cli_reading import HEAVY_LIBRARIES, PROGRAM, straitwatch

LATER = Link(LinkKind.READ_ALSO, "https://ledger.example/later", "Later, perhaps", 1)


def fill(db: Database) -> None:
    """Three articles: one in English with a link and a term, one in Chinese, a copy of the first one."""
    first = store(
        db, article("a", "Patrol in the strait", "The PLA Navy sailed by.", "It sailed on.", links=(LATER,)),
        mentions=(Mention("pla", "PLA", 0, 1, 3),),
    )  # fmt: skip
    store(
        db,
        article(
            "b", "海警船在台海巡航", "海警船今日在台海巡航。", source="junwang", authors=("王明", "李华")
        ),
        source="junwang",
    )
    again = article("c", "Patrol in the strait", "The PLA Navy sailed by.", "It sailed on.", source="fleet")
    copy = store(db, again, source="fleet", copies_of=first, now=NOW + timedelta(days=1))
    with writing(db) as session:
        session.get_one(ArticleRow, copy).shown = False  # as if the outlets' tiers were the other way round
        session.get_one(ArticleRow, first).shown = True


def exported(
    db: Database, name: str, file: Path, query: str = "", *, rights: dict[str, str] | None = None,
    raw: bool = False, stop: Event | None = None, **wanted: Any,
) -> Report:  # fmt: skip
    """Export as the command does."""
    return export_articles(
        Errand(
            db, Wanted(query, **wanted), name, file, rights or {}, NOW + timedelta(days=2), stop or Event(),
            lambda done, of: None, raw=raw,
        )
    )  # fmt: skip


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened, strict=True))


def lines_of(file: Path) -> list[dict[str, Any]]:
    def refuse(name: str) -> None:
        raise AssertionError(name)

    return [json.loads(line, parse_constant=refuse) for line in file.read_text("utf-8").splitlines()]


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


# ------------------------------------------------------------------------------------ what is chosen


def test_csv_is_read_back_by_a_strict_reader(db: Database, tmp_path: Path) -> None:
    fill(db)
    assert exported(db, "csv", tmp_path / "a.csv").articles == 3
    kept = (tmp_path / "a.csv").read_bytes()
    assert kept.count(b"\r\n") == 4
    assert kept.startswith(b"id,url,title,source,")
    first, second, third = rows_of(tmp_path / "a.csv")
    assert (first["url"], first["title"]) == ("https://ledger.example/a", "Patrol in the strait")
    assert first["text"] == "The PLA Navy sailed by.\nIt sailed on."
    assert (first["published"], first["published_quality"]) == ("2026-11-24T07:30:00Z", "page")
    assert first["first_seen"] == "2026-11-24T09:30:00Z"
    assert (second["authors"], second["side"], second["source_name"]) == ("王明; 李华", "prc", "军情观察网")
    assert (third["copies_of"], third["relevance"], third["points"]) == ("1", "core", "9")


def test_json_lines_hold_links_and_terms(db: Database, tmp_path: Path) -> None:
    fill(db)
    exported(db, "jsonl", tmp_path / "a.jsonl")
    first, second, _ = lines_of(tmp_path / "a.jsonl")
    assert first["links"] == [
        {"kind": "read-also", "url": LATER.url, "title": "Later, perhaps", "target": None}
    ]
    assert first["terms"] == ["pla"]
    assert (first["published"], first["copies_of"]) == ("2026-11-24T07:30:00Z", None)
    assert (second["authors"], second["text"]) == (["王明", "李华"], "海警船今日在台海巡航。")


@pytest.mark.parametrize(
    ("query", "wanted", "found"),
    [
        ("台海", {}, ["b"]),
        ("台海 OR PLA", {}, ["a", "b", "c"]),
        ("@patrols -side:prc", {}, ["a", "c"]),
        ("", {"source": "fleet"}, ["c"]),
        ("pla", {"source": "ledger"}, ["a"]),
        ("", {"since": NOW + timedelta(hours=1)}, ["c"]),
        ("pla", {"since": NOW + timedelta(days=9)}, []),
        ("", {"limit": 2}, ["b", "c"]),
        ("pla OR 台海", {"limit": 1}, ["c"]),
    ],
)
def test_a_query_a_source_a_day_and_a_limit_choose(
    db: Database, tmp_path: Path, query: str, wanted: dict[str, Any], found: list[str]
) -> None:
    fill(db)
    with writing(db) as session:
        saved.put(session, "patrols", "pla OR 台海", NOW)
    exported(db, "csv", tmp_path / "a.csv", query, **wanted)
    assert [row["url"][-1] for row in rows_of(tmp_path / "a.csv")] == found


def test_more_articles_than_are_read_at_once_come_in_order(db: Database, tmp_path: Path) -> None:
    number = 2 * AT_ONCE + 3
    for each in range(number):
        store(db, article(f"n{each}", f"Patrol {each}", f"Ship {each} of the PLA sailed."))
    for query in ("", "pla", "relevance:>=1"):
        file = tmp_path / f"{len(query)}.csv"
        assert exported(db, "csv", file, query).articles == number
        assert [row["title"] for row in rows_of(file)] == [f"Patrol {each}" for each in range(number)]


def test_a_mistake_in_what_is_wanted_leaves_no_file(db: Database, tmp_path: Path) -> None:
    fill(db)
    with pytest.raises(QueryMistake, match="nosuch"):
        exported(db, "csv", tmp_path / "a.csv", "source:nosuch")
    with pytest.raises(Mistake, match="no source 'x' is known"):
        exported(db, "csv", tmp_path / "a.csv", source="x")
    stop = Event()
    stop.set()
    with pytest.raises(Mistake, match=r"stopped; .*a\.csv is not written"):
        exported(db, "csv", tmp_path / "a.csv", stop=stop)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------------- rights


def test_what_a_source_does_not_allow_is_not_carried_out(db: Database, tmp_path: Path) -> None:
    long = [f"Line {number} of many words that say what the ships did." for number in range(20)]
    for source in ("ledger", "fleet", "junwang"):
        store(db, article("long", f"Of {source}", *long, source=source), source=source)
    report = exported(db, "jsonl", tmp_path / "a.jsonl", rights={"ledger": "excerpt", "fleet": "metadata"})
    told = {str(each["source"]): each for each in lines_of(tmp_path / "a.jsonl")}
    assert told["junwang"]["text"] == "\n".join(long)
    assert told["fleet"]["text"] == ""
    excerpt = str(told["ledger"]["text"])
    assert "\n".join(long).startswith(excerpt)
    assert 60 < len(excerpt.split()) <= 100
    assert (told["ledger"]["labels"], told["fleet"]["labels"]) == (["excerpt only"], ["metadata only"])
    assert (report.articles, report.excerpts, report.without_text) == (3, 1, 1)
    assert "1 of them as an excerpt" in next(iter(report.sentences()))


# ----------------------------------------------------------------------------------------- files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with three articles, and the settings' sources none."""
    data = tmp_path_factory.mktemp("data")
    db = open_database(f"sqlite:///{data / 'straitwatch.db'}")
    schema.upgrade(db, NOW)
    fill(db)
    db.close()
    (data / "straitwatch.toml").write_text('data = "."\npacks = []\n', "utf-8")
    return data


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Run:
    """Run `straitwatch export` in an empty folder: its status, output, errors."""

    def run_(*arguments: str, command: str = "export") -> tuple[int, str, str]:
        more = () if command == "verify" else ("--data", str(folder))
        done = straitwatch(command, *arguments, *more, cwd=tmp_path)
        return done.returncode, done.stdout, done.stderr

    return run_


def test_the_command_writes_a_file_and_says_so(run: Run, tmp_path: Path) -> None:
    status, told, _ = run("台海", "--csv", "a.csv")
    assert (status, told.startswith("wrote a.csv: 1 article, ")) == (0, True)
    assert [row["title"] for row in rows_of(tmp_path / "a.csv")] == ["海警船在台海巡航"]
    assert names(tmp_path) == ["a.csv"]


def test_the_standard_output_holds_the_export_and_nothing_else(run: Run) -> None:
    status, told, beside = run("--jsonl", "-")
    assert (status, len([json.loads(line) for line in told.splitlines()])) == (0, 3)
    assert beside.strip() == "wrote standard output: 3 articles"
    status, told, beside = run("--csv", "-", "nobody OR said OR this")
    assert (status, len(list(csv.reader(io.StringIO(told)))), "0 articles" in beside) == (0, 1, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "export wants one format and its FILE"),
        (("--csv", "a.csv", "--rss", "b.xml"), "only one: --csv --jsonl"),
        (("--jsonl", "a.jsonl", "--raw"), "--raw goes with --csv"),
        (("--warc", "a.warc.gz", "pla"), "a query and --limit ask for articles"),
        (("--pack", "-"), "--pack wants a file"),
        (("--parquet", "-"), "--parquet wants a file"),
        (("--warc", "-"), "--warc wants a file"),
        (("--csv", "no/such/folder.csv"), "cannot be written: No such file or directory"),
        (("--csv", "a.csv", "--source", "x"), "no source 'x' is known"),
        (("--csv", "a.csv", "("), "("),
        (("--csv", "a.csv", "-n", "99999999999999999999"), "-n"),
        (("--csv", "x" * 300), "cannot be"),
        (("--csv", f"{PROGRAM}/x.csv"), "cannot be"),
        (("--csv", "a.csv", "-title:x"), "stands behind --"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_and_nothing_is_written(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    status, _, told = run(*arguments)
    assert (status, said in " ".join(told.split())) == (1, True), told
    assert names(tmp_path) == []


def test_a_file_that_is_there_is_not_overwritten_nor_a_link_followed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("mine")
    (tmp_path / "b.csv").symlink_to(tmp_path / "elsewhere")
    for name in ("a.csv", "b.csv", "."):
        status, _, told = run("--csv", name)
        assert (status, "is there already" in told) == (1, True)
    assert (tmp_path / "a.csv").read_text() == "mine"
    assert names(tmp_path) == ["a.csv", "b.csv"]


def test_a_file_that_is_there_is_replaced_when_asked_and_whole_until_then(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_text("mine")
    file.chmod(0o600)
    assert run("--atom", "feed.xml", "--replace", "(")[0] == 1
    assert file.read_text() == "mine"
    assert run("--atom", "feed.xml", "--replace")[0] == 0
    assert "<feed" in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert names(tmp_path) == ["feed.xml"]


def test_what_is_no_file_of_ours_is_not_replaced(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "x.db-wal").write_bytes(b"")
    for name, why in (
        ("link", "is no plain file"), ("folder", "is no plain file"), ("pipe", "is no plain file"),
        ("x.db-wal", "belongs to a database"), (str(folder / "straitwatch.db"), "belongs to a database"),
    ):  # fmt: skip
        status, _, told = run("--jsonl", name, "--replace")
        assert (status, why in " ".join(told.split())) == (1, True), told
    assert (tmp_path / "mine").read_text() == "mine"
    assert len(lines_of_search(run)) == 3


def lines_of_search(run: Run) -> list[str]:
    return run("--jsonl", "-")[1].splitlines()


def test_a_disk_without_links_is_written_all_the_same(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")  # what a FAT file system says

    monkeypatch.setattr(os, "link", refused)
    fill(db)
    exported(db, "csv", tmp_path / "a.csv")
    assert len(rows_of(tmp_path / "a.csv")) == 3


def test_a_source_that_the_settings_no_longer_name_keeps_its_rights(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(folder, data)
    with closing(sqlite3.connect(data / "straitwatch.db")) as kept, kept:
        assert kept.execute("SELECT DISTINCT keep FROM sources").fetchall() == [("full",)]
        kept.execute("UPDATE sources SET keep = 'metadata' WHERE id = 'ledger'")
    done = straitwatch("export", "--jsonl", "-", "--data", str(data), cwd=tmp_path)
    texts = {line["source"]: line["text"] for line in map(json.loads, done.stdout.splitlines())}
    assert texts["ledger"] == ""
    assert "of them without text" in done.stderr


def test_a_reader_that_leaves_is_no_mistake(folder: Path, tmp_path: Path) -> None:
    command = [str(PROGRAM), "export", "--jsonl", "-", "--data", str(folder)]
    reads, writes = os.pipe()
    os.close(reads)  # before anything is written
    done = subprocess.run(command, stdout=writes, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writes)
    assert (done.returncode, b"fault" in done.stderr) == (0, False)


def test_sqlite_is_read_in_short_transactions(folder: Path, tmp_path: Path) -> None:
    """A checkpoint in the middle of an export is not held up: no reader pins the WAL."""
    file = tmp_path / "straitwatch.db"
    file.write_bytes((folder / "straitwatch.db").read_bytes())
    db = open_database(f"sqlite:///{file}")
    for each in range(2 * AT_ONCE):
        store(db, article(f"n{each}", f"Patrol {each}", f"Ship {each} sailed."))
    beside = sqlite3.connect(file, isolation_level=None)
    busy = []

    def watch(done: int, of: int) -> None:
        beside.execute("UPDATE articles SET points = points + 1 WHERE id = 1")
        busy.append(beside.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])

    export_articles(Errand(db, Wanted(), "csv", tmp_path / "a.csv", {}, NOW, Event(), watch))
    assert busy == [0, 0, 0]
    beside.close()
    db.close()


# ------------------------------------------------------------------------------ feeds and the digest


def test_an_atom_feed_is_read_by_strict_readers_and_by_feedparser(db: Database, tmp_path: Path) -> None:
    fill(db)
    assert exported(db, "atom", tmp_path / "a.xml", "pla OR 台海").articles == 2
    tree = etree.parse(tmp_path / "a.xml").getroot()
    atom = "{http://www.w3.org/2005/Atom}"
    assert [each.findtext(f"{atom}id") for each in tree.iter(f"{atom}entry")] == [
        "https://junwang.example/b", "https://ledger.example/a",
    ]  # fmt: skip
    for each in (tree, *tree.iter(f"{atom}entry")):  # RFC 4287, 4.1.1 and 4.1.2: exactly one of each
        assert all(len(each.findall(atom + name)) == 1 for name in ("id", "title", "updated"))
    read = feedparser.parse(tmp_path / "a.xml")
    assert (read.bozo, read.version, read.feed.title) == (False, "atom10", "Straitwatch: search pla OR 台海")
    newest, older = read.entries
    assert (newest.title, newest.link, newest.author) == (
        "海警船在台海巡航",
        "https://junwang.example/b",
        "李华",
    )
    assert older.content[0].value == "<p>The PLA Navy sailed by.</p><p>It sailed on.</p>"
    assert (older.published, older.updated) == ("2026-11-24T07:30:00Z", "2026-11-24T09:30:00Z")
    assert {"prc", "core", "junwang"} == {tag.term for tag in newest.tags}


def test_an_rss_feed_is_read_by_strict_readers_and_by_feedparser(db: Database, tmp_path: Path) -> None:
    fill(db)
    exported(db, "rss", tmp_path / "a.xml", "台海", limit=1)
    etree.parse(tmp_path / "a.xml")
    read = feedparser.parse(tmp_path / "a.xml")
    assert (read.bozo, read.version, len(read.entries)) == (False, "rss20", 1)
    (entry,) = read.entries
    assert (entry.title, entry.link, entry.id) == (
        "海警船在台海巡航", "https://junwang.example/b", "https://junwang.example/b",
    )  # fmt: skip
    assert entry.published == "Tue, 24 Nov 2026 07:30:00 GMT"
    assert entry.description == "<p>海警船今日在台海巡航。</p>"


def test_the_ids_of_a_feed_are_the_same_in_every_export(db: Database, tmp_path: Path) -> None:
    fill(db)
    for name in ("a", "b"):
        exported(db, "atom", tmp_path / name, "pla")
    first, second = (feedparser.parse(tmp_path / name) for name in ("a", "b"))
    assert first.feed.id == second.feed.id
    exported(db, "atom", tmp_path / "c", "台海")
    assert feedparser.parse(tmp_path / "c").feed.id != first.feed.id


def test_a_feed_of_nothing_is_a_feed(db: Database, tmp_path: Path) -> None:
    for name, version in (("atom", "atom10"), ("rss", "rss20")):
        assert exported(db, name, tmp_path / name).articles == 0
        assert feedparser.parse(tmp_path / name).version == version


def test_a_feed_and_a_digest_hold_the_newest_and_of_copies_the_best(db: Database, tmp_path: Path) -> None:
    for each in range(60):
        store(db, article(f"n{each}", f"Patrol {each}", f"Ship {each}.", source="ledger"))
    assert exported(db, "rss", tmp_path / "a").articles == 50
    assert feedparser.parse(tmp_path / "a").entries[0].title == "Patrol 59"
    assert exported(db, "digest", tmp_path / "b", limit=7).articles == 7
    assert exported(db, "digest", tmp_path / "c").articles == 60
    fill(db)
    exported(db, "rss", tmp_path / "d", limit=1)
    assert [entry.link for entry in feedparser.parse(tmp_path / "d").entries] == ["https://ledger.example/a"]


def test_a_digest_tells_by_day_what_who_and_when(db: Database, tmp_path: Path) -> None:
    fill(db)
    store(db, article("d", "Later", "No date.", published=None, published_quality=DateQuality.MISSING,
                      labels=("withdrawn",)), now=NOW + timedelta(days=1))  # fmt: skip
    exported(db, "digest", tmp_path / "a.md")
    told = (tmp_path / "a.md").read_text("utf-8")
    assert told.startswith("# Straitwatch: all articles\n\nMade 2026-11-26 09:30; all times are UTC.\n")
    days = [line for line in told.splitlines() if line.startswith("## ")]
    assert days == ["## 2026-11-25, Wednesday", "## 2026-11-24, Tuesday"]
    assert "- **09:30** [海警船在台海巡航](<https://junwang.example/b>)" in told
    assert "军情观察网 (PRC, state media); published 2026-11-24 07:30; core, 9 points" in told
    assert "words; 1 link, 1 READ ALSO" in told
    assert "no date printed" in told
    assert "**withdrawn**" in told
    assert "\n  > The PLA Navy sailed by. It sailed on.\n" in told
    shown = MarkdownIt().render(told)
    assert shown.count("<li>") == 3
    assert '<a href="https://ledger.example/a">Patrol in the strait</a>' in shown


# ------------------------------------------------------------------------------------------ Parquet


def test_a_day_without_a_time_is_told_as_it_was_printed(db: Database, tmp_path: Path) -> None:
    printed = datetime(2026, 11, 24, tzinfo=timezone(timedelta(hours=8)))  # the day before, in UTC
    store(db, article("d", "A day", "Text.", published=printed, published_quality=DateQuality.DATE_ONLY))
    exported(db, "digest", tmp_path / "a.md")
    assert "published 2026-11-24 (a day only)" in (tmp_path / "a.md").read_text("utf-8")


def test_parquet_has_a_fixed_schema_and_times_in_utc(db: Database, tmp_path: Path) -> None:
    from pyarrow import parquet

    exported(db, "parquet", tmp_path / "none")
    fill(db)
    exported(db, "parquet", tmp_path / "a", "pla OR 台海")
    none, some = (parquet.read_table(tmp_path / name) for name in ("none", "a"))
    assert (none.num_rows, none.schema) == (0, some.schema)
    assert str(some.schema.field("first_seen").type) == "timestamp[us, tz=UTC]"
    first, second, third = some.to_pylist()
    assert (first["first_seen"], first["published"]) == (NOW, NOW - timedelta(hours=2))
    assert first["links"] == [{"kind": "read-also", "url": LATER.url, "title": LATER.title, "target": None}]
    assert (first["terms"], first["shown"], third["copies_of"]) == (["pla"], True, 1)
    assert (second["authors"], second["title"]) == (["王明", "李华"], "海警船在台海巡航")
    assert some.schema.metadata[b"asked_for"].decode() == "search pla OR 台海"


def test_parquet_is_written_by_row_groups(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyarrow import parquet

    from monitor.exporting import parquet as ours

    monkeypatch.setattr(ours, "ROWS", 2)
    fill(db)
    exported(db, "parquet", tmp_path / "a")
    assert parquet.ParquetFile(tmp_path / "a").metadata.num_row_groups == 2
    monkeypatch.setattr(ours, "TEXT_BYTES", 1)
    exported(db, "parquet", tmp_path / "b")
    assert parquet.ParquetFile(tmp_path / "b").metadata.num_row_groups == 3


def started_without(libraries: str, *arguments: str, cwd: Path) -> tuple[int, list[str], str]:
    """Run the command where these libraries cannot be had; its status, which of them it asked for, its errors."""
    code = (
        "import sys; sys.argv = ['straitwatch', *sys.argv[2:]]; missing = sys.orig_argv[3].split(); asked = set()\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in missing: asked.add(name); raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from monitor.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: status = end.code\n"
        "print(status, *sorted(asked))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, libraries, *arguments], capture_output=True, encoding="utf-8", check=True,
        timeout=60, cwd=cwd,
    )  # fmt: skip
    status, *asked = done.stdout.splitlines()[-1].split()
    return int(status), asked, done.stderr


HEAVY = " ".join([*HEAVY_LIBRARIES, "pyarrow", "ahocorasick", "yaml", "httpx"])


@pytest.mark.parametrize("name", ["csv", "jsonl", "atom", "rss", "digest", "pack"])
def test_an_export_needs_no_heavy_library(folder: Path, tmp_path: Path, name: str) -> None:
    done = started_without(HEAVY, "export", f"--{name}", "a", "pla", "--data", str(folder), cwd=tmp_path)
    assert done == (0, [], "")
    if name == "pack":
        assert started_without(HEAVY, "verify", "a", cwd=tmp_path) == (0, [], "")


def test_parquet_without_pyarrow_says_how_to_have_it(folder: Path, tmp_path: Path) -> None:
    done = started_without("pyarrow", "export", "--parquet", "a", "--data", str(folder), cwd=tmp_path)
    assert done == (1, ["pyarrow"], "--parquet needs pyarrow: pip install 'straitwatch[export]'\n")
    assert names(tmp_path) == []
