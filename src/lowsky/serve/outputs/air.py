"""From the core's picture to the air: geodetic, with the whole covariance turned to each object's own axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lowsky.model.air import Air, joined
from lowsky.model.geodesy import Frame, rotate_covariances, rotate_vectors
from lowsky.model.picture import Picture, Status

from ..engine.rows import sound
from ..feed.columns import Table


def air_of(picture: Picture, table: Table, frame: Frame, identities: Sequence[str], time_ns: int) -> Air:
    """The air of one tick.

    Args:
        picture: the rows of that tick, in the region's frame.
        table: the same rows as the feed's columns, with kinds and levels on them.
        frame: of the region.
        identities: the table that `picture.identity` points into.
        time_ns: the tick.
    """
    picture = sound(picture)
    latitude, longitude, height = frame.to_geodetic(picture.state[:, :3])
    rotation = frame.rotation_at(latitude, longitude)
    return Air(
        time_ns=time_ns,
        number=picture.track,
        status=picture.status,
        latitude_deg=latitude,
        longitude_deg=longitude,
        height_m=height,
        velocity_mps=rotate_vectors(rotation, picture.state[:, 3:]),
        covariance=rotate_covariances(_twice(rotation), picture.covariance),
        existence=picture.existence,
        kind=table["kind"].astype(np.uint8),
        kind_probability=table["kind_probability"].astype(np.float64),
        level=table["level"].astype(np.uint8),
        rcs_dbsm=picture.rcs_dbsm,
        first_report_ns=picture.first_report_ns,
        last_report_ns=picture.last_report_ns,
        reports=np.maximum(picture.reports, 0),
        group_n=np.maximum(picture.group_n, 1),
        identity=tuple(identities[i] if 0 <= i < len(identities) else "" for i in picture.identity.tolist()),
    )


def with_ended(air: Air, before: Air | None) -> Air:
    """The air with the objects that were in `before` and are gone, as they were last; ended ones are told once."""
    if before is None:
        return air
    gone = (before.status != Status.ENDED) & ~np.isin(before.number, air.number, assume_unique=True)
    if not gone.any():
        return air
    ended = before.take(gone)
    ended.status[:] = Status.ENDED
    ended.level[:] = 0
    return joined(air, ended)


def _twice(rotation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotations (n, 6, 6) that turn position and velocity alike."""
    turn = np.zeros((len(rotation), 6, 6))
    turn[:, :3, :3] = turn[:, 3:, 3:] = rotation
    return turn
