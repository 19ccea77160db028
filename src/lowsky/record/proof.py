"""Proof that a replay is what was seen: hashes on the same machine, a sample with a tolerance on others.

The hash of a tick covers every bit of the picture and of the standing notices at it. It does not cover what happened
between two hashed ticks; since the core's state follows from everything before, what went another way there shows in
the next hashes. Where versions or processors differ, the last bits may: then the numbers and places of the objects are
compared, which are recorded in short every few seconds.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lowsky.core import Changes, picture_hash
from lowsky.model.notice import NOTICE_COLUMNS, NoticeBatch
from lowsky.model.picture import PICTURE_COLUMNS, Picture

from .frames import DamageError

TOLERANCE_M = 1.0  # by which an object's place may differ on another machine
TOLERANCE_SHARE = 0.01  # share of the objects that may differ by more, or be missing
_SAMPLE = np.dtype([("track", "<i8"), ("place_m", "<f4", (3,))])


def rows_at(picture: Picture, time_ns: int) -> Picture:
    """The rows of one tick."""
    first, last = (int(np.searchsorted(picture.time_ns, time_ns, side=side)) for side in ("left", "right"))
    return Picture(**{name: getattr(picture, name)[first:last] for name in PICTURE_COLUMNS})


def notices_at(notices: NoticeBatch, time_ns: int) -> NoticeBatch:
    """The notices of one tick."""
    return notices.take(notices.time_ns == time_ns)


def result_hash(picture: Picture, notices: NoticeBatch) -> str:
    """Hash (32 hexadecimal digits) of every bit of the picture and the notices at a tick."""
    digest = hashlib.blake2b(picture_hash(picture).encode(), digest_size=16)
    for name in NOTICE_COLUMNS:
        column = np.ascontiguousarray(getattr(notices, name))
        digest.update(f"{name} {column.dtype.str} {column.shape}".encode())
        digest.update(column.tobytes())
    return digest.hexdigest()


def hash_at(changes: Changes, time_ns: int) -> str:
    """Hash of the tick at a time."""
    return result_hash(rows_at(changes.picture, time_ns), notices_at(changes.notices, time_ns))


def sample_of(picture: Picture) -> str:
    """Numbers and places (float32 m, region frame) of one tick's objects, as text."""
    rows = np.zeros(len(picture), dtype=_SAMPLE)
    rows["track"], rows["place_m"] = picture.track, picture.state[:, :3]
    return base64.b64encode(rows.tobytes()).decode("ascii")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a replayed tick compares with the sample that was recorded."""

    objects: int  # recorded or replayed
    apart: int  # in one of them only, or further apart than the tolerance
    furthest_m: float  # of those in both

    @property
    def alike(self) -> bool:
        """Is it within the tolerance?"""
        return self.apart <= TOLERANCE_SHARE * self.objects


def likeness(sample: str, picture: Picture) -> Likeness:
    """Compare a sample with the picture at the same tick.

    Raises:
        DamageError: if the sample is none.
    """
    try:
        rows = np.frombuffer(base64.b64decode(sample, validate=True), dtype=_SAMPLE)
    except ValueError as error:
        raise DamageError(f"sample cannot be read: {error}") from None
    both, i, j = np.intersect1d(rows["track"], picture.track, return_indices=True)
    error_m: NDArray[np.float64] = np.linalg.norm(rows["place_m"][i] - picture.state[j, :3], axis=1)
    objects = len(rows) + len(picture) - len(both)
    apart = objects - len(both) + int((~(error_m <= TOLERANCE_M)).sum())
    return Likeness(objects, apart, float(error_m.max(initial=0.0)))
