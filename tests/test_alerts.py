from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import ChannelKind, FiredRule, ToldLink, ToldMention, compose, decide, owed
from monitor.alerts.wording import header_line, moment, one_line
from monitor.model import DateQuality, Tier
from tests.mailbox import told

RULE = FiredRule("strait", ("desk", "hook"), least_points=4)


def owes(rule: FiredRule = RULE, **facts: object) -> list[str]:
    usual = {"tier": Tier.CORE, "points": 9, "copy_of_known": False, "first_poll": False}
    return [each.channel for each in owed([rule], **{**usual, **facts})]  # type: ignore[arg-type]


def test_a_rule_owes_one_alert_to_each_of_its_channels() -> None:
    assert owes() == ["desk", "hook"]
    assert owes(FiredRule("strait", ("desk", "desk"))) == ["desk"]


def test_two_rules_owe_an_alert_each() -> None:
    both = owed(
        [RULE, FiredRule("arms", ("desk",))],
        tier=Tier.RELEVANT,
        points=5,
        copy_of_known=False,
        first_poll=False,
    )
    assert [(each.rule, each.channel) for each in both] == [
        ("strait", "desk"),
        ("strait", "hook"),
        ("arms", "desk"),
    ]


def test_a_copy_of_a_text_already_told_owes_nothing() -> None:
    assert owes(copy_of_known=True) == []


def test_a13_a_first_poll_owes_nothing_unless_the_rule_says_so() -> None:
    assert owes(first_poll=True) == []
    assert owes(FiredRule("strait", ("desk",), first_poll=True), first_poll=True) == ["desk"]


@pytest.mark.parametrize("tier", [Tier.PERIPHERAL, Tier.OFF_TOPIC])
def test_peripheral_and_off_topic_articles_are_never_alerted(tier: Tier) -> None:
    assert owes(tier=tier, points=100) == []


def test_the_least_relevance_of_a_rule_is_its_bound() -> None:
    assert owes(points=4) == ["desk", "hook"]
    assert owes(points=3) == []


def test_a15_nothing_fired_owes_nothing() -> None:
    assert owed([], tier=Tier.CORE, points=9, copy_of_known=False, first_poll=False) == []


def test_every_decision_says_why() -> None:
    facts = {"tier": Tier.CORE, "points": 3, "copy_of_known": False, "first_poll": False}
    rules = [RULE, FiredRule("open", ("desk",)), FiredRule("mute", ())]
    assert [(each.rule, each.channel, each.owed, each.why) for each in decide(rules, **facts)] == [  # type: ignore[arg-type]
        ("strait", "desk", False, '3 points; rule "strait" asks for 4 or more'),
        ("strait", "hook", False, '3 points; rule "strait" asks for 4 or more'),
        ("open", "desk", True, 'rule "open" matched: 3 points, core'),
        ("mute", "", False, 'rule "mute" names no channel'),
    ]


def test_the_text_of_an_alert_reads_as_designed() -> None:
    message = compose(told(labels=("teaser",), copies=3, demo=True), "mail")
    assert message.subject == "First PRC official words: Coastal radar package for Taiwan announced"
    assert message.id == "al-17-2"
    assert (
        message.text
        == """\
First PRC official words
Coastal radar package for Taiwan announced

PRC, 外事问答, official, tier 1
published 24 Nov 2026 07:30 UTC, as printed on the page (15:30, +08:00)

  发言人就【台海】局势答问，称将采取必要措施。

Why: 台海 Taiwan Strait (weight 2) x 1, PLA (3) x 2: 9 points, core
Labels: teaser

Article  https://words.example/4431
3 copies folded

READ ALSO

Readout of the earlier call
  https://words.example/4400

--\x20
Rule "strait"
Alert al-17-2, owed 24 Nov 2026 07:31:02 UTC
Demo newsroom: all of it is invented
"""
    )


@pytest.mark.parametrize(
    ("quality", "words"),
    [
        (DateQuality.PAGE, "published 24 Nov 2026 07:30 UTC, as printed on the page (15:30, +08:00)"),
        (DateQuality.FEED, "published 24 Nov 2026 07:30 UTC, from feed"),
        (DateQuality.URL, "published 24 Nov 2026, date from the address"),
        (DateQuality.DATE_ONLY, "published 24 Nov 2026, date only"),
        (DateQuality.ASSUMED_ZONE, "published 24 Nov 2026 07:30 UTC, zone assumed +08:00"),
        (DateQuality.AHEAD, "published 24 Nov 2026 07:30 UTC, as printed: later than it was read"),
        (DateQuality.MISSING, "no date printed"),
    ],
)
def test_the_quality_of_a_time_is_said(quality: DateQuality, words: str) -> None:
    assert words in compose(told(published_quality=quality), "mail").text.splitlines()


def test_times_are_in_utc_whatever_their_zone() -> None:
    published = told().published
    assert published is not None
    assert moment(published) == "24 Nov 2026 07:30 UTC"


def test_a_chat_message_is_short_and_leads_to_the_article() -> None:
    long = told(
        lead="词" * 900,
        labels=("label " * 9,) * 9,
        mentions=tuple(ToldMention("term " * 20, "form " * 20, 2, 1) for _ in range(40)),
    )
    text = compose(long, "chat").text
    assert len(text) <= 1000
    assert "https://words.example/4431" in text


def test_the_facts_for_a_webhook_are_ones_a_program_can_read() -> None:
    facts = compose(told(), "webhook").facts
    assert facts["article_url"] == "https://words.example/4431"
    assert facts["published"] == "2026-11-24T07:30:00+00:00"
    assert facts["terms"] == [
        {"label": "Taiwan Strait", "form": "台海", "weight": 2, "hits": 1},
        {"label": "PLA", "form": "PLA", "weight": 3, "hits": 2},
    ]
    assert compose(told(published=None), "webhook").facts["published"] is None


def test_there_is_no_fourth_kind_of_channel() -> None:
    with pytest.raises(ValueError, match="pigeon"):
        compose(told(), "pigeon")


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def names(self) -> set[str]:
        return {tag for tag, _ in self.seen}


def test_chinese_in_the_html_carries_its_language() -> None:
    html = compose(told(rule="台海 in words"), "mail").html
    assert '<span lang="zh-Hans">台海</span> Taiwan Strait' in html
    assert '<p class="ink" lang="zh-Hans"' in html
    assert '<b class="mk" style="background:#e4e2cf">台海</b>' in html
    assert 'lang="zh-Hant"' in compose(told(language="zh-Hant"), "mail").html
    assert 'lang="zh"' in compose(told(language="en"), "mail").html


def test_a16_a_line_break_in_a_title_starts_no_header() -> None:
    subject = compose(told(title="Hello\r\nBcc: evil@x.test\x0b\u2028x"), "mail").subject
    assert subject == "First PRC official words: Hello Bcc: evil@x.test x"


def test_a17_an_encoded_word_in_a_title_is_no_encoded_word_in_the_subject() -> None:
    subject = compose(told(title="=?utf-8?q?Hello=0D=0ABcc=3A_evil=40x.test?="), "mail").subject
    assert "=?" not in subject
    assert "=?" not in header_line("==??utf-8?q?x?=", 200)


@pytest.mark.parametrize("title", ["nul\0 in it", "half \ud83d pair", "👩🏽‍🚀" * 300, "長" * 10_000_000])
@pytest.mark.parametrize("kind", list(ChannelKind))
def test_a18_any_title_becomes_a_subject_of_200_characters(title: str, kind: ChannelKind) -> None:
    message = compose(told(title=title), kind)
    assert 0 < len(message.subject) <= 200
    assert message.subject.isprintable() or "\u200d" in message.subject
    for part in (message.subject, message.text, message.html):
        assert "\0" not in part
        part.encode()


HOSTILE_CHAT = [
    "@everyone",
    "@here",
    "<!channel>",
    "<@U123>",
    "<http://evil|Bank>",
    "[x](http://evil)",
    "`rm`",
]


@pytest.mark.parametrize("words", HOSTILE_CHAT)
def test_a19_foreign_text_mentions_nobody_and_hides_no_link_in_chat(words: str) -> None:
    hostile = told(title=words, lead=words, source=words, labels=(words,), alert=words, kind=words)
    message = compose(hostile, "chat")
    for part in (message.subject, message.text):
        for sign in (words, "<", "`", "|", "](", "@everyone", "@here"):
            assert sign not in part


def test_a19_an_address_mentions_nobody_either() -> None:
    message = compose(told(url="https://x.example/@everyone/<!channel>](a)`b`"), "chat")
    assert "https://x.example/%40everyone/%3C!channel%3E]%28a)%60b%60" in message.text


@pytest.mark.parametrize("kind", list(ChannelKind))
def test_a20_ten_megabytes_become_a_message_with_a_link(kind: ChannelKind) -> None:
    endless = "word 字 <b>&amp; " * 700_000
    message = compose(
        told(
            title=endless,
            lead=endless,
            source=endless,
            rule=endless,
            reason=endless,
            kind=endless,
            tier=endless,
            labels=(endless,) * 50,
            mentions=(ToldMention(endless, endless, 3, 1),) * 50,
            links=(ToldLink(endless, "https://words.example/" + "x" * 100),) * 50,
            published_printed=endless,
        ),
        kind,
    )
    assert len(message.text) < 16_000
    assert len(message.html.encode()) < 25_000
    assert "https://words.example/4431" in message.text


def test_a21_markup_in_foreign_text_is_shown_as_text() -> None:
    evil = "<script>alert(1)</script><img src=http://evil/x.gif onerror=x>\"'><style>"
    message = compose(
        told(
            title=evil,
            lead=evil,
            source=evil,
            rule=evil,
            reason=evil,
            labels=(evil,),
            language='"><img>',
            mentions=(ToldMention(evil, evil, 1, 1),),
            links=(ToldLink(evil, "javascript:alert(1)"), ToldLink("b", 'https://x.example/"onclick="')),
            url="javascript:alert(1)//",
        ),
        "mail",
    )
    elements = Elements(message.html)
    assert not elements.names() & {"script", "img", "iframe", "object", "link", "base", "form"}
    assert sum(tag == "style" for tag, _ in elements.seen) == 1
    assert not [name for _, attributes in elements.seen for name in attributes if name.startswith("on")]
    assert [attributes["href"] for tag, attributes in elements.seen if tag == "a"] == [
        "https://x.example/%22onclick=%22"
    ]
    assert "not one of the web" in message.text


def test_a21_the_mail_asks_no_host_for_anything() -> None:
    html = compose(told(), "mail").html
    assert "url(" not in html
    assert "@import" not in html
    assert all("src" not in attributes for _, attributes in Elements(html).seen)


@pytest.mark.parametrize("words", ["{{7*7}}", "{% for x in y %}", "${jndi:ldap://x}", "{{ a.__class__ }}"])
def test_p26_a_template_in_foreign_text_stays_text(words: str) -> None:
    message = compose(told(title=words, lead=words, rule=words), "mail")
    assert words in message.text
    assert words in message.html
    assert words in message.subject


@given(st.text(alphabet=st.characters(codec=None), max_size=400), st.integers(min_value=2, max_value=200))
def test_any_text_becomes_one_clean_line(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    line.encode()


@given(st.text(alphabet=st.characters(codec=None), max_size=300))
def test_no_foreign_text_breaks_a_message(text: str) -> None:
    hostile = told(
        title=text,
        lead=text,
        source=text,
        url=text,
        labels=(text,),
        mentions=(ToldMention(text, text, 1, 1),),
        links=(ToldLink(text, text),),
    )
    for kind in ChannelKind:
        message = compose(hostile, kind)
        assert message.subject
        assert message.text
        (message.text + message.html + message.subject).encode()
