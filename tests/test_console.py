"""`straitwatch sql`: what a person asks in SQL is answered, what is more than asking is refused, on both databases."""

import csv
import io
import json
import time
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from monitor.errors import Mistake
from monitor.query import console
from monitor.query.statement import checked
from monitor.store.database import Database, open_database
from tests.archive import NOW, article, store
from tests.test_cli_reading import straitwatch


def test_a_question_is_answered_alike_on_both_databases(db: Database) -> None:
    store(
        db,
        article("a", "海警船在台海巡航", "海警船今日。", source="junwang", authors=("王某",)),
        source="junwang",
    )
    asked = (
        "SELECT id, title, published, day, shown, points / 2.0 AS half, NULL AS missing, authors,"
        " (SELECT authors FROM articles WHERE articles.id = v.id) AS list,"
        " (SELECT avg(points) FROM articles) AS mean, (SELECT sum(words) FROM articles) AS words"
        " FROM v_articles v;  -- a comment"
    )
    found = console.ask(db, asked)
    assert found.columns[:4] == ("id", "title", "published", "day")
    assert found.rows == [
        [1, "海警船在台海巡航", "2026-11-24 07:30:00.000000", "2026-11-24", 1, 4.5, None, "王某", '["王某"]', 9, 1]
    ]  # fmt: skip


def test_columns_of_one_name_are_told_apart(db: Database) -> None:
    assert console.ask(db, "SELECT 1 AS a, 2 AS a, 3 AS a").columns == ("a", "a_2", "a_3")


def test_an_answer_is_cut_at_so_many_rows_and_bytes(db: Database) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    found = console.ask(db, endless, rows=1200)
    assert ([row[0] for row in found.rows], found.cut) == (list(range(1, 1201)), "the first 1,200 rows")
    long = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT replace('" + "x" * 1000
    found = console.ask(db, f"{long}', 'x', 'yyyyyyyyyy') FROM n", megabytes=1)
    assert len(found.rows) == 104
    assert found.cut == "the first 104 rows, 1 MB of them"


def test_a_mistake_in_the_sql_is_told_in_the_databases_words(db: Database) -> None:
    with pytest.raises(Mistake, match=r"no such column: tilte|column .tilte. does not exist"):
        console.ask(db, "SELECT tilte FROM v_articles")


COMMON = [
    ("", "there is no statement"),
    ("-- nothing", "there is no statement"),
    ("DROP TABLE articles", "DROP is refused"),
    ("VACUUM INTO 'there.db'", "VACUUM is refused"),
    ("PRAGMA writable_schema = 1", "PRAGMA is refused"),
    ("ATTACH DATABASE 'there.db' AS there", "ATTACH is refused"),
    ("COPY articles TO PROGRAM 'cat > there.db'", "COPY is refused"),
    ("SELECT 1; SELECT 2", "one statement at a time"),
    ("SELECT 1; COMMIT; DROP TABLE articles", "one statement at a time"),
    ("/* ; */ DELETE FROM articles", "DELETE is refused"),
    ("SELECT 1\0", "NUL"),
    ("SELECT '" + "x" * 200_000, "100,000 are the most"),
    ("WITH x AS (SELECT 1) INSERT INTO meta VALUES ('a', 'b')", "INSERT|refused|syntax error"),
]
OF = {
    "sqlite": [
        ("SELECT load_extension('there.so')", "load_extension is refused|no such function|not authorized"),
        ("EXPLAIN SELECT load_extension('there.so')", "load_extension is refused|no such function|not authorized"),
        ("SELECT randomblob(2000000000)", "too big"),
        ("SELECT group_concat(hex(zeroblob(4000000))) FROM (VALUES (1), (2), (3), (4), (5))", "too big"),
        ("SELECT * FROM pragma_journal_mode('DELETE')", "no such table|refused"),
        ("WITH x AS (SELECT 1) DELETE FROM meta", "DELETE|readonly|read-only"),
        ("SELECT writefile('there.db', 'x')", "no such function|refused"),
    ],
    "postgresql": [
        ("SELECT pg_read_file('/etc/passwd')", "pg_read_file is refused"),
        ('SELECT "pg_read_file"(\'/etc/passwd\')', "pg_read_file is refused"),
        ('SELECT U&"pg\\005fread_file"(\'/etc/passwd\')', "U&"),
        ("SELECT pg_catalog.pg_ls_dir('/')", "pg_ls_dir is refused"),
        ("SELECT pg_sleep(60)", "pg_sleep is refused"),
        ("SELECT rolpassword FROM pg_authid", "pg_authid is refused"),
        ("SELECT lo_import('/etc/passwd')", "lo_import is refused"),
        ("SELECT dblink_connect('x')", "dblink_connect is refused"),
        ("SELECT query_to_xml('SELECT pg_read_file(''x'')', true, true, '')", "query_to_xml is refused"),
        ("SELECT * FROM ts_stat('SELECT 1')", "ts_stat is refused"),
        ("SELECT set_config('statement_timeout', '0', false)", "set_config is refused"),
        ("SELECT E'\\'' , pg_sleep(60) -- '", "pg_sleep is refused"),
        ("SELECT $$'$$, pg_sleep(60) --'", "pg_sleep is refused"),
        ("WITH x AS (DELETE FROM meta RETURNING *) SELECT * FROM x", "data-modifying"),
        ("SELECT * INTO there FROM articles", "INTO|not allowed"),
        ("SELECT * FROM articles FOR UPDATE", "read-only"),
        ("EXPLAIN ANALYZE DELETE FROM meta", "read-only"),
    ],
}  # fmt: skip


def test_q06_what_is_more_than_asking_is_refused_by_name(db: Database, tmp_path: Path) -> None:
    store(db, article("a", "Patrol", "The PLA Navy sailed by."))
    for query, told in (*COMMON, *OF[db.kind]):
        with pytest.raises(Mistake, match=told):
            console.ask(db, query.replace("there.", f"{tmp_path}/there."))
    assert list(tmp_path.glob("there*")) == []
    assert console.ask(db, "SELECT count(*) FROM articles").rows == [[1]]


def test_q06_a_statement_without_end_is_stopped(db: Database) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    begun = time.monotonic()
    with pytest.raises(Mistake, match=r"longer than 0\.5 s"):
        console.ask(db, endless, seconds=0.5)
    assert time.monotonic() - begun < 5


def test_q06_one_endless_function_is_stopped_too(db: Database) -> None:
    """Inside one function SQLite asks neither for the time nor for anything else: its process is ended."""
    if db.kind == "sqlite":
        begun = time.monotonic()
        with pytest.raises(Mistake, match=r"longer than 0\.3 s"):
            console.ask(
                db, "SELECT instr(hex(zeroblob(2000000)), hex(zeroblob(1000000)) || 'b')", seconds=0.3
            )
        assert time.monotonic() - begun < 6


def test_q06_a_statement_that_eats_memory_is_stopped(db: Database) -> None:
    eats = {
        "sqlite": "SELECT " + ", ".join(f"randomblob(15000000) AS c{n}" for n in range(60)),
        "postgresql": "SELECT repeat('x', 300000000)",
    }
    with pytest.raises(Mistake, match=r"memory|longer than"):
        console.ask(db, eats[db.kind])


def test_q06_a_superusers_rights_are_laid_down(db: Database) -> None:
    if db.kind == "postgresql":
        with db.engine.connect() as connection:
            assert connection.scalar(sql("SELECT usesuper FROM pg_user WHERE usename = current_user"))
        assert console.ask(db, "SELECT current_user").rows == [["pg_read_all_data"]]


def test_names_in_texts_and_comments_are_no_mistake() -> None:
    for harmless in (
        "SELECT 'pg_sleep(1); DROP TABLE x'",
        "SELECT 1 /* pg_sleep; /* nested */ ; */",
        "SELECT $x$ pg_sleep; $x$",
        "SELECT pg_size_pretty(pg_database_size(current_database()))",
        "(SELECT 1) UNION (SELECT 2)",
    ):
        assert checked(harmless + " ; ", "postgresql") == harmless + " "


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from monitor.store import schema

    data = tmp_path_factory.mktemp("console")
    db = open_database(f"sqlite:///{data / 'straitwatch.db'}")
    schema.upgrade(db, NOW)
    store(db, article("a", '=HYPERLINK("http://evil.example")', "One.", "Two, three."))
    db.close()
    return data


def test_sql_prints_a_table(folder: Path) -> None:
    done = straitwatch("sql", "SELECT id, title FROM v_articles", "--data", str(folder), cwd=folder)
    assert done.returncode == 0, done.stderr
    assert '1  =HYPERLINK("http://evil.example")' in done.stdout
    assert "1 row" in done.stdout


def test_q07_sql_writes_csv_that_no_spreadsheet_runs(folder: Path) -> None:
    query = "SELECT title, text, -1 AS number FROM v_articles"
    done = straitwatch("sql", query, "--csv", "--data", str(folder), cwd=folder)
    assert list(csv.reader(io.StringIO(done.stdout))) == [
        ["title", "text", "number"], ['\'=HYPERLINK("http://evil.example")', "One.\nTwo, three.", "-1"],
    ]  # fmt: skip
    done = straitwatch("sql", query, "--csv", "--raw", "--data", str(folder), cwd=folder)
    assert list(csv.reader(io.StringIO(done.stdout)))[1][0] == '=HYPERLINK("http://evil.example")'


def test_sql_answers_a_program_in_json_and_says_on_stderr_that_there_is_more(folder: Path) -> None:
    query = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    done = straitwatch("sql", query, "--json", "--limit", "2", "--data", str(folder), cwd=folder)
    assert [json.loads(line) for line in done.stdout.splitlines()] == [{"x": 1}, {"x": 2}]
    assert done.stderr.strip() == "these are the first 2 rows; there are more"


def test_sql_ends_with_a_mistake_in_words(folder: Path) -> None:
    done = straitwatch("sql", "DELETE FROM articles", "--data", str(folder), cwd=folder)
    assert (done.returncode, "DELETE is refused" in done.stderr) == (1, True)
