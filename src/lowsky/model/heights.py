"""Heights: from the surface a report counts from to metres above the WGS-84 ellipsoid, with a sigma.

Sources: EGM96 (Lemoine et al., NASA/TP-1998-206861) as a grid of one degree, bilinear (`tools/make_geoid.py` makes
it); the standard atmosphere of ICAO Doc 7488 (equal to ISO 2533) for pressure. A pressure height taken for a
geometric one is wrong by tens to hundreds of metres, so every datum adds its own sigma to the reporter's:

    ellipsoid          0
    msl                the geoid grid's, 0.5 m
    pressure with QNH  8 m (1 hPa of pressure) and 4 % of the height (air 11 K from standard)
    pressure alone     85 m (10 hPa: what the weather does to sea-level pressure) and 4 % of the height
    takeoff            0; the height of the place of take-off must be known above the ellipsoid

Only the troposphere (below 11 km) of the standard atmosphere is here; tides and the temperature of the day are not.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

STANDARD_PRESSURE_HPA = 1013.25
STANDARD_TEMPERATURE_K = 288.15
LAPSE_K_PER_M = 0.0065
GAS_EXPONENT = 0.190263  # lapse rate times gas constant over gravity, ICAO Doc 7488
QNH_LIMITS_HPA = (850.0, 1100.0)  # beyond every sea-level pressure on record

SIGMA_GEOID_M = 0.5
SIGMA_QNH_M = 8.0
SIGMA_WEATHER_M = 85.0
SIGMA_TEMPERATURE_SHARE = 0.04


class Datum(StrEnum):
    """The surface a height counts from; the value is the word used in files."""

    ELLIPSOID = "ellipsoid"
    MSL = "msl"  # mean sea level: the EGM96 geoid
    PRESSURE = "pressure"  # height in the standard atmosphere at the measured pressure (altimeter set to 1013.25 hPa)
    TAKEOFF = "takeoff"  # above the place of take-off


@cache
def _grid() -> Floats:
    """Undulations (181, 361) m, from the north pole southwards, from Greenwich eastwards, the first column repeated."""
    with resources.files(__package__).joinpath("egm96.npz").open("rb") as file, np.load(file) as data:
        metres = data["undulation_cm"].astype(np.float64) / 100.0
    return np.concatenate([metres, metres[:, :1]], axis=1)


def geoid_undulation_m(latitude_deg: ArrayLike, longitude_deg: ArrayLike) -> Floats:
    """Height of mean sea level (EGM96) above the ellipsoid, m, at places in degrees, any shape; NaN stays NaN.

    Within 0.5 m rms and, over the steepest slopes of the geoid, 14 m of the 15' grid of the full model.
    """
    latitude, longitude = np.broadcast_arrays(
        np.asarray(latitude_deg, dtype=np.float64), np.asarray(longitude_deg, dtype=np.float64)
    )
    known = np.isfinite(latitude) & np.isfinite(longitude)
    down = np.where(known, np.clip(90.0 - latitude, 0.0, 180.0), 0.0)
    along = np.where(known, np.mod(longitude, 360.0), 0.0)
    row, column = np.minimum(down.astype(np.int64), 179), np.minimum(along.astype(np.int64), 359)
    south, east = down - row, along - column
    grid = _grid()
    north_edge = grid[row, column] * (1.0 - east) + grid[row, column + 1] * east
    south_edge = grid[row + 1, column] * (1.0 - east) + grid[row + 1, column + 1] * east
    return np.where(known, north_edge * (1.0 - south) + south_edge * south, np.nan)


def pressure_height_m(pressure_hpa: ArrayLike) -> Floats:
    """Height in the standard atmosphere, m, at which a pressure in hPa is found (troposphere)."""
    ratio = np.asarray(pressure_hpa, dtype=np.float64) / STANDARD_PRESSURE_HPA
    return (STANDARD_TEMPERATURE_K / LAPSE_K_PER_M) * (1.0 - ratio**GAS_EXPONENT)


def ellipsoidal_height(
    height_m: ArrayLike,
    latitude_deg: ArrayLike,
    longitude_deg: ArrayLike,
    datum: Datum,
    *,
    qnh_hpa: float | None = None,
    takeoff_height_m: ArrayLike | None = None,
) -> tuple[Floats, Floats]:
    """Heights above the ellipsoid, and the sigma that their datum adds, both m, broadcast over all arguments.

    Args:
        height_m: above the datum.
        latitude_deg, longitude_deg: of the objects.
        datum: what the heights count from.
        qnh_hpa: sea-level pressure of the area, for `PRESSURE`; None: not known, the standard is taken.
        takeoff_height_m: the place of take-off above the ellipsoid, for `TAKEOFF`.

    Raises:
        ValueError: if the QNH is no sea-level pressure, or the height of the take-off is needed and not given.
    """
    height = np.asarray(height_m, dtype=np.float64)
    if datum is Datum.ELLIPSOID:
        return height, np.zeros_like(height)
    if datum is Datum.TAKEOFF:
        if takeoff_height_m is None:
            raise ValueError("heights above take-off need the height of the place of take-off")
        above = height + np.asarray(takeoff_height_m, dtype=np.float64)
        return above, np.zeros_like(above)
    if datum is Datum.PRESSURE:
        height, sigma = _sea_level_height(height, qnh_hpa)
    else:
        sigma = np.zeros_like(height)
    above = height + geoid_undulation_m(latitude_deg, longitude_deg)
    return above, np.broadcast_to(np.hypot(sigma, SIGMA_GEOID_M), above.shape).copy()


def _sea_level_height(pressure_height: Floats, qnh_hpa: float | None) -> tuple[Floats, Floats]:
    """Height above mean sea level of a pressure height, and its sigma."""
    if qnh_hpa is None:
        return pressure_height, np.hypot(SIGMA_WEATHER_M, SIGMA_TEMPERATURE_SHARE * pressure_height)
    low, high = QNH_LIMITS_HPA
    if not low <= qnh_hpa <= high:
        raise ValueError(f"QNH {qnh_hpa:.10g} hPa is not between {low:.0f} and {high:.0f}")
    height = pressure_height - pressure_height_m(qnh_hpa)
    return height, np.hypot(SIGMA_QNH_M, SIGMA_TEMPERATURE_SHARE * height)
