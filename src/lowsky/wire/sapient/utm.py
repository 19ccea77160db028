"""Universal Transverse Mercator on WGS-84, both ways, and the convergence of its grid.

Source: C. F. F. Karney, "Transverse Mercator with an accuracy of a few nanometers", Journal of Geodesy 85 (2011), the
series of Krueger (1912) to the sixth order in the third flattening: exact to 5 nm within 3,900 km of the zone's middle,
so also where a place is told in the zone beside its own. Zones 1 to 60, scale 0.9996, false easting 500 km, false
northing 10,000 km in the south. The exceptions of Norway and Svalbard say which zone a place is usually told in, not
what a zone is, and are not needed here.

The letter of a zone: BSI Flex 335 v2.0 shows "30N", its examples "30U". A letter is a latitude band (C to M south, N to
X north). "S" alone is two things, the band from 32 to 40 degrees north and, as many write it, the south: whoever knows
where the node stands says which.
"""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lowsky.model.angles import wrap_degrees
from lowsky.model.geodesy import E2, FLATTENING, SEMI_MAJOR_M

Floats = NDArray[np.float64]

SCALE = 0.9996
FALSE_EASTING_M, FALSE_NORTHING_M = 500_000.0, 10_000_000.0
EASTING_M, NORTHING_M = (-500_000.0, 1_500_000.0), (0.0, 10_000_000.0)  # a zone and those beside it
ZONE_DEG = 6.0
_N = FLATTENING / (2.0 - FLATTENING)
_ECCENTRICITY = math.sqrt(E2)
_RECTIFYING_M = SEMI_MAJOR_M / (1.0 + _N) * (1.0 + _N**2 / 4 + _N**4 / 64 + _N**6 / 256)
_ZONE = re.compile(r"0?([1-9]|[1-5][0-9]|60) ?([C-HJ-NP-X]?)").fullmatch
NEWTON_ROUNDS = 5

# Karney (2011), equations 35 and 36: coefficients of powers of the third flattening from the first that is not zero
_ALPHA = (
    (1 / 2, -2 / 3, 5 / 16, 41 / 180, -127 / 288, 7891 / 37800),
    (13 / 48, -3 / 5, 557 / 1440, 281 / 630, -1983433 / 1935360),
    (61 / 240, -103 / 140, 15061 / 26880, 167603 / 181440),
    (49561 / 161280, -179 / 168, 6601661 / 7257600),
    (34729 / 80640, -3418889 / 1995840),
    (212378941 / 319334400,),
)
_BETA = (
    (1 / 2, -2 / 3, 37 / 96, -1 / 360, -81 / 512, 96199 / 604800),
    (1 / 48, 1 / 15, -437 / 1440, 46 / 105, -1118711 / 3870720),
    (17 / 480, -37 / 840, -209 / 4480, 5569 / 90720),
    (4397 / 161280, -11 / 504, -830251 / 7257600),
    (4583 / 161280, -108847 / 3991680),
    (20648693 / 638668800,),
)


def _series(table: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    return tuple(sum(c * _N ** (j + k) for k, c in enumerate(row)) for j, row in enumerate(table, start=1))


ALPHA, BETA = _series(_ALPHA), _series(_BETA)


def parse_zone(text: str, south: bool = False) -> tuple[int, bool] | None:
    """Number of a zone and whether it counts in the south, of "30U", "30N", "30"; None: no zone.

    Args:
        south: whether the node stands in the south: what a zone without a letter, or with "S", means.
    """
    match = _ZONE(text.strip().upper())
    if not match:
        return None
    letter = match[2]
    return int(match[1]), south if letter in ("", "S") else letter < "N"


def natural_zone(longitude_deg: float) -> int:
    """The zone that a longitude lies in."""
    return int((longitude_deg + 180.0) % 360.0 // ZONE_DEG) + 1


def geodetic_from_utm(
    easting_m: ArrayLike, northing_m: ArrayLike, zone: int, south: bool
) -> tuple[Floats, Floats, Floats]:
    """Latitude and longitude in degrees, and convergence of the grid in radians, of places in a zone, any shape.

    The convergence is the direction of grid north, clockwise from true north.
    """
    xi = (np.asarray(northing_m, dtype=np.float64) - FALSE_NORTHING_M * south) / (SCALE * _RECTIFYING_M)
    eta = (np.asarray(easting_m, dtype=np.float64) - FALSE_EASTING_M) / (SCALE * _RECTIFYING_M)
    zeta = xi + 1j * eta
    inner = zeta - sum(b * np.sin(2 * j * zeta) for j, b in enumerate(BETA, start=1))
    tau_prime = np.sin(inner.real) / np.hypot(np.sinh(inner.imag), np.cos(inner.real))
    along = np.arctan2(np.sinh(inner.imag), np.cos(inner.real))
    tau = _geodetic_tangent(tau_prime)
    longitude = wrap_degrees(_meridian_deg(zone) + np.degrees(along))
    return np.degrees(np.arctan(tau)), longitude, _convergence(tau_prime, along, inner)


def utm_from_geodetic(
    latitude_deg: ArrayLike, longitude_deg: ArrayLike, zone: int, south: bool
) -> tuple[Floats, Floats, Floats]:
    """Easting and northing in m in a zone, and convergence of the grid in radians, of places in degrees, any shape."""
    latitude = np.radians(np.asarray(latitude_deg, dtype=np.float64))
    along = np.radians(wrap_degrees(np.asarray(longitude_deg, dtype=np.float64) - _meridian_deg(zone)))
    tau_prime = _conformal_tangent(np.tan(latitude))
    xi = np.arctan2(tau_prime, np.cos(along))
    eta = np.arcsinh(np.sin(along) / np.hypot(tau_prime, np.cos(along)))
    inner = xi + 1j * eta
    zeta = inner + sum(a * np.sin(2 * j * inner) for j, a in enumerate(ALPHA, start=1))
    easting = FALSE_EASTING_M + SCALE * _RECTIFYING_M * zeta.imag
    northing = FALSE_NORTHING_M * south + SCALE * _RECTIFYING_M * zeta.real
    return easting, northing, _convergence(tau_prime, along, inner)


def _meridian_deg(zone: int) -> float:
    return ZONE_DEG * zone - 183.0


def _convergence(tau_prime: Floats, along: Floats, inner: NDArray[np.complex128]) -> Floats:
    """Karney (2011), equations 23 to 25: that of the conformal sphere, and what the series turns it by."""
    on_sphere = np.arctan2(tau_prime * np.sin(along), np.hypot(1.0, tau_prime) * np.cos(along))
    slope = 1.0 + sum(2 * j * a * np.cos(2 * j * inner) for j, a in enumerate(ALPHA, start=1))
    turned: Floats = on_sphere - np.angle(slope)
    return turned


def _conformal_tangent(tau: Floats) -> Floats:
    """Karney (2011), equations 7 to 9."""
    sigma = np.sinh(_ECCENTRICITY * np.arctanh(_ECCENTRICITY * tau / np.hypot(1.0, tau)))
    tau_prime: Floats = tau * np.hypot(1.0, sigma) - sigma * np.hypot(1.0, tau)
    return tau_prime


def _geodetic_tangent(tau_prime: Floats) -> Floats:
    """Karney (2011), equations 19 to 21: Newton's method; two rounds are exact, one more costs nothing."""
    tau = tau_prime / (1.0 - E2)
    for _ in range(NEWTON_ROUNDS):
        guess = _conformal_tangent(tau)
        slope = (1.0 + (1.0 - E2) * tau**2) / ((1.0 - E2) * np.hypot(1.0, guess) * np.hypot(1.0, tau))
        tau = tau + (tau_prime - guess) * slope
    return tau
