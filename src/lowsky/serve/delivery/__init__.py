"""Deliveries: warnings to receivers as CAP alerts, each change once, until confirmed; and heartbeats."""

from __future__ import annotations

from .calls import Situation
from .deliveries import Deliveries
from .receiver import Receiver, ReceiverStatus
from .settings import AlertsEntry, ReceiverEntry, issuer_of, receivers_of

__all__ = [
    "AlertsEntry",
    "Deliveries",
    "Receiver",
    "ReceiverEntry",
    "ReceiverStatus",
    "Situation",
    "issuer_of",
    "receivers_of",
]
