"""Targets and service messages to what a decoder gives out: whose they are, when they were, and the common checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.report import LookBatch, ReportBatch, look_batch, no_looks, report_batch

from ..decoded import Context, SensorStatus
from ..drafts import Draft, Finisher, check_clock
from ..names import SensorNames
from ..problems import Problems, RowCheck
from .identities import Identities
from .options import AsterixOptions
from .places import Places
from .service import MAX_STATUSES, Service
from .sources import Sources, codes_of
from .targets import DATUMS, Cells, Mask, Targets
from .times import instants
from .tracks import OwnTracks
from .walk import Rows

Longs = NDArray[np.int64]


@dataclass(slots=True)
class _Part:
    """Targets of one category that were not ignored."""

    record: Longs
    index: Longs
    said: NDArray[np.str_]
    time_s: NDArray[np.float64]
    time_ns: Longs
    received_ns: Longs
    columns: dict[str, NDArray[np.float64]]
    datum: NDArray[np.int8]
    identity: list[str | None]

    def __len__(self) -> int:
        return len(self.record)


class Drafting:
    """What one source sent since the last `take`, and what is kept of its sensors."""

    def __init__(self, context: Context, names: SensorNames, options: AsterixOptions) -> None:
        self._context = context
        self._sources = Sources(names)
        self._places = Places(context.site)
        self._finisher = Finisher(context.site)
        self._identities = Identities()
        self._service = Service()
        self._own_tracks = OwnTracks(options.reports)
        self._approaching = options.range_rate == "approaching"
        self._parts: list[_Part] = []
        self._looks: list[LookBatch] = []
        self._statuses: list[SensorStatus] = []
        self._problems: list[Problems] = []
        self._ignored: dict[str, int] = {}
        self._used = 0

    def targets(self, category: int, targets: Targets, rows: Rows, received_ns: Longs, record: Longs) -> None:
        """Gather targets of one category: those that are reports, and counts of the others."""
        codes = codes_of(targets.source)
        ignored = [*targets.ignored, *self._own_tracks.choose(category, targets, codes, received_ns)]
        kept = self._ignore(ignored, len(record))
        if not kept.all():
            codes, received_ns, record = codes[kept], received_ns[kept], record[kept]
            _keep(targets, kept)
        if not len(record):
            return
        index, said = self._sources.find(codes)
        self._places.complete(targets, index)
        if self._approaching and "range_rate_mps" in targets.columns:
            targets.columns["range_rate_mps"] = -targets.columns["range_rate_mps"]
        n = len(record)
        time_ns = instants(targets.time_s, received_ns, targets.clock_s)
        if targets.timeless:
            time_ns = np.where(np.isnan(targets.time_s), received_ns, time_ns)
        datum = np.zeros(n, dtype=np.int8) if targets.datum is None else targets.datum
        identity = self._identities.read(targets, rows.data, n)
        part = _Part(record, index, said, targets.time_s, time_ns, received_ns, targets.columns, datum, identity)
        self._parts.append(part)

    def service(self, category: int, cells: Cells, rows: Rows, received_ns: Longs, record: Longs) -> None:
        """Gather service messages of one category."""
        said = self._service.read(category, cells)
        kept = np.flatnonzero(self._ignore(said.ignored, len(record)))
        if not len(kept):
            return
        index, names = self._sources.find(said.source[kept])
        received_ns, numbers, time_s = received_ns[kept], record[kept], said.time_s[kept]
        time_ns = instants(time_s, received_ns)
        check = RowCheck(self._context.source, len(kept), where=lambda i: f"record {numbers[i]}")
        check.blame(index)
        check.reject(index < 0, "sensor", names, "is no sensor of this site")
        check_clock(time_ns, received_ns, time_s, check)
        good = np.flatnonzero(check.good)
        self._used += len(good)
        self._problems.append(check.result())
        looked = good[said.look[kept[good]]]
        if len(looked):
            self._looks.append(look_batch(index[looked], time_ns[looked], received_ns[looked]))
        of_good = (index[good], time_ns[good], received_ns[good])
        new = self._service.statuses(category, said, kept[good], *of_good)
        self._statuses += new[: max(MAX_STATUSES - len(self._statuses), 0)]

    def take(self) -> tuple[ReportBatch, list[Problems], dict[str, int], int]:
        """Reports in order of receipt, problems, counts of what was ignored, records used."""
        parts, self._parts = self._parts, []
        ignored, self._ignored = self._ignored, {}
        used, self._used = self._used, 0
        problems, self._problems = self._problems, []
        if not parts:
            return report_batch(0), problems, ignored, used
        part = _joined(parts)
        check = RowCheck(self._context.source, len(part), where=lambda i: f"record {part.record[i]}")
        qnh = self._context.weather.qnh_hpa
        draft = Draft(
            sensor=part.said,  # type: ignore[arg-type]  # an array is indexed as a sequence is
            index=part.index,
            said=part.time_s,
            time_ns=part.time_ns,
            received_ns=part.received_ns,
            columns=part.columns,
            identity=part.identity,
            datum=np.array(DATUMS, dtype=np.object_)[part.datum].tolist() if part.datum.any() else (),
            qnh_hpa=None if qnh is None else np.full(len(part), qnh),
        )
        reports = self._finisher.finish(draft, check)
        return reports, [*problems, check.result()], ignored, used + len(reports)

    def looks(self) -> LookBatch:
        """Looks since the last time."""
        found, self._looks = self._looks, []
        if not found:
            return no_looks()
        columns = [np.concatenate([getattr(x, c) for x in found]) for c in ("sensor", "time_ns", "received_ns")]
        return look_batch(*columns)

    def statuses(self) -> tuple[SensorStatus, ...]:
        """States since the last time."""
        found, self._statuses = self._statuses, []
        return tuple(found)

    def _ignore(self, reasons: list[tuple[str, Mask]], n: int) -> Mask:
        """Count what is ignored by the first reason that holds; the rows that are left."""
        kept = np.ones(n, dtype=np.bool_)
        for reason, mask in reasons:
            found = kept & mask
            if found.any():
                self._ignored[reason] = self._ignored.get(reason, 0) + int(found.sum())
                kept &= ~mask
        return kept


def _keep(targets: Targets, kept: Mask) -> None:
    """Leave only these rows, in what is needed from now on."""
    targets.time_s = targets.time_s[kept]
    targets.columns = {name: column[kept] for name, column in targets.columns.items()}
    targets.local = {name: column[kept] for name, column in targets.local.items()}
    targets.words = [column[kept] for column in targets.words]
    for name in ("datum", "address", "callsign"):
        column = getattr(targets, name)
        if column is not None:
            setattr(targets, name, column[kept])


def _joined(parts: list[_Part]) -> _Part:
    """All targets, in order of their records."""
    if len(parts) == 1:
        return parts[0]
    names = dict.fromkeys(name for part in parts for name in part.columns)
    empty = {len(part): np.full(len(part), np.nan) for part in parts}
    columns = {name: np.concatenate([p.columns.get(name, empty[len(p)]) for p in parts]) for name in names}
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(p, name) for p in parts])
        for name in ("record", "index", "said", "time_s", "time_ns", "received_ns", "datum")
    }
    identity = [name for p in parts for name in p.identity]
    order = np.argsort(joined["record"], kind="stable")
    if (order[1:] < order[:-1]).any():
        joined = {name: column[order] for name, column in joined.items()}
        columns = {name: column[order] for name, column in columns.items()}
        identity = [identity[i] for i in order.tolist()]
    return _Part(**joined, columns=columns, identity=identity)
