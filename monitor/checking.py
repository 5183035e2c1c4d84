"""`straitwatch check`: everything a person wrote, read at once, every mistake on its own line."""

from pathlib import Path

from monitor.config import Settings, examine_settings
from monitor.faults import mistakes
from monitor.sources.loading import load
from monitor.store.places import advice, read_url


def examine(
    config: Path | None, data: Path | None, *, channels: bool = False
) -> tuple[Settings | None, list[str]]:
    """The settings, and what is wrong in them, in the sources, rules and channels.

    channels: their addresses are read by the library that sends.
    """
    settings, lines = examine_settings(config, data=data)
    if settings is not None:
        lines += [line for line in mistakes(settings, thorough=channels) if line not in lines]
    return settings, lines


def summary(settings: Settings) -> list[str]:
    """What the settings amount to, one fact a line."""
    sources = load(settings)
    on = [source for source in sources if source.enabled]
    listings = sum(len(source.listings()) for source in on)
    lines = [
        f"{len(on)} sources with {listings} listings to poll; {len(sources) - len(on)} sources switched off",
        f"{len(settings.rules)} rules, {len(settings.channels)} channels",
        f"data in {settings.data}",
    ]
    if not on:
        lines.append("nothing is watched yet: name packs in the settings, or add files to sources/")
    if not settings.contact:
        lines.append("advice: set `contact`, so that sites know whom to write to")
    address = read_url(settings.database_url)
    if address.get_backend_name() == "sqlite" and (risky := advice(Path(address.database or ""))):
        lines.append(f"advice: {risky}")
    silent = [source.id for source in on if not source.listings()]
    if silent:
        lines.append(f"advice: {', '.join(silent)} have nothing to poll")
    return lines
