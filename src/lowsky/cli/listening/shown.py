"""The view as a table on a terminal, and as plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from .figures import MOST_REASONS, SourceLine, View

MOST_UNKNOWN = 10
STYLES = {
    "running": "green", "well": "green", "waiting": "yellow", "starting": "yellow", "late": "yellow",
    "off_in_time": "yellow", "garbled": "red", "faulty": "red", "failed": "red", "silent": "red", "ended": "dim",
}  # fmt: skip


def table_of(view: View) -> RenderableType:
    """Sources, below them sensors, below them who is no sensor of the site."""
    parts: list[RenderableType] = [_sources(view)]
    if view.sensors:
        parts.append(_sensors(view))
    unknown = _unknown(view)
    return Group(*parts, *([Text(unknown, style="yellow")] if unknown else []))


def lines_of(view: View) -> Iterator[str]:
    """A line for each source and sensor."""
    for s in view.sources:
        rates = (
            f"{s.messages_per_s:.1f} messages/s, {s.bytes_per_s:.0f} bytes/s, {s.reports_per_s:.1f} reports/s, "
            f"lag {_seconds(s.lag_s)}"
        )
        faults = f"; {_faults(s)}" if s.faults else ""
        yield f"source {s.name} ({s.kind}, {s.via}): {s.state}, {rates}{faults}" + (
            f"; {s.message}" if s.message and s.state != "running" else ""
        )
    for sensor in view.sensors:
        words = f" ({sensor.message})" if sensor.message else ""
        rates = f"{sensor.reports_per_s:.1f} reports/s, lag {_seconds(sensor.lag_s)}, {sensor.faults} faults"
        yield f"sensor {sensor.id}: {sensor.state.replace('_', ' ')}{words}, {rates}"
    unknown = _unknown(view)
    if unknown:
        yield unknown


def _sources(view: View) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("source", "kind", "via"):
        table.add_column(name, overflow="fold")
    table.add_column("state", no_wrap=True)
    for name in ("messages/s", "bytes/s", "reports/s", "lag", "received"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("what is wrong", overflow="fold", ratio=1)
    for s in view.sources:
        wrong = [_faults(s)] if s.faults else []
        wrong += [s.message] if s.message and s.state not in ("running", "ended") else []
        table.add_row(
            s.name, s.kind, s.via, Text(s.state, style=STYLES.get(s.state, "")), f"{s.messages_per_s:.1f}",
            f"{s.bytes_per_s:,.0f}", f"{s.reports_per_s:.1f}", _seconds(s.lag_s), f"{s.received:,}", "; ".join(wrong),
        )  # fmt: skip
    return table


def _sensors(view: View) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("sensor", overflow="fold")
    table.add_column("state", no_wrap=True)
    for name in ("reports/s", "lag", "faults"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why", overflow="fold", ratio=1)
    for s in view.sensors:
        state = Text(s.state.replace("_", " "), style=STYLES.get(s.state, ""))
        table.add_row(s.id, state, f"{s.reports_per_s:.1f}", _seconds(s.lag_s), f"{s.faults:,}", s.message)
    return table


def _unknown(view: View) -> str:
    if not view.unknown:
        return ""
    shown = ", ".join(f"{name} ({count:,})" for name, count in view.unknown[:MOST_UNKNOWN])
    hidden = len(view.unknown) - MOST_UNKNOWN
    return f"no sensors of this site: {shown}" + (f" and {hidden:,} more" if hidden > 0 else "")


def _faults(source: SourceLine) -> str:
    shown = ", ".join(f"{kind} ({count:,})" for kind, count in source.faults[:MOST_REASONS])
    hidden = len(source.faults) - MOST_REASONS
    more = f" and {hidden} more reasons" if hidden > 0 else ""
    return f"{shown}{more}: {source.trouble}" if source.trouble else shown + more


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"
