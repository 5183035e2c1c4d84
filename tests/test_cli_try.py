"""`straitwatch try`: what a person sees of one page in the terminal, and in the file side by side."""

import json
import os
import pty
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.site import Answer, Site
from tests.test_clean_pages import PAGES
from tests.test_cli_reading import PROGRAM, straitwatch

ENGLISH = PAGES / "south-arkansas-sun" / "pentagon-summit.html"
CHINESE = PAGES / "strait-daily-cn" / "naval-drill.html"
LIST = PAGES / "meridian-list"
PLAIN = {"COLUMNS": "80", "NO_COLOR": "", "FORCE_COLOR": ""}
WHERE = {"--url": "https://strait.example/hj/2026-11/19/c_1.htm"}

HOSTILE = """<html lang='"><script src="{site}/lang"></script>'><head><base href="{site}/">
<meta http-equiv="refresh" content="0;url={site}/refresh"><link rel="stylesheet" href="{site}/style.css">
<title>Two cutters &lt;/title&gt;&lt;script src={site}/title&gt;&lt;/script&gt;</title></head>
<body onload="alert('load')"><style>@import "{site}/import.css"; body {{ display: none }}</style>
<nav>Menu &lt;img src={site}/nav onerror=alert(1)&gt;</nav>
<h1>Two cutters &lt;script&gt;alert('h1')&lt;/script&gt; pass off Port Alder</h1>
<div class="entry-content &quot;&gt;&lt;img src=x onerror=alert(2)&gt;"><p>The cutter left Port Alder before dawn with a
crew of forty. &lt;img src="{site}/text" onerror="alert(3)"&gt; <img src="{site}/pixel.gif" onerror="alert(4)"></p>
<p>Her captain said &lt;/p&gt;&lt;/section&gt;&lt;iframe src={site}/frame&gt; that two ships had kept a mile behind.</p>
<p>Nobody fired, and the <a href="javascript:alert(5)">fishermen</a> between them <a href='{site}/a"onmouseover="alert(6)'>went
on</a> hauling their nets until the sun stood high.</p>
<p>READ ALSO: <a href="{site}/next?a=1&amp;b=%22%3E%3Cscript%3Ealert(7)%3C/script%3E">A "third" &lt;b onclick=alert(8)&gt;cutter waits</a></p>
<p class="photo-credit">Photo: &lt;svg onload=alert(9)&gt;</p>
<form action="{site}/form"><input name="q" autofocus onfocus="alert(10)"></form><iframe src="{site}/inner"></iframe>
<script>alert('script'); fetch("{site}/script")</script></div></body></html>"""


def tried(file: Path, *options: str, cwd: Path, **environment: str) -> str:
    done = straitwatch("try", str(file), *options, cwd=cwd, **{**PLAIN, **environment})
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_terminal(arguments: list[str], cwd: Path, **environment: str) -> str:
    """What the command prints on a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [str(PROGRAM), *arguments], cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs,
        env={k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
        | {"TERM": "xterm-256color", "COLUMNS": "80", **environment},
    ) as process:  # fmt: skip
        os.close(theirs)
        said = b""
        try:
            while piece := os.read(ours, 65_536):
                said += piece
        except OSError:  # the other end closed
            pass
        finally:
            os.close(ours)
        assert process.wait(60) == 0, said
    return said.decode()


class TestExplain:
    def test_each_line_stands_behind_the_reason_for_its_fate(self, tmp_path: Path) -> None:
        said = tried(CHINESE, "--explain", *next(iter(WHERE.items())), cwd=tmp_path)
        for line in (
            "title      东部海域举行年度救援演练",
            "text from  container TRS_Editor",
            "title                = 东部海域举行年度救援演练",
            "authors, published   = 来源：新华社 作者：朱镕舟 发布时间：2026-11-19 08:42",
            "photo credit         - 图片来源：海峡军事网",
            "read-also            > 相关阅读：南部海域完成冬季巡航任务",
            "editor line          - （责任编辑：王小明）",
            "outside the article  . 扫码关注海峡军事网公众号",
        ):
            assert line in [row.rstrip()[: len(line)] for row in said.splitlines()]
        assert "paragraph              参演人员表示，协同流程更加顺畅，信息传递时间明显缩短。" in said
        assert "from meta pubdate" in said
        assert "https://strait.example/hj/2026-11/10/c_1101.htm" in said

    @pytest.mark.parametrize("file", [ENGLISH, CHINESE], ids=["English", "Chinese"])
    @pytest.mark.parametrize("columns", [80, 40])
    def test_no_line_is_wider_than_the_terminal(self, file: Path, columns: int, tmp_path: Path) -> None:
        said = tried(file, "--explain", cwd=tmp_path, COLUMNS=str(columns))
        assert max(cell_len(line) for line in said.splitlines()) <= columns

    def test_the_pages_frame_is_folded_unless_all_is_asked_for(self, tmp_path: Path) -> None:
        said = tried(ENGLISH, "--explain", cwd=tmp_path)
        assert "… 9 lines of the page's frame …" in said
        assert "Hi, what are you looking for?" not in said
        said = tried(ENGLISH, "--explain", "--all", cwd=tmp_path)
        assert "lines of the page's frame" not in said
        assert "outside the article  . Hi, what are you looking for?" in said

    def test_what_one_rule_cut_is_folded_too(self, tmp_path: Path) -> None:
        comments = "".join(f"<li>Reader {n} thinks that the nets were full</li>" for n in range(9))
        text = "".join(
            f"<p>On day {n} the cutter left Port Alder with a crew of forty.</p>" for n in range(30)
        )
        file = tmp_path / "page.html"
        file.write_text(
            f"<h1>Two cutters pass</h1><div class='entry-content'>{text}<ul class='comments'>{comments}</ul></div>",
            "utf-8",
        )
        said = tried(file, "--explain", cwd=tmp_path)
        assert "comments             - Reader 2 thinks" in said
        assert "Reader 3 thinks" not in said
        assert "… 6 more lines: comments …" in said
        assert "Reader 8 thinks" in tried(file, "--all", cwd=tmp_path)

    def test_a_page_that_is_no_article_says_why_and_still_shows_its_lines(self, tmp_path: Path) -> None:
        (file,) = LIST.glob("*.html")
        said = tried(file, "--explain", "--url", "https://meridian-list.example/", cwd=tmp_path)
        assert "list page: it lists articles and is none" in said
        assert "two coasts" in said

    def test_there_is_no_colour_in_a_pipe_or_where_none_is_wanted(self, tmp_path: Path) -> None:
        assert "\x1b" not in tried(ENGLISH, "--explain", cwd=tmp_path)
        colour = re.compile(r"\x1b\[[\d;]*3[0-7]")
        assert colour.search(in_terminal(["try", str(ENGLISH), "--explain"], tmp_path))
        assert not colour.search(in_terminal(["try", str(ENGLISH), "--explain"], tmp_path, NO_COLOR="1"))

    def test_a_forced_terminal_shows_kept_and_removed_parts_in_colour(self, tmp_path: Path) -> None:
        said = tried(CHINESE, "--explain", cwd=tmp_path, FORCE_COLOR="1", TERM="xterm-256color")
        assert re.search(r"\x1b\[32mparagraph", said)
        assert re.search(r"\x1b\[31mphoto credit", said)
        assert re.search(r"\x1b\[2;31m图片来源", said)

    def test_a_program_gets_the_same_as_data(self, tmp_path: Path) -> None:
        (article,) = map(json.loads, tried(CHINESE, "--explain", "--json", cwd=tmp_path).splitlines())
        lines: list[dict[str, Any]] = article["lines"]
        assert {(line["fate"], line["rule"]) for line in lines} >= {
            ("kept", "paragraph"), ("cut", "photo credit"), ("link", "read-also"), ("outside", ""),
            ("field", "title"),
        }  # fmt: skip
        assert [line["position"] for line in lines] == list(range(1, 17))
        assert [line["line"] for line in lines if line["block"] == 2] == [article["blocks"][2]["text"]]

    def test_a_page_is_fetched_and_scraped_text_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "straitwatch.toml").write_text('[fetch]\nallow_private = ["127.0.0.1"]\n', "utf-8")
        answer = Answer(200, CHINESE.read_bytes(), {"Content-Type": "text/html; charset=gb2312"})
        with Site({"/c_1.htm": answer}) as site:
            done = straitwatch("try", site.url("/c_1.htm"), "--explain", cwd=tmp_path, **PLAIN)
        assert "editor line          - （责任编辑：王小明）" in done.stdout, done.stderr
        file = tmp_path / "scraped.txt"
        text = "\n".join(["Connect with us", "Two cutters pass off Port Alder", *["They were at sea."] * 3])
        file.write_text(text, "utf-8")
        said = tried(file, "--explain", cwd=tmp_path)
        assert "connect              - Connect with us" in said
        assert "title                = Two cutters pass off Port Alder" in said


class TestOpen:
    def test_the_file_goes_where_it_is_told_and_over_nothing_of_others(self, tmp_path: Path) -> None:
        output = tmp_path / "side.html"
        for _ in range(2):  # its own file it writes anew
            assert f"wrote {output}" in tried(ENGLISH, "--output", "side.html", cwd=tmp_path)
        assert "READ ALSO: China-US Cooperation" in output.read_text("utf-8")
        output.write_text("<p>mine</p>", "utf-8")
        done = straitwatch("try", str(ENGLISH), "--output", "side.html", cwd=tmp_path)
        assert done.returncode == 1
        assert "side.html is there already" in done.stderr
        assert output.read_text("utf-8") == "<p>mine</p>"

    def test_json_stays_json_beside_it(self, tmp_path: Path) -> None:
        done = straitwatch("try", str(ENGLISH), "--open", "--json", cwd=tmp_path, TMPDIR=str(tmp_path))
        assert json.loads(done.stdout)["title"].startswith("Pentagon Summit")
        (written,) = tmp_path.glob("straitwatch-try-*.html")
        assert str(written) in done.stderr

    def test_a_browser_opens_only_for_a_person_who_wants_one(self, tmp_path: Path) -> None:
        browser, opened = tmp_path / "browser", tmp_path / "opened"
        browser.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n', "utf-8")
        browser.chmod(0o700)
        command = ["try", str(ENGLISH), "--open", "--output", "side.html"]
        assert straitwatch(*command, cwd=tmp_path, BROWSER=str(browser)).returncode == 0
        in_terminal([*command, "--no-browser"], tmp_path, BROWSER=str(browser))
        assert not opened.exists()
        in_terminal(command, tmp_path, BROWSER=str(browser))
        assert opened.read_text().splitlines() == [(tmp_path / "side.html").as_uri()]


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A real browser."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class TestInBrowser:
    @pytest.mark.parametrize("width", [1280, 400])
    def test_a_hostile_page_is_inert_and_its_three_columns_are_seen(
        self, width: int, chromium: Any, tmp_path: Path
    ) -> None:
        with Site() as site:
            page = tmp_path / "hostile.html"
            page.write_text(
                HOSTILE.replace("{site}", site.url("")).replace("{{", "{").replace("}}", "}"), "utf-8"
            )
            tried(page, "--output", "side.html", "--url", "https://ledger.example/1", cwd=tmp_path)
            tab = chromium.new_page(viewport={"width": width, "height": 900})
            asked: list[str] = []
            dialogs: list[str] = []
            tab.on("request", lambda request: asked.append(request.url))

            def dismiss(dialog: Any) -> None:
                dialogs.append(dialog.message)
                dialog.dismiss()

            tab.on("dialog", dismiss)
            tab.goto((tmp_path / "side.html").as_uri())
            for column in ("page", "article", "cut"):
                assert tab.locator(f"#{column}").is_visible()
            for text in tab.locator("#page li").all():
                if text.is_visible():
                    text.hover()
            tab.wait_for_load_state("networkidle")
            assert asked == [(tmp_path / "side.html").as_uri()]
            assert (dialogs, site.paths) == ([], [])
            assert tab.evaluate("document.documentElement.scrollWidth") == width
            self._holds_nothing_of_the_page(tab)
            tab.close()

    def _holds_nothing_of_the_page(self, tab: Any) -> None:
        """Its words are there as words; no element and no attribute of it is."""
        words = tab.locator("#article").inner_text()
        assert "<script>alert('h1')</script>" in words
        assert 'onerror="alert(3)"' in words
        elements = tab.evaluate("[...new Set([...document.querySelectorAll('*')].map(e => e.localName))]")
        assert not {"script", "img", "iframe", "svg", "form", "input", "base", "link", "object"} & set(
            elements
        )
        names = tab.evaluate(
            "[...new Set([...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()))]"
        )
        assert not [name for name in names if name.startswith("on") or name in ("src", "style", "srcset")]
        hrefs = tab.evaluate("[...document.links].map(a => a.getAttribute('href'))")
        assert all(href.startswith(("#", "http://", "https://")) for href in hrefs)
        equivalents = tab.evaluate("[...document.querySelectorAll('meta')].map(m => m.httpEquiv)")
        assert [name for name in equivalents if name] == ["Content-Security-Policy"]

    def test_at_1280_the_columns_stand_side_by_side_and_at_400_below_each_other(
        self, chromium: Any, tmp_path: Path
    ) -> None:
        tried(ENGLISH, "--output", "side.html", cwd=tmp_path)
        for width, beside in ((1280, True), (400, False)):
            tab = chromium.new_page(viewport={"width": width, "height": 900})
            tab.goto((tmp_path / "side.html").as_uri())
            boxes = [tab.locator(f"#{column}").bounding_box() for column in ("page", "article", "cut")]
            assert all(box["width"] > 250 for box in boxes)
            assert len({box["y"] for box in boxes}) == (1 if beside else 3)
            tab.close()

    def test_a_line_and_its_block_light_up_together_and_lead_to_each_other(
        self, chromium: Any, tmp_path: Path
    ) -> None:
        tried(ENGLISH, "--output", "side.html", cwd=tmp_path)
        tab = chromium.new_page(viewport={"width": 1280, "height": 900})
        tab.goto((tmp_path / "side.html").as_uri())
        colour = "e => getComputedStyle(e).backgroundColor"
        before = tab.locator("#b2").evaluate(colour)
        tab.locator("#page .b2").hover()
        assert tab.locator("#b2").evaluate(colour) != before
        tab.locator("#page .b5 > a").click()
        assert tab.evaluate("document.querySelector(':target').id") == "b5"
        tab.locator("#b5 > a").click()
        assert "b5" in tab.evaluate("document.querySelector(':target').className")
        tab.close()
