"""Inputs joined and cut: the core's result does not depend on how input is cut, so a replay cuts it as it likes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lowsky.core import CoreInput
from lowsky.model.report import REPORT_COLUMNS, LookBatch, ReportBatch, no_looks, report_batch


def nothing() -> CoreInput:
    """An input without anything."""
    return CoreInput(report_batch(0), no_looks(), np.empty(0, dtype=np.int64))


def joined(inputs: list[CoreInput]) -> CoreInput:
    """Several inputs in turn as one."""
    if len(inputs) == 1:
        return inputs[0]
    if not inputs:
        return nothing()
    looks = [given.looks for given in inputs]
    columns = {
        name: np.concatenate([getattr(batch, name) for batch in looks])
        for name in ("sensor", "time_ns", "received_ns", "assumed")
    }
    return CoreInput(
        _joined_reports([given.reports for given in inputs]),
        LookBatch(**columns),
        np.concatenate([given.ticks_ns for given in inputs]),
        tuple(action for given in inputs for action in given.actions),
    )


def _joined_reports(batches: list[ReportBatch]) -> ReportBatch:
    """All rows, with one identity table in order of first use."""
    index: dict[str, int] = {}
    identity = []
    for batch in batches:
        table = np.array([index.setdefault(name, len(index)) for name in batch.identities] + [-1], dtype=np.int32)
        known = (batch.identity >= 0) & (batch.identity < len(batch.identities))
        identity.append(table[np.where(known, batch.identity, -1)])
    columns = {
        name: np.concatenate([getattr(batch, name) for batch in batches])
        for name in REPORT_COLUMNS
        if name != "identity"
    }
    return ReportBatch(**columns, identity=np.concatenate(identity), identities=tuple(index))


def divided(given: CoreInput, until_ns: int) -> tuple[CoreInput, CoreInput]:
    """What of an input was received up to and including a time, and the rest."""
    r, k, t = (
        int(np.searchsorted(column, until_ns, side="right"))
        for column in (given.reports.received_ns, given.looks.received_ns, given.ticks_ns)
    )
    a = sum(action.received_ns <= until_ns for action in given.actions)
    before = CoreInput(
        given.reports.take(slice(0, r)), given.looks.take(slice(0, k)), given.ticks_ns[:t], given.actions[:a]
    )
    after = CoreInput(
        given.reports.take(slice(r, None)), given.looks.take(slice(k, None)), given.ticks_ns[t:], given.actions[a:]
    )
    return before, after


def is_empty(given: CoreInput) -> bool:
    """Does an input hold nothing?"""
    return not (len(given.reports) or len(given.looks) or len(given.ticks_ns) or given.actions)


def own_table(reports: ReportBatch) -> ReportBatch:
    """The same reports with only the identities that they declare in their table, which is recorded with them."""
    known = (reports.identity >= 0) & (reports.identity < len(reports.identities))
    used, place = np.unique(reports.identity[known], return_inverse=True)
    identity = np.full(len(reports), -1, dtype=np.int32)
    identity[known] = place
    return replace(reports, identity=identity, identities=tuple(reports.identities[k] for k in used.tolist()))
