"""The sensors of Norrhavn, what is wrong with them, and the places that people there want to be warned for."""

from __future__ import annotations

import numpy as np

from lowsky.model.geodesy import Frame
from lowsky.model.horizon import horizon_from_degrees
from lowsky.model.kinds import Kind
from lowsky.model.place import Place, Shape
from lowsky.model.sensor import ALL_KINDS, Sensor, SensorKind

from ..faults import Faults
from ..scene import geodetic, stand
from . import chart
from .chart import Line
from .shipping import FERRY_IDENTITY

# what stands in the way: the plant's halls south of its radar, the town east of the quay's camera
HALLS = horizon_from_degrees([0.0, 160.0, 170.0, 215.0, 225.0, 359.0], [-5.0, -5.0, 2.5, 2.5, -5.0, -5.0])
HOUSES = horizon_from_degrees([0.0, 40.0, 50.0, 130.0, 140.0, 359.0], [-5.0, -5.0, 3.0, 3.0, -5.0, -5.0])
DRONES = (Kind.MULTIROTOR, Kind.FIXED_WING)

FAULTS: dict[str, Faults] = {
    "radar-plant": Faults(outages_s=((400.0, 460.0), (2460.0, 2500.0)), repeat_s=3600.0),
    "coast-radar": Faults(azimuth_bias_rad=float(np.radians(0.1)), delay_s=0.1),
    "camera-quay": Faults(said=(("detection_probability", 0.8),)),
    "remote-id": Faults(clock_offset_s=0.15, bursts_s=((700.0, 706.0),), repeat_s=1800.0),
    "ais": Faults(delay_s=0.1),
}
"""The power plant's radar is out for a minute in the raid; the quay's camera finds less than is said of it."""


def make_sensors(frame: Frame) -> tuple[Sensor, ...]:
    """Ten sensors of every kind, as they truly are."""
    return (*_radars(frame), *_passive(frame), *_receivers(frame))


def _radars(frame: Frame) -> tuple[Sensor, ...]:
    far = dict[str, object](max_range_m=9000.0, min_range_m=100.0, false_plots_per_scan=4.0, sees=ALL_KINDS)
    return (
        stand(frame, "radar-mole", SensorKind.RADAR_3D, (-800.0, 445.0), 14.0, **far),
        stand(frame, "radar-plant", SensorKind.RADAR_3D, (1520.0, 4480.0), 25.0, horizon=HALLS, **far),
        stand(
            frame, "coast-radar", SensorKind.RADAR_2D, chart.LIGHTHOUSE, 45.0, period_s=2.0, min_range_m=200.0,
            max_range_m=16_000.0, detection_probability=0.8, false_plots_per_scan=5.0, sigma_range_m=20.0,
            sigma_azimuth_rad=float(np.radians(0.5)), sigma_range_rate_mps=1.0, sees=ALL_KINDS,
        ),
    )  # fmt: skip


def _passive(frame: Frame) -> tuple[Sensor, ...]:
    fine = float(np.radians(0.1))
    finder = dict[str, object](
        period_s=0.5, max_range_m=6000.0, detection_probability=0.7, false_plots_per_scan=0.05,
        sigma_azimuth_rad=float(np.radians(2.0)), sees=DRONES,
    )  # fmt: skip
    return (
        stand(
            frame, "camera-quay", SensorKind.CAMERA, (545.0, 90.0), 30.0, period_s=0.5, max_range_m=2500.0,
            detection_probability=0.55, false_plots_per_scan=0.1, sigma_azimuth_rad=fine, sigma_elevation_rad=fine,
            elevation_min_rad=float(np.radians(-1.0)), horizon=HOUSES, sees=ALL_KINDS,
        ),
        stand(frame, "df-north", SensorKind.BEARING, (350.0, 2700.0), 20.0, **finder),
        stand(frame, "df-south", SensorKind.BEARING, (400.0, -1900.0), 20.0, **finder),
        stand(
            frame, "mic-plant", SensorKind.ACOUSTIC, (1000.0, 4000.0), 4.0, period_s=0.5, max_range_m=1500.0,
            detection_probability=0.7, false_plots_per_scan=0.02, sigma_azimuth_rad=float(np.radians(4.0)),
            sees=(*DRONES, Kind.AIRCRAFT),
        ),
    )  # fmt: skip


def _receivers(frame: Frame) -> tuple[Sensor, ...]:
    hears = dict[str, object](false_plots_per_scan=0.0, detection_probability=0.9)
    return (
        stand(
            frame, "remote-id", SensorKind.COOPERATIVE, (700.0, 120.0), 30.0, max_range_m=5000.0,
            sees=(Kind.MULTIROTOR,), **hears,
        ),
        stand(
            frame, "ads-b", SensorKind.COOPERATIVE, (1500.0, 4450.0), 30.0, max_range_m=80_000.0, sigma_position_m=10.0,
            sigma_height_m=15.0, sees=(Kind.AIRCRAFT,), **hears,
        ),
        stand(
            frame, "ais", SensorKind.COOPERATIVE, chart.LIGHTHOUSE, 40.0, period_s=3.0, max_range_m=40_000.0,
            sigma_position_m=8.0, sigma_height_m=2.0, sigma_velocity_mps=0.3, sees=(Kind.VESSEL,), **hears,
        ),
    )  # fmt: skip


def make_places(frame: Frame) -> tuple[Place, ...]:
    """The harbour, the power plant, the power line and the ferry. Heights are above the ellipsoid."""
    sea = chart.GROUND.height_m

    def points(line: Line) -> tuple[tuple[float, float], ...]:
        return tuple((round(p[0], 7), round(p[1], 7)) for p in (geodetic(frame, at) for at in line))

    return (
        Place("harbour", "Norrhavn harbour", Shape.POLYGON, points(chart.HARBOUR_AREA), 150.0, top_m=sea + 900.0),
        Place("plant", "Power plant", Shape.POINT, points([chart.PLANT]), 450.0, top_m=sea + 900.0),
        Place("line", "Power line", Shape.CORRIDOR, points(chart.POWER_LINE), 200.0, top_m=sea + 250.0),
        Place("ferry", "Ferry Norrhavn", Shape.VESSEL, (), 400.0, top_m=sea + 600.0, identity=FERRY_IDENTITY),
    )
