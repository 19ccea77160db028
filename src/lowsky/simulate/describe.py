"""Sensors and places as plain values, in the form of sensors.json, places.json and site.toml."""

from __future__ import annotations

import math

from lowsky.model.place import Place
from lowsky.model.sensor import Sensor

PLAIN_FIELDS = (
    "period_s", "min_range_m", "max_range_m", "detection_probability", "false_plots_per_scan", "sigma_range_m",
    "sigma_range_rate_mps", "sigma_position_m", "sigma_height_m", "sigma_velocity_mps", "resolution_range_m",
    "resolution_range_rate_mps",
)  # fmt: skip
ANGLE_FIELDS = ("sigma_azimuth", "sigma_elevation", "resolution_azimuth")


def describe_place(place: Place) -> dict[str, object]:
    """A place as it stands in places.json: points are latitude and longitude in degrees, heights above the
    ellipsoid."""
    return {
        "id": place.id,
        "name": place.name,
        "shape": place.shape.word,
        "points": [list(p) for p in place.points_deg],
        "radius_m": place.radius_m,
        "bottom_m": place.bottom_m,
        "top_m": place.top_m,
        "identity": place.identity,
    }


def describe_sensor(sensor: Sensor) -> dict[str, object]:
    """A sensor as it stands in sensors.json: angles in degrees, kinds as words."""
    angles = {f"{name}_deg": math.degrees(getattr(sensor, f"{name}_rad")) for name in ANGLE_FIELDS}
    return {
        "id": sensor.id,
        "kind": sensor.kind.word,
        "lat": sensor.latitude_deg,
        "lon": sensor.longitude_deg,
        "height_m": sensor.height_m,
        **{name: getattr(sensor, name) for name in PLAIN_FIELDS},
        **angles,
        **_field_of_view(sensor),
        **_horizon(sensor),
        "false_height_m": list(sensor.false_height_m),
        "false_range_rate_mps": list(sensor.false_range_rate_mps),
        "sees": [kind.word for kind in sensor.sees],
    }


def _field_of_view(sensor: Sensor) -> dict[str, float]:
    """Clockwise from one azimuth to the other, left out where the sensor sees all round; least and greatest
    elevation."""
    view = {
        "elevation_from_deg": math.degrees(sensor.elevation_min_rad),
        "elevation_to_deg": math.degrees(sensor.elevation_max_rad),
    }
    if sensor.azimuth_width_rad < 2 * math.pi:
        half = sensor.azimuth_width_rad / 2
        view["azimuth_from_deg"] = math.degrees(sensor.azimuth_centre_rad - half) % 360.0
        view["azimuth_to_deg"] = math.degrees(sensor.azimuth_centre_rad + half) % 360.0
    return view


def _horizon(sensor: Sensor) -> dict[str, dict[str, list[float]]]:
    """The corners of the horizon in degrees, left out where it is open."""
    if not sensor.horizon:
        return {}
    azimuth, elevation = zip(*sensor.horizon, strict=True)
    degrees = {"azimuth_deg": azimuth, "elevation_deg": elevation}
    return {"horizon": {name: [math.degrees(v) for v in values] for name, values in degrees.items()}}
