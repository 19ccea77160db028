"""Reports and looks to lines: the inverse of the decoder, to the bit.

Times go out as nanoseconds and angles as radians, because seconds and degrees are not always their exact text. Two
things are not said: the receipt, which is the receiver's to know, and `raw`.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from lowsky.model.report import LookBatch, ReportBatch
from lowsky.model.sensor import Site

from ..decoded import SensorStatus
from ..table.fields import FIELDS

ROWS_PER_LINE = 100  # fits a datagram (65,507 bytes), also with every field filled and long identities


def encode(reports: ReportBatch, looks: LookBatch, site: Site, rows_per_line: int = ROWS_PER_LINE) -> bytes:
    """Lines of the reports in their order, `rows_per_line` in one, then of the looks; each ends with a line feed.

    With `rows_per_line` 1 each report is a line of its own.
    """
    names = [sensor.id for sensor in site.sensors]
    if rows_per_line == 1:
        lines = [_report(reports.take(slice(i, i + 1)), names) for i in range(len(reports))]
    else:
        starts = range(0, len(reports), rows_per_line)
        lines = [_reports(reports.take(slice(i, i + rows_per_line)), names) for i in starts]
    lines += [_look(looks, i, names) for i in range(len(looks))]
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def encode_status(status: SensorStatus, site: Site) -> bytes:
    """The line of a status."""
    line = {"type": "status", "sensor": site.sensors[status.sensor].id, "state": status.state, "text": status.text}
    return msgspec.json.encode(line | {"time_ns": status.time_ns}) + b"\n"


def _reports(rows: ReportBatch, names: list[str]) -> dict[str, Any]:
    """The line of some rows; columns without any value are left out, values that are missing are null."""
    sensors = [names[i] for i in rows.sensor.tolist()]
    one = len(set(sensors)) == 1
    return {"type": "reports", "sensor": sensors[0] if one else sensors, "time_ns": rows.time_ns.tolist()} | _lists(
        rows
    )


def _report(row: ReportBatch, names: list[str]) -> dict[str, Any]:
    """The line of a batch of one."""
    values = {name: column[0] for name, column in _lists(row).items()}
    return {"type": "report", "sensor": names[row.sensor[0]], "time_ns": int(row.time_ns[0])} | values


def _lists(rows: ReportBatch) -> dict[str, list[Any]]:
    """Columns of numbers that hold any, and identities if there are any."""
    lists: dict[str, list[Any]] = {}
    for f in FIELDS:
        column = getattr(rows, f.target)
        if not np.isnan(column).all():
            lists[f.name if f.scale == 1.0 else f.target] = column.tolist()  # msgspec writes NaN as null
    if (rows.identity >= 0).any():
        lists["identity"] = [rows.identities[i] if i >= 0 else None for i in rows.identity.tolist()]
    return lists


def _look(looks: LookBatch, row: int, names: list[str]) -> dict[str, Any]:
    line = {"type": "look", "sensor": names[looks.sensor[row]], "time_ns": int(looks.time_ns[row])}
    return line | ({"assumed": True} if looks.assumed[row] else {})
