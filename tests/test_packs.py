from collections import Counter
from urllib.parse import urlsplit

import pytest

from monitor.sources import PACKS, Kind, Side, Source
from monitor.sources.loading import pack_names, read_file

NAMES = ["prc-official", "region", "taiwan", "think-tanks", "trade-press", "us-official", "wires"]


def pack(name: str) -> list[Source]:
    sources, mistakes = read_file(PACKS / f"{name}.toml", name)
    assert mistakes == []
    return sources


@pytest.fixture(scope="module")
def everything() -> list[Source]:
    return [source for name in NAMES for source in pack(name)]


def test_the_seven_packs_are_there() -> None:
    assert pack_names() == NAMES


def test_at_least_sixty_sources_are_known_and_most_are_on(everything: list[Source]) -> None:
    assert len(everything) >= 60
    assert sum(source.enabled for source in everything) >= 60


def test_no_id_and_no_name_stands_twice(everything: list[Source]) -> None:
    for words in ([source.id for source in everything], [source.name for source in everything]):
        assert [word for word, times in Counter(words).items() if times > 1] == []


def test_no_address_is_polled_twice(everything: list[Source]) -> None:
    addresses = Counter(
        url.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/").lower()
        for source in everything
        for _, url in source.listings()
    )
    assert [url for url, times in addresses.items() if times > 1] == []


def test_every_source_that_is_on_has_an_address_to_poll(everything: list[Source]) -> None:
    assert [source.id for source in everything if source.enabled and not source.listings()] == []


def test_a_source_that_is_off_says_why(everything: list[Source]) -> None:
    off = [source for source in everything if not source.enabled]
    assert off
    assert [source.id for source in off if not source.note.startswith("Off: ")] == []
    assert [source.id for source in everything if source.enabled and source.note.startswith("Off")] == []


@pytest.mark.parametrize(
    ("name", "sides", "kinds"),
    [
        ("us-official", {Side.US}, {Kind.OFFICIAL}),
        ("prc-official", {Side.PRC}, {Kind.OFFICIAL, Kind.STATE_MEDIA}),
        ("taiwan", {Side.TW}, {Kind.OFFICIAL, Kind.WIRE, Kind.PRESS}),
        ("region", {Side.ALLY, Side.OTHER}, {Kind.OFFICIAL, Kind.WIRE, Kind.PRESS, Kind.THINK_TANK}),
        ("trade-press", {Side.US, Side.ALLY, Side.OTHER}, {Kind.TRADE}),
        ("think-tanks", {Side.US, Side.ALLY}, {Kind.THINK_TANK, Kind.PRESS}),
        ("wires", {Side.US, Side.ALLY, Side.OTHER}, {Kind.WIRE, Kind.PRESS}),
    ],
)
def test_a_pack_holds_what_its_name_says(name: str, sides: set[Side], kinds: set[Kind]) -> None:
    sources = pack(name)
    assert {source.side for source in sources} == sides
    assert {source.kind for source in sources} == kinds


def test_only_officials_speak_for_themselves(everything: list[Source]) -> None:
    assert {source.kind for source in everything if source.tier == 1} == {Kind.OFFICIAL}
    assert {source.tier for source in everything if source.kind is Kind.OFFICIAL} == {1}


def test_state_media_are_labelled_on_the_prc_side_only(everything: list[Source]) -> None:
    state_media = {source.id: source.side for source in everything if source.kind is Kind.STATE_MEDIA}
    assert "xinhua-en" in state_media
    assert set(state_media.values()) == {Side.PRC}


def test_printed_times_of_each_side_have_a_zone_of_theirs(everything: list[Source]) -> None:
    zones = {side: {source.zone for source in everything if source.side is side} for side in Side}
    assert zones[Side.PRC] == {"Asia/Shanghai"}
    assert zones[Side.TW] == {"Asia/Taipei"}
    assert all(zone.startswith(("America/", "Pacific/")) for zone in zones[Side.US])


def test_nothing_is_built_on_addresses_that_wrap_another_search(everything: list[Source]) -> None:
    hosts = {urlsplit(url).hostname for source in everything for _, url in source.listings()}
    assert not [host for host in hosts if host and host.startswith("news.google")]


def test_lists_whose_titles_carry_no_keyword_are_always_relevant(everything: list[Source]) -> None:
    marked = {source.id for source in everything if source.always_relevant}
    assert marked == {"war-gov-contracts", "dsca", "tw-mnd"}
