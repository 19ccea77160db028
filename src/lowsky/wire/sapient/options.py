"""What the configuration of a SAPIENT source may say, beside where it connects."""

from __future__ import annotations

from typing import Literal

from ..formats import Options
from .positions import ErrorUnit
from .rules import HARNESS, OPTIONS_ONLY, Rules
from .timing import FREE, MERGED, STRICT, TimePolicy

READINGS = {"strict": HARNESS, "options": OPTIONS_ONLY}


class SapientOptions(Options, frozen=True, kw_only=True):
    """`sensors` maps node ids (UUIDs) to sensors of the site."""

    rules: Literal["strict", "options"] = "strict"  # "options": what the .proto files alone demand
    times: Literal["free", "strict"] = "free"  # "strict": a connection is held to the rules of time of a middleware
    errors: ErrorUnit = "auto"  # unit of errors of places in degrees
    magnetic_variation_deg: float | None = None  # magnetic north, east of true north positive
    platform_heading_deg: float | None = None  # of the node's own north, clockwise from true north
    node_id: str = ""  # ours, a UUID of version 4; without it one of this installation, the same for ever
    acknowledge: bool | None = None  # registrations; without it those on a node's own connection, not a middleware's

    @property
    def reading(self) -> Rules:
        """The rules that messages are held to."""
        return READINGS[self.rules]

    def time_policy(self, many: bool) -> TimePolicy:
        """The rules of time of a connection; `many`: it brings the messages of several nodes."""
        if self.times == "free":
            return FREE
        return MERGED if many else STRICT
