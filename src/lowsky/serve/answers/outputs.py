"""Outputs: to whom the picture goes, and how that does."""

from __future__ import annotations

from typing import Literal

import msgspec


class OutputInfo(msgspec.Struct, frozen=True):
    """One output: where it stands, and what left since the start."""

    name: str
    kind: str
    to: str  # without what may be secret
    state: Literal["starting", "running", "waiting", "failed"]
    message: str
    messages: int
    bytes: int
    dropped: int  # messages that nobody took
    skipped: int  # pictures that came and went while the output was busy
    failures: int
    restarts: int
    last_ms: float | None  # when something left last
    last_error: str


class OutputList(msgspec.Struct, frozen=True):
    """All outputs."""

    outputs: tuple[OutputInfo, ...]
