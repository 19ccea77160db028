"""What all couriers of a server share, and how their jobs are kept going."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

from lowsky.model.action import Action
from lowsky.wire.cap import Alert, Issuer, alert_xml, check

from .calls import CallBook
from .outbox import Chains, Outbox
from .receiver import ReceiverStatus
from .transport import Fate, Outcome

BEGIN_AGAIN_S = 1.0

log = structlog.get_logger("lowsky.delivery")


@dataclass(slots=True)
class Desk:
    """What all couriers of a server share."""

    site: str  # fit to be part of an identifier
    issuer: Issuer
    book: CallBook
    outbox: Outbox
    now_ns: Callable[[], int]
    before_send: Callable[[], Awaitable[None]]  # the journal is on disk when it returns
    deliver: Callable[[Action], None]
    health: Callable[[], Mapping[str, object]]
    runs: asyncio.Event  # the first picture has come
    stands_still: Callable[[], bool]  # whether none has come for a while
    all_chains: Callable[[], Chains]

    async def supervise(self, job: Callable[[], Awaitable[None]], status: ReceiverStatus) -> None:
        """Run a job to its end, and begin it again when a defect of ours ends it: others rely on being warned."""
        while True:
            try:
                await job()
                return
            except Exception as error:
                status.defects += 1
                status.state, status.last_error = "failing", f"defect: {type(error).__name__}: {error}"[:200]
                log.exception("a defect held up deliveries", receiver=status.id)
                await asyncio.sleep(BEGIN_AGAIN_S)


def inspect(alert: Alert) -> None:
    """Say so when an alert is not as the standard wants it; it goes out all the same, for people must be warned."""
    if faults := check(alert_xml(alert)):
        log.error("an alert is not as the standard wants it", alert=alert.identifier, faults=faults)


def count(status: ReceiverStatus, outcome: Outcome, now_ms: float) -> None:
    """Count an attempt, and log when a receiver begins to fail and when it is well again."""
    if outcome.fate is Fate.CONFIRMED:
        if status.state == "failing":
            log.info("a receiver is well again", receiver=status.id, after_failures=status.failing_since)
        status.state, status.failing_since, status.last_success_ms = "well", 0, now_ms
        return
    if status.state != "failing":
        log.warning("a receiver cannot be told", receiver=status.id, to=status.to, why=outcome.words)
    status.state, status.last_error, status.last_failure_ms = "failing", outcome.words, now_ms
    status.attempts_failed += 1
    status.failing_since += 1
