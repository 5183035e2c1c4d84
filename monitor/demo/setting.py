"""The demo's settings: written to its data folder, so that every command works on it afterwards."""

import json
import shutil
from pathlib import Path

from monitor.config import FILE, read_toml
from monitor.demo.newsroom import Newsroom
from monitor.errors import Mistake

GIVE_UP_SECONDS = 4  # the newsroom's slow page takes longer

_SETTINGS = """\
# Written by `straitwatch demo`: an invented newsroom on this machine's loopback address.
demo = true
data = "."
sources = "sources"
contact = "demo@newsroom.example"

[fetch]
gap_seconds = 0
total_seconds = {give_up}
# Names of the newsroom and where they are to be looked for; the only way to a loopback address.
resolve = {resolve}

# Seconds instead of an hour, a day and a week: the demo is over in half a minute.
[revisions]
after_hours = {again}

[channels.desk]
url = {mail}

[channels.webhook]
url = {webhook}

[[rules]]
name = "strait"
query = '"Taiwan Strait" OR 台海 OR 台湾海峡'
relevance = 12
channels = ["desk"]
first_poll = true

[[rules]]
name = "official words"
query = '(kind:official OR kind:"state media") (PLA OR 解放军 OR "coast guard" OR 海警)'
relevance = 8
channels = ["webhook"]
first_poll = true
"""


def fresh_folder(data: Path) -> None:
    """Make the demo's folder, in place of an earlier demo's.

    Raises:
        Mistake: something else is there.
    """
    if data.exists() and any(data.iterdir()):
        settings = data / FILE
        if not settings.exists() or not read_toml(settings).get("demo"):
            raise Mistake(
                f"{data} holds something else than an earlier demo; name another folder with --data"
            )
        shutil.rmtree(data)
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Mistake(f"{data} cannot be made: {error.strerror}; name another folder with --data") from error


def write_settings(data: Path, newsroom: Newsroom, *, mail: str, webhook: str) -> Path:
    """Write the demo's settings and sources; returns the settings file."""
    sources = data / "sources"
    sources.mkdir()
    for number, file in enumerate(newsroom.sources()):
        (sources / f"{number:02}-{file.parent.name}.toml").write_text(file.read_text("utf-8"), "utf-8")
    hosts = ", ".join(f"{json.dumps(host)} = {json.dumps(newsroom.address)}" for host in newsroom.hosts)
    file = data / FILE
    file.write_text(
        _SETTINGS.format(
            resolve=f"{{ {hosts} }}", mail=json.dumps(mail), webhook=json.dumps(webhook),
            give_up=GIVE_UP_SECONDS, again=[each / 1000 for each in range(1, 21)],
        ),
        "utf-8",
    )  # fmt: skip
    return file
