"""The named scenes."""

from __future__ import annotations

from .harbour import HARBOUR
from .load import BUSY1000, STEADY500
from .night import NIGHT, SMALL
from .scene import Scene

SCENES: dict[str, Scene] = {
    "harbour": HARBOUR,
    "night": NIGHT,
    "small": SMALL,
    "busy1000": BUSY1000,
    "steady500": STEADY500,
}
