"""Which language a text is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import language


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("The navy said on Tuesday that it had tracked the ship.", "en"),
        ("解放军东部战区新闻发言人表示", "zh-Hans"),
        ("國防部表示，共機越過海峽中線", "zh-Hant"),
        ("美军 F-35 Lightning II 与 USS Higgins 在南海", "zh-Hans"),
        ("防衛省は、中国海軍の艦艇が通過したと発表した。", "ja"),
        ("국방부는 오늘 성명을 발표했다", "ko"),
        ("Министерство обороны сообщило", "ru"),
        ("Der Minister sagte, dass die Übung nicht gegen ein Land gerichtet ist.", "de"),
        ("Le ministre est arrivé dans la capitale avec une délégation.", "fr"),
        ("El ministro dijo que los ejercicios se hacen con otros países por la paz.", "es"),
        ("กระทรวงกลาโหม", "th"),
        ("Xi Biden Bali", ""),
        ("12:30 — 45 %", ""),
        ("", ""),
    ],
)
def test_the_script_tells_and_then_the_words(text: str, tag: str) -> None:
    assert language(text) == tag


def test_a_hint_decides_within_a_script() -> None:
    assert language("Xi Biden Bali", "en-US") == "en"
    assert language("Міністерство", "uk") == "uk"
    assert language("中文", "zh-TW") == language("中文", "zh_hant") == "zh-Hant"
    assert language("中文", "zh-CN") == language("中文") == "zh-Hans"


def test_a_hint_never_decides_against_the_script() -> None:
    assert language("解放军东部战区", "en") == "zh-Hans"
    assert language("國軍表示", "zh-CN") == "zh-Hant"
    assert language("The navy said that it was the first of its kind", "zh-CN") == "en"
    assert language("", "en") == ""


@given(st.text(), st.text())
def test_any_text_and_hint_give_a_short_tag(text: str, hint: str) -> None:
    assert len(language(text, hint)) <= 7
