"""One spelling for one article, and never one spelling for two."""

import json
import unicodedata
from pathlib import Path
from time import process_time
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.urls import canonical, host, join, key, masked, same_site

PAIRS = Path(__file__).parents[2] / "shared" / "urls" / "pairs.jsonl"
STORY = "https://news.example.org/2026/11/strait-drill-enters-third-day"

ODD = [
    "", " ", "//", "///", "http:", "http:x", "http:/x", "http://", "http://[", "http://]", "http://[::1", "http://a:b/",
    "http://a:99999/", "http://a:-1/", "http://a:0/", "http://a..b/", "http://.a/", "http://-/", "http://a b/",
    "http://xn--a/", "http://xn--99999999/", "http://" + "a" * 70 + ".org/", "http://" + "a." * 200 + "org/",
    "http://a\x00b/", "http://a/\x00", "http://a/\ud800", "http://\ud800/", "http://good.example\\@evil.example/",
    "http://[::ffff:1.2.3.4%25eth0]/", "http://[v1.x]/", "file:///etc/passwd", "ftp://a/b", "javascript:alert(1)",
    "mailto:desk@example.org", "data:text/html,x", "gopher://a", "http://%00/", "http://%/", "http://a%2f.b/",
    "http://\u2488com/", "http://\u00ad/", "x" * 70_000, "http://a/" + "x" * 70_000, "http://xn--ls8h.la",
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_u01_an_odd_address_is_a_value_error_or_an_address(odd: str) -> None:
    try:
        spelled = canonical(odd)
    except ValueError:
        return
    assert spelled.startswith(("http://", "https://"))
    assert canonical(spelled) == spelled


def test_u01_no_text_raises_anything_but_value_error() -> None:
    @given(st.one_of(st.text(max_size=60), st.text(max_size=60).map(lambda rest: "http://" + rest)))
    @example("http://a/%CC%B8=")
    @example("http://0/?=%")
    def holds(text: str) -> None:
        for question in (
            canonical,
            host,
            lambda url: join(url, text),
            lambda url: join("http://a.org/b", url),
        ):
            try:
                question(text)
            except ValueError:
                continue
        masked(text)
        same_site(text, text)

    holds()


SEGMENT = st.one_of(
    st.sampled_from(
        [
            "amp",
            "print",
            "index.html",
            "2026",
            "11",
            "24",
            "..",
            ".",
            "",
            "a-long-slug-of-words",
            "x.amp.html",
            "web",
        ]
    ),
    st.text(max_size=12),
    st.sampled_from([STORY, "https://a.example/1?u=2", "c/s/www.example.org/2026/11/a"]),
)
PARAMETER = st.tuples(
    st.sampled_from(["utm_source", "id", "p", "from", "url", "u", "amp", "s", "print", "q", "Ünï", "a b"]),
    st.one_of(
        st.sampled_from(["1", "rss", "", "a%26b", "%", "%zz", "é", "e\u0301"]),
        st.just(quote(STORY)),
        st.text(max_size=9),
    ),
)
HOSTS = st.sampled_from(
    ["example.org", "www.example.org", "m.example.org", "amp.www.m.example.org", "www.www.org", "EXAMPLE.org.",
     "web.archive.org", "x.cdn.ampproject.org", "google.com", "l.example.org", "中国.example", "[::1]", "en.m.a.org",
     "m.com.tw", "127.1", "user:pw@example.org", "example.org:80", "example.org:443", "example.org:8080"]
)  # fmt: skip


@given(
    st.sampled_from(["http", "https", "HTTP"]),
    HOSTS,
    st.lists(SEGMENT, max_size=5),
    st.lists(PARAMETER, max_size=4),
    st.sampled_from(["", "#top", "#/detail/778", "#!/a", "#!a", "#/", "#!", "#!/", "#é"]),
)
def test_u02_canonical_is_idempotent(
    scheme: str, name: str, segments: list[str], parameters: list[tuple[str, str]], fragment: str
) -> None:
    query = "&".join(f"{name}={value}" for name, value in parameters)
    try:
        spelled = canonical(f"{scheme}://{name}/{'/'.join(segments)}?{query}{fragment}")
    except ValueError:
        return
    assert canonical(spelled) == spelled
    assert spelled.isascii()
    assert len(spelled) <= 2_000


@pytest.mark.parametrize(
    "other",
    [
        "http://news.example.org/2026/11/strait-drill-enters-third-day",
        "HTTPS://NEWS.Example.org:443/2026/11/strait-drill-enters-third-day/",
        "http://news.example.org:80/2026/11/strait-drill-enters-third-day",
        "https://news.example.org./2026/11/strait-drill-enters-third-day",
        "https://www.news.example.org/2026/11/strait-drill-enters-third-day",
        "https://m.news.example.org/2026/11/strait-drill-enters-third-day",
        "https://amp.news.example.org/2026/11/strait-drill-enters-third-day",
        "https://news.example.org/amp/2026/11/strait-drill-enters-third-day",
        "https://news.example.org/2026/11/strait-drill-enters-third-day/amp/",
        "https://news.example.org/2026/11/strait-drill-enters-third-day/print",
        "https://news.example.org/2026/11/strait-drill-enters-third-day/index.html",
        "https://news.example.org/2026/10/../11/./strait-drill-enters-third-day",
        "https://news.example.org/2026/11/strait-drill-enters-third-day;jsessionid=8A0C",
        "https://news.example.org/2026/11/strait-drill-enters-third-day#comments",
        "https://news.example.org/2026/11/strait-drill-enters-third-day#:~:text=third",
        "https://news.example.org/2026/11/strait-drill-enters-third-day?utm_source=x&utm_medium=y&fbclid=1",
        "https://news.example.org/2026/11/strait-drill-enters-third-day?UTM_Source=x&amp;utm_medium=y",
        "https://news.example.org/2026/11/strait-drill-enters-third-day?from=rss&",
        "https://news.example.org/2026/11/strait-drill-enters-third-day?",
        "https://news.example.org/2026/11/strait%2Ddrill-enters-third-d%61y",
        "https://reader:secret@news.example.org/2026/11/strait-drill-enters-third-day",
        "  https://news.example.org/2026/11/strait-drill-\nenters-third-day\t ",
        "//news.example.org/2026/11/strait-drill-enters-third-day",
        f"https://l.facebook.com/l.php?u={quote(STORY, safe='')}&h=AT0",
        f"https://go.example.net/out?url={quote(STORY, safe='')}",
        f"https://web.archive.org/web/20261124000000/{STORY}",
        "https://news-example-org.cdn.ampproject.org/c/s/news.example.org/2026/11/strait-drill-enters-third-day",
    ],
)
def test_u02_every_way_to_write_an_address_is_one_address(other: str) -> None:
    assert canonical(other) == STORY


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("https://example.org/news?id=1", "https://example.org/news?id=2"),
        ("https://example.org/news?ref=310", "https://example.org/news?ref=311"),
        ("https://example.org/news?s=09", "https://example.org/news?s=10"),
        ("https://example.org/#/detail/778", "https://example.org/#/detail/779"),
        ("https://example.org/#!/a", "https://example.org/"),
        ("https://example.org:8080/a", "https://example.org/a"),
        ("http://example.org:8443/a", "https://example.org:8443/a"),
        ("https://example.org/A", "https://example.org/a"),
        ("https://example.org/story_2.html", "https://example.org/story.html"),
        ("https://example.org/story?page=2", "https://example.org/story"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
        ("https://example.org/q?x=a%26b", "https://example.org/q?x=a&b"),
        ("https://example.org/print", "https://example.org/"),
        ("https://example.org/?p=12", "https://example.org/"),
        ("https://example.org/index.php?p=12", "https://example.org/"),
        ("https://example.org/a?lang=zh", "https://example.org/a?lang=en"),
        ("https://m.com.tw/2026/11/a", "https://com.tw/2026/11/a"),
    ],
)
def test_u02_two_articles_are_never_one_address(a: str, b: str) -> None:
    assert canonical(a) != canonical(b)


def test_u02_remaining_parameters_are_sorted() -> None:
    assert (
        canonical("https://example.org/n?b=2&a=1&utm_id=3&c=x y+z")
        == "https://example.org/n?a=1&b=2&c=x%20y%20z"
    )


def test_u03_over_2000_characters_is_refused_and_the_key_is_short() -> None:
    with pytest.raises(ValueError, match=r"3,020 characters: at most 2,000"):
        canonical("https://example.org/" + "x" * 3_000)
    with pytest.raises(ValueError, match="at most 2,000"):
        canonical("https://example.org/" + "x" * 2_000_000)
    assert len(key(canonical(STORY))) == 32


def test_u03_long_tracking_does_not_cost_the_article() -> None:
    assert canonical(f"{STORY}?utm_content={'x' * 3_000}") == STORY


def test_u04_nfc_and_nfd_escapes_and_punycode_are_one() -> None:
    composed = "https://example.org/caf\u00e9/台海"
    assert canonical(unicodedata.normalize("NFD", composed)) == canonical(composed)
    assert canonical("https://example.org/cafe%CC%81/台海") == canonical(composed)
    assert canonical(composed) == "https://example.org/caf%C3%A9/%E5%8F%B0%E6%B5%B7"
    assert canonical("https://example.org/caf%e9") == "https://example.org/caf%E9"
    assert canonical("https://中国.cn/a") == canonical("http://XN--FIQS8S.cn/a") == "https://xn--fiqs8s.cn/a"


def test_labelled_pairs_bring_no_false_merge() -> None:
    if not PAIRS.exists():
        pytest.skip("the labelled pairs of addresses are not here")
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    same = [canonical(row["a"]) == canonical(row["b"]) for row in rows]
    assert not [row["id"] for row, merged in zip(rows, same, strict=True) if merged and not row["same"]]
    missed = [row["id"] for row, merged in zip(rows, same, strict=True) if row["same"] and not merged]
    assert len(missed) <= 2


@pytest.mark.parametrize(
    "piece", ["-", "/", "a-", "%2D", "/2026/", "(", ";jsessionid=", "/amp", "a.", "1", "?u=http://", "%41"]
)
def test_q03_a_long_address_takes_no_long_time(piece: str) -> None:
    started = process_time()
    for ending in ("", "/"):
        try:
            canonical("https://example.org/" + piece * (19_000 // len(piece)) + ending)
        except ValueError:
            continue
    assert process_time() - started < 1


def test_host_keeps_a_port_that_matters() -> None:
    assert host("HTTP://Www.Example.org.:80/a") == "www.example.org"
    assert host("https://example.org:8443/a") == "example.org:8443"
    assert host("https://[::1]:8443/a") == "[::1]:8443"
    assert host("http://good.example@evil.example/") == "evil.example"


def test_join_resolves_against_the_page() -> None:
    assert join("https://example.org/a/b", " ../c?x=1\n") == "https://example.org/c?x=1"
    assert join("http://example.org/a", "//cdn.example.org/b") == "http://cdn.example.org/b"
    for href in ("", "javascript:void(0)", "mailto:a@b.c", "file:///x", "http://["):
        with pytest.raises(ValueError, match="address"):
            join("https://example.org/a", href)


def test_same_site_looks_past_sections_and_registries() -> None:
    assert same_site("https://news.ltn.com.tw/a", "http://www.ltn.com.tw/b")
    assert not same_site("https://mnd.gov.tw/", "https://mofa.gov.tw/")
    assert not same_site("https://example.org/", "https://example.com/")
    assert not same_site("http://127.0.0.1/", "http://126.0.0.1/")
    assert not same_site("nonsense", "nonsense")


def test_f23_a_masked_address_shows_no_secret() -> None:
    shown = masked(
        "http://user:hunter2@example.org/x?id=7&api_key=hunter2&Token=hunter2#access_token=hunter2"
    )
    assert "hunter2" not in shown
    assert shown == "http://***@example.org/x?id=7&api_key=***&Token=***#access_token=***"
    assert len(masked("https://example.org/" + "x" * 5_000)) == 300
