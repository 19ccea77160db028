"""What every request may be answered with."""

from __future__ import annotations

import msgspec


class Done(msgspec.Struct, frozen=True):
    """An action was journalled; `effective` tells whether its effect was seen within the wait of this request."""

    effective: bool


class Problem(msgspec.Struct, frozen=True):
    """An error: one sentence."""

    error: str
