"""A scenario folder: `sensors.json` with `plots` and `looks` as Parquet or CSV, to reports and looks.

`looks` may be absent; they are then assumed from the sensors' periods (`lowsky.wire.table.assumed`). Nothing else in
the folder is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from lowsky.model.errors import InputError
from lowsky.model.report import LookBatch, ReportBatch
from lowsky.model.sensor import Site, site_of
from lowsky.model.timebase import NS_PER_S

from ..problems import MESSAGE_LIMIT, Problems, join_problems
from .assumed import assumed_looks
from .files import read_table
from .rows import LOOK_NUMERIC, NUMERIC, TEXT, looks_of, reports_of
from .sensors import SensorTable, read_sensors


@dataclass(frozen=True, slots=True)
class Scenario:
    """All input of one run: reports and looks by receipt, from when to when (None: to the last input)."""

    site: Site
    reports: ReportBatch
    looks: LookBatch
    start_ns: int
    end_ns: int | None
    problems: Problems = field(default_factory=Problems)


def read_scenario(folder: str | Path, limit: int = MESSAGE_LIMIT) -> Scenario:
    """Everything a tracker may know of a scenario folder.

    Args:
        folder: holds `sensors.json`, `plots.parquet` or `plots.csv`, and perhaps `looks.parquet` or `looks.csv`.
        limit: how many sentences about bad rows to keep.

    Raises:
        InputError: if the folder or a file in it cannot be read; one sentence.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder" if folder.exists() else f"{folder} does not exist")
    table = read_sensors(folder / "sensors.json")
    plots = find_table(folder, "plots")
    if plots is None:
        raise InputError(f"{folder} has neither plots.parquet nor plots.csv")
    return scenario_of(table, plots, find_table(folder, "looks"), limit)


def find_table(folder: Path, name: str) -> Path | None:
    """The Parquet file of that name, else the CSV file, else None."""
    return next((p for p in (folder / f"{name}.parquet", folder / f"{name}.csv") if p.exists()), None)


def scenario_of(table: SensorTable, plots: Path, looks: Path | None, limit: int = MESSAGE_LIMIT) -> Scenario:
    """A scenario of sensors that are known and files with the columns of `docs/tables.md`.

    Raises:
        InputError: if a file cannot be read.
    """
    site = site_of(table.sensors)
    reports, problems = reports_of(read_table(plots, NUMERIC, TEXT), site, limit)
    given: LookBatch | None = None
    if looks is not None:
        given, wrong = looks_of(read_table(looks, LOOK_NUMERIC, ("sensor",)), site, limit)
        problems = join_problems([problems, wrong], limit)
    return complete(site, table, reports, given, problems)


def complete(
    site: Site, table: SensorTable, reports: ReportBatch, looks: LookBatch | None, problems: Problems
) -> Scenario:
    """The scenario of its parts: start and end from what the sensor table says, looks assumed where there are none."""
    start_ns = _start(table, reports, looks)
    end_ns = None if table.duration_ns is None else start_ns + table.duration_ns
    if looks is None:
        looks = assumed_looks(reports, site, end_ns)
    return Scenario(site, reports, looks, start_ns, end_ns, problems)


def _start(table: SensorTable, reports: ReportBatch, looks: LookBatch | None) -> int:
    """When the scenario starts: as said, else the whole second at or before the first receipt."""
    if table.start_ns is not None:
        return table.start_ns
    firsts = [int(batch.received_ns[0]) for batch in (reports, looks) if batch is not None and len(batch)]
    return min(firsts, default=0) // NS_PER_S * NS_PER_S
