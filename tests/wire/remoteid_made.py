"""Remote ID messages for tests: an aircraft near the receiver, and how the fixtures name what messages say."""

from __future__ import annotations

import math
from typing import Any

from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.model.timebase import NS_PER_S
from lowsky.wire.decoded import Context, Weather
from lowsky.wire.formats import find_format
from lowsky.wire.remoteid.codes import EPOCH_S
from lowsky.wire.remoteid.decoder import RemoteIdDecoder
from lowsky.wire.remoteid.encoder import (
    Location,
    System,
    encode_basic_id,
    encode_location,
    encode_operator_id,
    encode_page,
    encode_self_id,
    encode_system,
)

NOW_NS = 1_790_000_000 * NS_PER_S  # 2026-09-21 14:13:20 UTC
NOW_IN_HOUR_S = 1_790_000_000 % 3600
MAC = "02:45:67:89:ab:cd"
SERIAL = "9Z9Z9000000001"
OPERATOR = "FIN87astrdge12k8"
SITE = Site(
    (
        Sensor("rid", SensorKind.COOPERATIVE, 54.35, 18.66, 40.0, max_range_m=30_000.0),
        Sensor("rid-2", SensorKind.COOPERATIVE, 54.36, 18.66, 40.0, max_range_m=30_000.0),
    ),
    Origin(54.35, 18.66, 0.0),
)


def decoder_of(datagrams: bool = True, qnh_hpa: float | None = None, **options: Any) -> RemoteIdDecoder:
    """A decoder whose everything is the sensor "rid", unless told otherwise."""
    format_ = find_format("remoteid")
    said = format_.options(**{"sensor": "rid", **options})
    made = format_.decoder(Context(SITE, "receiver", Weather(qnh_hpa)), said, datagrams)
    assert isinstance(made, RemoteIdDecoder)
    return made


def basic_id(name: str = SERIAL, id_type: int = 1) -> bytes:
    """Who it is."""
    return encode_basic_id(id_type, 2, name.encode())


def location(after_s: float = 0.0, **said: Any) -> bytes:
    """Where it is, so long after NOW."""
    usual: dict[str, Any] = {
        "status": 2,
        "latitude_deg": 54.36,
        "longitude_deg": 18.67,
        "geodetic_height_m": 100.0,
        "speed_mps": 10.0,
        "direction_deg": 90.0,
        "up_mps": 1.0,
        "time_s": (NOW_IN_HOUR_S + after_s) % 3600,
    }
    return encode_location(Location(**{**usual, **said}))


def system(**said: Any) -> bytes:
    """Where its operator is."""
    usual: dict[str, Any] = {
        "latitude_deg": 54.355,
        "longitude_deg": 18.65,
        "operator_height_m": 45.0,
        "time": NOW_NS // NS_PER_S - EPOCH_S,
    }
    return encode_system(System(**{**usual, **said}))


def operator_id(name: str = OPERATOR) -> bytes:
    """Who the operator is."""
    return encode_operator_id(name.encode())


def known(value: float, unknown: float) -> float:
    """A number of the fixtures, which have numbers for what is not known."""
    return math.nan if value == unknown else value


def location_of(said: dict[str, Any]) -> Location:
    """A Location by the names of the fixtures."""
    place = (said["Latitude"], said["Longitude"])
    latitude, longitude = (math.nan, math.nan) if place == (0.0, 0.0) else place
    return Location(
        status=said["Status"],
        direction_deg=known(said["Direction"], 361.0),
        speed_mps=known(said["SpeedHorizontal"], 255.0),
        up_mps=known(said["SpeedVertical"], 63.0),
        latitude_deg=latitude,
        longitude_deg=longitude,
        pressure_height_m=known(said["AltitudeBaro"], -1000.0),
        geodetic_height_m=known(said["AltitudeGeo"], -1000.0),
        height_m=known(said["Height"], -1000.0),
        height_type=said["HeightType"],
        horizontal_accuracy=said["HorizAccuracy"],
        vertical_accuracy=said["VertAccuracy"],
        pressure_accuracy=said["BaroAccuracy"],
        speed_accuracy=said["SpeedAccuracy"],
        time_accuracy=said["TSAccuracy"],
        time_s=known(said["TimeStamp"], 65535.0),
    )


def system_of(said: dict[str, Any]) -> System:
    """A System by the names of the fixtures."""
    place = (said["OperatorLatitude"], said["OperatorLongitude"])
    latitude, longitude = (math.nan, math.nan) if place == (0.0, 0.0) else place
    return System(
        operator_place=said["OperatorLocationType"],
        classification=said["ClassificationType"],
        latitude_deg=latitude,
        longitude_deg=longitude,
        count=said["AreaCount"],
        radius_m=said["AreaRadius"],
        ceiling_m=known(said["AreaCeiling"], -1000.0),
        floor_m=known(said["AreaFloor"], -1000.0),
        category=said["CategoryEU"],
        class_=said["ClassEU"],
        operator_height_m=known(said["OperatorAltitudeGeo"], -1000.0),
        time=said["Timestamp"],
    )


def encoded(kind: str, said: dict[str, Any]) -> bytes:
    """The message of a kind of the fixtures."""
    if kind == "location":
        return encode_location(location_of(said))
    if kind == "system":
        return encode_system(system_of(said))
    if kind == "basic_id":
        return encode_basic_id(said["IDType"], said["UAType"], said["UASID"].encode("latin-1"))
    if kind == "self_id":
        return encode_self_id(said["Desc"].encode("latin-1"), said["DescType"])
    if kind == "operator_id":
        return encode_operator_id(said["OperatorId"].encode("latin-1"), said["OperatorIdType"])
    data, page = bytes.fromhex(said["AuthData"]), said["DataPage"]
    data = data[: 23 if page else 17]
    return encode_page(said["AuthType"], page, data, said["LastPageIndex"], said["Length"], said["Timestamp"])
