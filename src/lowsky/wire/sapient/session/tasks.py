"""The tasks that an edge node is given (BSI Flex 335 v2.0, Task and TaskAck), and what lowsky answers.

What a task can change is what lowsky sends to the one who asks: how often, from which certainty on, whether at all.
That is taken. Whatever would point, move or steer anything, or ask for what lowsky does not have, is rejected with the
reason. A setting holds until its task is stopped, its end comes, or another task of the same command replaces it; a
request is done at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..messages import timestamp_ns

MODE = "Default"  # the only one there is
MAX_AHEAD_NS = 1_000_000_000  # a task that begins later than this is not taken
LEVELS = ("", "low", "medium", "high")  # DISCRETE_THRESHOLD_*
PERIOD_S = {"low": 5.0, "medium": 2.0, "high": 0.0}  # of pictures by detection report rate, 0: every tick
LEAST_EXISTENCE = {"low": 0.0, "medium": 0.9, "high": 0.99}  # of an object by detection threshold
LEAST_CLASS = {"low": 0.0, "medium": 0.5, "high": 0.8}  # of a class that is told by classification threshold
MAX_WORDS = 60  # characters of a task's own words that are repeated


@dataclass(slots=True)
class Wishes:
    """What whoever listens has asked for."""

    sending: bool = True
    period_s: float = 0.0
    least_existence: float = 0.0
    least_class: float = 0.0
    register: bool = False  # asked for once; whoever does it takes it back
    report: bool = False  # a status report, likewise


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer to a task."""

    task_id: str
    status: str  # ACCEPTED, REJECTED, COMPLETED
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class _Setting:
    """A task that is in force."""

    task_id: str
    end_ns: int  # 0: none


@dataclass(slots=True)
class TaskDesk:
    """The tasks of one connection. `wishes` is what they come to."""

    wishes: Wishes = field(default_factory=Wishes)
    _settings: dict[str, _Setting] = field(default_factory=dict)  # by command

    @property
    def active(self) -> str:
        """The task in force that was given last, "": none."""
        return next(reversed(self._settings.values())).task_id if self._settings else ""

    def take(self, task: Any, now_ns: int) -> list[Reply]:
        """Answer a task."""
        if task.control != task.CONTROL_START:
            return self._end(task.task_id)
        command = task.command.WhichOneof("command") if task.HasField("command") else None
        reason = _why_not(task, command, now_ns)
        if not reason and command in SETTINGS:
            return self._set(task, command)
        if not reason and command == "request":
            reason = self._request(task.command.request)
        if reason:
            return [Reply(task.task_id, "REJECTED", (reason,))]
        return [Reply(task.task_id, "ACCEPTED"), Reply(task.task_id, "COMPLETED")]

    def due(self, now_ns: int) -> list[Reply]:
        """End what has its end now."""
        over = [s.task_id for s in self._settings.values() if s.end_ns and s.end_ns <= now_ns]
        return [reply for task_id in over for reply in self._end(task_id)]

    def _set(self, task: Any, command: str) -> list[Reply]:
        """Put a setting in force; there is one for each command, so that they need no limit."""
        level = LEVELS[getattr(task.command, command)]
        name, values, _ = SETTINGS[command]
        setattr(self.wishes, name, values[level])
        before = self._settings.pop(command, None)
        end_ns = timestamp_ns(task.task_end_time) if task.HasField("task_end_time") else 0
        self._settings[command] = _Setting(task.task_id, end_ns)
        replies = [Reply(task.task_id, "ACCEPTED")]
        if before is not None and before.task_id != task.task_id:
            replies.append(Reply(before.task_id, "COMPLETED", (f"replaced by task {task.task_id}",)))
        return replies

    def _end(self, task_id: str) -> list[Reply]:
        for command, setting in self._settings.items():
            if setting.task_id == task_id:
                del self._settings[command]
                name = SETTINGS[command][0]
                setattr(self.wishes, name, getattr(Wishes(), name))
                return [Reply(task_id, "COMPLETED")]
        return [Reply(task_id, "REJECTED", ("no such task is in force",))]

    def _request(self, words: str) -> str:
        """Do a request; why it cannot be done, "": it was."""
        do = REQUESTS.get(words.strip().lower())
        if do is None:
            return f"request {words[:MAX_WORDS]!r} is not one of {', '.join(sorted(REQUESTS))}"
        do(self.wishes)
        return ""


def describe(task: Any) -> str:
    """A task in a few words."""
    command = task.command.WhichOneof("command") if task.HasField("command") else None
    control: str = task.Control.Name(task.control).removeprefix("CONTROL_").lower()
    if command is None:
        return control
    value = getattr(task.command, command)
    if command in SETTINGS:
        return f"{control} {command} {LEVELS[value] if 0 <= value < len(LEVELS) else value}"
    return f"{control} {command}" + (f" {value[:MAX_WORDS]!r}" if isinstance(value, str) else "")


def _why_not(task: Any, command: str | None, now_ns: int) -> str:
    """Why a task cannot be taken at all, "": it may be."""
    if command is None:
        return "without a command there is nothing to do: regions are not watched apart, all that is seen is told"
    if command in REFUSED:
        return REFUSED[command]
    if command == "mode_change" and task.command.mode_change != MODE:
        return f"mode {task.command.mode_change[:MAX_WORDS]!r} is not there; the only one is {MODE!r}"
    if command in SETTINGS and len(task.region):
        return "a threshold or rate holds for all that is seen, not for a region"
    if command in SETTINGS and not 0 < getattr(task.command, command) < len(LEVELS):
        return f"{command} is not low, medium or high"
    begins_ns = timestamp_ns(task.task_start_time) if task.HasField("task_start_time") else 0
    return "a task begins at once or not at all" if begins_ns > now_ns + MAX_AHEAD_NS else ""


def _register(wishes: Wishes) -> None:
    wishes.register = True


def _report(wishes: Wishes) -> None:
    wishes.report = True


def _start(wishes: Wishes) -> None:
    wishes.sending = True


def _stop(wishes: Wishes) -> None:
    wishes.sending = False


REQUESTS: dict[str, Callable[[Wishes], None]] = {
    "registration": _register,
    "status": _report,
    "heartbeat": _report,
    "start": _start,
    "stop": _stop,
}
"""Words of a request to what it does."""

SETTINGS: dict[str, tuple[str, dict[str, float], str]] = {
    "detection_report_rate": ("period_s", PERIOD_S, "DETECTION_REPORT_RATE"),
    "detection_threshold": ("least_existence", LEAST_EXISTENCE, "DETECTION_THRESHOLD"),
    "classification_threshold": ("least_class", LEAST_CLASS, "CLASSIFICATION_THRESHOLD"),
}
"""Commands that set something: which wish, its value by level, and the command's type in a registration."""

REFUSED = {
    "look_at": "lowsky points no sensor",
    "move_to": "lowsky moves nothing",
    "patrol": "lowsky moves nothing",
    "follow": "lowsky moves nothing",
}
"""Commands that are never taken."""
