"""A small site whose sensors report known objects with known lasting errors, straight into the tables of sights.

Objects fly straight lines; every sensor sees each of them once a second. The world is that of the tracker, without
tracks: what registration is given can be told exactly.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.kernels import layout
from lowsky.kernels.errors import AZIMUTH, CLOCK, DECLARED, EAST, ELEVATION, NORTH, RANGE, SCALE
from lowsky.kernels.layout import World
from lowsky.kernels.registration import RENEW_NS, renew
from lowsky.model.sensor import Sensor, SensorKind, site_of
from lowsky.sensing import sensor_table
from lowsky.tracking.memory import new_world
from lowsky.tracking.settings import Settings, rules_of

Array = NDArray[np.float64]
PLACES = ((54.0, 10.0), (54.02, 10.03), (53.985, 10.02), (54.01, 9.97))
SIGMA = (8.0, np.radians(0.4), np.radians(0.6))
S = 1_000_000_000


class Sights:
    """A world of radars (3-D) at PLACES, and, if `declared`, a receiver of declared positions as the last sensor."""

    def __init__(self, errors: list[list[float]], declared: bool = False, seed: int = 1, objects: int = 30) -> None:
        """`errors`: of each radar, columns as in kernels.errors."""
        self.errors, self.rng = np.array(errors, dtype=np.float64), np.random.default_rng(seed)
        kinds = [SensorKind.RADAR_3D] * len(errors) + [SensorKind.COOPERATIVE] * declared
        sensors = tuple(
            Sensor(f"s{i}", kind, *PLACES[i], 30.0, max_range_m=8000.0, sigma_range_m=SIGMA[0],
                   sigma_azimuth_rad=SIGMA[1], sigma_elevation_rad=SIGMA[2])
            for i, kind in enumerate(kinds)
        )  # fmt: skip
        site = site_of(sensors)
        self.world: World = new_world(rules_of(Settings(), site.origin.height_m), sensor_table(site), False)
        self.world.tally["tracks"] = 1
        flat, up = self.rng.uniform(-4000, 4000, (objects, 2)), self.rng.uniform(50, 600, objects)
        self.start = np.column_stack([flat, up])
        heading, speed = self.rng.uniform(0, 2 * np.pi, objects), self.rng.uniform(8, 50, objects)
        self.velocity = np.column_stack([speed * np.sin(heading), speed * np.cos(heading), np.zeros(objects)])
        self.lie: Array = np.zeros((objects, 3))  # added to what objects declare
        self.time_s = 0

    def run(self, seconds: int) -> None:
        """Let all sensors look once a second and the registration be renewed."""
        for _ in range(seconds // 2):
            for t in (self.time_s, self.time_s + 1):
                for s in range(len(self.world.sensors)):
                    self._look(s, t + 0.2 * s)
            self.time_s += 2
            renew(self.world, self.time_s * S)
            self.world.tally["renewals"] += 1
            assert RENEW_NS == 2 * S

    def _look(self, s: int, true_s: float) -> None:
        """One look of sensor s; its clock says something else than the true time."""
        there = self.start + self.velocity * true_s
        there[:, :2] = (there[:, :2] + 5000) % 10000 - 5000  # who leaves comes back on the other side
        declared = s >= len(self.errors)
        b = np.zeros(layout.ERRORS) if declared else self.errors[s]
        correction = self.world.corrections[s]
        for k in range(len(there)):
            sight = self.world.sights[s, int(correction["next_sight"])]
            correction["next_sight"] = (int(correction["next_sight"]) + 1) % layout.SIGHTS
            correction["offered"] += 1
            sight["time_ns"], sight["uid"] = round((true_s + b[CLOCK]) * S), 1000 * s + k + 1
            sight["velocity"], sight["velocity_variance"] = self.velocity[k] + self.rng.normal(0, 1, 3), 1.0
            if declared:
                self._declare(sight, k, there[k])
            else:
                self._measure(sight, self.world.sensors[s], there[k], b)

    def _declare(self, sight: Any, k: int, there: Array) -> None:
        sight["parts"], sight["identity"] = DECLARED, k
        sight["place"], sight["variance"] = there + self.lie[k] + self.rng.normal(0, 5, 3), 25.0

    def _measure(self, sight: Any, sensor: Any, there: Array, b: Array) -> None:
        """Polar values with errors and noise; the place is that of a track of this sensor alone."""
        true_place = sensor["stated_m"] - [b[EAST], b[NORTH], 0.0]
        e, n, u = sensor["rotation"] @ (there - true_place)
        noise = self.rng.normal(0, SIGMA)
        r = np.sqrt(e * e + n * n + u * u)
        z = np.array([
            r * (1 + b[SCALE]) + b[RANGE], np.arctan2(e, n) + b[AZIMUTH], np.arcsin(u / r) + b[ELEVATION]
        ]) + noise  # fmt: skip
        sight["parts"], sight["identity"], sight["polar"], sight["variance"] = 7, -1, z, np.square(SIGMA)
        ce = np.cos(z[2])
        local = z[0] * np.array([ce * np.sin(z[1]), ce * np.cos(z[1]), np.sin(z[2])])
        sight["place"] = sensor["stated_m"] + sensor["rotation"].T @ local

    @property
    def estimates(self) -> Array:
        """Estimates of the radars (n, 7)."""
        return np.array(self.world.corrections["estimate"][: len(self.errors)])

    def events(self, s: int) -> list[tuple[float, int]]:
        """Time s and kind of the events of sensor s."""
        rows = self.world.course[s]
        return [(float(r["time_ns"]) / S, int(r["event"])) for r in rows if r["event"]]
