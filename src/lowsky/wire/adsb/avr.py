"""AVR text to frames: what dump1090, readsb and others give out on port 30002.

    *8D4840D6202CC371C32CE0576098;                     a frame
    @000012345678 8D4840D6202CC371C32CE0576098;        after a 48-bit counter (also %), without the blank
    <000012345678 7F 8D4840D6202CC371C32CE0576098;     after a counter and a signal octet

in hexadecimal digits of either case, 14 or 28 of a frame, 4 of Mode A/C. Messages end with `;` or with a line.
"""

from __future__ import annotations

import numpy as np

from ..formats import Format
from ..jsonl.lines import LineSplitter
from ..tally import Tally
from .frames import LONG, NO_TICKS, SHORT, Bools, Bytes, Frames, Longs, join_frames, no_frames, numbers
from .modes import ModeSOptions, decoder_maker, reader_maker

MAX_TEXT = 1024  # bytes of a message with blanks around it
COUNTER, SIGNAL = 6, 1  # octets
_MARKS = {b"*": (0, 0), b"@": (COUNTER, 0), b"%": (COUNTER, 0), b"<": (COUNTER, SIGNAL)}
_LAYOUTS = {
    (mark, 1 + 2 * (counter + signal + size)): (counter, signal, size)
    for mark, (counter, signal) in _MARKS.items()
    for size in (2, SHORT, LONG)
}
"""First character and number of characters to octets of counter, signal and frame."""
_NIBBLE = np.full(256, 255, dtype=np.uint8)
for _i, _digit in enumerate(b"0123456789abcdef"):
    _NIBBLE[_digit] = _NIBBLE[ord(chr(_digit).upper())] = _i


class AvrFraming:
    """Cuts a stream of text; keeps at most the message that has begun."""

    def __init__(self) -> None:
        self._splitter = LineSplitter(MAX_TEXT)

    def split(self, data: bytes, tally: Tally) -> tuple[Frames, Longs]:
        """The frames that `data` completes, their receipt not set, and the place in `data` where each ended."""
        text = data.replace(b";", b"\n")
        pieces = text.split(b"\n")
        ends = np.cumsum([len(piece) + 1 for piece in pieces[:-1]], dtype=np.int64) - 1
        messages: list[bytes | None] = []
        places: list[int] = []
        for piece, end in zip(pieces[:-1], ends.tolist(), strict=True):
            for message in self._splitter.push(piece + b"\n"):
                messages.append(message)
                places.append(end)
        late = self._splitter.push(pieces[-1])  # only what has become too long
        return _frames(messages + late, [*places, *(len(data) - 1 for _ in late)], tally)

    def close(self, tally: Tally) -> None:
        """Nothing follows: a message without its end is none."""
        for message in self._splitter.close():
            if message is None or message.strip():
                tally.reject("message cut short", f"message cut short: {(message or b'')[:60]!r}")


def _frames(messages: list[bytes | None], places: list[int], tally: Tally) -> tuple[Frames, Longs]:
    """The frames of messages in their order; what is none is counted."""
    kinds: dict[tuple[bytes, int], list[int]] = {}
    stripped = [b"" if message is None else message.strip() for message in messages]
    for i, message in enumerate(stripped):
        if message or messages[i] is None:
            kinds.setdefault((message[:1], len(message)), []).append(i)
    parts, rows = [no_frames()], [np.empty(0, dtype=np.int64)]
    for kind, at in kinds.items():
        layout = _LAYOUTS.get(kind)
        if layout is None:
            tally.reject("no AVR message", f"no AVR message: {stripped[at[0]][:60]!r}", len(at))
            continue
        frames, good = _of_layout([stripped[i] for i in at], layout)
        index = np.array(at)
        wrong = index[~good]
        if len(wrong):
            tally.reject("not hexadecimal", f"not hexadecimal: {stripped[wrong[0]]!r}", len(wrong))
        if layout[2] == 2:
            tally.ignore("Mode A/C", int(good.sum()))
            continue
        parts.append(frames.take(good))
        rows.append(index[good])
    order = np.argsort(np.concatenate(rows), kind="stable")
    found = np.concatenate(rows)[order]
    return join_frames(parts).take(order), np.array(places, dtype=np.int64)[found]


def _of_layout(messages: list[bytes], layout: tuple[int, int, int]) -> tuple[Frames, Bools]:
    """Frames of n messages of one layout, and which of them are hexadecimal throughout."""
    counter, signal, size = layout
    n = len(messages)
    nibbles = _NIBBLE[np.frombuffer(b"".join(messages), dtype=np.uint8).reshape(n, -1)[:, 1:]]
    good = np.asarray((nibbles < 16).all(axis=1))
    octets: Bytes = ((nibbles[:, 0::2] << 4) | (nibbles[:, 1::2] & 15)).astype(np.uint8)
    data = np.zeros((n, LONG), dtype=np.uint8)
    data[:, :size] = octets[:, counter + signal :]
    ticks = numbers(octets[:, :counter]) if counter else np.full(n, NO_TICKS, dtype=np.int64)
    level = octets[:, counter] / 255.0 if signal else np.full(n, np.nan)
    return Frames(data, np.full(n, size == LONG), np.zeros(n, dtype=np.int64), ticks, level), good


def _likeness(head: bytes) -> float:
    """How many of the first messages are some."""
    messages = [m for m in head[:4000].replace(b";", b"\n").split(b"\n")[:-1] if m.strip()]
    known = sum((m.strip()[:1], len(m.strip())) in _LAYOUTS for m in messages)
    return 0.95 * known / len(messages) if messages else 0.0


FORMAT = Format(
    name="avr",
    title="Mode S and ADS-B, AVR text",
    options=ModeSOptions,
    decoder=decoder_maker(AvrFraming),
    reader=reader_maker(AvrFraming),
    likeness=_likeness,
)
