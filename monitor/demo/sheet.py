"""What a writer of the demo newsroom writes: outlet.toml and the front matter of an article, checked."""

import tomllib
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor.errors import Mistake
from monitor.sources import Written, Zone

Kind = TypeVar("Kind", bound=BaseModel)


class Listing(Written):
    """A `[[listing]]` or `[[page]]`: an address that is not an article."""

    path: Annotated[str, Field(pattern=r"^/")]
    template: str
    content_type: str = "text/html"
    count: Annotated[int, Field(ge=0)] = 20
    title: str = ""
    section: str = ""
    tag: str = ""
    edition: int = 1
    extra: Mapping[str, Any] = {}


class Fault(Written):
    """A `[[fault]]`: what goes wrong at one address, from an edition on."""

    path: str = ""
    article: str = ""
    edition: int = 1
    kind: Annotated[
        str, Field(pattern=r"^([45]\d\d|500 once|slow|redirect loop|redirect|broken feed|cut off)$")
    ]
    seconds: Annotated[float, Field(ge=0, le=600)] = 0
    to: str = ""


class Sheet(Written):
    """outlet.toml."""

    host: Annotated[str, Field(pattern=r"^[a-z0-9.-]+$")]
    name: str
    language: str = "en"
    zone: Zone = "UTC"
    encoding: str = "utf-8"
    encoding_name: str = ""
    charset_in_header: bool = True
    template: str = "article.html"
    extra: Mapping[str, Any] = {}
    listing: tuple[Listing, ...] = ()
    page: tuple[Listing, ...] = ()
    fault: tuple[Fault, ...] = ()


class FrontMatter(BaseModel):
    """What stands between the +++ lines of an article; further keys are its template's business."""

    model_config = ConfigDict(frozen=True, extra="allow")

    path: Annotated[str, Field(pattern=r"^/")]
    title: Annotated[str, Field(min_length=1)]
    section: str
    authors: tuple[str, ...] = ()
    days_ago: Annotated[int, Field(ge=1)]
    at: time
    updated_days_ago: Annotated[int, Field(ge=1)] | None = None
    updated_at: time | None = None
    tags: tuple[str, ...] = ()
    summary: str = ""
    edition: int = 1
    listed: bool = True
    wire: str = ""
    image: str = ""
    caption: str = ""
    template: str = ""
    related: tuple[str, ...] = ()
    number: int | None = None


def read_toml(file: Path) -> dict[str, Any]:
    """The table in a TOML file. Raises Mistake, naming the file."""
    return parse_toml(file.read_text(encoding="utf-8"), file)


def parse_toml(text: str, file: Path) -> dict[str, Any]:
    """The table in text, which comes from file. Raises Mistake."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Mistake(f"{file}: {error}") from error


def checked(kind: type[Kind], table: Mapping[str, Any], file: Path) -> Kind:
    """The table as a kind of sheet. Raises Mistake that names the file and every wrong key."""
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        mistakes = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise Mistake(f"{file}: {mistakes}") from error
