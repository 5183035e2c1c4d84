"""An evidence pack checked: is everything there that its manifest names, nothing else, and nothing changed?

The file may be hostile. Its list of files is looked at first (`zipped.looked_at`), which bounds what can be unpacked;
then each file is read once, in pieces, and only hashed. Nothing is written anywhere.
"""

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from monitor.errors import Mistake
from monitor.exporting.zipped import Unsound, content, looked_at

FORMAT, VERSION = "straitwatch evidence pack", 1
MANIFEST = "manifest.json"
MOST_MANIFEST = (
    32 * 2**20
)  # bytes; read as a whole, which takes some twenty times as much memory at the worst
MOST_FACTS = 16 * 2**20  # bytes of an article.json, likewise
MOST_WRONG = 100  # told, at most
_LAYOUT = re.compile(
    r"README\.txt|manifest\.json|articles/\d{1,19}/(?:article\.json|text\.txt|pages/\d{1,9}\.(?:body|json)"
    r"|revisions/\d{1,9}\.(?:txt|json|diff))",
    re.ASCII,
)
_ARTICLE = re.compile(r"articles/(\d{1,19})/article\.json", re.ASCII)


@dataclass(slots=True)
class Verdict:
    """What was found; wrong holds a sentence for each file that is not as it should be."""

    manifest: str = ""  # SHA-256 of manifest.json
    made_at: str = ""
    made_by: str = ""
    articles: int = 0
    files: int = 0
    size: int = 0  # bytes of all files
    wrong: list[str] = field(default_factory=list)


def verify(file: Path) -> Verdict:
    """Check a pack.

    Raises:
        Mistake: it cannot be read, is no evidence pack, or one that could do harm; the text says which.
    """
    try:
        with file.open("rb") as opened:
            return _verdict(opened, {info.filename: info for info in looked_at(opened)})
    except Unsound as unsound:
        raise Mistake(f"{file} is no evidence pack: {unsound}") from unsound
    except OSError as error:
        raise Mistake(f"{file} cannot be read: {error.strerror or error}") from error


def _verdict(zipped: IO[bytes], infos: Mapping[str, zipfile.ZipInfo]) -> Verdict:
    strange = next((name for name in infos if not _LAYOUT.fullmatch(name)), None)
    if strange is not None:
        raise Unsound(f"a name in it is none of ours: {strange!r}")
    manifest = _manifest(zipped, infos)
    told = _json(manifest)
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Unsound(f"its {MANIFEST} is none of an evidence pack")
    if told.get("version") != VERSION:
        raise Unsound(f"it is of version {str(told.get('version'))[:20]}; this Straitwatch knows {VERSION}")
    named, articles = _named(told.get("files")), _articles(told.get("articles"))
    verdict = Verdict(
        sha256(manifest).hexdigest(), str(told.get("made_at"))[:40], str(told.get("made_by"))[:80], len(articles),
        len(infos), sum(info.file_size for info in infos.values()),
    )  # fmt: skip
    for sentence in _wrong(zipped, infos, named, articles):
        verdict.wrong.append(sentence)
        if len(verdict.wrong) == MOST_WRONG:
            verdict.wrong.append("and perhaps more: the rest was not checked")
            break
    return verdict


def _manifest(zipped: IO[bytes], infos: Mapping[str, zipfile.ZipInfo]) -> bytes:
    info = infos.get(MANIFEST)
    if info is None:
        raise Unsound(f"there is no {MANIFEST} in it")
    if info.file_size > MOST_MANIFEST:
        raise Unsound(f"its {MANIFEST} has {info.file_size:,} bytes; {MOST_MANIFEST:,} are the most")
    try:
        return b"".join(content(zipped, info))
    except Unsound as unsound:
        raise Unsound(f"its {MANIFEST}: {unsound}") from unsound


def _named(files: Any) -> dict[str, tuple[int, str]]:
    """Name -> bytes and SHA-256, as the manifest has them."""
    try:
        named = {str(each["name"]): (int(each["bytes"]), str(each["sha256"])) for each in files}
    except (TypeError, KeyError, ValueError, OverflowError) as error:
        raise Unsound(f"its {MANIFEST} does not list its files") from error
    if len(named) != len(files):
        raise Unsound(f"its {MANIFEST} names a file twice")
    return named


def _articles(articles: Any) -> dict[str, dict[str, Any]]:
    """Number -> what the manifest says of an article."""
    try:
        return {str(int(each["id"])): dict(each) for each in articles}
    except (TypeError, KeyError, ValueError, OverflowError) as error:
        raise Unsound(f"its {MANIFEST} does not list its articles") from error


def _wrong(
    zipped: IO[bytes], infos: Mapping[str, zipfile.ZipInfo], named: Mapping[str, tuple[int, str]],
    articles: Mapping[str, dict[str, Any]],
) -> Iterator[str]:  # fmt: skip
    for name in named:
        if name not in infos:
            yield f"{name[:100]}: named in {MANIFEST}, and missing"
    told: set[str] = set()
    for name, info in infos.items():
        if name == MANIFEST:
            continue
        if name not in named:
            yield f"{name}: not named in {MANIFEST}"
            continue
        changed = _changed(zipped, info, *named[name])
        article = _ARTICLE.fullmatch(name)
        if changed:
            yield changed
        elif article:
            told.add(article[1])
            yield from _wrong_of_article(zipped, infos, article[1], named, articles.get(article[1]))
    for number in articles:
        if number not in told and f"articles/{number}/article.json" not in named:
            yield f"articles/{number}/article.json: an article of {MANIFEST}, and missing"


def _changed(zipped: IO[bytes], info: zipfile.ZipInfo, size: int, digest: str) -> str:
    """What is wrong with a file; "" when nothing is."""
    if info.file_size != size:
        return f"{info.filename}: changed: {info.file_size:,} bytes, {MANIFEST} says {size:,}"
    found = sha256()
    try:
        for part in content(zipped, info):
            found.update(part)
    except Unsound as unsound:
        return f"{info.filename}: {unsound}"
    if found.hexdigest() != digest:
        return f"{info.filename}: changed: its SHA-256 is {found.hexdigest()}, {MANIFEST} says {digest[:64]}"
    return ""


def _wrong_of_article(
    zipped: IO[bytes], infos: Mapping[str, zipfile.ZipInfo], number: str,
    named: Mapping[str, tuple[int, str]], listed: dict[str, Any] | None,
) -> Iterator[str]:  # fmt: skip
    """Whether an article's own file agrees with its neighbours, which the manifest has named, and with the manifest."""
    folder = f"articles/{number}"
    name = f"{folder}/article.json"
    if infos[name].file_size > MOST_FACTS:
        yield f"{name}: {infos[name].file_size:,} bytes; {MOST_FACTS:,} are the most"
        return
    try:
        told = _json(b"".join(content(zipped, infos[name])))
    except Unsound:
        told = None
    if not isinstance(told, dict):
        yield f"{name}: not what an article's file is"
        return
    if listed is None:
        yield f"{name}: no article of {MANIFEST}"
    elif any(told.get(key) != value for key, value in listed.items()):
        keys = ", ".join(sorted(str(key)[:40] for key, value in listed.items() if told.get(key) != value))
        yield f"{name}: says otherwise than {MANIFEST}: {keys[:200]}"
    for file, digest in _hashes(folder, told):
        if file not in named:
            yield f"{file}: told of in article.json, and missing"
        elif named[file][1] != digest:
            yield f"{file}: does not have the SHA-256 that article.json gives"


def _hashes(folder: str, told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The files that an article's own names, with the hashes it gives."""
    yield f"{folder}/text.txt", told.get("text_sha256")
    for key, kind, what in (("revisions", "txt", "text_sha256"), ("pages", "body", "sha256")):
        several = told.get(key)
        for each in several if isinstance(several, list) else ():
            if isinstance(each, dict) and what in each:
                yield f"{folder}/{key}/{str(each.get('number'))[:20]}.{kind}", each[what]


def _json(text: bytes) -> Any:
    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise Unsound(f"its {MANIFEST} is no JSON") from error
