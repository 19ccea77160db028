"""When an object could first be placed: before that moment no picture owes it.

An object can be placed when a report with a range or a declared position of it has been received, or when lines of
sight of two different sensors were received within `LINES_MEET_S`. Which object a report came from is known for
simulated recordings (`sources`); for others the truth's first row is taken.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.errors import InputError

from .matching import Flags, Floats, Longs

LINES_MEET_S = 2.0


def first_placed(
    source: NDArray[Any], received_s: Floats, sensor: NDArray[Any], direct: Flags
) -> tuple[NDArray[Any], Floats]:
    """Objects that could be placed, in order of label, and the time of receipt at which each first could.

    Args:
        source: (n,) integer label of the object that each report came from, below 0 for false reports.
        received_s: (n,) times of receipt.
        sensor: (n,) which sensor made the report.
        direct: (n,) whether the report alone gives a place (range or declared position).

    Raises:
        InputError: if the arrays are not equally long.
    """
    if not len(source) == len(received_s) == len(sensor) == len(direct):
        raise InputError(f"sources has {len(source)} rows where plots has {len(received_s)}")
    real = np.flatnonzero(source >= 0)
    lines = _meeting_lines(real[~direct[real]], source, received_s, np.unique(sensor, return_inverse=True)[1])
    rows = np.concatenate([real[direct[real]], lines])
    order = rows[np.lexsort((received_s[rows], source[rows]))]
    labels, first = np.unique(source[order], return_index=True)
    return labels, received_s[order][first]


def _meeting_lines(rows: Longs, source: NDArray[Any], received_s: Floats, sensor: Longs) -> Longs:
    """Rows that follow, within the time, a line of another sensor at the same object. It is enough to look at the line
    before: where that is of the same sensor, an earlier row of the run met the same other line no later."""
    order = rows[np.lexsort((received_s[rows], source[rows]))]
    same = source[order][1:] == source[order][:-1]
    soon = np.diff(received_s[order]) <= LINES_MEET_S
    meets: Longs = order[1:][same & soon & (np.diff(sensor[order]) != 0)]
    return meets
