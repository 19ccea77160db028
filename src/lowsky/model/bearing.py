"""A direction that was heard: from a sensor that knows where something is heard from, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bearing:
    """One direction."""

    sensor: int  # index in the site
    time_ns: int  # of validity, UTC
    received_ns: int
    azimuth_rad: float  # clockwise from true north, at the sensor
    sigma_azimuth_rad: float
