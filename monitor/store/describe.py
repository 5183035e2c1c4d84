"""docs/schema.md, its second half: every table, view, column and unit, from the comments that the code holds.

    python -m monitor.store.describe docs/schema.md     writes it anew (`make schema`)

What stands above the line MARK is a person's and stays.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Column, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect

from monitor.store.schema import HEAD
from monitor.store.tables import Row
from monitor.store.views import VIEWS, View

MARK = "<!-- From here on written by `make schema`; a test compares. -->"
_LITE: Dialect = sqlite.dialect()
_POSTGRES: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types


def described() -> str:
    """The tables and views as Markdown."""
    return "\n".join([MARK, "", *_lines()]) + "\n"


def write(file: Path) -> None:
    """Put them behind what a person wrote into the file."""
    above = file.read_text("utf-8").partition(MARK)[0]
    file.write_text(above + described(), "utf-8")


def _lines() -> Iterator[str]:
    yield f"Schema `{HEAD}`."
    yield ""
    yield "## Views"
    for view in VIEWS:
        yield from _view(view)
    yield ""
    yield "## Tables"
    for table in sorted(Row.metadata.sorted_tables, key=lambda table: table.name):
        yield from _table(table)
    yield from _SEARCH


def _view(view: View) -> Iterator[str]:
    yield from ("", f"### {view.name}", "", f"{_sentence(view.comment)}", "")
    yield from ("| column | what it holds |", "|---|---|")
    for name, comment in view.columns:
        yield f"| `{name}` | {_cell(comment)} |"


def _table(table: Table) -> Iterator[str]:
    yield from ("", f"### {table.name}", "", _sentence(table.comment or ""), "")
    yield from ("| column | SQLite | PostgreSQL | null | what it holds |", "|---|---|---|---|---|")
    for column in table.columns:
        lite, postgres = (_type(column, dialect) for dialect in (_LITE, _POSTGRES))
        null = "yes" if column.nullable else ""
        yield f"| `{column.name}` | {lite} | {postgres} | {null} | {_cell(column.comment or '')}{_key(column)} |"
    unique = sorted(
        sorted(column.name for column in each.columns)
        for each in table.constraints
        if isinstance(each, UniqueConstraint)
    )
    indexed = sorted([column.name for column in index.columns] for index in table.indexes)
    for words, groups in (("Unique", unique), ("Indexed", indexed)):
        if groups:
            yield ""
            yield (
                f"{words}: "
                + "; ".join(" and ".join(f"`{name}`" for name in names) for names in groups)
                + "."
            )


def _type(column: Column[object], dialect: Dialect) -> str:
    return column.type.compile(dialect=dialect)


def _key(column: Column[object]) -> str:
    """What refers where, for a JOIN."""
    words = ["primary key"] if column.primary_key else []
    words += [
        f"goes with its row of `{key.column.table.name}`" if key.ondelete == "CASCADE" else
        f"refers to `{key.column.table.name}`"
        for key in sorted(column.foreign_keys, key=lambda key: key.target_fullname)
    ]  # fmt: skip
    return f" *({', '.join(words)})*" if words else ""


def _sentence(comment: str) -> str:
    return f"{comment[:1].upper()}{comment[1:]}."


def _cell(comment: str) -> str:
    return comment.replace("|", "\\|")


_SEARCH = (
    "",
    "### search_index",
    "",
    (
        "The search index. It holds our own tokens, Chinese as pairs of characters, and is asked through `straitwatch"
        " search`: SQL written by hand would have to cut its words in the same way. SQLite: an FTS5 table without the"
        " texts, its rowid is `articles.id`. PostgreSQL: `article` and `tokens`, a tsvector, in which `#N` says that it is of the"
        " Nth 4,096 articles, `##N` of the Nth 131,072."
    ),
)

if __name__ == "__main__":
    write(Path(sys.argv[1]))
