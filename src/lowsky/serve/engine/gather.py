"""From what was drained to one input of the core: identity tables merged, reports numbered."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lowsky.core import CoreInput
from lowsky.model.report import REPORT_COLUMNS, LookBatch, ReportBatch, no_looks, report_batch

from .inbox import Drained

B = TypeVar("B", ReportBatch, LookBatch)


def core_input(drained: Drained, ticks_ns: NDArray[np.int64], first_raw: int) -> CoreInput:
    """Everything drained as one input; reports get the running numbers from `first_raw` on as `raw`."""
    reports = _by_receipt(join_reports([letter.reports for letter in drained.letters if letter.reports is not None]))
    raw = np.arange(first_raw, first_raw + len(reports), dtype=np.int64)
    looks = _by_receipt(_join_looks([letter.looks for letter in drained.letters if letter.looks is not None]))
    return CoreInput(replace(reports, raw=raw), looks, ticks_ns, tuple(drained.actions))


def _by_receipt(batch: B) -> B:
    """The rows in order of receipt; those of one time keep their order."""
    received_ns = batch.received_ns
    if len(batch) < 2 or bool((received_ns[1:] >= received_ns[:-1]).all()):
        return batch
    return batch.take(np.argsort(received_ns, kind="stable"))


def join_reports(batches: list[ReportBatch]) -> ReportBatch:
    """All rows in order; identity tables of their own are merged into one, by order of appearance."""
    if len(batches) == 1:
        return batches[0]
    if not batches:
        return report_batch(0)
    names: dict[str, int] = {}
    columns = {name: np.concatenate([getattr(b, name) for b in batches]) for name in REPORT_COLUMNS}
    columns["identity"] = np.concatenate([_renumbered(b, names) for b in batches])
    return ReportBatch(**columns, identities=tuple(names))


def _renumbered(batch: ReportBatch, names: dict[str, int]) -> NDArray[np.int32]:
    """The batch's identities as indices into the merged table, which grows by what is new and used."""
    if not batch.identities:
        return batch.identity
    lookup = np.full(len(batch.identities) + 1, -1, dtype=np.int32)  # the last: -1 finds -1
    for index in np.unique(batch.identity[batch.identity >= 0]).tolist():
        lookup[index] = names.setdefault(batch.identities[index], len(names))
    return lookup[batch.identity]


def _join_looks(batches: list[LookBatch]) -> LookBatch:
    if len(batches) == 1:
        return batches[0]
    if not batches:
        return no_looks()
    return LookBatch(
        np.concatenate([b.sensor for b in batches]),
        np.concatenate([b.time_ns for b in batches]),
        np.concatenate([b.received_ns for b in batches]),
        np.concatenate([b.assumed for b in batches]),
    )
