"""The evidence pack: a ZIP file in which every other file is named with its SHA-256 by `manifest.json`.

    README.txt                       what this is, for a person
    articles/31/article.json         the article: address, outlet, times and their quality, links, terms, hash of text.txt
    articles/31/text.txt             its text, as far as it may be passed on
    articles/31/revisions/1.txt      an earlier text; 1.json its times and hash
    articles/31/revisions/2.json     what revision 2 changed; 2.diff the same for a person
    articles/31/pages/1.body         a raw page as it was fetched; 1.json what was asked and answered
    manifest.json                    made when and by what; the articles with their times; each file: size, SHA-256

Names are numbers of ours, never words of others. `verifying.py` checks it.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any

from monitor.errors import Mistake
from monitor.exporting.about import SOFTWARE, About, encodable, utc
from monitor.exporting.rows import facts, line
from monitor.exporting.verifying import FORMAT, MANIFEST, MOST_MANIFEST, VERSION
from monitor.exporting.zipped import Full, ZipWriter
from monitor.model import Page
from monitor.query.evidence import Past
from monitor.query.outgoing import Outgoing
from monitor.query.revisions import Difference, Version, difference

README = "README.txt"
_SIGNS = {"same": " ", "removed": "-", "added": "+"}
_README = f"""Straitwatch evidence pack
=========================

What is in here was read from public news sites. Each folder in articles/ is one article:

  article.json    address, outlet, headline, times. "published" is the time that the page prints, and
                  "published_quality" says how good it is; "first_seen" is when a listing first showed the
                  article to us, "indexed_at" when this text was stored, "fetched_at" when its page was fetched.
                  All times are UTC.
  text.txt        the text, cleaned of what is not the article
  revisions/      earlier texts, and what each edit changed
  pages/          raw pages exactly as the site sent them, with the headers that were asked and answered

Open the raw pages (.body) in a text editor rather than in a browser: they may hold scripts of others.

manifest.json names every other file with its size and SHA-256. Whoever made this pack noted the SHA-256 of
manifest.json itself: with that number nobody can change anything in here unnoticed. To check it all:

  straitwatch verify FILE

or, without Straitwatch, compare `sha256sum` of the unpacked files with manifest.json. Where an outlet does not allow
its texts to be passed on, an article holds an excerpt or no text, no earlier texts and no raw pages; "keep" says so.

Made by {SOFTWARE}.
"""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a pack's further content comes from: called while it is written."""

    past: Callable[[int], Past | None]  # by the article's number
    page: Callable[[int], Page | None]  # by the page's number


@dataclass(slots=True)
class Packed:
    """What a pack came to."""

    manifest: str = ""  # SHA-256 of manifest.json
    files: int = 0
    pages: int = 0  # raw ones
    held_back: int = 0  # articles whose source forbids raw pages and earlier texts


class _Pack:
    """A pack while it is written; its manifest's lines wait on disk."""

    def __init__(self, file: IO[bytes]) -> None:
        self.zip = ZipWriter(file)
        self.files: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  close() ends them
        self.articles: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115

    def add(self, name: str, content: bytes) -> str:
        """Add a file and name it in the manifest; its SHA-256."""
        digest = sha256(content).hexdigest()
        self.zip.write(name, content)
        self.files.write(line({"name": name, "bytes": len(content), "sha256": digest}))
        return digest

    def tell(self, article: dict[str, Any]) -> None:
        """Have the manifest tell of an article.

        Raises:
            Full: the manifest would be longer than `verify` reads.
        """
        self.articles.write(line(article))
        if self.articles.tell() + self.files.tell() > MOST_MANIFEST * 9 // 10:  # its indents come to it
            raise Full(f"{MOST_MANIFEST // 2**20:,} MB of {MANIFEST}")

    def close(self) -> None:
        """Forget what is on disk."""
        for each in (self.zip, self.files, self.articles):
            each.close()


def write_pack(file: IO[bytes], articles: Iterable[Outgoing], about: About, sources: Sources) -> Packed:
    """Write a pack.

    Raises:
        Mistake: there is no article for it, or it would be larger than `straitwatch verify` takes.
    """
    pack, packed = _Pack(file), Packed()
    try:
        pack.add(README, _README.encode())
        for article in articles:
            told = _add_article(pack, article, sources, packed)
            pack.tell(told)
        if not pack.articles.tell():
            raise Mistake("nothing matches: an evidence pack wants an article at least")
        packed.manifest = _finish(pack, about)
        packed.files = pack.zip.files
    except Full as full:
        raise Mistake(f"a pack holds at most {full}: ask for fewer articles, in several packs") from full
    finally:
        pack.close()
    return packed


def _add_article(pack: _Pack, article: Outgoing, sources: Sources, packed: Packed) -> dict[str, Any]:
    """Add an article's files; what the manifest says of it."""
    folder = f"articles/{article.id}"
    text = encodable(article.text).encode()
    told = facts(article) | {
        "published_printed": article.published_printed, "published_offset": article.published_offset,
        "keep": article.keep, "cleaner": article.cleaner, "fetched_at": None,
    }  # fmt: skip
    del told["text"]
    told["text_sha256"] = pack.add(f"{folder}/text.txt", text)
    if article.keep == "full":
        past = _past(article, sources)
        told["revisions"] = list(_add_revisions(pack, folder, past.versions))
        told["pages"] = list(_add_pages(pack, folder, article, past, sources))
        told["fetched_at"] = next((page["fetched_at"] for page in told["pages"] if page["of_text"]), None)
        packed.pages += len(told["pages"])
    else:
        packed.held_back += 1
    pack.add(f"{folder}/article.json", _pretty(told))
    names = (
        "id",
        "url",
        "source",
        "published",
        "published_quality",
        "first_seen",
        "indexed_at",
        "fetched_at",
    )
    return {name: told[name] for name in (*names, "revision", "keep", "text_sha256")}


def _past(article: Outgoing, sources: Sources) -> Past:
    if article.revision == 1:  # what most are: the database need not be asked
        return Past((), () if article.page is None else (article.page,))
    return sources.past(article.id) or Past((), ())


def _add_revisions(pack: _Pack, folder: str, versions: tuple[Version, ...]) -> Iterator[dict[str, Any]]:
    before: Version | None = None
    for version in versions:
        newest = version is versions[-1]
        told: dict[str, Any] = {"number": version.number, "seen_at": utc(version.at), "title": version.title}
        if not newest:
            name = f"{folder}/revisions/{version.number}.txt"
            told["text_sha256"] = pack.add(name, encodable(version.text).encode())
        if before is not None:
            change = difference(before, version)
            told |= {"changed_from": before.number, "summary": change.summary}
            pack.add(f"{folder}/revisions/{version.number}.diff", _diff(change))
        if not (newest and before is None):
            pack.add(f"{folder}/revisions/{version.number}.json", _pretty(told))
            yield told
        before = version


def _diff(change: Difference) -> bytes:
    """What an edit changed, a sentence a line behind its sign: - removed, + added, and a space for what stayed."""
    lines = [f"--- revision {change.before.number}", f"+++ revision {change.after.number}"]
    if change.retitled:
        lines += [f"- {_flat(change.before.title)}", f"+ {_flat(change.after.title)}"]
    for piece in change.pieces:
        if piece.kind == "changed":
            lines += [f"- {_flat(piece.before)}", f"+ {_flat(piece.after)}"]
        else:
            lines += [f"{_SIGNS[piece.kind]} {_flat(piece.before or piece.after)}"]
    return encodable("\n".join(lines) + "\n").encode()


def _flat(text: str) -> str:
    return " ".join(text.split())


def _add_pages(
    pack: _Pack, folder: str, article: Outgoing, past: Past, sources: Sources
) -> Iterator[dict[str, Any]]:
    for place, number in enumerate(past.pages, 1):
        page = sources.page(number)
        if page is None:
            continue  # purged since
        told = {
            "number": place, "of_text": number == article.page, "address": page.url, "final_url": page.final_url,
            "status": page.status, "fetched_at": utc(page.fetched_at), "bytes": len(page.body),
            "sha256": pack.add(f"{folder}/pages/{place}.body", page.body),
        }  # fmt: skip
        headers = {"request_headers": dict(page.asked), "response_headers": dict(page.headers)}
        pack.add(f"{folder}/pages/{place}.json", _pretty(told | headers))
        yield told


def _finish(pack: _Pack, about: About) -> str:
    """Write the manifest from what waits on disk; its SHA-256."""
    head = {
        "format": FORMAT, "version": VERSION, "made_at": utc(about.made_at), "made_by": SOFTWARE,
        "asked_for": about.title,
    }  # fmt: skip
    digest = sha256()

    def parts() -> Iterator[bytes]:
        yield _pretty(head).removesuffix(b"\n}\n") + b',\n  "articles": [\n'
        yield from _listed(pack.articles)
        yield b'  ],\n  "files": [\n'
        yield from _listed(pack.files)
        yield b"  ]\n}\n"

    def hashed() -> Iterator[bytes]:
        for part in parts():
            digest.update(part)
            yield part

    pack.zip.write_parts(MANIFEST, hashed())
    pack.zip.finish()
    return digest.hexdigest()


def _listed(lines: IO[bytes]) -> Iterator[bytes]:
    """Lines of JSON as the elements of a list."""
    lines.seek(0)
    before = b"    "
    for each in lines:
        yield before + each.rstrip(b"\n")
        before = b",\n    "
    yield b"\n"


def _pretty(value: Any) -> bytes:
    """JSON for people, as strict as `line`."""
    strict = json.loads(line(value))
    return json.dumps(strict, ensure_ascii=False, allow_nan=False, indent=2).encode() + b"\n"
