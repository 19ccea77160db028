"""Columns of the binary picture: names, order and types, declared once for encoder, hello message and REST.

A table is a dict from column name to an array of n values, in this order. Missing numbers are NaN, no identity is
`NO_IDENTITY`; times are milliseconds since 1970 UTC.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Table = dict[str, NDArray[Any]]

COLUMNS: tuple[tuple[str, str], ...] = (
    ("number", "f64"),
    ("lat", "f64"),
    ("lon", "f64"),
    ("first_report_ms", "f64"),
    ("last_report_ms", "f64"),
    ("height_m", "f32"),
    ("east_mps", "f32"),
    ("north_mps", "f32"),
    ("up_mps", "f32"),
    ("cov_ee_m2", "f32"),
    ("cov_en_m2", "f32"),
    ("cov_nn_m2", "f32"),
    ("sigma_up_m", "f32"),
    ("existence", "f32"),
    ("kind_probability", "f32"),
    ("rcs_dbsm", "f32"),
    ("identity", "u32"),
    ("reports", "u32"),
    ("status", "u8"),
    ("kind", "u8"),
    ("level", "u8"),
    ("flags", "u8"),
    ("group_n", "u8"),  # objects that the row stands for
)

DTYPES: dict[str, np.dtype[Any]] = {
    name: np.dtype({"f64": "<f8", "f32": "<f4", "u32": "<u4", "u8": "u1"}[word]) for name, word in COLUMNS
}
NO_IDENTITY = 0xFFFFFFFF

FLAG_ACKNOWLEDGED = 1  # the object's most urgent notice has been seen by somebody
FLAG_DOUBTFUL = 2  # its declared identity does not fit what it does
FLAG_BY_HAND = 4  # its kind was set by an officer


def empty_table() -> Table:
    """A table without rows."""
    return {name: np.empty(0, dtype=dtype) for name, dtype in DTYPES.items()}


def take(table: Table, rows: NDArray[Any]) -> Table:
    """The given rows (indices or mask)."""
    return {name: column[rows] for name, column in table.items()}
