"""Horizon masks of sensors as people drew them: kept in a file, put into force as journalled actions.

At a start every mask in the file is put into force again, so that the recording says at any time which were.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

import msgspec
import structlog

from lowsky.model.horizon import horizon_from_degrees
from lowsky.model.sensor import Sensor

from .answers.sensors import Horizon

FILE_NAME = "horizons.json"
log = structlog.get_logger("lowsky.horizons")


class Horizons:
    """Masks by sensor id: those drawn here, else those of the sensors' description."""

    def __init__(self, folder: Path, sensors: tuple[Sensor, ...]) -> None:
        """A file that cannot be read is said and left alone until a mask is drawn."""
        self._path = folder / FILE_NAME
        self.describe(sensors)
        self.drawn: dict[str, Horizon] = {}
        try:
            given = msgspec.json.decode(self._path.read_bytes(), type=dict[str, Horizon])
            self.drawn = {name: checked(horizon) for name, horizon in given.items() if name in self._described}
        except FileNotFoundError:
            pass
        except (OSError, msgspec.MsgspecError, ValueError) as error:
            log.error("drawn horizons cannot be read", file=str(self._path), reason=str(error))

    def describe(self, sensors: tuple[Sensor, ...]) -> None:
        """The sensors are described anew."""
        self._described = {sensor.id: _described(sensor) for sensor in sensors}

    def get(self, sensor: str) -> Horizon:
        """The mask in force."""
        return self.drawn.get(sensor) or self._described[sensor]

    def keep(self, sensor: str, horizon: Horizon) -> None:
        """Keep a mask over the next start.

        Raises:
            OSError: if it cannot be written.
        """
        self.drawn[sensor] = horizon
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(self.drawn))
        os.replace(part, self._path)


def checked(horizon: Horizon) -> Horizon:
    """The same, if the core takes it.

    Raises:
        ValueError: naming field and value.
    """
    horizon_from_degrees(list(horizon.azimuth_deg), list(horizon.elevation_deg))
    return horizon


def as_action(horizon: Horizon) -> str:
    """The value of the action that puts a mask into force; empty: nothing hides the sky."""
    return msgspec.json.encode(horizon).decode() if horizon.azimuth_deg else ""


def _described(sensor: Sensor) -> Horizon:
    azimuths, elevations = zip(*sensor.horizon, strict=True) if sensor.horizon else ((), ())
    return Horizon(tuple(map(math.degrees, azimuths)), tuple(map(math.degrees, elevations)))
