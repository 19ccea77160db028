"""Reports as people read them: degrees, milliseconds, None for what a report did not carry."""

from __future__ import annotations

import math

from lowsky.model.sensor import Sensor

from ..answers.objects import ReportInfo
from .rings import Columns

NS_PER_MS = 1e6
SAME = ("range_m", "range_rate_mps", "height_m", "rcs_dbsm")
DEGREES = {"azimuth_rad": "azimuth_deg", "elevation_rad": "elevation_deg"}


def report_infos(
    columns: Columns, sensors: tuple[Sensor, ...], names: tuple[str, ...], association: list[float] | None
) -> tuple[ReportInfo, ...]:
    """Rows of a struct of report arrays, in their order.

    Args:
        names: identities that the column `identity` points into.
        association: probability (n,) that each is the object's; None: not asked for an object.
    """
    lists = {name: column.tolist() for name, column in columns.items()}
    return tuple(
        ReportInfo(
            time_ms=lists["time_ns"][i] / NS_PER_MS,
            received_ms=lists["received_ns"][i] / NS_PER_MS,
            sensor=sensors[lists["sensor"][i]].id,
            association=None if association is None else association[i],
            lat=_known(lists["latitude_deg"][i]),
            lon=_known(lists["longitude_deg"][i]),
            identity=names[lists["identity"][i]] if lists["identity"][i] >= 0 else "",
            raw=lists["raw"][i],
            **{name: _known(lists[name][i]) for name in SAME},
            **{target: _degrees(lists[name][i]) for name, target in DEGREES.items()},
        )
        for i in range(len(lists["sensor"]))
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _degrees(value: float) -> float | None:
    return math.degrees(value) if math.isfinite(value) else None
