"""A real server with TAK at both ends: friends, drawn places, an object told to a tablet, and its warning."""

from __future__ import annotations

import contextlib
import socket
import time
from pathlib import Path
from typing import Any

from lowsky.wire.cot import protobuf, xml
from lowsky.wire.cot.event import Event
from lowsky.wire.cot.framing import Form, Splitter
from lowsky.wire.cot.tree import Element
from tests.serve.live import SITE, Live, Target, flying, free_port, started, udp_source
from tests.wire.cot.making import S, contact, event

RING = ("55.99,10.99", "56.02,10.99", "56.02,11.03", "55.99,10.99")
TAK = """\
[[sensors]]
id = "tak"
kind = "cooperative"
lat = 56.0
lon = 11.0
height_m = 30.0
max_range_m = 50000.0
[[sources]]
name = "team"
kind = "cot"
via = "udp://127.0.0.1:{mesh}"
places = true
[[outputs]]
name = "tablets"
kind = "cot"
to = "tcp-listen://127.0.0.1:{tablets}"
friends = true
warnings = "watch"
"""


def now(uid: str, kind: str, *detail: Element) -> Event:
    """An event of now."""
    at_ns = time.time_ns()
    return event(uid, kind, *detail, time_ns=at_ns, start_ns=at_ns, stale_ns=at_ns + 60 * S, latitude_deg=56.001, longitude_deg=11.002)  # fmt: skip  # noqa: E501


class Tablet:
    """A TAK client that keeps the newest event of each uid."""

    def __init__(self, port: int) -> None:
        self.line = socket.create_connection(("127.0.0.1", port), 20)
        self.line.settimeout(0.2)
        self.events: dict[str, Event] = {}
        self.kinds: set[str] = set()
        self._splitter = Splitter()

    def has(self, *uids: str) -> bool:
        """Whether these have come by now."""
        with contextlib.suppress(TimeoutError):
            for piece in self._splitter.push(self.line.recv(1 << 20)):
                one = xml.decode(piece.data) if piece.form is Form.XML else protobuf.decode(piece.data)[0]
                if one is not None:
                    self.events[one.uid] = one
                    self.kinds.add(one.type)
        return set(uids) <= set(self.events)


def mesh(live: Live, *events: Event) -> None:
    """Datagrams as the clients of a mesh send them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for one in events:
            out.sendto(protobuf.mesh_frame(protobuf.encode(one)), ("127.0.0.1", live.ports["mesh"]))


def place_ids(live: Live) -> list[str]:
    return [place["id"] for place in live.get("/api/places")["places"]]


def books(live: Live, name: str) -> Any:
    return next(source for source in live.get("/api/sources")["sources"] if source["name"] == name)


def test_tak_at_both_ends(tmp_path: Path) -> None:
    radar, radar_port = udp_source()
    ports = {"radar": radar_port, "mesh": free_port(socket.SOCK_DGRAM), "tablets": free_port()}
    with started(tmp_path, SITE + radar + TAK.format(**ports), **ports) as live:
        drawn = now("ring-1", "u-d-f", contact("Ring"), *(Element("link", {"point": point}) for point in RING))
        mesh(live, now("ANDROID-1", "a-f-G-U-C", contact("Watch 1")), drawn, now("x", "b-t-f"))
        live.wait(lambda: place_ids(live) == ["pier", "team/ring-1"], "for the drawn place")
        [friend] = live.wait(lambda: live.get("/api/friends")["friends"])
        assert (friend["callsign"], friend["lat"]) == ("Watch 1", 56.001)
        counted = books(live, "team")
        assert (counted["received"], counted["used"], counted["ignored"]) == (3, 2, {"chat": 1})
        tablet = Tablet(live.ports["tablets"])
        tablet.line.sendall(xml.encode(now("TABLET-1", "a-f-G-U-C", contact("Tablet"))))
        live.wait(lambda: {f["uid"] for f in live.get("/api/friends")["friends"]} == {"ANDROID-1", "TABLET-1"})
        live.wait(lambda: tablet.has("lowsky.test.place.team/ring-1", "lowsky.test.sensor.radar"))
        with flying(live, Target(2500.0, 180.0, 40.0)):
            number = min(live.wait(lambda: live.numbers(), "for an object"))
            live.wait(lambda: tablet.has(f"lowsky.test.track.{number}"))
            told = tablet.events[f"lowsky.test.track.{number}"]
            shown = next(o for o in live.get("/api/objects")["objects"] if o["number"] == number)
            assert abs(told.latitude_deg - shown["lat"]) < 0.01
            live.wait(lambda: tablet.has() or any(kind == "b-a-o-tbl" for kind in tablet.kinds), "for the warning")
        mesh(live, now("bye", "t-x-d-d", Element("link", {"uid": "ring-1"}), Element("link", {"uid": "ANDROID-1"})))
        live.wait(lambda: place_ids(live) == ["pier"])
        live.wait(lambda: tablet.has() or "t-x-d-d" in tablet.kinds, "for the end of the place")
        live.wait(lambda: {f["uid"] for f in live.get("/api/friends")["friends"]} == {"TABLET-1"})
        [output] = live.get("/api/outputs")["outputs"]
        assert (output["state"], output["failures"]) == ("running", 0)
        tablet.line.close()
        assert live.stop() == 0
