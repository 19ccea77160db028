"""The lines, declared once: what each may hold, from which the decoder and the JSON Schema are made.

    report   one report: a column of a scenario's `plots` is a key
    reports  the same, many rows in one line: each key holds a list, `sensor` and `time` a list or one for all
    look     a sensor finished looking, also when it saw nothing
    status   how a sensor says that it is

Numbers are degrees, metres and seconds as in `lowsky.wire.table.fields`, where their limits stand. A degree is not
always the exact text of a radian, so four angles may come in radians instead; that is what lowsky itself writes.
Keys that are not declared here are ignored, so that a source may say more than we read.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from lowsky.model.heights import QNH_LIMITS_HPA, Datum

from ..table.fields import FIELDS, Field

SCHEMA_ID = "lowsky-jsonl-1"

RADIANS: tuple[Field, ...] = tuple(
    Field(f.target, f.target, f.low * f.scale, f.high * f.scale) for f in FIELDS if f.scale != 1.0
)
_OF_HEIGHT: tuple[Field, ...] = (
    Field("qnh_hpa", "", *QNH_LIMITS_HPA),
    Field("takeoff_height_m", "", -2e3, 1e5),
)
VALUES: tuple[Field, ...] = (*FIELDS, *RADIANS, *_OF_HEIGHT)
"""Every number that a report may hold, in the order of the columns made of it."""

COLUMN: dict[str, int] = {f.name: i for i, f in enumerate(VALUES)}
LOW, HIGH = (np.array([getattr(f, end) for f in VALUES]) for end in ("low", "high"))

Name = str | int  # sensors and identities that are numbers need no quotes
Instant = float | str


def _said(kind: Any, description: str) -> Any:
    return Annotated[kind, msgspec.Meta(description=description)]


def _number(f: Field, many: bool) -> Any:
    """The type of a number: limits are in the schema only, because one wrong row must not cost a line of many."""
    one = Annotated[float, msgspec.Meta(extra_json_schema={"minimum": f.low, "maximum": f.high})] | None
    return list[one] | None if many else one


_SENSOR = "id of the sensor in the site's description"
_TIME = "of validity: ISO 8601 (without an offset it is UTC) or seconds since 1970"
_TIME_NS = "instead of time: nanoseconds since 1970"

Report: Any = msgspec.defstruct(
    "Report",
    [
        ("sensor", _said(Name, _SENSOR)),
        ("time", _said(Instant | None, _TIME), None),
        ("time_ns", _said(int | None, _TIME_NS), None),
        *((f.name, _number(f, many=False), math.nan) for f in VALUES),
        ("height_datum", _said(str | None, f"what height_m counts from: {', '.join(Datum)}"), None),
        ("identity", _said(Name | None, "what the object declares itself to be"), None),
    ],
    tag="report",
    tag_field="type",
    gc=False,
)

Reports: Any = msgspec.defstruct(
    "Reports",
    [
        ("sensor", _said(Name | list[Name], f"{_SENSOR}; one for all rows or one a row")),
        ("time", _said(Instant | list[Instant] | None, f"{_TIME}; one for all rows or one a row"), None),
        ("time_ns", _said(int | list[int] | None, _TIME_NS), None),
        *((f.name, _number(f, many=True), None) for f in VALUES),
        ("height_datum", _said(str | list[str | None] | None, "as in a report; one for all rows or one a row"), None),
        ("identity", _said(list[Name | None] | None, "as in a report"), None),
    ],
    tag="reports",
    tag_field="type",
)


class Look(msgspec.Struct, tag="look", tag_field="type", gc=False):
    """A sensor finished looking: all its reports of that look are at or before `time`."""

    sensor: Annotated[Name, msgspec.Meta(description=_SENSOR)]
    time: Annotated[Instant | None, msgspec.Meta(description=_TIME)] = None
    time_ns: Annotated[int | None, msgspec.Meta(description=_TIME_NS)] = None
    assumed: Annotated[bool, msgspec.Meta(description="true: made from the sensor's period, not said by it")] = False


class Status(msgspec.Struct, tag="status", tag_field="type", gc=False):
    """How a sensor says that it is."""

    sensor: Annotated[Name, msgspec.Meta(description=_SENSOR)]
    state: Annotated[Literal["well", "faulty", "off"], msgspec.Meta(description="what the sensor says of itself")]
    text: Annotated[str, msgspec.Meta(description="in words, for people")] = ""
    time: Annotated[Instant | None, msgspec.Meta(description=f"{_TIME}; when it is not given, the receipt")] = None
    time_ns: Annotated[int | None, msgspec.Meta(description=_TIME_NS)] = None


LINE: Any = Report | Reports | Look | Status


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of one line."""
    schema = msgspec.json.schema(LINE)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, "title": "One line"}
    finite: dict[str, Any] = _finite(head | schema)
    return finite


def _finite(value: Any) -> Any:
    """The same without defaults that JSON cannot say (NaN: missing)."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if not (k == "default" and isinstance(v, float) and math.isnan(v))}
        return {k: _finite(v) for k, v in kept.items()}
    return [_finite(v) for v in value] if isinstance(value, list) else value
