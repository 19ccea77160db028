"""How often an output tells, checked."""

from __future__ import annotations

from lowsky.model.errors import InputError

PERIODS_S = (0.2, 60.0)  # the core's tick is the shortest


def checked_period(period_s: float, here: str, field: str = "period_s") -> float:
    """The period, if it is one; `here` names file and table.

    Raises:
        InputError: naming field and value.
    """
    low, high = PERIODS_S
    if not low <= period_s <= high:
        raise InputError(f"{here}.{field}: {period_s:g} is not between {low:g} and {high:g}")
    return period_s
