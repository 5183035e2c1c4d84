"""Bytes of a listing to text: byte order mark, then UTF-8, then what is declared, then Chinese by detection.

Servers and prologues lie about charsets; bytes that are valid UTF-8 and not ASCII hardly ever are anything else.
"""

import codecs
import re

# Declared names to the codec that we read them with. A superset where sites use one: gb2312 pages hold GB18030.
# Only real text encodings: `undefined`, `idna`, `zlib` and their kin are codecs too, and raise.
_CODECS = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "hz-gb-2312": "hz", "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "x-x-big5": "big5hkscs", "cp950": "cp950",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
    "windows-1252": "cp1252", "cp1252": "cp1252", "iso-8859-15": "iso-8859-15", "iso-8859-2": "iso-8859-2",
    "windows-1250": "cp1250", "windows-1251": "cp1251", "koi8-r": "koi8-r", "windows-1254": "cp1254",
    "windows-1258": "cp1258", "iso-8859-5": "iso-8859-5", "iso-8859-7": "iso-8859-7", "iso-8859-9": "iso-8859-9",
    "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932", "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "windows-874": "cp874",
    "utf-8": "utf-8", "utf8": "utf-8", "utf-16": "utf-16", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be",
}  # fmt: skip
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_DECLARED = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""")
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年動國會這為來說們個時學對經發"
)
_WIDE = frozenset(
    {"utf-16", "utf-16-le", "utf-16-be", "hz", "iso2022_jp"}
)  # ASCII letters alone may spell them
_FEW = 0.001  # broken characters that valid UTF-8 with a slip may have, as part of all bytes


def decode(body: bytes, content_type: str) -> str:
    """Return body as text. Never raises; what cannot be read is U+FFFD."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    header = _HEADER.search(content_type)
    inside = _DECLARED.search(body[:2_000])
    names = [header.group(1)] if header else []
    names += [inside.group(1).decode("ascii")] if inside else []
    declared = [_CODECS[name.lower()] for name in names if name.lower() in _CODECS]
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
    return sum(letter in _COMMON for letter in text[:200_000])


def misdeclared(body: bytes, content_type: str) -> str:
    """Say in words how the declared charset is wrong, or "" when it is right or none is declared."""
    header = _HEADER.search(content_type)
    inside = _DECLARED.search(body[:2_000])
    said = [header.group(1).lower()] if header else []
    said += [inside.group(1).decode("ascii").lower()] if inside else []
    if body.isascii() or not said:
        return ""
    unknown = next((name for name in said if name not in _CODECS), "")
    if unknown:
        return f"declares the charset {unknown}, which does not exist"
    try:
        body.decode("utf-8")
        is_utf8 = True
    except UnicodeDecodeError:
        is_utf8 = False
    codecs_said = {_CODECS[name] for name in said}
    if is_utf8 and codecs_said != {"utf-8"} and not any(codec in _WIDE for codec in codecs_said):
        return f"declares the charset {' and '.join(dict.fromkeys(said))}, and is UTF-8"
    if is_utf8 or "utf-8" not in codecs_said:
        return ""
    if len(codecs_said) > 1:
        return f"declares two charsets: {' and '.join(dict.fromkeys(said))}"
    return "declares UTF-8, and is not"
