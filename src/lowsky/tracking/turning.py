"""Settings of the tracker that may be turned while it runs, as one text: JSON, setting to value."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

from ..model.knobs import LEAST_FALSE_TRACKS_PER_HOUR, MOST_FALSE_TRACKS_PER_HOUR
from .settings import Settings

TURNABLE: dict[str, tuple[float, float]] = {
    "false_tracks_per_hour": (LEAST_FALSE_TRACKS_PER_HOUR, MOST_FALSE_TRACKS_PER_HOUR),
}
"""Least and greatest value of each."""


def turned_text(settings: Settings) -> str:
    """All settings that can be turned, as they stand."""
    return json.dumps({name: getattr(settings, name) for name in TURNABLE})


def turned(settings: Settings, text: str) -> Settings:
    """The settings with those of a text in place of their own.

    Raises:
        ValueError: naming setting and value.
    """
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"settings of the tracker are no JSON: {error}") from None
    if not isinstance(given, dict):
        raise ValueError("settings of the tracker are no object")
    values: dict[str, Any] = {name: checked(name, value) for name, value in given.items()}
    return replace(settings, **values)


def checked(name: str, value: object) -> float:
    """A value of a setting that can be turned.

    Raises:
        ValueError: naming setting and value.
    """
    if name not in TURNABLE:
        raise ValueError(f"{name[:60]!r} is no setting that can be turned; those are {', '.join(TURNABLE)}")
    low, high = TURNABLE[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name}: {str(value)[:60]!r} is no number")
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(f"{name}: {value:g} is not between {low:g} and {high:g}")
    return float(value)
