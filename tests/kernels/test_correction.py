"""What is in force is taken off reports, and nothing else is touched."""

from __future__ import annotations

import numpy as np
import pytest

from lowsky.kernels import layout
from lowsky.kernels.correction import AVERAGED, correct_report, put_place, valid_ns
from lowsky.kernels.errors import AZIMUTH, EAST, ELEVATION, RANGE, SCALE
from lowsky.tracking.memory import table

from .site_of_sights import Sights


def report(*values: float) -> layout.Table:
    out = table(layout.REPORT, 1)[0]
    out.values[: len(values)] = values
    out.variance[:4] = 64.0, 1e-4, 1e-4, 0.5
    out.told[:] = out.variance[:3]
    out.parts = 15
    return out


def test_without_anything_in_force_not_a_bit_changes() -> None:
    site, given = Sights([[0.0] * 7]), report(3000.0, 1.0, 0.1, 5.0)
    before = given.tobytes()
    correct_report(site.world, 0, given, np.ones(3))
    assert given.tobytes() == before


def test_errors_are_taken_off_once_however_often_a_report_is_worked() -> None:
    site, given = Sights([[0.0] * 7]), report(3000.0, 1.0, 0.1, 5.0)
    correction = site.world.corrections[0]
    correction.in_force = 1
    correction.force[RANGE], correction.force[SCALE] = 40.0, 0.01
    correction.force[AZIMUTH], correction.force[ELEVATION] = 0.02, -0.01
    correction.doubt[RANGE, RANGE], correction.doubt[AZIMUTH, AZIMUTH] = 4.0, 1e-6
    for _ in range(3):
        correct_report(site.world, 0, given, np.ones(3))
    assert given.values[:4] == pytest.approx([3000.0 * 0.99 - 40.0, 0.98, 0.11, 5.0])
    assert given.variance[:3] == pytest.approx([64.0 + AVERAGED * 4.0, 1e-4 + AVERAGED * 1e-6, 1e-4])
    correction.in_force = 0
    correct_report(site.world, 0, given, np.ones(3))
    assert given.values[:3] == pytest.approx([3000.0, 1.0, 0.1], rel=0)
    assert given.variance[:3] == pytest.approx([64.0, 1e-4, 1e-4], rel=0)


def test_a_place_and_a_clock_go_back_when_they_are_no_longer_in_force() -> None:
    site = Sights([[0.0] * 7])
    correction, sensor = site.world.corrections[0], site.world.sensors[0]
    correction.in_force, correction.force[EAST], correction.clock_ns = 1, 70.0, 350_000_000
    put_place(site.world, 0)
    assert sensor.place_m - sensor.stated_m == pytest.approx(np.array([-70.0, 0.0, 0.0]))
    assert valid_ns(site.world, 0, 10**18) == 10**18 - 350_000_000
    correction.in_force, correction.clock_ns = 0, 0
    put_place(site.world, 0)
    assert (sensor.place_m == sensor.stated_m).all()
    assert valid_ns(site.world, 0, 10**18) == 10**18
