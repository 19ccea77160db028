"""The core's own table of declared identities: a report's identity, an index into its batch's table, becomes an index
into this one, which only grows.

Names get their index in order of receipt, those of one moment in order of name, so that neither the cut of the input
nor the tables of its batches show. The table has a limit: one radio can claim a new name with every message.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..model.kinds import Kind
from ..model.report import ReportBatch
from ..model.sensor import Sensor, SensorKind

MOST = 1 << 20  # identities; what comes after counts as not declared
LONGEST = 256  # characters of a name that are kept
UNASKED, REFUSED = -2, -1


class Identities:
    """Names in order of index, and the kind that each one's receiver vouches for."""

    def __init__(self, sensors: tuple[Sensor, ...]) -> None:
        self.names: list[str] = []
        self.kinds: list[int] = []
        self.refused = 0  # reports whose identity found no room
        self._index: dict[str, int] = {}
        self.vouched_by(sensors)
        self._table: tuple[str, ...] = ()
        self._known = np.empty(0, dtype=np.int32)

    def vouched_by(self, sensors: tuple[Sensor, ...]) -> None:
        """From now on, these are the receivers; what was vouched for before stays."""
        self._vouched = [_vouched_kind(s) for s in sensors]

    def taken(self, reports: ReportBatch) -> NDArray[np.int32]:
        """The reports' identities (n,) as indices into this table, -1 where none is declared; new names are added."""
        if reports.identities is not self._table:
            self._table = reports.identities
            self._known = np.array([self._index.get(_kept(name), UNASKED) for name in self._table], dtype=np.int32)
        given = np.where((reports.identity >= 0) & (reports.identity < len(self._table)), reports.identity, -1)
        known = np.append(self._known, np.int32(REFUSED))
        if (known[given] == UNASKED).any():
            self._add(reports, given, np.flatnonzero(known[given] == UNASKED))
            known = np.append(self._known, np.int32(REFUSED))
        out: NDArray[np.int32] = known[given]
        self.refused += int(((out < 0) & (given >= 0)).sum())
        return out

    def _add(self, reports: ReportBatch, given: NDArray[np.int32], rows: NDArray[np.int64]) -> None:
        """Add the names of these rows, the first received first."""
        _, first = np.unique(given[rows], return_index=True)  # of equal ones the first in the batch
        new = rows[first].tolist()
        for row in sorted(new, key=lambda r: (int(reports.received_ns[r]), self._table[given[r]])):
            self._known[given[row]] = self._index_of(_kept(self._table[given[row]]), int(reports.sensor[row]))

    def _index_of(self, name: str, sensor: int) -> int:
        if not name:
            return REFUSED
        if name not in self._index:
            if len(self.names) >= MOST:
                return REFUSED
            self._index[name] = len(self.names)
            self.names.append(name)
            self.kinds.append(int(self._vouched[sensor]))
        return self._index[name]

    def saved(self) -> dict[str, NDArray[np.generic]]:
        """The table as arrays: names as UTF-8 with a line feed after each, and their kinds."""
        text = "".join(f"{name}\n" for name in self.names).encode("utf-8", "surrogatepass")
        return {
            "identity_names": np.frombuffer(text, dtype=np.uint8).copy(),
            "identity_kinds": np.array(self.kinds, dtype=np.uint8),
            "identity_refused": np.array([self.refused], dtype=np.int64),
        }

    def restore(self, tables: dict[str, NDArray[np.generic]]) -> None:
        """Take over a saved table.

        Raises:
            ValueError: if it is not one.
        """
        try:
            text = tables["identity_names"].astype(np.uint8).tobytes().decode("utf-8", "surrogatepass")
            self.kinds = [int(k) for k in tables["identity_kinds"]]
            self.refused = int(tables["identity_refused"][0])
        except (KeyError, IndexError, UnicodeDecodeError) as error:
            raise ValueError(f"saved state does not fit: its table of identities cannot be read ({error!r})") from None
        self.names = text.split("\n")[:-1]
        if len(self.names) != len(self.kinds):
            raise ValueError("saved state does not fit: its identities and their kinds differ in number")
        self._index = {name: i for i, name in enumerate(self.names)}
        self._table = ()


def _kept(name: str) -> str:
    return name.replace("\n", " ")[:LONGEST]


def _vouched_kind(sensor: Sensor) -> Kind:
    """What declares itself to a receiver that hears only one kind is of that kind: AIS vessels, ADS-B aircraft."""
    alone = sensor.kind is SensorKind.COOPERATIVE and len(sensor.sees) == 1
    return sensor.sees[0] if alone else Kind.UNKNOWN
