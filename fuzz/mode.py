"""How much is tried of one input; apart from what imports a decoder, which an engine wants to instrument first."""

from __future__ import annotations

import zlib

_mode = {"quick": False}


def quickly() -> None:
    """From now on one way an input: an engine tries many more inputs instead."""
    _mode["quick"] = True


def some_of(ways: tuple[str, ...], data: bytes) -> tuple[str, ...]:
    """All the ways, or while `quickly` the one that the checksum of the input chooses."""
    return (ways[zlib.crc32(data) % len(ways)],) if _mode["quick"] else ways
