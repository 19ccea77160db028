"""A frame is the same set in the same order however it arrived."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lowsky.kernels import intake
from lowsky.kernels.description import report_place
from lowsky.kernels.fates import keep
from lowsky.kernels.layout import Table, World
from lowsky.kernels.measurement import polar
from lowsky.kernels.pool import REPORTS, pick_frame
from tests.kernels.worlds import (
    CAMERA,
    COOPERATIVE,
    RADAR_2D,
    RADAR_3D,
    START_NS,
    Floats,
    report,
    small_world,
)  # fmt: skip

SENSORS_TABLE = small_world().sensors  # never changed


def _prepared(sensor: int, reports: list[Table]) -> World:
    """A world with these reports as the frame at hand, in this order of arrival."""
    w = small_world()
    for plot in reports:
        plot.sensor = sensor
        keep(w, plot, REPORTS)
    n = pick_frame(w, w.lists[sensor, REPORTS], START_NS + 1000)
    intake.prepare(w, sensor, START_NS, w.picked[:n])
    return w


def _content(w: World) -> list[tuple[object, ...]]:
    """What a frame consists of, in its order, without what tells who came when."""
    out = []
    for plot in w.plots[: w.frame.plots]:
        r = w.pool[plot.report]
        key = (r.time_ns, r.parts, r.identity, *r.values.tolist(), *r.variance.tolist())
        out.append((*key, plot.azimuth, plot.distance, plot.density, plot.new))
    return out


FEW = st.sampled_from([0.5, 1.0, 1.5])
PLOT = st.tuples(
    FEW, FEW, st.booleans(), st.booleans(), st.integers(-1, 1), st.integers(0, 1), st.sampled_from([1.0, 2.0])
)


def _radar_plot(drawn: tuple[float, float, bool, bool, int, int, float]) -> Table:
    azimuth, kilometres, high, moving, identity, late, variance = drawn
    values = (
        {0: 1000.0 * kilometres, 1: azimuth} | ({2: 0.1 * kilometres} if high else {}) | ({3: 5.0} if moving else {})
    )
    return report(values, variance, identity=identity, time_ns=START_NS + late)


@given(st.lists(PLOT, max_size=8), st.randoms(use_true_random=False))
@examples(max_examples=60)
def test_a_frame_does_not_show_who_came_first(
    drawn: list[tuple[float, float, bool, bool, int, int, float]], random: object
) -> None:
    plots = [_radar_plot(one) for one in drawn]
    first = _prepared(RADAR_3D, plots)
    random.shuffle(plots)  # type: ignore[attr-defined]
    second = _prepared(RADAR_3D, plots)
    assert _content(first) == _content(second)
    assert first.frame.plots == len(set(drawn))
    azimuths = first.plots["azimuth"][: first.frame.plots]
    assert (np.diff(azimuths) >= 0).all()


def test_a_frame_is_described_by_the_largest_errors_in_it() -> None:
    plots = [report({0: 1000.0, 1: 0.1, 2: 0.1}), report({0: 2000.0, 1: 0.2, 2: 0.1})]
    plots[0].variance[:2], plots[1].variance[:2] = (9.0, 1e-4), (4.0, 4e-4)
    w = _prepared(RADAR_3D, plots)
    assert w.frame.sigma_range == pytest.approx(3.0)
    assert w.frame.sigma_azimuth == pytest.approx(0.02)
    place, reach = w.sensors[RADAR_3D].place_m, w.sensors[RADAR_3D].reach_m[1]
    np.testing.assert_allclose(w.frame.box, [*(place[:2] - reach), *(place[:2] + reach)])
    assert ((w.plots["density"][:2] > 0) & (w.plots["new"][:2] > 0) & (w.plots["new"][:2] < 1)).all()
    assert w.plots["distance"][:2].tolist() == [1000.0, 2000.0]
    assert w.plots["azimuth"][:2].tolist() == [0.1, 0.2]


@given(st.floats(300, 6000), st.floats(-3.1, 3.1), st.floats(-0.3, 1.4), st.booleans())
@examples(max_examples=40)
def test_place_of_a_report_is_where_it_would_be_measured(
    range_m: float, azimuth: float, elevation: float, high: bool
) -> None:
    sensor, place, z = SENSORS_TABLE[RADAR_2D], np.zeros(6), np.empty(4)
    report_place(sensor, report({0: range_m, 1: azimuth} | ({2: elevation} if high else {})), place)
    polar(sensor.place_m, sensor.rotation, place, z)
    np.testing.assert_allclose(z[:3], [range_m, azimuth, elevation if high else 0.0], atol=1e-6)


def test_lines_of_sight_have_no_range_and_are_nobodys_birth_alone() -> None:
    w = _prepared(CAMERA, [report({1: 0.3, 2: 0.1}, 1e-6)])
    assert w.plots[0].distance == w.plots[0].new == w.frame.sigma_range == 0.0
    assert w.frame.sigma_azimuth == pytest.approx(1e-3 / math.cos(0.1))


def test_declared_positions_are_sorted_as_the_receiver_sees_them() -> None:
    w = small_world()
    place = w.sensors[COOPERATIVE].place_m
    offsets: list[Floats] = [
        np.array([100.0, -1000.0, 50.0]),
        np.array([-500.0, 800.0, 50.0]),
        np.array([900.0, 0, 50.0]),
    ]
    w = _prepared(COOPERATIVE, [report(dict(enumerate(place + off)), 9.0) for off in offsets])
    offsets.sort(key=lambda off: math.atan2(off[0], off[1]))
    np.testing.assert_allclose(w.plots["azimuth"][:3], [math.atan2(off[0], off[1]) for off in offsets], atol=1e-3)
    distances = [float(np.linalg.norm(off)) for off in offsets]
    np.testing.assert_allclose(w.plots["distance"][:3], distances)
    assert w.frame.sigma_azimuth == pytest.approx(3.0 / min(distances))
    assert w.frame.sigma_range == pytest.approx(3.0)
    for off in offsets:
        assert (w.frame.box[:2] < place[:2] + off[:2]).all()
        assert (w.frame.box[2:] > place[:2] + off[:2]).all()


def test_a_position_at_the_receiver_may_be_seen_anywhere() -> None:
    place = SENSORS_TABLE[COOPERATIVE].place_m
    w = _prepared(COOPERATIVE, [report(dict(enumerate(place + 3.0)), 9.0)])
    assert w.frame.sigma_azimuth == pytest.approx(math.pi)
