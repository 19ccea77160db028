"""The roster: how the sensors of a site change while it runs.

Reports, queues and recordings point at a sensor by its row, so rows never move: a sensor that is described anew keeps
its row, a new one comes behind the last, and one that is gone is marked as retired.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from .kinds import Kind
from .sensor import Sensor, SensorKind

MOST_SENSORS = 10_000


def changed_roster(old: tuple[Sensor, ...], wanted: tuple[Sensor, ...]) -> tuple[Sensor, ...]:
    """The rows of `old` as `wanted` describes them, then what is new, in the order given.

    Raises:
        ValueError: if a sensor would become one of another kind, an id is there twice, or there are too many.
    """
    by_id = {sensor.id: sensor for sensor in wanted}
    if len(by_id) < len(wanted):
        raise ValueError("two sensors have one id")
    for sensor in old:
        other = by_id.get(sensor.id)
        if other is not None and other.kind is not sensor.kind:
            raise ValueError(f"sensor {sensor.id!r} is a {sensor.kind.word} and cannot become a {other.kind.word}")
    known = {sensor.id for sensor in old}
    kept = tuple(by_id.get(sensor.id) or replace(sensor, retired=True) for sensor in old)
    rows = kept + tuple(sensor for sensor in wanted if sensor.id not in known)
    if len(rows) > MOST_SENSORS:
        raise ValueError(f"{len(rows)} sensors are more than {MOST_SENSORS}")
    return rows


def roster_text(sensors: tuple[Sensor, ...]) -> str:
    """The sensors as JSON: how an action carries them."""
    return json.dumps([asdict(sensor) for sensor in sensors], ensure_ascii=False)


def roster_from_text(text: str) -> tuple[Sensor, ...]:
    """The sensors that `roster_text` wrote.

    Raises:
        ValueError: if the text is not of that form.
    """
    try:
        return tuple(_sensor(record) for record in json.loads(text))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a list of sensors: {error}") from None


def _sensor(record: dict[str, Any]) -> Sensor:
    words: dict[str, Any] = {
        "id": str(record["id"]),
        "kind": SensorKind(record["kind"]),
        "sees": tuple(map(Kind, record["sees"])),
        "horizon": tuple((float(azimuth), float(elevation)) for azimuth, elevation in record["horizon"]),
        "retired": bool(record["retired"]),
    }
    for name in ("false_height_m", "false_range_rate_mps"):
        low, high = record[name]
        words[name] = float(low), float(high)
    return Sensor(**{name: float(value) for name, value in record.items() if name not in words} | words)
