"""Sensor descriptions as the arrays that kernels read: places and rotations in the region frame, noise, reach, view."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..kernels import layout
from ..kernels.emission import BODY, RADIO, SOUND
from ..model.geodesy import Frame
from ..model.horizon import Corners, horizon_bins
from ..model.kinds import Kind
from ..model.sensor import SensorKind, Site

SENSES = {SensorKind.BEARING: RADIO, SensorKind.ACOUSTIC: SOUND, SensorKind.POST: SOUND}
"""What of an object sensor kinds notice; the others notice its body."""
COMMON = 0.98  # share of objects that a sensor for everything notices
SOME = 0.9  # of the kinds that it is for: drones fly silent and glide
USUAL: dict[Kind, float] = {
    Kind.MULTIROTOR: 0.35,
    Kind.FIXED_WING: 0.15,
    Kind.BIRD: 0.3,
    Kind.BALLOON: 0.05,
    Kind.AIRCRAFT: 0.1,
    Kind.VESSEL: 0.05,
}
"""How common kinds are where nothing is known: rough, and soon overruled by what is noticed of each object."""
SOUND_AT_ZERO_MPS, KELVIN = 331.3, 273.15  # ISO 9613-1, dry air


def sound_mps(temperature_c: float) -> float:
    """Speed of sound in air of a temperature."""
    return SOUND_AT_ZERO_MPS * math.sqrt(1.0 + temperature_c / KELVIN)


def share_of(kind: SensorKind, sees: tuple[Kind, ...]) -> float:
    """Probability that an object of which nothing is known is one that a sensor notices at all."""
    if kind not in SENSES:
        return 1.0
    share = math.fsum(USUAL.get(k, 0.0) for k in set(sees))
    return COMMON if share > 0.999 else max(SOME * share, 0.05)


def sensor_table(site: Site) -> Any:
    """The sensors of a site as `kernels.layout.SENSOR` records (S,), in the site's order."""
    frame, sensors = Frame(site.origin), site.sensors
    place = frame.to_enu(
        np.array([s.latitude_deg for s in sensors]),
        np.array([s.longitude_deg for s in sensors]),
        np.array([s.height_m for s in sensors]),
    )
    out = np.zeros(len(sensors), dtype=layout.SENSOR).view(np.recarray)
    out["place_m"], out["stated_m"], out["rotation"] = place, place, frame.local_rotation(place)
    for row, s in zip(out, sensors, strict=True):
        row["kind"], row["detection"], row["false_plots"] = s.kind, s.detection_probability, s.false_plots_per_scan
        row["reach_m"] = s.min_range_m, s.max_range_m
        row["view_rad"] = s.azimuth_centre_rad, s.azimuth_width_rad, s.elevation_min_rad, s.elevation_max_rad
        row["sense"], row["share"] = SENSES.get(s.kind, BODY), share_of(s.kind, s.sees)
        row["period_s"], row["sound_mps"] = s.period_s, sound_mps(s.temperature_c)
        draw_horizon(row, s.horizon)
        row["false_box"] = *s.false_height_m, *s.false_range_rate_mps
        row["sigma"] = s.sigma_range_m, s.sigma_azimuth_rad, s.sigma_elevation_rad, s.sigma_range_rate_mps
        row["resolution"] = s.resolution_range_m, s.resolution_azimuth_rad, s.resolution_range_rate_mps
        row["sigma_declared"] = s.sigma_position_m, s.sigma_height_m, s.sigma_velocity_mps
    return out


def keep_horizon(row: Any, old: Any) -> None:
    """Take over the horizon in force from the record of the same sensor as it was before."""
    row["horizon_rad"], row["masked"] = old["horizon_rad"], old["masked"]
    row["all_round"] = _whole(row["view_rad"]) and not old["masked"]


def draw_horizon(row: Any, corners: Corners) -> None:
    """Write a horizon into a sensor's record; without corners the horizon is open."""
    row["horizon_rad"] = horizon_bins(corners, layout.HORIZON_BINS)
    row["masked"] = bool(corners)
    row["all_round"] = _whole(row["view_rad"]) and not corners


def _whole(view: Any) -> bool:
    """Does a field of view (azimuth centre and width, least and greatest elevation, rad) leave nothing out?"""
    return bool(view[1] >= 2 * math.pi and view[2] <= -math.pi / 2 and view[3] >= math.pi / 2)
