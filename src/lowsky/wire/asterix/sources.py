"""Who sent a record: SAC and SIC to the sensor of the site, by the names that the configuration gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..names import SensorNames

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
NOBODY = -1  # a record without item 010
PART = 1 << 16  # see `Targets.source`
MAX_REMEMBERED = 1 << 16  # sources whose sensor is kept at hand


def name_of_source(code: int) -> str:
    """As configurations and messages call it: "25/201", "25/201/7" for a part of it."""
    if code < 0:
        return "no SAC/SIC"
    name = f"{code >> 8 & 255}/{code & 255}"
    return f"{name}/{code // PART - 1}" if code >= PART else name


class Sources:
    """Finds sensors; each unknown name is counted as often as it is met."""

    def __init__(self, names: SensorNames) -> None:
        self._names = names
        self._known: dict[int, int] = {}

    def find(self, codes: Longs) -> tuple[Longs, NDArray[np.str_]]:
        """Index in the site (-1: none) and name of each source (n,)."""
        if len(codes) and (codes == codes[0]).all():
            unique, inverse = codes[:1], np.zeros(len(codes), dtype=np.int64)
        else:
            unique, inverse = np.unique(codes, return_inverse=True)
        counts = np.bincount(inverse, minlength=len(unique)).tolist()
        index = [self._find(code, n) for code, n in zip(unique.tolist(), counts, strict=True)]
        said = np.array([name_of_source(code) for code in unique.tolist()], dtype=np.str_)
        return np.array(index, dtype=np.int64)[inverse], said[inverse]

    def _find(self, code: int, times: int) -> int:
        known = self._known.get(code)
        if known is not None:
            return known
        name = name_of_source(code)
        if code >= PART and not self._names.knows(name):
            name = name_of_source(code % PART)
        known_name = self._names.knows(name)
        index = int(self._names.find([name] * (1 if known_name else times))[0])
        if known_name and len(self._known) < MAX_REMEMBERED:
            self._known[code] = index
        return index


def codes_of(source: Floats) -> Longs:
    """Numbers of sources as the walk gives them; NOBODY where there is none."""
    return np.where(np.isnan(source), NOBODY, source).astype(np.int64)
