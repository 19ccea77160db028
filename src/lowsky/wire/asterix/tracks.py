"""Which records of a sensor that sends both plots and its own tracks become reports: never both of the same thing.

By the option `reports`: "plots", "tracks", "all", or "auto": plots, and tracks of a sensor as long as no plot of it
came within `SILENCE_S` before. In categories 048 and 001 a record is a detection whether it names a track or not, so
there is nothing to choose.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lowsky.model.timebase import NS_PER_S

from .targets import Mask, Targets

Longs = NDArray[np.int64]
SILENCE_S = 60.0  # several turns of a slow radar
TRACK = "track of what also comes as plots"
PLOT = "plot, where tracks are wanted"
NEVER = -(1 << 62)


class OwnTracks:
    """Keeps when each sender last sent a plot."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._last_ns: dict[tuple[int, int], int] = {}  # by category and source, at most a few times 65,536

    def choose(self, category: int, targets: Targets, codes: Longs, received_ns: Longs) -> list[tuple[str, Mask]]:
        """What is ignored, by reason."""
        track = targets.track
        if track is None or self._wanted == "all":
            return []
        if self._wanted == "tracks":
            return [(PLOT, ~track)]
        if self._wanted == "plots":
            return [(TRACK, track)]
        beside = np.zeros(len(codes), dtype=np.bool_)
        for code in np.unique(codes).tolist():
            rows = np.flatnonzero(codes == code)
            last = np.where(track[rows], NEVER, received_ns[rows])
            last[0] = max(last[0], self._last_ns.get((category, code), NEVER))
            last = np.maximum.accumulate(last)
            beside[rows] = received_ns[rows] - last <= int(SILENCE_S * NS_PER_S)
            self._last_ns[category, code] = int(last[-1])
        return [(TRACK, track & beside)]
