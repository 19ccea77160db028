"""Service messages: when a sensor has looked, and how it is."""

from __future__ import annotations

from typing import Any

import pytest

from lowsky.wire.asterix.description import category, name_of
from lowsky.wire.asterix.service import MESSAGES
from lowsky.wire.asterix.tables import NEVER, make_tables
from lowsky.wire.asterix.writing import encode
from lowsky.wire.decoded import Decoded
from tests.wire.asterix.test_decoder import FROM, NOON_NS, NOON_S, _decode, _decoder

S = 1_000_000_000
RADAR = {"010": FROM["turning"]}


def _turn(*messages: tuple[float, int, float], number: int = 34) -> Decoded:
    """Messages of a turning radar: seconds after noon, type, azimuth (NaN: none)."""
    decoder = _decoder()
    for after_s, kind, azimuth in messages:
        items: dict[str, Any] = RADAR | {"000": kind, "030": NOON_S + after_s}
        if azimuth == azimuth:
            items["020"] = azimuth
        decoder.push(encode(number, [items]), NOON_NS + int(after_s * S))
    return decoder.take()


def _looks(decoded: Decoded) -> list[float]:
    return [(time - NOON_NS) / S for time in decoded.looks.time_ns.tolist()]


@pytest.mark.parametrize("number", [2, 34])
def test_a_turn_ends_with_the_north_marker(number: int) -> None:
    nan = float("nan")
    decoded = _turn((0, 1, nan), (1, 2, 90.0), (3, 2, 270.0), (4, 1, nan), (4, 2, 0.0), (8, 1, nan), number=number)
    assert _looks(decoded) == [0, 4, 8]
    assert decoded.ignored == {"sector message": 3}
    assert decoded.used == 3


def test_without_north_markers_a_turn_ends_when_sectors_begin_anew() -> None:
    sectors = [(i / 4, 2, 90.0 * (i % 4)) for i in range(9)]
    assert _looks(_turn(*sectors)) == [1, 2]


def test_sectors_after_the_first_north_marker_end_no_turn() -> None:
    nan = float("nan")
    decoded = _turn((0, 2, 270.0), (1, 2, 0.0), (1.5, 1, nan), (2, 2, 270.0), (3, 2, 0.0))
    assert _looks(decoded) == [1, 1.5]


def test_how_messages_are_cut_into_takes_changes_no_look() -> None:
    nan = float("nan")
    messages = [(0, 2, 270.0), (1, 2, 0.0), (2, 2, 270.0), (3, 2, 0.0), (3.5, 1, nan), (4, 2, 270.0), (5, 2, 0.0)]
    decoder = _decoder()
    found = []
    for after_s, kind, azimuth in messages:
        items = RADAR | {"000": kind, "030": NOON_S + after_s} | ({"020": azimuth} if azimuth == azimuth else {})
        decoder.push(encode(34, [items]), NOON_NS + int(after_s * S))
        found += _looks(decoder.take())
    assert found == _looks(_turn(*messages)) == [1, 3, 3.5]


@pytest.mark.parametrize(("number", "time", "kind"), [(10, "140", 2), (19, "140", 1), (65, "030", 2)])
def test_cycles_and_batches_end_a_look(number: int, time: str, kind: int) -> None:
    decoded = _decode(number, {"010": FROM["receiver"], "000": kind, time: NOON_S})
    assert _looks(decoded) == [0]
    assert decoded.looks.sensor.tolist() == [2]
    assert not decoded.looks.assumed.any()


COM = {"NOGO": 0, "RDPC": 0, "RDPR": 0, "OVLRDP": 0, "OVLXMT": 0, "MSC": 0, "TSV": 0}
PSR = {"ANT": 0, "CHAB": 1, "OVL": 0, "MSC": 0}
CONFIGURED = {"CON": 0, "PSR": 0, "SSR": 0, "MDS": 0, "ADS": 0, "MLT": 0}
SYSTEM = {"NOGO": 0, "OVL": 0, "TSV": 0, "PSS": 0, "STTN": 0}


@pytest.mark.parametrize(
    ("number", "items", "state", "text"),
    [
        (34, {"050": {"COM": COM}}, "well", ""),
        (34, {"050": {"COM": COM | {"NOGO": 1}}}, "faulty", "inhibited for operational use"),
        (34, {"050": {"COM": COM | {"TSV": 1}, "PSR": PSR | {"CHAB": 0}}}, "faulty",
         "time source invalid; primary radar: no channel selected"),
        (63, {"060": CONFIGURED}, "well", ""),
        (63, {"060": CONFIGURED | {"CON": 3}}, "off", "not connected"),
        (63, {"060": CONFIGURED | {"PSR": 1}}, "faulty", "PSR: not operational"),
        (65, {"040": SYSTEM | {"NOGO": 1, "OVL": 1}}, "faulty", "degraded; overload"),
        (65, {"040": SYSTEM | {"NOGO": 2}}, "off", "not operational"),
    ],
)  # fmt: skip
def test_states_are_told_in_words(number: int, items: dict[str, Any], state: str, text: str) -> None:
    source = "050" if number == 63 else "010"
    decoded = _decode(number, {source: FROM["turning"], "030": NOON_S} | items)
    (status,) = decoded.statuses
    assert (status.sensor, status.time_ns, status.state, status.text) == (0, NOON_NS, state, text)
    assert (decoded.used, decoded.ignored) == (1, {})


def test_a_state_is_told_again_when_it_changes_or_after_ten_seconds() -> None:
    decoder = _decoder()
    told = []
    for after_s, overload in ((0, 0), (4, 0), (8, 1), (12, 1), (19, 1), (20, 0)):
        items = RADAR | {"000": 1, "030": NOON_S + after_s, "050": {"COM": COM | {"OVLRDP": overload}}}
        decoder.push(encode(34, [items]), NOON_NS + after_s * S)
        told += [(after_s, status.state) for status in decoder.take().statuses]
    assert told == [(0, "well"), (8, "faulty"), (19, "faulty"), (20, "well")]


def test_messages_that_tell_neither_are_ignored_and_unknown_senders_rejected() -> None:
    assert _decode(34, RADAR | {"000": 4, "030": NOON_S}).ignored == {"service message without a look or a state": 1}
    stranger = _decode(34, {"010": {"SAC": 9, "SIC": 9}, "000": 1, "030": NOON_S})
    assert stranger.problems.counts == {"sensor is no sensor of this site": 1}
    assert _decode(34, RADAR | {"000": 1}).problems.counts == {"time is no time": 1}
    assert _decode(16, {"010": FROM["turning"], "200": 5.0}).ignored == {"category 016": 1}


@pytest.mark.parametrize("number", MESSAGES)
def test_every_field_that_is_looked_at_is_described(number: int) -> None:
    wanted = MESSAGES[number].wanted
    columns = make_tables({number: category(name_of(number))}, {number: wanted}).columns[number]
    assert [path for path, row in zip(wanted, columns.fields, strict=True) if row[0] == NEVER] == []
