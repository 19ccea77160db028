"""Places of people: where who flies something, or stands somewhere, says that he is.

They are kept apart from reports: nothing of them enters the tracker, the picture or its recording.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OperatorPlace:
    """Where the operator of an aircraft says that he stands (broadcast Remote ID, System message)."""

    sensor: int  # index in the site of the receiver
    identity: str  # of the aircraft, "": not told yet
    operator_id: str  # registration number of the operator, "": not told
    latitude_deg: float
    longitude_deg: float
    height_m: float  # above the ellipsoid, NaN: not told
    source: str  # "takeoff", "live" or "fixed": what the position is
    time_ns: int  # of validity
    received_ns: int


@dataclass(frozen=True, slots=True)
class FriendPlace:
    """Where somebody of one's own, or something he marked, is (Cursor on Target)."""

    uid: str
    callsign: str
    type: str  # as the format says it, for example "a-f-G-U-C"
    latitude_deg: float
    longitude_deg: float
    height_m: float  # above the ellipsoid, NaN: not told
    sigma_position_m: float  # NaN: not told
    time_ns: int
    stale_ns: int  # when it is no longer to be believed
    received_ns: int
