"""Strings that have broken somebody's program: as titles, texts, names, labels. The words are ours."""

SURROGATES = ("a lone \ud83d half", "\udc00", "\ud83d\ude80 as two halves")
NULS = ("\0", "before\0after")
# What XML 1.0 has no way to write.
ILLEGAL_IN_XML = (
    "page\x0bturn", "\x0c", "bell \x07 rings", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x01\x02\x03", "\x1f", "\ufffe",
    "\uffff", "\ufdd0", "\U0001fffe",
)  # fmt: skip
FORMULAS = (
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(A1:A9)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", "'=1",
    "''=1", "=HYPERLINK(\"http://evil.example\",\"x\")", "=IMPORTXML(\"http://evil.example\",\"//a\")", "'", "''", "- item",
)  # fmt: skip
MARKUP = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<b>bold",
    "</title></entry></feed>", "]]>", "<![CDATA[x]]>", "<!-- x", "-->", "<?php echo 1 ?>", "<?xml version='1.0'?>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>", "&e;", "&amp;", "&lt;b&gt;", "&#0;", "&#x110000;", "&nbsp;",
    "&", "<", ">", "\"", "a\"b'c", "<a href='javascript:alert(1)'>x</a>", "<svg/onload=alert(1)>", "{{7*7}}", "${7*7}",
    "#{7*7}", "<%= 7*7 %>", "%(x)s", "%s%n", "{0.__class__}", "{}", "<style>*{display:none}</style>",
)  # fmt: skip
MARKDOWN = (
    "# heading", "## heading ##", "* item", "+ item", "1. item", "1) item", "***", "---", "===", "> quotation", "```", "~~~",
    "`code`", "``", "*emphasis*", "_emphasis_", "__strong__", "~~gone~~", "[click](http://evil.example)", "[a]: http://evil.example",
    "![x](http://evil.example/x.png)", "<http://evil.example>", "http://evil.example", "https://evil.example/a_b_c",
    "www.evil.example", "WWW.evil.example", "mail@evil.example", "@everyone", "#123", "| a | b |", "|---|---|", "\\", "\\*", "a\\",
    "][", "](", ")](http://evil.example)", "$x$", "$$x$$", "^1^", "[^1]", ":smile:", "    code", "- [ ] task", "[[wiki]]",
    "&#42;not emphasis&#42;", "2026. A year", "http:/\\/evil.example",
)  # fmt: skip
PLACES = (
    "../../etc/passwd", "..\\..\\windows\\win.ini", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "C:\\CON", "/etc/passwd", "file:///etc/passwd",
    "CON", "NUL", "a/b", ".", "..", "~root", "$HOME", "`id`", "$(id)", "; rm -rf x", "| id", "a\r\nSet-Cookie: x=1", "-rf", "--csv",
)  # fmt: skip
QUERIES = ("' OR 1=1 --", "'; DROP TABLE articles; --", "\" OR \"\"=\"", "NEAR(", "a AND", "%", "_", "\\x00", "NULL", "null", "None",
           "undefined", "true", "NaN", "Infinity", "-Infinity", "1e309", "0x10", "1,000", "1;2", "a,b", "a\"\"b", "\",\"")  # fmt: skip
SCRIPTS = (
    "", " ", "  two  spaces  ", "\t", "\n", "\r", "\r\n", "line\nline", "line\rline", "line\r\nline", "\u2028", "para\u2029graph",
    "next\x85line", "\u00a0", "\u200b", "zero\u200bwidth", "\ufeffmark", "\u00ad", "\u202eright to left", "\u2066isolated\u2069",
    "\u200f", "台海", "臺海", "海警船在台海巡航。", "，。「」", "ｆｕｌｌ　ｗｉｄｔｈ", "𠀀𪚥", "한국어", "日本語の文", "ﷺ", "العربية", "עברית",
    "русский", "Ελληνικά", "हिन्दी", "ไทย", "é", "e\u0301", "ﬁ", "ß", "İi", "ǅ", "Z\u0351\u036b\u0343a\u0361l\u035ego", "🚀", "👩‍👩‍👧", "🇹🇼",
    "👍🏽", "\U000e0041", "\U0010fffd", "\ue000", "½", "٣", "Ⅷ", "a" * 5_000, "字" * 2_000, "x " * 500, "\x7f", "\x80\x9f",
)  # fmt: skip
NAUGHTY = (
    *FORMULAS,
    *MARKUP,
    *MARKDOWN,
    *PLACES,
    *QUERIES,
    *SCRIPTS,
    *ILLEGAL_IN_XML,
)  # valid Unicode, no NUL
ALL = (*NAUGHTY, *NULS, *SURROGATES)
