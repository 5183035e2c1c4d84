"""Feeds: whatever bytes come, every whole item is read, and what is no feed is called so."""

import gzip
import json
import socket
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.discover import read_listing, wished_pause
from monitor.errors import Unreadable
from monitor.model import DateQuality, FeedKind, Listing, Page
from monitor.sources import Source

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SOURCE = Source.model_validate(
    {"id": "example", "name": "Example", "home": "https://example.org/", "side": "us", "kind": "press"}
)
SHANGHAI = SOURCE.model_copy(update={"zone": "Asia/Shanghai"})


def page(
    body: bytes | str, content_type: str = "application/rss+xml", url: str = "https://example.org/feed"
) -> Page:
    raw = body if isinstance(body, bytes) else body.encode()
    return Page(url, url, 200, raw, NOW, {"content-type": content_type})


def listing(body: bytes | str, source: Source = SOURCE, **more: Any) -> Listing:
    return read_listing(page(body, **more), FeedKind.FEED, source)


def item(number: int = 1, title: str = "", extra: str = "") -> str:
    when = datetime(2026, 11, 1, tzinfo=UTC) - timedelta(minutes=number)
    return (
        f"<item><title>{title or f'Headline {number}'}</title><link>https://example.org/{number}</link>"
        f"<pubDate>{when:%a, %d %b %Y %H:%M:%S +0000}</pubDate>{extra}</item>"
    )


def rss(items: str, prologue: str = '<?xml version="1.0"?>') -> str:
    return f'{prologue}<rss version="2.0"><channel><title>Example</title>{items}</channel></rss>'


def titles(found: Listing) -> list[str]:
    return [line.title for line in found.lines]


def test_rss_20_with_its_modules() -> None:
    content = "<p>First paragraph of it.</p>" + "<p>The escort sailed at dawn.</p>" * 20
    body = rss(
        item(2)
        + item(1, "R&amp;D in the <![CDATA[<b>strait</b>]]>", "<description>Ships &lt;b&gt;sail&lt;/b&gt;.</description>"
        f"<content:encoded><![CDATA[{content}]]></content:encoded>"),
        '<?xml version="1.0"?>',
    ).replace("<rss ", '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" ')  # fmt: skip
    found = listing(body)
    assert found.title == "Example"
    assert titles(found) == ["R&D in the strait", "Headline 2"]
    assert found.lines[0].summary == "Ships sail."
    assert found.lines[0].text.startswith("First paragraph of it.\nThe escort sailed at dawn.\n")
    assert found.lines[0].published.at == datetime(2026, 10, 31, 23, 59, tzinfo=UTC)
    assert found.lines[0].published.quality is DateQuality.FEED
    assert not found.capped
    assert found.notes == ()


def test_atom_rdf_and_json_feeds() -> None:
    atom = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>A</title>
      <entry><title type="html">Carrier &amp;amp; escort</title><link rel="self" href="https://example.org/self"/>
      <link rel="alternate" type="text/html" href="/2026/a"/><id>tag:1</id><updated>2026-11-23T08:00:00+08:00</updated>
      <published>2026-11-22T08:00:00+08:00</published><summary>Short.</summary></entry></feed>"""
    line = listing(atom).lines[0]
    assert (line.url, line.title, line.updated) == (
        "https://example.org/2026/a",
        "Carrier & escort",
        "2026-11-23T08:00:00+08:00",
    )
    assert line.published.at is not None
    assert line.published.at.isoformat() == "2026-11-22T08:00:00+08:00"
    rdf = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
      xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://example.org/">
      <title>R</title><items><rdf:Seq><rdf:li resource="https://example.org/1"/></rdf:Seq></items></channel>
      <item rdf:about="https://example.org/1"><title>One</title><link>https://example.org/1</link>
      <dc:date>2026-11-22T08:00Z</dc:date></item></rdf:RDF>"""
    line = listing(rdf).lines[0]
    assert (line.url, line.title, line.updated) == ("https://example.org/1", "One", "")
    assert line.published.at == datetime(2026, 11, 22, 8, tzinfo=UTC)
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [
        {"id": "1", "url": "https://example.org/j", "title": "Jay", "content_html": "<p>x</p>", "date_published": "2026-11-22T08:00:00Z"},
        "no item"]}  # fmt: skip
    line = listing(json.dumps(feed)).lines[0]
    assert (line.url, line.title, line.summary) == ("https://example.org/j", "Jay", "x")


LAUGHS = (
    '<!DOCTYPE r [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_x01_entity_bombs_do_nothing(encoding: str) -> None:
    begun = process_time()
    body = rss(item(1, "Ha &a9; ha") + item(2), f'<?xml version="1.0" encoding="{encoding}"?>{LAUGHS}')
    found = listing(body.encode(encoding))
    quadratic = rss(
        item(1, "&q;" * 50_000), f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY q "{"x" * 30_000}">]>'
    )
    assert listing(quadratic).lines[0].title == ""
    assert titles(found) == ["Ha ha", "Headline 2"]
    assert "entity declarations not accepted" in found.notes
    assert process_time() - begun < 2


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]>',
        '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:9/">%x;]>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_x02_no_file_is_opened_and_nobody_is_asked(doctype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **more: object) -> None:
        raise AssertionError("connected")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    include = (
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    )
    found = listing(rss(item(1, "A &x; b", include) + item(2), f'<?xml version="1.0"?>{doctype}'))
    assert len(found.lines) == 2
    assert found.lines[1].title == "Headline 2"


@pytest.mark.parametrize("trap", ["&#" + "9" * 5_000 + ";", "&#xD83D;", "&#x110000;", "&#0;", "&#xFFFF;"])
def test_x03_x04_a_character_that_does_not_exist_costs_one_character(trap: str) -> None:
    assert titles(listing(rss(item(1, f"A{trap}b") + item(2)))) == ["A\ufffdb", "Headline 2"]
    assert titles(listing(rss(item(1, f"<![CDATA[A{trap}b]]>") + item(2)))) == ["A\ufffdb", "Headline 2"]


def test_x04_a_backslash_in_an_entity_loses_nothing() -> None:
    assert (
        len(
            listing(
                rss(item(1) + item(2), '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY p "C:\\data">]>')
            ).lines
        )
        == 2
    )


@pytest.mark.parametrize("encoding", ["undefined", "zlib", "x-foo", "idna", "utf-16", "hex", "rot13"])
def test_x05_a_foolish_encoding_loses_nothing(encoding: str) -> None:
    body = rss(item(1, "台海 calm"), f'<?xml version="1.0" encoding="{encoding}"?>')
    if encoding != "utf-16":
        assert titles(listing(body)) == ["台海 calm"]
        assert titles(listing(body, content_type=f"text/xml; charset={encoding}")) == ["台海 calm"]
    else:
        listing_or_unreadable(body.encode())


def listing_or_unreadable(body: bytes) -> Listing | None:
    try:
        return listing(body)
    except Unreadable:
        return None


def test_x06_control_characters_are_taken_out() -> None:
    assert titles(listing(rss(item(1, "A\x00b\x08c\x0bd\x1ee") + item(2)))) == ["Abcde", "Headline 2"]


def test_x07_undeclared_entities_and_bare_ampersands_are_read() -> None:
    body = rss(
        "<item><title>AT&T R&D&nbsp;day &eacute; &unknown;</title><link>https://example.org/?a=1&b=2</link></item>"
    )
    line = listing(body).lines[0]
    assert line.title == "AT&T R&D day é &unknown;"
    assert line.url == "https://example.org/?a=1&b=2"


def test_x08_junk_around_a_feed_is_noted() -> None:
    found = listing("<br />\n<b>Warning</b>: oops\n" + rss(item(1)))
    assert titles(found) == ["Headline 1"]
    assert "not well-formed: text before the feed" in found.notes
    assert titles(listing("\ufeff" + rss(item(1)))) == ["Headline 1"]
    assert listing("\ufeff" + rss(item(1))).notes == ()
    twice = listing(rss(item(1)) + rss(item(2)))
    assert titles(twice) == ["Headline 1"]
    assert "not well-formed: text after the feed" in twice.notes


def test_x09_a_feed_that_is_cut_gives_its_whole_items_and_no_etag_is_kept() -> None:
    body = rss(item(1) + item(2) + item(3))
    found = listing(body[: body.index("Headline 3") + 4])
    assert titles(found) == ["Headline 1", "Headline 2"]
    assert found.capped
    assert "cut off before its end" in found.notes


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!DOCTYPE html><html><head><title>Welcome</title></head></html>", 'not a feed: HTML "Welcome"'),
        (b"<html><head><title>Just a moment...</title></head></html>", "block page"),
        (b"", "not a feed: empty body"),
        (b" \n\x00", "not a feed: empty body"),
        (b"{}", "not a feed: JSON"),
        (b"{", "not a feed: broken JSON"),
        (b"{" + b'"a":[' * 100_000, "not a feed: broken JSON"),
        (gzip.compress(b"x", mtime=0), "not a feed: gzip"),
        (b"%PDF-1.7", "not a feed: PDF"),
        (b"<?xml version='1.0'?><error>403</error>", "not a feed"),
        (b"just words", "not a feed"),
    ],
)
def test_x10_what_is_no_feed_is_told_apart_from_an_empty_one(body: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        listing(body)


def test_x11_an_empty_feed_is_a_feed() -> None:
    assert listing(rss("")).lines == ()


@pytest.mark.parametrize(
    ("codec", "declared", "mark"),
    [("gb18030", "utf-8", b""), ("gb18030", "gb2312", b""), ("utf-8", "gb2312", b"\xef\xbb\xbf"), ("utf-8", "gb2312", b""),
     ("big5", "utf-8", b""), ("big5", "big5", b""), ("utf-16", "utf-8", b"")],
)  # fmt: skip
def test_x12_chinese_is_read_whatever_is_declared(codec: str, declared: str, mark: bytes) -> None:
    title = (
        "國防部發布新聞：我軍在台灣周邊的海空活動，是這個月的第一次"
        if codec == "big5"
        else "国防部：解放军在台海的演习是这个月的第一次"
    )
    body = rss(item(1, title), f'<?xml version="1.0" encoding="{declared}"?>')
    assert titles(listing(mark + body.encode(codec))) == [title]


def test_x13_30000_items_are_read_to_2000_and_no_etag_is_kept() -> None:
    begun = process_time()
    found = listing(rss("".join(item(number) for number in range(30_000))))
    assert len(found.lines) == 2_000
    assert found.lines[0].title == "Headline 0"
    assert found.capped
    assert "2,000 of 30,000 read" in found.notes
    backwards = listing(rss("".join(item(number) for number in reversed(range(5_000)))))
    assert backwards.lines[0].title == "Headline 0"
    assert process_time() - begun < 10


def test_x13_items_that_never_close_end_soon() -> None:
    begun = process_time()
    assert listing("<rss><channel>" + "<item>" * 700_000).capped
    assert process_time() - begun < 5


def test_x14_long_texts_are_cut_before_they_are_parsed() -> None:
    begun = process_time()
    found = listing(rss(item(1, extra=f"<description>{'&lt;b&gt;x' * 500_000}</description>") + item(2)))
    assert len(found.lines) == 2
    assert "long texts cut" in found.notes
    raw = listing(rss(item(1, extra=f"<description>{'<b>x' * 1_000_000}</description>") + item(2)))
    assert "Headline 2" in titles(raw)
    assert len(listing(rss(item(1, "T" * 4_000_000))).lines[0].title) <= 1_000
    assert process_time() - begun < 5


def test_x15_deep_nesting_ends_soon() -> None:
    begun = process_time()
    listing_or_unreadable(rss(item(1, extra="<a>" * 100_000 + "</a>" * 100_000) + item(2)).encode())
    listing_or_unreadable(rss("<a>" * 100_000 + item(2)).encode())
    assert process_time() - begun < 6


@pytest.mark.parametrize("junk", ["<b>", "<a ", "&", "</", "<link>", "&#"])
def test_x15_junk_of_any_kind_takes_bounded_time(junk: str) -> None:
    begun = process_time()
    many = ("<item><title>x</title>" + junk * (60_000 // len(junk)) + "</item>") * 25
    listing_or_unreadable(rss(many + item(2)).encode())
    head = listing(rss(junk * (900_000 // len(junk)) + item(1)))
    assert titles(head) == ["Headline 1"]
    assert process_time() - begun < 8


def test_x17_x18_a_guid_is_never_the_identity() -> None:
    items = "".join(
        f"<item><title>T{n}</title><link>https://example.org/{n}</link><guid>same</guid></item>"
        for n in range(3)
    )
    assert [line.url for line in listing(rss(items)).lines] == [f"https://example.org/{n}" for n in range(3)]


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/news/1", "https://example.org/news/1"),
        ("\n  https://example.org/a b \n", "https://example.org/a b"),
        ("news/1", "https://example.org/news/1"),
        ("//example.org/1", "https://example.org/1"),
    ],
)
def test_x20_a_link_is_resolved_against_the_feed(link: str, url: str) -> None:
    assert listing(rss(f"<item><title>T</title><link>{link}</link></item>")).lines[0].url == url


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "file:///etc/passwd", "mailto:a@example.org", "http://["]
)
def test_x20_a_link_of_another_scheme_is_left_out_with_its_title(link: str) -> None:
    found = listing(rss(f"<item><title>Told</title><link>{link}</link></item>" + item(2)))
    assert titles(found) == ["Headline 2"]
    assert any("Told" in note for note in found.notes)


def test_x20_without_a_link_the_guid_serves_when_it_is_an_address() -> None:
    found = listing(
        rss("<item><title>T</title><guid>https://example.org/g</guid></item><item><title>U</title></item>")
    )
    assert [line.url for line in found.lines] == ["https://example.org/g"]


def test_x20_a_broken_base_empties_no_link() -> None:
    body = rss(item(1)).replace("<channel>", '<channel xml:base="http://[">')
    assert listing(body).lines[0].url == "https://example.org/1"


def test_x30_markup_in_a_title_is_text_at_most() -> None:
    found = listing(
        rss(item(1, "A &lt;script&gt;alert(1)&lt;/script&gt;b &lt;i&gt;c&lt;/i&gt; 1 &amp;lt; 2"))
    )
    assert titles(found) == ["A b c 1 < 2"]


def test_d02_d03_times_take_the_sources_zone() -> None:
    body = rss("<item><title>T</title><link>/1</link><pubDate>Mon, 23 Nov 2026 12:00:00 CST</pubDate></item>")
    published = listing(body, SHANGHAI).lines[0].published
    assert published.at is not None
    assert published.at.astimezone(UTC) == datetime(2026, 11, 23, 4, tzinfo=UTC)
    assert published.quality is DateQuality.ASSUMED_ZONE
    assert published.printed == "Mon, 23 Nov 2026 12:00:00 CST"


@pytest.mark.parametrize(
    ("inside", "header", "seconds"),
    [
        ("<ttl>60</ttl>", "", 3_600),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", "", 1_800),
        (
            "<sy:updatePeriod> daily </sy:updatePeriod><sy:updateFrequency>1000000</sy:updateFrequency>",
            "",
            0.0864,
        ),
        ("", "public, max-age=31536000", 31_536_000),
        ("<ttl>-1</ttl>", "no-cache", None),
        ("<ttl>0</ttl>", "", 0),
    ],
)
def test_x27_a_feed_says_how_often_it_wants_to_be_asked(
    inside: str, header: str, seconds: float | None
) -> None:
    body = page(rss(inside))
    asked = Page(body.url, body.url, 200, body.body, NOW, {"cache-control": header})
    assert wished_pause(asked) == (pytest.approx(seconds) if seconds is not None else None)


@settings(max_examples=80, deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from([b"<rss>", b"<feed>", b"<item>", b"<rss><channel><item>", b"{", b"<!DOCTYPE["]),
)
def test_no_bytes_raise_anything_but_unreadable(junk: bytes, first: bytes) -> None:
    for kind in FeedKind:
        for body in (first + junk, junk, rss(item(1)).encode()[:60] + junk + rss(item(2)).encode()):
            try:
                read_listing(page(body), kind, SOURCE)
            except Unreadable:
                continue


@pytest.mark.parametrize(
    ("charset", "word"),
    [
        ("windows-1257", "Jūrmalā"), ("iso-8859-4", "Jūrmalā"), ("iso-8859-16", "București"), ("ibm866", "Порт"),
        ("koi8-u", "Київ"), ("macintosh", "Málaga"), ("x-mac-cyrillic", "Порт"), ("cp1253", "Πειραιάς"),
    ],
)  # fmt: skip
def test_whatever_charset_a_feed_declares_is_believed_where_it_is_one_of_texts(
    charset: str, word: str
) -> None:
    codec = {"macintosh": "mac-roman", "x-mac-cyrillic": "mac-cyrillic"}.get(charset, charset)
    body = rss(item(1, f"{word} harbour"), f'<?xml version="1.0" encoding="{charset}"?>')
    assert titles(listing(body.encode(codec))) == [f"{word} harbour"]


@pytest.mark.parametrize(
    "charset", ["utf-7", "unicode-escape", "raw-unicode-escape", "punycode", "idna", "rot13"]
)
def test_a_codec_that_reads_ascii_as_something_else_is_no_charset(charset: str) -> None:
    body = rss(item(1, "A +AGEAYg- b\\u0041"), f'<?xml version="1.0" encoding="{charset}"?>')
    assert titles(listing(body)) == ["A +AGEAYg- b\\u0041"]


def test_references_are_read_as_html_reads_them() -> None:
    body = rss(item(1, "The ship&#146;s &#X201C;log&#x201d; &#150; <![CDATA[a pilot&#146;s]]> &#129;"))
    assert titles(listing(body)) == ["The ship’s “log” – a pilot’s \N{REPLACEMENT CHARACTER}"]


@pytest.mark.parametrize("tag", ["iframe", "object"])
def test_a_frame_or_an_object_left_open_takes_no_text_along(tag: str) -> None:
    left_open = f"<description>Before &lt;{tag} data='x'&gt; and behind.</description>"
    shut = f"<description>Before &lt;{tag}&gt;no plugin&lt;/{tag}&gt; and behind.</description>"
    found = listing(rss(item(1, extra=left_open) + item(2, extra=shut)))
    summaries = {line.summary for line in found.lines}
    assert summaries == {"Before and behind."}


def test_no_nul_of_a_json_feed_reaches_the_rows_not_even_in_a_time() -> None:
    words = {
        "id": "1\0",
        "url": "https://example.org/1",
        "title": "A\0 b",
        "date_published": "2026-11-01\0T08:00Z",
    }
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": [words]}
    (line,) = listing(json.dumps(feed)).lines
    assert "\0" not in line.title + line.url + line.published.printed + line.updated
