"""What a scene is made of, and sensors set up on its map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.place import Place
from lowsky.model.sensor import Origin, Sensor, SensorKind

from .air import Air
from .faults import Faults
from .motion import EARTH_RADIUS_M
from .world import Act

FLYING = (Kind.MULTIROTOR, Kind.FIXED_WING, Kind.BIRD, Kind.BALLOON, Kind.AIRCRAFT)
ENDLESS_S = 1e9
"""The length of the only act of a scene that has one."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A named scene. `sensors` are the true ones; `faults` by their ids say what is wrong with them. `overlay` gives a
    GeoJSON collection in WGS-84 of what the made-up place has on the ground."""

    summary: str
    duration_s: float  # of a recording, unless another is asked for
    ground: Origin  # of the map and of the region's frame
    air: Air
    script: Callable[[Air], Act]
    sensors: Callable[[Frame], tuple[Sensor, ...]]
    act_s: float = ENDLESS_S
    faults: dict[str, Faults] = field(default_factory=dict)
    places: Callable[[Frame], tuple[Place, ...]] = lambda frame: ()
    overlay: Callable[[Frame], dict[str, Any]] | None = None


def geodetic(frame: Frame, at: tuple[float, float], height_m: float = 0.0) -> tuple[float, float, float]:
    """Latitude and longitude in degrees and height above the ellipsoid of a point of the map, `height_m` above its
    ground."""
    bent = height_m - (at[0] ** 2 + at[1] ** 2) / (2 * EARTH_RADIUS_M)
    latitude, longitude, height = (float(v) for v in frame.to_geodetic([at[0], at[1], bent]))
    return latitude, longitude, height


def stand(
    frame: Frame, name: str, kind: SensorKind, at: tuple[float, float], mast_m: float, **described: object
) -> Sensor:
    """A sensor on a mast at a point of the map, east and north m of the site; it sees what flies, unless told
    otherwise."""
    return Sensor(name, kind, *geodetic(frame, at, mast_m), **{"sees": FLYING, **described})  # type: ignore[arg-type]
