"""Geodesy: WGS-84 geodetic, earth-centred (ECEF) and the region's east-north-up frame, all vectorised.

Sources: NIMA TR8350.2 (3rd ed., 2000) for the ellipsoid; B. R. Bowring, "Transformation from spatial to geographical
coordinates", Survey Review 23 (1976), iterated, for ECEF to geodetic; the height formula is that of Bowring (1985),
which has no singularity at the poles.

The region's frame is one Cartesian frame reached exactly through ECEF: it is no flat earth. Its "up" tilts against
the vertical at an object by the angle between the two places, so velocities and covariances that leave the house are
turned by `Frame.local_rotation` first. No map projection and no other datum is done here; heights above other
surfaces than the ellipsoid are in `lowsky.model.heights`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .angles import wrap_degrees
from .sensor import Origin

Floats = NDArray[np.float64]

SEMI_MAJOR_M = 6378137.0
FLATTENING = 1.0 / 298.257223563
E2 = FLATTENING * (2.0 - FLATTENING)  # first eccentricity squared
EP2 = E2 / (1.0 - E2)  # second eccentricity squared
SEMI_MINOR_M = SEMI_MAJOR_M * (1.0 - FLATTENING)
BOWRING_ROUNDS = 3  # error of the latitude below 1e-15 rad from -10 km to beyond geostationary height


def ecef_from_geodetic(latitude_deg: ArrayLike, longitude_deg: ArrayLike, height_m: ArrayLike) -> Floats:
    """Earth-centred coordinates (..., 3), m, of places in degrees and metres above the ellipsoid."""
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    height = np.asarray(height_m, dtype=np.float64)
    sine, cosine = np.sin(latitude), np.cos(latitude)
    normal_m = SEMI_MAJOR_M / np.sqrt(1.0 - E2 * sine * sine)
    across_m = (normal_m + height) * cosine
    return np.stack(
        np.broadcast_arrays(
            across_m * np.cos(longitude), across_m * np.sin(longitude), (normal_m * (1.0 - E2) + height) * sine
        ),
        axis=-1,
    )


def geodetic_from_ecef(ecef_m: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Latitude and longitude in degrees and height above the ellipsoid in m of earth-centred coordinates (..., 3).

    Accurate to a few nanometres from 10 km below the ellipsoid upwards; longitude at a pole is 0, and the centre of
    the earth, which has no latitude, is put below the equator.
    """
    x, y, z = np.moveaxis(np.asarray(ecef_m, dtype=np.float64), -1, 0)
    across = np.hypot(x, y)
    # reduced latitude first, then its sine and cosine improve each other
    sine, cosine = _unit(SEMI_MAJOR_M * z, SEMI_MINOR_M * across)
    for _ in range(BOWRING_ROUNDS):
        up, out = z + EP2 * SEMI_MINOR_M * sine**3, across - E2 * SEMI_MAJOR_M * cosine**3
        sine, cosine = _unit((1.0 - FLATTENING) * up, out)
    sine, cosine = _unit(up, out)
    height = across * cosine + z * sine - SEMI_MAJOR_M * np.sqrt(1.0 - E2 * sine * sine)
    return np.degrees(np.arctan2(sine, cosine)), wrap_degrees(np.degrees(np.arctan2(y, x))), height


def _unit(up: Floats, out: Floats) -> tuple[Floats, Floats]:
    """Sine and cosine of the angle of (out, up); the angle of nothing is 0."""
    length = np.hypot(up, out)
    nothing = length == 0.0
    length = np.where(nothing, 1.0, length)
    return up / length, np.where(nothing, 1.0, out / length)


def enu_axes(latitude_deg: ArrayLike, longitude_deg: ArrayLike) -> Floats:
    """East, north and up at places as rows of (..., 3, 3) in ECEF: `axes @ ecef_vector` is the vector in ENU."""
    latitude, longitude = np.broadcast_arrays(np.radians(latitude_deg), np.radians(longitude_deg))
    sin_lat, cos_lat, sin_lon, cos_lon = np.sin(latitude), np.cos(latitude), np.sin(longitude), np.cos(longitude)
    axes = np.empty((*latitude.shape, 3, 3))
    axes[..., 0, 0], axes[..., 0, 1], axes[..., 0, 2] = -sin_lon, cos_lon, 0.0
    axes[..., 1, 0], axes[..., 1, 1], axes[..., 1, 2] = -sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat
    axes[..., 2, 0], axes[..., 2, 1], axes[..., 2, 2] = cos_lat * cos_lon, cos_lat * sin_lon, sin_lat
    return axes


@dataclass(frozen=True, slots=True)
class Frame:
    """The region's east-north-up frame at an origin, exact through ECEF."""

    origin: Origin

    @property
    def origin_ecef_m(self) -> Floats:
        """The origin (3,), ECEF m."""
        return ecef_from_geodetic(self.origin.latitude_deg, self.origin.longitude_deg, self.origin.height_m)

    @property
    def axes(self) -> Floats:
        """East, north, up of the region as rows (3, 3) in ECEF."""
        return enu_axes(self.origin.latitude_deg, self.origin.longitude_deg)

    def to_enu(self, latitude_deg: ArrayLike, longitude_deg: ArrayLike, height_m: ArrayLike) -> Floats:
        """Region coordinates (..., 3) m of places in degrees and metres above the ellipsoid."""
        return _turned(self.axes, ecef_from_geodetic(latitude_deg, longitude_deg, height_m) - self.origin_ecef_m)

    def to_geodetic(self, enu_m: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Latitude and longitude in degrees, height above the ellipsoid in m, of region coordinates (..., 3) m."""
        return geodetic_from_ecef(_turned(self.axes.T, np.asarray(enu_m, dtype=np.float64)) + self.origin_ecef_m)

    def rotation_at(self, latitude_deg: ArrayLike, longitude_deg: ArrayLike) -> Floats:
        """Rotations (..., 3, 3) from the region's frame to the own east-north-up of places (a sensor's, an object's).

        `rotation @ region_vector` is the vector in local east, north, up; its transpose leads back.
        """
        rotation: Floats = enu_axes(latitude_deg, longitude_deg) @ self.axes.T
        return rotation

    def local_rotation(self, enu_m: ArrayLike) -> Floats:
        """Rotations (..., 3, 3) from the region's frame to the own east-north-up at region points (..., 3) m."""
        latitude, longitude, _ = self.to_geodetic(enu_m)
        return self.rotation_at(latitude, longitude)


def _turned(rotation: Floats, vectors: Floats) -> Floats:
    """`rotation @ vector` row by row: (3, 3) and (..., 3) give (..., 3).

    Written out, because a matrix product may round a row otherwise when it stands among other rows, and then how a
    batch is cut would show.
    """
    x, y, z = (vectors[..., c, None] for c in range(3))
    return x * rotation[:, 0] + y * rotation[:, 1] + z * rotation[:, 2]


def rotate_vectors(rotation: ArrayLike, vectors: ArrayLike) -> Floats:
    """`rotation @ vector` row by row: (n, 3, 3) and (n, 3) give (n, 3)."""
    turned: Floats = np.einsum("...ij,...j->...i", np.asarray(rotation), np.asarray(vectors))
    return turned


def rotate_covariances(rotation: ArrayLike, covariances: ArrayLike) -> Floats:
    """`rotation @ covariance @ rotation.T` row by row, symmetric to the bit: (n, 3, 3) and (n, 3, 3) give (n, 3, 3)."""
    turn = np.asarray(rotation, dtype=np.float64)
    turned = turn @ np.asarray(covariances, dtype=np.float64) @ np.swapaxes(turn, -1, -2)
    return 0.5 * (turned + np.swapaxes(turned, -1, -2))
