"""Bodies: read and decoded within bounds.

httpx decodes a whole chunk at once, so that 1,630 bytes of brotli become 2 GB before a cap is looked at, and it
takes half a gzip body for a whole one. So we ask for gzip and deflate only, and decode them ourselves.
"""

import zlib
from collections.abc import Iterable

from monitor.errors import Refused, SiteDown, Unreadable
from monitor.fetch.limits import SizeLimit

ACCEPT_ENCODING = "gzip, deflate"
_STEP = 65_536  # bytes decoded at a time: what a bomb may overshoot
_GZIP = b"\x1f\x8b"


def read_body(
    chunks: Iterable[bytes], content_encoding: str, limit: SizeLimit, *, cut: bool = False
) -> bytes:
    """Read a body to its end and undo its content coding.

    With cut, a body over the limit ends there, and one that cannot be decoded is empty: for robots.txt and for the
    pages of errors, of which only the beginning is of use.

    Raises:
        Refused: over the limit, or more than one coding.
        Unreadable: a coding that we do not know.
        SiteDown: the compressed body is incomplete or broken.
    """
    codings = [
        name for name in content_encoding.lower().replace(" ", "").split(",") if name not in ("", "identity")
    ]
    try:
        decoder = _decoder(codings)
        return _read(chunks, decoder, limit, cut=cut)
    except (Refused, Unreadable, SiteDown):
        if cut:
            return b""
        raise


def _read(chunks: Iterable[bytes], decoder: "_Plain | _Zlib", limit: SizeLimit, *, cut: bool) -> bytes:
    received = 0
    body = bytearray()
    for chunk in chunks:
        received += len(chunk)
        for piece in decoder.pieces(chunk):
            body += piece
            if len(body) > limit.decoded:
                break
        if received > limit.received or len(body) > limit.decoded:
            if cut:
                return bytes(body[: limit.decoded])
            raise Refused(_too_large(received, limit))
    if received:
        decoder.finish()
    return bytes(body)


def _too_large(received: int, limit: SizeLimit) -> str:
    if received > limit.received:
        return f"body over {limit.received / 1_000_000:g} MB"
    return f"decoded body over {limit.decoded / 1_000_000:g} MB"


def _decoder(codings: list[str]) -> "_Plain | _Zlib":
    if not codings:
        return _Plain()
    if len(codings) > 1:
        shown = ", ".join(codings[:4]) + (", ..." if len(codings) > 4 else "")
        raise Refused(f"Content-Encoding: {shown}: more than one coding")
    if codings[0] in ("gzip", "x-gzip"):
        return _Zlib(gzip=True)
    if codings[0] == "deflate":
        return _Zlib(gzip=False)
    raise Unreadable(f"Content-Encoding: {codings[0][:40]}: not a coding that we asked for")


class _Plain:
    def pieces(self, chunk: bytes) -> Iterable[bytes]:
        yield chunk

    def finish(self) -> None:
        """Nothing can be missing."""


class _Zlib:
    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._inflate: zlib._Decompress | None = None
        self._held = b""

    def pieces(self, chunk: bytes) -> Iterable[bytes]:
        data = self._held + chunk
        self._held = b""
        full = False
        while data or full:  # full: zlib may hold more, though it took all its input
            if self._inflate is None or self._inflate.eof:
                if len(data) < 2:
                    self._held = data
                    return
                if self._inflate is not None and not (self._gzip and data.startswith(_GZIP)):
                    return  # what follows the end is padding, as gzip itself treats it
                # The first member, or one more of a gzip file (RFC 1952, 2.2).
                self._inflate = self._start(data)
            try:
                piece = self._inflate.decompress(data, _STEP)
            except zlib.error as error:
                raise SiteDown(f"compressed body broken: {error}") from error
            data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            full = len(piece) == _STEP and not self._inflate.eof
            if piece:
                yield piece

    def finish(self) -> None:
        if self._inflate is None or not self._inflate.eof:
            raise SiteDown("compressed body incomplete")

    def _start(self, data: bytes) -> "zlib._Decompress":
        if self._gzip:
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        # "deflate" is zlib's format (RFC 9110, 8.4.1.2), but some servers send the bare one.
        wrapped = data[0] & 0x0F == 8 and (data[0] * 256 + data[1]) % 31 == 0
        return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
