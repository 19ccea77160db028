"""Wrapping of angles: the one place in lowsky where an angle is brought back into its circle.

Differences of azimuths, means of headings and everything that leaves the house go through here. Compiled kernels
keep their own scalar twin (they may import nothing of ours); a test holds the two against each other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

TWO_PI = 2.0 * np.pi


def wrap_pi(angle_rad: ArrayLike) -> NDArray[np.float64]:
    """The same angles in [-pi, pi), any shape, rad. Not finite stays NaN."""
    return wrap_2pi(np.asarray(angle_rad, dtype=np.float64) + np.pi) - np.pi


def wrap_2pi(angle_rad: ArrayLike) -> NDArray[np.float64]:
    """The same angles in [0, 2 pi), any shape, rad. Not finite stays NaN.

    A tiny negative angle would round up to 2 pi itself; it becomes 0.
    """
    value = np.asarray(angle_rad, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        wrapped = np.mod(value, TWO_PI)
    return np.where(wrapped >= TWO_PI, 0.0, wrapped)


def wrap_degrees(angle_deg: ArrayLike) -> NDArray[np.float64]:
    """The same angles (longitudes) in [-180, 180), any shape, degrees. Not finite stays NaN."""
    with np.errstate(invalid="ignore"):
        wrapped = np.mod(np.asarray(angle_deg, dtype=np.float64) + 180.0, 360.0)
    return np.where(wrapped >= 360.0, 0.0, wrapped) - 180.0
