"""The picture of one moment as it leaves the house: geodetic, each covariance in the object's own east-north-up.

What the encoders of `lowsky.wire` turn into bytes for others. A row is one object that has a number; one that has left
the picture is there once more, with status ENDED and where it was last.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

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
    group_n: NDArray[np.int64]  # objects that the row stands for
    identity: tuple[str, ...]  # declared, "": none

    def __len__(self) -> int:
        return len(self.number)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Air:
        """The given rows, in the given order."""
        columns = {name: getattr(self, name)[rows] for name in AIR_COLUMNS}
        at = np.arange(len(self))[rows].tolist()
        return Air(time_ns=self.time_ns, identity=tuple(self.identity[i] for i in at), **columns)


AIR_COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(Air) if f.name not in ("time_ns", "identity"))


def joined(first: Air, second: Air) -> Air:
    """The rows of both, ordered by number, at the time of the first."""
    columns = {name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in AIR_COLUMNS}
    both = Air(time_ns=first.time_ns, identity=(*first.identity, *second.identity), **columns)
    return both.take(np.argsort(both.number, kind="stable"))


def no_air(time_ns: int) -> Air:
    """An empty sky."""
    return Air(time_ns, identity=(), **{name: np.empty(_SHAPES.get(name, 0), _DTYPES[name]) for name in AIR_COLUMNS})


_SHAPES: dict[str, tuple[int, ...]] = {"velocity_mps": (0, 3), "covariance": (0, 6, 6)}
_OTHER_DTYPES: dict[str, type[np.generic]] = {
    "number": np.int64, "status": np.uint8, "kind": np.uint8, "level": np.uint8,
    "first_report_ns": np.int64, "last_report_ns": np.int64, "reports": np.int64,
    "group_n": np.int64,
}  # fmt: skip
_DTYPES = {name: np.dtype(_OTHER_DTYPES.get(name, np.float64)) for name in AIR_COLUMNS}
