"""What all tables have in common."""

from datetime import datetime
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, mapped_column

from monitor.store.types import Id, Json, UtcTime

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(DeclarativeBase):
    """Base of all rows."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {datetime: UtcTime(), int: Id(), dict[str, Any]: Json(), list[Any]: Json()}  # noqa: RUF012


def column(comment: str, *args: Any, **options: Any) -> Any:
    """Make a column whose comment says what it holds, in which unit."""
    return mapped_column(*args, comment=comment, **options)
