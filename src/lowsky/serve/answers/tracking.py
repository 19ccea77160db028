"""The tracker's knob: how many false tracks an hour the whole site may have."""

from __future__ import annotations

import msgspec


class Tracking(msgspec.Struct, frozen=True):
    """The rate in force, and the one that the configuration says."""

    false_tracks_per_hour: float
    configured: float


class TrackingGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rate that is wanted."""

    false_tracks_per_hour: float
