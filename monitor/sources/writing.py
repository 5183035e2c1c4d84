"""A source as the TOML that a person would have written, put into the folder of the user's own sources."""

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monitor.errors import Mistake
from monitor.sources import Source

_SHORT = re.compile(r"[^ -~\u00a0-\U0010ffff]")  # control characters, which TOML wants escaped
_ALWAYS = ("id", "name", "home", "language", "side", "kind", "tier", "zone")


def toml_of(source: Source, comments: Sequence[str] = (), *, table: bool = False) -> str:
    """Return a source's file, or its `[[source]]` table; keys at their defaults are left out."""
    lines = [f"# {_SHORT.sub(' ', comment)}" for comment in comments]
    lines += ["[[source]]"] if table else []
    defaults = {name: field.default for name, field in Source.model_fields.items()}
    for name, value in source.model_dump(mode="json", exclude={"sections"}).items():
        if name in _ALWAYS or value != _plain(defaults[name]):
            lines.append(f"{name} = {_value(value)}")
    for section in source.sections:
        lines += ["", "[[source.sections]]" if table else "[[sections]]"]
        lines += [f"{name} = {_value(value)}" for name, value in section.model_dump().items() if value]
    return "\n".join(lines) + "\n"


def _plain(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        inner = [_value(each) for each in value]
        return (
            f"[{', '.join(inner)}]"
            if len(inner) < 2
            else "[\n" + "".join(f"    {each},\n" for each in inner) + "]"
        )
    return str(value)


def _text(words: str) -> str:
    """A basic string (TOML 1.0): as JSON writes it, with the one character that JSON leaves alone escaped."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


def write_new(file: Path, text: str) -> None:
    """Write a file that must not be there yet, whole or not at all.

    Raises:
        Mistake: it is there, or it cannot be written.
    """
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, "utf-8")
        try:
            os.link(part, file)
        finally:
            part.unlink()
    except FileExistsError as error:
        raise Mistake(f"{file} is there already; choose another id with --id") from error
    except OSError as error:
        raise Mistake(f"{file} cannot be written: {error.strerror}") from error
