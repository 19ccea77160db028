"""Names of sensors to their index in the site; names that the site has not are counted, a bounded number by name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lowsky.model.sensor import Site

MAX_UNKNOWN = 1_000  # names that are kept with a count each
MAX_NAME = 200  # characters of one


class SensorNames:
    """The sensors of one site by name, and who else asked."""

    def __init__(self, site: Site) -> None:
        self.unknown: dict[str, int] = {}
        self.unknown_others = 0  # times that names beyond the table were met
        self._index = {sensor.id: i for i, sensor in enumerate(site.sensors)}

    def find(self, names: list[str | int]) -> NDArray[np.int64]:
        """Index of each name (n,), -1 where the site has none."""
        known = self._index.get
        index = [known(name, -1) if type(name) is str else -1 for name in names]
        for i, found in enumerate(index):
            if found < 0:
                index[i] = self._find_otherwise(str(names[i]).strip())
        return np.array(index, dtype=np.int64)

    def _find_otherwise(self, name: str) -> int:
        """The index of a name that was a number or had blanks round it, else -1 and one more unknown."""
        index = self._index.get(name, -1)
        if index < 0:
            name = name[:MAX_NAME]
            if name in self.unknown or len(self.unknown) < MAX_UNKNOWN:
                self.unknown[name] = self.unknown.get(name, 0) + 1
            else:
                self.unknown_others += 1
        return index
