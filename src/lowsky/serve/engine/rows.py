"""The core's picture as the feed's columns: geodetic position, velocity and covariance in the object's own axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.geodesy import Frame, rotate_covariances, rotate_vectors
from lowsky.model.picture import Picture, take_rows

from ..feed.columns import DTYPES, NO_IDENTITY, Table, empty_table

NS_PER_MS = 1e6


def sound(picture: Picture) -> Picture:
    """The rows that say where an object is; one that does not is a defect of ours, and never drawn anywhere."""
    whole = np.isfinite(picture.existence) & np.isfinite(picture.state).all(axis=1)
    whole &= np.isfinite(picture.covariance).all(axis=(1, 2))
    return picture if whole.all() else take_rows(picture, whole)


def feed_table(picture: Picture, frame: Frame) -> Table:
    """The rows of one moment (ordered by number) as the feed's columns; level and flags are still 0."""
    picture = sound(picture)
    n = len(picture)
    if not n:
        return empty_table()
    position = picture.state[:, :3]
    latitude, longitude, height = frame.to_geodetic(position)
    rotation = frame.rotation_at(latitude, longitude)
    velocity = rotate_vectors(rotation, picture.state[:, 3:])
    covariance = rotate_covariances(rotation, picture.covariance[:, :3, :3])
    columns: dict[str, NDArray[Any]] = {
        "number": picture.track,
        "lat": latitude,
        "lon": longitude,
        "first_report_ms": picture.first_report_ns / NS_PER_MS,
        "last_report_ms": picture.last_report_ns / NS_PER_MS,
        "height_m": height,
        "east_mps": velocity[:, 0],
        "north_mps": velocity[:, 1],
        "up_mps": velocity[:, 2],
        "cov_ee_m2": covariance[:, 0, 0],
        "cov_en_m2": covariance[:, 0, 1],
        "cov_nn_m2": covariance[:, 1, 1],
        "sigma_up_m": np.sqrt(np.maximum(covariance[:, 2, 2], 0.0)),
        "existence": picture.existence,
        "kind_probability": np.full(n, np.nan),
        "rcs_dbsm": getattr(picture, "rcs_dbsm", np.full(n, np.nan)),
        "identity": np.where(picture.identity < 0, NO_IDENTITY, picture.identity),
        "reports": np.maximum(picture.reports, 0),
        "status": picture.status,
        "kind": picture.kind,
        "level": np.zeros(n),
        "flags": np.zeros(n),
        "group_n": np.clip(picture.group_n, 1, 255),
    }
    return {name: columns[name].astype(dtype, copy=False) for name, dtype in DTYPES.items()}
