"""One statement of SQL that only reads: looked at before a database sees it. Pure.

This is the first of several fences, the one that can say in words what it refuses. Behind it stand the database's own:
SQLite's authorizer on a file opened for reading, PostgreSQL's read-only transaction, cursor and role (`asked.py`).
"""

import re
from collections.abc import Iterator

from monitor.errors import Mistake

LONGEST = 100_000  # characters
_BEGINNINGS = ("select", "with", "values", "explain")

# What a piece of SQL can be; both databases' ways of quoting. An E'' string of PostgreSQL escapes with backslashes.
_PIECE = re.compile(
    r"""
      (?P<space>\s+ | --[^\n]*)
    | (?P<comment>/\*)
    | (?P<escaped>[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z))
    | (?P<unicode>[uU]&["'])
    | (?P<string>'(?:[^']|'')*(?:'|\Z))
    | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
    | (?P<name>"(?:[^"]|"")*(?:"|\Z) | `(?:[^`]|``)*(?:`|\Z))
    | (?P<word>[^\W\d][\w$]*)
    | (?P<end>;)
    | (?P<other>\d[\w.]* | .)
    """,
    re.VERBOSE | re.DOTALL,
)

# Functions of PostgreSQL that read files, wait, signal, lock, write, or run SQL from a text. Whatever begins with
# pg_ is refused but for these, which tell sizes, types and what the schema is.
_HARMLESS = """
    pg_catalog pg_class pg_namespace pg_attribute pg_type pg_index pg_indexes pg_tables pg_views pg_matviews
    pg_description pg_constraint pg_collation pg_extension pg_stats pg_stat_user_tables pg_stat_user_indexes
    pg_typeof pg_size_pretty pg_column_size pg_relation_size pg_table_size pg_indexes_size pg_total_relation_size
    pg_database_size pg_get_viewdef pg_get_indexdef pg_get_constraintdef pg_get_expr pg_input_is_valid
"""
_REFUSED = """
    set_config nextval setval ts_stat ts_rewrite currtid currtid2
    query_to_xml query_to_xml_and_xmlschema query_to_xmlschema cursor_to_xml cursor_to_xmlschema
    table_to_xml table_to_xmlschema table_to_xml_and_xmlschema schema_to_xml schema_to_xmlschema
    schema_to_xml_and_xmlschema database_to_xml database_to_xmlschema database_to_xml_and_xmlschema
"""
_PG_HARMLESS, _PG_REFUSED = frozenset(_HARMLESS.split()), frozenset(_REFUSED.split())
_PG_PREFIXES = ("pg_", "lo_", "dblink", "postgres_fdw")


def checked(query: str, kind: str) -> str:
    """The statement without the semicolon at its end.

    Raises:
        Mistake: it is empty, more than one, does not read, or names what is refused; the text says which.
    """
    if len(query) > LONGEST:
        raise Mistake(f"the statement has {len(query):,} characters; {LONGEST:,} are the most")
    if "\0" in query:
        raise Mistake("the statement holds a NUL character")
    pieces = [(kind_, text) for kind_, text in _pieces(query, nested=kind == "postgresql")]
    said = [text for name, text in pieces if name not in ("space", "comment")]
    if not said:
        raise Mistake('there is no statement; one is: straitwatch sql "SELECT count(*) FROM v_articles"')
    ends = next((number for number, (name, _) in enumerate(pieces) if name == "end"), len(pieces))
    if any(name not in ("space", "comment", "end") for name, _ in pieces[ends:]):
        raise Mistake("one statement at a time: there is another behind the semicolon")
    first = said[0].lower()
    if first not in (*_BEGINNINGS, "("):
        raise Mistake(
            f"{said[0][:40].upper()} is refused: a statement here begins with SELECT, WITH, VALUES or EXPLAIN"
        )
    if kind == "postgresql":
        _refuse_names(pieces)
    return "".join(text for _, text in pieces[:ends])


def _refuse_names(pieces: list[tuple[str, str]]) -> None:
    for kind, text in pieces:
        if kind == "unicode":
            raise Mistake('names and texts written as U&"..." are refused: write the characters themselves')
        name = text.strip('"').replace('""', '"').lower() if kind in ("word", "name") else ""
        harmful = name in _PG_REFUSED or (name.startswith(_PG_PREFIXES) and name not in _PG_HARMLESS)
        if harmful:
            raise Mistake(
                f"{name} is refused: a statement here may read the archive's tables and nothing else"
            )


def _pieces(query: str, *, nested: bool) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(query):
        found = _PIECE.match(query, at)
        assert found is not None  # `other` takes any character
        kind, end = str(found.lastgroup), found.end()
        if kind == "comment":
            end = _comment_end(query, at, nested=nested)
        elif kind == "dollar":
            closing = query.find(found[0], end) if nested else -1  # SQLite has no such quotes
            end = closing + len(found[0]) if closing >= 0 else end
            kind = "string" if closing >= 0 else "other"
        elif kind == "unicode" and not nested:
            kind, end = "word", at + 1  # U & "x" to SQLite
        elif kind == "escaped" and not nested:
            kind, end = "word", at + 1
        yield kind, query[at:end]
        at = end


def _comment_end(query: str, at: int, *, nested: bool) -> int:
    """Behind the end of a comment; PostgreSQL's may hold others."""
    depth = 0
    for mark in re.finditer(r"/\*|\*/", query[at:]):
        if mark[0] == "/*" and (nested or depth == 0):
            depth += 1
        elif mark[0] == "*/":
            depth -= 1
            if depth == 0:
                return at + mark.end()
    return len(query)
