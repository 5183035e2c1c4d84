"""What sort of content some bytes are, when nobody says."""

from monitor.clean.decode import decode

_MARKUP = (b"<html", b"<body", b"<!doctype", b"<head", b"<div", b"<p", b"<title", b"<meta", b"<article")
_START = 4096  # bytes looked at


def looks_like_markup(content: bytes) -> bool:
    """Whether content is HTML, well or badly formed, rather than plain text."""
    start = content[:_START].lower()
    return any(mark in start for mark in _MARKUP)


def decoded(content: bytes) -> str:
    """Plain text in whatever encoding it is.

    Raises:
        Unreadable: it is a file of another sort, or no text.
    """
    return decode(content).text
