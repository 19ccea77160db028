"""What may be wrong with a sensor: biases, a wrong clock, outages, a slow or bursting link, a wrong description.

All of it is declared in one value per sensor and is nothing by default. A scene draws with the truth and describes the
sensor as its owner would, who does not know of the faults.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.geodesy import Frame
from lowsky.model.sensor import Origin, Sensor

LONGEST_HOLD_S = 30.0  # no link holds a report back for longer


@dataclass(frozen=True, slots=True)
class Faults:
    """Errors of one sensor. Times are seconds after the scene's start, spans (from, to).

    A bias is added to what is measured. A clock offset is added to the time of validity, not to the receipt: a clock
    that runs ahead has a positive one. In an outage the sensor neither looks nor reports. A link delay is the mean of a
    gamma distribution of shape 2, drawn for each report, so that reports come out of order. In a burst the link holds
    everything back and lets go at its end. `repeat_s` lets outages and bursts come again.
    """

    range_bias_m: float = 0.0
    azimuth_bias_rad: float = 0.0
    elevation_bias_rad: float = 0.0
    clock_offset_s: float = 0.0
    outages_s: tuple[tuple[float, float], ...] = ()
    delay_s: float = 0.0
    bursts_s: tuple[tuple[float, float], ...] = ()
    repeat_s: float = math.inf
    said: tuple[tuple[str, Any], ...] = ()  # fields of the description that say otherwise
    said_off_m: tuple[float, float] = (0.0, 0.0)  # east and north from where it stands to where it is said to stand

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            ValueError: naming the field and the value.
        """
        for name in ("outages_s", "bursts_s"):
            for start, end in getattr(self, name):
                if not 0.0 <= start < end <= self.repeat_s:
                    raise ValueError(f"{name}: {start} to {end} is no span of time within {self.repeat_s:g} s")
        if any(end - start > LONGEST_HOLD_S for start, end in self.bursts_s):
            raise ValueError(f"bursts_s: no link holds reports back for more than {LONGEST_HOLD_S:g} s")
        if not 0.0 <= self.delay_s <= LONGEST_HOLD_S:
            raise ValueError(f"delay_s: {self.delay_s} is not between 0 and {LONGEST_HOLD_S:g}")

    def out(self, time_s: float) -> bool:
        """Whether the sensor is out at a time."""
        within = math.fmod(time_s, self.repeat_s)
        return any(start <= within < end for start, end in self.outages_s)

    def let_go_s(self, sent_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """When the link delivers what it would deliver at `sent_s` (n,): at the end of a burst that holds it back."""
        within = np.fmod(sent_s, self.repeat_s)
        for start, end in self.bursts_s:
            held = (within >= start) & (within < end)
            sent_s = np.where(held, sent_s - within + end, sent_s)
        return sent_s

    def described(self, sensor: Sensor) -> Sensor:
        """The sensor as its owner describes it."""
        said = replace(sensor, **dict(self.said))
        if self.said_off_m == (0.0, 0.0):
            return said
        here = Frame(Origin(sensor.latitude_deg, sensor.longitude_deg, sensor.height_m))
        latitude, longitude, _ = here.to_geodetic([*self.said_off_m, 0.0])
        return replace(said, latitude_deg=float(latitude), longitude_deg=float(longitude))

    def listed(self) -> dict[str, Any]:
        """The faults that are there, as plain values for a file."""
        none = asdict(NONE)
        found = {name: value for name, value in asdict(self).items() if value != none[name]}
        if "said" in found:
            found["said"] = [name for name, _ in self.said]
        return found


NONE = Faults()
