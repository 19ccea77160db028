"""What a status report says of a node: its state, words for people, and whether it looks."""

from __future__ import annotations

from typing import Any

from .messages import StatusReport

_STATES = {
    StatusReport.SYSTEM_OK: "well",
    StatusReport.SYSTEM_WARNING: "faulty",
    StatusReport.SYSTEM_ERROR: "faulty",
    StatusReport.SYSTEM_GOODBYE: "off",
}
_BLIND = frozenset({StatusReport.STATUS_TYPE_NOT_DETECTING})
_TROUBLES = frozenset({StatusReport.STATUS_LEVEL_WARNING_STATUS, StatusReport.STATUS_LEVEL_ERROR_STATUS})


def spoken(status: Any) -> tuple[str, str]:
    """State (a word of `decoded.STATES`) and text of a status report.

    A node whose system is well but that reports an error, or that it does not detect, is faulty: it does not see.
    """
    state = _STATES.get(status.system, "faulty")
    wrong = any(
        one.status_level == StatusReport.STATUS_LEVEL_ERROR_STATUS or one.status_type in _BLIND for one in status.status
    )
    words = (
        [_word(StatusReport.System.Name(status.system), "SYSTEM_")] if status.system != StatusReport.SYSTEM_OK else []
    )
    words += [f"mode {status.mode}"] if status.mode else []
    for one in status.status:
        if one.status_level in _TROUBLES or one.status_type in _BLIND:
            kind = _word(StatusReport.StatusType.Name(one.status_type), "STATUS_TYPE_")
            words.append(f"{kind}: {one.status_value}" if one.status_value else kind)
    if status.HasField("power") and status.power.status == StatusReport.POWERSTATUS_FAULT:
        words.append("power fault")
    return "faulty" if wrong and state == "well" else state, "; ".join(words)


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).replace("_", " ").lower()


def is_looking(status: Any) -> bool:
    """Whether a status report says that the node sees what is in its field of view."""
    blind = any(one.status_type in _BLIND for one in status.status)
    works = status.system in (StatusReport.SYSTEM_OK, StatusReport.SYSTEM_WARNING)
    return works and not blind and bool(status.HasField("field_of_view"))
