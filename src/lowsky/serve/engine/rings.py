"""Rings: the last so many rows of a struct of arrays, in arrays of fixed size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, NDArray[Any]]


class Ring:
    """The last `size` rows; the oldest are overwritten."""

    def __init__(self, size: int, **dtypes: Any) -> None:
        self.size = size
        self.written = 0  # rows ever
        self._columns: Columns = {name: np.zeros(size, dtype=dtype) for name, dtype in dtypes.items()}

    def __len__(self) -> int:
        return min(self.written, self.size)

    def add(self, n: int, **columns: NDArray[Any]) -> None:
        """Append n rows; of more than `size` only the last are kept."""
        kept = min(n, self.size)
        at = (self.written + n - kept + np.arange(kept)) % self.size
        for name, column in self._columns.items():
            column[at] = columns[name][n - kept :]
        self.written += n

    def column(self, name: str) -> NDArray[Any]:
        """A column in the ring's own order (rows not written yet are 0); read only while nobody adds."""
        return self._columns[name][: len(self)]

    def newest_first(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Positions in the ring's own order, sorted from the newest row to the oldest."""
        start = self.written % self.size if self.written > self.size else 0
        age = (start - 1 - at) % max(len(self), 1)
        return at[np.argsort(age, kind="stable")]

    def rows(self, at: NDArray[np.int64]) -> Columns:
        """Copies of the rows at positions."""
        return {name: column[at] for name, column in self._columns.items()}
