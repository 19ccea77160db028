"""What was decoded from a recording, as if it happened now: every time moved alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from lowsky.model.report import LookBatch, ReportBatch
from lowsky.wire.decoded import Decoded

B = TypeVar("B", ReportBatch, LookBatch)


def shifted(decoded: Decoded, shift_ns: int) -> Decoded:
    """`decoded` with all times `shift_ns` later."""

    def moved(batch: B) -> B:
        return replace(batch, time_ns=batch.time_ns + shift_ns, received_ns=batch.received_ns + shift_ns)

    return replace(
        decoded,
        reports=moved(decoded.reports),
        looks=moved(decoded.looks),
        statuses=tuple(
            replace(s, time_ns=s.time_ns + shift_ns, received_ns=s.received_ns + shift_ns) for s in decoded.statuses
        ),
        operators=tuple(
            replace(o, time_ns=o.time_ns + shift_ns, received_ns=o.received_ns + shift_ns) for o in decoded.operators
        ),
        friends=tuple(
            replace(
                f,
                time_ns=f.time_ns + shift_ns,
                stale_ns=f.stale_ns + shift_ns,
                received_ns=f.received_ns + shift_ns,
            )
            for f in decoded.friends
        ),
    )
