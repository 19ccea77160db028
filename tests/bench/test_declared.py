"""Traffic that declares itself: reading, holding out, and figures of tracks that are right, swapped or missing."""

from pathlib import Path

import numpy as np
import pytest

from bench import declared
from bench.declared import Source, Traffic
from lowsky.model.geodesy import Frame
from lowsky.model.sensor import Origin

SOURCE = Source(50.0, -1.0, 10.0, 0.9, 50e3, 20.0, 200.0)
FRAME = Frame(Origin(50.0, -1.0, 0.0))
START_S = 1_700_000_000.0


def place(who: int, time_s: np.ndarray) -> np.ndarray:
    """Two aircraft side by side, 1 km apart, 100 m/s towards east."""
    t = np.asarray(time_s)
    return np.stack([100.0 * t, 1000.0 * who + 0 * t, 2000.0 + 0 * t], axis=-1)


@pytest.fixture
def traffic() -> Traffic:
    """Twenty reports of each, ten seconds apart, valid a quarter second before receipt."""
    parts = []
    for who in (0, 1):
        t = np.arange(20) * 10.0 + 2.0 * who
        lat, lon, height = FRAME.to_geodetic(place(who, t - 0.25))
        name, n = np.full(20, f"ac{who}"), len(t)
        parts.append((START_S + t - 0.25, START_S + t, name, lat, lon, height, np.full(n, 100.0), np.zeros(n)))
    columns = [np.concatenate(pair) for pair in zip(*parts, strict=True)]
    whole = Traffic("made", *columns)
    return whole.take(np.argsort(whole.received_s, kind="stable"))


def rows(swapped_at: float = np.inf, beside_m: float = 0.0, from_s: float = 0.0) -> dict[str, np.ndarray]:
    """Rows each second for both; numbers 1 and 2 change places at a time."""
    t = np.arange(from_s, 220.0)
    parts = []
    for who in (0, 1):
        lat, lon, height = FRAME.to_geodetic(place(who, t) + np.array([0.0, beside_m, 0.0]))
        number = np.where(t < swapped_at, 1 + who, 2 - who)
        n = len(t)
        parts.append((START_S + t, number, lat, lon, height, np.full(n, 100.0), np.zeros(n)))
    names = ("time_s", "track", "lat", "lon", "height_m", "east_mps", "north_mps")
    return {name: np.concatenate(pair) for name, pair in zip(names, zip(*parts, strict=True), strict=True)}


def test_every_fifth_report_of_each_is_held_out(traffic: Traffic) -> None:
    out = declared.held_out(traffic, SOURCE)
    assert out.sum() == 8
    for who in ("ac0", "ac1"):
        assert np.flatnonzero(out[traffic.identity == who]).tolist() == [4, 9, 14, 19]


def test_a_corrupt_report_is_never_held_out(traffic: Traffic) -> None:
    bad = traffic.lon.copy()
    bad[np.flatnonzero(traffic.identity == "ac0")[4]] = 54.8
    columns = (traffic.time_s, traffic.received_s, traffic.identity, traffic.lat, bad, traffic.height_m)
    out = declared.held_out(Traffic("made", *columns, traffic.east_mps, traffic.north_mps), SOURCE)
    assert out.sum() == 7


def test_right_tracks_have_no_fault(traffic: Traffic) -> None:
    shown = ~declared.held_out(traffic, SOURCE)
    found = declared.scored(traffic, SOURCE, shown, rows(beside_m=30.0))
    assert (found.reports, found.identities, found.tracks) == (32, 2, 2)
    assert (found.held, found.switches, found.broken, found.doubled, found.lost) == (1.0, 0.0, 0.0, 0.0, 0.0)
    assert found.error_m[0] == pytest.approx(30.0, abs=0.5)


def test_numbers_that_change_places_are_switches(traffic: Traffic) -> None:
    shown = ~declared.held_out(traffic, SOURCE)
    found = declared.scored(traffic, SOURCE, shown, rows(swapped_at=150.0))
    assert found.switches == 1.0
    assert 0.1 < found.broken < 0.5


def test_what_is_not_there_is_lost(traffic: Traffic) -> None:
    shown = ~declared.held_out(traffic, SOURCE)
    found = declared.scored(traffic, SOURCE, shown, rows(from_s=100.0))
    assert 0.4 < found.held < 0.6
    assert 0.4 < found.lost < 0.6
    far = declared.scored(traffic, SOURCE, shown, rows(beside_m=400.0))
    assert (far.held, far.lost) == (0.0, 1.0)


def test_a_second_track_beside_is_counted(traffic: Traffic) -> None:
    shown = ~declared.held_out(traffic, SOURCE)
    once, again = rows(), rows(beside_m=50.0)
    again["track"] = again["track"] + 10
    both = {name: np.concatenate([once[name], again[name]]) for name in once}
    found = declared.scored(traffic, SOURCE, shown, both)
    assert (found.doubled, found.switches, found.tracks) == (1.0, 0.0, 4)


@pytest.mark.parametrize("named", [True, False])
def test_the_table_is_read_as_any_users(traffic: Traffic, tmp_path: Path, named: bool) -> None:
    from lowsky.wire.table import read_mapped

    scenario = read_mapped(declared.write_table(traffic, SOURCE, tmp_path, named))
    assert len(scenario.reports) == 40
    assert set(scenario.reports.identities) == ({"ac0", "ac1"} if named else set())
    assert scenario.problems.rejected == 0
    np.testing.assert_allclose(scenario.reports.east_mps, 100.0)


def test_recorded_aircraft_and_vessels_are_read(shared: Path) -> None:
    adsb = declared.read_adsb(shared / "data" / "adsb" / "opensky" / "OpenSky_Plane_States.csv")
    assert len(np.unique(adsb.identity)) == 84
    assert (np.diff(adsb.received_s) >= 0).all()
    assert (adsb.time_s <= adsb.received_s).all()
    ais = declared.read_ais(shared / "data" / "ais" / "solent" / "SolentAIS_20160112_130211.csv")
    assert (len(ais), len(np.unique(ais.identity))) == (18_623, 91)
    corrupt = ~declared.within_reach(ais, declared.AIS)
    assert ais.identity[corrupt].tolist() == ["245188000"]
