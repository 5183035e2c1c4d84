"""OPML in and out."""

import subprocess
from pathlib import Path
from time import process_time

import pytest

from monitor.config import load_settings
from monitor.discover.opml import read_opml
from monitor.errors import Mistake
from monitor.sources import Source
from monitor.sources.loading import load
from tests.test_cli_reading import PROGRAM, straitwatch

HEAD = '<?xml version="1.0" encoding="UTF-8"?><opml version="2.0"><head><title>T</title></head><body>'
TAIL = "</body></opml>"


def outline(url: str, title: str = "Paper", home: str = "") -> str:
    return f'<outline type="rss" text="{title}" xmlUrl="{url}" htmlUrl="{home}"/>'


def folder_with(tmp_path: Path, opml: str | bytes, packs: str = "") -> Path:
    (tmp_path / "straitwatch.toml").write_text(f"packs = [{packs}]\n", "utf-8")
    (tmp_path / "list.opml").write_bytes(opml if isinstance(opml, bytes) else opml.encode())
    return tmp_path


def sources_of(folder: Path) -> list[Source]:
    return load(load_settings(folder / "straitwatch.toml"))


def imported(folder: Path) -> subprocess.CompletedProcess[str]:
    return straitwatch("sources", "import", "list.opml", "--yes", cwd=folder)


def test_x29_the_good_feeds_are_imported_and_every_mistake_is_listed_at_once(tmp_path: Path) -> None:
    body = "\n".join([
        outline("https://paper.example/feed", "The Paper", "https://paper.example/"),
        outline("https://paper.example/defence/feed", "The Paper: defence", "https://paper.example/"),
        '<outline text="Folder"><outline text="Inner">' + outline("feed://other.example/rss", "報紙") + "</outline></outline>",
        outline("javascript:alert(1)", "Evil"), outline("file:///etc/passwd", "Also evil"),
        outline("https://paper.example/feed", "Twice"), outline("http://[::1", "Broken"), outline("", "Nothing"),
        '<outline text="no address"/>',
    ])  # fmt: skip
    folder = folder_with(tmp_path, HEAD + body + TAIL)
    done = imported(folder)
    assert done.returncode == 0, done.stderr
    mistakes = done.stderr.strip().splitlines()
    assert len(mistakes) == 5
    assert mistakes[0].startswith(
        'list.opml: line 4: "Evil": javascript:alert(1): must be an address that begins'
    )
    assert "stands in line 1 already" in mistakes[2]
    paper, other = sources_of(folder)
    assert paper.feeds == ("https://paper.example/feed", "https://paper.example/defence/feed")
    assert (paper.id, paper.name, other.id, other.name) == ("paper", "The Paper", "other", "報紙")
    assert other.feeds == ("http://other.example/rss",)
    assert "2 sources with 3 feeds to import, 0 feeds watched already, 5 mistakes left out" in done.stdout
    again = imported(folder)
    assert again.returncode == 1
    assert "3 feeds watched already" in again.stdout
    assert len(list((folder / "sources").iterdir())) == 1


def test_x29_nothing_is_written_until_confirmed(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, HEAD + outline("https://paper.example/feed") + TAIL)
    command = [str(PROGRAM), "sources", "import", "list.opml"]
    for answer, status in (("n\n", 0), ("", 1)):
        done = subprocess.run(
            command, cwd=folder, input=answer, capture_output=True, encoding="utf-8", timeout=60, check=False
        )
        assert done.returncode == status
        assert not (folder / "sources").exists()


def test_x29_of_100000_outlines_5000_are_taken(tmp_path: Path) -> None:
    body = "".join(outline(f"https://site-{n}.example/feed", f"Site {n}") for n in range(100_000))
    folder = folder_with(tmp_path, HEAD + body + TAIL)
    begun = process_time()
    read = read_opml((folder / "list.opml").read_bytes())
    assert process_time() - begun < 5
    assert (len(read.feeds), read.found) == (5_000, 100_000)
    done = imported(folder)
    assert done.returncode == 0, done.stderr
    assert "5,000 of 100,000 feeds are read" in done.stderr
    assert len(sources_of(folder)) == 5_000
    assert all(file.stat().st_size < 1_000_000 for file in (folder / "sources").iterdir())


def test_x29_ten_thousand_nested_outlines_are_read(tmp_path: Path) -> None:
    body = '<outline text="f">' * 10_000 + outline("https://deep.example/feed") + "</outline>" * 10_000
    read = read_opml((HEAD + body + TAIL).encode())
    assert [feed.url for feed in read.feeds] == ["https://deep.example/feed"]


def test_x29_a_hundred_thousand_javascript_addresses_are_bounded(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, HEAD + outline("javascript:alert(1)") * 100_000 + TAIL)
    done = imported(folder)
    assert done.returncode == 1
    assert "... and 4,001 more" in done.stderr
    assert "nothing to import" in done.stderr
    assert not (folder / "sources").exists()


BOMB = (
    '<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ) + "]>"
)  # fmt: skip


@pytest.mark.parametrize(
    ("opml", "says"),
    [
        (f'<?xml version="1.0"?>{BOMB}<opml><body><outline xmlUrl="https://x.example/&i;"/></body></opml>',
         "declares entities, which is not accepted"),
        ('<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/hostname">]><opml><body/></opml>', "declares entities"),
        ("<html><body>no</body></html>", "its outermost element is html"),
        (HEAD + "<outline", "line 1: not well-formed"),
        ("", "not well-formed: no element found"),
        ("words", "not well-formed"),
        (HEAD + TAIL, "nothing to import"),
    ],
)  # fmt: skip
def test_x29_what_is_no_list_of_feeds_is_told_in_words(tmp_path: Path, opml: str, says: str) -> None:
    folder = folder_with(tmp_path, opml)
    done = imported(folder)
    assert done.returncode == 1
    assert says in done.stderr
    assert not (folder / "sources").exists()


def test_a_file_that_is_not_there_or_too_large_is_a_mistake(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "")
    assert "cannot be read" in straitwatch("sources", "import", "none.opml", cwd=folder).stderr
    with pytest.raises(Mistake, match="over 50 MB"):
        read_opml(bytes(50_000_001))


def test_a_list_in_gb18030_keeps_its_names(tmp_path: Path) -> None:
    body = HEAD.replace("UTF-8", "gb2312") + outline("https://paper.example/feed", "军事观察") + TAIL
    folder = folder_with(tmp_path, body.encode("gb18030"))
    assert imported(folder).returncode == 0
    assert [source.name for source in sources_of(folder)] == ["军事观察"]


def test_what_is_exported_comes_back_as_it_was(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "", '"us-official", "prc-official", "taiwan", "trade-press"')
    before = {source.id: source for source in sources_of(folder) if source.enabled and source.feeds}
    done = straitwatch("sources", "export", "--opml", "out.opml", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert (
        f"{sum(len(source.feeds) for source in before.values())} feeds of {len(before)} sources"
        in done.stdout
    )
    assert "left out, as OPML knows feeds only" in done.stdout
    assert "is there already" in straitwatch("sources", "export", "--opml", "out.opml", cwd=folder).stderr
    there = tmp_path / "there"
    there.mkdir()
    folder_with(there, (folder / "out.opml").read_bytes())
    assert imported(there).returncode == 0
    kept = ("id", "name", "home", "language", "side", "kind", "tier", "zone", "feeds")
    after = {source.id: source for source in sources_of(there)}
    assert {name: tuple(getattr(after[name], key) for key in kept) for name in after} == {
        name: tuple(getattr(before[name], key) for key in kept) for name in before
    }
