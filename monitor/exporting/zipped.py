"""A ZIP file written file by file, and looked at before anything of it is unpacked.

Written: names of ours, one date for all, nothing between the files, so that the same content gives the same bytes. The
list at its end is kept on disk until then: memory does not grow with the number of files. Looked at: what is no such
file is refused by its list alone, which also bounds what unpacking may bring (CWE-409).
"""

import os
import re
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO

MOST_FILES = 100_000
MOST_FILE = 256 * 2**20  # bytes of one file
MOST_BYTES = 8 * 2**30  # of all of them
MOST_LIST = 100 * MOST_FILES  # bytes of the list: names of ours are short
RATIO = 100  # what is packed closer than this is not packed by us: a bomb is
_FREE = 4_096  # bytes that may be packed as closely as they can
_CHUNK = 1 << 20
NAME = re.compile(r"(?:[a-z0-9]+/)*[A-Za-z0-9]+(?:\.[a-z0-9]+)*", re.ASCII)
LONGEST_NAME = 100

_LOCAL = struct.Struct("<4s5H3L2H")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")
_STORED, _DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
_DATE = 0x0021  # 1980-01-01, the first that ZIP knows
_UTF8 = 0x0800
_MARK16, _MARK32 = 2**16 - 1, 2**32 - 1  # "see the number of 64 bits"
_FAR = _MARK32  # from here on an offset needs 64 bits
_LEVEL = 6
_MODE = (stat.S_IFREG | 0o644) << 16


class Unsound(Exception):
    """What a ZIP file is not, in words."""


class Full(Exception):
    """Another file would make it larger than `looked_at` allows; the text says in what."""


class ZipWriter:
    """Writes a ZIP file into an open one."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._list: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  close() ends it
        self._at = self._list_bytes = self.files = self.total = 0

    def write(self, name: str, content: bytes) -> None:
        """Add a file.

        Raises:
            Full: it does not fit any more.
        """
        self._make_room(name, len(content))
        packed = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        body = packed.compress(content) + packed.flush()
        if len(body) < len(content) and not closer(len(content), len(body)):
            self._put(name, _DEFLATED, zlib.crc32(content), len(content), len(body), [body])
        else:
            self._put(name, _STORED, zlib.crc32(content), len(content), len(content), [content])

    def write_parts(self, name: str, parts: Iterable[bytes]) -> None:
        """Add a file that is not held in memory: it is packed on disk first.

        Raises:
            Full: it does not fit any more.
        """
        packer, check, size = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS), 0, 0
        with tempfile.TemporaryFile() as packed:
            for part in parts:
                packed.write(packer.compress(part))
                check, size = zlib.crc32(part, check), size + len(part)
                self._make_room(name, size)
            packed.write(packer.flush())
            length = packed.tell()
            packed.seek(0)
            self._put(name, _DEFLATED, check, size, length, iter(lambda: packed.read(_CHUNK), b""))

    def _put(self, name: str, kind: int, check: int, size: int, length: int, body: Iterable[bytes]) -> None:
        assert NAME.fullmatch(name)
        local, entry = _headers(name, kind, check, size, length, self._at)
        self._list_bytes += self._list.write(entry)
        self._at += self._file.write(local)
        for part in body:
            self._at += self._file.write(part)
        self.files += 1
        self.total += size

    def _make_room(self, name: str, size: int) -> None:
        if self.files + 1 > MOST_FILES:
            raise Full(f"{MOST_FILES:,} files")
        if size > MOST_FILE:
            raise Full(f"{MOST_FILE // 2**20:,} MB of one file, {name}")
        if self.total + size > MOST_BYTES:
            raise Full(f"{MOST_BYTES // 2**30:,} GB of all files")

    def finish(self) -> None:
        """Write the list of files, and the end."""
        self._list.seek(0)
        while part := self._list.read(_CHUNK):
            self._file.write(part)
        self._file.write(_ends(self.files, self._list_bytes, self._at))

    def close(self) -> None:
        """Forget the list that is on disk; the file written into stays open."""
        self._list.close()


def _headers(name: str, kind: int, check: int, size: int, length: int, at: int) -> tuple[bytes, bytes]:
    """What stands before a file's content, and its entry in the list: all of it follows from these."""
    facts = (_UTF8, kind, 0, _DATE, check, length, size, len(name))
    far = at >= _FAR
    version = 45 if far else 20
    extra = struct.pack("<2HQ", 1, 8, at) if far else b""
    tail = (len(extra), 0, 0, 0, _MODE, _MARK32 if far else at)
    entry = _ENTRY.pack(b"PK\1\2", 0x0300 | version, version, *facts, *tail)
    local = _LOCAL.pack(b"PK\3\4", version, *facts, 0)
    return local + name.encode("ascii"), entry + name.encode("ascii") + extra


def closer(size: int, packed: int) -> bool:
    """Whether so many bytes are packed more closely than we do."""
    return size > _FREE + RATIO * packed


def _ends(files: int, list_bytes: int, at: int) -> bytes:
    """What stands behind the list: with the numbers of 64 bits where those of 16 and 32 do not do."""
    if files < _MARK16 and at < _FAR:
        return _END.pack(b"PK\5\6", 0, 0, files, files, list_bytes, at, 0)
    end = _END.pack(b"PK\5\6", 0, 0, _MARK16, _MARK16, _MARK32, _MARK32, 0)
    long = _END64.pack(b"PK\6\6", _END64.size - 12, 0x032D, 45, 0, 0, files, files, list_bytes, at)
    return long + _LOCATOR.pack(b"PK\6\7", 0, at + list_bytes, 1) + end


# ------------------------------------------------------------------------------------------ looked at


def looked_at(file: IO[bytes]) -> list[zipfile.ZipInfo]:
    """The files of a ZIP file that may be hostile, by its list and what stands before each.

    Raises:
        Unsound: it is none, not as ZipWriter writes it, or larger than it may be; the text says which.
    """
    _check_end(file)
    try:
        opened = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, UnicodeDecodeError, struct.error) as error:
        raise Unsound(f"it is no ZIP file that can be read: {error}") from error
    infos = opened.infolist()
    for words in chain(_names(infos), _sizes(infos), _places(file, opened.start_dir, infos)):
        raise Unsound(words)
    return infos


def _check_end(file: IO[bytes]) -> None:
    """Its end says how long the list is, before anybody reads the list."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END.size))
    tail = file.read(_END.size)
    if len(tail) < _END.size or not tail.startswith(b"PK\5\6"):
        raise Unsound("it is no ZIP file, or not a whole one")
    files, list_bytes, at = _END.unpack(tail)[4:7]
    after = _END.size
    if files == _MARK16 or at == _MARK32:
        after += _END64.size + _LOCATOR.size
        file.seek(max(0, size - after))
        long = file.read(_END64.size)
        if not long.startswith(b"PK\6\6"):
            raise Unsound("it is no ZIP file, or not a whole one")
        files, list_bytes, at = _END64.unpack(long)[7:10]
    if files > MOST_FILES or list_bytes > MOST_LIST:
        raise Unsound(f"it lists {files:,} files; {MOST_FILES:,} are the most")
    if at + list_bytes + after != size:
        raise Unsound("something stands before, between or behind its parts")


def _names(infos: list[zipfile.ZipInfo]) -> Iterator[str]:
    known: set[str] = set()
    for info in infos:
        name = info.orig_filename
        if len(name) > LONGEST_NAME or not NAME.fullmatch(name):
            yield f"a name in it is none of ours: {name[:LONGEST_NAME]!r}"
        if name in known:
            yield f"{name} is in it twice"
        known.add(name)
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            yield f"{name} is no plain file"
        if info.flag_bits & ~_UTF8 or info.compress_type not in (_STORED, _DEFLATED):
            yield f"{name} is packed or locked in a way that is not ours"


def _sizes(infos: list[zipfile.ZipInfo]) -> Iterator[str]:
    total = 0
    for info in infos:
        total += info.file_size
        if info.file_size > MOST_FILE:
            yield f"{info.filename} would be {info.file_size:,} bytes; {MOST_FILE:,} are the most"
        if info.compress_type == _DEFLATED and closer(info.file_size, info.compress_size):
            yield f"{info.filename} would unpack {info.compress_size:,} bytes to {info.file_size:,}: a bomb"
        if total > MOST_BYTES:
            yield f"it would unpack to over {MOST_BYTES:,} bytes"


def _places(file: IO[bytes], start_of_list: int, infos: list[zipfile.ZipInfo]) -> Iterator[str]:
    """Each file begins where the one before ends, and all that is said of it is what we would say.

    So nothing is hidden between files or in what describes them, and none lies in another.
    """
    at = 0
    entries = []
    for info in infos:
        if info.header_offset != at:
            yield f"something stands before {info.filename}"
            return
        sizes = (info.file_size, info.compress_size)
        local, entry = _headers(info.filename, info.compress_type, info.CRC, *sizes, at)
        file.seek(at)
        if file.read(len(local)) != local:
            yield f"what stands before {info.filename} says otherwise than the list"
        entries.append(entry)
        at += len(local) + info.compress_size
    if start_of_list != at:
        yield "something stands behind its last file"
    file.seek(at)
    if any(file.read(len(entry)) != entry for entry in entries):
        yield "its list is not as we write it"


def content(file: IO[bytes], info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A file's content in pieces, as long as the list says and no longer.

    Raises:
        Unsound: it cannot be unpacked, is not what the list says, or something stands behind it.
    """
    file.seek(info.header_offset + _LOCAL.size + len(info.filename))
    size = check = 0
    for part in (_inflated if info.compress_type == _DEFLATED else _stored)(file, info.compress_size):
        size, check = size + len(part), zlib.crc32(part, check)
        if size > info.file_size:
            break
        yield part
    if (size, check) != (info.file_size, info.CRC):
        raise Unsound("changed: it is not what the list says")


def _stored(file: IO[bytes], left: int) -> Iterator[bytes]:
    while left:
        part = file.read(min(_CHUNK, left))
        if not part:
            raise Unsound("cut off")
        left -= len(part)
        yield part


def _inflated(file: IO[bytes], length: int) -> Iterator[bytes]:
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    packed = _stored(file, length)
    waiting = b""
    while not unpack.eof:
        given = waiting or next(packed, b"")
        try:
            part = unpack.decompress(given, _CHUNK)
        except zlib.error as error:
            raise Unsound(f"cannot be unpacked: {error}") from error
        waiting = unpack.unconsumed_tail
        if not (part or given):
            raise Unsound("cut off")
        yield part
    if unpack.unused_data or next(packed, b""):
        raise Unsound("something stands behind its content")
