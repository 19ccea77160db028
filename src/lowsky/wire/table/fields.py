"""The numeric columns of `plots`, declared once, and the canonical order of reports that is made from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Field:
    """One numeric column: its name in the file, its name in the batch, its legal values, how it becomes radians."""

    name: str
    target: str
    low: float
    high: float
    scale: float = 1.0


_DEG = float(np.pi / 180.0)
FIELDS: tuple[Field, ...] = (
    Field("range_m", "range_m", 0.0, 1e7),
    Field("azimuth_deg", "azimuth_rad", -180.0, 360.0, _DEG),
    Field("elevation_deg", "elevation_rad", -90.0, 90.0, _DEG),
    Field("range_rate_mps", "range_rate_mps", -1e4, 1e4),
    Field("lat", "latitude_deg", -90.0, 90.0),
    Field("lon", "longitude_deg", -180.0, 360.0),
    Field("height_m", "height_m", -2e3, 1e6),
    Field("east_mps", "east_mps", -1e4, 1e4),
    Field("north_mps", "north_mps", -1e4, 1e4),
    Field("up_mps", "up_mps", -1e4, 1e4),
    Field("sigma_range_m", "sigma_range_m", 1e-6, 1e6),
    Field("sigma_azimuth_deg", "sigma_azimuth_rad", 1e-9, 180.0, _DEG),
    Field("sigma_elevation_deg", "sigma_elevation_rad", 1e-9, 180.0, _DEG),
    Field("sigma_range_rate_mps", "sigma_range_rate_mps", 1e-6, 1e4),
    Field("sigma_position_m", "sigma_position_m", 1e-6, 1e6),
    Field("sigma_height_m", "sigma_height_m", 1e-6, 1e6),
    Field("sigma_velocity_mps", "sigma_velocity_mps", 1e-6, 1e4),
    Field("rcs_dbsm", "rcs_dbsm", -200.0, 200.0),
    Field("snr_db", "snr_db", -200.0, 400.0),
    Field("confidence", "confidence", 0.0, 1.0),
)


def canonical_order(
    columns: dict[str, NDArray[Any]], rows: NDArray[np.int64], identities: tuple[str, ...]
) -> NDArray[np.int64]:
    """Order of `rows` by receipt; among equal receipts by time of validity, sensor, measured values and identity, so
    that the order of rows in a file never matters.

    Args:
        columns: of a report batch, those that are known.
        rows: which rows of the columns are wanted.
        identities: the table that `columns["identity"]` points into.
    """
    received = columns["received_ns"][rows]
    order = np.argsort(received, kind="stable")
    received = received[order]
    same = np.flatnonzero(received[1:] == received[:-1])
    if len(same):
        at = np.unique(np.concatenate([same, same + 1]))
        tied = rows[order[at]]
        names = np.array([*identities, ""], dtype=np.str_)  # index -1 finds ""
        measured = [columns[f.target][tied] for f in reversed(FIELDS) if f.target in columns]
        first = [columns[name][tied] for name in ("sensor", "time_ns", "received_ns")]
        order[at] = order[at][np.lexsort([names[columns["identity"][tied]], *measured, *first])]
    return order


def by_first_appearance(number: NDArray[np.int32], names: tuple[str, ...]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Identities numbered as they first appear, which later rows do not change; -1 stays -1."""
    used, first = np.unique(number, return_index=True)
    used = used[np.argsort(first)]
    used = used[used >= 0]
    renumbered = np.full(len(names) + 1, -1, dtype=np.int32)
    renumbered[used] = np.arange(len(used), dtype=np.int32)
    return renumbered[number], tuple(names[i] for i in used.tolist())
