"""Block pages: an answer that only says "prove that you are human", whatever its status."""

import re

# What the common gatekeepers write into their pages, in lower case. Each is long enough not to stand in news.
_MARKS = (
    b"<title>just a moment...</title>",
    b"<title>attention required! | cloudflare</title>",
    b"<title>access denied</title>",
    b"<title>access to this page has been denied",
    b"<title>pardon our interruption",
    b"<title>request unsuccessful</title>",
    b"<title>security check</title>",
    b"<title>are you a robot?</title>",
    b"<title>ddos-guard</title>",
    b"/cdn-cgi/challenge-platform/",
    b"cf-browser-verification",
    b"_incapsula_resource",
    b"px-captcha",
    b"captcha-delivery.com",
    b"/_sec/verify?provider=",
    b"geo.captcha-delivery",
    b"verify you are human",
    b"checking your browser before accessing",
    b"enable javascript and cookies to continue",
    "请完成安全验证".encode(),
    "安全验证".encode() + b"</title>",
    "访问过于频繁".encode(),
    "访问被拦截".encode(),
)
_HTML = re.compile(
    rb"\A\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_LARGEST = 60_000  # bytes: a page that long has more to say than "wait"


def is_html(body: bytes) -> bool:
    """Say whether a body begins as an HTML page does."""
    return bool(_HTML.match(body.removeprefix(b"\xef\xbb\xbf")[:4_000]))


def is_block_page(body: bytes) -> bool:
    """Say whether a body is a gatekeeper's page and not the site's."""
    if len(body) > _LARGEST:
        return False
    lower = body.lower()
    return (b"<html" in lower or b"<head" in lower or b"<title" in lower) and any(
        mark in lower for mark in _MARKS
    )
