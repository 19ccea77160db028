"""A second decoder of the feed, written from the description of the format and not from the encoder: plain `struct`."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

LETTERS = {"f64": ("d", 8), "f32": ("f", 4), "u32": ("I", 4), "u8": ("B", 1)}


@dataclass(slots=True)
class Message:
    """One binary message; `rows` by number."""

    what: str
    picture_ms: float
    sequence: float
    newest_report_ms: float
    removed: list[float]
    rows: dict[float, dict[str, float]]


def decode(data: bytes, columns: list[Any]) -> Message:
    """Decode by what hello said of the columns; fails on any byte too many or too few."""
    what, version, zero, rows, removed, zero2 = struct.unpack_from("<BBHIII", data, 0)
    assert version == 1
    assert (zero, zero2) == (0, 0)
    picture_ms, sequence, newest_ms = struct.unpack_from("<ddd", data, 16)
    at = 40
    gone = list(struct.unpack_from(f"<{removed}d", data, at))
    at += 8 * removed
    values: dict[str, tuple[float, ...]] = {}
    for name, kind in columns:
        letter, size = LETTERS[kind]
        assert at % 8 == 0
        values[name] = struct.unpack_from(f"<{rows}{letter}", data, at)
        end = at + rows * size
        at = (end + 7) // 8 * 8
        assert data[end:at] == bytes(at - end), "padding is zero"
    assert at == len(data)
    table = [{name: column[i] for name, column in values.items()} for i in range(rows)]
    return Message(
        {1: "snapshot", 2: "changes"}[what],
        picture_ms,
        sequence,
        newest_ms,
        gone,
        {row["number"]: row for row in table},
    )


class Mirror:
    """What a client that applies every message shows."""

    def __init__(self) -> None:
        self.rows: dict[float, dict[str, float]] = {}
        self.sequence = 0.0

    def apply(self, message: Message) -> None:
        """Apply a message as a browser does."""
        assert message.sequence > self.sequence
        self.sequence = message.sequence
        if message.what == "snapshot":
            self.rows = dict(message.rows)
            return
        for number in message.removed:
            self.rows.pop(number, None)
        self.rows.update(message.rows)
