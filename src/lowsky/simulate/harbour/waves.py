"""The raids on Norrhavn: which waves come when, from where, of which size, and what they go for.

From minute 2 on five waves within four minutes: small drones for the harbour, large ones for the power plant, middle
ones for the ferry wherever it is, small ones along the coast for the power line, and middle ones that pass by out at
sea and go for nothing. Then calm; later in the hour single waves come again.
"""

from __future__ import annotations

import numpy as np

from ..air import Air
from ..envelopes import LARGE_DRONE, MIDDLE_DRONE, SMALL_DRONE
from ..flight import Flight
from ..raid import Wave, fly_wave
from . import chart
from .chart import Point

LINE_END: Point = chart.POWER_LINE[1]
QUIET_S = (1500.0, 2400.0)  # when later waves come in an act


def first_raid(rng: np.random.Generator, air: Air, start_s: float, ferry: tuple[Flight, int]) -> list[Flight]:
    """The five waves; `start_s` is when the act starts, `ferry` the flight and row of the ferry."""
    waves = [
        Wave(
            SMALL_DRONE, 8, start_s + 110.0, (-7300.0, _around(rng, -2600.0)), [(-3600.0, _around(rng, -1700.0))],
            [(-300.0, 100.0), (300.0, -100.0)], float(rng.uniform(37.0, 42.0)), float(rng.uniform(120.0, 180.0)),
            transmits=0.25,
        ),
        Wave(
            LARGE_DRONE, 5, start_s + 150.0, (-11_000.0, _around(rng, 9500.0)), [(-4500.0, _around(rng, 7200.0))],
            [chart.PLANT], float(rng.uniform(62.0, 75.0)), float(rng.uniform(250.0, 400.0)),
        ),
        Wave(
            MIDDLE_DRONE, 6, start_s + 190.0, (-4500.0, _around(rng, -9000.0)), [], [chart.ENTRANCE],
            float(rng.uniform(29.0, 32.0)), float(rng.uniform(80.0, 140.0)), end_spread_m=20.0, chase=ferry,
        ),
        Wave(
            SMALL_DRONE, 4, start_s + 260.0, (_around(rng, -1500.0), 12_000.0), [(_around(rng, 1500.0), 8200.0)],
            [LINE_END, chart.POWER_LINE[0]], float(rng.uniform(34.0, 40.0)), float(rng.uniform(90.0, 130.0)),
        ),
        Wave(
            MIDDLE_DRONE, 5, start_s + 300.0, (-5600.0, -11_500.0), [(-5200.0, _around(rng, -2000.0))],
            [(-6500.0, 12_500.0)], float(rng.uniform(30.0, 33.0)), float(rng.uniform(150.0, 220.0)),
        ),
    ]  # fmt: skip
    return [fly_wave(w, air, one) for w, one in zip(waves, rng.spawn(len(waves)), strict=True)]


def later_raids(rng: np.random.Generator, air: Air, start_s: float, ferry: tuple[Flight, int]) -> list[Flight]:
    """Two single waves late in the act: large drones for the harbour, then small ones for the ferry or the plant."""
    at_ferry = bool(rng.uniform() < 0.5)
    west = float(rng.uniform(-0.5, 0.6))
    begin = (-12_500.0 * float(np.cos(west)), 12_500.0 * float(np.sin(west)))
    waves = [
        Wave(
            LARGE_DRONE, 4, start_s + QUIET_S[0], begin, [(begin[0] * 0.5, begin[1] * 0.5 + 1200.0)], [(150.0, -50.0)],
            float(rng.uniform(55.0, 85.0)), float(rng.uniform(200.0, 500.0)),
        ),
        Wave(
            SMALL_DRONE, 6, start_s + QUIET_S[1], (_around(rng, -8200.0), _around(rng, 2500.0)), [], [chart.PLANT],
            float(rng.uniform(35.0, 45.0)), float(rng.uniform(100.0, 200.0)), chase=ferry if at_ferry else None,
            transmits=0.3,
        ),
    ]  # fmt: skip
    return [fly_wave(w, air, one) for w, one in zip(waves, rng.spawn(len(waves)), strict=True)]


def _around(rng: np.random.Generator, middle_m: float, spread_m: float = 500.0) -> float:
    return middle_m + float(rng.uniform(-spread_m, spread_m))
