"""The named scenes."""

from __future__ import annotations

from .night import NIGHT, SMALL
from .scene import Scene

SCENES: dict[str, Scene] = {"night": NIGHT, "small": SMALL}
