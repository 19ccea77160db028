"""What a reload of the configuration did."""

from __future__ import annotations

import msgspec


class Reloaded(msgspec.Struct, frozen=True):
    """What changed, and what takes effect only with the next start."""

    changed: tuple[str, ...]
    at_next_start: tuple[str, ...]
