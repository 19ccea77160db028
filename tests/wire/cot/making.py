"""Events, sites and airs for tests."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from lowsky.model.air import Air, no_air
from lowsky.model.kinds import Kind
from lowsky.model.picture import Status
from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.wire.cot.event import Event
from lowsky.wire.cot.tree import Element

S = 1_000_000_000
NOW_NS = 1_790_000_000 * S
SITE = Site(
    (
        Sensor("radar", SensorKind.RADAR_3D, 54.3, 18.6, 40.0),
        Sensor("tak", SensorKind.COOPERATIVE, 54.3, 18.6, 40.0, max_range_m=200_000.0),
        Sensor("ears", SensorKind.BEARING, 54.31, 18.62, 30.0, max_range_m=5000.0),
    ),
    Origin(54.3, 18.6, 0.0),
)


def event(uid: str = "ANDROID-1", kind: str = "a-f-G-U-C", *detail: Element, **changes: Any) -> Event:
    """An event of two seconds ago, good for a minute."""
    made = Event(
        uid, kind, NOW_NS - 2 * S, NOW_NS - 2 * S, NOW_NS + 60 * S, "m-g", 54.35, 18.66, 100.0, 10.0, 8.0, detail
    )
    return replace(made, **changes)


def contact(callsign: str) -> Element:
    """What people call it."""
    return Element("contact", {"callsign": callsign})


def sorted_detail(one: Event) -> Event:
    """The same with its detail by name: the forms do not keep the order of different elements."""
    return replace(one, detail=tuple(sorted(one.detail, key=lambda element: element.name)))


def air(n: int = 1, **columns: Any) -> Air:
    """n objects, all alike but for their numbers and what is given."""
    covariance = np.zeros((n, 6, 6))
    covariance[:] = np.diag([30.0**2, 40.0**2, 12.0**2, 1.0, 1.0, 1.0])
    full: dict[str, Any] = {
        "number": np.arange(1, n + 1),
        "status": np.full(n, Status.CONFIRMED),
        "latitude_deg": np.full(n, 54.4),
        "longitude_deg": np.full(n, 18.7),
        "height_m": np.full(n, 155.5),
        "velocity_mps": np.tile([30.0, -40.0, -2.0], (n, 1)),
        "covariance": covariance,
        "existence": np.full(n, 0.987),
        "kind": np.full(n, Kind.FIXED_WING),
        "kind_probability": np.full(n, 0.8),
        "level": np.zeros(n),
        "rcs_dbsm": np.full(n, math.nan),
        "first_report_ns": np.full(n, NOW_NS - 60 * S),
        "last_report_ns": np.full(n, NOW_NS - 3 * S),
        "reports": np.full(n, 57),
        "group_n": np.ones(n),
    } | columns
    empty = no_air(NOW_NS)
    typed = {
        name: np.asarray(value).astype(getattr(empty, name).dtype) for name, value in full.items() if name != "identity"
    }
    return Air(time_ns=NOW_NS, identity=full.get("identity", ("",) * n), **typed)
