"""Receivers that write decoded values as JSON: their names and words to messages.

    droneid      `{"Basic ID": {...}, "Location/Vector Message": {...}, ...}`, one object or a list of such
                 (droneid-go, DragonSync and the scanners for ESP32 that feed it)
    odid         `{"odid": {"BasicID": [...], "Location": {...}, ...}}`, fields named as in opendroneid-core-c
                 (Dronetag Scout)
    flat         `{"mac": ..., "basic_id": ..., "drone_lat": ..., "drone_long": ..., "pilot_lat": ...}` (ESP32 scanners)
    id_scanner   `{"mac": ..., "uav latitude": ..., "base latitude": ...}` (uav_electronic_ids); "id" is the operator's

Their values become messages again, in the steps of the format, so that everything goes one way through the decoder.
Words that are not known, and numbers with units ("150.0 m"), are read as far as they can be; what is not there stays
"not known". 0 for both latitude and longitude is not known.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .codes import HORIZONTAL_BOUNDS_M, NAUTICAL_MILE_M, SPEED_BOUNDS_MPS, STATUSES, VERTICAL_BOUNDS_M, IdType
from .encoder import (
    Location,
    System,
    encode_basic_id,
    encode_location,
    encode_operator_id,
    encode_self_id,
    encode_system,
)
from .layout import ID_BYTES, TEXT_BYTES

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_UNITS_M = (("nm", NAUTICAL_MILE_M), ("km", 1000.0))
_ID_WORDS = (
    ("serial", IdType.SERIAL_NUMBER),
    ("registration", IdType.REGISTRATION),
    ("uuid", IdType.UTM_UUID),
    ("session", IdType.SESSION),
)
_STATUS_WORDS = ("undeclared", "ground", "airborne", "emergency", "failure")
_HOUR_S, _DAY_S, _MS_FROM = 3600.0, 86_400.0, 1e11  # numbers from the last on are milliseconds since 1970


def number(value: Any) -> float:
    """A number, or the first in a text; NaN if there is none."""
    if isinstance(value, str):
        found = _NUMBER.search(value)
        value = float(found[0]) if found else math.nan
    if not isinstance(value, int | float) or isinstance(value, bool):
        return math.nan
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf


def whole(value: Any, otherwise: int = 0) -> int:
    """A whole number; what is none counts as `otherwise`."""
    found = number(value)
    return int(found) if abs(found) < 2**31 else otherwise


def time_of_hour(value: Any) -> float:
    """Seconds after the full hour of a time: such seconds, seconds or milliseconds since 1970, or ISO 8601 text."""
    if isinstance(value, str) and "T" in value:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return math.nan
        return moment.minute * 60.0 + moment.second + moment.microsecond / 1e6
    seconds = number(value)
    if seconds >= _MS_FROM:
        seconds /= 1000.0
    return seconds if seconds < _DAY_S else seconds % _HOUR_S


def messages_of_droneid(parts: list[Mapping[str, Any]]) -> list[bytes]:
    """Messages of the shape `droneid`; `ValueError` if a value is beyond what a message can say."""
    found = []
    for part in parts:
        if basic := _object(part, "Basic ID"):
            found.append(_basic_id(basic.get("id"), basic.get("id_type"), basic.get("ua_type")))
        if location := _object(part, "Location/Vector Message"):
            found.append(encode_location(_droneid_location(location)))
        if own := _object(part, "Self-ID Message"):
            found.append(encode_self_id(_text(own.get("text"), TEXT_BYTES), whole(own.get("description_type")) & 255))
        if system := _object(part, "System Message"):
            found.append(encode_system(_droneid_system(system)))
        if operator := _object(part, "Operator ID Message"):
            found.append(encode_operator_id(_text(operator.get("operator_id"), ID_BYTES)))
    return found


def _droneid_location(said: Mapping[str, Any]) -> Location:
    return Location(
        status=status_of(said.get("op_status")),
        direction_deg=_scaled(said.get("direction"), 361.0),
        speed_mps=_scaled(said.get("speed"), 255.0),
        up_mps=_scaled(said.get("vert_speed"), 63.0),
        pressure_height_m=_height(said.get("pressure_altitude")),
        geodetic_height_m=_height(said.get("geodetic_altitude")),
        height_m=_height(said.get("height_agl")),
        height_type="ground" in str(said.get("height_type", "")).lower()
        or "agl" in str(said.get("height_type")).lower(),
        horizontal_accuracy=code_of(said.get("horizontal_accuracy"), HORIZONTAL_BOUNDS_M),
        vertical_accuracy=code_of(said.get("vertical_accuracy"), VERTICAL_BOUNDS_M),
        pressure_accuracy=code_of(said.get("baro_accuracy"), VERTICAL_BOUNDS_M),
        speed_accuracy=code_of(said.get("speed_accuracy"), SPEED_BOUNDS_MPS),
        time_s=time_of_hour(said.get("timestamp")),
        latitude_deg=number(said.get("latitude")),
        longitude_deg=number(said.get("longitude")),
    )


def _droneid_system(said: Mapping[str, Any]) -> System:
    return System(
        operator_place=1,
        latitude_deg=number(said.get("operator_lat", said.get("latitude"))),
        longitude_deg=number(said.get("operator_lon", said.get("longitude"))),
        operator_height_m=_height(said.get("geodetic_altitude")),
    )


def messages_of_odid(said: Mapping[str, Any]) -> list[bytes]:
    """Messages of the shape `odid`; `ValueError` as above."""
    ids = said.get("BasicID")
    found = [
        _basic_id(basic.get("UASID"), basic.get("IDType"), basic.get("UAType"))
        for basic in (ids if isinstance(ids, list) else [ids])[:2]
        if isinstance(basic, Mapping)
    ]
    if location := _object(said, "Location"):
        found.append(encode_location(_odid_location(location)))
    if system := _object(said, "System"):
        found.append(encode_system(_odid_system(system)))
    if operator := _object(said, "OperatorID"):
        found.append(encode_operator_id(_text(operator.get("OperatorId"), ID_BYTES)))
    return found


def _odid_location(said: Mapping[str, Any]) -> Location:
    return Location(
        status=status_of(said.get("Status")),
        direction_deg=_scaled(said.get("Direction"), 361.0),
        speed_mps=_scaled(said.get("SpeedHorizontal"), 255.0),
        up_mps=_scaled(said.get("SpeedVertical"), 63.0),
        pressure_height_m=_height(said.get("AltitudeBaro")),
        geodetic_height_m=_height(said.get("AltitudeGeo")),
        height_m=_height(said.get("Height")),
        height_type=whole(said.get("HeightType")) & 1,
        horizontal_accuracy=whole(said.get("HorizAccuracy")) & 15,
        vertical_accuracy=whole(said.get("VertAccuracy")) & 15,
        pressure_accuracy=whole(said.get("BaroAccuracy")) & 15,
        speed_accuracy=whole(said.get("SpeedAccuracy")) & 15,
        time_accuracy=whole(said.get("TSAccuracy")) & 15,
        time_s=time_of_hour(said.get("TimeStamp", said.get("Timestamp"))),
        latitude_deg=number(said.get("Latitude")),
        longitude_deg=number(said.get("Longitude")),
    )


def _odid_system(said: Mapping[str, Any]) -> System:
    return System(
        operator_place=whole(said.get("OperatorLocationType"), 1) & 3,
        latitude_deg=number(said.get("OperatorLatitude")),
        longitude_deg=number(said.get("OperatorLongitude")),
        operator_height_m=_height(said.get("OperatorAltitudeGeo")),
    )


def messages_of_flat(said: Mapping[str, Any]) -> list[bytes]:
    """Messages of the shapes `flat` and `id_scanner`; `ValueError` as above."""
    found = []
    if said.get("basic_id"):
        found.append(_basic_id(said["basic_id"], "serial", 0))
    if operator := said.get("operator_id") or ("uav latitude" in said and said.get("id")):
        found.append(encode_operator_id(_text(operator, ID_BYTES)))
    location = Location(
        direction_deg=_scaled(said.get("heading"), 361.0),
        speed_mps=_scaled(said.get("speed"), 255.0),
        geodetic_height_m=_height(said.get("drone_altitude", said.get("alitude msl"))) or math.nan,
        height_m=_height(said.get("height_agl", said.get("height agl"))) or math.nan,
        height_type=1,
        latitude_deg=number(said.get("drone_lat", said.get("uav latitude"))),
        longitude_deg=number(said.get("drone_long", said.get("uav longitude"))),
    )
    found.append(encode_location(location))
    pilot = System(
        operator_place=1,
        latitude_deg=number(said.get("pilot_lat", said.get("base latitude"))),
        longitude_deg=number(said.get("pilot_long", said.get("base longitude"))),
    )
    found.append(encode_system(pilot))
    return found


def status_of(value: Any) -> int:
    """The operational status of a number or a word."""
    text = str(value).lower()
    named = next((i for i, status in enumerate(_STATUS_WORDS) if status in text), 0)
    return whole(value) & 15 if isinstance(value, int) else named if named < len(STATUSES) else 0


def code_of(value: Any, bounds: tuple[float, ...]) -> int:
    """The accuracy code whose bound is the least that is not exceeded by a bound in words ("< 10 m"); 0: not known."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value & 15
    text = str(value).lower()
    bound = number(text) * next((metres for unit, metres in _UNITS_M if unit in text), 1.0)
    fitting = [code for code, limit in enumerate(bounds) if limit >= bound - 1e-6]
    return max(fitting, default=0)


def _object(said: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = said.get(name)
    return value if isinstance(value, Mapping) else None


def _basic_id(uas_id: Any, id_type: Any, ua_type: Any) -> bytes:
    text = str(id_type).lower()
    kind = next((int(k) for word, k in _ID_WORDS if word in text), whole(id_type) & 15)
    return encode_basic_id(kind, whole(ua_type) & 15, _text(uas_id, ID_BYTES))


def _text(value: Any, most: int) -> bytes:
    return str(value or "").encode("utf-8", "replace")[:most]


def _scaled(value: Any, unknown: float) -> float:
    found = number(value)
    return math.nan if found == unknown else found


def _height(value: Any) -> float:
    return _scaled(value, -1000.0)
