"""Evidence packs: whole when they are made, and told of whatever is done to them afterwards."""

import io
import json
import os
import subprocess
import zipfile
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from monitor.errors import Mistake
from monitor.exporting import pack, zipped
from monitor.exporting.verifying import verify
from monitor.exporting.zipped import Full, ZipWriter, looked_at
from monitor.model import Page
from monitor.store import pages
from monitor.store.database import Database, writing
from monitor.store.tables import ArticleRow, RevisionRow
from tests.archive import NOW
from tests.test_cli_reading import straitwatch
from tests.test_export import exported, fill, names

BODY = "<html><script>alert(1)</script><p>海警船 in the strait</p></html>".encode()


def give_pages(db: Database, *numbers: int) -> None:
    """Give articles the raw pages that they came from."""
    with writing(db) as session:
        for number in numbers:
            row = session.get_one(ArticleRow, number)
            page = Page(
                row.url, row.url, 200, BODY + str(number).encode(), NOW, {"etag": '"1"'}, {"user-agent": "x"}
            )
            row.page = pages.keep_page(session, row.entry, page)


def edit(db: Database, number: int, title: str, text: str) -> None:
    """Give an article a newer text, from a page of its own."""
    with writing(db) as session:
        row = session.get_one(ArticleRow, number)
        session.add(
            RevisionRow(article=number, number=row.revision, replaced_at=NOW + timedelta(hours=1), title=row.title,
                        text=row.text, text_hash=row.text_hash, page=row.page)
        )  # fmt: skip
        row.title, row.text, row.revision, row.labels = title, text, row.revision + 1, ["withdrawn"]
        newer = Page(row.url, row.url, 200, b"<p>newer", NOW + timedelta(hours=1))
        row.page = pages.keep_page(session, row.entry, newer)


def packed(db: Database, file: Path, query: str = "", **more: Any) -> dict[str, bytes]:
    """Export a pack; its files."""
    exported(db, "pack", file, query, **more)
    with zipfile.ZipFile(file) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def test_a_pack_holds_article_text_revisions_raw_pages_and_what_was_asked(
    db: Database, tmp_path: Path
) -> None:
    fill(db)
    give_pages(db, 1, 2)
    edit(db, 1, "Patrol", "The PLA Navy sailed away.\nIt sailed on.")
    files = packed(db, tmp_path / "a.zip", "source:ledger")
    assert sorted(files) == [
        "README.txt", "articles/1/article.json", "articles/1/pages/1.body", "articles/1/pages/1.json",
        "articles/1/pages/2.body", "articles/1/pages/2.json", "articles/1/revisions/1.json",
        "articles/1/revisions/1.txt", "articles/1/revisions/2.diff", "articles/1/revisions/2.json",
        "articles/1/text.txt", "manifest.json",
    ]  # fmt: skip
    told = json.loads(files["articles/1/article.json"])
    assert files["articles/1/text.txt"].decode() == "The PLA Navy sailed away.\nIt sailed on."
    assert told["text_sha256"] == sha256(files["articles/1/text.txt"]).hexdigest()
    assert (told["published"], told["published_quality"]) == ("2026-11-24T07:30:00Z", "page")
    assert (told["fetched_at"], told["first_seen"]) == ("2026-11-24T10:30:00Z", "2026-11-24T09:30:00Z")
    assert (told["published_offset"], told["published_printed"]) == (0, "")
    assert (told["labels"], told["terms"]) == (["withdrawn"], ["pla"])
    assert files["articles/1/revisions/1.txt"].decode() == "The PLA Navy sailed by.\nIt sailed on."
    diff = files["articles/1/revisions/2.diff"].decode()
    assert "- The PLA Navy sailed by.\n+ The PLA Navy sailed away.\n  It sailed on.\n" in diff
    assert "- Patrol in the strait\n+ Patrol\n" in diff
    assert files["articles/1/pages/1.body"] == BODY + b"1"
    page = json.loads(files["articles/1/pages/1.json"])
    assert (page["request_headers"], page["response_headers"]) == ({"user-agent": "x"}, {"etag": '"1"'})
    assert [each["of_text"] for each in told["pages"]] == [False, True]
    (listed,) = json.loads(files["manifest.json"])["articles"]
    assert (listed["url"], listed["fetched_at"]) == ("https://ledger.example/a", "2026-11-24T10:30:00Z")
    assert verify(tmp_path / "a.zip").wrong == []


def test_a_pack_of_the_same_things_at_the_same_time_is_the_same_file(db: Database, tmp_path: Path) -> None:
    fill(db)
    give_pages(db, 1, 2, 3)
    first, second = (exported(db, "pack", tmp_path / name) for name in ("a.zip", "b.zip"))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert verify(tmp_path / "a.zip").manifest in first.notes[-1]
    assert first.notes == second.notes


def test_what_a_source_does_not_allow_is_in_no_pack(db: Database, tmp_path: Path) -> None:
    fill(db)
    give_pages(db, 1, 2)
    edit(db, 1, "Patrol", "\n".join(f"Line {n} of many words that say it." for n in range(40)))
    files = packed(db, tmp_path / "a.zip", rights={"ledger": "excerpt", "junwang": "metadata"})
    assert not [name for name in files if "pages" in name or "revisions" in name]
    told = json.loads(files["articles/1/article.json"])
    assert (told["keep"], told["labels"]) == ("excerpt", ["withdrawn", "excerpt only"])
    assert 0 < len(files["articles/1/text.txt"].split()) <= 100
    assert files["articles/2/text.txt"] == b""
    assert b"Line 30" not in b"".join(files.values())
    assert verify(tmp_path / "a.zip").wrong == []


def test_a_pack_wants_an_article(db: Database, tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="nothing matches"):
        exported(db, "pack", tmp_path / "a.zip")
    assert names(tmp_path) == []


def test_a_manifest_that_verify_would_refuse_is_not_made(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(db)
    monkeypatch.setattr(pack, "MOST_MANIFEST", 1_000)
    with pytest.raises(Mistake, match=r"a pack holds at most 0 MB of manifest\.json: ask for fewer articles"):
        exported(db, "pack", tmp_path / "a.zip")
    assert names(tmp_path) == []


def test_the_command_says_what_to_note_down_and_verify_says_it_too(db: Database, tmp_path: Path) -> None:
    fill(db)
    give_pages(db, 1)
    exported(db, "pack", tmp_path / "a.zip")
    done = straitwatch("verify", "a.zip", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    digest, whole = done.stdout.splitlines()
    with zipfile.ZipFile(tmp_path / "a.zip") as opened:
        assert digest == f"SHA-256 of manifest.json {sha256(opened.read('manifest.json')).hexdigest()}"
    assert whole.startswith("a.zip is whole and unchanged: 3 articles, 10 files, ")
    (tmp_path / "no.zip").write_text("PK")
    done = straitwatch("verify", "no.zip", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        1,
        "no.zip is no evidence pack: it is no ZIP file, or not a whole one\n",
    )
    assert straitwatch("verify", "none.zip", cwd=tmp_path).returncode == 1


# --------------------------------------------------------------------------------------- the ZIP file


def test_other_programs_read_it_with_many_files_too(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    with file.open("wb") as opened, closing(ZipWriter(opened)) as writer:
        for number in range(70_000):  # more than 16 bits count: the end of ZIP64
            writer.write(f"{number}.txt", b"%d" % number)
        writer.finish()
    with zipfile.ZipFile(file) as read:
        assert (len(read.namelist()), read.read("69999.txt")) == (70_000, b"69999")
    with file.open("rb") as kept:
        assert len(looked_at(kept)) == 70_000
    if program := which("unzip"):
        subprocess.run([program, "-tq", str(file)], capture_output=True, check=True, timeout=60)


def test_what_lies_far_behind_is_found_by_64_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "_FAR", 100)  # as if the first files had four gigabytes
    file = tmp_path / "a.zip"
    contents = {f"{number}.txt": os.urandom(90) for number in range(5)}
    with file.open("wb") as opened, closing(ZipWriter(opened)) as writer:
        for name, content in contents.items():
            writer.write(name, content)
        writer.finish()
    assert b"PK\6\6" in file.read_bytes()
    with file.open("rb") as kept:
        assert {info.filename: b"".join(zipped.content(kept, info)) for info in looked_at(kept)} == contents


def test_a_pack_that_verify_would_refuse_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "MOST_FILE", 10)
    monkeypatch.setattr(zipped, "MOST_FILES", 1)
    with closing(ZipWriter(io.BytesIO())) as writer:
        with pytest.raises(Full, match=r"MB of one file, a\.txt"):
            writer.write("a.txt", b"x" * 11)
        writer.write("a.txt", b"x")
        with pytest.raises(Full, match="1 files"):
            writer.write("b.txt", b"x")


def test_what_packs_closer_than_a_hundred_to_one_is_stored_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    with file.open("wb") as opened, closing(ZipWriter(opened)) as writer:
        writer.write("a.body", b" " * 1_000_000)
        writer.finish()
    with file.open("rb") as kept:
        (info,) = looked_at(kept)
    assert (info.compress_type, info.file_size) == (zipfile.ZIP_STORED, 1_000_000)
