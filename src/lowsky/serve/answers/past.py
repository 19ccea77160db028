"""The recording: what of it is there, and a moment of it."""

from __future__ import annotations

import msgspec

from .notices import Notice
from .site import PlaceInfo
from .words import LevelWord


class RecordingInfo(msgspec.Struct, frozen=True):
    """What of the past is there."""

    from_ms: float
    to_ms: float
    gaps: tuple[tuple[float, float], ...]


class DensityNotice(msgspec.Struct, frozen=True):
    """A notice on the timeline."""

    time_ms: float
    level: LevelWord
    place: str


class Density(msgspec.Struct, frozen=True):
    """Objects per bin of the timeline, and when notices were raised."""

    from_ms: float
    to_ms: float
    objects: tuple[float, ...]
    notices: tuple[DensityNotice, ...]


class PastState(msgspec.Struct, frozen=True):
    """Notices and identities at a moment of the past; indices in the binary picture of that moment lead here."""

    time_ms: float
    missing: bool  # nothing was recorded then: there was no picture
    notices: tuple[Notice, ...]
    identities: tuple[str, ...]
    places: tuple[PlaceInfo, ...]
