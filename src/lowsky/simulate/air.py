"""The air that everything in a scene flies, drifts and sounds in: wind over height, gusts, temperature.

    mean wind   power law over the speed at 10 m, exponent 1/7 for open country and sea (Counihan, Atmospheric
                Environment 9, 1975), turning clockwise with height as in an Ekman layer of the northern hemisphere
    gusts       a sum of plane waves that drift with the wind at 10 m (frozen turbulence: Taylor 1938), so that two
                objects beside each other feel the same gust and one that follows feels it later
    sound       331.3 m/s at 0 degrees Celsius and with the square root of the absolute temperature (ISO 9613-1, dry)

The field is a function of place and time and keeps no state, so any order of asking gives the same air. Not modelled:
thermals, lee waves of ground and buildings, the wind's part in the path of sound.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHEAR_EXPONENT = 1 / 7
REFERENCE_HEIGHT_M = 10.0
GUST_WAVES = 8
GUST_LENGTHS_M = (80.0, 2500.0)  # of the shortest and the longest wave: gusts of some seconds to some minutes
UPWARD_SHARE = 0.4  # of a horizontal gust: vertical turbulence near the ground is the weaker one
KELVIN = 273.15
SOUND_AT_ZERO_MPS = 331.3


@dataclass(frozen=True, slots=True)
class Air:
    """One scene's air. Directions are those that the wind blows to, clockwise from north."""

    speed_mps: float = 6.5  # at 10 m
    towards_rad: float = 1.2
    veer_rad_per_m: float = 3e-4  # 17 degrees in the first kilometre
    veer_top_m: float = 1500.0  # above it the direction stays
    gust_mps: float = 0.7  # sigma of one horizontal component
    temperature_c: float = 19.7  # 343 m/s
    seed: int = 0
    _waves: tuple[Floats, Floats, Floats, Floats] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng([self.seed, 1])
        length = np.geomspace(*GUST_LENGTHS_M, GUST_WAVES)
        course = rng.uniform(0, 2 * np.pi, GUST_WAVES)
        number = 2 * np.pi / length
        east, north = number * np.sin(course), number * np.cos(course)
        phase = rng.uniform(0, 2 * np.pi, (3, GUST_WAVES))
        drift = self.speed_mps * (east * np.sin(self.towards_rad) + north * np.cos(self.towards_rad))
        object.__setattr__(self, "_waves", (east, north, drift, phase))

    @property
    def sound_mps(self) -> float:
        """Speed of sound."""
        return SOUND_AT_ZERO_MPS * float(np.sqrt(1.0 + self.temperature_c / KELVIN))

    def mean(self, height_m: Floats) -> Floats:
        """Mean wind (n, 3) m/s east, north, up at heights (n,) above the ground; below 10 m as at 10 m."""
        speed = self.speed_mps * (np.maximum(height_m, REFERENCE_HEIGHT_M) / REFERENCE_HEIGHT_M) ** SHEAR_EXPONENT
        towards = self.towards_rad + self.veer_rad_per_m * np.clip(height_m, 0.0, self.veer_top_m)
        return np.stack([speed * np.sin(towards), speed * np.cos(towards), np.zeros_like(speed)], axis=-1)

    def gust(self, position_m: Floats, time_s: float) -> Floats:
        """Deviation from the mean wind (n, 3) m/s at places (n, 3) of the map; sigma `gust_mps` in each horizontal
        component over time or space."""
        east, north, drift, phase = self._waves
        run = position_m[:, 0, None] * east + position_m[:, 1, None] * north - drift * time_s
        size = self.gust_mps * np.sqrt(2 / GUST_WAVES) * np.array([1.0, 1.0, UPWARD_SHARE])
        return np.stack([size[k] * np.cos(run + phase[k]).sum(axis=1) for k in range(3)], axis=-1)

    def wind(self, position_m: Floats, time_s: float) -> Floats:
        """Wind with its gusts (n, 3) m/s at places (n, 3) of the map (east, north, height above ground)."""
        return self.mean(position_m[:, 2]) + self.gust(position_m, time_s)
