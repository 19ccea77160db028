"""REST routes of a real server."""

from __future__ import annotations

import time

import httpx
import pytest

from lowsky.serve.feed.columns import COLUMNS
from lowsky.serve.metrics import METRICS
from tests.serve.decoding import decode
from tests.serve.live import Live, Target, flying


def test_the_site_says_what_a_page_needs(live: Live) -> None:
    site = live.get("/api/site")
    assert (site["id"], site["name"], site["units"], site["drill"]) == ("test", "Test site", "metric", False)
    assert site["columns"] == [list(c) for c in COLUMNS]
    assert abs(site["view"]["lat"] - 56.005) < 1e-3
    assert site["overlay"] is None
    assert live.get("/api/overlay", 404)["error"]


def test_places_are_replaced_by_whole_and_wrong_ones_change_nothing(live: Live) -> None:
    before = live.get("/api/places")["places"]
    tower = {"id": "tower", "name": "Tower", "shape": "polygon", "points": [[56.0, 11.0], [56.01, 11.0], [56.0, 11.01]]}
    pier = {key: before[0][key] for key in ("id", "name", "shape", "points", "radius_m")}
    error = live.send("PUT", "/api/places", {"places": [pier | {"radius_m": -1.0}]}, 422)["error"]
    assert "pier" in error
    assert "radius_m" in error
    assert "twice" in live.send("PUT", "/api/places", {"places": [pier, pier]}, 422)["error"]
    assert "shape" in live.send("PUT", "/api/places", {"places": [pier | {"shape": "dot"}]}, 422)["error"]
    assert live.get("/api/places")["places"] == before
    answer = live.send("PUT", "/api/places", {"places": [tower, pier]})
    assert [p["id"] for p in answer["places"]] == ["tower", "pier"]
    live.send("PUT", "/api/places", {"places": [pier]})
    assert [p["id"] for p in live.get("/api/places")["places"]] == ["pier"]


def test_an_exercise_is_marked_everywhere(live: Live) -> None:
    assert live.send("POST", "/api/drill", {"on": True}) == {"effective": True}
    assert live.get("/api/site")["drill"] is True
    live.send("POST", "/api/drill", {"on": False})
    assert live.get("/api/site")["drill"] is False


def test_horizons_need_the_role_of_an_integrator(live: Live) -> None:
    assert live.get("/api/sensors/radar/horizon") == {"azimuth_deg": [], "elevation_deg": []}
    assert live.get("/api/sensors/none/horizon", 404)["error"]
    live.send("PUT", "/api/sensors/radar/horizon", {"azimuth_deg": [0.0], "elevation_deg": [1.0]}, 403)


def test_the_rate_of_false_tracks_is_turned(live: Live) -> None:
    configured = live.get("/api/tracking")["configured"]
    answer = live.send("PUT", "/api/tracking", {"false_tracks_per_hour": 7.5})
    assert answer == {"false_tracks_per_hour": 7.5, "configured": configured}
    assert live.get("/api/tracking") == answer
    assert "between" in live.send("PUT", "/api/tracking", {"false_tracks_per_hour": 0.0}, 422)["error"]
    live.send("PUT", "/api/tracking", {"false_tracks_per_hour": configured})


def test_coverage_is_where_live_sensors_see(live: Live) -> None:
    with flying(live, Target(3000.0)):
        live.wait(lambda: any(s["state"] == "well" for s in live.get("/api/sensors")["sensors"]))
        grid = live.get("/api/coverage?height_m=100")
    import base64

    data = base64.b64decode(grid["data"])
    assert len(data) == grid["rows"] * grid["columns"]
    middle = data[(grid["rows"] // 2) * grid["columns"] + grid["columns"] // 2]
    assert middle > 200
    assert data[0] == 0
    assert grid["south"] < 56.0 < grid["north"]
    assert live.get("/api/coverage?height_m=-5", 422)["error"]


def test_trails_are_where_objects_were(live: Live) -> None:
    with flying(live, Target(3200.0, 120.0)):
        trails = live.wait(lambda: [t for t in live.get("/api/trails?minutes=3")["trails"] if len(t["time_ms"]) >= 3])
    assert trails[0]["time_ms"] == sorted(trails[0]["time_ms"])
    assert len(trails[0]["lat"]) == len(trails[0]["lon"]) == len(trails[0]["height_m"]) == len(trails[0]["time_ms"])
    assert live.get("/api/trails?minutes=0", 422)["error"]
    assert live.get("/api/trails?minutes=nan", 422)["error"]


def test_the_past_is_what_was_seen(live: Live) -> None:
    with flying(live, Target(3400.0, 150.0)):
        live.wait(lambda: live.numbers())
        time.sleep(1.5)
        seen = live.get("/api/objects")
        time.sleep(1.5)
    moment_ms = seen["picture_ms"]
    answer = live.get(f"/api/recording/picture?time_ms={moment_ms}")
    past = decode(answer, [list(c) for c in COLUMNS])
    state = live.get(f"/api/recording/state?time_ms={moment_ms}")
    assert past.what == "snapshot"
    assert past.picture_ms == moment_ms == state["time_ms"]
    assert {int(n) for n in past.rows} == {o["number"] for o in seen["objects"]}
    for shown in seen["objects"]:
        assert past.rows[shown["number"]]["lat"] == shown["lat"]
        assert past.rows[shown["number"]]["last_report_ms"] == shown["last_report_ms"]
    span = live.get("/api/recording")
    assert span["from_ms"] < moment_ms < span["to_ms"]
    density = live.get("/api/recording/density?bins=7")
    assert len(density["objects"]) == 7
    assert max(density["objects"]) >= 1.0
    assert live.get("/api/recording/picture", 422)["error"]
    assert live.get("/api/recording/density?bins=0", 422)["error"]


def test_health_and_metrics_are_honest(live: Live) -> None:
    with flying(live, Target(3000.0, 170.0)):
        live.wait(lambda: live.health()["status"] == "well")
    text = live.get("/metrics").decode()
    for declared in METRICS:
        assert f"# HELP {declared.name}" in text
        assert f"# TYPE {declared.name}" in text
    assert 'lowsky_source_reports_total{source="radar"}' in text


def test_alerts_can_be_polled(live: Live) -> None:
    with flying(live, Target(2500.0, 20.0, 40.0)):
        feed = live.wait(lambda: (t := live.get("/api/cap").decode()).count("<entry>") >= 1 and t)
    assert "<feed" in feed
    assert [r["id"] for r in live.get("/api/receivers")["receivers"]] == ["feed"]
    assert live.get("/api/cap/none.xml", 404)["error"]


@pytest.mark.parametrize("path", ["/api/none", "/api/objects/x", "/api/objects/1/none", "/none"])
def test_addresses_that_are_none_are_told_in_one_sentence(live: Live, path: str) -> None:
    assert set(live.get(path, 404)) == {"error"}


def test_objects_that_are_not_there(live: Live) -> None:
    assert "99999" in live.get("/api/objects/99999", 404)["error"]


def test_bodies_that_cannot_be_used(live: Live) -> None:
    session = live.get("/api/session")
    headers = {"X-CSRF-Token": session["csrf"], "Origin": live.address, "Content-Type": "application/json"}
    for body in (b"", b"{", b"[]", b"\xff", b'{"on": "yes"}', b"[" * 100_000, b'{"on": 1e999}'):
        answer = httpx.post(live.address + "/api/drill", content=body, headers=headers, timeout=30)
        assert answer.status_code == 422, body[:20]
        assert set(answer.json()) == {"error"}
