"""Waves keep their ranks and go where they are sent; identities are made up and look it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from lowsky.simulate.envelopes import LARGE_DRONE, MIDDLE_DRONE, SMALL_DRONE, Envelope
from lowsky.simulate.harbour import AIR, shipping, waves
from lowsky.simulate.identities import aircraft_address, serial_number, ship_number
from lowsky.simulate.motion import steps_of
from lowsky.simulate.raid import ABREAST, FILE_M, RANK_M, Wave, fly_wave, polar
from tests.simulate.flights import CALM, record

WAVE = Wave(SMALL_DRONE, 10, 0.0, (-8000.0, 0.0), [(-4000.0, 0.0)], [(0.0, 600.0), (0.0, -600.0)], 35.0, 150.0)


def test_a_wave_comes_in_ranks_behind_one_another() -> None:
    start = fly_wave(WAVE, CALM, np.random.default_rng(1)).position
    ranks = start[:, 0].reshape(-1, ABREAST)
    np.testing.assert_allclose(ranks.mean(axis=1), [-8000.0, -8000.0 - RANK_M], atol=35.0)
    files = np.sort(start[:ABREAST, 1])
    np.testing.assert_allclose(files, FILE_M * np.arange(-2, 3), atol=70.0)


def test_ends_are_shared_out_in_turn() -> None:
    motion = record(fly_wave(replace(WAVE, end_spread_m=0.0), CALM, np.random.default_rng(1)), steps_of(320.0))
    assert not motion.alive[-1].any()
    north = motion.position[-1, :, 1]
    np.testing.assert_allclose(north[0::2], 600.0, atol=62.0)
    np.testing.assert_allclose(north[1::2], -600.0, atol=62.0)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_so_many_have_a_radio_link(share: float) -> None:
    flight = fly_wave(replace(WAVE, n=400, transmits=share), CALM, np.random.default_rng(2))
    assert flight.traits.transmits.mean() == pytest.approx(share, abs=0.08)
    assert flight.traits.sounds.all()
    assert (flight.traits.identity == "").all()


@pytest.mark.parametrize("size", [SMALL_DRONE, MIDDLE_DRONE, LARGE_DRONE], ids=lambda e: e.name)
def test_speeds_stay_in_the_band_of_the_size(size: Envelope) -> None:
    for asked in size.speed_mps:
        motion = record(fly_wave(replace(WAVE, size=size, speed_mps=asked), CALM, np.random.default_rng(3)), 40)
        speed = np.hypot(*np.moveaxis(motion.velocity[..., :2], -1, 0))[motion.alive]
        assert size.speed_mps[0] - 1e-9 <= speed.min()
        assert speed.max() <= size.speed_mps[1] + 1e-9


def test_bigger_drones_have_bigger_echoes() -> None:
    rng = np.random.default_rng(4)
    small, middle, large = (e.draw_rcs_dbsm(300, rng).mean() for e in (SMALL_DRONE, MIDDLE_DRONE, LARGE_DRONE))
    assert small < middle - 2 < large - 5


def test_polar_is_along_and_to_the_right() -> None:
    assert polar(100.0, 0.0, 0.0) == pytest.approx((0.0, 100.0))
    assert polar(100.0, 0.0, np.pi / 2) == pytest.approx((100.0, 0.0))
    assert polar(0.0, 10.0, np.pi / 2) == pytest.approx((0.0, -10.0))


@pytest.mark.parametrize("seed", range(6))
def test_the_harbours_waves_begin_when_and_where_they_should(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ferry = shipping.ferry(rng)
    flights = [*waves.first_raid(rng, AIR, 7200.0, (ferry, 0)), *waves.later_raids(rng, AIR, 7200.0, (ferry, 0))]
    begins = [float(f.begin_s.min()) - 7200.0 for f in flights]
    assert begins == sorted(begins)
    assert 100.0 < begins[0] < 130.0
    assert begins[4] < 360.0 < 1200.0 < begins[5]
    assert sum(len(f) for f in flights) == 38
    for flight in flights:
        assert np.hypot(*flight.position[:, :2].T).min() > 7000.0  # over the horizon of the radars' far edge, or nearly


def test_identities_are_of_the_right_form_and_nobodys() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        assert re.fullmatch(r"F0[0-9A-F]{4}", aircraft_address(rng))
        assert re.fullmatch(r"9Z9Z9[0-9]{9}", serial_number(rng))
        assert re.fullmatch(r"200[0-9]{6}", ship_number(rng))
    assert len({serial_number(rng) for _ in range(200)}) == 200
    assert re.fullmatch(r"200[0-9]{6}", shipping.FERRY_IDENTITY)
