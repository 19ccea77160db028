"""What a session tells its shell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Registered:
    """The other side has accepted our registration."""

    by: str  # its node id
    ahead_s: float  # of its clock against ours, as its answer says; the way of the answer is in it


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side does not accept our registration."""

    by: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Complaint:
    """The other side sent an `error` about a message of ours."""

    about: str  # content of the message it complains of: "detection_report", "alert", ...; "": not to be read
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertAnswered:
    """An alert of ours was answered."""

    alert_id: str
    by: str
    status: str  # accepted, rejected or cancelled
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tasked:
    """A task was answered."""

    task_id: str
    by: str
    what: str  # in words
    status: str  # accepted, rejected or completed
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertHeard:
    """A node has sent an alert."""

    node_id: str
    alert_id: str
    type: str  # information, warning, critical, error, fatal, mode_change; "": not said
    status: str  # active, acknowledge, reject, ignore, clear; "": not said
    text: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The stream cannot be read any further: the connection is to be closed."""

    sentence: str


Event = Registered | Refused | Complaint | AlertAnswered | Tasked | AlertHeard | Broken
