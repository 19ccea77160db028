"""Objects as people read them: one row of the picture with words for its codes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lowsky.model.picture import Status

from ..answers.objects import ObjectInfo
from ..answers.words import KINDS, LEVELS
from ..feed.columns import Table

STATUSES = tuple(status.name.lower() for status in Status)


def object_info(table: Table, row: int, identities: Sequence[str]) -> ObjectInfo:
    """One row of the feed's columns as an answer."""
    value = {name: column[row].item() for name, column in table.items()}
    identity = value["identity"]
    return ObjectInfo(
        number=int(value["number"]),
        lat=value["lat"],
        lon=value["lon"],
        height_m=value["height_m"],
        east_mps=value["east_mps"],
        north_mps=value["north_mps"],
        up_mps=value["up_mps"],
        sigma_m=_long_axis_m(value["cov_ee_m2"], value["cov_en_m2"], value["cov_nn_m2"]),
        sigma_up_m=value["sigma_up_m"],
        existence=value["existence"],
        status=STATUSES[value["status"]],
        kind=KINDS[value["kind"]],
        kind_probability=_known(value["kind_probability"]),
        level=LEVELS[value["level"]],
        identity=identities[identity] if identity < len(identities) else "",
        reports=value["reports"],
        group_n=value["group_n"],
        rcs_dbsm=_known(value["rcs_dbsm"]),
        first_report_ms=value["first_report_ms"],
        last_report_ms=value["last_report_ms"],
    )


def _long_axis_m(ee_m2: float, en_m2: float, nn_m2: float) -> float:
    """Standard deviation along the longer axis of a horizontal covariance."""
    mean, half = 0.5 * (ee_m2 + nn_m2), 0.5 * (ee_m2 - nn_m2)
    return math.sqrt(max(mean + math.hypot(half, en_m2), 0.0))


def _known(value: float) -> float | None:
    """The value, or None for what is not a finite number."""
    return value if math.isfinite(value) else None
