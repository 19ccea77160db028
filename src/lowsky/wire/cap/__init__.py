"""OASIS Common Alerting Protocol 1.2: warnings out, and a check of what is an alert."""

from __future__ import annotations

from .alert import Alert, alert_json, alert_xml
from .check import check
from .structure import CATEGORIES, NAMESPACE
from .texts import LANGUAGES, LEVEL_WORDS, certainty_of
from .tree import clean
from .warning import Audience, Call, Envelope, Issuer, Reference, heartbeat_alert, time_text, warning_alert

__all__ = [
    "CATEGORIES",
    "LANGUAGES",
    "LEVEL_WORDS",
    "NAMESPACE",
    "Alert",
    "Audience",
    "Call",
    "Envelope",
    "Issuer",
    "Reference",
    "alert_json",
    "alert_xml",
    "certainty_of",
    "check",
    "clean",
    "heartbeat_alert",
    "time_text",
    "warning_alert",
]
