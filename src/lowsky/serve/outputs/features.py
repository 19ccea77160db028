"""What of the house goes into a GeoJSON document, for the route as for the outputs."""

from __future__ import annotations

from collections.abc import Sequence

from lowsky.model.air import Air
from lowsky.model.bearing import Bearing
from lowsky.model.place import Place
from lowsky.model.sensor import Sensor
from lowsky.wire import geojson

from ..answers.site import PlaceInfo

Located = Sequence[tuple[Place, tuple[float, float] | None]]
"""Places, with where the vessels of those that have one are now (latitude, longitude)."""


def document(
    air: Air | None,
    drill: bool,
    ellipses: bool = False,
    places: Located = (),
    bearings: Sequence[Bearing] = (),
    sensors: Sequence[Sensor] = (),
) -> bytes:
    """One FeatureCollection: objects, then what else is given. `sensors` are those of the site."""
    features = [] if air is None else geojson.object_features(air, drill)
    if ellipses and air is not None:
        features += geojson.uncertainty_features(air)
    features += geojson.place_features(places) + geojson.bearing_features(bearings, sensors)
    return geojson.collection(features, 0 if air is None else air.time_ns, drill)


def located(places: Sequence[Place], infos: Sequence[PlaceInfo]) -> Located:
    """Places with where the vessels of those that have one are now."""
    return [
        (place, None if not place.identity or info.lat is None or info.lon is None else (info.lat, info.lon))
        for place, info in zip(places, infos, strict=True)
    ]
