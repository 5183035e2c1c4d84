import io
import json
import logging
import subprocess
import sys
import traceback
from dataclasses import replace
from typing import Any

import pytest

from monitor import notify
from monitor.alerts import Message, compose
from monitor.demo.receivers import Mailbox, Webhook
from monitor.errors import NotDelivered
from tests.mailbox import Silent, told, until

DESK = "desk@newsroom.example"


def by_mail(**changes: object) -> Message:
    return compose(told(**changes), "mail")


def by_webhook(**changes: object) -> Message:
    return compose(told(**changes), "webhook")


def refused(
    url: str, message: Message | None = None, kind: str = "webhook", timeout: float = 10
) -> NotDelivered:
    with pytest.raises(NotDelivered) as caught:
        notify.send(url, message or by_webhook(), kind=kind, timeout=timeout)
    return caught.value


def test_mail_arrives_with_both_parts_as_they_were_worded() -> None:
    message = by_mail()
    with Mailbox() as box:
        receipt = notify.send(box.url(DESK), message, kind="mail")
        [mail] = box.messages
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == message.text
    assert html.get_content().replace("\r\n", "\n").strip() == message.html.strip()
    assert mail["Subject"] == message.subject
    assert mail["To"] == DESK
    assert mail["Auto-Submitted"] == "auto-generated"
    assert receipt == f"{DESK}: 250 kept"


def test_each_recipient_gets_a_mail_of_their_own() -> None:
    with Mailbox() as box:
        notify.send(box.url(DESK, "night@newsroom.example"), by_mail(), kind="mail")
        assert [mail["To"] for mail in box.messages] == [DESK, "night@newsroom.example"]
        assert box.recipients == [[DESK], ["night@newsroom.example"]]


def test_copies_and_headers_of_the_channels_url_are_kept() -> None:
    with Mailbox() as box:
        url = (
            box.url(DESK)
            + "&cc=all@newsroom.example&bcc=log@newsroom.example&+X-Desk=night&reply=ed@newsroom.example"
        )
        notify.send(url, by_mail(), kind="mail")
        assert box.recipients == [[DESK], ["all@newsroom.example"], ["log@newsroom.example"]]
        for mail in box.messages:
            assert mail["Cc"] == "all@newsroom.example"
            assert mail["Bcc"] is None
            assert mail["X-Desk"] == "night"
            assert mail["Reply-To"] == "ed@newsroom.example"


def test_mails_follow_each_other_without_a_pause() -> None:
    with Mailbox() as box:
        for number in range(3):  # Apprise's own pace would be 11 s, past this limit
            notify.send(box.url(DESK), by_mail(alert=f"al-{number}"), kind="mail", timeout=4)
        assert len(box.messages) == 3


def test_a_webhook_gets_fields_for_programs_and_the_alerts_id() -> None:
    with Webhook() as hook:
        receipt = notify.send(hook.url(), by_webhook(), kind="webhook")
        [(headers, body)] = hook.posts
    assert headers["x-straitwatch-alert"] == body["alert"] == "al-17-2"
    assert body["title"] == "First PRC official words: Coastal radar package for Taiwan announced"
    assert body["article_url"] == "https://words.example/4431"
    assert [term["form"] for term in body["terms"]] == ["台海", "PLA"]
    assert receipt.startswith("200")


def test_fields_and_headers_that_the_user_wrote_win() -> None:
    with Webhook() as hook:
        notify.send(hook.url() + "?:desk=asia&:rule=mine&+X-Key=abcdefgh", by_webhook(), kind="webhook")
        [(headers, body)] = hook.posts
    assert (body["desk"], body["rule"], headers["x-key"]) == ("asia", "mine", "abcdefgh")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a01_a_refusing_webhook_is_a_permanent_failure(status: int) -> None:
    with Webhook(status=status, answer="no such place") as hook:
        error = refused(hook.url())
    assert error.permanent
    assert str(error).startswith(f"answered {status}; no such place")


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a02_a_failing_webhook_is_worth_another_try(status: int) -> None:
    with Webhook(status=status, answer="later") as hook:
        error = refused(hook.url())
    assert not error.permanent
    assert str(error).startswith(f"answered {status}; later")


def test_a02_a_closed_port_is_worth_another_try() -> None:
    with Webhook() as hook, Mailbox() as box:
        urls = [(hook.url(), "webhook"), (box.url(DESK), "mail")]
    for url, kind in urls:
        error = refused(url, by_mail(), kind)
        assert not error.permanent
        assert "refused" in str(error)


def test_a02_an_optional_channel_that_fails_is_no_success() -> None:
    with Webhook(status=500) as hook:
        assert not refused(hook.url() + "?optional=yes&retry=3").permanent
        assert hook.asked == ["POST /hook"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a05_a_redirect_is_never_followed(status: int) -> None:
    with Webhook() as other, Webhook(status=status) as hook:
        hook.headers["Location"] = f"http://127.0.0.1:{other.port}/new"
        error = refused(hook.url() + "?redirect=yes")
        assert other.asked == []
    assert error.permanent
    assert "moved" in str(error)


@pytest.mark.parametrize(("kind", "scheme"), [("webhook", "json"), ("mail", "mailto")])
def test_a06_a_receiver_that_never_answers_costs_the_timeout_only(kind: str, scheme: str) -> None:
    with Silent() as silent:
        url = f"{scheme}://127.0.0.1:{silent.port}/{DESK}?from=a@newsroom.example"
        error = refused(url, compose(told(), kind), kind, timeout=0.5)
    assert not error.permanent


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        ("451 try later", False),
        ("421 closing", False),
        ("452 full", False),
        ("550 not wanted", True),
        ("552 too big", True),
    ],
)
def test_a07_a_mail_servers_answer_tells_temporary_from_permanent(answer: str, permanent: bool) -> None:
    with Mailbox(answer=answer) as box:
        error = refused(box.url(DESK), by_mail(), "mail")
    assert error.permanent is permanent
    assert answer in str(error)


@pytest.mark.parametrize(
    ("answer", "permanent"), [("550 5.1.1 no such user", True), ("451 greylisted", False)]
)
def test_a07_one_refused_recipient_of_three_leaves_the_two_good_ones_told_once(
    answer: str, permanent: bool
) -> None:
    names = [DESK, "gone@newsroom.example", "night@newsroom.example"]
    with Mailbox(refuse={names[1]: answer}) as box:
        with pytest.raises(notify.PartlyDelivered) as caught:
            notify.send(box.url(*names), by_mail(), kind="mail")
        assert caught.value.took == (names[0], names[2])
        assert caught.value.permanent is permanent
        assert str(caught.value) == f"2 took it; not {names[1]}: {answer}"
        box.refuse.clear()
        notify.send(box.url(*names), by_mail(), kind="mail", skip=caught.value.took)
        assert box.recipients == [[names[0]], [names[2]], [names[1]]]


def test_a07_a_bad_password_is_permanent_and_stays_secret() -> None:
    with Mailbox(authenticator=lambda *_: _no(), auth_require_tls=False) as box:
        url = f"mailto://desk:canary-9f3@127.0.0.1:{box.port}/{DESK}?from=a@newsroom.example"
        error = refused(url, by_mail(), "mail")
    assert error.permanent
    assert str(error).startswith("535")


def _no() -> object:
    from aiosmtpd.smtp import AuthResult

    return AuthResult(success=False, handled=False)


def test_a07_a_server_without_starttls_is_permanent() -> None:
    with Mailbox() as box:
        url = f"mailtos://127.0.0.1:{box.port}/{DESK}?from=a@newsroom.example&mode=starttls"
        error = refused(url, by_mail(), "mail")
    assert error.permanent
    assert "STARTTLS" in str(error)


def test_a08_a_second_try_carries_the_same_message_id() -> None:
    with Mailbox() as box:
        box.hang_up = True
        error = refused(box.url(DESK), by_mail(), "mail")
        until(lambda: box.messages)
        box.hang_up = False
        notify.send(box.url(DESK), by_mail(), kind="mail")
        assert [mail["Message-ID"] for mail in box.messages] == ["<al-17-2@newsroom.example>"] * 2
    assert not error.permanent


@pytest.mark.parametrize(
    "title",
    [
        "Hello\r\nBcc: evil@x.test",
        "=?utf-8?q?Hello=0D=0ABcc=3A_evil=40x.test?=",
        "=?utf-8?b?SGVsbG8NCkJjYzogZXZpbEB4LnRlc3Q=?=",
    ],
    ids=["a16 line break", "a17 quoted word", "a17 base64 word"],
)
def test_a16_a17_no_title_writes_a_header_of_its_own(title: str) -> None:
    # Once as composed, once as if a message had not been made by compose.
    raw = Message(subject=title, text="x", html="", id="al-1")
    with Mailbox() as box:
        for message in (by_mail(title=title), raw):
            notify.send(box.url(DESK), message, kind="mail")
        for mail in box.messages:
            assert mail["Bcc"] is None
            assert "evil" not in "".join(mail[name] for name in mail if name != "Subject")
            assert "\n" not in mail["Subject"]
        assert box.recipients == [[DESK], [DESK]]


@pytest.mark.parametrize("title", ["nul\0", "\ud83d", "👩🏽‍🚀" * 300, "長" * 10_000_000], ids=list("nseL"))
def test_a18_a_monstrous_title_is_cut_and_sent(title: str) -> None:
    with Mailbox() as box, Webhook() as hook:
        notify.send(box.url(DESK), by_mail(title=title), kind="mail")
        notify.send(hook.url(), by_webhook(title=title), kind="webhook")
        assert len(box.messages[0]["Subject"]) <= 200
        assert len(hook.posts[0][1]["title"]) <= 200


def test_a19_a_chat_service_gets_no_mention_and_no_markup() -> None:
    message = compose(told(title="@everyone <!channel> [x](http://evil) `x`"), "chat")
    with Webhook() as hook:
        notify.send(f"mmost://127.0.0.1:{hook.port}/abcdefghijklmnop", message, kind="chat")
        [(_, body)] = hook.posts
    said = json.dumps(body, ensure_ascii=False)
    for sign in ("@everyone", "<!channel>", "](", "`"):
        assert sign not in said
    assert "https://words.example/4431" in said
    assert "github" not in said  # no picture from elsewhere


def test_a21_the_html_that_arrives_holds_foreign_markup_as_text() -> None:
    with Mailbox() as box:
        notify.send(box.url(DESK), by_mail(title="<script>x</script><img src=http://evil/>"), kind="mail")
        html = box.messages[0].get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content()
    assert "<img" not in html.get_content()


CANARY = "canary-5b1f9c"
SECRET_URLS = [
    f"json://user:{CANARY}@127.0.0.1:9/{CANARY}?+Authorization=Bearer%20{CANARY}&:key={CANARY}",
    f"mailto://user:{CANARY}@127.0.0.1:9/{DESK}?from=a@newsroom.example",
    f"mmost://127.0.0.1:9/{CANARY}{CANARY}",
    f"json://user:{CANARY}@/{CANARY}",
    f"unknown://{CANARY}:{CANARY}@{CANARY}/{CANARY}",
    f"slack://{CANARY}",
    f"tgram://{CANARY}/",
    f"{CANARY}",
    f"json://[{CANARY}/",
]


@pytest.mark.parametrize("url", SECRET_URLS)
def test_a22_no_secret_of_a_channel_is_ever_told(
    url: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    log = io.StringIO()
    listener = logging.StreamHandler(log)
    logging.getLogger().addHandler(listener)
    caplog.set_level(logging.DEBUG)
    said = [notify.masked(url), str(notify.check(url))]
    try:
        for kind in ("mail", "webhook", "chat"):
            with pytest.raises(NotDelivered) as caught:
                notify.send(url, compose(told(), kind), kind=kind, timeout=10)
            said += [repr(caught.value), "".join(traceback.format_exception(caught.value))]
    finally:
        logging.getLogger().removeHandler(listener)
    said += [log.getvalue(), caplog.text, *capfd.readouterr()]
    assert CANARY not in "".join(said)


def test_a22_a_server_that_echoes_the_secret_does_not_get_it_told() -> None:
    with Webhook(status=500, answer=f"bad login user:{CANARY} dXNlcjpjYW5hcnktNWIxZjlj") as hook:
        error = refused(f"json://user:{CANARY}@127.0.0.1:{hook.port}/hook")
    assert str(error).startswith("answered 500; bad login ***:*** ***;")


def test_a_masked_channel_still_says_which_it_is() -> None:
    assert (
        notify.masked("mailtos://me:pw@mail.example.org:587/a@b.example") == "mailtos://***@mail.example.org"
    )
    assert notify.masked("slack://T1/B2/xyz") == "slack://***"
    assert notify.masked("nonsense") == "***"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("file:///tmp/x", "file:// is no service"),
        ("exec://rm", "exec:// is no service"),
        ("syslog://", "syslog:// is no service"),
        ("dbus://", "dbus:// is no service"),
        ("https://hooks.example/x", "did you mean jsons://?"),
        ("mattermost://x/y", "did you mean mmost://?"),
        ("desk@newsroom.example", "is not an Apprise URL"),
        ("", "is not an Apprise URL"),
        ("json://", "names no host: json://***"),
        ("mailto://user:pw@mail.example?mode=odd", "Apprise cannot use mailto://***@mail.example"),
        ("mailto://user:pw@mail.example?pgp=encrypt", "asks for PGP"),
    ],
)
def test_a23_a28_a_channel_that_cannot_be_used_is_refused_at_check(url: str, words: str) -> None:
    assert words in str(notify.check(url))


def _services() -> Any:
    from apprise.manager_plugins import NotificationManager

    return NotificationManager()  # type: ignore[no-untyped-call]


def test_a28_a_service_that_apprise_dropped_is_refused_at_check() -> None:
    url = "gotify://push.example/abcdefgh"
    assert notify.check(url) is None
    _services().disable("gotify")
    try:
        assert "gotify" in str(notify.check(url))
        assert refused(url, compose(told(), "chat"), "chat").permanent
    finally:
        _services()["gotify"].enable()
    assert notify.check(url) is None


def test_a28_apprise_knows_every_service_that_we_allow() -> None:
    from monitor.notify.channels import SERVICES

    assert set(SERVICES) <= set(_services().schemas())


def test_a_message_worded_for_another_kind_of_channel_is_not_sent() -> None:
    with Webhook() as hook:
        error = refused(hook.url(), by_mail(), "mail")
        assert hook.asked == []
    assert error.permanent


def test_the_service_is_checked_without_importing_apprise() -> None:
    script = (
        "import sys; from monitor import notify, alerts;"
        "assert notify.check('json://x', load=False) is None; assert notify.check('file://x', load=False);"
        "loaded = {'apprise', 'jinja2', 'requests'} & set(sys.modules); assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_a_long_plain_subject_arrives_without_a_leading_blank() -> None:
    subject = "US official: Deputy Spokesperson Marisol Keating Holds a Press Briefing on the Strait"
    with Mailbox() as mailbox:
        message = replace(compose(told(), "mail"), subject=subject)
        notify.send(mailbox.url("desk@newsroom.example"), message, kind="mail")
        assert [str(each["Subject"]) for each in mailbox.messages] == [subject]
