"""A small world for tests of kernels: one sensor of each kind, the default settings, records out of keywords."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.kernels import layout
from lowsky.kernels.cells import link
from lowsky.kernels.layout import World
from lowsky.kernels.lifecycle import take_row
from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.sensing import sensor_table
from lowsky.tracking.memory import new_world, table
from lowsky.tracking.settings import Settings, rules_of

Floats = NDArray[np.float64]

ORIGIN = Origin(54.0, 10.0, 30.0)
RADAR_3D, RADAR_2D, CAMERA, COOPERATIVE, OTHER_CAMERA = range(5)
SECOND_NS = 1_000_000_000
START_NS = 1_700_000_000 * SECOND_NS


def site() -> Site:
    """Sensors within 3 km of the origin, one of each used kind and a second camera, in the order of the names above."""
    return Site(
        (
            Sensor("r3", SensorKind.RADAR_3D, 54.00, 10.00, 40.0, min_range_m=300.0, max_range_m=6000.0),
            Sensor("r2", SensorKind.RADAR_2D, 54.01, 10.02, 35.0, max_range_m=9000.0),
            Sensor("c1", SensorKind.CAMERA, 53.99, 9.98, 50.0, max_range_m=4000.0),
            Sensor("id", SensorKind.COOPERATIVE, 54.00, 9.99, 45.0, max_range_m=5000.0),
            Sensor("c2", SensorKind.CAMERA, 54.01, 10.00, 60.0, max_range_m=4000.0),
        ),
        ORIGIN,
    )


def small_world(settings: Settings | None = None) -> World:
    """A fresh world of that site."""
    return new_world(rules_of(settings or Settings(), ORIGIN.height_m), sensor_table(site()), traced=False)


def record(dtype: np.dtype[Any], **fields: Any) -> Any:
    """One record with the given fields, the others zero."""
    out = table(dtype, 1)[0]
    for name, value in fields.items():
        out[name] = value
    return out


def report(values: dict[int, float], variance: float = 1.0, **fields: Any) -> Any:
    """A report that has the given values by part, each with the given variance."""
    out = record(layout.REPORT, **({"identity": -1, "time_ns": START_NS, "received_ns": START_NS} | fields))
    for part, value in values.items():
        out.values[part], out.variance[part] = value, variance
        out.parts |= 1 << part
    return out


def random_covariance(rng: np.random.Generator, n: int, scale: float = 1.0) -> Floats:
    """A well-conditioned covariance matrix (n, n)."""
    a = rng.normal(size=(n, n))
    full: Floats = scale * (a @ a.T + n * np.eye(n))
    return full


def rotation(rng: np.random.Generator) -> Floats:
    """A random proper rotation (3, 3)."""
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    turned: Floats = q * np.linalg.det(q)
    return np.ascontiguousarray(turned)


def add_track(w: World, state: Floats, sigma_m: float = 10.0, existence: float = 0.9, time_ns: int = START_NS) -> int:
    """Put a track of one model at a state (6,) into the world, seen by no sensor; returns its row."""
    i = int(take_row(w))
    t = w.tracks[i]
    t.models, t.confirmed, t.number, t.misses, t.identity, t.hits, t.visible = 1, 0, 0, 0, -1, 1.0, 1.0
    t.mu[:], t.x[:], t.p[:] = [1.0, 0.0, 0.0], state, np.diag([sigma_m**2] * 3 + [4.0] * 3)
    t.centre[:], t.spread[:] = state, [3 * sigma_m**2, 0.0, 12.0]
    t.existence, t.birth_existence = existence, existence
    t.birth_ns, t.state_ns, t.existence_ns, t.hit_ns = time_ns, time_ns, time_ns, time_ns
    t.recent_sensor[:], t.recent_ns[:], t.recent_at = -1, 0, 0
    link(i, w)
    return i
