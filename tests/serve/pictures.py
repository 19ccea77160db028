"""Tables of the feed for tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from lowsky.serve.feed.columns import DTYPES, NO_IDENTITY, Table


def picture(numbers: list[int], **columns: Any) -> Table:
    """Rows of these numbers, in their order; columns not given are the same for all."""
    n = len(numbers)
    table = {name: np.zeros(n, dtype=dtype) for name, dtype in DTYPES.items()}
    table["number"] = np.array(numbers, dtype=np.float64)
    table["group_n"][:] = 1
    table["status"][:], table["existence"][:], table["identity"][:] = 1, 0.99, NO_IDENTITY
    table["lat"][:], table["lon"][:], table["height_m"][:] = 56.0, 11.0, 100.0
    for name in ("rcs_dbsm", "kind_probability"):
        table[name][:] = np.nan
    for name, values in columns.items():
        table[name] = np.broadcast_to(np.asarray(values, dtype=DTYPES[name]), (n,)).copy()
    return table
