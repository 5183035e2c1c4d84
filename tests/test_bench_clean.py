"""The bench of the cleaner, run on a small corpus of our own words that is made as real files."""

import gzip
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench import clean as bench
from bench import folds, growth, memory, pages
from bench.extractors import EXTRACTORS
from bench.say import Say

TOOLS = Path(__file__).parents[2] / "shared" / "tools"
SCORER = TOOLS / "score_clean.py"
pytestmark = pytest.mark.skipif(not SCORER.is_file(), reason="the scorer (shared/tools) is not here")

STORY = [
    "The pier opened on Monday after four years of work, and the first ship came in before the speeches had ended.",
    "Engineers said that the harbor can now take vessels of twice the draft, which changes the plans of two fleets.",
    "The harbor master expects forty ships a week by the spring, and asked the town for a second crane.",
]
HOSTS = [
    *(
        "www.tide.example",
        "news.tide.example",
        "pier.example",
        "quay.example",
        "buoy.example",
        "crane.example",
    ),
    *("lantern.example", "anchor.example"),
]
Lines = Callable[..., list[dict[str, Any]]]


def page(number: int) -> str:
    head = f"<title>Pier {number} opens</title><meta property='article:published_time' content='2026-11-2{number}T10:00:00Z'>"
    body = "".join(f"<p>{text}</p>" for text in [f"This is pier number {number} of the coast.", *STORY])
    return f"<html lang=en><head>{head}<meta name=author content='Eve Adams'></head><body><h1>Pier {number} opens</h1><div class=entry-content>{body}</div></body></html>"


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    """Two corpora of the shared layout, the scorer beside them."""
    (tmp_path / "tools").symlink_to(TOOLS)
    for corpus, hosts in (("harbor", HOSTS), ("coast", HOSTS[:1])):
        folder = tmp_path / "corpora" / corpus
        folder.mkdir(parents=True)
        with (folder / "truth.jsonl").open("w", encoding="utf-8") as truth:
            for number, host in enumerate(hosts):
                name = f"{number:012x}.html.gz"
                (folder / name).write_bytes(gzip.compress(page(number).encode()))
                body = "\n".join([f"This is pier number {number} of the coast.", *STORY])
                row = {
                    "id": f"{corpus}-{number}",
                    "url": f"https://{host}/a/pier-{number}-opens.html",
                    "html": name,
                    "lang": "en",
                    "title": f"Pier {number} opens",
                    "authors": ["Eve Adams"],
                    "date": f"2026-11-2{number}",
                    "body": body,
                }
                truth.write(json.dumps(row) + "\n")
    return tmp_path / "corpora"


@pytest.fixture
def lines(corpora: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Lines:
    """Run the bench on the corpora and return what it tells a program."""

    def run(*argv: str, status: int = 0) -> list[dict[str, Any]]:
        given = ["--corpora", str(corpora), "--predictions", str(tmp_path / "now"), "--json", *argv]
        assert bench.main(given) == status
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def scores(said: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        row["corpus"]: row for row in said if row["measure"] == "score" and row["extractor"] == "straitwatch"
    }


# ---------------------------------------------------------------- the table and the speed


def test_a_row_per_corpus_says_how_well_our_cleaner_reads_it(lines: Lines) -> None:
    found = scores(lines("--only", "straitwatch"))
    assert list(found) == ["coast", "harbor"]
    assert found["harbor"]["pages"] == len(HOSTS)
    for figure in ("f1", "precision", "recall", "title_exact", "author_f1", "same_day"):
        assert found["harbor"][figure] == 1.0
    assert found["harbor"]["leaks"] == 0.0


def test_the_table_fits_120_columns(
    corpora: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    argv = ["--corpora", str(corpora), "--predictions", str(tmp_path / "now"), "--only", "straitwatch"]
    assert bench.main(argv) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split()[:4] == ["corpus", "extractor", "pages", "empty"]
    assert printed[1].split()[:5] == ["coast", "straitwatch", "1", "0", "1.000"]
    assert max(map(len, printed[:-1])) <= 120
    assert any("warm-up that does not count" in line for line in printed)


def test_predictions_are_written_as_the_scorer_reads_them(lines: Lines, tmp_path: Path) -> None:
    lines("--only", "straitwatch", "--repeats", "0")
    rows = (tmp_path / "now" / "straitwatch" / "harbor.jsonl").read_text("utf-8").splitlines()
    assert json.loads(rows[0])["title"] == "Pier 0 opens"
    assert len(rows) == len(HOSTS)


def test_speed_says_the_median_and_the_tail_of_our_pages(lines: Lines) -> None:
    said = next(row for row in lines("--only", "straitwatch", "--repeats", "2") if row["measure"] == "speed")
    assert said["repeats"] == 2
    assert said["pages"] == len(HOSTS) + 1
    assert 0 < said["p50_ms"] <= said["p99_ms"] <= said["slowest_ms"]


@pytest.mark.filterwarnings("ignore")  # theirs
@pytest.mark.parametrize("extractor", EXTRACTORS[1:], ids=lambda e: str(e.folder))
def test_each_peer_that_is_installed_reads_a_plain_page(extractor: Any) -> None:
    if not extractor.installed:
        pytest.skip(f"{extractor.module} is not installed (make bench-setup)")
    said = extractor.read(page(1).encode(), "https://pier.example/a/pier-1-opens.html")
    assert STORY[1] in said["text"]


def test_what_is_missing_is_said_in_words(
    corpora: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert bench.main(["--corpora", str(corpora), "--corpus", "river"]) == 1
    assert "no corpus river; there are coast, harbor" in capsys.readouterr().err
    assert bench.main(["--corpora", str(tmp_path / "nowhere" / "corpora")]) == 1
    assert "no scorer beside the corpora" in capsys.readouterr().err


# ---------------------------------------------------------------- did a change do harm


def test_floors_written_from_a_run_hold_for_that_run(lines: Lines, tmp_path: Path) -> None:
    file = tmp_path / "floors.toml"
    lines("--write-floors", str(file))
    assert tomllib.loads(file.read_text("utf-8"))["harbor"]["recall"] == 0.997
    assert [row for row in lines("--floor", str(file)) if row["measure"] == "fell"] == []


@pytest.mark.parametrize("name", ["floors.toml", "floors.json"])
def test_a_figure_under_its_floor_fails_and_is_named(lines: Lines, tmp_path: Path, name: str) -> None:
    floors = {"harbor": {"f1": 1.1, "leaks": 0.0}, "coast": {"recall": 1.001}}
    toml = "[harbor]\nf1 = 1.1\nleaks = 0.0\n[coast]\nrecall = 1.001\n"
    (tmp_path / name).write_text(toml if name.endswith("toml") else json.dumps(floors), "utf-8")
    fell = [row for row in lines("--floor", str(tmp_path / name), status=1) if row["measure"] == "fell"]
    assert [(row["corpus"], row["figure"], row["floor"], row["now"]) for row in fell] == [
        ("harbor", "f1", 1.1, 1.0)
    ]


def test_more_leaks_than_the_floor_fail_too(lines: Lines, tmp_path: Path) -> None:
    file = tmp_path / "floors.toml"
    file.write_text("[harbor]\nleaks = -0.1\n", "utf-8")
    assert any(row["measure"] == "fell" for row in lines("--floor", str(file), status=1))


def test_floors_of_corpora_that_were_not_measured_hold_nothing(lines: Lines, tmp_path: Path) -> None:
    file = tmp_path / "floors.toml"
    file.write_text("[river]\nf1 = 0.5\n", "utf-8")
    said = lines("--floor", str(file), status=1)
    assert [row["corpora"] for row in said if row["measure"] == "not measured"] == [["river"]]


def test_a_floor_for_a_figure_that_does_not_exist_is_a_mistake(
    lines: Lines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "floors.toml").write_text("[harbor]\nf2 = 1\n", "utf-8")
    assert bench.main(["--corpora", str(tmp_path / "corpora"), "--floor", str(tmp_path / "floors.toml")]) == 1
    assert "[harbor] f2: not a figure" in capsys.readouterr().err


def test_pages_that_moved_between_two_runs_are_listed_the_worst_fall_first(
    lines: Lines, tmp_path: Path
) -> None:
    lines("--only", "straitwatch", "--repeats", "0", "--predictions", str(tmp_path / "old"))
    file = tmp_path / "old" / "straitwatch" / "harbor.jsonl"
    rows = [json.loads(row) for row in file.read_text("utf-8").splitlines()]
    rows[2]["text"] = STORY[0]
    rows[5]["text"] = ""
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    old, now = str(tmp_path / "old"), str(tmp_path / "now")
    moved = [row["page"] for row in lines("--diff", old) if row["measure"] == "moved"]
    assert moved == ["harbor-2", "harbor-5"]
    fell = [row for row in lines("--diff", now, old) if row["measure"] == "moved"]
    assert [(row["page"], row["was"]) for row in fell] == [("harbor-5", 1.0), ("harbor-2", 1.0)]


# ---------------------------------------------------------------- folds


def test_a_site_is_in_one_fold_whatever_its_host_is_called(corpora: Path) -> None:
    loaded = pages.load(pages.scorer(corpora), corpora, ["harbor"])[0].pages
    seen: dict[str, set[int]] = {}
    for number, (learnt, measured) in enumerate(folds.held_out(loaded, 3)):
        assert {p.site for p in learnt}.isdisjoint({p.site for p in measured})
        assert len(learnt) + len(measured) == len(loaded)
        for one in measured:
            seen.setdefault(one.site, set()).add(number)
    assert len(seen) == len(HOSTS) - 1  # www. and news. are one site
    assert all(len(where) == 1 for where in seen.values())


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.news.example/a", "news.example"),
        ("https://news.bbc.co.uk/a", "bbc.co.uk"),
        ("http://mil.news.sina.com.cn/1", "sina.com.cn"),
        ("https://welt.de/1", "welt.de"),
        (None, ""),
    ],
)
def test_the_site_of_a_page_is_its_registered_name(url: str | None, site: str) -> None:
    assert pages.site(url) == site


def test_folds_print_each_fold_with_mean_and_deviation(lines: Lines) -> None:
    said = [row for row in lines("--folds", "3") if row["measure"] == "folds" and row["corpus"] == "harbor"]
    assert [row["figure"] for row in said] == ["f1", "recall", "leaks"]
    assert said[0]["mean"] == 1.0
    assert said[0]["deviation"] == 0.0
    assert sum(said[0]["pages"]) == len(HOSTS)


# ---------------------------------------------------------------- memory and growth


def test_memory_is_read_after_each_thousand_pages(capsys: pytest.CaptureFixture[str]) -> None:
    memory.memory(growth.generated(6), 25, Say(to_program=True), every=10)
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["pages"] for row in said[:-1]] == [10, 20, 25]
    assert said[-1]["mb"] == said[-2]["mb"] - said[0]["mb"]


@pytest.mark.parametrize("shape", growth.SHAPES)
def test_pages_that_grow_have_the_size_asked_for(shape: str) -> None:
    for size in (10_000, 300_000):
        assert abs(len(growth.SHAPES[shape](size)) - size) < 0.25 * size


def test_growth_says_cpu_per_size_and_how_too_much_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    growth.growth(Say(to_program=True), sizes_kb=(5, 10))
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["shape"] for row in said if row["measure"] == "growth"] == list(growth.SHAPES)
    refused = {row["page"]: row for row in said if row["measure"] == "refused"}
    assert list(refused) == list(growth.TOO_MUCH)
    assert all(row["words"].startswith("Unreadable: ") for row in refused.values())


def test_no_figure_on_real_pages_has_fallen_below_its_floor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not (TOOLS.parent / "corpora").is_dir():
        pytest.skip("the collections of real pages (shared/corpora) are not here")
    floors = Path(bench.__file__).with_name("floors.toml")
    fell = bench.main(
        ["--only", "straitwatch", "--floor", str(floors), "--predictions", str(tmp_path / "said")]
    )
    assert fell == 0, capsys.readouterr().out
