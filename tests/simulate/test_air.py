"""One air for all: profile, veer, gusts with the sigma and the coherence they claim, sound."""

from __future__ import annotations

import numpy as np
import pytest

from lowsky.simulate.air import Air


def _at(east: float, north: float, height: float) -> np.ndarray:
    return np.array([[east, north, height]])


def test_the_mean_wind_grows_and_veers_with_height() -> None:
    air = Air(speed_mps=5.0, towards_rad=0.4, veer_rad_per_m=2e-4, gust_mps=0.0)
    height = np.array([0.0, 10.0, 100.0, 1000.0, 5000.0])
    wind = air.mean(height)
    speed = np.hypot(wind[:, 0], wind[:, 1])
    np.testing.assert_allclose(speed, 5.0 * np.maximum(height / 10.0, 1.0) ** (1 / 7), rtol=1e-12)
    course = np.arctan2(wind[:, 0], wind[:, 1])
    np.testing.assert_allclose(course, 0.4 + 2e-4 * np.array([0.0, 10.0, 100.0, 1000.0, 1500.0]), rtol=1e-12)
    assert (wind[:, 2] == 0).all()


def test_gusts_have_their_sigma_over_time_and_no_mean() -> None:
    air = Air(speed_mps=7.0, gust_mps=1.2, seed=5)
    felt = np.concatenate([air.gust(_at(300.0, -200.0, 100.0), t) for t in np.arange(0.0, 30_000.0, 3.0)])
    np.testing.assert_allclose(felt.std(axis=0), [1.2, 1.2, 0.48], rtol=0.08)
    assert np.abs(felt.mean(axis=0)).max() < 0.15


def test_gusts_are_alike_nearby_and_not_far_away() -> None:
    air, rng = Air(gust_mps=1.0, seed=2), np.random.default_rng(1)
    here = np.column_stack([rng.uniform(-50_000, 50_000, (4000, 2)), np.full(4000, 100.0)])
    felt = air.gust(here, 0.0)[:, 0]
    near, far = (air.gust(here + np.array(off), 0.0)[:, 0] for off in ([3.0, 0.0, 0.0], [7000.0, 3000.0, 0.0]))
    assert np.corrcoef(felt, near)[0, 1] > 0.98
    assert abs(np.corrcoef(felt, far)[0, 1]) < 0.5


def test_gusts_drift_with_the_wind() -> None:
    """Who goes with the wind at 10 m feels the same gust all the time: frozen turbulence."""
    air = Air(speed_mps=8.0, towards_rad=2.1, gust_mps=1.0)
    way = 8.0 * 400.0 * np.array([[np.sin(2.1), np.cos(2.1), 0.0]])
    start = _at(100.0, 50.0, 80.0)
    np.testing.assert_allclose(air.gust(start + way, 400.0), air.gust(start, 0.0), atol=1e-9)
    assert np.abs(air.gust(start, 400.0) - air.gust(start, 0.0)).max() > 0.05


def test_the_air_is_the_same_whoever_asks_and_another_seed_is_another_air() -> None:
    places = np.random.default_rng(0).uniform(-3000, 3000, (20, 3))
    whole = Air(seed=4).wind(places, 12.3)
    one_by_one = np.concatenate([Air(seed=4).wind(places[i : i + 1], 12.3) for i in range(20)])
    assert (whole == one_by_one).all()
    assert np.abs(Air(seed=5).wind(places, 12.3) - whole).max() > 0.1


@pytest.mark.parametrize(("temperature_c", "speed_mps"), [(-20.0, 319.0), (0.0, 331.3), (20.0, 343.2), (35.0, 351.9)])
def test_sound_is_as_fast_as_tables_say(temperature_c: float, speed_mps: float) -> None:
    assert Air(temperature_c=temperature_c).sound_mps == pytest.approx(speed_mps, abs=0.2)


def test_the_usual_air_carries_sound_at_343() -> None:
    assert Air().sound_mps == pytest.approx(343.0, abs=0.1)
