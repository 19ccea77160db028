"""Stone Soup's setups: densities that add up, and a rough gate that leaves what a fine one would take."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from stonesoup.models.measurement.nonlinear import CartesianToBearingRange
from stonesoup.types.angle import Bearing
from stonesoup.types.detection import Detection
from stonesoup.types.state import GaussianState

from bench.stonesoup_setups import Near, false_density

RADAR: dict[str, Any] = dict(
    kind="radar_3d", max_range_m=5000.0, false_plots_per_scan=40.0, detection_probability=0.9,
    false_height_m=(0.0, 500.0), false_range_rate_mps=(-60.0, 60.0),
)  # fmt: skip
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["radar_3d", "radar_2d"])
def test_false_plots_of_a_scan_are_as_many_as_described(kind: str) -> None:
    """The density over range and azimuth, and over elevations and range rates where they are measured."""
    far = (np.arange(5000) + 0.5) * 1.0
    density = np.array([false_density(RADAR | {"kind": kind}, r) for r in far])
    rest = 1.0 if kind == "radar_2d" else 120.0 * 500.0 / far  # heights are so many radians of elevation
    assert 2 * np.pi * (density * rest).sum() == pytest.approx(40.0, rel=1e-6)


def test_plots_within_three_sigmas_pass_the_rough_gate() -> None:
    """A track that flies for two seconds, among plots all over: what may be its own is handed on, most is not."""
    rng = np.random.default_rng(3)
    model = CartesianToBearingRange(6, (0, 2), np.diag([0.01**2, 15.0**2]), translation_offset=np.zeros((2, 1)))
    track = SimpleNamespace(
        state=GaussianState([900, 30, -700, -20, 150, 0], np.diag([400.0, 25, 400, 25, 400, 4]), NOW)
    )
    when = NOW + timedelta(seconds=2)
    places = rng.uniform(-3000, 3000, (300, 2))
    places[:20] = np.array([960.0, -740.0]) + rng.normal(0, 20, (20, 2))
    plots = [
        Detection([Bearing(np.arctan2(n, e)), float(np.hypot(e, n))], timestamp=when, measurement_model=model)
        for e, n in places
    ]
    handed: list[Any] = []
    inner = SimpleNamespace(hypothesise=lambda _track, detections, _when: handed.extend(detections))
    Near(inner, {}).hypothesise(track, set(plots), when)
    assert {id(plot) for plot in plots[:20]} <= {id(plot) for plot in handed}
    assert len(handed) < 60
