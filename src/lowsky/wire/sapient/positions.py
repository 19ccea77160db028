"""Places and directions of the standard, whole columns of them, to degrees, radians, metres and sigmas.

Source: location.proto and range_bearing.proto of BSI Flex 335 v2.0. `x` is the longitude or easting, `y` the latitude
or northing, `z` the height above the ellipsoid (WGS84_E) or the geoid (WGS84_G, taken for mean sea level). Ranges are
metres or kilometres, angles degrees or radians, azimuths clockwise from the north that the datum names.

The standard does not say what its errors are: they are taken for one standard deviation. Nor does it say in which unit
those of a place in degrees are: its coordinate system names degrees and metres, nodes give either. An error of under
0.01 degrees is taken for degrees (it would be a centimetre), any other for metres (it would be a kilometre); a source
may be told which it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lowsky.model.geodesy import ecef_from_geodetic, enu_axes, geodetic_from_ecef, rotate_vectors
from lowsky.model.sensor import Sensor

from .utm import EASTING_M, NORTHING_M, geodetic_from_utm

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Bools = NDArray[np.bool_]

ErrorUnit = Literal["auto", "metres", "coordinates"]

DEGREES, RADIANS, UTM = 1, 2, 5  # LocationCoordinateSystem
WGS84_E, WGS84_G = 1, 2  # LocationDatum: heights above the ellipsoid, above the geoid
TRUE, MAGNETIC, GRID, PLATFORM = 1, 2, 3, 4  # RangeBearingDatum
NORTH_WORDS = {TRUE: "true", MAGNETIC: "magnetic", GRID: "grid", PLATFORM: "platform"}
ANGLE_RAD = np.array([np.nan, np.pi / 180, 1.0, np.pi / 180, 1.0])  # by RangeBearingCoordinateSystem
RANGE_M = np.array([np.nan, 1.0, 1.0, 1e3, 1e3])
DEGREE_M = 111_000.0  # of latitude, good enough for an error
SMALLEST_METRES_DEG = 0.01  # an error in a place in degrees from here on is in metres


@dataclass(slots=True)
class Places:
    """n places. What is not known is NaN."""

    latitude_deg: Floats
    longitude_deg: Floats
    height_m: Floats  # above the datum
    variance_east_m2: Floats
    variance_north_m2: Floats
    sigma_height_m: Floats

    @property
    def sigma_m(self) -> Floats:
        """Horizontal, one axis."""
        sigma: Floats = np.sqrt((self.variance_east_m2 + self.variance_north_m2) / 2.0)
        return sigma


@dataclass(slots=True)
class Directions:
    """n measurements from a sensor. What is not known is NaN."""

    range_m: Floats
    azimuth_rad: Floats
    elevation_rad: Floats
    sigma_range_m: Floats
    sigma_azimuth_rad: Floats
    sigma_elevation_rad: Floats


def places_of(xyz: Floats, errors: Floats, system: Longs, zone: Longs, south: Bools, unit: ErrorUnit) -> Places:
    """Places from coordinates (n, 3) and their errors (n, 3), coordinate systems (n,) and zones (n,) of UTM (0: none).

    Where a zone is needed and missing, or easting and northing are beyond its neighbours, latitude and longitude are
    NaN.
    """
    latitude, longitude = np.full(len(xyz), np.nan), np.full(len(xyz), np.nan)
    east, north = _filled(errors[:, 0], errors[:, 1]), _filled(errors[:, 1], errors[:, 0])
    for of_system, scale in ((DEGREES, 1.0), (RADIANS, 180.0 / np.pi)):
        rows = system == of_system
        longitude[rows], latitude[rows] = xyz[rows, 0] * scale, xyz[rows, 1] * scale
        across = np.cos(np.radians(latitude[rows]))
        east[rows] = _metres(east[rows], scale, unit, DEGREE_M * across)
        north[rows] = _metres(north[rows], scale, unit, np.full(int(rows.sum()), DEGREE_M))
    variance = np.stack([east**2, north**2])
    in_zone = (system == UTM) & (zone > 0) & _within(xyz[:, 0], EASTING_M) & _within(xyz[:, 1], NORTHING_M)
    for number, below in sorted(set(zip(zone[in_zone].tolist(), south[in_zone].tolist(), strict=True))):
        rows = in_zone & (zone == number) & (south == below)
        latitude[rows], longitude[rows], turn = geodetic_from_utm(xyz[rows, 0], xyz[rows, 1], number, below)
        share = np.stack([np.cos(turn) ** 2, np.sin(turn) ** 2])
        variance[:, rows] = np.stack(
            [(share * variance[:, rows]).sum(axis=0), (share[::-1] * variance[:, rows]).sum(axis=0)]
        )
    return Places(latitude, longitude, xyz[:, 2].copy(), variance[0], variance[1], errors[:, 2].copy())


def _within(values: Floats, limits: tuple[float, float]) -> Bools:
    return (values >= limits[0]) & (values <= limits[1])


def _filled(values: Floats, other: Floats) -> Floats:
    """Where one of two errors is missing or none at all, the other is both."""
    values, other = np.where(values > 0.0, values, np.nan), np.where(other > 0.0, other, np.nan)
    return np.where(np.isnan(values), other, values)


def _metres(error: Floats, scale: float, unit: ErrorUnit, degree_m: Floats) -> Floats:
    small = error * scale < SMALLEST_METRES_DEG
    angular = small if unit == "auto" else np.full(len(error), unit == "coordinates")
    return np.where(angular, error * scale * degree_m, error)


def directions_of(values: Floats, errors: Floats, system: Longs, turn_rad: Floats) -> Directions:
    """Directions from elevation, azimuth and range (n, 3) and their errors (n, 3) in a coordinate system (n,).

    Args:
        turn_rad: direction of each datum's north, clockwise from true north (n,).
    """
    angle, length = ANGLE_RAD[system], RANGE_M[system]
    sigmas = np.where(errors > 0.0, errors, np.nan)
    azimuth = np.mod(values[:, 1] * angle + turn_rad, 2 * np.pi)
    return Directions(
        values[:, 2] * length,
        azimuth,
        values[:, 0] * angle,
        sigmas[:, 2] * length,
        sigmas[:, 1] * angle,
        sigmas[:, 0] * angle,
    )


def seen_from(sensor: Sensor, places: Places, height_m: Floats) -> Directions:
    """How places at heights above the ellipsoid (n,) lie from a sensor, with their errors turned into its axes.

    A place without a height is put at the sensor's own, and gets no elevation.
    """
    known = np.isfinite(height_m)
    there = ecef_from_geodetic(places.latitude_deg, places.longitude_deg, np.where(known, height_m, sensor.height_m))
    here = ecef_from_geodetic(sensor.latitude_deg, sensor.longitude_deg, sensor.height_m)
    east, north, up = np.moveaxis(
        rotate_vectors(enu_axes(sensor.latitude_deg, sensor.longitude_deg)[None], there - here), -1, 0
    )
    ground, slant = np.hypot(east, north), np.sqrt(east**2 + north**2 + up**2)
    var_e, var_n = places.variance_east_m2, places.variance_north_m2
    var_u = np.where(known, np.nan_to_num(places.sigma_height_m) ** 2, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        along = (east**2 * var_e + north**2 * var_n) / ground**2
        across = (north**2 * var_e + east**2 * var_n) / ground**2
        sigma_range = np.sqrt((ground**2 * along + up**2 * var_u) / slant**2)
        sigma_azimuth = np.where(ground > 0.0, np.sqrt(across) / ground, np.sqrt(var_e + var_n) * np.inf)
        sigma_elevation = np.sqrt((up**2 * along + ground**2 * var_u) / slant**2) / slant
    return Directions(
        slant,
        np.mod(np.arctan2(east, north), 2 * np.pi),
        np.where(known, np.arctan2(up, ground), np.nan),
        sigma_range,
        np.minimum(sigma_azimuth, np.pi),  # straight above, any azimuth is as good as another
        np.where(known & (var_u > 0.0), np.minimum(sigma_elevation, np.pi / 2), np.nan),
    )


def placed_from(sensor: Sensor, seen: Directions) -> Places:
    """Where directions with a range from a sensor lead; without an elevation to the sensor's horizon, heightless."""
    level = np.isnan(seen.elevation_rad)
    elevation = np.where(level, 0.0, seen.elevation_rad)
    ground = seen.range_m * np.cos(elevation)
    enu = np.stack(
        [ground * np.sin(seen.azimuth_rad), ground * np.cos(seen.azimuth_rad), seen.range_m * np.sin(elevation)], -1
    )
    axes = enu_axes(sensor.latitude_deg, sensor.longitude_deg)
    here = ecef_from_geodetic(sensor.latitude_deg, sensor.longitude_deg, sensor.height_m)
    latitude, longitude, height = geodetic_from_ecef(rotate_vectors(axes.T[None], enu) + here)
    along = (seen.sigma_range_m * np.cos(elevation)) ** 2
    across = (seen.sigma_azimuth_rad * ground) ** 2
    sine2, cosine2 = np.sin(seen.azimuth_rad) ** 2, np.cos(seen.azimuth_rad) ** 2
    rise = np.hypot(seen.sigma_range_m * np.sin(elevation), seen.sigma_elevation_rad * ground)
    return Places(
        latitude,
        longitude,
        np.where(level, np.nan, height),
        sine2 * along + cosine2 * across,
        cosine2 * along + sine2 * across,
        np.where(level, np.nan, rise),
    )
