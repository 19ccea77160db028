"""What is told when: what stands still, warnings as they come and go, directions once, and exercises."""

from __future__ import annotations

from typing import Any

import pytest

from lowsky.model.bearing import Bearing
from lowsky.model.errors import InputError
from lowsky.model.place import Place, Shape
from lowsky.serve.outputs.cot.calls import calls_of
from lowsky.serve.outputs.cot.teller import Teller
from lowsky.wire.cot.event import Event
from tests.serve.cot.houses import house, notice, way_to
from tests.serve.showing import S, Server


def told(teller: Teller, server: Server, second: float) -> list[Event]:
    """The events of a tick that is so many seconds after the first."""
    at_ns = 1_790_000_000 * S + round(second * S)
    server.turn([1], at_ns)
    air = server.shown.air()
    assert air is not None
    server.now_ns = at_ns
    return teller.of_tick(server.view, air)


def teller_of(**options: Any) -> Teller:
    way = way_to("udp://127.0.0.1:9", **{"period_s": 1.0, "rest_s": 30.0} | options)
    return Teller(way._options, way._types)  # type: ignore[attr-defined]


def kinds(events: list[Event], start: str) -> list[str]:
    return [one.type for one in events if one.uid.startswith(f"lowsky.x.{start}")]


def test_what_stands_still_is_told_now_and_then_and_changes_at_once() -> None:
    teller, server = teller_of(), house()
    first = told(teller, server, 0)
    assert (len(kinds(first, "sensor")), kinds(first, "place")) == (2, ["u-d-c-c"])
    assert [one.uid for one in told(teller, server, 1)] == ["lowsky.x.track.1"]
    server.board.book.places += (Place("gate", "Gate", Shape.POLYGON, ((56.0, 11.0), (56.1, 11.0), (56.0, 11.1)), 0.0),)
    assert kinds(told(teller, server, 2), "place") == ["u-d-f"]
    server.board.book.places = server.board.book.places[1:]
    [gone] = [one for one in told(teller, server, 3) if one.type == "t-x-d-d"]
    assert gone.said("link", "uid") == "lowsky.x.place.pier"
    assert kinds(told(teller, server, 4), "place") == []
    assert len(kinds(told(teller, server, 31), "sensor")) == 2


def test_warnings_are_told_from_their_level_on_again_and_again_and_cancelled() -> None:
    teller, server = teller_of(chat=True), house()
    server.board.notices = {1: notice("watch")}
    assert kinds(told(teller, server, 0), "warning") == []
    server.board.notices = {1: notice("warning"), 2: notice("watch", 2, track=5)}
    second = told(teller, server, 1)
    [alert] = [one for one in second if one.uid == "lowsky.x.warning.7"]
    assert (alert.type, alert.ce_m, alert.latitude_deg) == ("b-a-o-tbl", 300.0, 56.0)
    assert [e.get("uid") for e in alert.detail if e.name == "link"] == ["lowsky.x.track.1", "lowsky.x.track.5"]
    assert alert.callsign == "Warning: low-flying objects are coming to Pier"
    assert sum(one.type == "b-t-f" for one in second) == 1
    assert kinds(told(teller, server, 2), "warning") == []
    assert kinds(told(teller, server, 12), "warning") == ["b-a-o-tbl"]
    server.board.notices = {1: notice("imminent")}
    assert kinds(told(teller, server, 13), "warning") == ["b-a-o-tbl"]
    server.board.notices = {1: notice("watch")}  # what was told is told on, whatever its level
    assert kinds(told(teller, server, 14), "warning") == ["b-a-o-tbl"]
    assert [one.type for one in teller.for_newcomer(server.view, server.now_ns)][-1] == "b-a-o-tbl"
    server.board.notices = {1: notice("clear", ended_ms=1.0)}
    last = told(teller, server, 15)
    assert kinds(last, "warning") == ["b-a-o-can"]
    assert kinds(told(teller, server, 40), "warning") == []


def test_calls_keep_the_first_arrival_and_the_most_urgent() -> None:
    server = house()
    notices = [notice("imminent", 2, track=9), notice("watch", 1), notice("clear", 3, ended_ms=1.0)]
    calls = calls_of(notices, server.board.book.places, server.board.places)
    [(number, coming)] = calls.items()
    assert (number, coming.objects, coming.call.level.word, coming.call.count) == (7, (9, 1), "imminent", 2)
    assert calls_of([notice("watch")], (), ()) == {}


def test_directions_are_told_once_as_lines() -> None:
    teller, server = teller_of(), house()
    told(teller, server, 0)
    heard = Bearing(1, 1_790_000_001 * S, 1_790_000_001 * S, 0.5, 0.02)
    server.shown._bearings.append(heard)
    lines = [one for one in told(teller, server, 1) if one.type == "u-rb-a"]
    assert [one.said("bearing", "value") for one in lines] == ["28.65"]
    assert kinds(told(teller, server, 2), "bearing") == []


def test_in_a_drill_everything_says_so() -> None:
    teller, server = teller_of(), house()
    server.board.drill = True
    server.board.notices = {1: notice("imminent")}
    for one in told(teller, server, 0):
        assert (one.how, one.opex) == ("m-s", "e-x")
        assert one.callsign.startswith("EXERCISE ") or one.type == "a-f-G-I"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"types": {"bird": "a-h-A"}}, "types.bird: 'a-h-A' is no type of an unknown"),
        ({"types": {"kite": "a-u-A"}}, "types: kind 'kite' is not one of"),
        ({"stale_s": 1.0}, "stale_s: 1 is not between 5 and 3600"),
        ({"rest_s": 1.0}, "rest_s: 1 is not between 5 and 3600"),
        ({"period_s": 0.01}, "period_s: 0.01 is not between"),
        ({"alert_type": "b-a-o-opn"}, "alert_type: 'b-a-o-opn' is not one of"),
        ({"language": "de"}, "language: 'de' is not one of"),
        ({"friends": True}, "friends: only clients that call"),
        ({"to": "tcp://127.0.0.1:8087", "protocol": "protobuf"}, "protocol: a stream begins as xml"),
        ({"to": "file:///x"}, "to: "),
    ],
)
def test_what_cannot_be_configured_is_said(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as refused:
        way_to(**{"to": "udp://127.0.0.1:9"} | changes)
    assert f"site.toml, outputs[0].{words}" in str(refused.value)


def test_types_of_kinds_may_be_others() -> None:
    teller = teller_of(types={"unknown": "a-u-A-C"})
    assert kinds(told(teller, house(), 0), "track") == ["a-u-A-C"]
