"""Places of people, as they are answered and told."""

from __future__ import annotations

from typing import Literal

import msgspec

from lowsky.model.people import FriendPlace, OperatorPlace


class OperatorInfo(msgspec.Struct, frozen=True):
    """Where the operator of an aircraft says that he stands."""

    identity: str  # of the aircraft, "": not told
    operator_id: str  # his registration, "": not told
    lat: float
    lon: float
    height_m: float | None  # above the ellipsoid
    place: Literal["takeoff", "live", "fixed"]  # what the position is
    sensor: str  # id of the receiver
    time_ms: float
    received_ms: float


class OperatorList(msgspec.Struct, frozen=True):
    """Operators heard of lately, newest first."""

    operators: tuple[OperatorInfo, ...]


class FriendInfo(msgspec.Struct, frozen=True):
    """Where one of one's own is."""

    uid: str
    callsign: str
    type: str
    lat: float
    lon: float
    height_m: float | None
    sigma_m: float | None
    time_ms: float
    stale_ms: float


class FriendList(msgspec.Struct, frozen=True):
    """One's own, newest first."""

    friends: tuple[FriendInfo, ...]


def operator_infos(places: tuple[OperatorPlace, ...], sensors: tuple[str, ...]) -> tuple[OperatorInfo, ...]:
    """Operators as they are answered; `sensors` are the ids of the site's."""
    return tuple(
        OperatorInfo(
            identity=place.identity,
            operator_id=place.operator_id,
            lat=place.latitude_deg,
            lon=place.longitude_deg,
            height_m=_known(place.height_m),
            place=place.source,  # type: ignore[arg-type]
            sensor=sensors[place.sensor] if 0 <= place.sensor < len(sensors) else "",
            time_ms=place.time_ns / 1e6,
            received_ms=place.received_ns / 1e6,
        )
        for place in places
    )


def friend_infos(places: tuple[FriendPlace, ...]) -> tuple[FriendInfo, ...]:
    """Friends as they are answered."""
    return tuple(
        FriendInfo(
            uid=place.uid,
            callsign=place.callsign,
            type=place.type,
            lat=place.latitude_deg,
            lon=place.longitude_deg,
            height_m=_known(place.height_m),
            sigma_m=_known(place.sigma_position_m),
            time_ms=place.time_ns / 1e6,
            stale_ms=place.stale_ns / 1e6,
        )
        for place in places
    )


def _known(value: float) -> float | None:
    return None if value != value else value
