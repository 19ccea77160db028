"""Somebody's table through a mapping: the same reports as from a scenario's `plots`, checked in the same way.

`MappedFile` looks to the row checks like a file with lowsky's own columns; units, height datum, speed with course and
constants are worked out behind it, and its errors name the file's own columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lowsky.model.errors import InputError
from lowsky.model.heights import Datum, ellipsoidal_height
from lowsky.model.sensor import Site, site_of

from ..problems import MESSAGE_LIMIT, join_problems
from .columns import READ_ERRORS, TableFile, is_text, unreadable
from .files import read_table
from .mapping import COLUMNS, TEXT_COLUMNS, Mapping, read_mapping
from .rows import LOOK_NUMERIC, looks_of, reports_of, sensor_index
from .scenario import Scenario, complete
from .times import seconds_of_texts, seconds_of_timestamps

Floats = NDArray[np.float64]
Numbers = tuple[Floats, NDArray[np.bool_] | None]


def read_mapped(toml: str | Path, limit: int = MESSAGE_LIMIT) -> Scenario:
    """The reports of a table that a TOML describes (`docs/tables.md`), as a scenario.

    Args:
        toml: the description; the table stands beside it.
        limit: how many sentences about bad rows to keep.

    Raises:
        InputError: if description or table cannot be read; one sentence.
    """
    toml = Path(toml)
    mapping, table = read_mapping(toml)
    site = site_of(table.sensors)
    path = toml.parent / mapping.file
    named = {key: column.name for key in mapping.columns if (column := mapping.column(key)) is not None}
    text = {named[key] for key in named if key in TEXT_COLUMNS or _is_iso(mapping, key)}
    file = read_table(path, set(named.values()) - text, text, mapping.delimiter)
    file.require(*named.values())
    reports, problems = reports_of(MappedFile(file, mapping, site), site, limit)
    looks = None
    if mapping.looks_file is not None:
        looks_table = read_table(toml.parent / mapping.looks_file, LOOK_NUMERIC, ("sensor",))
        looks, wrong = looks_of(looks_table, site, limit)
        problems = join_problems([problems, wrong], limit)
    return complete(site, table, reports, looks, problems)


def _is_iso(mapping: Mapping, key: str) -> bool:
    column = mapping.column(key)
    return column is not None and column.unit == "iso"


@dataclass(frozen=True, slots=True)
class MappedFile:
    """A table seen through its mapping, with the columns of a scenario's `plots`."""

    file: TableFile
    mapping: Mapping
    site: Site

    @property
    def path(self) -> Path:
        """The table."""
        return self.file.path

    @property
    def row(self) -> NDArray[np.int64]:
        """Number of each row in the table."""
        return self.file.row

    @property
    def lost(self) -> tuple[tuple[int, int, int], ...]:
        """Lines that are no rows."""
        return self.file.lost

    def __len__(self) -> int:
        return len(self.file)

    def has(self, name: str) -> bool:
        """Whether the column can be had, from the table or as a constant."""
        height = self.mapping.height
        if name == "sensor":
            return True
        if name == "height_m" and height.constant_m is not None:
            return True
        if name == "sigma_height_m" and height.datum in (Datum.MSL, Datum.PRESSURE):
            return self.has("height_m")
        if name == "north_mps" and "speed" in self.mapping.columns:
            return True
        return self._key(name) is not None

    def require(self, *names: str) -> None:
        """Raises InputError naming the first column that cannot be had."""
        for name in names:
            if not self.has(name):
                raise InputError(f"{self.path} has no column for {name!r}")

    def label(self, name: str) -> str:
        """The table's name of a column, with lowsky's where a unit was changed or several columns were joined."""
        names = " with ".join(self._names(name))
        return f"{names} as {name}" if names and names != name else name

    def cells(self, name: str) -> Any:
        """The column's cells as they stand in the table."""
        names = self._names(name)
        if len(names) == 1:
            return self.file.cells(names[0])
        if names:
            return _CellPairs(*(self.file.cells(n) for n in names))
        return [self.mapping.sensor if name == "sensor" else None] * len(self)

    def texts(self, name: str) -> Any:
        """A column of texts, dictionary-encoded; the constant sensor if there is one."""
        column = self.mapping.column(name)
        if column is not None:
            return self.file.texts(column.name)
        zeros = pa.array(np.zeros(len(self), dtype=np.int32))
        return pa.DictionaryArray.from_arrays(zeros, pa.array([self.mapping.sensor]))

    def numbers(self, name: str) -> Numbers:
        """A column in lowsky's unit and the mask of cells that are no numbers (None: there are none)."""
        if name in ("east_mps", "north_mps") and "speed" in self.mapping.columns:
            return self._velocity(np.sin if name == "east_mps" else np.cos)
        if name == "height_m":
            values, wrong = self._height()
            return self._above_ellipsoid(values)[0], wrong
        if name == "sigma_height_m":
            return self._height_sigma()
        key = self._key(name)
        return (np.full(len(self), np.nan), None) if key is None else self._column(key)

    def _names(self, name: str) -> list[str]:
        """The table's columns that a column is made of; none for a constant."""
        pair = name in ("east_mps", "north_mps") and "speed" in self.mapping.columns
        keys = ("speed", "course") if pair else (self._key(name),)
        columns = [self.mapping.column(key) for key in keys if key is not None]
        return [column.name for column in columns if column is not None]

    def _key(self, name: str) -> str | None:
        """The key of the mapping that gives a column, None if there is none."""
        if name in TEXT_COLUMNS:
            return name if name in self.mapping.columns else None
        return next((k for k, (target, _) in COLUMNS.items() if target == name and k in self.mapping.columns), None)

    def _column(self, key: str) -> Numbers:
        """One column of the table, times its unit."""
        column = self.mapping.column(key)
        if column is None:
            return np.full(len(self), np.nan), None
        units = COLUMNS[key][1]
        scale = units[column.unit or next(iter(units))]
        values, wrong = self._time(column.name) if "iso" in units else self.file.numbers(column.name)
        for missing in column.missing:
            values = np.where(values == missing, np.nan, values)
        return values if scale == 1.0 else values * scale, wrong

    def _time(self, name: str) -> Numbers:
        """A column of times: numbers, timestamps or, where the unit says so, ISO text."""
        arrow = self.file.table.column(name)
        iso = any(_is_iso(self.mapping, key) for key in ("time", "received") if self._named(key) == name)
        try:
            if pa.types.is_timestamp(arrow.type):
                return seconds_of_timestamps(arrow), None
            if iso and is_text(arrow.type):
                return seconds_of_texts(arrow)
        except READ_ERRORS as error:
            raise unreadable(self.path, error) from None
        return self.file.numbers(name)

    def _named(self, key: str) -> str | None:
        column = self.mapping.column(key)
        return None if column is None else column.name

    def _velocity(self, part: Any) -> Numbers:
        """East or north part of speed and course."""
        speed, speed_wrong = self._column("speed")
        course, course_wrong = self._column("course")
        masks = [m for m in (speed_wrong, course_wrong) if m is not None]
        wrong: NDArray[np.bool_] | None = np.logical_or.reduce(masks) if masks else None
        with np.errstate(invalid="ignore"):
            return speed * part(np.radians(course)), wrong

    def _height(self) -> Numbers:
        """Heights above their datum, m."""
        constant = self.mapping.height.constant_m
        return self._column("height") if constant is None else (np.full(len(self), constant), None)

    def _above_ellipsoid(self, values: Floats) -> tuple[Floats, Floats]:
        """Heights above the ellipsoid and the sigma of their datum."""
        height = self.mapping.height
        latitude, longitude = (self.numbers(name)[0] for name in ("lat", "lon"))
        return ellipsoidal_height(
            values,
            latitude,
            longitude,
            height.datum,
            qnh_hpa=height.qnh_hpa,
            takeoff_height_m=height.takeoff_height_m,
        )

    def _height_sigma(self) -> Numbers:
        """Sigma of heights: the report's, else its sensor's, widened by the datum's."""
        own, wrong = self._column("sigma_height")
        said = np.array([s.sigma_height_m for s in self.site.sensors])[sensor_index(self, self.site)]
        _, datum = self._above_ellipsoid(self._height()[0])
        return np.hypot(np.where(np.isnan(own), said, own), datum), wrong


class _CellPairs:
    """Cells of two columns that make one value, as text."""

    def __init__(self, first: Any, second: Any) -> None:
        self._columns = first, second

    def __getitem__(self, row: int) -> str:
        return " with ".join(str(column[row]) for column in self._columns)
