"""Notices: an object may reach a protected place. The words in which warnings are told, kept and acknowledged.

A notice is about one object and one place, keeps its number for life, and has a level. Notices of objects that come for
a place together (a wave) belong to one call: what sounds, and what is sent to receivers, is the call. Batches hold the
standing notices at each tick as a struct of arrays; events are what happened to them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

NO_TIME_NS = 0
"""A time that is not known or has not come."""


class Level(IntEnum):
    """How near the danger is. The order is that of urgency."""

    CLEAR = 0  # it was announced and is over
    WATCH = 1
    WARNING = 2
    IMMINENT = 3

    @property
    def word(self) -> str:
        """The word used in files and on the wire, for example "imminent"."""
        return self.name.lower()


class EventKind(IntEnum):
    """What can happen to a notice."""

    RAISED = 0
    LEVEL = 1  # its level changed
    DELIVERED = 2  # a receiver has it
    ACKNOWLEDGED = 3  # somebody has seen it
    ENDED = 4  # by rule, or by somebody
    MOVED = 5  # the object goes on under another track number

    @property
    def word(self) -> str:
        """The word used in files and on the wire, for example "acknowledged"."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class NoticeBatch:
    """n rows: every standing notice at each tick, and once, with level CLEAR, one that ended at that tick; ordered by
    tick, then notice."""

    time_ns: NDArray[np.int64]  # the tick
    notice: NDArray[np.int64]  # number, from 1
    call: NDArray[np.int64]  # number of the call that it belongs to, from 1
    track: NDArray[np.int64]  # public number of the object at that tick
    place: NDArray[np.int32]  # row in the configuration's places
    level: NDArray[np.uint8]  # Level
    probability: NDArray[np.float64]  # of entering the place within the horizon
    arrival_ns: NDArray[np.int64]  # median time of entering, NO_TIME_NS: not known
    early_ns: NDArray[np.int64]  # 5 and 95 percent points of that time
    late_ns: NDArray[np.int64]
    raised_ns: NDArray[np.int64]
    acknowledged_ns: NDArray[np.int64]  # NO_TIME_NS: not yet

    def __len__(self) -> int:
        return len(self.notice)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> NoticeBatch:
        """The given rows, in the given order."""
        return NoticeBatch(**{name: getattr(self, name)[rows] for name in NOTICE_COLUMNS})


NOTICE_COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(NoticeBatch))
_OTHER_DTYPES: dict[str, type[np.generic]] = {"place": np.int32, "level": np.uint8, "probability": np.float64}
NOTICE_DTYPES = {name: np.dtype(_OTHER_DTYPES.get(name, np.int64)) for name in NOTICE_COLUMNS}


def no_notices() -> NoticeBatch:
    """An empty batch."""
    return NoticeBatch(**{name: np.empty(0, dtype=dtype) for name, dtype in NOTICE_DTYPES.items()})


def concatenate_notices(parts: list[NoticeBatch]) -> NoticeBatch:
    """All rows in order."""
    return (
        NoticeBatch(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in NOTICE_COLUMNS})
        if parts
        else no_notices()
    )


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a notice at a tick."""

    time_ns: int
    kind: EventKind
    notice: int
    call: int
    track: int
    place: int  # row in the configuration's places
    level: Level
    who: str = ""  # a person or a receiver, for DELIVERED, ACKNOWLEDGED and an ENDED by hand
