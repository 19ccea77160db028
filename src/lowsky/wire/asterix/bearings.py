"""Bearings of radio direction finders: category 205 (EUROCONTROL-SPEC-0149 Part 30).

A sensor's data (type 5) and a system's bearing (type 2) are reports of a bearing from true north, of the sensor "25/1",
or "25/1/7" where item 170 numbers the antenna and the configuration knows that name. Positions that a system makes of
bearings (types 1 and 3) are not measurements of one sensor.
"""

from __future__ import annotations

import numpy as np

from .targets import DEGREE, Cells, Targets, first_of

WANTED_205 = tuple("010 000 030 070 080 170 200".split())
SYSTEM_POSITION = "position made of bearings"
DETECTION_END = "end of a transmission"
OTHER_MESSAGE = "message that is no bearing"
POSITIONS, BEARINGS, END = (1.0, 3.0), (2.0, 5.0), 4.0
PART = 65_536.0  # of `Targets.source`, see there


def from_205(c: Cells) -> Targets:
    """Category 205: azimuth, and the elevation of the signal."""
    columns = {
        "azimuth_rad": first_of(c["070"], c["080"]) * DEGREE,
        "elevation_rad": c["200"] * DEGREE,
    }
    message = c["000"]
    ignored = [
        (SYSTEM_POSITION, np.isin(message, POSITIONS)),
        (DETECTION_END, message == END),
        (OTHER_MESSAGE, ~np.isin(message, BEARINGS)),
    ]
    part = np.where(np.isnan(c["170"]), 0.0, c["170"] + 1.0)
    return Targets(c["010"] + PART * part, c["030"], columns, ignored)
