"""Objects nearer to each other than radars resolve: their numbers, their distance and how many they are."""

from __future__ import annotations

import numpy as np
import pytest

from lowsky.model.sensor import Sensor
from tests.core.scenes import Flight, Ran, Scene, fly, radar, run

FINE = {
    "sigma_range_m": 4.0, "sigma_azimuth_rad": 0.0052, "resolution_range_m": 12.0, "resolution_azimuth_rad": 0.014,
    "resolution_range_rate_mps": 3.0,
}  # fmt: skip
ABOUT_M = 1500.0
SEEDS = (1, 2, 3, 4)


def radars() -> tuple[Sensor, ...]:
    """Two that look at the scene's middle at a right angle: each resolves what the other cannot."""
    return radar("south", 0.0, 0.0, **FINE), radar("west", -ABOUT_M, ABOUT_M, **FINE)


def rows_at(ran: Ran, scene: Scene, tick: int) -> np.ndarray:
    return np.flatnonzero(ran.picture.time_ns == scene.ticks_ns[tick])


def numbers_by_place(ran: Ran, scene: Scene, tick: int) -> list[int]:
    """The number of the row nearest to each object over ground."""
    rows = rows_at(ran, scene, tick)
    away = np.linalg.norm(ran.picture.state[rows, None, :2] - scene.truth[tick, None, :, :2], axis=-1)
    return [int(ran.picture.track[rows[i]]) for i in away.argmin(axis=0)]


def test_two_that_pass_through_each_other_slowly_keep_their_numbers() -> None:
    """Ten metres above one another; for a quarter of a minute neither radar resolves them."""
    pair = [
        Flight((-600.0, ABOUT_M - 60.0, 100.0), (14.0, 1.5, 0.0)),
        Flight((-600.0, ABOUT_M + 60.0, 110.0), (14.0, -1.5, 0.0)),
    ]
    kept = 0
    for seed in SEEDS:
        scene = fly(radars(), pair, 80.0, seed)
        ran = run(scene)
        assert len(rows_at(ran, scene, -1)) == 2
        kept += numbers_by_place(ran, scene, 15) == numbers_by_place(ran, scene, -1)
    assert kept >= len(SEEDS) - 1


def test_side_by_side_for_long_they_neither_coalesce_nor_repel() -> None:
    """Sixteen metres apart for 100 s: one radar sees one plot of both, the other two."""
    pair = [Flight((-700.0, ABOUT_M + off, 100.0), (14.0, 0.0, 0.0)) for off in (0.0, 16.0)]
    distances = []
    for seed in SEEDS:
        scene = fly(radars(), pair, 100.0, seed)
        ran = run(scene)
        for tick in range(20, 100, 4):
            rows = rows_at(ran, scene, tick)
            assert len(rows) == 2
            distances.append(np.diff(ran.picture.state[rows, :2], axis=0)[0])
    apart = np.abs(np.mean(np.abs(distances), axis=0))
    assert np.hypot(*apart) == pytest.approx(16.0, rel=0.2)


def test_a_formation_is_counted() -> None:
    """Nine in a square of 20 m spacing; the rows stand for nine objects in nearly every second after the first ten."""
    square = [
        Flight((-500.0 + 20.0 * (k % 3), ABOUT_M - 20.0 + 20.0 * (k // 3), 100.0), (12.0, 2.0, 0.0)) for k in range(9)
    ]
    for seed in SEEDS[:2]:
        scene = fly(radars(), square, 60.0, seed)
        ran = run(scene)
        counts = [int(ran.picture.group_n[rows_at(ran, scene, tick)].sum()) for tick in range(10, 60)]
        assert np.mean(np.abs(np.array(counts) - 9) <= 1) > 0.9
