"""Directions that were heard, to lines: a "range and bearing" line from the sensor to where its reach ends.

Nothing is said of where on the line the object is. The line's own position is that of the sensor, so its `ce` is none
of the direction's; the direction's standard deviation stands in the remarks and in our own element, with the width that
it has at the end of the line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lowsky.model.bearing import Bearing
from lowsky.model.sensor import Site
from lowsky.model.timebase import NS_PER_S

from .event import Event
from .tree import Element
from .voice import Point, Voice, own

LINE = "u-rb-a"
MAX_LINES = 16  # of one sensor at once; those heard first are left out
COLOR = -256  # yellow, as the clients write colours: signed ARGB
TRUE_NORTH, DEGREES, METRES = "0", "0", "1"  # northRef, bearingUnits, rangeUnits


def bearing_events(bearings: Sequence[Bearing], site: Site, voice: Voice, now_ns: int, stale_s: float) -> list[Event]:
    """Lines of directions in order of receipt; those of one sensor are numbered from the newest."""
    of_sensor: dict[int, list[Bearing]] = {}
    for bearing in bearings:
        of_sensor.setdefault(bearing.sensor, []).append(bearing)
    return [
        _line(bearing, slot, site, voice, now_ns, now_ns + round(stale_s * NS_PER_S))
        for _, heard in sorted(of_sensor.items())
        for slot, bearing in enumerate(heard[: -MAX_LINES - 1 : -1])
    ]


def _line(bearing: Bearing, slot: int, site: Site, voice: Voice, now_ns: int, stale_ns: int) -> Event:
    sensor = site.sensors[bearing.sensor]
    degrees, sigma = math.degrees(bearing.azimuth_rad) % 360.0, math.degrees(bearing.sigma_azimuth_rad)
    wide_m = sensor.max_range_m * math.tan(min(bearing.sigma_azimuth_rad, 1.5))
    values = {
        "range": f"{sensor.max_range_m:.0f}",
        "bearing": f"{degrees:.2f}",
        "inclination": "0.0",
        "rangeUnits": METRES,
        "bearingUnits": DEGREES,
        "northRef": TRUE_NORTH,
        "color": str(COLOR),
        "strokeColor": str(COLOR),
        "strokeWeight": "2.0",
    }
    ours = own(sensor=sensor.id, azimuth_deg=f"{degrees:.2f}", sigma_deg=f"{sigma:.2f}")
    detail = [*(Element(name, {"value": value}) for name, value in values.items()), ours]
    remarks = f"direction only, {degrees:.1f}° ± {sigma:.1f}° (one sigma; ± {wide_m:.0f} m at the end of the line)"
    point = Point(sensor.latitude_deg, sensor.longitude_deg, sensor.height_m)
    uid = voice.uid_of("bearing", f"{sensor.id}.{slot}")
    time_ns = min(bearing.time_ns, now_ns)
    return voice.event(uid, LINE, time_ns, stale_ns, point, f"{sensor.id} {degrees:.0f}°", remarks, detail, "m-r")
