"""Names of a sensor's lasting errors and of what a sight holds.

The errors of a sensor are what it reports too much: range m, range scale, azimuth rad, elevation rad, clock s, and
east and north m of its stated place. They are the columns of every array of `layout.ERRORS`.
"""

from __future__ import annotations

RANGE, SCALE, AZIMUTH, ELEVATION, CLOCK, EAST, NORTH = 0, 1, 2, 3, 4, 5, 6  # errors of a sensor
HAS_RANGE, HAS_AZIMUTH, HAS_ELEVATION, DECLARED = 1, 2, 4, 8  # bits of SIGHT.parts
NOTHING, FOUND, STEPPED, ASIDE, AGAIN, DISPLACED, RELEASED = 0, 1, 2, 3, 4, 5, 6  # events of a sensor's history
