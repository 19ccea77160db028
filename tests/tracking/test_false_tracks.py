"""The knob: on skies without objects as many tracks are shown as were asked for, within a factor of two."""

from __future__ import annotations

import pytest

from lowsky.tracking.settings import Settings
from tests.core.scenes import Scene, fly, radar, run

HOURS = 0.25


@pytest.fixture(scope="module")
def sky() -> Scene:
    """A quarter of an hour of two radars that see nothing but eighty false plots a scan, each."""
    radars = tuple(
        radar(name, east_m, 0.0, false_plots_per_scan=80.0, max_range_m=6000.0, period_s=period_s)
        for name, east_m, period_s in (("a", -700.0, 1.0), ("b", 700.0, 1.3))
    )
    return fly(radars, [], HOURS * 3600.0, 5)


@pytest.mark.parametrize("asked", [60.0, 400.0])
def test_as_many_false_tracks_are_shown_as_asked_for(sky: Scene, asked: float) -> None:
    shown = len(run(sky, settings=Settings(false_tracks_per_hour=asked)).numbers)
    expected = asked * HOURS
    assert 0.5 * expected - expected**0.5 <= shown <= 2.0 * expected + expected**0.5


def test_few_are_asked_for_by_default(sky: Scene) -> None:
    assert len(run(sky).numbers) <= 4
