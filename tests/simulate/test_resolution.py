"""Merged plots of the simulator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.sensor import Sensor, SensorKind
from lowsky.simulate.resolution import Exact, merged, unresolved

RADAR = Sensor(
    "radar", SensorKind.RADAR_3D, 50.0, 8.0, 0.0,
    resolution_range_m=12.0, resolution_azimuth_rad=0.014, resolution_range_rate_mps=3.0,
)  # fmt: skip


def exact(*rows: tuple[float, float, float, float]) -> Exact:
    table = np.array(rows, dtype=float)
    return table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy(), table[:, 3].copy()


def test_two_objects_give_one_plot_at_their_mean() -> None:
    both = exact((1000.0, 0.1, 0.05, 5.0), (1008.0, 0.11, 0.07, 7.0))
    out, kept = merged(RADAR, both, np.arange(2), np.random.default_rng(1))
    assert len(kept) == 1
    assert np.allclose([column[kept[0]] for column in out], [1004.0, 0.105, 0.06, 6.0])
    assert both[0].tolist() == [1000.0, 1008.0]  # the truth is left alone


def test_each_of_three_differences_resolves() -> None:
    for other in ((1013.0, 0.1, 0.05, 5.0), (1000.0, 0.115, 0.05, 5.0), (1000.0, 0.1, 0.05, 8.5)):
        _, kept = merged(RADAR, exact((1000.0, 0.1, 0.05, 5.0), other), np.arange(2), np.random.default_rng(1))
        assert len(kept) == 2
    slow = replace(RADAR, resolution_range_rate_mps=0.0)
    two = exact((1000.0, 0.1, 0.05, 5.0), (1000.0, 0.1, 0.05, 50.0))
    assert len(merged(slow, two, np.arange(2), np.random.default_rng(1))[1]) == 1


def test_the_mean_of_azimuths_goes_the_short_way_round() -> None:
    north = exact((1000.0, -0.004, 0.0, 0.0), (1000.0, 2 * np.pi - 0.006 + 0.012, 0.0, 0.0))
    out, kept = merged(RADAR, north, np.arange(2), np.random.default_rng(1))
    assert len(kept) == 1
    assert np.isclose(np.sin(out[1][kept[0]]), 0.001, atol=1e-9)


def test_nothing_is_drawn_without_a_resolution() -> None:
    rng, plain = np.random.default_rng(7), replace(RADAR, resolution_range_m=0.0)
    before = rng.bit_generator.state
    same, kept = merged(plain, exact((1.0, 0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0)), np.arange(2), rng)
    assert len(kept) == 2
    assert same[0].tolist() == [1.0, 1.0]
    assert rng.bit_generator.state == before


@given(st.lists(st.floats(1000.0, 1100.0), min_size=1, max_size=12), st.integers(0, 99))
def test_plots_are_no_more_than_objects_and_as_many_as_can_be_told_apart(ranges: list[float], seed: int) -> None:
    n = len(ranges)
    flock = exact(*((r, 0.0, 0.0, 0.0) for r in ranges))
    out, kept = merged(RADAR, flock, np.arange(n), np.random.default_rng(seed))
    near = unresolved(RADAR, flock[0], flock[1], flock[3])
    alone = np.flatnonzero(near.sum(axis=1) == 1)
    assert set(alone) <= set(kept.tolist())
    assert not near[np.ix_(kept, kept)][~np.eye(len(kept), dtype=bool)].any()  # who began a plot took its neighbours in
    assert np.abs(out[0][kept] - flock[0][kept]).max() < RADAR.resolution_range_m
