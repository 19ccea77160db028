"""What flies and sails in the test of many formats: circles, known at any time in closed form."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from lowsky.model.geodesy import Frame
from lowsky.model.heights import geoid_undulation_m
from lowsky.model.sensor import Origin

HERE = Origin(56.0, 11.0, 0.0)
FRAME = Frame(HERE)


@dataclass(frozen=True, slots=True)
class Flight:
    """A circle: its middle m east and north of the site, radius, height above the ellipsoid m, speed m/s."""

    name: str
    east_m: float
    north_m: float
    radius_m: float
    height_m: float
    speed_mps: float
    identity: str = ""

    def at(self, time_s: float) -> tuple[float, float, float, float, float]:
        """Latitude and longitude (degrees), height above the ellipsoid m, velocity east and north m/s."""
        turn = self.speed_mps / self.radius_m
        phase = math.fmod(turn * time_s, 2 * math.pi)
        east, north = self.east_m + self.radius_m * math.cos(phase), self.north_m + self.radius_m * math.sin(phase)
        up = self.height_m - (east**2 + north**2) / 12_742_000.0
        latitude, longitude, height = (float(v) for v in FRAME.to_geodetic([east, north, up]))
        return latitude, longitude, height, -self.speed_mps * math.sin(phase), self.speed_mps * math.cos(phase)


SERIAL, MMSI, ADDRESS = "1581F4BN123456789012", "211234560", "3c6789"
SEA_M = float(geoid_undulation_m(HERE.latitude_deg, HERE.longitude_deg))
DRONES = (
    Flight("small", 1500.0, 1000.0, 500.0, 220.0, 14.0),
    Flight("other", -1800.0, 900.0, 600.0, 300.0, 18.0),
)
DECLARED = Flight("declared", 300.0, -1600.0, 400.0, 180.0, 9.0, SERIAL)
AIRCRAFT = Flight("aircraft", 0.0, 200.0, 3500.0, 900.0, 55.0, ADDRESS)
VESSEL = Flight("vessel", -600.0, 3000.0, 5000.0, SEA_M, 7.0, MMSI)
SEEN = (*DRONES, DECLARED, AIRCRAFT)  # by the radars
ALL = (*SEEN, VESSEL)

SENSORS = {"radar-1": (0.0, 0.0), "radar-2": (900.0, -300.0), "radar-3": (-700.0, 400.0), "ear": (50.0, 50.0)}
"""Where they stand, m east and north, on masts of 40 m above the ellipsoid."""


def place_of(sensor: str) -> tuple[float, float, float]:
    """Latitude, longitude, height of a sensor."""
    latitude, longitude, _ = FRAME.to_geodetic([*SENSORS[sensor], 0.0])
    return round(float(latitude), 7), round(float(longitude), 7), 40.0


def polar(sensor: str, flight: Flight, time_s: float) -> tuple[float, float, float]:
    """What a radar measures: range m, azimuth and elevation degrees, with errors of 5 m, 0.15 and 0.3 degrees."""
    latitude, longitude, height, _, _ = flight.at(time_s)
    own = Frame(Origin(*place_of(sensor)))
    east, north, up = (float(v) for v in own.to_enu(latitude, longitude, height))
    draw = random.Random(f"{sensor} {flight.name} {time_s:.3f}")
    range_m = math.hypot(east, north, up) + draw.gauss(0.0, 5.0)
    azimuth = math.degrees(math.atan2(east, north)) % 360.0 + draw.gauss(0.0, 0.15)
    elevation = math.degrees(math.atan2(up, math.hypot(east, north))) + draw.gauss(0.0, 0.3)
    return range_m, azimuth % 360.0, elevation
