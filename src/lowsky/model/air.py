"""The picture of one moment as it leaves the house: geodetic, each covariance in the object's own east-north-up.

What the encoders of `lowsky.wire` turn into bytes for others. A row is one object that has a number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Air:
    """n objects, ordered by number. Angles in degrees WGS-84, heights in metres above the ellipsoid, times UTC."""

    time_ns: int  # the tick; every object is extrapolated to it
    number: NDArray[np.int64]  # public number, never used twice
    status: NDArray[np.uint8]  # model.picture.Status
    latitude_deg: Floats
    longitude_deg: Floats
    height_m: Floats
    velocity_mps: Floats  # (n, 3) east, north, up at the object
    covariance: Floats  # (n, 6, 6) of east, north, up m and their rates m/s at the object
    existence: Floats
    kind: NDArray[np.uint8]  # model.kinds.Kind
    kind_probability: Floats  # of that kind, NaN: not known
    level: NDArray[np.uint8]  # model.notice.Level of the object's most urgent notice
    rcs_dbsm: Floats  # NaN: none told
    first_report_ns: NDArray[np.int64]
    last_report_ns: NDArray[np.int64]
    reports: NDArray[np.int64]
    identity: tuple[str, ...]  # declared, "": none

    def __len__(self) -> int:
        return len(self.number)
