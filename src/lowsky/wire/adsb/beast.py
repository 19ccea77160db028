"""Beast binary to frames: what Mode-S Beast, dump1090 and readsb give out on port 30005.

A message is 0x1A, a type, a 6-octet counter, a signal octet and its data; each 0x1A in what follows the type is
doubled.

    type  data octets
    '1'   2     Mode A/C (also readsb's heartbeat, all zeros)
    '2'   7     Mode S short
    '3'   14    Mode S long
    '4'   14    status of the receiver

A message begins at the last octet of an odd run of 0x1A, which finds all of them in columns. Not here: commands to a
receiver, which go the other way.
"""

from __future__ import annotations

import numpy as np

from ..formats import Format
from ..tally import Tally
from .frames import LONG, SHORT, Bools, Bytes, Frames, Longs, numbers
from .modes import ModeSOptions, decoder_maker, reader_maker

ESCAPE = 0x1A
HEAD = 9  # octets before the data: escape, type, counter, signal
DATA_OCTETS = {ord("1"): 2, ord("2"): SHORT, ord("3"): LONG, ord("4"): 14}
NAMES = {ord("1"): "Mode A/C", ord("4"): "status of the receiver"}
_OCTETS = np.zeros(256, dtype=np.int64)
_OCTETS[list(DATA_OCTETS)] = list(DATA_OCTETS.values())


class BeastFraming:
    """Cuts a stream; keeps at most the message that has begun."""

    def __init__(self) -> None:
        self._rest = b""
        self._told = False  # what stands between two messages is one fault, however long it is

    def split(self, data: bytes, tally: Tally) -> tuple[Frames, Longs]:
        """The frames that `data` completes, their receipt not set, and the place in `data` where each ended."""
        before, raw = len(self._rest), self._rest + data
        octets, old, starts, held = _unescaped(raw)
        if not self._told and (starts[0] if len(starts) else len(octets)) > 0:
            tally.reject("bytes between messages", f"bytes between messages: {raw[:30].hex()}")
            self._told = True
        if not len(starts):
            self._rest = held
            return _frames(octets, starts, starts), starts
        frames, ends = self._messages(octets, starts, tally)
        tail = self._rest  # empty: the last message is over
        self._rest = raw[old[starts[-1]] :] if tail else held
        return frames, old[ends - 1] - before

    def close(self, tally: Tally) -> None:
        """Nothing follows: a message that has begun is none."""
        if self._rest:
            tally.reject("message cut short", f"message cut short: {self._rest[:30].hex()}")
        self._rest, self._told = b"", False

    def _messages(self, octets: Bytes, starts: Longs, tally: Tally) -> tuple[Frames, Longs]:
        """Messages of unescaped octets, and where they end; whether the last is still going on is left in `_rest`."""
        kind = octets[starts + 1]
        length = np.diff(np.append(starts, len(octets)))
        wanted = _OCTETS[kind] + HEAD
        known, short, over = _OCTETS[kind] > 0, length < wanted, length > wanted
        self._rest = b"more" if known[-1] and short[-1] else b""
        self._told = bool(not known[-1] or over[-1])
        if self._rest:
            short[-1] = False
        _reject(octets, starts, ~known, "type unknown", tally)
        _reject(octets, starts, known & short, "message cut short", tally)
        _reject(octets, starts, known & over, "bytes between messages", tally)
        whole = known & (length >= wanted)
        for code, name in NAMES.items():
            tally.ignore(name, int((whole & (kind == code)).sum()))
        mode_s = whole & ((_OCTETS[kind] == SHORT) | (kind == ord("3")))
        return _frames(octets, starts[mode_s], wanted[mode_s] - HEAD), (starts + wanted)[mode_s]


def _unescaped(raw: bytes) -> tuple[Bytes, Longs, Longs, bytes]:
    """Octets without their doubles, the place of each in `raw`, where messages begin, and an escape that waits.

    An odd run of escapes at the end may become even by what follows: its last one is held back.
    """
    octets = np.frombuffer(raw, dtype=np.uint8)
    at = np.flatnonzero(octets == ESCAPE)
    if not len(at):
        return octets, np.arange(len(octets)), at, b""
    new = np.append(True, np.diff(at) > 1)
    within = at - np.maximum.accumulate(np.where(new, at, 0))
    last = np.append(new[1:], True)
    odd_end = last & (within % 2 == 0)
    waits = bool(odd_end[-1]) and int(at[-1]) == len(octets) - 1
    doubles = at[within % 2 == 1]
    keep = np.ones(len(octets), dtype=np.bool_)
    keep[doubles] = False
    starts = at[odd_end]
    if waits:
        keep[-1] = False
        starts = starts[:-1]
    return octets[keep], np.flatnonzero(keep), starts - np.searchsorted(doubles, starts), b"\x1a" if waits else b""


def _reject(octets: Bytes, starts: Longs, rows: Bools, kind: str, tally: Tally) -> None:
    """Count the messages of a mask; the first is shown."""
    n = int(rows.sum())
    if n:
        first = int(starts[np.argmax(rows)])
        tally.reject(kind, f"{kind}: {octets[first : first + HEAD + LONG].tobytes().hex()}", n)


def _frames(octets: Bytes, starts: Longs, size: Longs) -> Frames:
    """Frames of `size` (n,) octets out of messages that begin at `starts` (n,)."""
    places = starts[:, None] + HEAD + np.arange(LONG)
    inside = np.arange(LONG) < size[:, None]
    data = np.where(inside, octets[np.where(inside, places, 0)], 0).astype(np.uint8) if len(starts) else _NO_DATA
    head = octets[starts[:, None] + np.arange(HEAD)] if len(starts) else _NO_HEAD
    ticks = numbers(head[:, 2:8])
    return Frames(data, size == LONG, np.zeros(len(starts), np.int64), ticks, head[:, 8] / 255.0)


_NO_DATA, _NO_HEAD = np.empty((0, LONG), np.uint8), np.empty((0, HEAD), np.uint8)


def _likeness(head: bytes) -> float:
    """Sure when two messages stand one after the other."""
    frames, _ = BeastFraming().split(head[:4000], Tally(""))
    return min(1.0, 0.45 * len(frames)) if head[:1] == b"\x1a" or len(frames) > 2 else 0.0


FORMAT = Format(
    name="beast",
    title="Mode S and ADS-B, Beast binary",
    options=ModeSOptions,
    decoder=decoder_maker(BeastFraming),
    reader=reader_maker(BeastFraming),
    likeness=_likeness,
)
