"""What is wrong in sources, rules and channels; apart from the desk, which needs all that works on pages."""

from monitor import config, notify
from monitor.config import Settings
from monitor.errors import Mistake, Mistakes
from monitor.query.language import parse
from monitor.query.matching import refuse
from monitor.query.naming import check_sources
from monitor.sources.loading import load
from monitor.store.places import read_url


def mistakes(settings: Settings, *, thorough: bool = False) -> list[str]:
    """Everything wrong in the sources, rules and channels that the settings name, one line each.

    Thorough: channels are loaded by the library that sends, which takes a moment.
    """
    lines: list[str] = []
    names: dict[str, str] = {}
    try:
        names = {source.id: source.name for source in load(settings)}
    except Mistakes as error:
        lines += error.lines
    for rule in settings.rules:
        try:
            node = parse(rule.query)
            check_sources(rule.query, node, names)
            refuse(node)
        except Mistake as error:
            lines.append(f'{config.FILE}: rule "{rule.name}": {error}')
    for name in settings.health.channels or ():
        if name not in settings.channels:
            known = ", ".join(settings.channels) or "none"
            lines.append(f"{config.FILE}: health.channels: there is no channel {name}; known: {known}")
    for name, secret in settings.channels.items():
        try:
            wrong = notify.check(secret.read(f"channels.{name}"), load=thorough)
        except Mistake as error:
            wrong = str(error)
        if wrong:
            lines.append(f"{config.FILE}: channels.{name}: {wrong}")
    try:
        read_url(settings.database_url)
    except Mistake as error:
        lines.append(f"{config.FILE}: {error}")
    return lines
