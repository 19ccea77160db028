"""The picture: each shown object once, as a struct of arrays, in the region's frame.

A row is one object at one tick. What leaves the house (geodetic position, covariance in the object's own
east-north-up) is made from it by `lowsky.wire`; nothing here converts.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Status(IntEnum):
    """Life of an object."""

    TENTATIVE = 0  # may exist; not shown
    CONFIRMED = 1  # shown, seen by a recent look
    COASTING = 2  # shown, but not seen by the last looks that should have seen it
    ENDED = 3


@dataclass(frozen=True, slots=True)
class Picture:
    """n rows, ordered by time, then track. Position m and velocity m/s in the region's east-north-up frame."""

    time_ns: NDArray[np.int64]  # the tick
    track: NDArray[np.int64]  # public number, given at confirmation, never used twice
    status: NDArray[np.uint8]  # Status
    state: NDArray[np.float64]  # (n, 6): east, north, up m; east, north, up m/s
    covariance: NDArray[np.float64]  # (n, 6, 6) of `state`
    existence: NDArray[np.float64]  # probability
    model_probability: NDArray[np.float64]  # (n, models): steady, manoeuvring, hovering
    first_report_ns: NDArray[np.int64]
    last_report_ns: NDArray[np.int64]
    rcs_dbsm: NDArray[np.float64]  # mean of the last reports that tell, NaN: none did
    reports: NDArray[np.int64]  # expected number of reports that came from the object so far, rounded
    group_n: NDArray[np.int64]  # objects that the row stands for: more than 1 where a group cannot be told apart
    identity: NDArray[np.int32]  # index into the run's identity table, -1: none
    kind: NDArray[np.uint8]  # Kind

    def __len__(self) -> int:
        return len(self.track)


PICTURE_COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(Picture))


def take_rows(picture: Picture, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> Picture:
    """The given rows, in the given order; a slice shares the picture's memory."""
    return Picture(**{name: getattr(picture, name)[rows] for name in PICTURE_COLUMNS})


def concatenate_pictures(parts: list[Picture]) -> Picture:
    """All rows in order. At least one part is needed (it may be empty)."""
    return Picture(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in PICTURE_COLUMNS})
