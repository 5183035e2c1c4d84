"""What charset labels mean, and what running Chinese looks like: one table for pages and listings.

Browsers read gb2312 and gbk as gb18030, big5 with the Hong Kong characters, and iso-8859-1 as windows-1252
(WHATWG Encoding Standard, 4.2). Beside them Python's own names count, of real text encodings only: `undefined`,
`idna`, `utf-7`, `zlib` and their kin are codecs too, and raise or read what is not there.
"""

import codecs
import re
from collections.abc import Iterator
from encodings.aliases import aliases

_READ_AS = {
    "gb18030": ("gb18030", "gb2312", "gbk", "gb_2312-80", "gb_2312", "csgb2312", "chinese", "x-gbk", "cp936"),
    "hz": ("hz-gb-2312",),
    "big5hkscs": ("big5", "big5-hkscs", "big5hkscs", "cn-big5", "x-x-big5", "csbig5", "cp950"),
    "utf-8": ("utf-8", "utf8", "unicode-1-1-utf-8", "x-unicode20utf8"),
    "utf-16": ("utf-16",),
    "utf-16-le": ("utf-16le",),
    "utf-16-be": ("utf-16be",),
    "cp932": ("shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j", "cp932"),
    "euc_jp": ("euc-jp", "x-euc-jp"),
    "iso2022_jp": ("iso-2022-jp",),
    "cp949": ("euc-kr", "euckr", "ks_c_5601-1987", "ksc5601", "korean", "windows-949", "cp949"),
    "cp1252": ("iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii", "ascii", "windows-1252", "cp1252"),
    "iso8859-15": ("iso-8859-15", "latin-9", "l9"),
    "iso8859-2": ("iso-8859-2", "latin2"),
    "iso8859-5": ("iso-8859-5",),
    "cp1250": ("windows-1250", "cp1250"),
    "cp1251": ("windows-1251", "cp1251"),
    "koi8-r": ("koi8-r", "koi8"),
    "koi8-u": ("koi8-u", "koi8-ru"),
    "mac-roman": ("macintosh", "mac", "x-mac-roman", "csmacintosh"),
    "mac-cyrillic": ("x-mac-cyrillic", "x-mac-ukrainian"),
    "cp1253": ("windows-1253", "iso-8859-7"),
    "cp1254": ("windows-1254", "iso-8859-9", "latin5"),
    "cp1255": ("windows-1255", "iso-8859-8"),
    "cp1256": ("windows-1256", "iso-8859-6"),
    "cp1258": ("windows-1258",),
    "cp874": ("windows-874", "cp874", "tis-620", "iso-8859-11"),
}
_ASCII = bytes(range(0x20, 0x7F)) + b" +AGE- \\u0041 ~{"  # what UTF-7, escapes and HZ read as something else


def _reads_ascii(name: str) -> bool:
    try:
        return _ASCII.decode(name) == _ASCII.decode("ascii")
    except (LookupError, ValueError):
        return False


_LABELS = {label: codec for codec, labels in _READ_AS.items() for label in labels}


def _pythons() -> Iterator[tuple[str, str]]:
    """Python's names of text encodings, and what is read for them: latin_1 as we read iso-8859-1."""
    for alias, name in [*aliases.items(), *((name, name) for name in set(aliases.values()))]:
        if _reads_ascii(name):
            common = name.replace("iso8859_", "iso-8859-"), name, name.replace("_", "-")
            codec = next((_LABELS[each] for each in common if each in _LABELS), name)
            for label in (alias, alias.replace("_", "-"), alias.replace("_", "")):
                yield label, codec


# Listed here once: Python keeps every name that it was ever asked for, also those that are none.
_CODECS = dict(_pythons()) | _LABELS

BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]{1,40})", re.IGNORECASE)
# The commonest characters of running Chinese: about a quarter of any text, in either script.
_COMMON = frozenset(
    "的一是在不了有和人中大为為上国國我以要他时時来來用们們生到作地于於出就分对對成会會可主发發年动動同工也能下过過子说說产產种種面而方后後多定行学學法所民得经經十三之进進着等部度家电電力里如水化高自二理起小这這个個"
)


def codec(label: str) -> str | None:
    """The codec with which text under a charset label is read; None for a label that is none of a text."""
    return _CODECS.get(label.strip().lower())


def in_header(content_type: str) -> str | None:
    """The charset label of a Content-Type header, or None."""
    match = _HEADER.search(content_type[:1_000])
    return match[1] if match else None


def common_chinese(text: str) -> int:
    """How many of the commonest Chinese characters text has: a reading in the wrong encoding has next to none."""
    return sum(letter in _COMMON for letter in text)
