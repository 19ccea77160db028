"""The plots of docs/tracking/lines.md: a chain of posts, and what is believed of an emission look by look.

    python -m bench.lines

The scene is drawn by the simulator and tracked by the core as it is; nothing is averaged over seeds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bench.plots import BOTH, LINES, Plot, Series, keep
from lowsky.core import CoreInput, new_state, step
from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.model.timebase import NS_PER_S
from lowsky.simulate.motion import STEP_S, Motion, in_frame, steps_of
from lowsky.simulate.sensors import Cast, observe

GROUND = Origin(54.0, 10.0, 0.0)
START_NS = 1_760_000_000 * NS_PER_S
DURATION_S, SPACING_M, SPEED_MPS, OFFSET_M, FROM_M = 330.0, 4000.0, 50.0, 600.0, -4000.0
LOOKS = 12


def posts() -> tuple[Sensor, ...]:
    """Four posts in a row."""
    frame, made = Frame(GROUND), []
    for k in range(4):
        latitude, longitude, height = (float(v) for v in frame.to_geodetic([SPACING_M * k, 0.0, 10.0]))
        post = Sensor(
            f"post-{k}", SensorKind.POST, latitude, longitude, height, max_range_m=2500.0, detection_probability=0.7,
            false_plots_per_scan=0.005, sees=(Kind.MULTIROTOR, Kind.FIXED_WING, Kind.AIRCRAFT),
        )  # fmt: skip
        made.append(post)
    return tuple(made)


def chain() -> Plot:
    """Error along the chain and the band of two standard deviations that the track states."""
    times = np.arange(steps_of(DURATION_S))[:, None] * STEP_S
    velocity = np.array([[[SPEED_MPS, 0.0, 0.0]]])
    position = np.array([[[FROM_M, OFFSET_M, 150.0]]]) + velocity * times[..., None]
    alive = np.ones(times.shape, dtype=np.bool_)
    flown = np.broadcast_to(velocity, position.shape).copy()
    motion = in_frame(Motion(np.array([Kind.FIXED_WING], np.uint8), position, flown, alive))
    site, ticks = Site(posts(), GROUND), START_NS + np.arange(1, int(DURATION_S) + 1) * NS_PER_S
    seen = observe(Frame(GROUND), site.sensors, Cast(motion, ("",), np.zeros(1)), START_NS, np.random.default_rng(1))
    picture = step(new_state(site), CoreInput(seen.reports, seen.looks, ticks))[1].picture
    second = (picture.time_ns - START_NS) / NS_PER_S
    off = picture.state[:, 0] - (FROM_M + SPEED_MPS * second)
    sigma = np.sqrt(picture.covariance[:, 0, 0])
    error = Series("error along the chain", _list(second), _list(off), LINES, _list(-2 * sigma), _list(2 * sigma))
    return Plot("A chain of posts, 4 km apart, and an engine at 50 m/s", "second", "m", [error])


def emission() -> Plot:
    """Probability that an object makes radio, look by look, for one that does and one that does not."""
    series = []
    for name, heard in (("never heard", False), ("heard, but for looks 5 and 9", True)):
        h, values = 0.3, [0.3]
        for look in range(1, LOOKS + 1):
            missed = h * 0.1 / (1.0 - 0.9 * h)
            share = 0.97 if heard and look not in (5, 9) else 0.0
            h = min(max(share + (1.0 - share) * missed, 0.005), 0.995)
            values.append(h)
        series.append(Series(name, [float(k) for k in range(LOOKS + 1)], values, BOTH))
    return Plot("What is believed of an object's radio", "looks of direction finders", "probability", series)


def _list(values: NDArray[np.float64]) -> list[float]:
    return [round(float(v), 1) for v in values]


if __name__ == "__main__":
    keep("lines-posts", chain())
    keep("lines-emission", emission())
