"""What comes in: garbage, strangers, late and early things; each costs only itself and is counted."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

from tests.serve.live import Live, Target, flying, look


def source(live: Live, name: str) -> dict[str, Any]:
    """What the server says of a source."""
    found: dict[str, Any] = next(s for s in live.get("/api/sources")["sources"] if s["name"] == name)
    return found


def test_garbage_is_counted_and_what_is_good_beside_it_is_used(live: Live) -> None:
    before = source(live, "radar")
    target = Target(3000.0, 10.0)
    live.udp("radar", b"\xff\xfe not json\n", b'{"type":"report"', b"\n", target.report(), b"[" * 5000 + b"\n",
             {"type": "nonsense"}, target.report(range_m="far"), target.report(range_m=-5.0))  # fmt: skip
    after = live.wait(lambda: (s := source(live, "radar"))["reports"] == before["reports"] + 1 and s)
    assert sum(after["rejected"].values()) - sum(before["rejected"].values()) == 6
    assert after["received"] == after["used"] + sum(after["ignored"].values()) + sum(after["rejected"].values())
    assert after["bytes"] > before["bytes"] + 5000


def test_unknown_sensors_are_named(live: Live) -> None:
    ghost = f"ghost-{live.ports['radar']}"
    live.udp("radar", Target().report(sensor=ghost), look(ghost))
    live.wait(lambda: live.get("/api/sources")["unknown_sensors"].get(ghost) == 2)
    assert live.health()["status"] in ("well", "degraded")


def test_reports_out_of_order_and_from_the_past_are_counted_by_the_core(live: Live) -> None:
    target = Target(3300.0, 300.0)
    with flying(live, target):
        live.wait(lambda: live.numbers())
        late = target.report(time=time.time() - 30.0)
        early = target.report()
        live.udp("radar", target.report(), late)
        live.udp("radar", early)
        live.wait(lambda: b'lowsky_core_reports_total{outcome="late"} 0.0' not in live.get("/metrics"))
    assert live.health()["status"] in ("well", "degraded")


def test_a_stream_may_be_cut_anywhere(live: Live) -> None:
    before = source(live, "stream")["reports"]
    lines = b"".join(json.dumps(Target(2000.0 + 100.0 * i, 45.0).report()).encode() + b"\n" for i in range(8))
    with socket.create_connection(("127.0.0.1", live.ports["stream"])) as out:
        live.wait(lambda: "1 connected" in source(live, "stream")["message"])
        for i in range(0, len(lines), 97):
            out.sendall(lines[i : i + 97])
        live.wait(lambda: source(live, "stream")["reports"] == before + 8)
        out.sendall(lines[:50])  # and goes in the middle of a line
    live.wait(lambda: "0 connected" in source(live, "stream")["message"])
    assert source(live, "stream")["reports"] == before + 8


def test_what_a_sensor_says_of_itself_is_its_state(live: Live) -> None:
    def state() -> str:
        return str(next(s["state"] for s in live.get("/api/sensors")["sensors"] if s["id"] == "radar"))

    with flying(live, Target(3100.0, 330.0)):
        live.wait(lambda: state() == "well")
        live.udp("radar", {"type": "status", "sensor": "radar", "state": "faulty", "text": "antenna stuck"})
        live.wait(lambda: state() == "faulty")
        words = next(s["message"] for s in live.get("/api/sensors")["sensors"] if s["id"] == "radar")
        live.udp("radar", {"type": "status", "sensor": "radar", "state": "well"})
        live.wait(lambda: state() == "well")
    assert words == "antenna stuck"


def test_last_reports_can_be_read_back(live: Live) -> None:
    live.udp("radar", Target(1234.5, 77.0).report())
    live.wait(lambda: any(r["azimuth_deg"] == 77.0 for r in _reports(live)))
    report = next(r for r in _reports(live) if r["azimuth_deg"] == 77.0)
    assert abs(report["range_m"] - 1234.5) < 5.0
    assert report["association"] is None
    assert report["received_ms"] >= report["time_ms"] - 1000.0
    raws = [r["raw"] for r in _reports(live)]
    assert raws == sorted(raws, reverse=True)
    assert live.get("/api/reports?sensor=none", 404)["error"]
    assert live.get("/api/reports?limit=0", 422)["error"]
    assert live.get("/api/reports?limit=many", 422)["error"]


def _reports(live: Live) -> list[dict[str, Any]]:
    reports: list[dict[str, Any]] = live.get("/api/reports?sensor=radar&limit=50")["reports"]
    for report in reports:
        report["azimuth_deg"] = round(report["azimuth_deg"], 6)
    return reports
