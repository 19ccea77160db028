"""Identifiers: UUID version 4 (RFC 9562) for nodes, ULID (github.com/ulid/spec) for everything else.

The shapes are those that the standard's middleware enforces: UUIDs lower-case with dashes and of the RFC's variant,
ULIDs of 26 upper-case characters of Crockford's base 32 of which the first is 0 to 7 (128 bits).

Here nothing asks a clock or a source of randomness: what stands in an identifier is drawn from a seed that the caller
gives (a random number of the installation, kept by it) and from what the identifier is for, by BLAKE2b. The same seed
and purpose give the same identifier; two purposes give two.
"""

from __future__ import annotations

import re
from hashlib import blake2b

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}").fullmatch
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}").fullmatch
ULID_CHARACTERS = 26
_TIME_BITS, _RANDOM_BITS = 48, 80
NS_PER_MS = 1_000_000


def is_ulid(text: str) -> bool:
    """Whether this is a ULID as the standard's middleware takes it."""
    return _ULID(text) is not None


def is_uuid4(text: str) -> bool:
    """Whether this is a UUID version 4 as the standard's middleware takes it."""
    return _UUID4(text) is not None


def ulid(time_ns: int, number: int) -> str:
    """The ULID of a time (UTC, its milliseconds) and of 80 bits that are to be drawn once only.

    Raises:
        ValueError: if the time is before 1970 or beyond 48 bits of milliseconds, or the number beyond 80 bits.
    """
    milliseconds = time_ns // NS_PER_MS
    if not 0 <= milliseconds < 1 << _TIME_BITS or not 0 <= number < 1 << _RANDOM_BITS:
        raise ValueError(f"no ULID of time {time_ns} ns and number {number}")
    value = milliseconds << _RANDOM_BITS | number
    return "".join(_ALPHABET[value >> 5 * i & 31] for i in reversed(range(ULID_CHARACTERS)))


def ulid_time_ns(text: str) -> int:
    """The time in a ULID, to its millisecond.

    Raises:
        ValueError: if it is none.
    """
    if not is_ulid(text):
        raise ValueError(f"{text[:40]!r} is no ULID")
    value = 0
    for letter in text:
        value = value << 5 | _ALPHABET.index(letter)
    return (value >> _RANDOM_BITS) * NS_PER_MS


class Ids:
    """Draws identifiers from a seed. Not thread-safe: `next` counts."""

    def __init__(self, seed: bytes, name: str = "") -> None:
        """`seed`: what makes this installation's identifiers different from everyone else's; kept over restarts.

        `name`: of who draws. Where several draw from one seed, things are the same to all; `next` is each one's own.
        """
        self._seed, self._name = seed, name
        self._count = 0

    def node(self, name: str) -> str:
        """The UUID of a node of ours, the same for a name for ever."""
        bits = self._drawn(f"node {name}", 16)
        bits[6] = bits[6] & 0x0F | 0x40
        bits[8] = bits[8] & 0x3F | 0x80
        text = bits.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def of(self, kind: str, number: int, time_ns: int) -> str:
        """The ULID of something that has a number and a time of its own: the same whenever it is asked for."""
        return ulid(time_ns, int.from_bytes(self._drawn(f"{kind} {number}", 10), "big"))

    def next(self, kind: str, time_ns: int) -> str:
        """A ULID that was not given before by this object: of a report, a task, an alert sent at this time."""
        self._count += 1
        return ulid(
            time_ns, int.from_bytes(self._drawn(f"next {self._name} {kind} {self._count} {time_ns}", 10), "big")
        )

    def _drawn(self, purpose: str, size: int) -> bytearray:
        return bytearray(blake2b(purpose.encode(), digest_size=size, key=blake2b(self._seed).digest()).digest())
