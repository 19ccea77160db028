"""Aircraft as others have decoded them (BaseStation lines, aircraft.json) to reports, by one draft of many."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np

from lowsky.model.heights import Datum
from lowsky.model.report import ReportBatch

from ..carry import carry_on
from ..decoded import Context
from ..drafts import Draft, Finisher
from ..names import SensorNames
from ..problems import Problems, RowCheck

CARRY_S = 5.0  # aircraft.json is written once a second, and a position in it may be seconds old
ACCELERATION_MPS2 = 3.0  # one sigma of an aircraft that begins to turn
ADDRESS = re.compile(r"~?[0-9A-Fa-f]{6}")
NAN = float("nan")


class Row(NamedTuple):
    """One position; NaN where something is not told."""

    identity: str
    time_ns: int
    received_ns: int
    latitude_deg: float
    longitude_deg: float
    height_m: float
    geometric: bool  # the height counts from the ellipsoid, else it is by pressure
    east_mps: float
    north_mps: float
    up_mps: float
    sigma_position_m: float
    sigma_height_m: float
    sigma_velocity_mps: float


COLUMNS = (
    "latitude_deg", "longitude_deg", "height_m", "east_mps", "north_mps", "up_mps",
    "sigma_position_m", "sigma_height_m", "sigma_velocity_mps",
)  # fmt: skip


def finish_rows(
    rows: list[Row], context: Context, names: SensorNames, finisher: Finisher, *, carry: bool
) -> tuple[ReportBatch, Problems]:
    """The reports of rows (at least one), carried on to their receipt if wanted, and what was wrong with others."""
    n, source = len(rows), context.source
    check = RowCheck(source, n, where=lambda i: f"aircraft {rows[i].identity}")
    columns: dict[str, Any] = {name: np.array([getattr(row, name) for row in rows]) for name in COLUMNS}
    received_ns = np.array([row.received_ns for row in rows], dtype=np.int64)
    time_ns = np.array([row.time_ns for row in rows], dtype=np.int64)
    for name, limit in (("latitude_deg", 90.0), ("longitude_deg", 180.0)):
        reason = f"is not between -{limit:.0f} and {limit:.0f}"
        check.reject(~(np.abs(columns[name]) <= limit), name, columns[name], reason)
        columns[name] = np.where(check.good, columns[name], 0.0)
    said = time_ns
    if carry:
        time_ns = carry_on(columns, time_ns, received_ns, acceleration_mps2=ACCELERATION_MPS2, limit_s=CARRY_S)
    qnh = context.weather.qnh_hpa
    draft = Draft(
        sensor=[source] * n,
        index=np.repeat(names.find([source]), n),
        said=said,
        time_ns=time_ns,
        received_ns=received_ns,
        columns=columns,
        identity=[row.identity for row in rows],
        datum=[Datum.ELLIPSOID if row.geometric else Datum.PRESSURE for row in rows],
        qnh_hpa=np.full(n, NAN if qnh is None else qnh),
    )
    return finisher.finish(draft, check), check.result()
