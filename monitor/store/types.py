"""Column types that mean the same on SQLite and on PostgreSQL."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    LargeBinary,
    any_,
    literal,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class Unfit(ValueError):
    """What a column of ours refuses, before either database sees it."""


SMALLEST, LARGEST = -(2**63), 2**63 - 1  # of a whole number in either database
KEY_BYTES = 16
_WIDE = 16  # columns; so many to a row, and to make arrays of them costs what it saves


class Json(TypeDecorator[Any]):
    """JSON: PostgreSQL's own kind there."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Import PostgreSQL's kinds where they are used."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON())
        from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415

        return dialect.type_descriptor(JSONB())


class UtcTime(TypeDecorator[datetime]):
    """An instant. Takes aware datetimes only, stores UTC, gives aware UTC back.

    SQLite keeps no zone: SQLAlchemy alone would store 08:00+08:00 as 08:00 and lose eight hours.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse what is naive; turn the rest to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise Unfit(f"naive datetime for the database: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Say that it is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _Each(FunctionElement[Any]):
    """The values of a JSON list, as what stands behind IN on SQLite."""

    name = "each"
    inherit_cache = True


class _EachKey(FunctionElement[Any]):
    """The keys that one value holds end to end, cut at the places of a JSON list."""

    name = "each_key"
    inherit_cache = True


@compiles(_Each)
def _each(element: _Each, compiler: SQLCompiler, **words: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **words)}))"  # noqa: S608


@compiles(_EachKey)
def _each_key(element: _EachKey, compiler: SQLCompiler, **words: Any) -> str:
    places, keys = (compiler.process(clause, **words) for clause in element.clauses)
    return f"(SELECT substr({keys}, value, {KEY_BYTES}) FROM json_each({places}))"  # noqa: S608


def among(session: Session, column: Any, values: Sequence[int] | Sequence[str]) -> ColumnElement[bool]:
    """Whether a column is one of some values, as one parameter: an IN of a thousand costs a millisecond to write.

    On SQLite a subquery in words of our own: to build SQLAlchemy's takes longer than SQLite takes to answer.
    """
    if session.get_bind().dialect.name != "sqlite":
        from sqlalchemy.dialects.postgresql import ARRAY  # noqa: PLC0415

        return column == any_(literal(list(values), ARRAY(column.type)))  # type: ignore[no-any-return]
    each: FunctionElement[Any]
    if isinstance(column.type, Key):  # JSON holds no bytes: its numbers are places in one value of all keys
        places = json.dumps([1 + KEY_BYTES * number for number in range(len(values))])
        keys = b"".join(bytes.fromhex(str(key)) for key in values)
        each = _EachKey(literal(places), literal(keys, LargeBinary))
    else:
        each = _Each(literal(json.dumps(list(values))))
    return column.op("IN", is_comparison=True)(each)  # type: ignore[no-any-return]


def write_plain(session: Session, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement for many rows of what the driver takes; ? stands for one value in both databases."""
    if rows:
        if session.get_bind().dialect.name != "sqlite":
            statement = statement.replace("?", "%s")
        session.connection().exec_driver_sql(statement, list(rows))


def write_rows(session: Session, row: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows of a table, with the same columns each; its types judge and turn every value.

    Some forty an article go this way: SQLAlchemy makes an insert's parameters anew for each row, which costs more
    than to insert them.

    Raises:
        Unfit: a column refuses a value.
    """
    if not rows:
        return
    table, dialect, given = row.__table__, session.get_bind().dialect, rows[0].keys()
    constants = {
        each.name: each.default.arg
        for each in table.columns
        if each.default is not None and each.name not in given
    }
    names = [*given, *constants]
    columns = zip(*([*each.values(), *constants.values()] for each in rows), strict=True)
    turned = [
        _turned(table.c[name].type, dialect, values) for name, values in zip(names, columns, strict=True)
    ]
    write_columns(session, table, dict(zip(names, turned, strict=True)))


def write_columns(
    session: Session, table: Any, columns: Mapping[str, Sequence[Any]], *, known: bool = False
) -> None:
    """Insert many rows, given as columns of what the driver takes; known: some may be there already.

    PostgreSQL is sent an array a column: the driver sends and answers each row by itself otherwise, at 20 us a row.
    """
    dialect = session.get_bind().dialect
    quoted = ", ".join(map(dialect.identifier_preparer.quote, columns))
    but = " ON CONFLICT DO NOTHING" if known else ""
    if dialect.name == "sqlite" or len(columns) > _WIDE:
        statement = f"INSERT INTO {table.name} ({quoted}) VALUES ({', '.join('?' * len(columns))}){but}"  # noqa: S608
        write_plain(session, statement, list(zip(*columns.values(), strict=True)))
        return
    kinds = (table.c[name].type.compile(dialect) for name in columns)
    arrays = ", ".join(f"CAST(%s AS {kind}[])" for kind in kinds)
    statement = f"INSERT INTO {table.name} ({quoted}) SELECT * FROM unnest({arrays}){but}"  # noqa: S608
    session.connection().exec_driver_sql(statement, tuple(list(values) for values in columns.values()))


def _turned(kind: TypeEngine[Any], dialect: Dialect, values: Sequence[Any]) -> Sequence[Any]:
    """A column's values as the driver takes them, in one go where the type can tell that all of them fit."""
    if isinstance(kind, Id | _Words) and kind.all_fit(values):
        return values
    turn = kind.dialect_impl(dialect).bind_processor(dialect)
    return [turn(value) for value in values] if turn else values


class _Bytes(LargeBinary):
    """Bytes as they are: both drivers take them, and a memoryview of each costs a microsecond or seven."""

    def bind_processor(self, dialect: Dialect) -> None:
        """Nothing to turn."""


class Key(TypeDecorator[str]):
    """32 hexadecimal digits, kept as their 16 bytes: an article's links alone hold eight keys, indexes included."""

    impl = _Bytes
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Refuse what is no such key."""
        if value is None:
            return None
        try:
            kept = bytes.fromhex(value)
        except ValueError:
            kept = b""
        if len(kept) != KEY_BYTES:
            raise Unfit(f"no key of {2 * KEY_BYTES} hexadecimal digits for the database: {value[:80]!r}")
        return kept

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Hexadecimal digits again."""
        return None if value is None else bytes(value).hex()

    def coerce_compared_value(self, op: Any, value: Any) -> Any:  # noqa: ARG002
        """What it is compared with is a key too."""
        return self


class Id(TypeDecorator[int]):
    """A whole number of 64 bits. One that does not fit is refused here, the same for both databases."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """SQLite counts rowids only for INTEGER."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())

    def all_fit(self, values: Sequence[int | None]) -> bool:
        """Whether none of these would be refused."""
        numbers = [value for value in values if value is not None]
        return not numbers or (min(numbers) >= SMALLEST and max(numbers) <= LARGEST)

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Refuse what neither database could keep."""
        if value is not None and not SMALLEST <= value <= LARGEST:
            raise Unfit(f"a number of more than 64 bits for the database: {value:.3g}")
        return value

    def coerce_compared_value(self, op: Any, value: Any) -> Any:  # noqa: ARG002
        """What is only compared need not fit."""
        return BigInteger()


class _Words(TypeDecorator[str]):
    """What both kinds of text refuse: SQLite would store what PostgreSQL does not take."""

    impl: Any = sa.Text
    cache_ok = True

    def all_fit(self, values: Sequence[str | None]) -> bool:
        """Whether none of these would be refused."""
        texts = [value for value in values if value is not None]
        most = getattr(self.impl, "length", None)
        return "\0" not in "".join(texts) and (most is None or max(map(len, texts), default=0) <= most)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Refuse a NUL character, at which SQLite's length() would stop, and what is too long."""
        if value is None:
            return None
        if "\0" in value:
            raise Unfit(f"a NUL character in a text for the database: {value[:40]!r}")
        most = getattr(self.impl, "length", None)
        if most is not None and len(value) > most:
            raise Unfit(f"{len(value):,} characters for the database, where {most} fit: {value[:40]!r}")
        return value

    def coerce_compared_value(self, op: Any, value: Any) -> Any:  # noqa: ARG002
        """What is only compared need not fit."""
        return sa.Text()


class Text(_Words):
    """Text of any length."""

    impl = sa.Text
    cache_ok = True


class String(_Words):
    """Text of so many characters at most; SQLite alone would not count them."""

    impl = sa.String
    cache_ok = True
