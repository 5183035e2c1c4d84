"""Bytes of a listing to text: byte order mark, then UTF-8, then what is declared, then Chinese by detection.

Servers and prologues lie about charsets; bytes that are valid UTF-8 and not ASCII hardly ever are anything else.
"""

import re

from monitor.text import charsets

_DECLARED = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""")
# ASCII letters alone may spell them.
_WIDE = frozenset({"utf-16", "utf-16-le", "utf-16-be", "hz", "iso2022_jp"})
_FEW = 0.001  # broken characters that valid UTF-8 with a slip may have, as part of all bytes


def decode(body: bytes, content_type: str) -> str:
    """Return body as text. Never raises; what cannot be read is U+FFFD."""
    for mark, codec in charsets.BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    header = charsets.in_header(content_type)
    inside = _DECLARED.search(body[:2_000])
    names = [header] if header else []
    names += [inside.group(1).decode("ascii")] if inside else []
    declared = [codec for codec in map(charsets.codec, names) if codec]
    wide = next((codec for codec in declared if codec.startswith("utf-16")), "")
    if body[:4].count(0) >= 2 or wide:
        return body.decode(wide or ("utf-16-be" if body[:1] == b"\0" else "utf-16-le"), "replace")
    escaped = next((codec for codec in declared if codec in ("hz", "iso2022_jp")), "")
    if escaped:
        return body.decode(escaped, "replace")
    return _by_trial(body, [codec for codec in declared if codec != "utf-8"])


def _by_trial(body: bytes, declared: list[str]) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    if text.count("\ufffd") <= max(3, _FEW * len(body)) and _wide_letters(text) > 3 * text.count("\ufffd"):
        return text  # UTF-8 with a slip, or cut in the middle of a character
    readings = []
    for codec in [*declared, "gb18030", "big5hkscs"]:
        try:
            readings.append(body.decode(codec))
        except UnicodeDecodeError:
            continue
        if codec in declared:
            return readings[-1]
    if readings:
        return max(readings, key=_chinese)
    return body.decode(declared[0] if declared else "gb18030", "replace")


def _wide_letters(text: str) -> int:
    return sum(letter > "\x7f" and letter != "\ufffd" for letter in text[:200_000])


def _chinese(text: str) -> int:
    """How much a reading looks like Chinese: its common characters."""
    return charsets.common_chinese(text[:200_000])


def misdeclared(body: bytes, content_type: str) -> str:
    """Say in words how the declared charset is wrong, or "" when it is right or none is declared."""
    header = charsets.in_header(content_type)
    inside = _DECLARED.search(body[:2_000])
    said = [header.lower()] if header else []
    said += [inside.group(1).decode("ascii").lower()] if inside else []
    if body.isascii() or not said:
        return ""
    unknown = next((name for name in said if charsets.codec(name) is None), "")
    if unknown:
        return f"declares the charset {unknown}, which does not exist"
    try:
        body.decode("utf-8")
        is_utf8 = True
    except UnicodeDecodeError:
        is_utf8 = False
    codecs_said = {charsets.codec(name) for name in said}
    if is_utf8 and codecs_said != {"utf-8"} and not any(codec in _WIDE for codec in codecs_said):
        return f"declares the charset {' and '.join(dict.fromkeys(said))}, and is UTF-8"
    if is_utf8 or "utf-8" not in codecs_said:
        return ""
    if len(codecs_said) > 1:
        return f"declares two charsets: {' and '.join(dict.fromkeys(said))}"
    return "declares UTF-8, and is not"
