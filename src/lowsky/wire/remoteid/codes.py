"""What the numbers of Remote ID mean: words of the enumerations, bounds of the accuracy codes, values for "not known".

Source: ASTM F3411-22a section 5.4 and ASD-STAN EN 4709-002, which define the same messages. Three protocol versions are
in the air: 0 is F3411-19, 1 a draft of EN 4709-002, 2 F3411-22a and EN 4709-002. A number beyond the words of its table
is reserved: it is kept as a number and noted, because the next edition may give it a meaning.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from enum import IntEnum

import numpy as np

VERSIONS = ("F3411-19", "EN 4709-002 draft", "F3411-22a")


class MessageType(IntEnum):
    """High half of the first byte of a message."""

    BASIC_ID = 0
    LOCATION = 1
    AUTHENTICATION = 2
    SELF_ID = 3
    SYSTEM = 4
    OPERATOR_ID = 5
    PACK = 15

    @property
    def words(self) -> str:
        """As people read it."""
        return {self.BASIC_ID: "basic ID", self.SELF_ID: "self ID", self.OPERATOR_ID: "operator ID"}.get(
            self, self.name.lower()
        )


class IdType(IntEnum):
    """What a Basic ID is."""

    NONE = 0
    SERIAL_NUMBER = 1  # ANSI/CTA-2063-A
    REGISTRATION = 2  # given by a civil aviation authority
    UTM_UUID = 3
    SESSION = 4


ID_TYPES = ("none", "serial number", "registration", "UTM UUID", "session ID")
UA_TYPES = (
    "none", "aeroplane", "helicopter or multirotor", "gyroplane", "hybrid lift", "ornithopter", "glider", "kite",
    "free balloon", "captive balloon", "airship", "free fall or parachute", "rocket", "tethered powered aircraft",
    "ground obstacle", "other",
)  # fmt: skip
STATUSES = ("undeclared", "ground", "airborne", "emergency", "remote ID system failure")
HEIGHT_TYPES = ("above take-off", "above ground")
AUTHENTICATION_TYPES = (
    "none", "UAS ID signature", "operator ID signature", "message set signature", "network remote ID",
    "specific authentication",
)  # fmt: skip
DESCRIPTION_TYPES = ("text", "emergency", "extended status")
OPERATOR_PLACES = ("takeoff", "live", "fixed")
CLASSIFICATIONS = ("undeclared", "EU")
CATEGORIES_EU = ("undeclared", "open", "specific", "certified")
CLASSES_EU = ("undeclared", "class 0", "class 1", "class 2", "class 3", "class 4", "class 5", "class 6")

EMERGENCY, SYSTEM_FAILURE = 3, 4  # of STATUSES
PRIVATE_FROM = 201  # description and operator ID types from here on are for private use

NAUTICAL_MILE_M = 1852.0
HORIZONTAL_BOUNDS_M = (
    math.nan, 10 * NAUTICAL_MILE_M, 4 * NAUTICAL_MILE_M, 2 * NAUTICAL_MILE_M, NAUTICAL_MILE_M, 0.5 * NAUTICAL_MILE_M,
    0.3 * NAUTICAL_MILE_M, 0.1 * NAUTICAL_MILE_M, 0.05 * NAUTICAL_MILE_M, 30.0, 10.0, 3.0, 1.0,
)  # fmt: skip
"""Radius in m that holds 95 % of the horizontal errors, by code."""
VERTICAL_BOUNDS_M = (math.nan, 150.0, 45.0, 25.0, 10.0, 3.0, 1.0)
SPEED_BOUNDS_MPS = (math.nan, 10.0, 3.0, 1.0, 0.3)

SIGMA_OF_CIRCLE = 1.0 / math.sqrt(-2.0 * math.log(0.05))
"""One-axis sigma of a radius that holds 95 %: the error of two axes together is Rayleigh distributed."""
SIGMA_OF_INTERVAL = 1.0 / 1.959964
"""Sigma of a half interval that holds 95 %."""

EPOCH_S = int(datetime(2019, 1, 1, tzinfo=UTC).timestamp())
"""Times of the System and Authentication messages count from here."""


def by_code(bounds: tuple[float, ...]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The sixteen values of a code of four bits; what is reserved is NaN."""
    return np.array([*bounds, *[math.nan] * (16 - len(bounds))])


def word(words: tuple[str, ...], number: int) -> str:
    """The word of a number."""
    return words[number] if number < len(words) else f"reserved {number}"
