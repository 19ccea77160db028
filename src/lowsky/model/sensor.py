"""Sensor description and site: where each sensor stands, how often it looks, how good it says it is.

The fields are those of a scenario's `sensors.json` with angles in radians. The description is what the sensor model
(`lowsky.sensing`) is built from; live estimates of biases and detection probability are kept elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

from .kinds import Kind


class SensorKind(IntEnum):
    """What a sensor measures."""

    RADAR_3D = 0  # range, azimuth, elevation, range rate
    RADAR_2D = 1  # range, azimuth, range rate
    CAMERA = 2  # azimuth, elevation
    COOPERATIVE = 3  # declared identity and position: Remote ID, ADS-B, AIS
    BEARING = 4  # radio direction finder: azimuth
    ACOUSTIC = 5  # azimuth of the place the sound left
    POST = 6  # somebody or something that hears an engine, and no more: a confidence

    @property
    def word(self) -> str:
        """The word used in files, for example "radar_3d"."""
        return self.name.lower()


ALL_KINDS: tuple[Kind, ...] = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor as described by its owner. Defaults are those of a mid-range 3-D radar."""

    id: str
    kind: SensorKind
    latitude_deg: float
    longitude_deg: float
    height_m: float  # above the ellipsoid
    period_s: float = 1.0
    min_range_m: float = 0.0
    max_range_m: float = 8000.0
    detection_probability: float = 0.9
    false_plots_per_scan: float = 5.0
    sigma_range_m: float = 8.0
    sigma_azimuth_rad: float = math.radians(0.4)
    sigma_elevation_rad: float = math.radians(0.6)
    sigma_range_rate_mps: float = 0.7
    sigma_position_m: float = 5.0  # cooperative, horizontal, one axis
    sigma_height_m: float = 8.0  # cooperative
    sigma_velocity_mps: float = 1.0  # cooperative, where velocity is declared
    false_height_m: tuple[float, float] = (0.0, 500.0)  # false plots: uniform over the area and these heights
    false_range_rate_mps: tuple[float, float] = (-60.0, 60.0)
    azimuth_centre_rad: float = 0.0  # field of view; a width of 2 pi is all round
    azimuth_width_rad: float = 2 * math.pi
    elevation_min_rad: float = -math.pi / 2
    elevation_max_rad: float = math.pi / 2
    resolution_range_m: float = 0.0
    resolution_azimuth_rad: float = 0.0
    resolution_range_rate_mps: float = 0.0
    sees: tuple[Kind, ...] = ALL_KINDS
    temperature_c: float = 20.0  # of the air at a microphone; 343 m/s
    horizon: tuple[tuple[float, float], ...] = ()  # (azimuth rad, least elevation rad seen), ascending; empty: open
    retired: bool = False  # no longer of the site; its row stays, because recordings and tracks point at it


@dataclass(frozen=True, slots=True)
class Origin:
    """Origin of the region's east-north-up frame, WGS-84."""

    latitude_deg: float
    longitude_deg: float
    height_m: float


@dataclass(frozen=True, slots=True)
class Site:
    """The sensors of one region and the origin of its frame."""

    sensors: tuple[Sensor, ...]
    origin: Origin


def site_of(sensors: tuple[Sensor, ...]) -> Site:
    """The site of some sensors; the frame's origin is the middle of their places, at ellipsoid height 0.

    Longitudes are averaged round the first sensor's, so that a site across the date line is one site.

    Raises:
        ValueError: if there is no sensor.
    """
    if not sensors:
        raise ValueError("a site needs at least one sensor")
    n, first = len(sensors), sensors[0].longitude_deg
    latitude = math.fsum(s.latitude_deg for s in sensors) / n
    east = math.fsum((s.longitude_deg - first + 180.0) % 360.0 - 180.0 for s in sensors) / n
    return Site(sensors, Origin(latitude, (first + east + 180.0) % 360.0 - 180.0, 0.0))
