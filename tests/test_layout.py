"""The layout of docs/design.md: each library has its one place, and the house stays easy to live in."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from monitor import __version__

ROOT = Path(__file__).parents[1]
OURS = {"monitor", "flows"}
PLACES = {
    "aiosmtpd": ["monitor/demo"],
    "ahocorasick": ["monitor/topic"],
    "alembic": ["monitor/store/schema.py"],
    "apprise": ["monitor/notify"],
    "bs4": ["monitor/clean"],
    "feedparser": ["monitor/discover"],
    "httpcore": ["monitor/fetch"],
    "httpx": ["monitor/fetch"],
    "idna": ["monitor/fetch", "monitor/urls"],
    "jinja2": ["monitor/alerts", "monitor/demo"],
    "lxml": ["monitor/clean", "monitor/discover", "monitor/demo"],
    "markdown_it": ["monitor/demo"],
    "markupsafe": ["monitor/alerts", "monitor/demo"],
    "prefect": ["flows"],
    "protego": ["monitor/fetch"],
    "psutil": ["monitor/process.py"],
    "psycopg": ["monitor/query/asked.py"],
    "pyarrow": ["monitor/exporting/parquet.py"],
    "pydantic": ["monitor/config.py", "monitor/sources", "monitor/topic", "monitor/demo"],
    "pydantic_settings": ["monitor/config.py"],
    "requests": [],
    "rich": ["monitor/cli"],
    "sqlalchemy": ["monitor/store", "monitor/query"],
    "typer": ["monitor/cli"],
    "warcio": ["monitor/warc.py"],
    "yaml": ["monitor/topic"],
    "zstandard": ["monitor/store"],
}


def _files() -> list[Path]:
    return [file for folder in sorted(OURS) for file in sorted((ROOT / folder).rglob("*.py"))]


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_the_version_is_the_same_everywhere() -> None:
    written = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert written == __version__ == metadata.version("straitwatch")


def test_each_library_is_imported_in_its_place_only() -> None:
    strays = [
        f"{file.relative_to(ROOT)} imports {library}"
        for file in _files()
        for library in sorted(set(_imported(file)) - OURS - set(sys.stdlib_module_names))
        if not any(str(file.relative_to(ROOT)).startswith(place) for place in PLACES.get(library, []))
    ]
    assert strays == []


@pytest.mark.parametrize("file", _files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_no_module_is_over_400_lines_and_no_function_over_60(file: Path) -> None:
    source = file.read_text("utf-8")
    assert source.count("\n") <= 400
    long = [
        f"{node.name}: {(node.end_lineno or 0) - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 60
    ]
    assert long == []
