"""Settings and sources: every mistake at once, each naming file, key, what was found and what is allowed."""

import re
from pathlib import Path

import pytest

from monitor.config import Secret, load_settings
from monitor.errors import Mistake, Mistakes
from monitor.sources.loading import load, pack_names

KEYS = (
    "channels, cleaning, contact, data, database, demo, fetch, health, least_free_mb, packs, prefect, retention, revisions, round_minutes, rules, "
    "sources"
)
GOOD = 'contact = "desk@example.org"\n'


def written(tmp_path: Path, text: str | bytes, **sources: str) -> Path:
    file = tmp_path / "straitwatch.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    for name, content in sources.items():
        (tmp_path / "sources").mkdir(exist_ok=True)
        (tmp_path / "sources" / f"{name}.toml").write_text(content, "utf-8")
    return file


def lines(file: Path) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        load(load_settings(file))
    return caught.value.lines


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        round_minutes = 1
        dorp = 3
        [fetch]
        gap_secondz = 3
        workers = "many"
        [channels.desk]
        urll = "mailto://user:hunter2@mail.example"
        [[rules]]
        nme = "a"
        query = ""
        channels = ["desk", "chat"]
        """,
    )
    assert sorted(lines(file)) == sorted(
        [
            "straitwatch.toml: round_minutes = 1: must be 5 or more",
            f"straitwatch.toml: dorp is not a key; keys: {KEYS}",
            "straitwatch.toml: fetch.gap_secondz is not a key; did you mean gap_seconds?",
            "straitwatch.toml: fetch.workers = many: must be a valid integer",
            "straitwatch.toml: channels.desk.urll is not a key; did you mean url?",
            "straitwatch.toml: rules.1.name is missing",
            "straitwatch.toml: rules.1.nme is not a key; did you mean name?",
            "straitwatch.toml: rules.1.query = : must not be empty",
            "straitwatch.toml: rules.1.channels: there is no channel chat; known: desk",
        ]
    )


def test_sources_are_read_as_strictly(tmp_path: Path) -> None:
    file = written(
        tmp_path, GOOD,
        x='id = "x"\nname = "X"\nside = "us"\nkind = "press"\npoll_minutes = 1\ndorp = ["a"]\n',
        y='id = "y"\nname = "Y"\nhome = "y.example"\nside = "chinese"\nkind = "press"\nzone = "Asia/Pekin"\n',
        z='[[source]]\nid = "y"\nname = "Y"\nhome = "http://y.example/"\nside = "us"\nkind = "press"\n',
    )  # fmt: skip
    assert lines(file) == [
        "sources/x.toml: home is missing",
        "sources/x.toml: poll_minutes = 1: must be 5 or more",
        "sources/x.toml: dorp is not a key; did you mean drop?",
        "sources/y.toml: home = y.example: must be an address that begins with http:// or https://",
        "sources/y.toml: side = chinese: must be us, prc, tw, ally or other",
        "sources/y.toml: zone = Asia/Pekin: must be a time zone such as Asia/Taipei or UTC",
    ]


def test_two_sources_of_one_id_or_one_feed_are_told(tmp_path: Path) -> None:
    source = 'id = "{}"\nname = "X"\nhome = "http://x.example/"\nside = "us"\nkind = "press"\nfeeds = ["http://x.example/f"]\n'
    file = written(tmp_path, GOOD, a=source.format("x"), b=source.format("x"), c=source.format("z"))
    assert lines(file) == [
        "sources/b.toml: id = x: sources/a.toml has a source of this id already",
        "z: http://x.example/f is polled by x already",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("contact = \n", "line 1"),
        ('contact = "a"\ncontact = "b"\n', "line 2"),
        (b'contact = "\xff"', "line 1: not UTF-8"),
        ("contact = 'a\x00'", "not TOML"),
        ("a = " + "[" * 3000, "not TOML|nested too deep"),
        ("[fetch]\npage_mb = nan", "fetch.page_mb = nan: must be a finite number"),
        ("[fetch]\ngap_seconds = 1e999", "fetch.gap_seconds = inf: must be"),
        ("[fetch]\ngap_seconds = -1", "fetch.gap_seconds = -1: must be 0 or more"),
        ("[cleaning]\nseconds = 0", "cleaning.seconds = 0: must be 0.01 or more"),
        ("[cleaning]\nmemory_mb = inf", "cleaning.memory_mb = inf: must be"),
        ('packs = ["us-oficial"]', "there is no pack us-oficial; did you mean us-official"),
    ],
)
def test_c01_c02_what_is_wrong_is_named(tmp_path: Path, content: str | bytes, says: str) -> None:
    told = lines(written(tmp_path, content))
    assert len(told) == 1
    assert re.search(says, told[0])
    assert "straitwatch.toml" in told[0] or told[0].startswith("packs:")


def test_c01_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())).contact == "desk@example.org"


def test_the_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_FETCH__GAP_SECONDS", "7.5")
    settings = load_settings(written(tmp_path, "[fetch]\ngap_seconds = 3\nworkers = 2"))
    assert settings.fetch.gap_seconds == 7.5


def test_paths_in_the_settings_are_seen_from_their_file(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, 'data = "archive"'))
    assert settings.data == tmp_path / "archive"
    assert settings.sources == tmp_path / "sources"
    assert load_settings(written(tmp_path, ""), data=tmp_path / "other").data == tmp_path / "other"


def test_c03_a_secret_that_is_not_there_is_named_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DESK_URL", raising=False)
    with pytest.raises(Mistake, match=r"channels.desk.url_env: the variable DESK_URL is not set"):
        Secret(url_env="DESK_URL").read("channels.desk")
    monkeypatch.setenv("DESK_URL", '"mailto://u:p@mail.example"\n')
    assert Secret(url_env="DESK_URL").read("channels.desk") == "mailto://u:p@mail.example"
    with pytest.raises(Mistake, match="cannot be read"):
        Secret(url_file=str(tmp_path / "missing")).read("channels.desk")


def test_every_pack_loads_beside_every_other(tmp_path: Path) -> None:
    names = ", ".join(f'"{name}"' for name in pack_names())
    sources = load(load_settings(written(tmp_path, f"packs = [{names}]")))
    assert len(sources) >= 60
