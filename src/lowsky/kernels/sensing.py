"""What a sensor is expected to see: detection probability, and the densities of false reports and of new objects.

This is the compiled half of `lowsky.sensing`; the description it works on is `layout.Sensors`. Detection is the
described probability within reach and field of view, with edges softened by the object's own uncertainty. False
plots of a radar are uniform over its area, the described heights and range rates. New objects have the
velocity and height priors of the rules. Camera false reports are uniform over azimuth and CAMERA_BAND_RAD of elevation.
"""

from __future__ import annotations

import math

from .borrow import bare
from .layout import HORIZON_BINS
from .measurement import wrap_pi

RADAR_3D, RADAR_2D, CAMERA, COOPERATIVE, BEARING, ACOUSTIC, POST = 0, 1, 2, 3, 4, 5, 6  # model.sensor.SensorKind
CAMERA_BAND_RAD = 0.6
HIGHEST_M = 5000.0
NOTICEABLE = 0.3  # a miss counts towards coasting if the sensor should have seen the object with this probability
LEAST_FALSE = 0.02  # false lines a look that every direction finder has, whatever it promises
TAIL = 0.002  # share of false plots and of new objects that keep to no described bounds: nothing is impossible


@bare
def normal_density(x, sigma):
    """Density of a zero-mean normal variable."""
    return math.exp(-0.5 * (x / sigma) ** 2) / (sigma * 2.5066282746310002)


@bare
def normal_share(low, high):
    """Probability of a standard normal variable between low and high."""
    return 0.5 * (math.erf(high * 0.7071067811865476) - math.erf(low * 0.7071067811865476))


@bare
def box_density(x, low, high, sigma):
    """Density of a variable uniform on [low, high] seen with a normal error sigma, plus a thin tail."""
    width = high - low
    inner = normal_share((low - x) / sigma, (high - x) / sigma) / width
    return (1.0 - TAIL) * inner + TAIL * normal_density(x - 0.5 * (low + high), 2.0 * width)


@bare
def horizon_at(sensor, azimuth_rad):
    """Least elevation rad that a sensor with a horizon sees in a direction."""
    turn = azimuth_rad / 6.283185307179586
    return sensor.horizon_rad[min(int((turn - math.floor(turn)) * HORIZON_BINS), HORIZON_BINS - 1)]


@bare
def detection_probability(sensor, z, sigma_m):
    """Probability that a look reports an object at polar place z (range, azimuth, elevation), uncertain by sigma_m."""
    share, reach, view = 1.0, sensor.reach_m, sensor.view_rad
    if z[0] + 3.0 * sigma_m > reach[1] or z[0] - 3.0 * sigma_m < reach[0]:
        sigma = max(sigma_m, 1e-3)
        share = normal_share((reach[0] - z[0]) / sigma, (reach[1] - z[0]) / sigma)
    if not sensor.all_round:
        sigma = max(sigma_m / max(z[0], 1.0), 1e-6)
        off = wrap_pi(z[1] - view[0])
        if view[1] < 6.28318:
            share *= normal_share((-0.5 * view[1] - off) / sigma, (0.5 * view[1] - off) / sigma)
        lowest = max(view[2], horizon_at(sensor, z[1])) if sensor.masked else view[2]
        share *= normal_share((lowest - z[2]) / sigma, (view[3] - z[2]) / sigma)
    return sensor.detection * share


@bare
def radar_densities(sensor, report, undetected_m2, rules, height_m):
    """Densities of (false reports, new objects) at a radar report in its measurement space, over the parts it has.

    undetected_m2 is the expected number of undetected objects a square metre, height_m the report's ellipsoid height.
    """
    values, variance, reach, box = report.values, report.variance, sensor.reach_m, sensor.false_box
    range_m = values[0]
    false = sensor.false_plots / (math.pi * (reach[1] * reach[1] - reach[0] * reach[0])) * range_m
    new = undetected_m2 * sensor.detection * range_m
    if report.parts & 4:
        flat_m = range_m * max(math.cos(values[2]), 0.05)
        sigma_m = max(flat_m * math.sqrt(variance[2]), 1.0)
        false *= box_density(range_m * math.sin(values[2]), box[0], box[1], sigma_m) * flat_m
        spread_m = math.sqrt(rules.height_sigma_m * rules.height_sigma_m + sigma_m * sigma_m)
        usual = normal_density(height_m - rules.height_mean_m, spread_m)
        new *= ((1.0 - TAIL) * usual + TAIL / HIGHEST_M) * flat_m
    if report.parts & 8:
        rate = values[3]
        false *= box_density(rate, box[2], box[3], max(math.sqrt(variance[3]), 0.1))
        new *= 0.5 * (normal_density(rate, rules.speed_slow_mps) + normal_density(rate, rules.speed_fast_mps))
    return false, new


@bare
def camera_false_density(sensor):
    """Density of false lines of a camera, 1/rad^2, over its azimuths and CAMERA_BAND_RAD of elevation."""
    return max(sensor.false_plots, 1e-3) / (sensor.view_rad[1] * CAMERA_BAND_RAD)


@bare
def gives_lines(kind):
    """Does a sensor of this kind give an azimuth and nothing else?"""
    return kind in (BEARING, ACOUSTIC)
