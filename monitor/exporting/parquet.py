"""Parquet, for data tools: a fixed schema, times in UTC, row groups of bounded size. The only place for pyarrow."""

from collections.abc import Callable, Iterable
from typing import IO, Any

from monitor.errors import Mistake
from monitor.exporting.about import SOFTWARE, About, encodable
from monitor.query.outgoing import Outgoing

try:
    import pyarrow
    from pyarrow.parquet import ParquetWriter
except ImportError as error:
    raise Mistake("--parquet needs pyarrow: pip install 'straitwatch[export]'") from error

ROWS, TEXT_BYTES = 2_000, 8 * 2**20  # of a row group: whichever comes first; it is held in memory
_TEXT, _WHOLE, _TIME = pyarrow.string(), pyarrow.int64(), pyarrow.timestamp("us", tz="UTC")
_LINK = pyarrow.struct([("kind", _TEXT), ("url", _TEXT), ("title", _TEXT), ("target", _WHOLE)])
SCHEMA = pyarrow.schema(
    [
        pyarrow.field("id", _WHOLE, nullable=False), ("url", _TEXT), ("title", _TEXT), ("source", _TEXT),
        ("source_name", _TEXT), ("side", _TEXT), ("source_kind", _TEXT), ("source_tier", pyarrow.int16()),
        ("published", _TIME), ("published_quality", _TEXT), ("first_seen", _TIME), ("indexed_at", _TIME),
        ("language", _TEXT), ("section", _TEXT), ("authors", pyarrow.list_(_TEXT)), ("wire", _TEXT), ("words", _WHOLE),
        ("relevance", _TEXT), ("points", _WHOLE), ("labels", pyarrow.list_(_TEXT)), ("revision", _WHOLE),
        ("copies_of", _WHOLE), ("shown", pyarrow.bool_()), ("text", _TEXT), ("links", pyarrow.list_(_LINK)),
        ("terms", pyarrow.list_(_TEXT)),
    ]
)  # fmt: skip
_REPEATED = [  # values that come again and again: kept once a row group
    "source", "source_name", "side", "source_kind", "published_quality", "language", "section", "wire", "relevance",
]  # fmt: skip
_COUNTED = [
    name for name in SCHEMA.names if name not in ("title", "text", "links", "authors", "labels", "terms")
]


def write_parquet(file: IO[bytes], articles: Iterable[Outgoing], about: About) -> None:
    """Write a row an article."""
    schema = SCHEMA.with_metadata({"software": SOFTWARE, "asked_for": encodable(about.title)})
    with ParquetWriter(
        file, schema, compression="zstd", write_statistics=_COUNTED, use_dictionary=_REPEATED
    ) as writer:
        group: list[Outgoing] = []
        size = 0
        for article in articles:
            group.append(article)
            size += len(article.text)
            if len(group) == ROWS or size >= TEXT_BYTES:
                writer.write_batch(_batch(group, schema), row_group_size=ROWS)
                group, size = [], 0
        if group:
            writer.write_batch(_batch(group, schema), row_group_size=ROWS)


def _batch(group: list[Outgoing], schema: Any) -> Any:
    columns = [
        pyarrow.array([_TURNS.get(field.name, _plain)(getattr(article, field.name)) for article in group], field.type)
        for field in schema
    ]  # fmt: skip
    return pyarrow.record_batch(columns, schema=schema)


def _plain(value: Any) -> Any:
    return encodable(value) if isinstance(value, str) else value


def _texts(values: Iterable[str]) -> list[str]:
    return [encodable(value) for value in values]


def _links(edges: Iterable[Any]) -> list[dict[str, Any]]:
    return [{name: _plain(getattr(edge, name)) for name in _LINK.names} for edge in edges]


_TURNS: dict[str, Callable[[Any], Any]] = {
    "authors": _texts, "labels": _texts, "terms": _texts, "links": _links,
}  # fmt: skip
