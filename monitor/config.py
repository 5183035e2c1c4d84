"""Settings: strict TOML, every mistake at once, worded for a person.

One file, `straitwatch.toml`, says where the data lies, what is watched and who is told. Environment variables
named STRAITWATCH_KEY or STRAITWATCH_TABLE__KEY override it. Secrets may be kept out of it: a channel's and the
database's address can come from a variable (`url_env`) or a file (`url_file`).
"""

import difflib
import os
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from monitor import __version__
from monitor.errors import Mistake, Mistakes
from monitor.toml import FILE, LARGEST_FILE, PREFIX, read_toml, settings_file

__all__ = [
    "FILE",
    "LARGEST_FILE",
    "Settings",
    "examine_settings",
    "load_settings",
    "read_toml",
    "settings_file",
    "worded",
]

_PREFIX = PREFIX


class Table(BaseModel):
    """Base of the tables: frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Secret(Table):
    """An address that may hold a password: written here, or in a variable, or in a file."""

    url: str = ""
    url_env: str = ""
    url_file: str = ""

    def read(self, name: str) -> str:
        """The address.

        Raises:
            Mistake: the variable or file is missing; the text never shows a value.
        """
        if self.url_env:
            value = os.environ.get(self.url_env, "").strip().strip("'\"")
            if not value:
                raise Mistake(f"{name}.url_env: the variable {self.url_env} is not set")
            return value
        if self.url_file:
            try:
                return Path(self.url_file).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise Mistake(f"{name}.url_file: {self.url_file} cannot be read") from error
        return self.url


Hours = Annotated[float, Field(gt=0, le=8_760, allow_inf_nan=False)]
Kind = Literal["official", "state media", "wire", "trade", "press", "think tank"]


class Fetch(Table):
    """Manners and bounds towards sites."""

    gap_seconds: Annotated[float, Field(ge=0, le=120, allow_inf_nan=False)] = 2.0
    workers: Annotated[int, Field(ge=1, le=64)] = 8
    page_mb: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = 10
    feed_mb: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = 5
    sitemap_mb: Annotated[float, Field(gt=0, le=500, allow_inf_nan=False)] = 50
    header_kb: Annotated[float, Field(ge=8, le=1_000, allow_inf_nan=False)] = 64
    redirects: Annotated[int, Field(ge=0, le=20)] = 5
    lines_per_listing: Annotated[int, Field(ge=10, le=50_000)] = 2_000
    sitemaps_per_index: Annotated[int, Field(ge=1, le=1_000)] = 50
    sitemap_depth: Annotated[int, Field(ge=1, le=10)] = 3
    connect_seconds: Annotated[float, Field(ge=0.1, le=120, allow_inf_nan=False)] = 10
    silence_seconds: Annotated[float, Field(ge=0.1, le=300, allow_inf_nan=False)] = 20
    total_seconds: Annotated[float, Field(ge=1, le=600, allow_inf_nan=False)] = 60
    crawl_delay_seconds: Annotated[float, Field(ge=0, le=3_600, allow_inf_nan=False)] = 120
    retry_after_seconds: Annotated[float, Field(ge=0, le=604_800, allow_inf_nan=False)] = 86_400
    pages_per_round: Annotated[int, Field(ge=1, le=100_000)] = 2000
    resolve: dict[str, str] = Field(default_factory=dict)
    allow_private: tuple[str, ...] = ()


class Cleaning(Table):
    """Bounds of cleaning one page, in a process of its own."""

    seconds: Annotated[float, Field(ge=0.01, le=600, allow_inf_nan=False)] = 5
    memory_mb: Annotated[float, Field(ge=10, le=100_000, allow_inf_nan=False)] = 500
    workers: Annotated[int, Field(ge=1, le=64)] = 2


class Prefect(Table):
    """Prefect's own server, started by `straitwatch serve`."""

    port: Annotated[int, Field(ge=1024, le=65535)] = 4200


class Health(Table):
    """Who is told when a source's state of health changes."""

    channels: tuple[str, ...] | None = None  # None = all of them; [] = nobody


class Rule(Table):
    """A saved query with its channels: what is told to whom."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    query: Annotated[str, Field(min_length=1, max_length=1000)]
    relevance: Annotated[int, Field(ge=0, le=1000)] = 4  # least points
    channels: Annotated[tuple[str, ...], Field(min_length=1)]
    first_poll: bool = False  # tell also of what a source's first poll brings


class Retention(Table):
    """How long what is kept of a source or a kind of sources; the first that fits counts. None = for ever."""

    source: str = ""  # id; "" = every source
    kind: str = ""  # official, state media, wire, trade, press, think tank; "" = every kind
    raw_days: Annotated[int, Field(ge=1, le=36_500)] | None = None  # raw pages
    full_days: Annotated[int, Field(ge=1, le=36_500)] | None = None  # then an excerpt is left of an article
    excerpt_days: Annotated[int, Field(ge=1, le=36_500)] | None = None  # then its metadata
    days: Annotated[int, Field(ge=31, le=36_500)] | None = None  # then nothing but its address


class Revisions(Table):
    """Pages asked for again to see edits that no listing tells of, so long after their article was first seen."""

    after_hours: Annotated[tuple[Hours, ...], Field(max_length=20)] = (1, 24, 168)  # () = never
    kinds: tuple[Kind, ...] = ("official",)  # of sources; a source may say otherwise
    pages_per_round: Annotated[int, Field(ge=1, le=10_000)] = 200


class Settings(BaseSettings):
    """Everything a person may set, with its default."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter="__", frozen=True, extra="forbid",
        hide_input_in_errors=True,
    )  # fmt: skip

    data: Path = Path("data")
    contact: str = ""
    packs: tuple[str, ...] = ()
    sources: Path = Path("sources")
    round_minutes: Annotated[int, Field(ge=5, le=1440)] = 15
    database: Secret = Secret()
    least_free_mb: Annotated[int, Field(ge=0, le=1_000_000)] = (
        200  # on the database's disk; below, no page is fetched
    )
    fetch: Fetch = Fetch()
    cleaning: Cleaning = Cleaning()
    prefect: Prefect = Prefect()
    channels: dict[str, Secret] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    retention: tuple[Retention, ...] = ()
    revisions: Revisions = Revisions()
    health: Health = Health()
    demo: bool = False  # all of it is invented: messages say so

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file."""
        return env_settings, init_settings

    @property
    def database_url(self) -> str:
        """The database's address; without one, SQLite in the data folder."""
        return self.database.read("database") or f"sqlite:///{self.data / 'straitwatch.db'}"

    @property
    def prefect_home(self) -> Path:
        """Where Prefect keeps its own state."""
        return self.data / "prefect"

    @property
    def user_agent(self) -> str:
        """How we introduce ourselves: name, version, whom to write to."""
        return f"Straitwatch/{__version__}" + (f" (+{self.contact})" if self.contact else "")


def load_settings(file: Path | None, *, data: Path | None = None) -> Settings:
    """Read the settings.

    Args:
        file: the file named by the user; None = DATA/straitwatch.toml, else ./straitwatch.toml, else defaults.
        data: the data folder named by the user, which overrides the file's.

    Raises:
        Mistakes: everything that is wrong in the file.
    """
    settings, lines = examine_settings(file, data=data)
    if lines or settings is None:
        raise Mistakes(lines)
    return settings


def examine_settings(file: Path | None, *, data: Path | None = None) -> tuple[Settings | None, list[str]]:
    """The settings, and what is wrong in them; with mistakes, made of the keys that are right if that can be."""
    file = settings_file(file, data)
    try:
        values = read_toml(file) if file else {}
    except Mistakes as error:
        return None, error.lines
    label = file.name if file else "environment"
    lines = _rule_mistakes(label, values)
    try:
        settings = Settings(**values)
    except SettingsError as error:  # a variable that should hold a table or a list
        return None, [f"environment: {error}; write lists and tables as JSON", *lines]
    except ValidationError as error:
        lines = worded(label, error, Settings, values) + lines
        wrong = {str(fault["loc"][0]) for fault in error.errors(include_url=False) if fault["loc"]}
        try:
            settings = Settings(**{key: value for key, value in values.items() if key not in wrong})
        except (ValidationError, SettingsError):
            return None, lines
    base = file.parent if file else Path()
    places = {
        "data": data if data is not None else base / settings.data,
        "sources": base / settings.sources,
    }
    return settings.model_copy(update=places), lines


def worded(label: str, error: ValidationError, model: type[BaseModel], values: dict[str, Any]) -> list[str]:
    """One line per mistake: file, key, what was found, what is allowed."""
    return [
        f"{_origin(label, fault, values)}: {_sentence(fault, model, values)}"
        for fault in error.errors(include_url=False)
    ]


def _origin(label: str, fault: Any, values: dict[str, Any]) -> str:
    """The file, unless the key stands only in a variable of the environment."""
    key = str(fault["loc"][0]) if fault["loc"] else ""
    from_variable = any(name.startswith(f"{_PREFIX}{key.upper()}") for name in os.environ) if key else False
    return "environment" if from_variable and key not in values else label


def _sentence(fault: Any, model: type[BaseModel], values: dict[str, Any]) -> str:
    place = [part for part in fault["loc"] if part not in ("function-after", "function-before")]
    key = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in place) or "the file"
    kind, facts = fault["type"], fault.get("ctx", {})
    if kind == "missing":
        return f"{key} is missing"
    if kind == "extra_forbidden":
        names = _keys(model, place[:-1])
        close = difflib.get_close_matches(str(place[-1]), names, 1, 0.6)
        return f"{key} is not a key; " + (
            f"did you mean {close[0]}?" if close else f"keys: {', '.join(names)}"
        )
    return f"{key}{_found(values, place)}: {_allowed(kind, facts, fault['msg'])}"


_ALLOWED = {
    "greater_than_equal": "must be {ge:g} or more",
    "greater_than": "must be more than {gt:g}",
    "less_than_equal": "must be {le:g} or less",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "string_pattern_mismatch": "must match {pattern}",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}


def _allowed(kind: str, facts: dict[str, Any], message: str) -> str:
    if kind in _ALLOWED:
        return _ALLOWED[kind].format(**facts).replace("'", "")
    message = message.removeprefix("Value error, ").replace("Input should be", "must be")
    return message.partition(", ")[0]


def _found(values: dict[str, Any], place: list[Any]) -> str:
    found: Any = values
    for part in place:
        try:
            found = found[part]
        except (KeyError, IndexError, TypeError):
            return ""
    if place[0] in ("channels", "database"):
        return ""  # may hold a password
    return f" = {str(found)[:60]}" if isinstance(found, str | int | float | bool) else ""


def _keys(model: type[BaseModel], place: list[Any]) -> list[str]:
    """The keys allowed at a place inside a model."""
    inner: Any = model
    for part in place:
        if isinstance(inner, type) and issubclass(inner, BaseModel) and part in inner.model_fields:
            inner = inner.model_fields[part].annotation
        elif get_args(inner):
            inner = next((arg for arg in reversed(get_args(inner)) if arg is not Ellipsis), inner)
    while get_args(inner):
        inner = next((arg for arg in reversed(get_args(inner)) if arg is not Ellipsis), None)
    return sorted(inner.model_fields) if isinstance(inner, type) and issubclass(inner, BaseModel) else []


def _rule_mistakes(label: str, values: dict[str, Any]) -> list[str]:
    """What no single key can show: rules that name unknown channels, or share a name."""
    rules, channels = values.get("rules", []), values.get("channels", {})
    if not isinstance(rules, list) or not isinstance(channels, dict):
        return []
    lines: list[str] = []
    names: list[Any] = []
    for number, rule in enumerate(rules, 1):
        if not isinstance(rule, dict):
            continue
        if rule.get("name") in names:
            lines.append(f"{label}: rules.{number}.name = {rule.get('name')}: another rule has this name")
        names.append(rule.get("name"))
        named = rule.get("channels", [])
        for channel in named if isinstance(named, list) else []:
            from_variable = any(
                name.startswith(f"{_PREFIX}CHANNELS__{channel}__".upper()) for name in os.environ
            )
            if channel not in channels and not from_variable:
                known = ", ".join(channels) or "none"
                lines.append(
                    f"{label}: rules.{number}.channels: there is no channel {channel}; known: {known}"
                )
    return lines
