"""Names of sensors to their index in the site; names that the site has not are counted, a bounded number by name.

A format calls its senders what it likes: a pair of numbers, a UUID, nothing at all. Who configures a source says which
sensor is meant (`aliases`), or that everything from it is one sensor's (`only`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lowsky.model.errors import InputError
from lowsky.model.sensor import Site

MAX_UNKNOWN = 1_000  # names that are kept with a count each
MAX_NAME = 200  # characters of one


class SensorNames:
    """The sensors of one site by name, and who else asked."""

    def __init__(self, site: Site, aliases: Mapping[str, str] | None = None, only: str = "") -> None:
        """`aliases` says which sensor a name of the format means; with `only`, every name means that one.

        Raises:
            InputError: if an alias or `only` leads to no sensor of the site.
        """
        self.unknown: dict[str, int] = {}
        self.unknown_others = 0  # times that names beyond the table were met
        self._index = {sensor.id: i for i, sensor in enumerate(site.sensors) if not sensor.retired}
        own = dict(self._index)
        for name, sensor in (aliases or {}).items():
            self._index[name] = _row(own, sensor, f"sensors.{name}")
        self.only = _row(own, only, "sensor") if only else -1

    def knows(self, name: str) -> bool:
        """Whether a name leads to a sensor; asking counts nothing."""
        return self.only >= 0 or name in self._index

    def find(self, names: Sequence[str | int]) -> NDArray[np.int64]:
        """Index of each name (n,), -1 where the site has none."""
        if self.only >= 0:
            return np.full(len(names), self.only, dtype=np.int64)
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


def _row(index: Mapping[str, int], sensor: str, field: str) -> int:
    if sensor not in index:
        raise InputError(f"{field}: {sensor!r} is no sensor of this site")
    return index[sensor]
