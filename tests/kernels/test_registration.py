"""Registration on objects and errors that are known exactly."""

from __future__ import annotations

import numpy as np
import pytest

from lowsky.kernels import errors
from lowsky.kernels.errors import AZIMUTH, CLOCK, EAST, ELEVATION, NORTH, RANGE, SCALE
from lowsky.kernels.layout import ERRORS
from lowsky.kernels.registration import RENEW_NS, renew_until

from .site_of_sights import S, Sights


def wrong(**of: float) -> list[float]:
    out = [0.0] * ERRORS
    for name, value in of.items():
        out[getattr(errors, name.upper())] = value
    return out


GOOD = wrong()


def test_good_sensors_stay_untouched() -> None:
    site = Sights([GOOD, GOOD, GOOD])
    site.run(120)
    table = site.world.corrections
    assert not table["in_force"].any()
    assert not table["clock_ns"].any()
    assert not table["aside"].any()
    assert table["known"].all()
    assert not site.events(0)
    assert not site.events(1)
    assert not site.events(2)


def test_errors_of_all_sensors_are_found_with_declared_positions() -> None:
    true = [
        wrong(range=40.0, azimuth=np.radians(1.2)),
        wrong(range=-60.0, azimuth=np.radians(-1.5), clock=0.35),
        wrong(range=25.0, azimuth=np.radians(0.8), clock=-0.25, elevation=np.radians(0.7)),
    ]
    site = Sights(true, declared=True)
    site.run(60)
    off = np.abs(site.estimates - true)
    sigma = site.world.corrections["sigma"][:3]
    assert (off <= np.maximum(0.2 * np.abs(true), 4.0 * sigma)).all()
    assert off[:, RANGE].max() < 5.0
    assert off[:, AZIMUTH].max() < np.radians(0.15)
    assert off[:, CLOCK].max() < 0.08
    assert site.world.corrections["in_force"][:3].all()
    assert abs(site.world.corrections["clock_ns"][1] - 0.35e9) < 0.08e9


def test_a_single_displaced_sensor_is_found_as_that_and_the_others_stay() -> None:
    site = Sights([GOOD, wrong(east=70.0, north=-45.0), GOOD])
    site.run(60)
    assert site.estimates[1, [EAST, NORTH]] == pytest.approx([70.0, -45.0], abs=6.0)
    assert list(site.world.corrections["in_force"]) == [0, 1, 0]
    assert errors.DISPLACED in [event for _, event in site.events(1)]
    assert np.abs(site.estimates[[0, 2]][:, [EAST, NORTH]]).max() < 3.0


def test_a_turned_sensor_is_not_taken_for_a_displaced_one() -> None:
    site = Sights([GOOD, wrong(azimuth=np.radians(2.0)), GOOD])
    site.run(60)
    assert site.estimates[1, AZIMUTH] == pytest.approx(np.radians(2.0), abs=np.radians(0.15))
    assert np.abs(site.estimates[:, [EAST, NORTH]]).max() < 5.0
    assert errors.DISPLACED not in [event for _, event in site.events(1)]


def test_a_wrong_range_scale_is_found() -> None:
    site = Sights([GOOD, wrong(scale=0.02), GOOD], declared=True)
    site.run(80)
    assert site.estimates[1, SCALE] == pytest.approx(0.02, rel=0.2)
    assert not site.world.corrections["in_force"][0]


def test_two_sensors_alone_tell_elevation_apart() -> None:
    site = Sights([GOOD, wrong(elevation=np.radians(1.5)), GOOD])
    site.run(60)
    assert site.estimates[1, ELEVATION] == pytest.approx(np.radians(1.5), rel=0.2)


def test_a_kick_is_noticed_and_learnt_anew() -> None:
    site = Sights([GOOD, GOOD, GOOD])
    site.run(60)
    site.errors[1] = wrong(azimuth=np.radians(1.2))
    site.run(40)
    assert [event for time_s, event in site.events(1) if 60 < time_s <= 75][:1] == [errors.STEPPED]
    assert site.estimates[1, AZIMUTH] == pytest.approx(np.radians(1.2), rel=0.2)
    assert list(site.world.corrections["in_force"]) == [0, 1, 0]


def test_one_sensor_alone_has_nothing_to_be_compared_with() -> None:
    site = Sights([wrong(range=50.0)])
    renew_until(site.world, 20 * S)
    assert not site.world.corrections["known"].any()
    assert not site.world.corrections["in_force"].any()
    assert site.world.tally["renew_ns"] % RENEW_NS == 0


def test_liars_do_not_drag_radars_that_agree() -> None:
    site = Sights([GOOD, GOOD, GOOD], declared=True)
    site.lie[:10] = [300.0, 0.0, 0.0]
    site.run(60)
    assert not site.world.corrections["in_force"].any()
    assert np.abs(site.estimates[:, [EAST, NORTH, RANGE]]).max() < 3.0


def test_one_declared_identity_alone_corrects_nobody() -> None:
    site = Sights([GOOD], declared=True, objects=1)
    site.lie[:] = [100.0, 0.0, 0.0]
    site.run(60)
    assert not site.world.corrections["in_force"].any()


def test_a_sensor_that_reports_nonsense_is_set_aside_and_tried_again() -> None:
    site = Sights([GOOD, GOOD, GOOD, GOOD])
    for _ in range(60):
        site.errors[1] = wrong(azimuth=float(site.rng.uniform(-0.15, 0.15)), range=float(site.rng.uniform(-250, 250)))
        site.run(2)
    events = [event for _, event in site.events(1)]
    assert errors.ASIDE in events
    assert errors.AGAIN in events
    assert not site.world.corrections["aside"][[0, 2, 3]].any()


def test_the_same_sights_give_the_same_estimates_to_the_bit() -> None:
    one, two = Sights([GOOD, wrong(range=30.0), GOOD]), Sights([GOOD, wrong(range=30.0), GOOD])
    one.run(30)
    two.run(30)
    for name in ("estimate", "doubt", "sigma", "force"):
        assert one.world.corrections[name].tobytes() == two.world.corrections[name].tobytes()
