"""Compact position reporting: pairs of messages, or one and a place nearby, to latitudes and longitudes, in columns.

Source: RTCA DO-260B / EUROCAE ED-102A, A.1.7 (equal in ICAO Doc 9871, C.2.6). A fraction below is a 17-bit field
divided by 2^17. Airborne zones repeat every 6 degrees, those of the surface every 1.5; a lone message fits a place in
each zone, which is why somebody must know where, to half a zone. What two messages tell together is unambiguous (on
the surface: but for which of four quadrants).
"""

from __future__ import annotations

import numpy as np

from .frames import Bools, Floats, Longs

ZONES = 15  # between the equator and a pole
STEPS = float(1 << 17)
AIRBORNE_DEG, SURFACE_DEG = 360.0, 90.0

_COUNT = np.arange(59, 1, -1)
_EDGES = np.degrees(
    np.arccos(np.sqrt((1.0 - np.cos(np.pi / (2 * ZONES))) / (1.0 - np.cos(2.0 * np.pi / _COUNT))))
)  # latitudes up to which there are 59, 58 ... 2 zones of longitude; ascending


def longitude_zones(latitude_deg: Floats) -> Longs:
    """Number of zones of longitude at latitudes of any shape: 59 at the equator, 1 beyond 87 degrees."""
    return 59 - np.searchsorted(_EDGES, np.abs(latitude_deg), side="left")


def pair_positions(
    even: tuple[Floats, Floats],
    odd: tuple[Floats, Floats],
    odd_newest: Bools,
    surface: Bools,
    near: tuple[Floats, Floats],
) -> tuple[Floats, Floats]:
    """Latitudes and longitudes (n,), degrees, that pairs of messages tell; NaN where the two do not fit.

    Args:
        even, odd: fractions of latitude and longitude of the messages of each form.
        odd_newest: which of the two is the newer one, whose position is told.
        surface: messages of the surface; the quadrant is the one nearest to `near`.
        near: latitude and longitude, degrees; needed for the surface only.
    """
    span = np.where(surface, SURFACE_DEG, AIRBORNE_DEG)
    zone = np.floor(59.0 * even[0] - 60.0 * odd[0] + 0.5)
    latitude_even = _quadrant(span / 60.0 * (np.mod(zone, 60.0) + even[0]), surface, near[0])
    latitude_odd = _quadrant(span / 59.0 * (np.mod(zone, 59.0) + odd[0]), surface, near[0])
    count = longitude_zones(latitude_even)
    latitude = np.where(odd_newest, latitude_odd, latitude_even)
    fits = (count == longitude_zones(latitude_odd)) & (np.abs(latitude) <= 90.0)
    own = np.maximum(count - odd_newest, 1)
    zone = np.floor(even[1] * (count - 1) - odd[1] * count + 0.5)
    longitude = span / own * (np.mod(zone, own) + np.where(odd_newest, odd[1], even[1]))
    turns = np.where(surface, np.rint((near[1] - longitude) / span) * span, 0.0)
    longitude = np.mod(longitude + np.nan_to_num(turns) + 180.0, 360.0) - 180.0
    fits &= ~surface | np.isfinite(near[0] + near[1])
    return np.where(fits, latitude, np.nan), np.where(fits, longitude, np.nan)


def _quadrant(latitude: Floats, surface: Bools, near: Floats) -> Floats:
    """Latitudes in -90 to 90: those from 270 degrees on are southern; on the surface whichever of two is nearer."""
    southern = np.where(surface, np.abs(latitude - 90.0 - near) < np.abs(latitude - near), latitude >= 270.0)
    return latitude - np.where(southern, np.where(surface, SURFACE_DEG, 360.0), 0.0)


def lone_positions(
    fraction: tuple[Floats, Floats], odd: Bools, surface: Bools, near: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Latitudes and longitudes (n,), degrees, of single messages that are within half a zone of `near` (degrees).

    Half a zone is 3 degrees of latitude (333 km) in the air, 0.75 (83 km) on the surface. NaN beyond a pole.
    """
    span = np.where(surface, SURFACE_DEG, AIRBORNE_DEG)
    latitude = _nearest(fraction[0], span / (60.0 - odd), near[0])
    known = np.abs(latitude) <= 90.0
    count = np.maximum(longitude_zones(np.where(known, latitude, 0.0)) - odd, 1)
    longitude = np.mod(_nearest(fraction[1], span / count, near[1]) + 180.0, 360.0) - 180.0
    return np.where(known, latitude, np.nan), np.where(known, longitude, np.nan)


def _nearest(fraction: Floats, zone_deg: Floats, near: Floats) -> Floats:
    """The place of a fraction in the zone that brings it nearest."""
    return zone_deg * (fraction + np.rint(near / zone_deg - fraction))
