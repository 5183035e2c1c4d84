"""Rows Q08, Q13, Q14 and U10 of the hostile list: what is carried out, and packs that others have touched."""

import csv
import html
import io
import json
import os
import random
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any

import feedparser
import pytest
from lxml import etree
from lxml import html as lxml_html
from markdown_it import MarkdownIt
from pyarrow import parquet
from sqlalchemy import text as sql
from sqlalchemy import update

from monitor.errors import Mistake
from monitor.exporting import rows
from monitor.exporting.about import About
from monitor.exporting.digest import write_digest
from monitor.exporting.feeds import write_atom, write_rss
from monitor.exporting.pack import Sources, write_pack
from monitor.exporting.parquet import write_parquet
from monitor.exporting.verifying import Verdict, verify
from monitor.exporting.warcs import export_warc
from monitor.exporting.zipped import MOST_BYTES, MOST_FILE, MOST_FILES, NAME, Unsound, ZipWriter, looked_at
from monitor.exporting.zipped import content as content_of
from monitor.query.outgoing import Edge, Outgoing
from monitor.store import schema
from monitor.store.convert import IN_PART
from monitor.store.database import Database, open_database, writing
from monitor.store.tables import PageRow
from monitor.text import one_line
from monitor.text.cells import plain
from tests.archive import NOW, article, store
from tests.conftest import MakeUrl
from tests.naughty import ALL, NAUGHTY, PLACES
from tests.test_export import exported, fill, lines_of, rows_of
from tests.test_export_pack import give_pages, packed

ABOUT = About("pla", datetime(2026, 11, 24, 9, 30, tzinfo=UTC))
STRICT = etree.XMLParser(resolve_entities=False, no_network=True, recover=False)
ATOM = "{http://www.w3.org/2005/Atom}"


def outgoing(text: str, number: int = 1, **more: Any) -> Outgoing:
    """An article that has this text in each field that outlets fill."""
    facts: dict[str, Any] = {
        "id": number, "url": f"https://ledger.example/{number}", "title": text, "text": text, "words": 1, "language": "en",
        "published": NOW, "published_quality": "page", "first_seen": NOW, "indexed_at": NOW, "source": "ledger",
        "source_name": text, "side": "other", "source_kind": "press", "source_tier": 4, "section": text,
        "authors": (text,), "wire": text, "relevance": "core", "points": 9, "labels": (text,), "revision": 1,
        "copies_of": None, "shown": True, "page": None, "cleaner": 1, "links": (Edge("read-also", None, text, None),),
        "terms": (text,),
    }  # fmt: skip
    return Outgoing(**facts | more)


def written(write: Callable[..., Any], *articles: Outgoing, about: About = ABOUT, **more: Any) -> bytes:
    out = io.BytesIO()
    write(out, articles, about, **more)
    return out.getvalue()


def valid(text: str) -> str:
    """As UTF-8 can hold it."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def in_xml(text: str) -> str:
    """As XML can hold it."""
    return "".join(
        each
        if each in "\t\n\r" or (each >= " " and not 0xD800 <= ord(each) <= 0xDFFF and ord(each) & 0xFFFE != 0xFFFE and not 0xFDD0 <= ord(each) <= 0xFDEF)
        else "\ufffd"
        for each in text
    )  # fmt: skip


def ids(text: str) -> str:
    return ascii(text)[:30]


# ---------------------------------------------------------------------------------------------- U10


@pytest.mark.parametrize("text", ALL, ids=ids)
def test_u10_a_naughty_string_comes_back_from_csv(text: str) -> None:
    for raw in (False, True):
        made = written(rows.write_csv, outgoing(text), about=replace(ABOUT, raw=raw)).decode()
        csv.field_size_limit(10**6)
        (row,) = csv.DictReader(io.StringIO(made, newline=""), strict=True)
        for name in ("title", "text", "source_name", "section", "authors", "wire", "labels"):
            cell = row[name] if raw else plain(row[name])
            assert cell == valid(text).replace("\0", "\ufffd"), name
            if not raw:
                assert not row[name].startswith(
                    ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
                )


@pytest.mark.parametrize("text", ALL, ids=ids)
def test_u10_a_naughty_string_comes_back_from_json(text: str) -> None:
    made = written(rows.write_jsonl, outgoing(text), outgoing("b", 2)).decode()
    first, second = map(json.loads, made.splitlines())
    for name in ("title", "text", "source_name", "section", "wire"):
        assert first[name] == valid(text), name
    assert (first["authors"], first["labels"], first["terms"]) == ([valid(text)],) * 3
    assert (first["links"][0]["title"], second["title"]) == (valid(text), "b")


def test_u10_naughty_strings_come_back_from_parquet() -> None:
    made = written(write_parquet, *(outgoing(text, number) for number, text in enumerate(ALL)))
    for text, row in zip(ALL, parquet.read_table(io.BytesIO(made)).to_pylist(), strict=True):
        for name in ("title", "text", "source_name", "section", "wire"):
            assert row[name] == valid(text), name
        assert (row["authors"], row["labels"], row["terms"]) == ([valid(text)],) * 3
        assert row["links"][0]["title"] == valid(text)


def _lines(markup: str) -> str:
    """The lines of a text that was made HTML."""
    return "\n".join(html.unescape(each) for each in re.findall("<p>([^<>]*)</p>", markup, re.DOTALL))


def html_of(text: str) -> str:
    """What comes back of a text's lines."""
    return html.unescape(html.escape("\n".join(line for line in in_xml(text).split("\n") if line)))


@pytest.mark.parametrize("text", ALL, ids=ids)
def test_u10_q08_a_naughty_string_comes_back_from_atom_or_as_a_replacement_character(text: str) -> None:
    made = written(write_atom, outgoing(text), outgoing("b", 2), about=About(text, NOW))
    first, second = etree.fromstring(made, STRICT).findall(f"{ATOM}entry")
    assert (first.findtext(f"{ATOM}title"), second.findtext(f"{ATOM}title")) == (
        in_xml(text) or "https://ledger.example/1", "b",
    )  # fmt: skip
    assert first.findtext(f"{ATOM}author/{ATOM}name") == (in_xml(text) or "ledger")
    labels = [
        each.get("term")
        for each in first.findall(f"{ATOM}category")
        if str(each.get("scheme")).endswith("label")
    ]
    assert labels == ([in_xml(text)] if text else [])
    content = first.findtext(f"{ATOM}content") or ""
    assert _lines(content) == html_of(text)
    assert set(re.findall("<(/?[^>]*)>", content)) <= {"p", "/p"}
    read = feedparser.parse(made)
    assert (read.bozo, len(read.entries)) == (False, 2)


@pytest.mark.parametrize("text", ALL, ids=ids)
def test_u10_q08_a_naughty_string_comes_back_from_rss_or_as_a_replacement_character(text: str) -> None:
    made = written(write_rss, outgoing(text), outgoing("b", 2), about=About(text, NOW))
    first, second = etree.fromstring(made, STRICT).findall("channel/item")
    assert (first.findtext("title"), second.findtext("title")) == (
        in_xml(text) or "https://ledger.example/1",
        "b",
    )
    assert (first.findtext("{http://purl.org/dc/elements/1.1/}creator") or "") == in_xml(text)
    assert _lines(first.findtext("description") or "") == html_of(text)
    read = feedparser.parse(made)
    assert (read.bozo, len(read.entries)) == (False, 2)


@pytest.mark.parametrize("text", ALL, ids=ids)
def test_u10_a_naughty_string_is_text_in_a_digest_and_nothing_else(text: str) -> None:
    made = written(write_digest, outgoing(text), replace(outgoing("b", 2), text=text)).decode()
    for dialect in (MarkdownIt(), MarkdownIt().enable(["table", "strikethrough"])):
        shown = lxml_html.fromstring(f"<div>{dialect.render(made)}</div>")
        assert {each.tag for each in shown.iter()} <= {
            "div", "h1", "h2", "ul", "li", "p", "strong", "a", "br", "blockquote",
        }  # fmt: skip
        assert len(shown.findall(".//li")) == 2
        assert len(shown.findall(".//h1")) == len(shown.findall(".//h2")) == 1
        line = one_line(text, 300)
        links = {each.get("href"): each.text_content() for each in shown.iter("a")}
        assert links == {"https://ledger.example/1": line or "(no headline)", "https://ledger.example/2": "b"}
        said = [" ".join(each.text_content().split()) for each in shown.iter("blockquote")]
        assert said == [" ".join(one_line(text, 280).split())] * (2 if line else 0)
    beside = re.sub(r"\]\(<[^>]*>\)", "", made)
    assert not re.search(
        r"(?<!\\)://|www\.|(?<!\\)@", beside, re.IGNORECASE
    )  # what some dialects link by themselves


def test_u10_naughty_strings_come_back_from_a_pack(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    nothing = Sources(lambda _: None, lambda _: None)
    file.write_bytes(
        written(write_pack, *(outgoing(text, number) for number, text in enumerate(ALL)), sources=nothing)
    )
    assert verify(file).wrong == []
    with zipfile.ZipFile(file) as opened:
        for number, text in enumerate(ALL):
            assert opened.read(f"articles/{number}/text.txt").decode() == valid(text)
            told = json.loads(opened.read(f"articles/{number}/article.json"))
            assert (told["title"], told["authors"], told["labels"]) == (
                valid(text),
                [valid(text)],
                [valid(text)],
            )


def test_u10_naughty_strings_go_through_the_database_to_each_output(db: Database, tmp_path: Path) -> None:
    for number, text in enumerate(NAUGHTY):
        store(db, article(f"n{number}", text, text, authors=(text,), section=text, labels=(text,)))
    for name in ("csv", "jsonl", "parquet", "atom", "rss", "digest", "pack"):
        report = exported(db, name, tmp_path / name, limit=len(NAUGHTY))
        assert (report.articles, report.damaged) == (len(NAUGHTY), []), name
    for text, line in zip(NAUGHTY, lines_of(tmp_path / "jsonl"), strict=True):
        labels = [label for label in line["labels"] if label != IN_PART]  # one of them is that long
        assert (line["title"], line["text"], line["authors"], labels) == (text, text, [text], [text])
    assert [plain(row["title"]) for row in rows_of(tmp_path / "csv")] == list(NAUGHTY)
    assert parquet.read_table(tmp_path / "parquet")["section"].to_pylist() == list(NAUGHTY)
    assert len(etree.parse(tmp_path / "atom", STRICT).findall(f"{ATOM}entry")) == len(NAUGHTY)
    assert len(etree.parse(tmp_path / "rss", STRICT).findall("channel/item")) == len(NAUGHTY)
    assert verify(tmp_path / "pack").wrong == []


# ---------------------------------------------------------------------------------------------- Q08


def test_q08_what_is_no_number_in_json_is_null() -> None:
    nan, inf = float("nan"), float("inf")
    assert (
        rows.line({"a": nan, "b": [inf, 1.5, (-inf,)], "c": "NaN"})
        == b'{"a": null, "b": [null, 1.5, [null]], "c": "NaN"}\n'
    )


def test_q08_a_line_end_of_others_is_none_of_ours() -> None:
    assert rows.line({"a": "x\u2028y\x85z\u2029"}) == b'{"a": "x\\u2028y\\u0085z\\u2029"}\n'


def test_q08_one_row_that_cannot_be_read_never_kills_a_list(db: Database, tmp_path: Path) -> None:
    for each in range(5):
        store(db, article(f"n{each}", f"Patrol {each}", "The PLA sailed."))
    broken = {
        "sqlite": ["SET title = CAST(x'ff' AS TEXT) WHERE id = 2", "SET labels = '[NaN, ' WHERE id = 3",
                   "SET labels = '[NaN]' WHERE id = 4", "SET first_seen = 'yesterday' WHERE id = 5"],
        "postgresql": ["""SET labels = '[1.5, {"a": null}, null]' WHERE id = 4"""],
    }  # fmt: skip
    with writing(db) as session:
        for change in broken[db.kind]:
            session.execute(sql(f"UPDATE articles {change}".replace(":", r"\:")))
    left_out = {"sqlite": [2, 3, 5], "postgresql": []}[db.kind]
    for name in ("csv", "jsonl", "parquet", "pack"):
        report = exported(db, name, tmp_path / name)
        assert (report.articles, report.damaged) == (5 - len(left_out), left_out)
    assert [each["id"] for each in lines_of(tmp_path / "jsonl")] == [
        n for n in range(1, 6) if n not in left_out
    ]
    if left_out:
        assert "3 left out, their rows cannot be read: article 2, 3, 5" in list(report.sentences())


@pytest.mark.parametrize("column", ["title", "text", "url", "section"])
def test_q08_a_cell_that_is_no_text_never_kills_a_list(
    make_ready_url: MakeUrl, tmp_path: Path, column: str
) -> None:
    db = open_database(make_ready_url("sqlite"))  # which keeps bytes where a text should be
    fill(db)
    with writing(db) as session:
        session.execute(sql(f"UPDATE articles SET {column} = x'ff41' WHERE id = 2"))
    for name in ("csv", "jsonl", "parquet", "atom", "rss", "digest", "pack"):
        report = exported(db, name, tmp_path / name)
        copies = name in ("atom", "rss", "digest")  # which they leave out
        assert (report.articles, report.damaged) == (1 if copies else 2, [2]), name
    db.close()


def test_q08_a_raw_page_that_cannot_be_read_is_left_out_and_named(db: Database, tmp_path: Path) -> None:
    fill(db)
    give_pages(db, 1, 2, 3)
    with writing(db) as session:
        session.execute(update(PageRow).where(PageRow.id == 2).values(body=b"\0\x11\x22"))
    report = exported(db, "pack", tmp_path / "a.zip")
    assert report.articles == 3
    assert any(
        note.startswith("raw page 2 is damaged") and note.endswith("left out") for note in report.notes
    )
    assert verify(tmp_path / "a.zip").wrong == []
    written, damaged = export_warc(db, [1, 2, 3], tmp_path / "a.warc.gz", Event(), lambda *_: None)
    assert (written, damaged) == (2, [2])


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "http://", "//evil.example", "", "https://[x", "\0", "file:///etc/passwd"],
)  # fmt: skip
def test_q08_only_web_addresses_become_links(url: str) -> None:
    bad = outgoing("a", url=url)
    (entry,) = etree.fromstring(written(write_atom, bad), STRICT).findall(f"{ATOM}entry")
    assert (entry.find(f"{ATOM}link"), (entry.findtext(f"{ATOM}id") or "")[:9]) == (None, "urn:uuid:")
    (entry,) = etree.fromstring(written(write_rss, bad), STRICT).findall("channel/item")
    assert (entry.find("link"), entry.find("guid").get("isPermaLink")) == (None, "false")  # type: ignore[union-attr]
    assert "](" not in written(write_digest, bad).decode()


@pytest.mark.parametrize("url", ["https://a.example/?q=\"><b>&x=')(]\\ \n<", "https://a.example/台海(1)*_*"])
def test_q08_an_address_ends_no_link(url: str) -> None:
    for write in (write_atom, write_rss):
        etree.fromstring(written(write, outgoing("a", url=url)), STRICT)
    shown = lxml_html.fromstring(MarkdownIt().render(written(write_digest, outgoing("a", url=url)).decode()))
    assert [each.text_content() for each in shown.iter("a")] == ["a"]


# ---------------------------------------------------------------------------------------------- Q13


def test_q13_names_are_made_by_us_and_nothing_leaves_the_folder(db: Database, tmp_path: Path) -> None:
    for number, place in enumerate(PLACES):
        store(
            db,
            article(
                f"x/{place.replace(' ', '').replace(chr(13), '').replace(chr(10), '')}?n={number}",
                place,
                place,
            ),
        )
    give_pages(db, *range(1, len(PLACES) + 1))
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    files = packed(db, folder / "pack.zip")
    assert all(NAME.fullmatch(name) for name in files)
    assert len(files) == 2 + 4 * len(PLACES)
    assert [each.name for each in tmp_path.rglob("*")] == ["a", "b", "c", "pack.zip"]
    assert verify(folder / "pack.zip").wrong == []


@pytest.mark.parametrize(
    "name", [*PLACES, "articles/../x", "articles//x", "/x", "a\\b", "a\0b", "é", "a" * 101, "articles/1/"]
)
def test_q13_a_pack_with_a_name_that_is_not_ours_is_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / "in" / "a.zip"
    file.parent.mkdir()
    with zipfile.ZipFile(file, "w") as opened:
        info = zipfile.ZipInfo("x")
        info.filename = info.orig_filename = name
        opened.writestr(info, "x")
    with pytest.raises(Mistake, match=r"a name in it is none of ours|no ZIP file|says otherwise"):
        verify(file)
    assert [each.name for each in tmp_path.rglob("*")] == ["in", "a.zip"]


def test_q13_a_link_in_a_pack_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        info = zipfile.ZipInfo("manifest.json")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(info, "/etc/passwd")
    with pytest.raises(Mistake, match=r"manifest\.json is no plain file"):
        verify(tmp_path / "a.zip")


def test_q13_an_export_follows_no_link_that_waits_for_it(db: Database, tmp_path: Path) -> None:
    fill(db)
    (tmp_path / "a.csv").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Mistake, match="is there already"):
        exported(db, "csv", tmp_path / "a.csv")
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]


# ---------------------------------------------------------------------------------------------- Q14


@pytest.fixture
def pack(db: Database, tmp_path: Path) -> dict[str, bytes]:
    """The files of a pack of three articles with their pages."""
    fill(db)
    give_pages(db, 1, 2, 3)
    return packed(db, tmp_path / "whole.zip")


@pytest.fixture(scope="module")
def lite_pack(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A pack of three articles with their pages, as bytes."""
    folder = tmp_path_factory.mktemp("pack")
    db = open_database(f"sqlite:///{folder / 'a.db'}")
    schema.upgrade(db, NOW)
    fill(db)
    give_pages(db, 1, 2, 3)
    file = folder / "whole.zip"
    packed(db, file)
    db.close()
    return file.read_bytes()


def judged(folder: Path, files: Mapping[str, bytes]) -> Verdict:
    """Verify a pack of these files, well made but for them."""
    file = folder / "changed.zip"
    with file.open("wb") as opened, closing(ZipWriter(opened)) as writer:
        for name, content in files.items():
            writer.write(name, content)
        writer.finish()
    return verify(file)


def with_manifest(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files, with a manifest that knows them as they are."""
    told = json.loads(files["manifest.json"])
    told["files"] = [
        {"name": name, "bytes": len(content), "sha256": sha256(content).hexdigest()}
        for name, content in files.items()
        if name != "manifest.json"
    ]
    return {**files, "manifest.json": json.dumps(told).encode()}


def test_q14_a_changed_text_is_named(pack: dict[str, bytes], tmp_path: Path) -> None:
    assert judged(tmp_path, pack).wrong == []
    text = pack["articles/1/text.txt"]
    (said,) = judged(tmp_path, {**pack, "articles/1/text.txt": text.replace(b"sailed", b"stayed")}).wrong
    assert said.startswith("articles/1/text.txt: changed: its SHA-256 is ")
    (said,) = judged(tmp_path, {**pack, "articles/1/text.txt": text + b"."}).wrong
    assert said == "articles/1/text.txt: changed: 38 bytes, manifest.json says 37"


def test_q14_a_text_changed_with_its_line_in_the_manifest_is_named(
    pack: dict[str, bytes], tmp_path: Path
) -> None:
    before = judged(tmp_path, pack).manifest
    changed = with_manifest({**pack, "articles/1/text.txt": b"Nothing happened."})
    verdict = judged(tmp_path, changed)
    assert verdict.wrong == ["articles/1/text.txt: does not have the SHA-256 that article.json gives"]
    assert verdict.manifest != before  # which somebody has noted down
    told = json.loads(pack["articles/2/article.json"])
    changed = with_manifest({**pack, "articles/2/article.json": json.dumps(told | {"url": "x"}).encode()})
    assert judged(tmp_path, changed).wrong == [
        "articles/2/article.json: says otherwise than manifest.json: url"
    ]


@pytest.mark.parametrize(
    "name", ["articles/1/text.txt", "articles/2/pages/1.body", "articles/3/article.json", "README.txt"]
)
def test_q14_a_missing_file_is_named(pack: dict[str, bytes], tmp_path: Path, name: str) -> None:
    less = {each: content for each, content in pack.items() if each != name}
    assert judged(tmp_path, less).wrong == [f"{name}: named in manifest.json, and missing"]
    if name != "README.txt":
        assert [said for said in judged(tmp_path, with_manifest(less)).wrong if said.startswith(name)]


def test_q14_a_file_that_was_added_is_named(pack: dict[str, bytes], tmp_path: Path) -> None:
    assert judged(tmp_path, {**pack, "articles/9/text.txt": b"x"}).wrong == [
        "articles/9/text.txt: not named in manifest.json"
    ]


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (b"", "is no JSON"),
        (b"[]", "none of an evidence pack"),
        (b"[" * 100_000, "is no JSON"),
        (b'{"format": "straitwatch evidence pack", "version": 2}', "is of version 2; this Straitwatch knows 1"),
        (b'{"format": "straitwatch evidence pack", "version": 1}', "does not list its files"),
        (b'{"format": "straitwatch evidence pack", "version": 1, "files": [{"name": 1}]}', "does not list its files"),
        (b'{"format": "straitwatch evidence pack", "version": 1, "files": [], "articles": [1]}', "does not list its articles"),
        (b'{"format": "straitwatch evidence pack", "version": 1, "files": [], "articles": [{"id": NaN}]}', "is no JSON"),
        (b'{"format": "straitwatch evidence pack", "version": 1, "files": [], "articles": [{"id": 1e999}]}', "does not list"),
        (b"\xff\xfe", "is no JSON"),
        (None, "there is no manifest.json in it"),
    ],
)  # fmt: skip
def test_q14_what_is_no_manifest_is_told(tmp_path: Path, manifest: bytes | None, said: str) -> None:
    files = {"README.txt": b"x"} | ({} if manifest is None else {"manifest.json": manifest})
    with pytest.raises(Mistake, match=said):
        judged(tmp_path, files)


def test_q14_an_article_that_is_no_article_is_named(pack: dict[str, bytes], tmp_path: Path) -> None:
    for content in (b"", b"[]", b"\xff", b"[" * 100_000, b'{"pages": 7, "revisions": [7, {"number": 1}]}'):
        wrong = judged(tmp_path, with_manifest({**pack, "articles/1/article.json": content})).wrong
        assert wrong
        assert all(said.startswith("articles/1/") for said in wrong)


def forged(file: Path, *sizes: int, packed_as: bytes = b"x") -> Path:
    """A ZIP file of files that say they are so large."""
    with file.open("wb") as opened, closing(ZipWriter(opened)) as writer:
        for number in range(len(sizes)):
            writer.write(f"{number}.body", packed_as)
        writer.finish()
    content = bytearray(file.read_bytes())
    at = 0
    for size in sizes:
        at = content.index(b"PK\1\2", at)
        struct.pack_into("<L", content, at + 24, size)  # of the unpacked file
        at += 4
    file.write_bytes(content)
    return file


def test_q14_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    zeros = bytes(2**24)
    real = zipfile.ZipFile(tmp_path / "real.zip", "w", zipfile.ZIP_DEFLATED)
    with real, real.open("a.body", "w") as big:
        for _ in range(12):
            big.write(zeros)
    with pytest.raises(Mistake, match=r"would unpack .* bytes to 201,326,592: a bomb"):
        verify(tmp_path / "real.zip")
    with pytest.raises(Mistake, match=rf"0\.body would be 4,000,000,000 bytes; {MOST_FILE:,} are the most"):
        verify(forged(tmp_path / "one.zip", 4_000_000_000))
    many = [MOST_FILE] * (10 * 2**30 // MOST_FILE)
    with pytest.raises(Mistake, match=rf"it would unpack to over {MOST_BYTES:,} bytes"):
        verify(forged(tmp_path / "ten.zip", *many))
    for file in tmp_path.iterdir():
        assert file.stat().st_size < 1_000_000


def test_q14_a_file_that_lies_about_its_size_is_named(pack: dict[str, bytes], tmp_path: Path) -> None:
    """It unpacks to more than it says: no more than that is ever read of it."""
    file = tmp_path / "whole.zip"
    content = bytearray(file.read_bytes())
    local = content.index(b"articles/2/text.txt") - 30
    entry = content.rindex(b"articles/2/text.txt") - 46
    (size,) = struct.unpack_from("<L", content, local + 22)
    struct.pack_into("<L", content, entry + 24, size - 1)
    file.write_bytes(content)
    with pytest.raises(
        Mistake, match=r"what stands before articles/2/text\.txt says otherwise than the list"
    ):
        verify(file)
    struct.pack_into("<L", content, local + 22, size - 1)
    file.write_bytes(content)
    assert verify(file).wrong == [
        f"articles/2/text.txt: changed: {size - 1} bytes, manifest.json says {size}"
    ]


@pytest.mark.parametrize("at", range(4, 30))
def test_q14_what_stands_before_a_file_may_not_be_changed(lite_pack: bytes, tmp_path: Path, at: int) -> None:
    content = bytearray(lite_pack)
    content[content.index(b"articles/1/text.txt") - 30 + at] ^= 0x41
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(Mistake, match=r"what stands before articles/1/text\.txt says otherwise"):
        verify(tmp_path / "a.zip")


def test_q14_no_content_of_a_pack_can_be_changed_unnoticed(lite_pack: bytes, tmp_path: Path) -> None:
    """Of each changed byte something is said; the last bits of a packed file, which mean nothing, may differ."""
    chance = random.Random(14)
    size = len(lite_pack)
    before = contents(lite_pack)
    for at in {*range(64), *(chance.randrange(size) for _ in range(400)), *range(size - 64, size)}:
        changed = bytearray(lite_pack)
        changed[at] ^= chance.randrange(1, 256)
        (tmp_path / "a.zip").write_bytes(changed)
        try:
            noticed = bool(verify(tmp_path / "a.zip").wrong)
        except Mistake:
            noticed = True
        assert noticed or contents(bytes(changed)) == before, at


def contents(pack: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(pack)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_q14_bytes_behind_a_files_content_are_named(tmp_path: Path) -> None:
    packed = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = packed.compress(b"patrol " * 20) + packed.flush()
    file = tmp_path / "a.zip"
    with file.open("wb") as opened, closing(ZipWriter(opened)) as writer:
        hidden = body + b"x" * 120
        writer._put("a.txt", zipfile.ZIP_DEFLATED, zlib.crc32(b"patrol " * 20), 140, len(hidden), [hidden])
        writer.finish()
    with file.open("rb") as kept:
        (info,) = looked_at(kept)
        with pytest.raises(Unsound, match="something stands behind its content"):
            list(content_of(kept, info))


def test_q14_a_damaged_byte_is_named(pack: dict[str, bytes], tmp_path: Path) -> None:
    file = tmp_path / "whole.zip"
    content = bytearray(file.read_bytes())
    at = content.index(b"articles/1/pages/1.body") + len("articles/1/pages/1.body") + 20
    content[at] ^= 0xFF
    file.write_bytes(content)
    (said,) = verify(file).wrong
    assert said.startswith("articles/1/pages/1.body: c")


def test_q14_what_hides_between_before_and_behind_is_refused(pack: dict[str, bytes], tmp_path: Path) -> None:
    whole = (tmp_path / "whole.zip").read_bytes()
    (tmp_path / "before.zip").write_bytes(b"#!/bin/sh\n" + whole)
    (tmp_path / "behind.zip").write_bytes(whole + b"x")
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.zip").write_bytes(b"")
    for name in ("before", "behind", "cut", "empty"):
        with pytest.raises(Mistake, match=r"something stands before|no ZIP file, or not a whole one"):
            verify(tmp_path / f"{name}.zip")


def test_q14_files_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    """David Fifield's bomb: each file of the list is the same one."""
    file = tmp_path / "a.zip"
    with file.open("wb") as opened, closing(ZipWriter(opened)) as writer:
        writer.write("1.body", os.urandom(50))
        writer.write("2.body", os.urandom(50))
        writer.finish()
    content = bytearray(file.read_bytes())
    struct.pack_into("<L", content, content.rindex(b"PK\1\2") + 42, 0)  # the second is where the first is
    file.write_bytes(content)
    with pytest.raises(Mistake, match=r"something stands before 2\.body"):
        verify(file)


def test_q14_a_list_without_end_is_not_read(tmp_path: Path) -> None:
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    long = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 10**9, 10**9, 46 * 10**9, 0)
    file = tmp_path / "a.zip"
    file.write_bytes(long + struct.pack("<4sLQL", b"PK\6\7", 0, 46 * 10**9, 1) + end)
    with pytest.raises(Mistake, match=rf"it lists 1,000,000,000 files; {MOST_FILES:,} are the most"):
        verify(file)
